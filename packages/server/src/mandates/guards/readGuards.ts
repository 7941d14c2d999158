import { BaseError } from '@countersign/base'
import { readCaps, readPricing, UNITS } from '../policy/readLimit.ts'
import type { Limit, When } from '../policy/Policy.ts'
import {
  readAddress,
  readAmount,
  readChainId,
  readPointer,
  readRecipient,
  readSelector,
  setOf,
  type Context,
} from '../policy/readWhen.ts'
import { Source, type Fault, type Placed } from '../policy/Source.ts'
import type { Guard, Guards } from './Guards.ts'

/** What guards may name of an app's tools; null where they are not known yet, and nothing is checked. */
export type GuardTools = ReadonlyMap<
  string,
  {
    readonly kind: string
    /** Names of the input's properties. */
    readonly arguments: ReadonlySet<string>
    /** Pointers of `result.trust`. */
    readonly trusted: readonly string[]
  }
> | null

const MAX_GUARDS = 100
const KEYS = [
  'chain',
  'contracts',
  'selectors',
  'spenders',
  'allowance',
  'recipients',
  'token',
  'usd',
  'prices',
  'max_age',
  'spread',
  'new_recipients_per_day',
  'tool',
  'argument',
  'max',
  'per_call',
  'per_hour',
  'per_day',
  'per_week',
] as const
type Entries = Partial<Record<(typeof KEYS)[number], Placed>>

/** Which keys belong to which kind of line; `chain` stands beside all. */
const LINES: Readonly<Record<string, readonly (typeof KEYS)[number][]>> = {
  contracts: ['contracts', 'selectors'],
  selectors: ['contracts', 'selectors'],
  spenders: ['spenders', 'allowance'],
  allowance: ['spenders', 'allowance'],
  recipients: ['recipients'],
  token: ['token', 'per_call', 'per_hour', 'per_day', 'per_week'],
  usd: ['usd', 'prices', 'max_age', 'spread'],
  new_recipients_per_day: ['new_recipients_per_day'],
  tool: ['tool', 'argument', 'max', 'per_call', 'per_hour', 'per_day', 'per_week'],
}

/**
 * Reads `guards` of an `app.yaml`.
 *
 * @returns The guards, or what is wrong with them, each with its place.
 */
export function readGuardsIn(
  text: string,
  tools: GuardTools,
): { readonly guards: Guards; readonly faults: readonly Fault[] } {
  const source = new Source(text, 'yaml', ['guards'])
  const guards = source.root === null ? NONE : readGuards(source.root, tools)
  return { guards, faults: source.faults }
}

/**
 * Reads guards of a key or a session: a JSON list.
 *
 * @throws {GuardsError} `mandates:guards:unreadable`.
 */
export function parseGuards(json: string, tools: GuardTools): Guards {
  const source = new Source(`{"guards":${json}}`, 'json', ['guards'])
  const guards = source.root === null ? NONE : readGuards(source.root, tools)
  const [first] = source.faults
  if (first !== undefined) throw new GuardsError(first)
  return guards
}

export const NONE: Guards = { lines: [], json: '[]' }

function readGuards(placed: Placed, tools: GuardTools): Guards {
  const items = placed.isEmptyList ? [] : placed.list('"guards"')
  if (items.length > MAX_GUARDS) placed.refuse(`There can be at most ${MAX_GUARDS} guards.`)
  return { lines: items.flatMap((each, i) => readLine(each, `guard-${i + 1}`, tools)), json: placed.toJson() }
}

function readLine(placed: Placed, id: string, tools: GuardTools): readonly Guard[] {
  const entries: Entries = placed.entries('a guard', KEYS)
  const given = Object.keys(entries) as (typeof KEYS)[number][]
  const head = given.find((key) => Object.hasOwn(LINES, key))
  if (head === undefined) {
    if (placed.isMapping)
      placed.refuse(
        'A guard needs one of: contracts, selectors, spenders, allowance, recipients, token, usd, new_recipients_per_day, tool.',
      )
    return []
  }
  for (const key of given)
    if (key !== 'chain' && LINES[head]?.includes(key) !== true)
      entries[key]?.refuse(`"${key}" does not stand beside "${head}" in one guard: write two.`)
  const chain = entries.chain === undefined ? null : readChainId(entries.chain)
  return aboutOf(placed, head, { entries, id, tools }).map((about) => ({ chain, about }))
}

