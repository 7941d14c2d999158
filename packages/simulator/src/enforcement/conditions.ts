import { Address, type Hex } from '@countersign/base'
import { EMPTY_CODE_HASH } from '../model/Access.ts'
import type { CallFrame } from '../model/Step.ts'
import { wordOf, type Draft } from './Draft.ts'

const MAX_CODES = 8
const MAX_READINGS = 4
/** Numbers up to here are settings (a mode, a version, a decimals count), not prices: they are pinned exactly. */
const SMALL = 2n ** 16n
/** balanceOf, totalSupply, getReserves, slot0, liquidity, reserve0, reserve1: they move with everybody's trades. */
const EXCLUDED: ReadonlySet<string> = new Set([
  '0x70a08231',
  '0x18160ddd',
  '0x0902f1ac',
  '0x3850c7bd',
  '0x1a686502',
  '0x443cb4bc',
  '0x5a76f25e',
])

/** Layer D: code that the run entered, and one-word answers that it read, judged before anything runs. */
/** @param of.hasReadings - False: code alone. */
export function codeAndReadings(draft: Draft, { hasReadings }: { readonly hasReadings: boolean }): void {
  const { report, account } = draft
  const entered = [
    ...new Set(
      report.contractCalls.filter(({ codeHash }) => codeHash !== EMPTY_CODE_HASH).map(({ address }) => address),
    ),
  ].filter((address) => address !== account)
  const standing = entered.filter((address) => draft.codeHash(address) !== null)
  for (const target of standing.slice(0, MAX_CODES)) {
    const value = BigInt(draft.codeHash(target) ?? '0x0')
    draft.add({
      stage: 'open',
      source: 'code_hash',
      op: 'equals',
      target,
      value,
      text: `The code of ${target} is the code that was simulated`,
    })
  }
  for (const target of standing.slice(MAX_CODES))
    draft.cannot(`the code of ${target}`, `only the first ${MAX_CODES} contracts of a run are pinned`)
  if (!hasReadings) return
  let count = 0
  for (const { target, selector } of questionsOf(draft)) {
    const { before, after } = draft.ask(target, selector)
    const value = before?.length === 66 && before === after ? wordOf(before) : null
    if (value === null) continue
    if (++count > MAX_READINGS) {
      draft.cannot(`the answer ${selector} of ${target}`, `only ${MAX_READINGS} readings are bounded`)
      continue
    }
    pinReading(draft, target, selector, value)
  }
}

function pinReading(draft: Draft, target: Address.Address, data: Hex.Hex, value: bigint): void {
  const fields = { stage: 'open', source: 'call', target, data } as const
  const isAddress = value >= 2n ** 96n && value < 2n ** 160n
  const text = `The answer ${data} of ${target} is`
  if (value < SMALL || isAddress) {
    draft.add({ ...fields, op: 'equals', value, text: `${text} ${value}` })
    return
  }
  const slack = (value * BigInt(draft.state.slippageBps)) / 10_000n
  draft.add({ ...fields, op: 'at_least', value: value - slack, text: `${text} at least ${value - slack}` })
  const most = value + slack < 2n ** 256n ? value + slack : 2n ** 256n - 1n
  draft.add({ ...fields, op: 'at_most', value: most, text: `${text} at most ${most}` })
}

/** View calls without arguments that the run made to contracts that are no tokens. */
function questionsOf({ report, state }: Draft): { readonly target: Address.Address; readonly selector: Hex.Hex }[] {
  const tokens = new Set([
    ...state.tokens.map(({ address }) => address),
    ...report.tokenChanges.map(({ token }) => token),
  ])
  const found = new Map<string, { readonly target: Address.Address; readonly selector: Hex.Hex }>()
  const visit = (frame: CallFrame): void => {
    const { to, selector, type } = frame
    const isPlain = (frame.args ?? []).length === 0
    if (
      type === 'STATICCALL' &&
      to !== null &&
      selector !== null &&
      isPlain &&
      !tokens.has(to) &&
      !EXCLUDED.has(selector)
    )
      found.set(`${to}${selector}`, { target: to, selector })
    frame.calls.forEach(visit)
  }
  for (const { calls } of report.steps) if (calls !== null) visit(calls)
  return [...found.values()]
}

/** Layer F: how dear and how late the batch may be included. */
export function inclusion(draft: Draft): void {
  const { feeCapWei, expiresAtS } = draft.state
  if (feeCapWei !== null)
    draft.add({
      stage: 'open',
      source: 'gas_price',
      op: 'at_most',
      value: feeCapWei,
      text: `A unit of gas costs at most ${feeCapWei} wei`,
      derivesFrom: 'policy',
    })
  const deadlines = (draft.intent?.assertions ?? []).flatMap((assertion) =>
    assertion.name === 'deadline' ? BigInt(Math.floor(assertion.atMs / 1000)) : [],
  )
  const value = [expiresAtS, ...deadlines].reduce((first, each) => (each < first ? each : first))
  draft.add({
    stage: 'open',
    source: 'timestamp',
    op: 'at_most',
    value,
    text: `It is included by ${new Date(Number(value) * 1000).toISOString()}`,
    derivesFrom: deadlines.includes(value) ? 'intent' : 'policy',
  })
}
