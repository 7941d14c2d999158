import { isSignable, type Proposal } from '../proposals/Proposal.ts'
import { listProposals } from '../proposals/rows.ts'
import type { EventBody, LoggedEvent } from '../sessions/EventLog.ts'
import { SessionAbsentError, type Session } from '../sessions/Session.ts'
import { loadSession } from '../sessions/sessions.ts'
import type { Context } from './context.ts'

type Needed = Pick<Context, 'store' | 'clock'>

/** The proposals that may be signed, by their own state. */
export async function signableOf(context: Needed, session: Session): Promise<Proposal[]> {
  const nowMs = context.clock.nowMs()
  // What was staged for another wallet than the one that signed in is nobody's to sign here.
  return (await listProposals(context.store.read, { sid: session.sid, limit: 50, states: ['pending'] })).filter(
    (proposal) =>
      isSignable(proposal, nowMs) && (session.signedIn === null || session.signedIn.address === proposal.from),
  )
}

/** The requests to a wallet whose proposal may not be signed any more, or whose steps were signed meanwhile. */
export async function withdrawnOf(
  context: Needed,
  sid: string,
  events: readonly LoggedEvent[],
): Promise<ReadonlySet<LoggedEvent>> {
  const requests = events.filter(({ body }) => body.type.startsWith('wallet_'))
  if (requests.length === 0) return new Set()
  let proposals: readonly Proposal[] = []
  try {
    proposals = await signableOf(context, loadSession(context.store, { sid }))
  } catch (error) {
    // Nothing of a session that is gone is asked for.
    if (!(error instanceof SessionAbsentError)) throw error
  }
  const waiting = new Set(
    proposals.flatMap(({ calls }) =>
      calls.filter(({ status }) => status === 'waiting').map(({ txId }) => String(txId)),
    ),
  )
  return new Set(
    requests.filter(({ body }) => {
      const { tx_ids: ids, pending_eip712_id: id } = body['payload'] as {
        tx_ids?: number[]
        pending_eip712_id?: number
      }
      return ![...(ids ?? []), ...(id === undefined ? [] : [id])].some((each) => waiting.has(String(each)))
    }),
  )
}

/** What stands in a stream in the place of a request that is withdrawn, under its number: nothing is asked for. */
export function withdrawal({ body }: LoggedEvent): EventBody {
  const { tx_ids: ids, pending_eip712_id: id, proposal_id: proposal } = body['payload'] as Record<string, unknown>
  return {
    type: 'wallet_request_withdrawn',
    payload: {
      proposal_id: proposal,
      ...(ids === undefined ? {} : { tx_ids: ids }),
      ...(id === undefined ? {} : { pending_eip712_id: id }),
    },
  }
}
