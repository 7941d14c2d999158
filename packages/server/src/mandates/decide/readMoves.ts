import { Address, type Hex } from '@countersign/base'
import type { ReportWire } from '@countersign/sdk'
import {
  accountsOf,
  add,
  bookOf,
  COUNTED,
  EMPTY,
  ENDLESS,
  flowsOf,
  frame,
  keyOf,
  NATIVE,
  unreadableOf,
  weakest,
  type AskedCall,
  type Book,
  type MovesInput,
  type Right,
  type StepInput,
} from './Book.ts'
import { gradeOf, wholeAllowances } from './gradeAmount.ts'
import type { Asset, Effect, Moves, StepMoves, Total } from './Moves.ts'
import { readDocument } from './readDocument.ts'

export type { AskedCall, MovesInput, Standing } from './Book.ts'

/**
 * Reads what a request would move from the simulation's reports: in the worst environment, net within a step, never net
 * across steps, over every prefix of the batch, with authority counted as spent (mandates.md 3).
 */
export function readMoves(input: MovesInput): Moves {
  const whole = input.prefixes.at(-1)
  if (whole === undefined) return unread(input, 'there is no report')
  if (whole.signature !== null) return readDocument(input, whole)
  if (input.prefixes.length !== input.calls.length) return unread(input, 'not every prefix was simulated', whole)
  const mine = accountsOf(input, whole)
  const books = input.prefixes.map((report) => bookOf(report, mine))
  const effects: Effect[] = []
  const steps: StepMoves[] = []
  const spent = new Map<string, bigint>()
  const largest = new Map<string, Total>()
  let given = new Map<string, Right>()
  for (const [i, call] of input.calls.entries()) {
    const report = input.prefixes[i] as ReportWire
    const [book, before] = [books[i] as Book, i === 0 ? EMPTY : (books[i - 1] as Book)]
    const step = readStep(input, { call, step: i + 1, report, book, before })
    steps.push(step.moves)
    effects.push(...step.effects)
    for (const effect of step.effects)
      if (effect.kind === 'outflow') add(spent, keyOf(effect), effect.amount ?? ENDLESS)
    given = new Map([...given, ...step.rights.map((right): [string, Right] => [right.key, right])])
    // A right that was given in this request counts as it stands after this prefix.
    given = new Map(
      [...given].map(([key, right]) => [key, { ...right, ...(book.rights.get(key) ?? { after: right.before }) }]),
    )
    note(largest, spent, given, effects)
  }
  return {
    ...frame(input, whole),
    steps,
    effects,
    totals: [...largest.values()],
    arrivals: arrivalsOf(books.at(-1) as Book, input),
    unreadable: unreadableOf(whole),
  }
}

/** Adds the prefix that ends here to what each asset moves at most. */
function note(
  largest: Map<string, Total>,
  spent: ReadonlyMap<string, bigint>,
  given: ReadonlyMap<string, Right>,
  effects: readonly Effect[],
): void {
  const now = new Map(spent)
  const unlimited = new Set<string>()
  for (const right of given.values()) {
    if (right.token === null || right.after === 0n) continue
    add(now, right.token.toLowerCase(), right.after)
    if (right.isUnlimited) unlimited.add(right.token.toLowerCase())
  }
  for (const [key, amount] of now) {
    const of = effects.filter(
      (effect) => (effect.kind === 'outflow' || effect.kind === 'authority') && keyOf(effect) === key,
    )
    const [first] = of
    const token = first?.token ?? (key === NATIVE ? null : Address.parse(key))
    const before = largest.get(key)
    largest.set(key, {
      token,
      isNative: key === NATIVE,
      decimals: first?.decimals ?? null,
      amount: before !== undefined && before.amount > amount ? before.amount : amount,
      isUnlimited: before?.isUnlimited === true || unlimited.has(key) || of.some(({ isUnlimited }) => isUnlimited),
      grade: weakest(of.map(({ grade }) => grade ?? 'proven')),
    })
  }
}

/** A request of which nothing can be told; the decision denies it. */
function unread(input: MovesInput, because: string, whole?: ReportWire): Moves {
  const base: Omit<Moves, 'steps' | 'effects' | 'totals' | 'arrivals' | 'unreadable'> =
    whole === undefined
      ? {
          chainId: 0,
          owner: input.owner,
          feeWei: 0n,
          document: null,
          tool: null,
          verdict: 'block',
          findings: [],
          isEnforced: false,
        }
      : frame(input, whole)
  return { ...base, steps: [], effects: [], totals: [], arrivals: [], unreadable: [because] }
}

