import { GuardRefusedError, never, refused } from '../GuardRefusedError.ts'

/** Methods by which an object signs, sends or hands out what does. */
const SIGNS = [
  ...['sign', 'signAuthorization', 'signMessage', 'signTransaction', 'signTypedData', 'signUserOperation'],
  ...['request', 'send', 'sendTransaction', 'sendRawTransaction', 'broadcastTransaction', 'getSigner'],
  'createPaymentPayload',
]

/**
 * Whether a value is data and nothing else: no function, no accessor, no object of a class. Data leads nowhere, so it may be handed
 * out, as a copy: what is written to the copy changes nothing of the signer.
 */
export function isData(value: unknown, seen = new Set<unknown>()): boolean {
  if (typeof value === 'function') return false
  if (typeof value !== 'object' || value === null || seen.has(value)) return true
  seen.add(value)
  if (value instanceof Uint8Array || value instanceof Date) return true
  if (!Array.isArray(value) && !isPlainObject(value)) return false
  return Object.values(Object.getOwnPropertyDescriptors(value)).every(
    (each) => 'value' in each && isData(each.value, seen),
  )
}

function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Whether a value is the raw object, or holds it or something that signs, or has an accessor, which may answer either. */
export function leadsTo(raw: object, value: unknown, seen = new Set<unknown>()): boolean {
  if (value === raw) return true
  if (typeof value !== 'object' || value === null || seen.has(value)) return false
  seen.add(value)
  if (SIGNS.some((name) => Reflect.has(value, name))) return true
  if (value instanceof Map) return [...value.values()].some((each) => leadsTo(raw, each, seen))
  if (value instanceof Set) return [...value].some((each) => leadsTo(raw, each, seen))
  return Object.entries(Object.getOwnPropertyDescriptors(value)).some(
    // The stack of an error is text, which engines make when it is read.
    ([name, each]) =>
      !(name === 'stack' && value instanceof Error) && (!('value' in each) || leadsTo(raw, each.value, seen)),
  )
}

export interface Between {
  readonly raw: object
  /** What stands in front of the raw object; a function, where it is made later than this. */
  readonly guarded: () => unknown
  /** Puts a guard in front of what is no data and can be guarded; undefined for everything else. */
  readonly guardOther?: (value: object) => unknown
}

/**
 * What a method of the raw object answered, as whoever called the guarded one gets it: the guarded object for the raw one, a copy of
 * data, and nothing else.
 *
 * @throws {GuardRefusedError} for everything that could lead past the guard, iterators included.
 */
export function handedOut(value: unknown, name: string, between: Between): unknown {
  if (value === between.raw) return between.guarded()
  if (isThenable(value))
    return Promise.resolve(value as unknown).then(
      (settled: unknown) => handedOut(settled, name, between),
      (error: unknown) => {
        throw thrownOut(error)
      },
    )
  if (isData(value)) return structuredClone(value)
  const other = typeof value === 'object' && value !== null ? between.guardOther?.(value) : undefined
  if (other !== undefined) return other
  throw never(name, 'its answer could lead past the guard')
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

/**
 * A callback that the raw object calls: without it as `this`, and given what `handedOut` would answer. An error is data as well, of
 * its own fields alone.
 *
 * @param otherwise - What it is given in the place of what could lead past the guard; the default refuses.
 */
export function calledBack(
  callback: unknown,
  between: Between,
  otherwise: () => unknown = () => {
    throw never('a callback', 'what its callback is given could lead past the guard')
  },
): unknown {
  if (typeof callback !== 'function') return callback
  return (...given: readonly unknown[]): unknown =>
    Reflect.apply(
      callback as (...args: readonly unknown[]) => unknown,
      undefined,
      given.map((each) => {
        if (each === between.raw) return between.guarded()
        // As it is: hooks of x402 change what they are given.
        if (isData(each)) return each
        return each instanceof Error ? errorOf(each) : otherwise()
      }),
    )
}

/**
 * An argument that is handed to the raw object, with its callbacks as `calledBack` has them. An object of a class stays as it is: it is
 * the caller's own.
 */
function handedIn(value: unknown, between: Between, copies = new Map<object, unknown>()): unknown {
  if (typeof value === 'function') return calledBack(value, between)
  if (typeof value !== 'object' || value === null) return value
  // One that holds itself is copied once.
  if (copies.has(value)) return copies.get(value)
  if (!Array.isArray(value) && !isPlainObject(value)) return value
  const copy: unknown[] | Record<string, unknown> = Array.isArray(value) ? [] : {}
  copies.set(value, copy)
  for (const [name, each] of Object.entries(value))
    Object.defineProperty(copy, name, {
      ...{ value: handedIn(each, between, copies), enumerable: true, writable: true, configurable: true },
    })
  return copy
}

/** All arguments of a call, so. */
export const takenIn = (args: readonly unknown[], between: Between): unknown[] =>
  args.map((each) => handedIn(each, between))

/** What the raw object threw, as whoever called the guarded one gets it: as it is, or without what leads anywhere. */
export function thrownOut(error: unknown): unknown {
  if (error instanceof GuardRefusedError || isData(error)) return error
  if (!(error instanceof Error)) return refused('the wallet failed, and what it threw could lead past the guard')
  // Whatever it holds that signs, it is the raw object or as good as it.
  return leadsTo(NOTHING, error) ? errorOf(error) : error
}

const NOTHING: object = Object.freeze({})

/** The same error without what leads anywhere: its class may read more than its fields. */
function errorOf(error: Error): Error {
  const fields = Object.entries(Object.getOwnPropertyDescriptors(error)).flatMap(([name, each]) =>
    'value' in each && isData(each.value) ? [[name, { ...each, value: structuredClone(each.value) as unknown }]] : [],
  )
  return Object.defineProperties(new Error(), Object.fromEntries(fields) as PropertyDescriptorMap)
}
