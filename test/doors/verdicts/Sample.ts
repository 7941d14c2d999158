import { encodeFunctionData, parseAbi, type Abi, type Hex } from 'viem'

/** A request in the words of `samples.json`, with the verdict that every door must give. */
export interface Sample {
  readonly id: string
  readonly kind: 'attack' | 'honest'
  readonly what: string
  readonly request: Written
  readonly expect: Expected
  readonly note?: string
}

export type Expected = 'allow' | 'warn' | 'block' | 'not-allow'
export type Verdict = 'allow' | 'warn' | 'block'

interface Written {
  readonly transactions?: readonly {
    readonly to: string | null
    readonly value: string | null
    readonly data: unknown
  }[]
  readonly typed_data?: Readonly<Record<string, unknown>>
  readonly message?: string
}

/** The same, ready to be sent. */
export interface Request {
  readonly transactions?: readonly { readonly to: Hex | null; readonly value: string; readonly data: Hex }[]
  readonly typed_data?: Readonly<Record<string, unknown>>
  readonly message?: string
}

/** What stands in the place of `null`: what a swap would give or cost now. */
export type Quote = (call: {
  readonly abi: string
  readonly args: readonly unknown[]
  readonly value: string | null
}) => Promise<bigint>

/** Whether a verdict is the expected one. */
export function isExpected(verdict: string, expected: Expected): boolean {
  return expected === 'not-allow' ? verdict === 'warn' || verdict === 'block' : verdict === expected
}

/** Puts values in the place of `$NAMES`, longest name first, and calls in the place of `{abi, args}`. */
export async function fill(written: Written, names: Readonly<Record<string, string>>, quote: Quote): Promise<Request> {
  const order = Object.keys(names).toSorted((a, b) => b.length - a.length)
  const text = (value: string): string =>
    order.reduce((left, name) => left.replaceAll(`$${name}`, names[name] ?? ''), value)
  const deep = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value)
    if (Array.isArray(value)) return value.map(deep)
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, deep(each)]))
    return value
  }
  if (written.typed_data !== undefined) return { typed_data: deep(written.typed_data) as Record<string, unknown> }
  if (written.message !== undefined) return { message: text(written.message) }
  const transactions = await Promise.all(
    (written.transactions ?? []).map(async ({ to, value, data }) => {
      const filled = deep(data)
      const amount = value === null && isCall(filled) ? await quote({ ...filled, value: null }) : BigInt(value ?? '0')
      return {
        to: to === null ? null : (text(to) as Hex),
        value: amount.toString(),
        data: typeof filled === 'string' ? (filled as Hex) : await encode(filled as Call, value, quote),
      }
    }),
  )
  return { transactions }
}

interface Call {
  readonly abi: string
  readonly args: readonly unknown[]
}

function isCall(value: unknown): value is Call {
  return typeof value === 'object' && value !== null && 'abi' in value && 'args' in value
}

async function encode({ abi, args }: Call, value: string | null, quote: Quote): Promise<Hex> {
  const amount = args.includes(null) ? await quote({ abi, args, value }) : 0n
  const resolved = await Promise.all(
    args.map(async (each): Promise<unknown> => (each === null ? amount : await argument(each, quote))),
  )
  return encodeFunctionData({
    abi: parseAbi([`function ${abi}` as string] as readonly string[]) as Abi,
    args: resolved,
  })
}

async function argument(value: unknown, quote: Quote): Promise<unknown> {
  if (isCall(value)) return encode(value, '0', quote)
  if (Array.isArray(value)) return Promise.all(value.map((each) => argument(each, quote)))
  return typeof value === 'string' && /^\d+$/.test(value) ? BigInt(value) : value
}
