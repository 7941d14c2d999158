import { Clock } from '@countersign/base'
import type { LedgerEntry } from '../provenance/Provenance.ts'
import type { Session } from '../sessions/Session.ts'
import type { Reader } from '../store/openStore.ts'
import type { ArgumentProvenance } from '../provenance/Provenance.ts'

/** Calls of tools that were confirmed and done, newest first, of the same people. */
export async function listCalls(
  read: Reader,
  { sid, app, signedIn }: Pick<Session, 'sid' | 'app' | 'signedIn'>,
): Promise<(LedgerEntry & { readonly tool: string })[]> {
  const rows = await read
    .selectFrom('proposals')
    .innerJoin('tool_calls', 'tool_calls.proposal_id', 'proposals.id')
    .innerJoin('sessions', 'sessions.sid', 'proposals.sid')
    .select(['tool_calls.tool', 'proposals.provenance', 'proposals.updated_ms'])
    .where('proposals.state', '=', 'done')
    .where((eb) =>
      signedIn === null
        ? eb('proposals.sid', '=', sid)
        : eb.or([
            eb('proposals.sid', '=', sid),
            eb.and([
              eb('proposals.app', '=', app),
              eb('sessions.wallet_address', '=', signedIn.address),
              // What a contract answered for is proven on its chain alone.
              ...(signedIn.isByKey ? [] : [eb('sessions.wallet_chain_id', '=', signedIn.chainId)]),
            ]),
          ]),
    )
    .orderBy('proposals.updated_ms', 'desc')
    .limit(MAX_ENTRIES)
    .execute()
  return rows.map(({ tool, provenance, updated_ms: atMs }) => ({
    tool,
    at: Clock.iso(atMs),
    values: (JSON.parse(provenance) as ArgumentProvenance[]).map(({ argument, value }) => ({ argument, value })),
  }))
}

/** As far back as "again" reaches. */
const MAX_ENTRIES = 20

/**
 * What the user did before, newest first: settled proposals of this session, and of the wallet that signed in to it, in
 * the same app. Who holds the same key is somebody else.
 */
export async function listLedger(
  read: Reader,
  { sid, app, signedIn }: Pick<Session, 'sid' | 'app' | 'signedIn'>,
): Promise<LedgerEntry[]> {
  const rows = await read
    .selectFrom('proposals')
    .select(['provenance', 'updated_ms'])
    .where('state', '=', 'settled')
    .where((eb) =>
      signedIn === null
        ? eb('sid', '=', sid)
        : eb.or([
            eb('sid', '=', sid),
            eb.and([
              eb('app', '=', app),
              eb('sender', '=', signedIn.address),
              ...(signedIn.isByKey ? [] : [eb('chain_id', '=', signedIn.chainId)]),
            ]),
          ]),
    )
    .orderBy('updated_ms', 'desc')
    .limit(MAX_ENTRIES)
    .execute()
  return rows.map(({ provenance, updated_ms: atMs }) => ({
    at: Clock.iso(atMs),
    values: (JSON.parse(provenance) as ArgumentProvenance[]).map(({ argument, value }) => ({ argument, value })),
  }))
}
