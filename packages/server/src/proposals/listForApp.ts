import { Json } from '@countersign/base'
import type * as Wire from '@countersign/sdk'
import type { Reader } from '../store/openStore.ts'

/** A proposal as the operator of an app sees it: what it is about, how it stands and why. No bytes, no receipt. */
export interface ListedProposal {
  readonly id: string
  /** The session's handle: it opens nothing. */
  readonly session: string
  readonly kind: string
  readonly state: string
  readonly chainId: number
  readonly from: string
  readonly summary: string
  readonly door: string
  readonly verdict: Wire.ReportWire['verdict'] | null
  readonly reason: string | null
  /** Findings that warn or block, the worst first. */
  readonly findings: readonly Wire.ReportFinding[]
  readonly createdMs: number
  readonly updatedMs: number
}

/** The proposals of an app over all sessions, the newest first. `before` continues a list: the time of its last one. */
export async function listForApp(
  read: Reader,
  { app, limit, state, beforeMs }: { app: string; limit: number; state: string | null; beforeMs: number | null },
): Promise<ListedProposal[]> {
  let query = read
    .selectFrom('proposals')
    .innerJoin('sessions', 'sessions.sid', 'proposals.sid')
    .leftJoin('door_proposals', 'door_proposals.proposal_id', 'proposals.id')
    .select([
      ...(['proposals.id', 'proposals.kind', 'proposals.state', 'proposals.chain_id', 'proposals.sender'] as const),
      ...(['proposals.summary', 'proposals.report', 'proposals.reason', 'proposals.created_ms'] as const),
      ...(['proposals.updated_ms', 'sessions.handle', 'door_proposals.door'] as const),
    ])
    .where('proposals.app', '=', app)
  if (state !== null) query = query.where('proposals.state', '=', state)
  if (beforeMs !== null) query = query.where('proposals.created_ms', '<', beforeMs)
  const rows = await query
    .orderBy('proposals.created_ms', 'desc')
    .orderBy('proposals.first_tx_id', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => {
    const report = row.report === null ? null : (Json.parse(row.report) as Wire.ReportWire)
    return {
      ...{ id: row.id, session: row.handle, kind: row.kind, state: row.state, chainId: row.chain_id, from: row.sender },
      ...{ summary: row.summary, door: row.door ?? 'chat', verdict: report?.verdict ?? null, reason: row.reason },
      findings: (report?.findings ?? [])
        .filter(({ level }) => level !== 'info')
        .toSorted((a, b) => RANK[b.level] - RANK[a.level]),
      createdMs: row.created_ms,
      updatedMs: row.updated_ms,
    }
  })
}

const RANK: Readonly<Record<Wire.ReportFinding['level'], number>> = { info: 0, warn: 1, block: 2 }
