import { Address, Hex } from '@countersign/base'
import {
  readGuarded,
  Report,
  simulateEnforced,
  type Enforcement,
  type Route,
  type SimulationRequest,
} from '@countersign/simulator'
import type { ReportWire } from '@countersign/sdk'
import type { Chain } from '../chains/Chain.ts'
import type { WalletClaim } from './Door.ts'
import { DEFAULT_ENFORCEMENT, type EnforcementPolicy } from './EnforcementPolicy.ts'
import type { Gate } from './Gate.ts'
import type { Proposal } from './Proposal.ts'
import { simulatedFrom, type Simulated } from './simulateBatch.ts'

/** How long after a card's own time its batch may be included: wallets and blocks take some. Milliseconds. */
const INCLUSION_MS = 600_000

export interface EnforcedBatch {
  readonly request: SimulationRequest
  readonly simulated: Simulated
}

/**
 * Puts the guard around a batch where the wallet runs it whole: what is simulated, receipted and signed is then the guarded batch.
 * Where it does not, the report says that nothing is enforced, and why.
 *
 * @param of.wallet - What the client says of the wallet. It may only be lowered: the account's own code is asked.
 */
export async function enforceBatch(
  gate: Pick<Gate, 'enforcementOf' | 'policy' | 'clock'>,
  chain: Chain,
  {
    app,
    request,
    simulated,
    wallet,
  }: { app: string; request: SimulationRequest; simulated: Simulated; wallet: WalletClaim | null },
): Promise<EnforcedBatch> {
  const { mode, slippageBps, maxGas } = policyOf(gate, app)
  if (mode === 'off' || simulated.report.verdict === 'block' || request.signature != null) return { request, simulated }
  const route = routeOf(wallet, request)
  if (typeof route !== 'string') return { request, simulated: notEnforced(simulated, route.because) }
  const { report, request: guarded } = await simulateEnforced(chain.simulator, request, {
    ...{ route, slippageBps, maxGas, unguarded: simulated.report },
    expiresAtS: BigInt(Math.ceil((gate.clock.nowMs() + gate.policy.pendingTtlMs + INCLUSION_MS) / 1_000)),
  })
  return { request: guarded, simulated: simulatedFrom(chain, report) }
}

/** What the chain enforces of a proposal, as its report says, and why it may not be signed for lack of it. */
export function withEnforcement(
  gate: Pick<Gate, 'enforcementOf'>,
  { proposal, simulated: found }: { proposal: Pick<Proposal, 'app' | 'report' | 'kind'>; simulated: Simulated },
): { readonly simulated: Simulated; readonly refused: string | null } {
  const { mode } = policyOf(gate, proposal.app)
  if (mode === 'off') return { simulated: found, refused: null }
  const before = proposal.report?.enforcement
  const isDocument = proposal.kind === 'signature'
  // Its bytes are what they were, so that the same bounds stand in them.
  const simulated =
    found.report.enforcement !== undefined
      ? found
      : before != null
        ? put(found, enforcementFrom(before))
        : notEnforced(found, isDocument ? 'a signature can be used later, by others.' : ONE_AT_A_TIME)
  const isMet = simulated.report.enforcement?.status !== 'none'
  return { simulated, refused: mode === 'required' && !isMet ? lineOf(simulated) : null }
}

const ONE_AT_A_TIME = 'this wallet sends one transaction at a time.'

function policyOf({ enforcementOf }: Pick<Gate, 'enforcementOf'>, app: string): EnforcementPolicy {
  return enforcementOf?.(app) ?? DEFAULT_ENFORCEMENT
}

/** By which shape the wallet runs a batch whole, as far as it says; or why it does not. */
function routeOf(wallet: WalletClaim | null, { from, chainId }: SimulationRequest): Route | { because: string } {
  const one = { because: ONE_AT_A_TIME }
  if (wallet === null || wallet.kind === 'eoa') return one
  if (wallet.kind === 'safe' || wallet.kind === '4337')
    return {
      because: 'this version guards batches that an account runs by its own code, and no Safe’s or user operation’s.',
    }
  if (wallet.address !== undefined && !Address.isEqual(wallet.address, from)) return one
  return wallet.kind === '7702' || isAtomic(wallet.capabilities, chainId) ? wallet.kind : one
}

/** Whether `wallet_getCapabilities` (EIP-5792) says that the chain's batches are atomic. */
function isAtomic(capabilities: unknown, chainId: number): boolean {
  const at = (value: unknown, key: string): unknown =>
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
  const atomic = at(at(capabilities, `0x${chainId.toString(16)}`), 'atomic') ?? at(at(capabilities, '0x0'), 'atomic')
  return at(atomic, 'status') === 'supported'
}

/** The same simulation, with the reason why the chain enforces nothing of it. */
export function notEnforced(simulated: Simulated, because: string): Simulated {
  const enforcement: Enforcement = {
    ...{ status: 'none', because, route: null, guard: null, calls: [], boundsDigest: null, bounds: [] },
    ...{ notEnforced: [], gasOverhead: null, line: `Not enforced: ${because}` },
  }
  return put(simulated, enforcement)
}

function put(simulated: Simulated, enforcement: Enforcement): Simulated {
  const report = { ...simulated.report, enforcement }
  return { ...simulated, report, wire: Report.toWire(report) as unknown as ReportWire }
}

/** An enforcement as it was stored. */
function enforcementFrom(wire: NonNullable<ReportWire['enforcement']>): Enforcement {
  const { status, because, route, guard, calls, bounds, not_enforced: notEnforced, line } = wire
  return {
    ...{ status, because, route, notEnforced, line },
    guard:
      guard === null
        ? null
        : { address: Address.parse(guard.address), codeHash: Hex.parse(guard.code_hash), version: guard.version },
    calls: calls.map(({ to, value, data }) => ({
      to: Address.parse(to),
      value: BigInt(value),
      data: Hex.parse(data),
    })),
    boundsDigest: wire.bounds_digest === null ? null : Hex.parse(wire.bounds_digest),
    bounds: bounds.map(({ target, data, value, derives_from: derivesFrom, ...bound }) => ({
      ...{ ...bound, derivesFrom, value: BigInt(value) },
      target: target === null ? null : Address.parse(target),
      data: data === null ? null : Hex.parse(data),
    })),
    gasOverhead: wire.gas_overhead === null ? null : BigInt(wire.gas_overhead),
  }
}

function lineOf({ report }: Simulated): string {
  return `The app signs only what the chain enforces. ${report.enforcement?.line ?? ''}`
}

/** The bytes that are signed for a guarded batch, in the place of the calls that were asked for; null for one that is not guarded. */
export function guardedCall({ from, calls }: SimulationRequest): SimulationRequest['calls'][number] | null {
  const [only] = calls
  return calls.length === 1 && only !== undefined && readGuarded(from, only) !== null ? only : null
}
