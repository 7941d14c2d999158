import type { Intent, Assertion, Ratio } from '../model/Intent.ts'
import { Address, BaseError, Digest, Wei } from '@countersign/base'
import type { AuthorityKind } from '../model/Authority.ts'

type Token = Address.Address | null

const KINDS: readonly AuthorityKind[] = [
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
]

/** Fields of each assertion; `?` marks those that may be left out. Anything else is refused by name. */
const FIELDS: Readonly<Record<Assertion['name'], readonly string[]>> = {
  max_outflow: ['token', 'amount'],
  min_inflow: ['token', 'amount', 'account?'],
  recipient_receives: ['account', 'token', 'amount'],
  allowed_recipients: ['recipients'],
  allowed_authority: ['kind', 'contract', 'subject', 'amount?', 'expires_by?'],
  no_new_authority: [],
  allowed_delegate: ['delegate', 'chain_id'],
  bridge_recipient: ['recipient', 'chain_id'],
  max_fee: ['amount'],
  deadline: ['at'],
  min_price: ['give', 'take', 'ratio'],
}

const MAX_ASSERTIONS = 64

/**
 * Reads an intent strictly: an unknown assertion, a field too many or too few, an address with a wrong checksum, a
 * negative or fractional amount is refused, never mended.
 *
 * @throws {IntentError} `simulation:intent:unreadable`, naming the place.
 */
export function parseIntent(value: unknown): Intent {
  const raw = objectOf(value, 'the intent')
  only(raw, ['version', 'chain_id', 'account', 'goal?', 'assertions'], 'the intent')
  if (raw['version'] !== 1) throw new IntentError('the intent', '"version" is not 1')
  const goal = raw['goal'] ?? null
  if (goal !== null && typeof goal !== 'string') throw new IntentError('the intent', '"goal" is not text')
  const list = raw['assertions']
  if (!Array.isArray(list) || list.length === 0)
    throw new IntentError('the intent', '"assertions" is not a list with entries')
  if (list.length > MAX_ASSERTIONS) throw new IntentError('the intent', `it has more than ${MAX_ASSERTIONS} assertions`)
  return {
    version: 1,
    chainId: chainIdOf(raw['chain_id'], 'the intent'),
    account: addressOf(raw['account'], 'the intent', 'account'),
    goal,
    assertions: list.map((entry, i) => parseAssertion(entry, `assertion ${i + 1}`)),
  }
}

function parseAssertion(value: unknown, where: string): Assertion {
  const raw = objectOf(value, where)
  const name = raw['name']
  if (typeof name !== 'string' || !Object.hasOwn(FIELDS, name))
    throw new IntentError(where, `the name ${JSON.stringify(name)?.slice(0, 60) ?? 'undefined'} is not known`)
  const known = name as Assertion['name']
  only(raw, ['name', ...FIELDS[known]], where)
  const address = (field: string) => addressOf(raw[field], where, field)
  const token = (field: string): Token => (raw[field] === null ? null : address(field))
  const amount = (field: string) => amountOf(raw[field], where, field)
  switch (known) {
    case 'max_outflow':
      return { name: known, token: token('token'), amount: amount('amount') }
    case 'min_inflow':
      return {
        name: known,
        token: token('token'),
        amount: amount('amount'),
        account: raw['account'] === undefined ? null : address('account'),
      }
    case 'recipient_receives':
      return { name: known, account: address('account'), token: token('token'), amount: amount('amount') }
    case 'allowed_recipients': {
      const list = raw['recipients']
      if (!Array.isArray(list)) throw new IntentError(where, '"recipients" is not a list')
      return { name: known, recipients: list.map((entry) => addressOf(entry, where, 'recipients')) }
    }
    case 'allowed_authority': {
      const kind = KINDS.find((each) => each === raw['kind'])
      if (kind === undefined) throw new IntentError(where, `"kind" is none of ${KINDS.join(', ')}`)
      return {
        name: known,
        kind,
        contract: address('contract'),
        subject: address('subject'),
        amount: raw['amount'] === undefined ? null : amount('amount'),
        expiresByMs: raw['expires_by'] === undefined ? null : timeOf(raw['expires_by'], where, 'expires_by'),
      }
    }
    case 'no_new_authority':
      return { name: known }
    case 'allowed_delegate':
      return { name: known, delegate: address('delegate'), chainId: chainIdOf(raw['chain_id'], where) }
    case 'bridge_recipient':
      return { name: known, recipient: address('recipient'), chainId: chainIdOf(raw['chain_id'], where) }
    case 'max_fee':
      return { name: known, amount: amount('amount') }
    case 'deadline':
      return { name: known, atMs: timeOf(raw['at'], where, 'at') }
    case 'min_price':
      return { name: known, give: token('give'), take: token('take'), ratio: ratioOf(raw['ratio'], where) }
  }
}

