import { Address, type Hex } from '@countersign/base'
import { readLimit } from './readLimit.ts'
import {
  BOUNDS,
  DOORS,
  tokenDecimals,
  type DoorName,
  type Policy,
  type Rule,
  type TokenName,
  type TokenPlace,
} from './Policy.ts'
import { readDuration, readId } from './readParts.ts'
import { readAddress, readChainId, readWhen, setOf, tokenReader, type Context, type Vocabulary } from './readWhen.ts'
import { PolicyError, Source, type Placed } from './Source.ts'

const KEYS = [
  'mandate',
  'owner',
  'agent',
  'chains',
  'valid',
  'otherwise',
  'bound',
  'trusts',
  'tolerates',
  'rules',
  'limits',
  'approvers',
  'freeze_when',
  'notify',
  'tokens',
] as const
const MAX_VALID_MS = 366 * 86_400_000
const MAX_RULES = 200
const MAX_LIMITS = 100

/**
 * Reads a policy: a file in YAML, or the same as JSON.
 *
 * @param of.file - How the file is named in errors; null for a request's body, where errors name a JSON pointer.
 * @param of.isStored - What this server wrote itself: it carries where its tokens live, and no registry is asked.
 * @param of.path - Keys to the policy in the text; absent where the text is the policy.
 * @throws {PolicyError} `mandates:policy:unreadable`, with every fault and its place.
 */
export function parsePolicy(
  text: string,
  {
    file = null,
    format,
    vocabulary,
    isStored = false,
    path = [],
  }: {
    file?: string | null
    format: 'yaml' | 'json'
    vocabulary: Vocabulary
    isStored?: boolean
    path?: readonly string[]
  },
): Policy {
  const source = new Source(text, format, path)
  const policy = source.root === null ? null : readRoot(source.root, vocabulary, isStored)
  if (source.faults.length > 0 || policy === null) throw new PolicyError(source.faults, file)
  return policy
}

