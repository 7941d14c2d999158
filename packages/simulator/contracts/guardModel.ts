import { Digest, type Hex } from '@countersign/base'

/**
 * The guard in TypeScript, written from the page that describes the bytes and not from the contract: what the differential
 * test holds the contract against.
 */

/** What the chain answers at one moment. */
export interface Moment {
  /** Answer of a call, by `target|data` in lower case; absent: no code there, or a revert. */
  readonly answers: Readonly<Record<string, Hex.Hex>>
  readonly balances: Readonly<Record<string, bigint>>
  /** By address; absent accounts have the hash 0. */
  readonly codeHashes: Readonly<Record<string, bigint>>
  readonly gasPriceWei: bigint
  readonly timestampS: bigint
  readonly blockNumber: bigint
}

/** How a guard call ends: null when it returns, or its error. */
export type Ending =
  | null
  | { readonly error: 'OutcomeRefused'; readonly index: number; readonly before: bigint; readonly reading: bigint }
  | { readonly error: 'ReadFailed' | 'BadBound'; readonly index: number }
  | { readonly error: 'NotOpened' | 'AlreadyOpened' }

class Refusal extends Error {
  readonly ending: Exclude<Ending, null>
  constructor(end: Exclude<Ending, null>) {
    super(end.error)
    this.ending = end
  }
}

interface Parsed {
  readonly source: number
  readonly op: number
  readonly word: number
  readonly target: string
  readonly value: bigint
  readonly data: string
}

/** One caller's guard within one transaction. */
export class GuardModel {
  readonly #batches = new Map<string, { isClosed: boolean; readonly notes: Map<number, bigint> }>()

  open(now: Moment, conditions: Hex.Hex, bounds: Hex.Hex): Ending {
    return ending(() => {
      absolute(now, conditions)
      if (this.#batches.has(bounds)) throw new Refusal({ error: 'AlreadyOpened' })
      const notes = new Map<number, bigint>()
      for (const [bound, index] of parsed(bounds)) if (bound.op > 2) notes.set(index, reading(now, bound, index))
      this.#batches.set(bounds, { isClosed: false, notes })
    })
  }

  close(now: Moment, bounds: Hex.Hex): Ending {
    return ending(() => {
      const batch = this.#batches.get(bounds)
      if (batch === undefined || batch.isClosed) throw new Refusal({ error: 'NotOpened' })
      for (const [bound, index] of parsed(bounds)) judge(now, bound, index, batch.notes.get(index) ?? 0n)
      batch.isClosed = true
    })
  }

  check(now: Moment, bounds: Hex.Hex): Ending {
    return ending(() => {
      absolute(now, bounds)
    })
  }
}

function ending(work: () => void): Ending {
  try {
    work()
    return null
  } catch (error) {
    if (error instanceof Refusal) return error.ending
    throw error
  }
}

function absolute(now: Moment, bounds: Hex.Hex): void {
  for (const [bound, index] of parsed(bounds)) {
    if (bound.op > 2) throw new Refusal({ error: 'BadBound', index })
    judge(now, bound, index, 0n)
  }
}

function* parsed(bounds: Hex.Hex): Generator<readonly [Parsed, number]> {
  const bytes = Buffer.from(bounds.slice(2), 'hex')
  let at = 0
  for (let index = 0; at < bytes.length; index++) {
    const take = (length: number): Buffer => {
      if (at + length > bytes.length) throw new Refusal({ error: 'BadBound', index })
      at += length
      return bytes.subarray(at - length, at)
    }
    const [kind = 0, word = 0] = take(2)
    const [source, op] = [kind >> 4, kind & 15]
    if (source > 6 || op > 6 || (source > 0 && word > 0)) throw new Refusal({ error: 'BadBound', index })
    const target = source < 4 ? `0x${take(20).toString('hex')}` : ''
    const [length = 0] = take(1)
    if (length > 32) throw new Refusal({ error: 'BadBound', index })
    const value = BigInt(`0x0${take(length).toString('hex')}`)
    if (op === 6 && value > 0n) throw new Refusal({ error: 'BadBound', index })
    const data = source < 2 ? take(take(2).readUInt16BE()).toString('hex') : ''
    yield [{ source, op, word, target, value, data }, index]
  }
}

function reading(now: Moment, { source, word, target, data }: Parsed, index: number): bigint {
  if (source === 2) return now.balances[target] ?? 0n
  if (source === 3) return now.codeHashes[target] ?? 0n
  if (source === 4) return now.gasPriceWei
  if (source === 5) return now.timestampS
  if (source === 6) return now.blockNumber
  const answer = now.answers[`${target}|0x${data}`]
  if (answer === undefined) throw new Refusal({ error: 'ReadFailed', index })
  if (source === 1) return BigInt(Digest.keccak256(answer))
  const found = answer.slice(2 + 64 * word, 66 + 64 * word)
  if (found.length < 64) throw new Refusal({ error: 'ReadFailed', index })
  return BigInt(`0x${found}`)
}

function judge(now: Moment, bound: Parsed, index: number, before: bigint): void {
  const after = reading(now, bound, index)
  const holds = [
    after >= bound.value,
    after <= bound.value,
    after === bound.value,
    before - after <= bound.value,
    after - before >= bound.value,
    after - before <= bound.value,
    after === before,
  ][bound.op]
  if (holds !== true) throw new Refusal({ error: 'OutcomeRefused', index, before, reading: after })
}
