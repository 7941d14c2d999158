import { Address } from '@countersign/base'
import * as Abi from './Abi.ts'
import * as Amount from './Amount.ts'
import * as Hours from './Hours.ts'
import { DOORS, NATIVE, type ArgumentTest, type Recipient, type Selector, type TokenName, type When } from './Policy.ts'
import type { Placed } from './Source.ts'
import * as Zone from './Zone.ts'

/** What a reader of policies needs of the world. */
export interface Vocabulary {
  /** The token that a symbol or an address means on a chain. */
  token(
    chainId: number,
    name: string,
  ): { readonly symbol: string; readonly address: Address.Address; readonly decimals: number } | null
  /** Names under which `notify` may reach somebody, with the kinds each has. */
  readonly targets: ReadonlyMap<string, readonly string[]>
  /** Tools with their kind; null where tools are not checked. */
  readonly tools: ReadonlyMap<string, { readonly kind: string }> | null
}

export const AUTHORITY_KINDS = [
  'erc20_allowance',
  'operator',
  'permit2_allowance',
  'ownership',
  'proxy_implementation',
  'module',
  'account_code',
  'delegation',
  'votes',
  'unknown_grant',
] as const
export const DOCUMENT_SCHEMES = [
  'permit',
  'transfer',
  'order',
  'safe',
  'delegation',
  'votes',
  'authorization',
  'operation',
  'message',
  'hash',
  'unknown',
] as const

const KEYS = [
  'chains',
  'contracts',
  'selectors',
  'arguments',
  'recipients',
  'spenders',
  'allowance',
  'tokens',
  'out',
  'in',
  'amount',
  'usd',
  'fee',
  'authority',
  'documents',
  'time',
  'doors',
  'keys',
  'skills',
  'sessions',
  'tool',
  'argument',
  'max',
] as const
type Key = (typeof KEYS)[number]

/** What a part of a policy is read with. */
export interface Context {
  /** A token's name in the policy; notes where it lives. */
  readonly resolve: (placed: Placed) => TokenName | null
  readonly decimalsOf: (token: TokenName) => number
  readonly vocabulary: Vocabulary
  /** Caps of tokens may be JSON numbers, as in guards. */
  readonly isLoose?: boolean
}

/** Reads conditions. */
export function readWhen(placed: Placed, { resolve, vocabulary, decimalsOf }: Context): When {
  const entries = placed.entries('"when"', KEYS)
  if (placed.isMapping && Object.keys(entries).length === 0) placed.refuse('"when" must hold at least one condition.')
  const given = <T>(key: Key, read: (value: Placed) => T | null): T | undefined => {
    const value = entries[key]
    return value === undefined ? undefined : (read(value) ?? undefined)
  }
  const tokens = (value: Placed, what: string): readonly TokenName[] => setOf(value, what, resolve)
  const over = (value: Placed, what: string, decimals: number, isNumberAllowed = false): string | null => {
    const { over: amount } = value.entries(what, ['over'])
    return amount === undefined
      ? value.refuse(`${what} needs "over".`)
      : readAmount(amount, what, { decimals, isNumberAllowed })
  }
  const named = given('tokens', (value) => tokens(value, '"tokens"'))
  const selectors = given('selectors', (value) => setOf(value, '"selectors"', readSelector, ({ selector }) => selector))
  const tool = given('tool', (value) => readTool(value, vocabulary))
  const when = {
    chains: given('chains', (value) => setOf(value, '"chains"', readChainId)),
    contracts: given('contracts', (value) => setOf(value, '"contracts"', readAddress)),
    selectors,
    arguments: given('arguments', (value) => readArguments(value, selectors)),
    recipients: given('recipients', (value) => setOf(value, '"recipients"', readRecipient)),
    spenders: given('spenders', (value) => setOf(value, '"spenders"', readAddress)),
    allowance: given('allowance', (value) => value.oneOf('"allowance"', ['exact', 'bounded', 'never'] as const)),
    tokens: named,
    out: given('out', (value) => tokens(value, '"out"')),
    in: given('in', (value) => tokens(value, '"in"')),
    amountOver: given('amount', (value) =>
      over(value, '"amount"', named?.[0] === undefined ? 18 : decimalsOf(named[0])),
    ),
    usdOver: given('usd', (value) => over(value, '"usd"', Amount.USD_DECIMALS, true)),
    feeOver: given('fee', (value) => over(value, '"fee"', 18)),
    authority: given('authority', (value) =>
      setOf(value, '"authority"', (each) => each.oneOf('A kind of authority', AUTHORITY_KINDS)),
    ),
    documents: given('documents', (value) =>
      setOf(value, '"documents"', (each) => each.oneOf('A document', DOCUMENT_SCHEMES)),
    ),
    time: given('time', readHours),
    doors: given('doors', (value) => setOf(value, '"doors"', (each) => each.oneOf('A door', DOORS))),
    keys: given('keys', (value) => setOf(value, '"keys"', (each) => each.text('A key'))),
    skills: given('skills', (value) => setOf(value, '"skills"', (each) => each.text('A skill'))),
    sessions: given('sessions', (value) => setOf(value, '"sessions"', (each) => each.text('A session'))),
    tool,
    argument: given('argument', readPointer),
    max: given('max', (value) => readAmount(value, '"max"', { decimals: 18, isNumberAllowed: true })),
  }
  if (entries.amount !== undefined && when.tokens?.length !== 1)
    entries.amount.refuse('"amount" needs exactly one entry in "tokens".')
  if ((entries.argument === undefined) !== (entries.max === undefined))
    placed.refuse('"argument" and "max" stand together.')
  if (entries.argument !== undefined && entries.tool === undefined) entries.argument.refuse('"argument" needs "tool".')
  return Object.fromEntries(Object.entries(when).filter(([, value]) => value !== undefined)) as When
}

