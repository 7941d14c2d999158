import { Address, assert, type Hex } from '@countersign/base'
import {
  Chain as ChainRecord,
  GUARD,
  paymentOf,
  readGuarded,
  Report,
  type KnownAddress,
  type ReadSet,
  type SimulationRequest,
  type Unmined,
} from '@countersign/simulator'
import type { ReportWire } from '@countersign/sdk'
import type { Chain } from '../chains/Chain.ts'
import * as Document from './Document.ts'
import type { Reader } from '../store/openStore.ts'
import { waitingTransactions, type Proposal, type ProposalCall } from './Proposal.ts'

/**
 * What the app vouches for on a chain, and the addresses the user typed in this session. Rules rest on the first, never
 * on what a contract says of itself; the second are compared with look-alikes and vouch for nobody.
 */
export function knownAddresses(chain: Chain, userTexts: readonly string[]): KnownAddress[] {
  const registered = new Set([...chain.tokens, ...chain.contracts].map((entry) => entry.address))
  const typed = new Set(
    userTexts
      .flatMap((text) => text.match(/0x[0-9a-fA-F]{40}\b/g) ?? [])
      .filter(Address.isAddress)
      .map(Address.parse)
      // What the app says of an address counts for more than that somebody typed it.
      .filter((address) => !registered.has(address)),
  )
  return [
    ...ChainRecord.vouched(chain),
    ...[...typed].map((address): KnownAddress => ({ address, name: 'typed by you', kind: 'user' })),
  ]
}

/** As many as a person could have in mind; each costs a comparison per simulation. */
const MAX_COUNTERPARTIES = 100

/**
 * Whom this account has paid through this app, newest first, by payments that were verified on chain: look-alike addresses
 * are compared with them. The chain's own history is not asked, because anybody can write an address into it. Other
 * apps' payments are not asked either: a sender may be an unproven claim, and findings name the address.
 */
export async function counterpartiesOf(
  read: Reader,
  { app, sender, chainId }: { app: string; sender: Address.Address; chainId: number },
): Promise<Address.Address[]> {
  const rows = await read
    .selectFrom('proposal_calls')
    .innerJoin('proposals', 'proposals.id', 'proposal_calls.proposal_id')
    .select(['proposal_calls.recipient', 'proposal_calls.data', 'proposal_calls.value'])
    .where('proposals.app', '=', app)
    .where('proposals.sender', '=', sender)
    .where('proposals.chain_id', '=', chainId)
    .where('proposals.state', '=', 'settled')
    .where('proposal_calls.kind', 'in', ['native_transfer', 'erc20_transfer'])
    .orderBy('proposal_calls.submitted_ms', 'desc')
    .limit(MAX_COUNTERPARTIES)
    .execute()
  const paid = rows.map(({ recipient, data, value }) =>
    paymentOf({
      to: recipient === null ? null : Address.parse(recipient),
      data: data as Hex.Hex,
      value: BigInt(value),
    }),
  )
  return [...new Set(paid.flatMap((payment) => (payment === null ? [] : [payment.recipient])))]
}

/**
 * The request that simulates what is still to be signed of a proposal, at the gas limits that will be signed once
 * they are known, or what the holder of its document's signature could do.
 *
 * @throws {SignatureError} `simulation:signature:unreadable` for a document that can be read in two ways.
 */
export async function requestFor(
  read: Reader,
  chain: Chain,
  proposal: Judged,
  { nowMs, unmined = [] }: { nowMs: number; /** What it is simulated on top of. */ unmined?: readonly Unmined[] },
): Promise<SimulationRequest> {
  const counterparties = await counterpartiesOf(read, {
    app: proposal.app,
    sender: proposal.from,
    chainId: proposal.chainId,
  })
  return { ...requestWith(chain, proposal, { nowMs, counterparties }), ...(unmined.length === 0 ? {} : { unmined }) }
}

/** What a simulation reads of a proposal. */
export type Judged = Pick<Proposal, 'app' | 'door' | 'chainId' | 'from' | 'calls' | 'provenance' | 'userTexts'>