function readRoot(root: Placed, vocabulary: Vocabulary, isStored: boolean): Policy | null {
  const entries = root.entries('the policy', isStored ? KEYS : KEYS.filter((key) => key !== 'tokens'))
  const need = (key: (typeof KEYS)[number]): Placed | null => entries[key] ?? root.refuse(`"${key}" is required.`)
  const name = readId(need('mandate'), '"mandate"')
  const chains = withPlaced(need('chains'), (value) => setOf(value, '"chains"', readChainId)) ?? []
  const stored = entries.tokens === undefined ? null : readStoredTokens(entries.tokens)
  const tokens = new Map<TokenName, TokenPlace[]>()
  const words: Vocabulary = stored === null ? vocabulary : { ...vocabulary, token: tokenOf(stored) }
  const resolve = tokenReader({ chains, vocabulary: words, tokens })
  const decimalsOf = (token: TokenName): number =>
    Math.min(18, tokenDecimals({ tokens: Object.fromEntries(tokens) }, token))
  const context: Context = { resolve, decimalsOf, vocabulary: words }

  const rules =
    withPlaced(entries.rules ?? null, (value) => value.list('"rules"').map((each) => readRule(each, context))) ?? []
  if (rules.length > MAX_RULES) entries.rules?.refuse(`A policy has at most ${MAX_RULES} rules.`)
  const limits =
    withPlaced(entries.limits ?? null, (value) => value.list('"limits"').map((each) => readLimit(each, context))) ?? []
  if (limits.length > MAX_LIMITS) entries.limits?.refuse(`A policy has at most ${MAX_LIMITS} limits.`)
  refuseTwice(entries.rules, rules, 'rule')
  refuseTwice(entries.limits, limits, 'limit')
  if (limits.filter((limit) => limit?.pricing != null).length > 1)
    entries.limits?.refuse('A policy has at most one limit in dollars: its prices are those of all conditions.')
  const approvers = entries.approvers === undefined ? null : readApprovers(entries.approvers, context)
  const isPriced = limits.some((limit) => limit?.pricing != null)
  const usesUsd = [...rules.map((rule) => rule?.when), approvers?.when].some((when) => when?.usdOver !== undefined)
  if (usesUsd && !isPriced) root.refuse('A condition in dollars needs a limit in dollars, whose prices it takes.')

  const valid = need('valid')?.entries('"valid"', ['from', 'until'])
  const fromMs = valid?.from === undefined ? null : readTime(valid.from)
  const untilMs =
    valid?.until === undefined ? (entries.valid?.refuse('"valid" needs "until".') ?? null) : readTime(valid.until)
  if (fromMs !== null && untilMs !== null && untilMs <= fromMs)
    entries.valid?.refuse('"until" must be later than "from".')
  if (fromMs !== null && untilMs !== null && untilMs - fromMs > MAX_VALID_MS)
    entries.valid?.refuse('A mandate lasts at most 366 days.')

  const policy = {
    name,
    owner: withPlaced(need('owner'), (value) =>
      value.scalar === 'session' ? ('session' as const) : readAddress(value),
    ),
    agent: readAgent(entries.agent ?? null),
    chains,
    fromMs,
    untilMs,
    otherwise:
      entries.otherwise === undefined ? 'deny' : entries.otherwise.oneOf('"otherwise"', ['deny', 'ask'] as const),
    bound: entries.bound === undefined ? 'proven' : entries.bound.oneOf('"bound"', BOUNDS),
    trusts:
      entries.trusts === undefined
        ? []
        : setOf(entries.trusts, '"trusts"', readTrust, (each) => `${each.contract} ${each.code}`),
    tolerates: entries.tolerates === undefined ? [] : setOf(entries.tolerates, '"tolerates"', readFindingName),
    rules: sorted(rules),
    limits: sorted(limits),
    approvers,
    freezeWhen: readFreezeWhen(entries.freeze_when),
    notify:
      entries.notify === undefined
        ? []
        : entries.notify.list('"notify"').flatMap((each) => readTarget(each, isStored ? null : vocabulary) ?? []),
    tokens: Object.fromEntries([...tokens].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  }
  const { owner, otherwise, bound } = policy
  if (name === null || owner === null || otherwise === null || bound === null || untilMs === null) return null
  return { ...policy, name, owner, otherwise, bound, untilMs }
}

function withPlaced<T>(placed: Placed | null, read: (placed: Placed) => T): T | null {
  return placed === null ? null : read(placed)
}

function sorted<T extends { readonly id: string }>(items: readonly (T | null)[]): readonly T[] {
  return items.filter((item) => item !== null).toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

function refuseTwice(
  placed: Placed | undefined,
  items: readonly ({ readonly id: string } | null)[],
  what: string,
): void {
  const seen = new Set<string>()
  const places = placed?.list(`"${what}s"`) ?? []
  for (const [i, item] of items.entries()) {
    if (item === null) continue
    if (seen.has(item.id)) places[i]?.refuse(`Two ${what}s have the id "${item.id}".`)
    seen.add(item.id)
  }
}

function readRule(placed: Placed, context: Context): Rule | null {
  const entries = placed.entries('a rule', ['id', 'answer', 'at_least', 'delay', 'when'])
  const id = entries.id === undefined ? placed.refuse('A rule needs "id".') : readId(entries.id, 'The id of a rule')
  const answer =
    entries.answer === undefined
      ? placed.refuse('A rule needs "answer".')
      : entries.answer.oneOf('"answer"', ['allow', 'delay', 'ask', 'step-up', 'deny'] as const)
  const atLeast =
    entries.at_least === undefined ? null : entries.at_least.oneOf('"at_least"', ['ask', 'step-up', 'delay'] as const)
  if (entries.at_least !== undefined && answer !== 'allow')
    entries.at_least.refuse('"at_least" stands beside "answer: allow" only.')
  const delayMs = entries.delay === undefined ? null : readDuration(entries.delay)
  const isDelayed = answer === 'delay' || atLeast === 'delay'
  if (isDelayed && entries.delay === undefined) placed.refuse('"delay" is required here: how long, such as 12h.')
  if (!isDelayed && entries.delay !== undefined)
    entries.delay.refuse('"delay" stands beside "answer: delay" or "at_least: delay" only.')
  const when = entries.when === undefined ? placed.refuse('A rule needs "when".') : readWhen(entries.when, context)
  return id === null || answer === null || when === null ? null : { id, answer, atLeast, delayMs, when }
}

/** ISO 8601 with a zone, to the second. */
function readTime(placed: Placed): number | null {
  const text = placed.text('A time') ?? ''
  const ms = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/.test(text)
    ? Date.parse(text)
    : Number.NaN
  return Number.isSafeInteger(ms) && isRealDate(text)
    ? Math.floor(ms / 1_000) * 1_000
    : placed.refuse('A time must be such as 2026-12-01T00:00:00Z.')
}

/** `Date.parse` makes March of what February does not have. */
function isRealDate(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number)
  return new Date(Date.UTC(year, month - 1, day)).toISOString().startsWith(text.slice(0, 10))
}

function readAgent(placed: Placed | null): Policy['agent'] {
  const entries = placed === null ? {} : placed.entries('"agent"', ['keys', 'skills', 'doors'])
  const names = (value: Placed | undefined, what: string): readonly string[] | null => {
    const found = value === undefined ? ['any'] : setOf(value, what, (each) => each.text('A name'))
    if (found.includes('any') && found.length > 1) value?.refuse(`"any" stands alone in ${what}.`)
    return found.includes('any') ? null : found
  }
  return {
    keys: names(entries.keys, '"keys"'),
    skills: names(entries.skills, '"skills"'),
    doors:
      entries.doors === undefined
        ? null
        : setOf<DoorName>(entries.doors, '"doors"', (each) => each.oneOf('A door', DOORS)),
  }
}

function readTrust(placed: Placed): { contract: Address.Address; code: Hex.Hex } | null {
  const entries = placed.entries('"trusts"', ['contract', 'code'])
  const contract =
    entries.contract === undefined
      ? placed.refuse('A trusted contract needs "contract".')
      : readAddress(entries.contract)
  const code = entries.code?.scalar
  if (typeof code !== 'string' || !/^0x[0-9a-fA-F]{64}$/.test(code))
    return (entries.code ?? placed).refuse('A trusted contract needs "code": the 32-byte hash of its code.')
  return contract === null ? null : { contract, code: code.toLowerCase() as Hex.Hex }
}

function readFindingName(placed: Placed): string | null {
  const text = placed.text('A finding', { max: 64 })
  return text === null || /^[a-z][a-z0-9-]*$/.test(text)
    ? text
    : placed.refuse('A finding must be a name of docs/reference/findings.md.')
}

function readApprovers(placed: Placed, context: Context): Policy['approvers'] {
  const entries = placed.entries('"approvers"', ['of', 'need', 'when'])
  const of =
    entries.of === undefined ? placed.refuse('"approvers" needs "of".') : setOf(entries.of, '"of"', readAddress)
  const need =
    entries.need === undefined
      ? placed.refuse('"approvers" needs "need".')
      : entries.need.whole('"need"', { least: 1, most: of?.length ?? 1 })
  const when = entries.when === undefined ? placed.refuse('"approvers" needs "when".') : readWhen(entries.when, context)
  return of === null || need === null || when === null ? null : { of, need, when }
}

function readFreezeWhen(placed: Placed | undefined): Policy['freezeWhen'] {
  const entries = placed?.entries('"freeze_when"', ['mismatched', 'refused_per_hour']) ?? {}
  const count = (value: Placed | undefined, what: string): number | null =>
    value === undefined ? null : value.whole(what, { least: 1, most: 1_000_000 })
  return {
    mismatched: count(entries.mismatched, '"mismatched"'),
    refusedPerHour: count(entries.refused_per_hour, '"refused_per_hour"'),
  }
}

/** @param vocabulary - Null for what this server wrote itself: its targets were checked when it was granted. */
function readTarget(placed: Placed, vocabulary: Vocabulary | null): Policy['notify'][number] | null {
  const entries = placed.entries('"notify"', ['webhook', 'telegram', 'mail', 'push'])
  const [kind, value, ...more] = Object.entries(entries).flat() as [Policy['notify'][number]['kind'], Placed]
  if (value === undefined || more.length > 0)
    return placed.refuse('Each entry of "notify" names one target, such as webhook: ops.')
  const target = value.text('A target', { max: 64 })
  if (target === null) return null
  // A browser needs no target: the owner's browsers subscribe themselves.
  if (kind === 'push') return target === 'owner' ? { kind, target } : value.refuse('"push" reaches "owner" only.')
  if (vocabulary === null || vocabulary.targets.get(target)?.includes(kind) === true) return { kind, target }
  return value.refuse(`The app has no ${kind} target of this name in "notify" of app.yaml.`)
}

/** Where tokens live, as `toCanonical` writes it. */
function readStoredTokens(placed: Placed): ReadonlyMap<string, readonly TokenPlace[]> {
  const tokens = new Map<string, readonly TokenPlace[]>()
  for (const [symbol, list] of placed.pairs('"tokens"')) {
    const places = list.list('A token').flatMap((each) => {
      const entries = each.entries('A token', ['chain', 'address', 'decimals'])
      const chainId = entries.chain === undefined ? null : readChainId(entries.chain)
      const address = entries.address === undefined ? null : readAddress(entries.address)
      const decimals =
        entries.decimals === undefined ? null : entries.decimals.whole('"decimals"', { least: 0, most: 255 })
      return chainId === null || address === null || decimals === null ? [] : [{ chainId, address, decimals }]
    })
    tokens.set(symbol, places)
  }
  return tokens
}

function tokenOf(stored: ReadonlyMap<string, readonly TokenPlace[]>): Vocabulary['token'] {
  return (chainId, name) => {
    const place = stored
      .get(Address.isAddress(name) ? Address.parse(name) : name)
      ?.find((each) => each.chainId === chainId)
    return place === undefined ? null : { symbol: name, address: place.address, decimals: place.decimals }
  }
}
