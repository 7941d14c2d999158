import { never } from '../GuardRefusedError.ts'
import type { Gate } from '../gate/Gate.ts'
import { shown } from './AccountShape.ts'
import { handedOut, isData, takenIn, thrownOut, type Between } from './handedOut.ts'

/** Names of fields that are data and no less than the signer. */
const SECRET = /key|mnemonic|secret|seed/i

/** Whether data is such a field, or holds one. */
function isSecret(name: string, value: unknown, seen = new Set<unknown>()): boolean {
  if (SECRET.test(name)) return true
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || seen.has(value)) return false
  seen.add(value)
  return Object.entries(value).some(([each, held]) => isSecret(each, held, seen))
}

type Method = (...args: readonly unknown[]) => unknown

/**
 * An object of which some methods are judged, some read, and every other one is refused by name. Methods run on the inner
 * object, which may have private fields; `composed` ones of its class run on the guarded one, because they call what is judged. What a method
 * that reads answers is handed out as `handedOut` has it; `chained` ones take callbacks and answer the guarded object.
 */
export function proxyOf<T extends object>(
  inner: T,
  {
    judged,
    made = {},
    reads,
    chained = [],
    composed = [],
    gate,
    guardOther,
  }: {
    readonly judged: Readonly<Record<string, Method>>
    /** They answer what is guarded already. */
    readonly made?: Readonly<Record<string, Method>>
    readonly reads: readonly string[]
    readonly chained?: readonly string[]
    readonly composed?: readonly string[]
    readonly gate: Gate
    readonly guardOther?: (value: object) => unknown
  },
): T {
  const between: Between = {
    ...{ raw: inner, guarded: () => proxy },
    ...(guardOther === undefined ? {} : { guardOther }),
  }
  const run = (method: Method, args: readonly unknown[]): unknown => {
    try {
      return method.apply(inner, takenIn(args, between))
    } catch (error) {
      throw thrownOut(error)
    }
  }
  // The target holds nothing: what a proxy's target has can be asked for past its traps.
  const proxy: T = new Proxy(Object.freeze(Object.create(classOf(inner)) as T), {
    get(_target, name) {
      if (typeof name !== 'string') return name === Symbol.toStringTag ? 'GuardedWallet' : undefined
      if (Object.hasOwn(made, name)) return made[name]
      const checked = Object.hasOwn(judged, name) ? judged[name] : undefined
      if (checked !== undefined) return (...args: readonly unknown[]) => handedOut(checked(...args), name, between)
      if (name === 'then') return undefined
      if (name === 'constructor') return classOf(inner).constructor
      const found = Reflect.get(inner, name) as unknown
      if (typeof found !== 'function')
        return isData(found) && !isSecret(name, found) ? structuredClone(found) : undefined
      const method = found as (...args: unknown[]) => unknown
      if (gate.allow.has(name)) return method.bind(inner)
      if (reads.includes(name)) return (...args: readonly unknown[]) => handedOut(run(method, args), name, between)
      if (chained.includes(name))
        return (...args: readonly unknown[]) => {
          run(method, args)
          return proxy
        }
      if (composed.includes(name) && methodOfClass(inner, name) === method) return method.bind(proxy)
      return () => shown('viem', () => Promise.reject(never(name, 'the guard does not know it')))
    },
    getOwnPropertyDescriptor: () => undefined,
  })
  return proxy
}

/**
 * A method as a class defines it, which runs on whatever it is called on; undefined for any other one. A function in a field, or one
 * that an accessor answers, may be bound to the object that it was made for.
 */
function methodOfClass(inner: object, name: string): unknown {
  let holder: object | null = inner
  while (holder !== null && !Object.hasOwn(holder, name)) holder = Object.getPrototypeOf(holder) as object | null
  if (holder === null) return undefined
  const { constructor } = holder as { readonly constructor?: { readonly prototype?: unknown } }
  const isClass = Object.hasOwn(holder, 'constructor') && constructor?.prototype === holder
  return isClass ? Object.getOwnPropertyDescriptor(holder, name)?.value : undefined
}

/** The prototype of its class. An object that was made from another one has that one as its prototype, which may sign. */
function classOf(inner: object): object {
  const prototype = Object.getPrototypeOf(inner) as { readonly constructor?: { readonly prototype?: unknown } } | null
  return prototype !== null && prototype.constructor?.prototype === prototype ? prototype : Object.prototype
}
