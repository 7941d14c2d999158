import { Address, type Hex } from '@countersign/base'
import type { ChainTransaction } from '@countersign/simulator'
import type { Chain } from '../chains/Chain.ts'
import { claimOf, mismatch, writeCarried } from './adoptTransaction.ts'
import { isExactly } from './Candidate.ts'
import type { Gate } from './Gate.ts'
import { giveToCard, lookAtSender } from './lookAtSender.ts'
import { type Proposal, type ProposalCall } from './Proposal.ts'
import { announce, loadProposal, moveProposal } from './rows.ts'
import * as Settlement from './Settlement.ts'
import { chainOf } from './stageProposal.ts'

/** What one look at the chain said about one reported step. */
type Finding =
  | { readonly status: 'unknown' | 'carried' | 'unmined' }
  | { readonly status: 'mismatched'; readonly differences: readonly string[] }

/**
 * Looks at the chain for everything that is open about an account: first what it has sent, by its nonces, and then the
 * hashes that clients reported. A step is `confirmed` when a mined, successful transaction carries exactly the committed
 * bytes; a reported hash that is something else makes the card `mismatched`, with what differs, and claims nothing.
 * Called again and again by the watcher; an unreachable provider changes nothing.
 */
export async function settleSender(
  gate: Gate,
  { chainId, sender }: { chainId: number; sender: Address.Address },
): Promise<void> {
  await lookAtSender(gate, { chainId, sender })
  const rows = await gate.store.read
    .selectFrom('proposals')
    .select(['id', 'sid'])
    .where('chain_id', '=', chainId)
    .where('sender', '=', sender)
    .where('watch_until_ms', 'is not', null)
    .where((eb) =>
      eb.or([
        eb('state', '=', 'submitted'),
        eb.exists(
          eb
            .selectFrom('proposal_calls')
            .select('proposal_calls.step')
            .whereRef('proposal_calls.proposal_id', '=', 'proposals.id')
            .where('proposal_calls.status', '=', 'submitted'),
        ),
        eb.and([
          eb('state', '!=', 'settled'),
          eb('watch_until_ms', '>', gate.clock.nowMs()),
          eb.exists(
            eb
              .selectFrom('reported_hashes')
              .select('reported_hashes.tx_hash')
              .whereRef('reported_hashes.proposal_id', '=', 'proposals.id'),
          ),
        ]),
      ]),
    )
    .limit(100)
    .execute()
  for (const row of rows) await settleReported(gate, row)
}

/** Looks at the sender of one proposal, and then at what was reported for it. */
export async function settleProposal(gate: Gate, { id, sid }: { id: string; sid: string }): Promise<Proposal> {
  const { chainId, from } = await loadProposal(gate.store.read, { id, sid })
  await lookAtSender(gate, { chainId, sender: from })
  return settleReported(gate, { id, sid })
}

async function settleReported(gate: Gate, { id, sid }: { id: string; sid: string }): Promise<Proposal> {
  let proposal = await loadProposal(gate.store.read, { id, sid })
  const chain = chainOf(gate, proposal.chainId)
  for (const { step } of proposal.calls.filter((call) => call.status === 'submitted')) {
    const call = proposal.calls.find((each) => each.step === step)
    if (call?.status !== 'submitted' || call.txHash === null) continue
    const finding = await lookAtHash(gate, chain, proposal, call)
    if (finding.status === 'carried') proposal = await loadProposal(gate.store.read, { id, sid })
    const isLate = gate.clock.nowMs() - (call.submittedMs ?? 0) >= gate.policy.unknownHashMs
    const differences =
      finding.status === 'mismatched'
        ? finding.differences
        : finding.status === 'unknown' && isLate
          ? [`the network does not know the transaction ${call.txHash}`]
          : null
    if (differences === null) continue
    const before = proposal
    return gate.store.write(async (write) => {
      const now = await loadProposal(write.db, { id, sid })
      const same = now.calls.find((each) => each.step === step)
      if (same?.status !== 'submitted' || same.txHash !== call.txHash || now.state !== before.state) return now
      return mismatch(gate, write, { proposal: now, differences })
    })
  }
  if (proposal.state === 'settled' || proposal.state === 'submitted') return proposal
  // Reported for a card that was over by then: a hint where to look.
  const reports = await gate.store.read
    .selectFrom('reported_hashes')
    .select('tx_hash')
    .where('proposal_id', '=', id)
    .execute()
  for (const { tx_hash } of reports) {
    if (proposal.calls.some((call) => call.txHash === tx_hash && call.status === 'confirmed')) continue
    const actual = await chain.transaction(tx_hash as Hex.Hex)
    if (actual !== null) await adoptReported(gate, chain, proposal, actual)
  }
  return loadProposal(gate.store.read, { id, sid })
}