/** What a door hands over, as far as a simulation reads it. */
interface DoorDraft {
  readonly chainId: number
  readonly from: Address.Address
  readonly calls: readonly (Pick<ProposalCall, 'to' | 'value' | 'data' | 'label' | 'kind'> & {
    readonly gas?: bigint | null
  })[]
}

/** What a simulation and a decision read of a draft that is not written down. */
export interface Unsaved extends Judged {
  readonly sid: null
  readonly toolCall: null
  readonly questions: readonly []
  readonly level: 'ordinary'
}

/** A draft from a door as a proposal that is not written down: all of its steps wait. */
export function unsaved({ app, door, draft }: { app: string; door: Proposal['door']; draft: DoorDraft }): Unsaved {
  const calls = draft.calls.map((call, i) => ({
    ...call,
    step: i + 1,
    txId: i + 1,
    gas: call.gas ?? null,
    maxFeePerGasWei: null,
    status: 'waiting' as const,
    txHash: null,
    submittedMs: null,
    txNonce: null,
    txBlock: null,
  }))
  return {
    ...{ app, door, chainId: draft.chainId, from: draft.from, calls, provenance: [], userTexts: [] },
    // No session and no model stand behind it: nobody is asked what they said.
    ...{ sid: null, toolCall: null, questions: [], level: 'ordinary' },
  }
}

/** The same request, with the counterparties handed in: where there is no store, there are none. */
export function requestWith(
  chain: Chain,
  proposal: Judged,
  { nowMs, counterparties }: { nowMs: number; counterparties: readonly Address.Address[] },
): SimulationRequest {
  const known = [...knownAddresses(chain, proposal.userTexts), ...guardOf(proposal)]
  const signature = Document.signatureOf(proposal, { nowMs, known })
  return {
    chainId: proposal.chainId,
    from: proposal.from,
    block: 'latest',
    known,
    signature,
    counterparties,
    saidRecipients: saidRecipients(proposal),
    // In a chat we know the user's words, so what stands in none of them is the agent's choice. A door brings no words:
    // the program behind it is the owner's, and every door gives the verdict that the library gives.
    isAgentProposed: proposal.door === null,
    // Money may move on this answer: stand on the newest block, asked for now.
    maxHeadAgeMs: 0,
    // A new simulation says anew what the fee is at most; the caps that were shown are held against it.
    calls: waitingTransactions(proposal).map((call) => ({ ...call, maxFeePerGasWei: null })),
  }
}

/** The outcome guard, where the batch carries it: it is no unknown contract. */
function guardOf({ from, calls }: Judged): KnownAddress[] {
  const isCarried = calls.some((call) => readGuarded(from, call) !== null)
  return isCarried ? [{ address: GUARD.address, name: 'Outcome guard', kind: 'infrastructure' }] : []
}

/** Whom the user named as the recipient, as the provenance that was looked up when it was staged has it. */
function saidRecipients({ provenance }: Pick<Proposal, 'provenance'>): Address.Address[] {
  return provenance
    .filter(({ role, value, source }) => source === 'user' && role === 'recipient' && Address.isAddress(value))
    .map(({ value }) => Address.parse(value))
}

/** A simulation, and what it read. */
export interface Simulated {
  readonly report: Report.Report
  readonly wire: ReportWire
  readonly readSet: ReadSet.ReadSet
}

/** Runs the request on a fork of its own. Throws when there is no answer; a revert or a block is an answer. */
export async function simulateBatch(chain: Chain, request: SimulationRequest): Promise<Simulated> {
  return simulatedFrom(chain, await chain.simulator.simulate(request))
}

/** A report that the chain's simulator just made, with what it read. */
export function simulatedFrom(chain: Chain, report: Report.Report): Simulated {
  const readSet = chain.simulator.readSet(report.readSet.digest)
  assert(readSet !== null, 'what was read just now is still at hand')
  return { report, wire: Report.toWire(report) as unknown as ReportWire, readSet }
}