/** A digest of what is checked: SHA-256 of canonical JSON. The goal, which is for people, is not part of it. */
export function digestOf(intent: Intent): Digest.Digest {
  return Digest.ofJson(
    JSON.parse(
      JSON.stringify({ ...intent, goal: null }, (_, value: unknown) =>
        typeof value === 'bigint' ? value.toString() : value,
      ),
    ),
  )
}

function objectOf(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new IntentError(where, 'it is not an object')
  return value as Record<string, unknown>
}

function only(raw: Record<string, unknown>, fields: readonly string[], where: string): void {
  const allowed = new Set(fields.map((field) => field.replace('?', '')))
  const strange = Object.keys(raw).find((key) => !allowed.has(key))
  if (strange !== undefined)
    throw new IntentError(where, `the field ${JSON.stringify(strange.slice(0, 40))} is not known`)
  const absent = fields.find((field) => !field.endsWith('?') && raw[field] === undefined)
  if (absent !== undefined) throw new IntentError(where, `the field "${absent}" is missing`)
}

function addressOf(value: unknown, where: string, field: string): Address.Address {
  return read(where, field, () => Address.parse(typeof value === 'string' ? value : ''))
}

function amountOf(value: unknown, where: string, field: string): bigint {
  if (typeof value !== 'string') throw new IntentError(where, `"${field}" is not a decimal text in the smallest unit`)
  return read(where, field, () => Wei.parse(value))
}

function chainIdOf(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value <= 0)
    throw new IntentError(where, '"chain_id" is not a positive whole number')
  return value
}

function timeOf(value: unknown, where: string, field: string): number {
  const isIso = typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value)
  const ms = isIso ? Date.parse(value) : Number.NaN
  if (Number.isNaN(ms)) throw new IntentError(where, `"${field}" is not a time such as 2026-01-31T12:00:00Z`)
  return ms
}

function ratioOf(value: unknown, where: string): Ratio {
  const match = typeof value === 'string' ? /^(\d{1,60})(?:\.(\d{1,40}))?$/.exec(value) : null
  if (match === null)
    throw new IntentError(where, '"ratio" is not a decimal text: smallest units of `take` for one of `give`')
  const [text, whole = '0', fraction = ''] = match
  return { numerator: BigInt(whole + fraction), denominator: 10n ** BigInt(fraction.length), text }
}

function read<T>(where: string, field: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof BaseError) throw new IntentError(where, `"${field}": ${error.message}`)
    throw error
  }
}

/** The intent cannot be read, so nothing can be compared with it. */
export class IntentError extends BaseError {
  override readonly name = 'simulator.IntentError'
  constructor(where: string, reason: string) {
    super(`The intent cannot be used: ${where}: ${reason.replace(/\.$/, '')}.`, {
      code: 'simulation:intent:unreadable',
      kind: 'invalid',
      hint: 'See docs/reference/intent.md for the assertions and their fields.',
    })
  }
}