/** A list without repetitions, in one order. */
export function setOf<T>(
  placed: Placed,
  what: string,
  read: (each: Placed) => T | null,
  keyOf: (value: T) => string = String,
): readonly T[] {
  const found = new Map<string, T>()
  for (const each of placed.list(what)) {
    const value = read(each)
    if (value === null) continue
    const key = keyOf(value)
    if (found.has(key)) each.refuse(`${what} has the same entry twice.`)
    found.set(key, value)
  }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value)
}

export function readChainId(placed: Placed): number | null {
  return placed.whole('A chain', { least: 1, most: Number.MAX_SAFE_INTEGER })
}

export function readAddress(placed: Placed): Address.Address | null {
  const value = placed.scalar
  if (typeof value === 'string') {
    try {
      return Address.parse(value)
    } catch (error) {
      if (!(error instanceof Address.AddressError)) throw error
      return placed.refuse(
        error.code === 'base:address:checksum'
          ? 'The address has a wrong EIP-55 checksum.'
          : 'A name without an address: write 0x and 40 hex digits.',
      )
    }
  }
  return placed.refuse('An address must stand in quotation marks: 0x and 40 hex digits.')
}

export function readRecipient(placed: Placed): Recipient | null {
  const { scalar } = placed
  return scalar === 'own' || scalar === 'known' || scalar === 'new' ? scalar : readAddress(placed)
}

export function readSelector(placed: Placed): Selector | null {
  const text = placed.text('A selector', { max: 1_000 })
  if (text === null) return null
  return (
    Abi.parseSelector(text) ??
    placed.refuse('A selector must be a full signature such as "transfer(address,uint256)" or 4 bytes.')
  )
}

function readArguments(placed: Placed, selectors: readonly Selector[] | undefined): readonly ArgumentTest[] | null {
  if (selectors === undefined) return placed.refuse('"arguments" needs "selectors".')
  return setOf(
    placed,
    '"arguments"',
    (each): ArgumentTest | null => {
      const entries = each.entries('An argument', ['at', 'is', 'in', 'max', 'min', 'own'])
      const at = entries.at === undefined ? each.refuse('An argument needs "at".') : readPointer(entries.at)
      if (at === null) return null
      for (const { abi, selector } of selectors)
        if (abi === null || !Abi.hasPlace(abi, at))
          entries.at?.refuse(
            `"${at}" is no parameter of ${selector}: name the parameters in the signature, or give a position such as /0.`,
          )
      const values = [
        ...(entries.is === undefined ? [] : [readArgumentValue(entries.is)]),
        ...(entries.in === undefined ? [] : setOf(entries.in, '"in"', readArgumentValue)),
      ].filter((value) => value !== null)
      if (entries.own !== undefined) {
        if (entries.own.scalar === true) values.push('own')
        else entries.own.refuse('"own" must be true.')
      }
      const given = [entries.is, entries.in, entries.own].filter((entry) => entry !== undefined)
      if (given.length > 1) each.refuse('Give one of "is", "in" and "own".')
      const min = entries.min === undefined ? null : readWhole(entries.min)
      const max = entries.max === undefined ? null : readWhole(entries.max)
      if (given.length === 0 && entries.min === undefined && entries.max === undefined)
        each.refuse('An argument needs "is", "in", "own", "min" or "max".')
      return {
        at,
        ...(given.length === 0 ? {} : { in: values.toSorted() }),
        ...(min === null ? {} : { min }),
        ...(max === null ? {} : { max }),
      }
    },
    (test) => JSON.stringify(test),
  )
}

