import * as Amount from './Amount.ts'
import { NATIVE, type Cap, type Limit, type Over, type PriceSource, type Pricing, type Unit } from './Policy.ts'
import { readDuration, readId } from './readParts.ts'
import { readAmount, readPointer, readTool, readZone, type Context, type Vocabulary } from './readWhen.ts'
import type { Placed } from './Source.ts'
import * as Window from './Window.ts'

const WINDOWS = ['per_call', 'per_hour', 'per_day', 'per_week', 'lifetime', 'per', 'cap', 'calendar'] as const
const KEYS = [
  'id',
  'token',
  'native',
  'fee',
  'usd',
  'calls',
  'new_recipients_per_day',
  'tool',
  'argument',
  'over',
  'prices',
  'max_age',
  'spread',
  ...WINDOWS,
] as const
const ROLLING = {
  per_call: Window.CALL,
  per_hour: Window.HOUR,
  per_day: Window.DAY,
  per_week: Window.WEEK,
  lifetime: Window.LIFETIME,
} as const
const MAX_CAP = { decimals: 18, isNumberAllowed: false }

export type Entries = Partial<Record<(typeof KEYS)[number], Placed>>

/** Reads one entry of `limits`. */
export function readLimit(placed: Placed, context: Context): Limit | null {
  const entries = placed.entries('a limit', KEYS)
  const id = entries.id === undefined ? placed.refuse('A limit needs "id".') : readId(entries.id, 'The id of a limit')
  const over: Over | null =
    entries.over === undefined ? 'deny' : entries.over.oneOf('"over"', ['deny', 'ask', 'step-up'] as const)
  const given = UNITS.filter((key) => entries[key] !== undefined)
  const [what] = given
  if (what === undefined || given.length > 1)
    return placed.refuse('A limit needs exactly one of: token, native, fee, usd, calls, new_recipients_per_day, tool.')
  if (what !== 'usd')
    for (const key of ['prices', 'max_age', 'spread'] as const)
      entries[key]?.refuse(`"${key}" belongs to a limit in dollars.`)
  if (what !== 'tool') entries.argument?.refuse('"argument" belongs to a limit of a tool.')
  const caps = readCaps(placed, entries, what, context)
  const pricing = what === 'usd' ? readPricing(placed, entries, context.vocabulary) : null
  if (caps.length === 0) placed.refuse('A limit needs a cap, such as per_day.')
  return id === null || over === null ? null : { id, caps, over, pricing }
}

/** What a limit may be about. */
export const UNITS = ['token', 'native', 'fee', 'usd', 'calls', 'new_recipients_per_day', 'tool'] as const

/** The caps of one limit. */
export function readCaps(
  placed: Placed,
  entries: Entries,
  what: (typeof UNITS)[number],
  context: Context,
): readonly Cap[] {
  const value = entries[what] as Placed
  const stray = (): void => {
    for (const key of WINDOWS) entries[key]?.refuse(`"${key}" does not stand beside "${what}".`)
  }
  switch (what) {
    case 'token': {
      const token = context.resolve(value)
      return token === null
        ? []
        : windowsOf(placed, entries, token === NATIVE ? { kind: 'native' } : { kind: 'token', token }, {
            isNumberAllowed: context.isLoose === true,
            decimals: context.decimalsOf(token),
          })
    }
    case 'native':
    case 'fee':
      if (value.scalar !== true) value.refuse(`"${what}" must be true.`)
      return windowsOf(placed, entries, { kind: what }, MAX_CAP)
    case 'usd': {
      stray()
      const inner = value.entries('"usd"', [
        ...WINDOWS,
        'loss_per_call',
        'loss_per_hour',
        'loss_per_day',
        'loss_per_week',
        'loss_lifetime',
      ])
      const options = { decimals: Amount.USD_DECIMALS, isNumberAllowed: true }
      const losses = Object.fromEntries(
        (['call', 'hour', 'day', 'week'] as const).map((name) => [`per_${name}`, inner[`loss_per_${name}`]]),
      )
      return [
        ...windowsOf(value, inner, { kind: 'usd' }, options),
        ...windowsOf(
          value,
          { ...losses, ...(inner.loss_lifetime === undefined ? {} : { lifetime: inner.loss_lifetime }) },
          { kind: 'usd.loss' },
          options,
        ),
      ]
    }
    case 'calls':
      stray()
      return windowsOf(
        value,
        value.entries('"calls"', WINDOWS),
        { kind: 'calls' },
        { decimals: 0, isNumberAllowed: true },
      )
    case 'new_recipients_per_day': {
      stray()
      const cap = readAmount(value, '"new_recipients_per_day"', { decimals: 0, isNumberAllowed: true })
      return cap === null ? [] : [{ unit: { kind: 'new_recipients' }, window: Window.DAY, cap }]
    }
    case 'tool': {
      const tool = readTool(value, context.vocabulary)
      const argument =
        entries.argument === undefined
          ? placed.refuse('A limit of a tool needs "argument".')
          : readPointer(entries.argument)
      if (tool === null || argument === null) return []
      return windowsOf(placed, entries, { kind: 'argument', tool, argument }, { decimals: 18, isNumberAllowed: true })
    }
  }
}