function aboutOf(
  placed: Placed,
  head: (typeof KEYS)[number],
  { entries, id, tools }: { entries: Entries; id: string; tools: GuardTools },
): readonly Guard['about'][] {
  const given = <T>(key: (typeof KEYS)[number], read: (value: Placed) => T | null): T | undefined => {
    const value = entries[key]
    return value === undefined ? undefined : (read(value) ?? undefined)
  }
  const whenOf = (when: object): When =>
    Object.fromEntries(Object.entries(when).filter(([, value]) => value !== undefined)) as When
  switch (head) {
    case 'contracts':
    case 'selectors': {
      const contracts = given('contracts', (value) => setOf(value, '"contracts"', readAddress))
      const selectors = given('selectors', (value) =>
        setOf(value, '"selectors"', readSelector, (each) => each.selector),
      )
      return [{ kind: 'calls', when: whenOf({ contracts, selectors }) }]
    }
    case 'spenders':
    case 'allowance': {
      const spenders = given('spenders', (value) => setOf(value, '"spenders"', readAddress))
      const allowance = given('allowance', (value) =>
        value.oneOf('"allowance"', ['exact', 'bounded', 'never'] as const),
      )
      return [{ kind: 'spenders', when: whenOf({ spenders, allowance }) }]
    }
    case 'recipients': {
      const recipients = given('recipients', (value) => setOf(value, '"recipients"', readOwnOrAddress)) ?? []
      return [{ kind: 'recipients', when: { recipients } }]
    }
    case 'tool':
      return aboutTool(placed, { entries, id, tools })
    default:
      return limitOf(placed, head as (typeof UNITS)[number], { entries, id, tools })
  }
}

/** In a guard only `own` and addresses: what is known or new is a mandate's to say. */
function readOwnOrAddress(placed: Placed): NonNullable<When['recipients']>[number] | null {
  const { scalar } = placed
  return scalar === 'known' || scalar === 'new' ? placed.refuse('Write "own" or an address.') : readRecipient(placed)
}

/** A limit of an app's money or people. Tokens are looked up at each decision, so here every name is taken. */
function limitOf(
  placed: Placed,
  what: (typeof UNITS)[number],
  { entries, id, tools }: { entries: Entries; id: string; tools: GuardTools },
): readonly Guard['about'][] {
  const vocabulary = {
    token: () => null,
    targets: new Map(),
    tools: tools === null ? null : new Map([...tools].map(([name, { kind }]) => [name, { kind }])),
  }
  const context: Context = {
    resolve: (value) => value.text('A token', { max: 64 }),
    decimalsOf: () => 18,
    vocabulary,
    isLoose: true,
  }
  const caps = readCaps(placed, entries, what, context)
  const pricing = what === 'usd' ? readPricing(placed, entries, vocabulary) : null
  if (caps.length === 0) placed.refuse('This guard needs a cap, such as per_day.')
  for (const source of pricing?.sources ?? []) {
    const tool = tools?.get(source.tool)
    if (tool === undefined) continue
    if (!tool.arguments.has(firstOf(source.argument)))
      entries.prices?.refuse(`The tool ${source.tool} has no argument "${source.argument}".`)
    if (!tool.trusted.includes(source.value))
      entries.prices?.refuse(`The tool ${source.tool} must list "${source.value}" in "result.trust".`)
  }
  const limit: Limit = { id, caps, over: 'deny', pricing }
  return [{ kind: 'limit', limit }]
}

function aboutTool(
  placed: Placed,
  { entries, id, tools }: { entries: Entries; id: string; tools: GuardTools },
): readonly Guard['about'][] {
  const tool = entries.tool?.text('A tool', { max: 64 }) ?? null
  const argument =
    entries.argument === undefined
      ? placed.refuse('A guard of a tool needs "argument".')
      : readPointer(entries.argument)
  if (tool === null || argument === null) return []
  const known = tools?.get(tool)
  if (tools !== null && known === undefined) entries.tool?.refuse(`The app declares no tool "${tool}".`)
  else if (known !== undefined && !known.arguments.has(firstOf(argument)))
    entries.argument?.refuse(`The tool ${tool} has no argument "${argument}".`)
  const max =
    entries.max === undefined ? null : readAmount(entries.max, '"max"', { decimals: 18, isNumberAllowed: true })
  const caps = readCaps(placed, entries, 'tool', {
    resolve: () => null,
    decimalsOf: () => 18,
    vocabulary: { token: () => null, targets: new Map(), tools: null },
    isLoose: true,
  })
  if (entries.max === undefined && caps.length === 0)
    placed.refuse('A guard of a tool needs "max" or a cap, such as per_day.')
  return [
    ...(max === null ? [] : [{ kind: 'maximum' as const, tool, argument, max }]),
    ...(caps.length === 0
      ? []
      : [{ kind: 'limit' as const, limit: { id, caps, over: 'deny' as const, pricing: null } }]),
  ]
}

function firstOf(pointer: string): string {
  return (pointer.split('/')[1] ?? '').replaceAll('~1', '/').replaceAll('~0', '~')
}

/** Guards of a key or a session cannot be used. */
export class GuardsError extends BaseError {
  override readonly name = 'mandates.GuardsError'
  constructor({ pointer, because }: Fault) {
    super(`${pointer}: ${because}`, {
      code: 'mandates:guards:unreadable',
      kind: 'invalid',
      hint: 'Send a list of guards as docs/reference/apps.md describes them.',
    })
  }
}
