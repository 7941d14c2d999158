import { BaseError, type Address, type Hex } from '@countersign/base'
import type { Sent } from '@countersign/simulator'
import type { Chain } from '../chains/Chain.ts'
import { frozenAt } from '../mandates/freezes.ts'
import type { Reader, Write } from '../store/openStore.ts'
import { handOutProposal } from './decision/handOutProposal.ts'
import { isSigned } from './Document.ts'
import type { Gate } from './Gate.ts'
import { isSignable, type Proposal, type ProposalCall } from './Proposal.ts'
import { readSigned, type Signed } from './readSigned.ts'
import { loadProposal } from './rows.ts'
import { chainOf } from './stageProposal.ts'
import { submitSteps } from './submitStep.ts'

/**
 * Which cards bytes may be of: those of one session, those of one owner's sessions, or, where nothing is named, those
 * whose wallet is open after a last look.
 */
export type Within =
  | { readonly kind: 'session'; readonly sid: string }
  | { readonly kind: 'owner'; readonly owner: string }
  | { readonly kind: 'opened' }

/**
 * Sends a transaction that a wallet signed, for the card that waits for exactly these bytes and for nothing else, and
 * writes its hash into that card. One step is sent once: another transaction for it passes only at the same nonce, where
 * it replaces the first (a wallet that speeds up). The same bytes again are the same transaction.
 *
 * @returns the hash, computed from the bytes.
 * @throws {RawError} `proposals:raw:unreadable`, `…:unproposed`, `…:nonce` or `…:refused`.
 * @throws {HandOutError} when a mandate no longer lets it out.
 * @throws {BaseError} of kind `upstream` when no provider tells what became of it: then the same bytes may be sent again.
 */
export async function sendRaw(
  gate: Gate,
  { chainId, raw, within }: { chainId: number; raw: unknown; within: Within },
): Promise<Hex.Hex> {
  const signed = await readSigned(raw, chainId)
  if ('unusable' in signed) throw new RawError('unreadable', signed.unusable)
  const chain = chainOf(gate, chainId)
  const nonce = await nonceOf(chain, signed)
  const claim = await gate.store.write((write) => claimStep(gate, write, { chainId, signed, within, nonce }))
  if (claim.isDone) return signed.hash
  const { proposal, call } = claim
  const sent = await chain.send(signed.bytes)
  if (sent.status === 'refused') {
    if (claim.isNew) await gate.store.write((write) => giveBack(write, { proposal, call, hash: signed.hash }))
    throw new RawError('refused', NODE_REASONS[sent.reason])
  }
  const { id, sid } = proposal
  try {
    await submitSteps(gate, { id, sid, steps: [call.step], txHash: signed.hash })
  } catch (error) {
    // It is sent, whatever became of the card meanwhile; who watches the sender's nonce finds it there.
    if (!(error instanceof BaseError) || error.kind !== 'conflict') throw error
  }
  return signed.hash
}

/** An account's next nonce. */
interface Nonce {
  /** By what is mined. */
  readonly mined: bigint
  /** After what is signed and waits to be mined before these bytes. */
  readonly next: bigint
}

async function nonceOf(chain: Chain, { from, nonce }: Signed): Promise<Nonce> {
  const mined = await chain.at(await chain.head()).nonce(from)
  if (BigInt(nonce) <= mined) return { mined, next: mined }
  const { transactions } = await chain.waiting(from, mined)
  const waiting = new Set(transactions.map((each) => BigInt(each.nonce)))
  let next = mined
  while (next < BigInt(nonce) && waiting.has(next)) next += 1n
  return { mined, next }
}

/** The step that bytes are of, from now on theirs. */
type Claim =
  | { readonly isDone: true }
  | { readonly isDone: false; readonly isNew: boolean; readonly proposal: Proposal; readonly call: ProposalCall }