function readStep(
  input: MovesInput,
  at: StepInput,
): { moves: StepMoves; effects: readonly Effect[]; rights: readonly Right[] } {
  const { call, step, report } = at
  const selector = call.data.length >= 10 ? (call.data.slice(0, 10).toLowerCase() as Hex.Hex) : null
  const base = {
    step,
    chainId: report.chain_id,
    contract: call.to,
    selector,
    isUnlimited: false,
    isExact: false,
    detail: null,
    token: null,
    isNative: false,
    asset: null,
    counterparty: null,
    amount: null,
    decimals: null,
    grade: null,
    because: '',
  } as const
  const { leaves, arrives } = flowsOf(at)
  const outflows = leaves.flatMap((loss) => outflowOf(input, at, { ...base, kind: 'outflow' }, loss))
  for (const held of wholeAllowances(input, at, leaves)) outflows.push({ ...base, kind: 'outflow', ...held })
  const rights = grantsOf(at)
  const authority = rights.map((right): Effect => {
    const known = right.token === null ? null : input.token(right.token)
    return {
      ...base,
      kind: 'authority',
      token: right.token,
      asset: known?.symbol ?? null,
      decimals: known?.decimals ?? null,
      counterparty: right.spender,
      contract: call.to ?? right.contract,
      amount: COUNTED.has(right.kind) && right.token !== null ? right.after : null,
      isUnlimited: right.isUnlimited || !COUNTED.has(right.kind) || right.token === null,
      grade: 'proven',
      because: COUNTED.has(right.kind)
        ? 'a right counts with all it lets somebody take'
        : 'a right of this kind cannot be counted',
      detail: right.kind,
      isExact: right.isExact,
    }
  })
  const isSingle = isSingleEffect(call, outflows, authority)
  const called: Effect = {
    ...base,
    kind: 'call',
    counterparty: call.to,
    amount: call.value === 0n ? null : call.value,
    isNative: call.value > 0n,
    because: call.to === null ? 'creates a contract' : '',
  }
  return {
    moves: { step, to: call.to, data: call.data, value: call.value, isSingle, arrives, leaves },
    effects: [called, ...outflows, ...authority],
    rights,
  }
}

/** An asset's outflow in a step, by who receives it, with its grade. */
function outflowOf(
  input: MovesInput,
  at: StepInput,
  base: Omit<Effect, 'kind'> & { kind: 'outflow' },
  loss: Asset,
): Effect[] {
  const { call, book, before } = at
  const key = keyOf(loss)
  const known = loss.token === null ? { symbol: input.coin, decimals: 18 } : input.token(loss.token)
  const { amount, grade, because } = gradeOf(input, at, loss)
  const effect: Effect = {
    ...base,
    token: loss.token,
    isNative: loss.isNative,
    asset: known?.symbol ?? null,
    decimals: known?.decimals ?? null,
    grade,
    because,
    amount,
    isUnlimited: amount >= ENDLESS,
    counterparty: call.to,
  }
  const gained = [...(book.gains.get(key) ?? [])]
    .map(([account, now]) => ({ account, amount: now - (before.gains.get(key)?.get(account) ?? 0n) }))
    .filter((gain) => gain.amount > 0n)
  const all = gained.reduce((sum, gain) => sum + gain.amount, 0n)
  // Who receives is told only where what others gained is what left; the rest is the contract's.
  if (all === 0n || all > loss.amount) return [effect]
  const named = gained.map((gain) => ({
    ...effect,
    counterparty: Address.parse(gain.account),
    amount: gain.amount,
    isUnlimited: false,
  }))
  return amount > all ? [...named, { ...effect, amount: amount - all }] : named
}

/** Rights that a step gives, or sets anew. What falls because it was used is not given. */
function grantsOf({ call, book, before }: StepInput): readonly Right[] {
  return [...book.rights.values()].filter((right) => {
    const then = before.rights.get(right.key)?.after ?? right.before
    if (right.after > then) return true
    if (right.after === then) return before.rights.get(right.key)?.isUnlimited === false && right.isUnlimited
    // Lowered by the owner's own call, not by use.
    return COUNTED.has(right.kind)
      ? isApproval(call) && Address.isEqual(call.to ?? '', right.contract)
      : right.kind === 'unknown_grant'
  })
}

/** `approve`, `increaseAllowance`, `decreaseAllowance`. */
const APPROVALS = new Set(['0x095ea7b3', '0x39509351', '0xa457c2d7'])
function isApproval({ data }: AskedCall): boolean {
  return APPROVALS.has(data.slice(0, 10).toLowerCase())
}

/** Native value without data, `transfer`, `approve`: the whole step is one effect. */
function isSingleEffect(call: AskedCall, outflows: readonly Effect[], authority: readonly Effect[]): boolean {
  if (outflows.length + authority.length !== 1) return false
  if (call.data === '0x') return outflows[0]?.isNative === true
  if (call.data.slice(0, 10).toLowerCase() === '0xa9059cbb')
    return outflows[0]?.token != null && Address.isEqual(outflows[0].token, call.to ?? '')
  return isApproval(call) && authority[0]?.token != null && Address.isEqual(authority[0].token, call.to ?? '')
}

function arrivalsOf(book: Book, input: MovesInput): readonly Asset[] {
  const { arrives } = flowsOf({
    call: { to: null, value: 0n, data: '0x' },
    step: 0,
    report: input.prefixes.at(-1) as ReportWire,
    book,
    before: EMPTY,
  })
  return arrives
}
