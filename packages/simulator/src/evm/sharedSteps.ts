import type { BlockEnv } from '../model/Block.ts'

/** What the price of gas and whom it is paid to follow from: a step in which one of these differs leaves other balances. */
const FEE_FIELDS = ['baseFeeWei', 'tipWei', 'coinbase', 'isFree'] as const
/** Opcodes that tell a field of the block, beside those above. */
const READ_BY: Readonly<Record<Exclude<keyof BlockEnv, (typeof FEE_FIELDS)[number]>, readonly string[]>> = {
  // A block's hash is told only of the last 256, counted from the number.
  number: ['NUMBER', 'BLOCKHASH'],
  timestampS: ['TIMESTAMP'],
  prevRandao: ['PREVRANDAO'],
  gasLimit: ['GASLIMIT'],
  blockHashes: ['BLOCKHASH'],
}

/**
 * How many first steps of a batch come out in another block exactly as they did in the expected one: with the same gas limit,
 * at the same price, and without one look at anything that differs. They need not be run again.
 *
 * @param readsByStep - Environment opcodes that each step executed; a step beyond its end may have read anything.
 */
export function sharedSteps(
  expected: { readonly env: BlockEnv; readonly gasLimits: readonly bigint[] },
  other: { readonly env: BlockEnv; readonly gasLimits: readonly bigint[] },
  readsByStep: readonly (readonly string[])[],
): number {
  if (FEE_FIELDS.some((field) => expected.env[field] !== other.env[field])) return 0
  const moved = Object.entries(READ_BY).flatMap(([field, opcodes]) =>
    isSame(expected.env[field as keyof BlockEnv], other.env[field as keyof BlockEnv]) ? [] : opcodes,
  )
  const differs = expected.gasLimits.findIndex(
    (gasLimit, i) =>
      gasLimit !== other.gasLimits[i] ||
      (moved.length > 0 && readsByStep[i]?.some((opcode) => moved.includes(opcode)) !== false),
  )
  return differs < 0 ? expected.gasLimits.length : differs
}

function isSame(a: BlockEnv[keyof BlockEnv], b: BlockEnv[keyof BlockEnv]): boolean {
  if (!(a instanceof Map) || !(b instanceof Map)) return a === b
  return a.size === b.size && [...a].every(([number, hash]) => b.get(number) === hash)
}