/** `own`, an address, a whole number, a truth value, bytes or text, as decoded calls are compared. */
function readArgumentValue(placed: Placed): string | null {
  const value = placed.written ?? (typeof placed.scalar === 'boolean' ? String(placed.scalar) : undefined)
  if (value === undefined || value.length > 1_000)
    return placed.refuse('A value must be an address, a whole number, true, false or text.')
  if (/^0x[0-9a-fA-F]{40}$/.test(value)) return readAddress(placed)
  return /^0x[0-9a-fA-F]*$/.test(value) ? value.toLowerCase() : value
}

/** A whole number in the smallest unit, as call data holds it. */
function readWhole(placed: Placed): string | null {
  const written = placed.written
  if (written !== undefined && /^\d{1,78}$/.test(written)) return BigInt(written).toString()
  return placed.refuse('"min" and "max" of an argument are whole numbers, as the call holds them.')
}

export function readPointer(placed: Placed): string | null {
  const text = placed.text('A pointer')
  if (text === null) return null
  return /^(?:\/(?:[^~/]|~[01])+)+$/.test(text)
    ? text
    : placed.refuse('A pointer must start with "/", such as /amount.')
}

export function readTool(placed: Placed, vocabulary: Vocabulary): string | null {
  const name = placed.text('A tool', { max: 64 })
  if (name === null || vocabulary.tools === null || vocabulary.tools.has(name)) return name
  return placed.refuse('There is no such tool in this app.')
}

function readHours(placed: Placed): Hours.Hours | null {
  const entries = placed.entries('"time"', ['inside', 'outside', 'days', 'tz'])
  const side = entries.inside === undefined ? 'outside' : 'inside'
  const given = entries[side]
  if (given === undefined || (entries.inside !== undefined && entries.outside !== undefined))
    return placed.refuse('"time" needs either "inside" or "outside".')
  const span =
    Hours.parseSpan(given.text('Hours') ?? '') ?? given.refuse('Hours must be two times such as 08:00-20:00.')
  const days =
    entries.days === undefined
      ? Hours.everyDay
      : (Hours.parseDays(entries.days.text('Days') ?? '') ??
        entries.days.refuse('Days must be names such as mon-fri or sat,sun.'))
  const tz = entries.tz === undefined ? placed.refuse('"time" needs "tz".') : readZone(entries.tz)
  return span === null || days === null || tz === null ? null : { side, ...span, days, tz }
}

export function readZone(placed: Placed): string | null {
  const text = placed.text('A time zone')
  if (text === null) return null
  return Zone.canonical(text) ?? placed.refuse('Unknown time zone: write a name such as Europe/Berlin.')
}

export function readAmount(
  placed: Placed,
  what: string,
  { decimals, isNumberAllowed = false }: { decimals: number; isNumberAllowed?: boolean },
): string | null {
  if (!isNumberAllowed && typeof placed.scalar !== 'string')
    return placed.refuse(`${what} must be decimal text in quotation marks, such as '0.5'.`)
  const written = placed.written ?? ''
  const canonical = Amount.canonical(written)
  if (canonical === null) return placed.refuse(`${what} must be a plain decimal such as '0.5'.`)
  if (Amount.parse(canonical, decimals) === null)
    return placed.refuse(`${what} has more than ${decimals} decimal places.`)
  return canonical
}

/** A symbol or an address as the policy's own name for a token. */
export function tokenReader({
  chains,
  vocabulary,
  tokens,
}: {
  chains: readonly number[]
  vocabulary: Vocabulary
  tokens: Map<TokenName, { chainId: number; address: Address.Address; decimals: number }[]>
}): (placed: Placed) => TokenName | null {
  return (placed) => {
    const text = placed.text('A token', { max: 64 })
    if (text === null || text === NATIVE) return text
    if (text.startsWith('0x') && readAddress(placed) === null) return null
    const found = chains.flatMap((chainId) => {
      const token = vocabulary.token(chainId, text)
      return token === null ? [] : [{ chainId, address: token.address, decimals: token.decimals, symbol: token.symbol }]
    })
    const [first] = found
    if (first === undefined) return placed.refuse('Unknown token on the chains of this policy.')
    // An address means that one contract, under a name that no symbol can have.
    const name = text.startsWith('0x') ? first.address : text
    tokens.set(
      name,
      found.map(({ chainId, address, decimals }) => ({ chainId, address, decimals })),
    )
    return name
  }
}
