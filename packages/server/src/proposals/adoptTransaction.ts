import { Address, Clock, type Hex } from '@countersign/base'
import type { ChainReceipt, ChainTransaction } from '@countersign/simulator'
import type { Chain } from '../chains/Chain.ts'
import type { Write } from '../store/openStore.ts'
import * as Candidate from './Candidate.ts'
import { countSent } from './decision/handOutProposal.ts'
import { isSigned } from './Document.ts'
import type { Gate } from './Gate.ts'
import { isEnforced, nameRefusal, type Refusal } from './nameRefusal.ts'
import type { Proposal } from './Proposal.ts'
import { announce, loadProposal, moveProposal } from './rows.ts'
import * as Settlement from './Settlement.ts'

/** How and where a transaction was mined. */
export type Mined = Pick<ChainReceipt, 'isSuccess' | 'blockNumber' | 'blockHash'> & {
  /** Of a guarded batch that failed: which bound refused it. */
  readonly refusal?: Refusal
}

/** A transaction that carries steps of a card. */
export interface Carried {
  readonly actual: ChainTransaction
  /** null while it waits. */
  readonly mined: Mined | null
  readonly steps: readonly number[]
}

/**
 * Looks for the card that a transaction is of and writes it down there: claimed, submitted while it waits, confirmed
 * once it is mined, and the card settled with its last step, whatever state people had left it in. A transaction that
 * failed on chain ends the card as mismatched.
 *
 * @param candidates - Cards of the transaction's sender.
 * @returns the card as it is now; null when it is of none of them; `changed` when somebody else wrote to the card since the
 * candidates were read: read them again, because a transaction that is passed over here is not looked at a second time.
 */
export async function adoptTransaction(
  gate: Gate,
  {
    chain,
    actual,
    mined,
    candidates,
  }: {
    chain: Chain
    actual: ChainTransaction
    mined: Mined | null
    candidates: readonly Candidate.Candidate[]
  },
): Promise<Proposal | 'changed' | null> {
  const matching: (Candidate.Candidate & { readonly steps: readonly number[] })[] = []
  for (const candidate of candidates) {
    const { watch } = candidate.proposal
    // What was never handed out cannot have been signed, and what was mined before the simulation is another's.
    if (watch === null || (mined !== null && mined.blockNumber <= BigInt(watch.sinceBlock))) continue
    const steps = await stepsOf(chain, candidate.proposal, actual, mined)
    if (steps.length > 0) matching.push({ ...candidate, steps })
  }
  if (matching.length === 0) return null
  const guarded = matching.find(({ proposal }) => isEnforced(proposal))
  const refusal =
    mined === null || mined.isSuccess || guarded === undefined
      ? null
      : await nameRefusal(chain, { proposal: guarded.proposal, block: mined.blockNumber })
  const found = mined === null || refusal === null ? mined : { ...mined, refusal }
  return gate.store.write(async (write) => {
    const claimed = await claimOf(write, { chainId: chain.chainId, hash: actual.hash })
    const own = matching.filter(({ proposal }) => claimed === null || proposal.id === claimed)
    const chosen = Candidate.choose(own, actual.hash)
    if (chosen === null) return null
    const now = await loadProposal(write.db, chosen.proposal)
    const isOpen = chosen.steps.every((step) => {
      const before = chosen.proposal.calls.find((call) => call.step === step)
      const call = now.calls.find((each) => each.step === step)
      return call?.status === before?.status && call?.txHash === before?.txHash && call?.txNonce === before?.txNonce
    })
    if (!isOpen) return 'changed'
    return writeCarried(gate, write, { proposal: now, carried: { actual, mined: found, steps: chosen.steps } })
  })
}

/** Which steps of a card a transaction carries: one, or all that are left where the account called them itself. */
async function stepsOf(
  chain: Chain,
  proposal: Proposal,
  actual: ChainTransaction,
  mined: Mined | null,
): Promise<readonly number[]> {
  const one = Candidate.stepFor(proposal, actual)
  if (one !== null) return [one.step]
  const isOwnBatch = Address.isEqual(actual.to ?? '', proposal.from) && actual.input !== '0x'
  if (!isOwnBatch || mined === null || !mined.isSuccess) return []
  const open = proposal.calls.filter((call) => call.status !== 'confirmed' && !isSigned(call))
  if (open.length === 0) return []
  const root = await chain.trace(actual.hash)
  if (root === null) return []
  const differences = Settlement.batchDifferences({ from: proposal.from, calls: open, feeWeiMax: 1n }, root)
  return differences.length === 0 ? open.map((call) => call.step) : []
}

/** Which proposal a transaction speaks for already. */
export async function claimOf(
  write: Pick<Write, 'db'>,
  { chainId, hash }: { chainId: number; hash: Hex.Hex },
): Promise<string | null> {
  const row = await write.db
    .selectFrom('claimed_hashes')
    .select('proposal_id')
    .where('chain_id', '=', chainId)
    .where('tx_hash', '=', hash.toLowerCase())
    .executeTakeFirst()
  return row?.proposal_id ?? null
}