/** @throws {RawError} `proposals:raw:unproposed` or `…:nonce`. */
async function claimStep(
  gate: Gate,
  write: Write,
  { chainId, signed, within, nonce }: { chainId: number; signed: Signed; within: Within; nonce: Nonce },
): Promise<Claim> {
  for (const { id, sid } of await candidates(gate, write, { chainId, from: signed.from, within })) {
    const proposal = await loadProposal(write.db, { id, sid })
    const known = await write.db.selectFrom('raw_transactions').selectAll().where('proposal_id', '=', id).execute()
    const before = known.find(({ tx_hash: hash }) => hash === signed.hash)
    if (before !== undefined) {
      const call = proposal.calls.find(({ step }) => step === before.step)
      // It went out: there is nothing to do again.
      if (call === undefined || call.txHash === signed.hash) return { isDone: true }
      return { isDone: false, isNew: false, proposal, call }
    }
    const call = proposal.calls.find((each) => each.status !== 'confirmed')
    if (call === undefined || !isOf(signed, call)) continue
    const claimed = known.find(({ step }) => step === call.step)
    if (claimed === undefined) {
      if (call.status !== 'waiting' || !isSignable(proposal, gate.clock.nowMs())) continue
      if (await isFrozenSince(write.db, proposal)) throw new RawError('unproposed', 'it was frozen after the last look')
      // A nonce ahead would be executed some day, when nobody looks.
      if (BigInt(signed.nonce) !== nonce.next)
        throw new RawError('nonce', `its nonce is ${signed.nonce}, and ${nonce.next} is next`)
      await handOutProposal(gate, write, { proposal, nonce: signed.nonce - (call.step - 1) })
      await write.db
        .insertInto('raw_transactions')
        .values(rowOf(signed, { proposal, call, atMs: gate.clock.nowMs() }))
        .execute()
      return { isDone: false, isNew: true, proposal, call }
    }
    if (claimed.nonce !== signed.nonce) throw new RawError('nonce', 'a transaction with these bytes was sent already')
    if (BigInt(signed.nonce) < nonce.mined) throw new RawError('nonce', 'it was mined already')
    await write.db
      .updateTable('raw_transactions')
      .set({ tx_hash: signed.hash, at_ms: gate.clock.nowMs() })
      .where('proposal_id', '=', id)
      .where('step', '=', call.step)
      .execute()
    return { isDone: false, isNew: false, proposal, call }
  }
  throw new RawError('unproposed', 'no proposal waits for exactly these bytes')
}

/** Whether a freeze came after its wallet was opened. Where there is a mandate, its own state decides as it is handed out. */
async function isFrozenSince(read: Reader, { app, from, decided, walletOpenedMs }: Proposal): Promise<boolean> {
  if (decided?.mandate != null) return false
  const frozenMs = await frozenAt(read, { app, owner: from })
  return frozenMs !== null && (walletOpenedMs ?? 0) <= frozenMs
}

const rowOf = (signed: Signed, { proposal, call, atMs }: { proposal: Proposal; call: ProposalCall; atMs: number }) => ({
  proposal_id: proposal.id,
  step: call.step,
  tx_hash: signed.hash,
  nonce: signed.nonce,
  at_ms: atMs,
})

function isOf(signed: Signed, call: ProposalCall): boolean {
  return (
    !isSigned(call) &&
    signed.to === call.to &&
    signed.value === call.value &&
    signed.data.toLowerCase() === call.data.toLowerCase()
  )
}

/** Cards of the sender that its bytes may be of; those whose wallet was opened last come first. */
async function candidates(
  gate: Gate,
  write: Write,
  { chainId, from, within }: { chainId: number; from: Address.Address; within: Within },
): Promise<{ id: string; sid: string }[]> {
  const query = write.db
    .selectFrom('proposals')
    .innerJoin('sessions', 'sessions.sid', 'proposals.sid')
    .select(['proposals.id', 'proposals.sid'])
    .where('proposals.chain_id', '=', chainId)
    .where('proposals.sender', '=', from)
    .orderBy('proposals.wallet_until_ms', 'desc')
    .orderBy('proposals.created_ms', 'desc')
    .limit(MAX_CANDIDATES)
  switch (within.kind) {
    case 'session':
      return query.where('proposals.sid', '=', within.sid).execute()
    case 'owner':
      return query
        .where((eb) =>
          eb.or([
            eb('sessions.owner', '=', within.owner),
            // A card of a door is no browser's: its owner had the wallet opened for it by a last look.
            eb.and([eb('sessions.owner', 'like', 'door:%'), eb('proposals.wallet_until_ms', '>', gate.clock.nowMs())]),
          ]),
        )
        .execute()
    case 'opened':
      return query.where('proposals.wallet_until_ms', '>', gate.clock.nowMs()).execute()
  }
}

/** One wallet waits for one card a session; more than these are not looked at. */
const MAX_CANDIDATES = 50

/** No node took it: the step is as it was. */
async function giveBack(
  write: Write,
  { proposal, call, hash }: { proposal: Proposal; call: ProposalCall; hash: Hex.Hex },
): Promise<void> {
  await write.db
    .deleteFrom('raw_transactions')
    .where('proposal_id', '=', proposal.id)
    .where('step', '=', call.step)
    .where('tx_hash', '=', hash)
    .execute()
}

/** Why nodes refuse, in words of ours. */
const NODE_REASONS: Readonly<Record<Extract<Sent, { status: 'refused' }>['reason'], string>> = {
  nonce: 'the network refused its nonce',
  fee: 'the network refused its fee',
  funds: 'the account cannot pay for it',
  other: 'the network refused it',
}

/** A signed transaction is not sent from here. */
export class RawError extends BaseError {
  override readonly name = 'proposals.RawError'
  constructor(reason: 'unreadable' | 'unproposed' | 'nonce' | 'refused', why: string) {
    super(`The transaction was not sent: ${why}.`, {
      code: `proposals:raw:${reason}`,
      kind: reason === 'unreadable' ? 'invalid' : 'conflict',
      hint: 'Only the transaction of a pending proposal is sent from here. Propose it, look at it, and sign what it shows.',
    })
  }
}
