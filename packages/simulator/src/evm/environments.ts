import type { EnvironmentPlan } from '../model/Evidence.ts'
import { Address, type Hex } from '@countersign/base'
import { MAX_TX_GAS } from './runBatch.ts'
import type { BlockEnv, Header } from '../model/Block.ts'

/** Well-known builders (beaverbuild, Titan), so that COINBASE is an account that real blocks have. */
const BUILDERS = [
  Address.parse('0x95222290DD7278Aa3Ddd389Cc1E1d165CC4BAfe5'),
  Address.parse('0x4838B106FCe9647Bdf1E7877BF73cE8B0BAD5f97'),
] as const
/** rsync and Flashbots: what is decided by a bit or a remainder of the builder comes out otherwise for one of all these. */
const MORE_BUILDERS = [
  Address.parse('0x1f9090aaE28b8a3dCeaDf281B0F12828e676c326'),
  Address.parse('0xDAFEA492D9c6733ae3d56b7Ed1ADB60692c98Bc5'),
] as const

/** A builder that is not the one of the block. */
export function otherBuilder(than: Address.Address): Address.Address {
  return Address.isEqual(BUILDERS[0], than) ? BUILDERS[1] : BUILDERS[0]
}
/** Two slots, an hour, and the blocks of an hour (consensus spec: 12 seconds a slot). */
const TWO_SLOTS_S = 24n
const HOUR_S = 3_600n
const HOUR_BLOCKS = 300n

/**
 * The environments that every transaction is run in beside the realistic next block. Each moves what a contract could
 * tell a simulator by, or what nobody can promise: the simulators' defaults (zero builder, base fee, gas price and
 * randomness, and all the gas there is), another builder's block two slots on, an hour, and less gas.
 */
export function environmentsFor(expected: BlockEnv, header: Header): readonly EnvironmentPlan[] {
  return [
    {
      name: 'spec-default',
      words: 'in the default environment of simulators',
      isRealistic: false,
      gasLimits: ample(expected),
      env: simulatorsBlock(expected, header),
    },
    {
      name: 'other-builder',
      words: "in another builder's block, two slots later",
      isRealistic: true,
      gasLimits: exact,
      env: {
        ...expected,
        number: expected.number + 1n,
        timestampS: expected.timestampS + TWO_SLOTS_S,
        // An empty block in between (EIP-1559: at most 1/8 lower).
        baseFeeWei: expected.baseFeeWei - expected.baseFeeWei / 8n,
        coinbase: otherBuilder(expected.coinbase),
        // Every bit is another one: what is drawn by lot from a bit, a remainder or a threshold comes out otherwise.
        prevRandao: complement(expected.prevRandao),
        gasLimit: expected.gasLimit + expected.gasLimit / 1024n - 1n,
      },
    },
    {
      name: 'later',
      words: 'an hour later',
      isRealistic: true,
      gasLimits: exact,
      env: {
        ...expected,
        number: expected.number + HOUR_BLOCKS,
        timestampS: expected.timestampS + HOUR_S,
      },
    },
    {
      name: 'min-gas',
      words: 'with less gas than the limit',
      isRealistic: true,
      // Half of the room between what was used and the limit: an honest transaction does the same or fails.
      gasLimits: (limits, used) => limits.map((limit, i) => limit - (limit - (used[i] ?? limit)) / 2n),
      env: expected,
    },
  ]
}

/**
 * The next builder's block again, by other builders and with other randomness, for a run that read either: one sample says
 * little of what a remainder or a hash decides.
 */
export function otherDraws(
  { env, ...plan }: EnvironmentPlan,
  expected: BlockEnv,
  read: readonly string[],
  /** Accounts that the contracts know: one of them may be the builder that they wait for. */
  named: readonly Address.Address[],
): readonly EnvironmentPlan[] {
  const builders = read.includes('COINBASE') ? [opposite(expected.coinbase), ...MORE_BUILDERS, ...named] : []
  const lots = read.includes('PREVRANDAO') ? LOTS : []
  return [
    ...builders.map((coinbase) => ({ ...plan, env: { ...env, coinbase } })),
    ...lots.map((lot) => ({ ...plan, env: { ...env, prevRandao: turned(expected.prevRandao, lot) } })),
  ]
}

/** Every bit is another one. */
function opposite(account: Address.Address): Address.Address {
  return Address.fromWord(complement(`0x${account.slice(2).padStart(64, '0')}`).slice(2))
}

/** What is added to the expected randomness in each of its bytes, so that remainders differ. */
const LOTS = [1n, 2n, 3n, 5n] as const
function turned(word: Hex.Hex, lot: bigint): Hex.Hex {
  const sum = (BigInt(word) + lot * (2n ** 256n / 255n)) % 2n ** 256n
  return `0x${sum.toString(16).padStart(64, '0')}`
}

/** A crowded hour: a hundred gwei, or so many times what the next block asks for. */
const BUSY_WEI = 100n * 10n ** 9n
const BUSY_TIMES = 32n

