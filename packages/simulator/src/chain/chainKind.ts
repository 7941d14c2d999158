/**
 * How a chain may be simulated. `evm`: as Ethereum. `op-stack`: as Ethereum, plus the fee for the data on the layer
 * below ({@link l1FeeWei}). `upstream-only`: no EVM that runs here models it, so only its own node is asked.
 */
export type ChainKind = 'evm' | 'op-stack' | 'upstream-only'

/**
 * Chains that no local EVM models, and why, in words for `notChecked`.
 *
 * Sources: Arbitrum's `docs.arbitrum.io` ("Solidity support": block numbers, ArbOS precompiles, gas for L1 data);
 * ZK Stack: the chains that viem 2.57.20 defines with its zkSync configuration (`viem/chains`), whose virtual machine
 * is not the EVM (`docs.zksync.io`, "Differences from Ethereum"). Built on the OP Stack, but
 * changed where it matters here: Celo (`docs.celo.org`, "Token Duality"), Blast (`docs.blast.io`, native yield) and
 * MegaETH (`docs.megaeth.com`, gas model).
 */
const ARBITRUM = 'Arbitrum’s own block numbers, precompiles and gas are not modelled by any local EVM'
const ZK_STACK = 'the ZK Stack’s virtual machine is not the EVM'
const CELO = 'Celo’s native coin also moves through a precompile of its own, which no local EVM models'
const UPSTREAM_ONLY: ReadonlyMap<number, string> = new Map([
  ...[42161, 42170, 421613, 421614].map((id) => [id, ARBITRUM] as const),
  ...[324, 300, 260, 270, 272, 312, 2741, 11124, 626, 627, 1612127, 50104, 531050104, 61166, 978658].map(
    (id) => [id, ZK_STACK] as const,
  ),
  ...[42220, 44787, 11142220].map((id) => [id, CELO] as const),
  [81457, 'Blast’s native balances grow by themselves, which no local EVM models'],
  [4326, 'MegaETH has gas rules and limits of its own, which no local EVM models'],
])

/**
 * OP Stack chains: those that viem 2.57.20 defines with its OP Stack configuration (`viem/chains`), without those above
 * and without 999, an id that a retired test network shares with a chain that is no OP Stack chain (HyperEVM).
 */
const OP_STACK: ReadonlySet<number> = new Set([
  10, 130, 204, 252, 360, 420, 478, 480, 690, 919, 1135, 1301, 1338, 1750, 1868, 1874, 1923, 1924, 1946, 2192, 2331,
  2522, 4202, 4801, 5330, 5611, 7741, 8453, 11011, 12553, 13001, 17069, 33979, 34443, 48898, 48900, 53302, 57073, 60808,
  77410, 81224, 84531, 84532, 91342, 132902, 695569, 763373, 808813, 812242, 3397901, 7777777, 11155420, 28122024,
  888888888, 999999999, 2713017997578000, 2716446429837000,
])

/**
 * Chains where a block's state follows from its transactions and the system calls that the head follower knows
 * (Ethereum and its test networks, the local chain, Optimism and Base): only there may a cache be rolled forward by
 * tracing the block. Others change state outside transactions (Gnosis pays withdrawals in a token, Polygon brings
 * state over from Ethereum), so their entries are read again.
 */
const DIFFABLE: ReadonlySet<number> = new Set([1, 11155111, 17000, 560048, 31337, 10, 11155420, 8453, 84532])

/** What is known of a chain by its id alone. Unknown chains are `evm`; {@link recognise} looks at them. */
export function chainKind(chainId: number): ChainKind {
  if (UPSTREAM_ONLY.has(chainId)) return 'upstream-only'
  return OP_STACK.has(chainId) ? 'op-stack' : 'evm'
}

/** Why a chain is only asked upstream, in words for people; null when it is simulated here. */
export function upstreamOnlyReason(chainId: number): string | null {
  return UPSTREAM_ONLY.get(chainId) ?? null
}

/** Whether tracing a block tells all state that it changed. */
export function isBlockDiffComplete(chainId: number): boolean {
  return DIFFABLE.has(chainId)
}

/** ArbSys, present on every Arbitrum chain (Nitro, `precompiles/ArbSys.go`); its code is the invalid opcode. */
export const ARB_SYS = '0x0000000000000000000000000000000000000064'
/** ContractDeployer, a system contract of every ZK Stack chain (era-contracts, `system-contracts`). */
export const ZK_CONTRACT_DEPLOYER = '0x0000000000000000000000000000000000008006'
/** GasPriceOracle, a predeploy of every OP Stack chain (OP Stack specification, "Predeploys"). */
export const GAS_PRICE_ORACLE = '0x420000000000000000000000000000000000000f'

/** Addresses whose code tells the kind of a chain that is not in the lists; pass their codes to {@link recognise}. */
export const TELLTALES = [ARB_SYS, ZK_CONTRACT_DEPLOYER, GAS_PRICE_ORACLE] as const

/**
 * The kind of a chain, by its id and by the code at the {@link TELLTALES}, in their order. App chains of all three
 * stacks come up faster than lists.
 */
export function recognise(chainId: number, codes: readonly (string | undefined)[]): ChainKind {
  const known = chainKind(chainId)
  if (known !== 'evm') return known
  const [arbSys, deployer, oracle] = codes
  if (arbSys === '0xfe' || isCode(deployer)) return 'upstream-only'
  return isCode(oracle) ? 'op-stack' : 'evm'
}

function isCode(code: string | undefined): boolean {
  return code !== undefined && code.length > 2
}