async function lookAtHash(gate: Gate, chain: Chain, proposal: Proposal, call: ProposalCall): Promise<Finding> {
  const hash = call.txHash
  if (hash === null) return { status: 'unknown' }
  const reported = await chain.transaction(hash)
  if (reported === null) {
    const isReplaced = call.txNonce !== null && (proposal.watch?.nonce ?? 0) > call.txNonce
    const why = 'another transaction with the same nonce was sent in its place'
    return isReplaced ? { status: 'mismatched', differences: [why] } : { status: 'unknown' }
  }
  if (Settlement.isBatched(reported, proposal.from)) {
    const sharing = proposal.calls.filter((other) => other.txHash === hash && other.status === 'submitted')
    return batched(gate, chain, proposal, { calls: sharing, actual: reported })
  }
  if (await adoptReported(gate, chain, proposal, reported)) return { status: 'carried' }
  // Until the account's transactions were compared that far, one of them may still be this step's.
  if (reported.blockNumber !== null && BigInt(reported.nonce) >= BigInt(proposal.watch?.nonce ?? 0))
    return { status: 'unmined' }
  const differences = Settlement.differences({ chainId: proposal.chainId, from: proposal.from, call }, reported)
  const mined = reported.blockNumber === null ? null : await chain.receipt(hash)
  // Published command lines report the hash of the last transaction for every step: the others are found by nonce.
  const isAnothers = proposal.calls.some((other) => other.step !== call.step && isExactly(proposal, other, reported))
  if (differences.length > 0 && isAnothers) {
    return mined === null
      ? { status: 'unmined' }
      : { status: 'mismatched', differences: [`step ${call.step} is not on chain`] }
  }
  if (differences.length > 0) return { status: 'mismatched', differences }
  if (mined !== null && mined.blockNumber <= BigInt(proposal.watch?.sinceBlock ?? 0))
    return { status: 'mismatched', differences: ['the transaction is older than the simulation'] }
  const claimed = await gate.store.write((write) => claimOf(write, { chainId: proposal.chainId, hash }))
  if (claimed !== null && claimed !== proposal.id)
    return { status: 'mismatched', differences: ['the transaction is of another proposal'] }
  return { status: 'unmined' }
}

/** Gives a reported transaction to the card it is of, whoever reported it. Whether that is this one. */
async function adoptReported(gate: Gate, chain: Chain, proposal: Proposal, actual: ChainTransaction): Promise<boolean> {
  if (!Address.isEqual(actual.from, proposal.from)) return false
  const adopted = await giveToCard(gate, { chain, sender: proposal.from, actual })
  return adopted?.id === proposal.id
}

/** A smart account's transaction, sent by a bundler or by the account to itself: what it called is read in its trace. */
async function batched(
  gate: Gate,
  chain: Chain,
  proposal: Proposal,
  { calls, actual }: { calls: readonly ProposalCall[]; actual: ChainTransaction },
): Promise<Finding> {
  const mined = await chain.receipt(actual.hash)
  if (mined === null) return { status: 'unmined' }
  if (mined.blockNumber <= BigInt(proposal.watch?.sinceBlock ?? 0))
    return { status: 'mismatched', differences: ['the transaction is older than the simulation'] }
  if (mined.isSuccess) {
    const root = await chain.trace(actual.hash)
    if (root === null) {
      const why = 'it was sent by a smart account, and this provider gives no trace to verify it'
      return { status: 'mismatched', differences: [why] }
    }
    const differences = Settlement.batchDifferences({ from: proposal.from, calls, feeWeiMax: 1n }, root)
    if (differences.length > 0) return { status: 'mismatched', differences }
  }
  const hash = actual.hash
  return gate.store.write(async (write): Promise<Finding> => {
    const claimed = await claimOf(write, { chainId: proposal.chainId, hash })
    if (claimed !== null && claimed !== proposal.id)
      return { status: 'mismatched', differences: ['the transaction is of another proposal'] }
    const now = await loadProposal(write.db, proposal)
    const steps = calls.map((call) => call.step)
    if (!steps.every((step) => now.calls.find((call) => call.step === step)?.status === 'submitted'))
      return { status: 'carried' }
    await writeCarried(gate, write, { proposal: now, carried: { actual, mined, steps } })
    return { status: 'carried' }
  })
}

/**
 * Looks again at what was mined in the last blocks, whether it did what it should or failed: where a reorganisation took the
 * transaction the card is `submitted` again, and is watched like any other.
 *
 * @param head - The newest block.
 */
export async function lookAgain(gate: Gate, { chainId, head }: { chainId: number; head: bigint }): Promise<void> {
  const chain = chainOf(gate, chainId)
  const rows = await gate.store.read
    .selectFrom('proposal_calls')
    .innerJoin('proposals', 'proposals.id', 'proposal_calls.proposal_id')
    .select(['proposals.id', 'proposals.sid', 'proposal_calls.tx_hash', 'proposal_calls.tx_block_hash'])
    .distinct()
    .where('proposals.chain_id', '=', chainId)
    .where('proposal_calls.tx_block', '>', Number(head) - gate.policy.settledBlocks)
    .where('proposal_calls.status', 'in', ['confirmed', 'mismatched'])
    .limit(500)
    .execute()
  for (const row of rows) {
    const hash = row.tx_hash as Hex.Hex
    const mined = await chain.receipt(hash)
    if (mined !== null && mined.blockHash === row.tx_block_hash) continue
    await gate.store.write(async (write) => {
      const { id, sid } = row
      const changed = await write.db
        .updateTable('proposal_calls')
        .set({ status: 'submitted', tx_block: null, tx_block_hash: null, submitted_ms: gate.clock.nowMs() })
        .where('proposal_id', '=', id)
        .where('tx_hash', '=', hash)
        .where('tx_block_hash', '=', row.tx_block_hash)
        .returning('step')
        .execute()
      if (changed.length === 0) return
      await write.db
        .updateTable('proposals')
        .set({ watch_until_ms: gate.clock.nowMs() + gate.policy.watchEndedMs })
        .where('id', '=', id)
        .execute()
      const facts = { tx_hash: hash, steps: changed.map(({ step }) => step) }
      const because = 'The block that held the transaction was replaced by the network. It is looked for again.'
      const now = await loadProposal(write.db, { id, sid })
      // A card with steps that were never signed stays as it is: they are not asked for again.
      const isWhole = now.calls.every((call) => call.status !== 'waiting')
      if (now.state === 'settled' || (now.state === 'mismatched' && isWhole))
        await moveProposal(gate, write, { id, sid, target: 'submitted', isProven: true, because, facts })
      else await announce(gate, write, { id, sid, event: 'proposals.step.reorganised', facts })
    })
  }
}
