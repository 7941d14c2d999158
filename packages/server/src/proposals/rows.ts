import { Address, Hex } from '@countersign/base'
import type * as Wire from '@countersign/sdk'
import { handle } from '../audit/Audit.ts'
import type { Reader, Write } from '../store/openStore.ts'
import type { Schema } from '../store/Schema.ts'
import type { ArgumentProvenance } from '../tools/ToolHost.ts'
import type { Gate } from './Gate.ts'
import { ProposalAbsentError, sourcesOf, toWire, TransitionError, type Proposal, type State } from './Proposal.ts'

/**
 * Reads one proposal of one session. A proposal of another session is as absent as one that never was.
 *
 * @throws {ProposalAbsentError} `proposals:proposal:absent`.
 */
export async function loadProposal(read: Reader, { id, sid }: { id: string; sid: string }): Promise<Proposal> {
  const row = await read
    .selectFrom('proposals')
    .selectAll()
    .where('id', '=', id)
    .where('sid', '=', sid)
    .executeTakeFirst()
  if (row === undefined) throw new ProposalAbsentError()
  return withCalls(read, row)
}

/** A session's proposals, newest first. */
export async function listProposals(read: Reader, { sid, limit }: { sid: string; limit: number }): Promise<Proposal[]> {
  const rows = await read
    .selectFrom('proposals')
    .selectAll()
    .where('sid', '=', sid)
    .orderBy('first_tx_id', 'desc')
    .limit(limit)
    .execute()
  return Promise.all(rows.map((row) => withCalls(read, row)))
}

/**
 * Moves a proposal from any state that allows it to `target`, in the caller's transaction: one compare-and-set,
 * one audit entry, one event. Everything that ever happens to a proposal happens here.
 *
 * @throws {TransitionError} `proposals:transition:refused` when the state machine or a faster caller says no.
 */
export async function moveProposal(
  gate: Pick<Gate, 'audit' | 'clock' | 'events'>,
  write: Write,
  {
    id,
    sid,
    target,
    only,
    set = {},
    because = null,
    facts = {},
  }: {
    id: string
    sid: string
    target: State
    /** Narrows the allowed sources further. */
    only?: readonly State[]
    set?: Partial<Pick<Schema['proposals'], 'report' | 'receipt_digest' | 'settlement' | 'expires_ms'>>
    /** The sentence shown to people; also clears an older one when null. */
    because?: string | null
    facts?: Readonly<Record<string, unknown>>
  },
): Promise<Proposal> {
  const sources = sourcesOf(target).filter((source) => only === undefined || only.includes(source))
  const before = await write.db
    .selectFrom('proposals')
    .select(['state', 'app'])
    .where('id', '=', id)
    .where('sid', '=', sid)
    .executeTakeFirst()
  if (before === undefined) throw new ProposalAbsentError()
  const moved =
    sources.length === 0
      ? undefined
      : await write.db
          .updateTable('proposals')
          .set({ ...set, state: target, reason: because, updated_ms: gate.clock.nowMs() })
          .where('id', '=', id)
          .where('sid', '=', sid)
          .where('state', 'in', [...sources])
          .returning('id')
          .executeTakeFirst()
  if (moved === undefined) throw new TransitionError(before.state as State, target)
  return announce(gate, write, {
    id,
    sid,
    event: `proposals.proposal.${target}`,
    facts: { from_state: before.state, because, ...facts },
  })
}

/** Writes the audit entry and the event that every change of a proposal owes. */
export async function announce(
  gate: Pick<Gate, 'audit' | 'clock' | 'events'>,
  write: Write,
  { id, sid, event, facts }: { id: string; sid: string; event: string; facts: Readonly<Record<string, unknown>> },
): Promise<Proposal> {
  const proposal = await loadProposal(write.db, { id, sid })
  const session = await write.db
    .selectFrom('sessions')
    .select('public_id')
    .where('sid', '=', sid)
    .executeTakeFirstOrThrow()
  await gate.audit(write, {
    app: proposal.app,
    event,
    body: { proposal: handle(id), session: handle(session.public_id), digest: proposal.digest, ...facts },
  })
  await gate.events.append(write, sid, {
    type: 'proposal_changed',
    proposal: toWire(proposal, session.public_id, gate.clock.nowMs()),
  })
  return proposal
}

async function withCalls(read: Reader, row: Schema['proposals']): Promise<Proposal> {
  const calls = await read
    .selectFrom('proposal_calls')
    .selectAll()
    .where('proposal_id', '=', row.id)
    .orderBy('step')
    .execute()
  const receipt =
    row.receipt_digest === null
      ? undefined
      : await read.selectFrom('receipts').selectAll().where('digest', '=', row.receipt_digest).executeTakeFirst()
  return {
    id: row.id,
    sid: row.sid,
    app: row.app,
    state: row.state as State,
    chainId: row.chain_id,
    from: Address.parse(row.sender),
    summary: row.summary,
    provenance: JSON.parse(row.provenance) as ArgumentProvenance[],
    digest: row.digest,
    calls: calls.map((call) => ({
      step: call.step,
      txId: call.tx_id,
      to: call.recipient === null ? null : Address.parse(call.recipient),
      value: BigInt(call.value),
      data: Hex.parse(call.data),
      gas: call.gas === null ? null : BigInt(call.gas),
      maxFeePerGasWei: call.max_fee === null ? null : BigInt(call.max_fee),
      label: call.label,
      kind: call.kind,
      status: call.status as Wire.ProposalCall['status'],
      txHash: call.tx_hash as Hex.Hex | null,
      submittedMs: call.submitted_ms,
    })),
    report: row.report === null ? null : (JSON.parse(row.report) as Wire.ReportWire),
    receipt:
      receipt === undefined
        ? null
        : { digest: receipt.digest, issuedMs: receipt.issued_ms, expiresMs: receipt.expires_ms },
    reason: row.reason,
    settlement: row.settlement === null ? null : (JSON.parse(row.settlement) as Wire.Proposal['settlement']),
    userTexts: JSON.parse(row.user_texts) as string[],
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
    expiresMs: row.expires_ms,
  }
}
