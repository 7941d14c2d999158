import { Address, Clock, type Hex } from '@countersign/base'
import type { ChainTransaction } from '@countersign/simulator'
import type { Chain } from '../chains/Chain.ts'
import type { Gate } from './Gate.ts'
import { type Proposal, type ProposalCall } from './Proposal.ts'
import { announce, loadProposal, moveProposal } from './rows.ts'
import * as Settlement from './Settlement.ts'
import { chainOf } from './stageProposal.ts'

/** What one look at the chain said about one submitted step. */
type Finding =
  | { readonly status: 'unknown' }
  | { readonly status: 'unmined' }
  /** It cannot be told yet: a smart account's calls stand in a trace, and there is none. */
  | { readonly status: 'unverifiable' }
  | { readonly status: 'confirmed'; readonly blockNumber: bigint }
  | { readonly status: 'mismatched'; readonly differences: readonly string[] }

/** How far back from a reported transaction the other steps of its batch are looked for, in blocks. */
const SCAN_BLOCKS = 64

/**
 * Looks at the chain for every submitted step of a proposal and moves it on: a step is `confirmed` when a mined,
 * successful transaction carries exactly the committed bytes; anything else is `mismatched` with what differs.
 * Called again and again by the watcher until the proposal is final; an unreachable provider changes nothing.
 */
export async function settleProposal(gate: Gate, { id, sid }: { id: string; sid: string }): Promise<Proposal> {
  const proposal = await loadProposal(gate.store.read, { id, sid })
  if (proposal.state !== 'submitted' && proposal.state !== 'pending') return proposal
  const chain = chainOf(gate, proposal.chainId)
  const submitted = proposal.calls.filter((call) => call.status === 'submitted')

  let current = proposal
  for (const call of submitted) {
    const finding = await lookUp(chain, proposal, call)
    if (finding.status === 'confirmed') {
      current = await confirm(gate, current, call, finding.blockNumber)
    } else if (finding.status === 'mismatched') {
      return mismatch(gate, current, finding.differences)
    } else if (
      finding.status === 'unknown' &&
      gate.clock.nowMs() - (call.submittedMs ?? 0) >= gate.policy.unknownHashMs
    ) {
      return mismatch(gate, current, [`the network does not know the transaction ${call.txHash ?? ''}`])
    }
  }
  return current
}

async function lookUp(chain: Chain, proposal: Proposal, call: ProposalCall): Promise<Finding> {
  const reported = call.txHash === null ? null : await chain.transaction(call.txHash)
  if (reported === null) return { status: 'unknown' }
  const sharing = proposal.calls.filter((other) => other.txHash === call.txHash)
  // The other steps' reports may still be on their way.
  const isAnothers = proposal.calls.some((other) => other !== call && isExactly(proposal, other, reported))

  if ((sharing.length > 1 || isAnothers) && !Settlement.isBatched(reported, proposal.from)) {
    // Published CLIs report one hash, that of the last transaction, for every step they signed: find each step's own.
    const own = await findOwn(chain, proposal, call, reported)
    return own === null
      ? { status: 'mismatched', differences: [`step ${call.step} is not on chain`] }
      : mined(chain, proposal, call, own)
  }
  if (Settlement.isBatched(reported, proposal.from)) return batched(chain, proposal, sharing, reported)
  return mined(chain, proposal, call, reported)
}

function isExactly(proposal: Proposal, call: ProposalCall, actual: ChainTransaction): boolean {
  return Settlement.differences({ chainId: proposal.chainId, from: proposal.from, call }, actual).length === 0
}

async function mined(chain: Chain, proposal: Proposal, call: ProposalCall, actual: ChainTransaction): Promise<Finding> {
  const differences = Settlement.differences({ chainId: proposal.chainId, from: proposal.from, call }, actual)
  if (differences.length > 0) return { status: 'mismatched', differences }
  return outcome(chain, proposal, actual.hash)
}

async function batched(
  chain: Chain,
  proposal: Proposal,
  calls: readonly ProposalCall[],
  actual: ChainTransaction,
): Promise<Finding> {
  const result = await outcome(chain, proposal, actual.hash)
  if (result.status !== 'confirmed') return result
  const root = await chain.trace(actual.hash)
  if (root === null) return { status: 'unverifiable' }
  const differences = Settlement.batchDifferences({ from: proposal.from, calls, feeWeiMax: 1n }, root)
  return differences.length > 0 ? { status: 'mismatched', differences } : result
}

/** Mined, successful, and later than the state that was simulated: an old hash proves nothing. */
async function outcome(chain: Chain, proposal: Proposal, hash: Hex.Hex): Promise<Finding> {
  const receipt = await chain.receipt(hash)
  if (receipt === null) return { status: 'unmined' }
  const { blockNumber } = receipt
  if (blockNumber <= BigInt(proposal.report?.block.number ?? '0')) {
    return { status: 'mismatched', differences: ['the transaction is older than the simulation'] }
  }
  if (!receipt.isSuccess) {
    return {
      status: 'mismatched',
      differences: [`it reverted on chain in block ${blockNumber}, though the simulation did not`],
    }
  }
  return { status: 'confirmed', blockNumber }
}

async function findOwn(
  chain: Chain,
  proposal: Proposal,
  call: ProposalCall,
  last: ChainTransaction,
): Promise<ChainTransaction | null> {
  if (last.blockNumber === null) return last
  const newest = BigInt(last.blockNumber)
  const oldest = BigInt(proposal.report?.block.number ?? '0')
  for (let number = newest; number > oldest && newest - number < BigInt(SCAN_BLOCKS); number--) {
    const block = await chain.block(number)
    const own = block?.transactions.find(
      (each) => Address.isEqual(each.from, proposal.from) && isExactly(proposal, call, each),
    )
    if (own !== undefined) return own
  }
  return null
}

async function confirm(gate: Gate, proposal: Proposal, call: ProposalCall, blockNumber: bigint): Promise<Proposal> {
  return gate.store.write(async (write) => {
    const { id, sid } = proposal
    await write.db
      .updateTable('proposal_calls')
      .set({ status: 'confirmed' })
      .where('proposal_id', '=', id)
      .where('step', '=', call.step)
      .where('status', '=', 'submitted')
      .execute()
    const facts = { step: call.step, tx_hash: call.txHash, block_number: blockNumber.toString() }
    const now = await announce(gate, write, { id, sid, event: 'proposals.step.confirmed', facts })
    if (now.state !== 'submitted' || now.calls.some((each) => each.status !== 'confirmed')) return now
    return moveProposal(gate, write, {
      id,
      sid,
      target: 'settled',
      set: {
        settlement: JSON.stringify({
          verified_at: Clock.iso(gate.clock.nowMs()),
          block_number: blockNumber.toString(),
          differences: [],
        }),
      },
      facts: { block_number: blockNumber.toString() },
    })
  })
}

async function mismatch(gate: Gate, proposal: Proposal, differences: readonly string[]): Promise<Proposal> {
  const { id, sid } = proposal
  return gate.store.write(async (write) => {
    await write.db
      .updateTable('proposal_calls')
      .set({ status: 'mismatched' })
      .where('proposal_id', '=', id)
      .where('status', '=', 'submitted')
      .execute()
    return moveProposal(gate, write, {
      id,
      sid,
      target: 'mismatched',
      set: {
        settlement: JSON.stringify({ verified_at: Clock.iso(gate.clock.nowMs()), block_number: null, differences }),
      },
      because: `What is on chain is not what was committed: ${differences.join('; ')}.`,
      facts: { differences },
    })
  })
}