/**
 * A block whose base fee is as high as the transaction pays at most, or as in a crowded hour where nothing limits it. Only
 * for a run that read the base fee or the gas price.
 *
 * @param capWei - The lowest fee cap of the batch; null: a step has none.
 */
export function busyBlock(expected: BlockEnv, capWei: bigint | null): EnvironmentPlan {
  const crowded = [BUSY_WEI, expected.baseFeeWei * BUSY_TIMES].reduce((a, b) => (a > b ? a : b))
  return {
    name: 'busy-block',
    words: 'in a block with a higher base fee',
    isRealistic: true,
    gasLimits: exact,
    env: { ...expected, baseFeeWei: capWei ?? crowded },
  }
}

const exact = (limits: readonly bigint[]): bigint[] => [...limits]

/** All the gas that a transaction may have, as simulators give it. */
function ample(expected: BlockEnv): EnvironmentPlan['gasLimits'] {
  const ceiling = MAX_TX_GAS < expected.gasLimit ? MAX_TX_GAS : expected.gasLimit
  return (limits) => limits.map(() => ceiling)
}

/** The block that `eth_call` and `eth_simulateV1` make up where nothing is said. */
function simulatorsBlock(expected: BlockEnv, header: Header): BlockEnv {
  return {
    ...expected,
    number: BigInt(header.number),
    timestampS: BigInt(header.timestamp),
    baseFeeWei: 0n,
    tipWei: 0n,
    coinbase: Address.ZERO,
    prevRandao: NO_HASH,
    gasLimit: SIMULATOR_GAS_LIMIT,
    // Blocks made up for a simulation have no parents: anvil's and others' BLOCKHASH answers zero.
    blockHashes: new Map([...expected.blockHashes.keys()].map((number) => [number, NO_HASH])),
    isFree: true,
  }
}

/** Which field of the block each opcode reads. GAS is not one: it has limits of its own. */
const FACTORS: Readonly<Record<string, readonly (keyof BlockEnv)[]>> = {
  COINBASE: ['coinbase'],
  PREVRANDAO: ['prevRandao'],
  TIMESTAMP: ['timestampS'],
  NUMBER: ['number'],
  BASEFEE: ['baseFeeWei'],
  GASPRICE: ['isFree', 'tipWei'],
  GASLIMIT: ['gasLimit'],
  BLOCKHASH: ['blockHashes'],
}
/** The factors that a run read, of those that a block has. */
export function factorsOf(read: readonly string[]): readonly string[] {
  return Object.keys(FACTORS).filter((opcode) => read.includes(opcode))
}

/** Every factor but some: what a branch that only simulators take may ask for next. */
export function factorsBeside(taken: readonly string[]): readonly string[] {
  return Object.keys(FACTORS).filter((opcode) => !taken.includes(opcode))
}

/**
 * A block that is as simulators have it in some factors, and as the chain has it in the rest: a node's plain `eth_call` has free
 * gas and a real builder. The block that is a simulator's in all of them is `spec-default`.
 */
export function mixOf(expected: BlockEnv, header: Header, mix: readonly string[]): EnvironmentPlan {
  const simulators = simulatorsBlock(expected, header)
  const [is, it] = mix.length === 1 ? ['is', 'it'] : ['are', 'them']
  return {
    name: `simulator:${mix.join('+')}`,
    words: `where only ${mix.join(' and ')} ${is} as simulators have ${it}`,
    isRealistic: false,
    gasLimits: exact,
    env: {
      ...expected,
      ...Object.fromEntries(mix.flatMap((factor) => FACTORS[factor] ?? []).map((field) => [field, simulators[field]])),
    },
  }
}

/** Shares of what was used, in thousandths: an inner call that is caught may need most of it or little of it. */
const LESS_GAS = [950n, 800n, 600n, 400n, 200n] as const

/**
 * The same block with less gas than the run used for one step; the others keep theirs, or an approval fails first. An honest transaction fails there; one that catches the failure of an inner
 * call may succeed and do something else, and a wallet that looks for the least gas that succeeds finds that limit.
 */
export function lessGasFor(expected: BlockEnv, step: number): readonly EnvironmentPlan[] {
  return LESS_GAS.map((share) => ({
    name: 'least-gas',
    words: 'with the least gas at which it succeeds',
    isRealistic: false,
    gasLimits: (limits, used) => limits.map((limit, i) => (i === step ? ((used[i] ?? limit) * share) / 1_000n : limit)),
    env: expected,
  }))
}

const NO_HASH = `0x${'00'.repeat(32)}` as const

/** geth's default `--rpc.gascap`, which its `eth_call` and `eth_simulateV1` also show as the block's gas limit. */
const SIMULATOR_GAS_LIMIT = 50_000_000n

function complement(word: Hex.Hex): Hex.Hex {
  return `0x${(BigInt(word) ^ (2n ** 256n - 1n)).toString(16).padStart(64, '0')}`
}