/** Writes a compared transaction into its card, in the caller's transaction. */
export async function writeCarried(
  gate: Gate,
  write: Write,
  { proposal, carried: { actual, mined, steps } }: { proposal: Proposal; carried: Carried },
): Promise<Proposal> {
  const { id, sid, chainId } = proposal
  const hash = actual.hash.toLowerCase() as Hex.Hex
  const chosen = proposal.calls.filter((call) => steps.includes(call.step))
  // A guarded batch that failed did what it says: nothing.
  const isRefused = mined !== null && !mined.isSuccess && isEnforced(proposal)
  const isGood = mined?.isSuccess === true || isRefused
  const status = mined === null ? 'submitted' : isGood ? 'confirmed' : 'mismatched'
  const block = mined === null ? null : Number(mined.blockNumber)
  if (chosen.every((call) => call.txHash === hash && call.status === status && call.txBlock?.hash === mined?.blockHash))
    if (chosen.every((call) => call.txNonce !== null)) return proposal

  await countSent(gate, write, { proposal, isMined: mined !== null })
  const kept = new Set(proposal.calls.filter((call) => !steps.includes(call.step)).map((call) => call.txHash))
  // A wallet replaced it, or it was a wrong report: what it claimed is given back.
  const old = chosen.flatMap(({ txHash }) => (txHash === null || txHash === hash || kept.has(txHash) ? [] : [txHash]))
  if (old.length > 0)
    await write.db
      .deleteFrom('claimed_hashes')
      .where('chain_id', '=', chainId)
      .where('proposal_id', '=', id)
      .where('tx_hash', 'in', old)
      .execute()
  await write.db
    .insertInto('claimed_hashes')
    .values({ chain_id: chainId, tx_hash: hash, proposal_id: id })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await write.db
    .updateTable('proposal_calls')
    .set((eb) => ({
      status,
      tx_hash: hash,
      tx_nonce: Address.isEqual(actual.from, proposal.from) ? Number(BigInt(actual.nonce)) : null,
      tx_block: block,
      tx_block_hash: mined?.blockHash ?? null,
      submitted_ms: eb.fn.coalesce('submitted_ms', eb.val(gate.clock.nowMs())),
    }))
    .where('proposal_id', '=', id)
    .where('step', 'in', [...steps])
    .execute()
  const facts = { steps, tx_hash: hash, ...(block === null ? {} : { block_number: block.toString() }) }
  if (status === 'mismatched') {
    const differences = [`it reverted on chain in block ${block}, though the simulation did not`]
    return mismatch(gate, write, { proposal, differences })
  }

  const now = await announce(gate, write, {
    id,
    sid,
    event: status === 'confirmed' ? 'proposals.step.confirmed' : 'proposals.step.submitted',
    facts,
  })
  if (now.calls.some((call) => call.status === 'waiting' || call.status === 'mismatched')) return now
  const isDone = now.calls.every((call) => call.status === 'confirmed')
  const because = isRefused ? (mined.refusal?.sentence ?? REFUSED) : sayState(proposal)
  let moved = now
  if (now.state !== 'submitted' && !(isDone && now.state === 'settled'))
    moved = await moveProposal(gate, write, { id, sid, target: 'submitted', isProven: true, because, facts })
  if (!isDone || moved.state === 'settled') return moved
  const settled = await moveProposal(gate, write, {
    id,
    sid,
    target: 'settled',
    isProven: true,
    because: because ?? moved.reason,
    set: {
      settlement: JSON.stringify({
        verified_at: Clock.iso(gate.clock.nowMs()),
        block_number: block?.toString() ?? null,
        differences: [],
        outcome: isRefused ? 'refused' : 'done',
        ...(isRefused ? { bound: mined.refusal?.bound ?? null } : {}),
      }),
      wallet_lease: null,
      wallet_until_ms: null,
    },
    facts,
  })
  write.afterCommit(() => gate.onFinal?.(settled))
  return settled
}

const REFUSED = 'Nothing happened: the batch failed as a whole. You paid the network fee.'

/** What people are told when a card that was over turns out to have been signed. */
function sayState({ state }: Proposal): string | null {
  const said: Partial<Record<Proposal['state'], string>> = {
    rejected: 'It was signed although it was rejected here.',
    expired: 'It was signed after its time.',
    superseded: 'It was signed although a newer proposal had taken its place.',
    blocked: 'It was signed before it was blocked.',
  }
  return said[state] ?? null
}

/** Ends a card because what is on chain is not what was committed. It is still watched. */
export async function mismatch(
  gate: Gate,
  write: Write,
  { proposal, differences }: { proposal: Proposal; differences: readonly string[] },
): Promise<Proposal> {
  const { id, sid } = proposal
  await write.db
    .updateTable('proposal_calls')
    .set({ status: 'mismatched' })
    .where('proposal_id', '=', id)
    .where('status', '=', 'submitted')
    .execute()
  const moved = await moveProposal(gate, write, {
    id,
    sid,
    target: 'mismatched',
    isProven: true,
    set: {
      settlement: JSON.stringify({ verified_at: Clock.iso(gate.clock.nowMs()), block_number: null, differences }),
    },
    because: `What is on chain is not what was committed: ${differences.join('; ')}.`,
    facts: { differences },
  })
  write.afterCommit(() => gate.onFinal?.(moved))
  return moved
}
