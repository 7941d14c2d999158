import { Address, BaseError } from '@countersign/base'
import type { ChainTransaction, WaitingTransaction } from '@countersign/simulator'
import type { Chain } from '../chains/Chain.ts'
import * as lookUp from '../chains/lookUp.ts'
import type { Reader } from '../store/openStore.ts'
import { adoptTransaction, type Mined } from './adoptTransaction.ts'
import type { Candidate } from './Candidate.ts'
import type { Gate } from './Gate.ts'
import type { Proposal } from './Proposal.ts'
import { listCarrying, watchedFrom, type Watching } from './rows.ts'
import { chainOf } from './stageProposal.ts'
import { isProofOf, signedInOf } from '../sessions/Session.ts'

/** What the account has sent, as far as the chain tells. */
export interface SenderLook {
  /** Its transactions that wait to be mined. */
  readonly waiting: readonly WaitingTransaction[]
  /** Its next nonce, by what is mined. */
  readonly nonce: bigint
  /** Its transactions since the watched cards were handed out, as far as they were not compared before. */
  readonly mined: readonly ChainTransaction[]
  /** Whether these are all: neither more waits than the provider shows, nor was more sent than could be read. */
  readonly isComplete: boolean
}

/** The most transactions of one account that one look reads; the next look goes on. */
const MAX_READ = 64

/**
 * Looks at the chain itself for what an account has sent since its cards were handed to a wallet, and gives each
 * transaction to the card it is of: no client has to report anything. Nonces are what is counted, so that nothing is
 * missed between two looks or while no server ran.
 *
 * @throws {BaseError} of kind `upstream` when the provider does not answer: then nothing is known.
 */
export async function lookAtSender(
  gate: Gate,
  { chainId, sender }: { chainId: number; sender: Address.Address },
): Promise<SenderLook> {
  const chain = chainOf(gate, chainId)
  const watching = { chainId, sender, nowMs: gate.clock.nowMs() }
  const newest = await chain.head()
  const head = newest.number
  const minedCount = await chain.at(newest).nonce(sender)
  const waiting = await chain.waiting(sender, minedCount)
  let mined: lookUp.Sent = { transactions: [], isComplete: true }
  // A card that counted further than the chain does saw a block that a reorganisation took.
  const from = await watchedFrom(gate.store.read, watching, { nonce: minedCount })
  if (from !== null) {
    if (from.nonce < minedCount)
      mined = await lookUp.sentBetween(chain, {
        account: sender,
        since: from.block < head ? from.block : head,
        until: head,
        fromNonce: from.nonce,
        toNonce: minedCount,
        limit: MAX_READ,
      })
    for (const actual of mined.transactions) await giveToCard(gate, { chain, sender, actual })
    const last = mined.transactions.at(-1)
    // Where not all could be read the next look goes on after the last one.
    if (mined.isComplete) await note(gate, watching, { from: minedCount, nonce: minedCount, block: head })
    else if (last !== undefined)
      await note(gate, watching, {
        from: minedCount,
        nonce: BigInt(last.nonce) + 1n,
        block: BigInt(last.blockNumber ?? head) - 1n,
      })
  }
  for (const actual of waiting.transactions) await giveToCard(gate, { chain, sender, actual })
  return {
    waiting: waiting.transactions,
    nonce: minedCount,
    mined: mined.transactions,
    isComplete: waiting.isComplete && mined.isComplete,
  }
}

/** How often a card is read again that others write to. */
const MAX_TRIES = 8

/**
 * Gives a transaction to the card it is of; null when it is of none.
 *
 * @throws {CardBusyError} when others wrote to the card each time: nothing may count as compared then.
 */
export async function giveToCard(
  gate: Gate,
  { chain, sender, actual }: { chain: Chain; sender: Address.Address; actual: ChainTransaction },
): Promise<Proposal | null> {
  const mined = actual.blockNumber === null ? null : await chain.receipt(actual.hash)
  // It was taken back between two questions; the next look sees what is there then.
  if (actual.blockNumber !== null && mined === null) return null
  for (let i = 0; i < MAX_TRIES; i += 1) {
    const found = await giveOnce(gate, { chain, sender, actual, mined })
    if (found !== 'changed') return found
  }
  throw new CardBusyError()
}

async function giveOnce(
  gate: Gate,
  {
    chain,
    sender,
    actual,
    mined,
  }: { chain: Chain; sender: Address.Address; actual: ChainTransaction; mined: Mined | null },
): Promise<Proposal | 'changed' | null> {
  const cards = await listCarrying(
    gate.store.read,
    { chainId: chain.chainId, sender, nowMs: gate.clock.nowMs() },
    {
      to: actual.to === null ? null : Address.parse(actual.to),
      value: BigInt(actual.value),
      data: actual.input.toLowerCase(),
      isOwnBatch: Address.isEqual(actual.to ?? '', sender) && actual.input !== '0x',
    },
  )
  if (cards.length === 0) return null
  const candidates = await candidatesOf(gate.store.read, cards)
  return adoptTransaction(gate, { chain, actual, mined, candidates })
}

/** The cards with what is known of who holds them. */
export async function candidatesOf(read: Reader, cards: readonly Proposal[]): Promise<Candidate[]> {
  if (cards.length === 0) return []
  const sids = [...new Set(cards.map((card) => card.sid))]
  const sessions = await read
    .selectFrom('sessions')
    .select(['sid', 'owner', 'wallet_address', 'wallet_chain_id', 'wallet_by_key'])
    .where('sid', 'in', sids)
    .execute()
  const holders = new Map(sessions.map((row) => [row.sid, row]))
  const ids = cards.map((card) => card.id)
  const reports = await read
    .selectFrom('reported_hashes')
    .select(['proposal_id', 'tx_hash'])
    .where('proposal_id', 'in', ids)
    .execute()
  return cards.map((proposal) => {
    const holder = holders.get(proposal.sid)
    const signedIn = signedInOf(holder)
    const account = signedIn?.address ?? ''
    return {
      proposal,
      owner: holder?.owner ?? 'app:',
      provenWallet: isProofOf(signedIn, { account, chainId: proposal.chainId }) ? account : null,
      reported: new Set(reports.filter((row) => row.proposal_id === proposal.id).map((row) => row.tx_hash)),
    }
  })
}

/** Notes up to where the account's transactions were compared, for every card that is not there yet. */
async function note(
  gate: Gate,
  { chainId, sender, nowMs }: Watching,
  { from, nonce, block }: { from: bigint; nonce: bigint; block: bigint },
): Promise<void> {
  await gate.store.write((write) =>
    write.db
      .updateTable('proposals')
      .set({ watch_nonce: Number(nonce), watch_block: Number(block) })
      .where('chain_id', '=', chainId)
      .where('sender', '=', sender)
      .where('watch_until_ms', 'is not', null)
      .where('state', '!=', 'settled')
      .where((eb) => eb.or([eb('watch_until_ms', '>', nowMs), eb('state', 'in', ['pending', 'submitted'])]))
      .where('watch_nonce', '!=', Number(from))
      .execute(),
  )
}

/** A card was written to while a transaction was compared with it, again and again. */
export class CardBusyError extends BaseError {
  override readonly name = 'proposals.CardBusyError'
  constructor() {
    super('The proposal was changed by others while a transaction was compared with it.', {
      code: 'proposals:proposal:busy',
      kind: 'unavailable',
      hint: 'Try again in a moment.',
    })
  }
}
