import { BaseError, type Address } from '@countersign/base'
import type { Lease } from '@countersign/simulator'
import type { Chain } from '../chains/Chain.ts'
import type { Write } from '../store/openStore.ts'
import { commitProposal } from './commitProposal.ts'
import * as Drift from './Drift.ts'
import type { Gate } from './Gate.ts'
import { BytesChangedError, isSignable, ReceiptError, TransitionError, type Proposal } from './Proposal.ts'
import { storeReceipt, verifiedReceipt } from './receipts.ts'
import { refuseOtherSender } from './refuseOtherSender.ts'
import { announce, loadProposal, moveProposal } from './rows.ts'
import { requestFor, simulateBatch } from './simulateBatch.ts'
import { chainOf, recordVerdict } from './stageProposal.ts'

/** What the re-check found. `fresh`: sign what was shown. `drifted`: look at it again. `blocked`: it is over. */
export interface Recheck {
  readonly outcome: 'fresh' | 'drifted' | 'blocked'
  readonly proposal: Proposal
  readonly because: string | null
}

/**
 * The last gate before the wallet: while the receipt lives, what its simulation read is read again; where that moved,
 * or the outcome depends on the block, what is still to be signed is simulated on the chain as it is now, with the gas
 * limits that will be signed, and compared with what the owner was shown. Where the outcome got worse the proposal goes
 * back to `staged`, is judged again and, unless blocked, comes back as a new card.
 *
 * @throws {SignerError} `proposals:sender:changed` or `proposals:chain:changed`.
 * @throws {WalletOpenError} `proposals:wallet:open` while another window has the wallet open for it: what is signed
 *   twice is paid twice.
 * @throws {TransitionError} when it is not signable.
 * @throws {BaseError} of kind `upstream` when there is no simulation: then nothing may be signed.
 */
export async function recheckProposal(
  gate: Gate,
  {
    id,
    sid,
    sender,
    chainId,
    lease,
  }: {
    id: string
    sid: string
    sender: Address.Address
    chainId: number
    /** Names the window (tab, terminal) whose wallet will open. */
    lease: string
  },
): Promise<Recheck> {
  const proposal = await loadProposal(gate.store.read, { id, sid })
  if (!isSignable(proposal, gate.clock.nowMs())) {
    throw new TransitionError(proposal.state === 'pending' ? 'expired' : proposal.state, 'submitted')
  }
  if (chainId !== proposal.chainId) throw new SignerError('chain', String(proposal.chainId), String(chainId))
  if (sender !== proposal.from) throw new SignerError('sender', proposal.from, sender)
  await refuseOtherSender(gate.store.read, { sid, sender })
  const unconfirmed = proposal.calls.find((call) => call.status === 'submitted')
  if (unconfirmed !== undefined) throw new StepUnconfirmedError(unconfirmed.step)

  const chain = chainOf(gate, chainId)
  const held = await heldLease(gate, chain, proposal)
  if (held !== null)
    return openWallet(gate, { proposal, lease, facts: () => ({ block: held.block.hash, how: 'read-set' }) })

  const request = await requestFor(gate.store.read, chain, proposal, gate.clock.nowMs())
  const simulated = await simulateBatch(chain, request)
  const { report, wire } = simulated
  const isPartial = proposal.calls.some((call) => call.status !== 'waiting')
  const shown = proposal.report
  const drift =
    shown === null
      ? ['it was never shown']
      : // After the first steps of a batch are on chain only the rest is simulated; its calls are a part of those
        // shown, so what is new or worse still counts, and what already happened is not missed.
        Drift.between(shown, wire, gate.policy).filter((line) => !isPartial || !line.startsWith('authority no longer'))

  if (report.verdict !== 'block' && drift.length === 0) {
    return openWallet(gate, {
      proposal,
      lease,
      // What is asked of the wallet now may stand on another block and nonce than what was shown: it gets its own
      // receipt, for the record.
      facts: async (write) => {
        const { receipt } = await storeReceipt(gate, write, { id, request, simulated, isConsumed: true })
        return { block: wire.block.hash, how: 'simulation', receipt: receipt.digest }
      },
    })
  }

  const because =
    report.verdict === 'block'
      ? (wire.findings.find((finding) => finding.level === 'block')?.because ?? 'It is blocked now.')
      : `The chain moved since you looked: ${drift.join('; ')}. Read it again before you sign.`
  const judged = await gate.store.write(async (write) => {
    await moveProposal(gate, write, { id, sid, target: 'staged', only: ['pending'], because, facts: { drift } })
    return recordVerdict(gate, write, { proposal, request, simulated })
  })
  if (judged.state === 'blocked') return { outcome: 'blocked', proposal: judged, because }
  const proposed = await commitProposal(gate, { id, sid })
  return { outcome: 'drifted', proposal: proposed, because }
}

