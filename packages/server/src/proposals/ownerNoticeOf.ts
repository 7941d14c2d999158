import type { OwnerNotice } from '../reach/OwnerNotice.ts'
import type { Reader } from '../store/openStore.ts'
import * as OwnerMessage from './OwnerMessage.ts'
import { isLevelOwed, type Proposal } from './Proposal.ts'

/**
 * What an owner is told of a proposal, wherever they are: that it waits for them, or that it did not become what they were
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
  if (event !== 'proposals.proposal.pending') return null
  return {
    ...{ event, subject: proposal.id, url },
    ...asked(proposal, on),
    // The first line says what the sentence says.
    details: proposal.kind === 'tool_call' ? [] : OwnerMessage.committed(proposal, chain).split('\n').slice(1),
  }
}

function asked(proposal: Proposal, on: string): Pick<OwnerNotice, 'title' | 'sentence'> {
  const { kind, calls, from, decided } = proposal
  const what =
    kind === 'tool_call'
      ? 'A call of a tool'
      : kind === 'signature'
        ? `A message to sign with ${from} ${on}`
        : `${calls.length === 1 ? 'A transaction' : `A batch of ${calls.length} transactions`} of ${from} ${on}`
  if (decided?.answer === 'delay')
    return {
      title: 'Something waits for its time',
      sentence: `${what} waits because your mandate says so. You can reject it until then.`,
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
  const wallet = session?.wallet_address ?? null
  if (wallet === null) return null
  // A private chat has the number of its user, and the bot answers there.
  const [, chat, user] = /^telegram:\d+:(-?\d+):(\d+)$/.exec(session?.owner ?? '') ?? []
  const saidIn = chat !== undefined && chat === user ? chat : null
  if (kind === 'tool_call') return { address: wallet, chainId: session?.wallet_chain_id ?? 0, saidIn }
  // What a contract answered for is proven on its chain alone.
  const isProven = session?.wallet_by_key === 1 || session?.wallet_chain_id === chainId
  return isProven && wallet.toLowerCase() === from.toLowerCase() ? { address: wallet, chainId, saidIn } : null
}

/** Whether a proposal still waits for its owner; true for what is no proposal. */
export async function stillWaits(
  read: Reader,
  { event, subject }: Pick<OwnerNotice, 'event' | 'subject'>,
): Promise<boolean> {
  if (event !== 'proposals.proposal.pending') return true
  const row = await read.selectFrom('proposals').select('state').where('id', '=', subject).executeTakeFirst()
  return row?.state === 'pending'
}
