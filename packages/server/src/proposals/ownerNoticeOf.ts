import { Clock } from '@countersign/base'
import type { OwnerNotice } from '../reach/OwnerNotice.ts'
import type { Reader } from '../store/openStore.ts'
import { approvalsMissing, isDelayed } from './decision/Decided.ts'
import * as OwnerMessage from './OwnerMessage.ts'
import { isLevelOwed, type Proposal } from './Proposal.ts'
import { isProofOf, signedInOf } from '../sessions/Session.ts'

/**
 * What an owner is told of a proposal, wherever they are: that it waits for them, or for a time that their mandate sets, or that it did not become what they were
 * shown. Null for everything else, which they see when they look.
 *
 * @param url - Where the owner finds the card.
 */
export function ownerNoticeOf(
  proposal: Proposal,
  { event, url, chain }: { event: string; url: string; chain: OwnerMessage.Names | undefined },
): OwnerNotice | null {
  const on = `on ${chain === undefined ? `chain ${proposal.chainId}` : `${chain.name} (${proposal.chainId})`}`
  if (event === 'proposals.proposal.mismatched')
    return {
      ...{ event, subject: proposal.id, url, details: [] },
      title: 'It did not become what you were shown',
      sentence: `What happened ${on} from ${proposal.from} differs from what the card showed. Look at it now.`,
    }
  const isBegun = event === 'proposals.proposal.delayed'
  if (event !== 'proposals.proposal.pending' && !isBegun) return null
  return {
    ...{ event, subject: proposal.id, url },
    ...(isBegun ? delayed(proposal, on) : asked(proposal, on)),
    // The first line says what the sentence says.
    details: proposal.kind === 'tool_call' ? [] : OwnerMessage.committed(proposal, chain).split('\n').slice(1),
  }
}

function whatOf({ kind, calls, from }: Proposal, on: string): string {
  if (kind === 'tool_call') return 'A call of a tool'
  if (kind === 'signature') return `A message to sign with ${from} ${on}`
  return `${calls.length === 1 ? 'A transaction' : `A batch of ${calls.length} transactions`} of ${from} ${on}`
}

/** What has a time: said when that begins, while there is something to do. */
function delayed(proposal: Proposal, on: string): Pick<OwnerNotice, 'title' | 'sentence'> {
  const notBeforeMs = proposal.decided?.notBeforeMs ?? null
  const until = notBeforeMs === null ? 'later' : `until ${Clock.iso(notBeforeMs)}`
  const then = proposal.kind === 'tool_call' ? 'it can run' : 'it can be signed'
  return {
    title: 'Something waits for its time',
    sentence: `${whatOf(proposal, on)} waits ${until}, because your mandate delays it. Then ${then} without another question. Reject it before then if you do not want it.`,
  }
}

function asked(proposal: Proposal, on: string): Pick<OwnerNotice, 'title' | 'sentence'> {
  const { decided, kind } = proposal
  const what = whatOf(proposal, on)
  if (decided?.answer === 'delay' && !isLevelOwed(proposal)) {
    if (isDelayed(decided)) return delayed(proposal, on)
    const missing = approvalsMissing(decided)
    const now = kind === 'tool_call' ? 'It can run now.' : 'It can be signed now, also by the program that proposed it.'
    return {
      title: 'The delay of your mandate is over',
      sentence: `${what} has waited for as long as your mandate says. ${
        missing > 0 ? `It still needs ${missing} of its approvals.` : now
      } You can reject it only as long as it is not signed.`,
    }
  }
  if (isLevelOwed(proposal))
    return {
      title: 'Something waits for a closer look',
      sentence: `${what} waits for you. ${
        decided?.isOwed === true
          ? 'Your mandate asks you first.'
          : 'You are asked to check values that did not come from you.'
      }`,
    }
  return { title: 'Something waits for you', sentence: `${what} waits for you.` }
}

/**
 * Whose proposal it is: of the account that is to sign what came through a door, and otherwise of the wallet that is proven
 * in the conversation. A conversation that only claims a wallet bothers nobody.
 */
export async function accountOf(
  read: Reader,
  { sid, door, kind, from, chainId }: Pick<Proposal, 'sid' | 'door' | 'kind' | 'from' | 'chainId'>,
): Promise<{ readonly address: string; readonly chainId: number; readonly saidIn: string | null } | null> {
  if (door !== null) return { address: from, chainId, saidIn: null }
  const session = await read
    .selectFrom('sessions')
    .select(['wallet_address', 'wallet_chain_id', 'wallet_by_key', 'owner'])
    .where('sid', '=', sid)
    .executeTakeFirst()
  const signedIn = signedInOf(session)
  if (signedIn === null) return null
  // A private chat has the number of its user, and the bot answers there.
  const [, chat, user] = /^telegram:\d+:(-?\d+):(\d+)$/.exec(session?.owner ?? '') ?? []
  const saidIn = chat !== undefined && chat === user ? chat : null
  const { address } = signedIn
  if (kind === 'tool_call') return { address, chainId: signedIn.chainId, saidIn }
  return isProofOf(signedIn, { account: from, chainId }) ? { address, chainId, saidIn } : null
}

/** Whether a proposal still waits for its owner; true for what is no proposal. */
export async function stillWaits(
  read: Reader,
  { event, subject }: Pick<OwnerNotice, 'event' | 'subject'>,
): Promise<boolean> {
  if (event !== 'proposals.proposal.pending' && event !== 'proposals.proposal.delayed') return true
  const row = await read.selectFrom('proposals').select('state').where('id', '=', subject).executeTakeFirst()
  if (event === 'proposals.proposal.pending') return row?.state === 'pending'
  return row?.state === 'staged' || row?.state === 'receipted'
}
