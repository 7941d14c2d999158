import { never } from '../GuardRefusedError.ts'

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

/** Whether a value is the raw object, or holds it or something that signs. */
export function leadsTo(raw: object, value: unknown, seen = new Set<unknown>()): boolean {
  if (value === raw) return true
  if (typeof value !== 'object' || value === null || seen.has(value)) return false
  seen.add(value)
  if (SIGNS.some((name) => Reflect.has(value, name))) return true
  if (value instanceof Map) return [...value.values()].some((each) => leadsTo(raw, each, seen))
  if (value instanceof Set) return [...value].some((each) => leadsTo(raw, each, seen))
  return Object.values(Object.getOwnPropertyDescriptors(value)).some((each) => leadsTo(raw, each.value, seen))
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
    return Promise.resolve(value as unknown).then((settled: unknown) => handedOut(settled, name, between))
  if (isData(value)) return structuredClone(value)
  const other = typeof value === 'object' && value !== null ? between.guardOther?.(value) : undefined
  if (other !== undefined) return other
  throw never(name, 'its answer could lead past the guard')
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

/** A callback that the raw object calls: without it as `this`, and with nothing that leads to it. */
export function calledBack(callback: unknown, name: string, { raw, guarded }: Between): unknown {
  if (typeof callback !== 'function') return callback
  return (...given: readonly unknown[]): unknown =>
    Reflect.apply(
      callback as (...args: readonly unknown[]) => unknown,
      undefined,
      given.map((each) => {
        if (each === raw) return guarded()
        if (leadsTo(raw, each)) throw never(name, 'what its callback is given could lead past the guard')
        return each
      }),
    )
}
