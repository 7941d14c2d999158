import type { NotChecked } from '../model/Finding.ts'
import type { Chain, Profile } from './Chain.ts'
import { whyNot, type FamilyName } from './names.ts'

/** What a conformance probe answered; `not-asked` where none was made. */
export type ProbeAnswer = 'conforms' | 'conforms-except' | 'differs' | 'not-asked'

/** Which EVM judges a chain, and what that rests on. */
export interface Engine {
  /** `node`: no EVM that runs here models it, so only its own node is asked. */
  readonly kind: 'local' | 'node'
  readonly profile: Profile
  /** Why no local EVM models it, in words for `not_checked`; null where one does. */
  readonly why: string | null
  readonly probe: ProbeAnswer
  /** What the report adds to what was not checked. */
  readonly notes: readonly NotChecked[]
}

/** ArbSys, present on every Arbitrum chain (Nitro, `precompiles/ArbSys.go`); its code is the invalid opcode. */
export const ARB_SYS = '0x0000000000000000000000000000000000000064'
/** ContractDeployer, a system contract of every ZK Stack chain (era-contracts, `system-contracts`). */
export const ZK_CONTRACT_DEPLOYER = '0x0000000000000000000000000000000000008006'
/** GasPriceOracle, a predeploy of every OP Stack chain (OP Stack specification, "Predeploys"). */
export const GAS_PRICE_ORACLE = '0x420000000000000000000000000000000000000f'
/** L1GasPriceOracle, a predeploy of Scroll (docs.scroll.io, "Scroll Contracts"). */
export const SCROLL_ORACLE = '0x5300000000000000000000000000000000000002'
/** pathUSD and the fee manager, in the protocol of Tempo; their code is the invalid opcode 0xef (`anvil --network tempo`). */
export const TEMPO_TOKEN = '0x20c0000000000000000000000000000000000000'
export const TEMPO_FEES = '0xfeec000000000000000000000000000000000000'
/** The token that is Arc's own coin (docs.arc.network). */
export const ARC_TOKEN = '0x3600000000000000000000000000000000000000'

/** Addresses whose code tells what a chain is; pass their codes to {@link recognise}. */
export const TELLTALES = [
  ARB_SYS,
  ZK_CONTRACT_DEPLOYER,
  GAS_PRICE_ORACLE,
  SCROLL_ORACLE,
  TEMPO_TOKEN,
  TEMPO_FEES,
  ARC_TOKEN,
] as const

/** The family that a chain's code shows; null for a chain that looks like Ethereum. */
export function familyByCode(codes: readonly (string | undefined)[]): FamilyName | 'scroll' | null {
  const [arbSys, deployer, opOracle, scrollOracle, tempoToken, tempoFees, arcToken] = codes
  if (arbSys === '0xfe') return 'arbitrum'
  if (isCode(deployer)) return 'zk'
  if (isProtocolCode(tempoToken) || isProtocolCode(tempoFees)) return 'tempo'
  if (isCode(arcToken)) return 'arc'
  if (isCode(scrollOracle)) return 'scroll'
  return isCode(opOracle) ? 'op' : null
}

/**
 * The engine of a chain by its record and by the codes at the {@link TELLTALES}. App chains of all stacks come up faster
 * than lists, so a chain of which nobody says anything is taken for what its code shows.
 */
export function recognise(
  { engine, l1Fee }: Pick<Chain, 'engine' | 'l1Fee'>,
  codes: readonly (string | undefined)[],
): Pick<Engine, 'kind' | 'profile' | 'why'> {
  if (engine.kind === 'node' || engine.kind === 'not-modelled')
    return { kind: 'node', profile: 'ethereum', why: engine.why ?? 'its record says that its own node runs it' }
  if (engine.kind === 'local')
    return { kind: 'local', profile: engine.profile ?? (l1Fee === null ? 'ethereum' : 'op'), why: null }
  const family = familyByCode(codes)
  if (family === null) return { kind: 'local', profile: engine.profile ?? 'ethereum', why: null }
  if (family === 'op' || family === 'scroll') return { kind: 'local', profile: family, why: null }
  return { kind: 'node', profile: 'ethereum', why: whyNot(family) }
}

function isCode(code: string | undefined): boolean {
  return code !== undefined && code.length > 2
}

function isProtocolCode(code: string | undefined): boolean {
  return code === '0xef'
}
