import { Address } from '@countersign/base'
import { assert } from '@countersign/base'
import { Report, type KnownAddress, type ReadSet, type SimulationRequest } from '@countersign/simulator'
import type { ReportWire } from '@countersign/sdk'
import type { Chain } from '../chains/Chain.ts'
import * as Document from './Document.ts'
import { waitingTransactions, type Proposal } from './Proposal.ts'

/**
 * What the app vouches for on a chain, and the addresses the user typed in this session. Rules rest on this list,
 * never on what a contract says of itself.
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
    ...chain.tokens.map((token): KnownAddress => ({
      address: token.address,
      name: token.name,
      kind: 'token',
      symbol: token.symbol,
      decimals: token.decimals,
    })),
    ...chain.contracts.map((contract): KnownAddress => ({
      address: contract.address,
      name: contract.name,
      kind: contract.kind,
    })),
    ...[...typed].map((address): KnownAddress => ({ address, name: 'typed by you', kind: 'user' })),
  ]
}

/**
 * The request that simulates what is still to be signed of a proposal, at the gas limits that will be signed once
 * they are known, or what the holder of its document's signature could do.
 *
 * @throws {SignatureError} `simulation:signature:unreadable` for a document that can be read in two ways.
 */
export function requestFor(chain: Chain, proposal: Proposal, nowMs: number): SimulationRequest {
  const known = knownAddresses(chain, proposal.userTexts)
  const signature = Document.signatureOf(proposal, { nowMs, known })
  return {
    chainId: proposal.chainId,
    from: proposal.from,
    block: 'latest',
    known,
    signature,
    // An agent chose the arguments, and money may move on this answer: stand on the newest block, asked for now.
    isAgentProposed: true,
    maxHeadAgeMs: 0,
    calls: waitingTransactions(proposal),
  }
}

/** A simulation, and what it read. */
export interface Simulated {
  readonly report: Report.Report
  readonly wire: ReportWire
  readonly readSet: ReadSet.ReadSet
}

/** Runs the request on a fork of its own. Throws when there is no answer; a revert or a block is an answer. */
export async function simulateBatch(chain: Chain, request: SimulationRequest): Promise<Simulated> {
  const report = await chain.simulator.simulate(request)
  const readSet = chain.simulator.readSet(report.readSet.digest)
  assert(readSet !== null, 'what was read just now is still at hand')
  return { report, wire: Report.toWire(report) as unknown as ReportWire, readSet }
}
