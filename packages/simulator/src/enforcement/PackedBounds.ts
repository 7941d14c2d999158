import { Address, BaseError, Hex } from '@countersign/base'
import { OPS, SOURCES, type OutcomeBound } from '../model/OutcomeBound.ts'

/** A bound as its bytes give it: what a wallet is asked to sign, without sentences. */
export type DecodedBound = Pick<OutcomeBound, 'source' | 'op' | 'target' | 'data' | 'word' | 'value'>

/**
 * The bytes of bounds, in the order given: source|op (a nibble each), word, target (20 bytes where the source has one), length
 * and value, and for calls a two-byte length and the call data. Values have no leading zero bytes.
 *
 * @throws {BoundsError} `simulation:bounds:unreadable` when a field does not fit.
 */
export function encodeBounds(bounds: readonly DecodedBound[]): Hex.Hex {
  return `0x${bounds.map(encodeBound).join('')}`
}

function encodeBound(bound: DecodedBound, index: number): string {
  const source = SOURCES.indexOf(bound.source)
  const op = OPS.indexOf(bound.op)
  const value = bound.value === 0n ? '' : even(bound.value.toString(16))
  const isFitting =
    bound.value >= 0n &&
    value.length <= 64 &&
    Number.isInteger(bound.word) &&
    bound.word >= 0 &&
    bound.word <= (bound.source === 'call' ? 255 : 0) &&
    (bound.op !== 'unchanged' || bound.value === 0n) &&
    (bound.target !== null) === source <= 3 &&
    (bound.data !== null) === source <= 1 &&
    (bound.data === null || Hex.size(bound.data) <= 0xffff)
  if (!isFitting) throw new BoundsError(index)
  return [
    source.toString(16) + op.toString(16),
    byte(bound.word),
    bound.target === null ? '' : bound.target.slice(2).toLowerCase(),
    byte(value.length / 2),
    value,
    bound.data === null ? '' : Hex.size(bound.data).toString(16).padStart(4, '0') + bound.data.slice(2).toLowerCase(),
  ].join('')
}

/**
 * Reads bounds from their bytes, as strictly as the contract does.
 *
 * @throws {BoundsError} `simulation:bounds:unreadable`, with the index of the first bound that is malformed.
 */
export function decodeBounds(packed: Hex.Hex): DecodedBound[] {
  const digits = Hex.parse(packed).slice(2)
  const found: DecodedBound[] = []
  let at = 0
  const take = (bytes: number): string => {
    const end = at + 2 * bytes
    if (end > digits.length) throw new BoundsError(found.length)
    const taken = digits.slice(at, end)
    at = end
    return taken
  }
  const number = (bytes: number): number => (bytes === 0 ? 0 : Number.parseInt(take(bytes), 16))
  while (at < digits.length) {
    const [kind, word] = [number(1), number(1)]
    const [source, op] = [SOURCES[kind >> 4], OPS[kind & 15]]
    if (source === undefined || op === undefined || (word !== 0 && source !== 'call'))
      throw new BoundsError(found.length)
    const target = kind >> 4 <= 3 ? Address.fromWord(take(20)) : null
    const length = number(1)
    if (length > 32) throw new BoundsError(found.length)
    const value = length === 0 ? 0n : BigInt(`0x${take(length)}`)
    if (op === 'unchanged' && value !== 0n) throw new BoundsError(found.length)
    const data = kind >> 4 <= 1 ? (`0x${take(number(2))}` as const) : null
    found.push({ source, op, target, data, word, value })
  }
  return found
}

/** Whether a bound compares with what `open` noted. */
export function isRelative({ op }: Pick<OutcomeBound, 'op'>): boolean {
  return OPS.indexOf(op) >= OPS.indexOf('falls_at_most')
}

function byte(value: number): string {
  return value.toString(16).padStart(2, '0')
}

function even(digits: string): string {
  return digits.length % 2 === 0 ? digits : `0${digits}`
}

export class BoundsError extends BaseError {
  override readonly name = 'simulation.BoundsError'
  readonly index: number
  constructor(index: number) {
    super(`Bound ${index} is malformed.`, {
      code: 'simulation:bounds:unreadable',
      kind: 'invalid',
      hint: 'Give bounds as docs/reference/enforcement.md lays them out.',
    })
    this.index = index
  }
}