/** The lease of the receipt that was shown, when it still holds; null when only a new simulation can tell. */
async function heldLease(gate: Gate, chain: Chain, proposal: Proposal): Promise<Lease | null> {
  try {
    const { receipt, readSet } = await verifiedReceipt(gate, gate.store.read, { proposal })
    const lease = await chain.simulator.checkLease(receipt.bound, readSet)
    return lease.state === 'held' ? lease : null
  } catch (error) {
    // It has expired, or a first step is on chain and other calls are left than it binds.
    if (error instanceof ReceiptError || error instanceof BytesChangedError) return null
    throw error
  }
}

/** Gives this window the wallet, unless another has it. */
async function openWallet(
  gate: Gate,
  {
    proposal: { id, sid, expiresMs },
    lease,
    facts,
  }: {
    proposal: Proposal
    lease: string
    facts: (write: Write) => Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>
  },
): Promise<Recheck> {
  const fresh = await gate.store.write(async (write) => {
    // The wallet is about to open: give the owner time to answer it, whatever is left of the card's own time.
    const nowMs = gate.clock.nowMs()
    const untilMs = Math.max(expiresMs, nowMs + gate.policy.receiptTtlMs)
    const held = await write.db
      .updateTable('proposals')
      .set({ expires_ms: untilMs, wallet_lease: lease, wallet_until_ms: nowMs + gate.policy.walletLeaseMs })
      .where('id', '=', id)
      .where('state', '=', 'pending')
      .where((eb) =>
        eb.or([eb('wallet_lease', 'is', null), eb('wallet_lease', '=', lease), eb('wallet_until_ms', '<=', nowMs)]),
      )
      .returning('id')
      .executeTakeFirst()
    if (held === undefined) {
      const { state } = await loadProposal(write.db, { id, sid })
      throw state === 'pending' ? new WalletOpenError() : new TransitionError(state, 'submitted')
    }
    return announce(gate, write, { id, sid, event: 'proposals.proposal.rechecked', facts: await facts(write) })
  })
  return { outcome: 'fresh', proposal: fresh, because: null }
}

export class SignerError extends BaseError {
  override readonly name = 'proposals.SignerError'
  constructor(what: 'sender' | 'chain', expected: string, actual: string) {
    super(
      what === 'sender'
        ? `This was made for the account ${expected}, but the wallet now offers ${actual}.`
        : `This is for chain ${expected}, but the wallet is on chain ${actual}.`,
      {
        code: `proposals:${what}:changed`,
        kind: 'conflict',
        hint:
          what === 'sender'
            ? 'Switch the wallet back to that account, or ask again with this one.'
            : 'Switch the network in the wallet.',
      },
    )
  }
}

export class WalletOpenError extends BaseError {
  override readonly name = 'proposals.WalletOpenError'
  constructor() {
    super('Another window has the wallet open for this proposal.', {
      code: 'proposals:wallet:open',
      kind: 'conflict',
      hint: 'Finish or reject it there. If that window is gone, try again in two minutes.',
    })
  }
}

export class StepUnconfirmedError extends BaseError {
  override readonly name = 'proposals.StepUnconfirmedError'
  constructor(step: number) {
    super(`Step ${step} is not confirmed on chain yet.`, {
      code: 'proposals:step:unconfirmed',
      kind: 'conflict',
      hint: 'Wait until it is confirmed: the next step is simulated on what it leaves behind.',
    })
  }
}
