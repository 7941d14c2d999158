import { isSame } from './isSame.ts'
import type { Frame, Role } from './Reading.ts'
import type { ToolRole } from './ToolFrame.ts'

/** One argument, as far as it says which request it belongs to. */
interface Argument {
  readonly pointer: string
  readonly value: string
  readonly role: ToolRole | null
}

/** Which of the requests that were read each part of a call carries out: its entries in a list, or the whole call. */
export interface Parts {
  /** By the pointer of the part; a part that no request is left for has none. */
  readonly frames: ReadonlyMap<string, readonly Frame[]>
  /** Whether the call has several parts. */
  readonly isList: boolean
}

/** Roles that tell one request from another, and what each is in a reading. */
const TELLING: Readonly<Partial<Record<ToolRole, readonly Role[]>>> = {
  recipient: ['recipient'],
  spender: ['spender'],
  contract: ['contract'],
  amount: ['amount'],
  asset: ['asset', 'give', 'take'],
}

/**
 * Gives each part of a call the request that it fits best. In a list every request counts once: what is paid twice was asked
 * for twice. A call without a list takes the one request that fits it best, so that the amount of one payment is never taken
 * for another's.
 */
export function of(args: readonly Argument[], asked: readonly Frame[]): Parts {
  const groups = Map.groupBy(args, ({ pointer }) => partOf(pointer))
  const lists = [...groups].filter(([part]) => part !== '')
  if (lists.length < 2)
    return { isList: false, frames: new Map([['', asked.length < 2 ? asked : [bestOf(asked, args)]]]) }
  const left = [...asked]
  const frames = new Map<string, readonly Frame[]>([['', asked]])
  for (const [part, group] of lists) {
    if (left.length === 0) break
    const best = bestOf(left, group)
    left.splice(left.indexOf(best), 1)
    frames.set(part, [best])
  }
  return { isList: true, frames }
}

export function framesFor({ frames, isList }: Parts, pointer: string): readonly Frame[] {
  return frames.get(isList ? partOf(pointer) : '') ?? []
}

/** The entry of a list that an argument stands in; empty for what stands in none. */
function partOf(pointer: string): string {
  return /^(?:\/[^/]*)*?\/\d+(?=\/|$)/.exec(pointer)?.[0] ?? ''
}

function bestOf(frames: readonly Frame[], args: readonly Argument[]): Frame {
  const fits = (frame: Frame): number =>
    args.reduce((sum, { role, value }) => {
      const said = (role === null ? [] : (TELLING[role] ?? [])).flatMap((name) => frame.roles[name] ?? [])
      return said.length === 0 ? sum : sum + (said.some((each) => isSame(role, value, each)) ? 1 : -1)
    }, 0)
  return frames.reduce((best, each) => (fits(each) > fits(best) ? each : best))
}

const GIVEN = new Set(['sell', 'from', 'give', 'given', 'source', 'spend', 'pay', 'input', 'in', 'src'])
const TAKEN = new Set(['buy', 'receive', 'received', 'get', 'want', 'target', 'output', 'out', 'dest', 'destination'])
const ASSETS = new Set(['asset', 'token', 'symbol', 'coin', 'currency', 'mint'])
const AMOUNTS = new Set(['amount', 'quantity', 'qty', 'size'])

/**
 * What an exchange that was read says for an argument such as `sell_asset` or `amountIn`; null where the name says no side,
 * or no exchange was read.
 */
export function exchanged({ pointer, value }: Argument, frames: readonly Frame[]): readonly string[] | null {
  const words = nameOf(pointer)
  const has = (set: ReadonlySet<string>): boolean => words.some((word) => set.has(word))
  const swaps = frames.filter(({ verb }) => verb === 'swap')
  if (swaps.length === 0 || has(GIVEN) === has(TAKEN)) return null
  if (has(ASSETS))
    return swaps
      .flatMap(({ roles }) => (has(GIVEN) ? roles.give : roles.take) ?? [])
      .map((each) => (each.toLowerCase() === value.toLowerCase() ? value : each))
  if (!has(AMOUNTS)) return null
  // The grammar reads the amount of what is given; the other one is open.
  return has(GIVEN) ? swaps.flatMap(({ roles }) => (roles.give === undefined ? [] : (roles.amount ?? []))) : []
}

function nameOf(pointer: string): readonly string[] {
  return (pointer.split('/').at(-1) ?? '')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
}

const SOURCES = new Set(['from', 'source', 'src', 'origin', 'departure', 'start'])
const GOALS = new Set(['to', 'dest', 'destination', 'target', 'arrival', 'end', 'into'])

/** Whether the words say a value of the other end: `from Base` for an argument such as `to_chain`. */
export function isOtherEnd(pointer: string, value: string, text: string): boolean {
  const words = nameOf(pointer)
  const isSource = words.some((word) => SOURCES.has(word))
  if (isSource === words.some((word) => GOALS.has(word))) return false
  const plain = value.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  const stands = (before: string): boolean =>
    new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${before}) (?:the |my )?${plain}(?![\p{L}\p{N}])`, 'iu').test(text)
  const from = stands('from|off|out of')
  const into = stands('to|into|onto|towards')
  return isSource ? into && !from : from && !into
}