function windowsOf(
  placed: Placed,
  entries: Partial<Record<string, Placed>>,
  unit: Unit,
  options: { readonly decimals: number; readonly isNumberAllowed: boolean },
): readonly Cap[] {
  const caps: Cap[] = []
  const add = (value: Placed, window: Window.Window): void => {
    const cap = readAmount(value, 'A cap', options)
    if (cap === null) return
    if (caps.some((each) => Window.key(each.window) === Window.key(window)))
      value.refuse('Two caps have the same window.')
    caps.push({ unit, window, cap })
  }
  for (const [key, window] of Object.entries(ROLLING)) {
    const value = entries[key]
    if (value !== undefined) add(value, window)
  }
  const { per, cap, calendar } = entries
  if (per !== undefined && cap !== undefined) {
    const ms = readDuration(per)
    if (ms !== null) add(cap, { kind: 'rolling', ms })
  } else (per ?? cap)?.refuse('"per" and "cap" stand together.')
  if (calendar !== undefined) {
    const periods = calendar.entries('"calendar"', ['day', 'week', 'month', 'tz'])
    const tz = periods.tz === undefined ? calendar.refuse('"calendar" needs "tz".') : readZone(periods.tz)
    if (periods.day === undefined && periods.week === undefined && periods.month === undefined)
      calendar.refuse('"calendar" needs day, week or month.')
    for (const period of ['day', 'week', 'month'] as const) {
      const value = periods[period]
      if (value !== undefined && tz !== null) add(value, { kind: 'calendar', period, tz })
    }
  }
  if (unit.kind === 'calls' && caps.some(({ window }) => window.kind === 'call'))
    placed.refuse('"calls" has no "per_call".')
  return caps.toSorted((a, b) => (Window.key(a.window) < Window.key(b.window) ? -1 : 1))
}

/** Where a limit in dollars takes its prices. */
export function readPricing(placed: Placed, entries: Entries, vocabulary: Vocabulary): Pricing | null {
  const sources =
    entries.prices === undefined
      ? placed.refuse('A limit in dollars needs "prices".')
      : entries.prices.list('"prices"').flatMap((each) => readPriceSource(each, vocabulary) ?? [])
  const maxAgeMs = entries.max_age === undefined ? 60_000 : readDuration(entries.max_age)
  const [, percent] =
    /^(\d{1,2}(?:\.\d{1,2})?)\s?%$/.exec(
      entries.spread === undefined ? '2%' : (entries.spread.text('"spread"') ?? ''),
    ) ?? []
  const spreadBps =
    percent === undefined ? entries.spread?.refuse('"spread" must be such as 2%.') : Math.round(Number(percent) * 100)
  return sources === null || maxAgeMs === null || spreadBps == null ? null : { sources, maxAgeMs, spreadBps }
}

export function readPriceSource(placed: Placed, vocabulary: Vocabulary): PriceSource | null {
  const entries = placed.entries('a price', ['tool', 'argument', 'value', 'as_of'])
  const tool = entries.tool === undefined ? placed.refuse('A price needs "tool".') : readTool(entries.tool, vocabulary)
  const argument =
    entries.argument === undefined ? placed.refuse('A price needs "argument".') : readPointer(entries.argument)
  const value = entries.value === undefined ? placed.refuse('A price needs "value".') : readPointer(entries.value)
  const asOf = entries.as_of === undefined ? null : readPointer(entries.as_of)
  if (tool !== null && vocabulary.tools !== null && vocabulary.tools.get(tool)?.kind !== 'read')
    return entries.tool?.refuse('A price comes from a tool of "kind: read".') ?? null
  return tool === null || argument === null || value === null ? null : { tool, argument, value, asOf }
}
