import { UNLIMITED_FROM } from '../model/Allowance.ts'
import { Address, Clock } from '@countersign/base'
import * as Chain from '../chain/Chain.ts'
import { chainOf } from '../chain/records.ts'
import * as Coin from '../model/Coin.ts'
import { safeText } from '../decode/safeText.ts'
import type { Finding } from '../model/Finding.ts'
import type { SignatureFindingName } from './FindingNames.ts'
import type { SignatureContext } from './SignatureRequest.ts'

/** A finding of this room: never about a step, always about the document. */
export function finding(
  rule: SignatureFindingName,
  level: Finding['level'],
  title: string,
  because: string,
  subject: string | null = null,
  evidence: Readonly<Record<string, unknown>> = {},
): Finding {
  return { rule, level, title, because, step: null, subject, evidence }
}

/** The registry's name, and always the address in full. */
export function nameOf(at: SignatureContext, address: Address.Address): string {
  if (address === at.from) return `you (${address})`
  const known = at.known?.(address)
  return known === undefined ? address : `${safeText(known.name, 48)} (${address})`
}

/** Whether the caller vouches for a contract that may spend. */
export function isVouchedSpender(at: SignatureContext, address: Address.Address): boolean {
  return at.known?.(address)?.kind === 'spender'
}

/** The coin of the chain on which the document is used. */
function coinOf({ chainId, coin }: SignatureContext): Coin.Coin {
  return coin ?? Chain.coinOf(chainOf(chainId))
}

/** An amount of a token: exact, in whole tokens where its decimals are known, and always with the token's address. */
export function amountOf(at: SignatureContext, token: Address.Address | null, amount: bigint): string {
  if (amount >= UNLIMITED_FROM) return `unlimited ${token === null ? coinOf(at).symbol : nameOf(at, token)}`
  if (token === null) return Coin.text(coinOf(at), amount)
  const known = at.known?.(token)
  // Nobody's registry has it: what is known of the chain may.
  const listed = chainOf(at.chainId).tokens.find(({ address }) => Address.isEqual(address, token))
  const decimals = (known?.kind === 'token' ? known.decimals : undefined) ?? listed?.decimals
  if (decimals === undefined) return `${amount} of the smallest unit of ${token}`
  const name = (known?.kind === 'token' ? (known.symbol ?? known.name) : undefined) ?? listed?.symbol ?? ''
  return `${decimal(amount, decimals)} ${safeText(name, 24)} (${token})`
}

/** A fixed-point number without losing a digit: `decimal(1500000n, 6)` is `1.5`. */
export function decimal(amount: bigint, decimals: number): string {
  const digits = amount.toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  return fraction === '' ? whole : `${whole}.${fraction}`
}

/** The last second that `Date` can spell (ECMA-262, "Time Values and Time Range"). */
const LAST_SECOND = 8_640_000_000_000n

/** A time in seconds, as people read it. */
export function timeOf(seconds: bigint): string {
  return seconds > LAST_SECOND ? `never (${seconds})` : `${Clock.iso(Number(seconds) * 1000)} (${seconds})`
}

/** A time in seconds as milliseconds; null beyond what a clock reaches, which is "never". */
export function expiryMs(seconds: bigint): number | null {
  return seconds > LAST_SECOND ? null : Number(seconds) * 1000
}

const DAY_MS = 86_400_000
/** Permit2's own interface asks for 30 days (Uniswap's default allowance); what lasts longer deserves a look. */
const LONG_MS = 31 * DAY_MS
/** Nobody remembers a signature for a year. */
const FOREVER_MS = 366 * DAY_MS

/**
 * What an expiry says: past, soon, far, never. `isGrave` (nobody vouches for whoever holds it) turns "never" from a
 * warning into a reason to block.
 */
export function judgeExpiry(at: SignatureContext, what: string, seconds: bigint, isGrave: boolean): Finding[] {
  const ms = expiryMs(seconds)
  const evidence = { expires: seconds.toString() }
  if (ms !== null && ms < at.nowMs) {
    return [
      finding(
        'signature-expired',
        'block',
        'Already expired',
        `${what} ended at ${timeOf(seconds)}: nothing honest can be done with it now.`,
        null,
        evidence,
      ),
    ]
  }
  if (ms === null || ms > at.nowMs + FOREVER_MS) {
    return [
      finding(
        'signature-no-deadline',
        isGrave ? 'block' : 'warn',
        'No real deadline',
        `${what} stays good ${ms === null ? 'for ever' : `until ${timeOf(seconds)}`}. Whoever gets hold of it can wait until there is more to take.`,
        null,
        evidence,
      ),
    ]
  }
  if (ms > at.nowMs + LONG_MS) {
    return [
      finding(
        'signature-far-deadline',
        'warn',
        'A far deadline',
        `${what} stays good until ${timeOf(seconds)}.`,
        null,
        evidence,
      ),
    ]
  }
  return []
}

/** Somebody may take without limit. A warning where the app vouches for them, otherwise a reason to block. */
export function judgeAmount(
  at: SignatureContext,
  spender: Address.Address,
  token: Address.Address,
  amount: bigint,
  max: bigint = UNLIMITED_FROM,
): Finding[] {
  if (amount < UNLIMITED_FROM && amount < max) return []
  const isVouched = isVouchedSpender(at, spender)
  return [
    finding(
      'signature-unlimited',
      isVouched ? 'warn' : 'block',
      'Unlimited permission',
      `${nameOf(at, spender)} could take all ${nameOf(at, token)} of yours, now and later.${isVouched ? '' : ' Nobody vouches for this spender.'}`,
      spender,
      { token, amount: amount.toString() },
    ),
  ]
}

/** Somebody gains a power: a note when the app vouches for them, a warning when nobody does. */
export function judgeSpender(at: SignatureContext, spender: Address.Address, what: string): Finding[] {
  if (spender === at.from) {
    return [
      finding(
        'signature-spender-is-you',
        'warn',
        'A permission for yourself',
        `${what} names you as spender.`,
        spender,
      ),
    ]
  }
  if (isVouchedSpender(at, spender)) return []
  return [
    finding(
      'signature-spender-unknown',
      'warn',
      'Nobody vouches for the spender',
      `${what} lets ${nameOf(at, spender)} take from you, without asking again.`,
      spender,
    ),
  ]
}

/** The document speaks for an account whose key does not sign it. */
export function judgeOwner(at: SignatureContext, owner: Address.Address, role: string): Finding[] {
  return owner === at.from
    ? []
    : [
        finding(
          'signature-owner-mismatch',
          'block',
          'Not your document',
          `The ${role} is ${owner}, but ${at.from} would sign.`,
          owner,
          { owner, signer: at.from },
        ),
      ]
}

/** All fields of a message, depth first, for people: nothing left out, texts escaped. */
export function linesOf(value: unknown, label = ''): { label: string; value: string }[] {
  if (Array.isArray(value)) {
    return value.length === 0
      ? [{ label, value: '(empty list)' }]
      : value.flatMap((entry, i) => linesOf(entry, `${label}[${i}]`))
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, entry]) => linesOf(entry, label === '' ? key : `${label}.${key}`))
  }
  return [{ label, value: typeof value === 'string' ? safeText(value, 2_000) : String(value) }]
}
