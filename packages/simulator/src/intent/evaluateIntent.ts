import { Address, Clock, Wei } from '@countersign/base'
import * as Coin from '../model/Coin.ts'
import type { AuthorityChange } from '../model/Authority.ts'
import type { TokenChange } from '../model/TokenChange.ts'
import type { Assertion, Intent } from '../model/Intent.ts'
import type { Proceeds } from '../model/ValueFlow.ts'

/** What one environment did, as far as an intent asks. */
export interface IntentOutcome {
  readonly environment: string
  /** The chain's own. */
  readonly coin: Coin.Coin
  /** Time of the block in that environment. */
  readonly timestampMs: number
  /** A step fails there: what is left of the batch is not executed. */
  readonly willRevert: boolean
  /** Every balance that differs afterwards, of everybody. */
  readonly tokenChanges: readonly TokenChange[]
  readonly authorityChanges: readonly AuthorityChange[]
  /** The intent's account and the accounts that it controls: what leaves any of them leaves the user. */
  readonly mine: ReadonlySet<string>
  /** What was to be the user's and ends with somebody else. */
  readonly proceeds: readonly Proceeds[]
  /** All effects could be read. */
  readonly isComplete: boolean
}

/** What is the same in every environment. */
export interface IntentSubject {
  readonly chainId: number
  readonly from: Address.Address
  readonly calls: readonly { readonly to: Address.Address | null; readonly data: string }[]
  readonly maxFeeWei: bigint | null
}

export interface Checked {
  readonly name: Assertion['name'] | 'chain' | 'account' | 'unnamed_outflow' | 'unnamed_authority'
  readonly holds: boolean
  readonly because: string
}

/**
 * Checks every assertion in every environment; one that does not hold in one of them does not hold. What could not be
 * evaluated does not hold either.
 *
 * An environment in which the batch fails breaks no cap, since nothing moves; it breaks a minimum only where it is the
 * expected one (the first outcome): that it would fail later is said by the environments themselves.
 */
export function evaluateIntent(
  intent: Intent,
  subject: IntentSubject,
  outcomes: readonly IntentOutcome[],
): readonly Checked[] {
  const checked: Checked[] = []
  if (intent.chainId !== subject.chainId)
    checked.push({
      name: 'chain',
      holds: false,
      because: `the intent is for chain ${intent.chainId}, this is ${subject.chainId}`,
    })
  if (intent.account !== subject.from)
    checked.push({
      name: 'account',
      holds: false,
      because: `the intent is for ${intent.account}, this is from ${subject.from}`,
    })
  for (const assertion of intent.assertions) {
    const results = outcomes.map((outcome, i) => ({
      outcome,
      ...evaluate(assertion, intent, subject, outcome, i === 0),
    }))
    checked.push(worst(assertion.name, results))
  }
  // What is not named may not leave, once anything is said about what may.
  if (intent.assertions.some(({ name }) => name === 'max_outflow')) {
    const results = outcomes.map((outcome) => ({ outcome, ...unnamedOutflow(intent, outcome) }))
    const result = worst('unnamed_outflow', results)
    if (!result.holds) checked.push(result)
  }
  if (!intent.assertions.some(({ name }) => name === 'no_new_authority')) {
    const results = outcomes.map((outcome) => ({ outcome, ...newAuthority(intent, outcome) }))
    const result = worst('unnamed_authority', results)
    if (!result.holds) checked.push(result)
  }
  if (outcomes.length === 0)
    return checked.map((each) => ({ ...each, holds: false, because: 'nothing could be simulated' }))
  return checked
}

/** Whether the intent allows this grant: the kind, the contract, the subject, no more than the amount, no longer than the time. */
export function isAuthorityAllowed(intent: Intent, change: AuthorityChange): boolean {
  if (change.after <= change.before && change.kind !== 'account_code' && change.kind !== 'ownership') return true
  return intent.assertions.some((assertion) => {
    if (assertion.name === 'allowed_delegate')
      return (
        change.kind === 'account_code' &&
        change.owner === intent.account &&
        change.subject === assertion.delegate &&
        intent.chainId === assertion.chainId
      )
    if (assertion.name !== 'allowed_authority') return false
    if (
      assertion.kind !== change.kind ||
      assertion.contract !== change.contract ||
      assertion.subject !== change.subject
    )
      return false
    const isCounted =
      change.kind === 'erc20_allowance' ||
      change.kind === 'permit2_allowance' ||
      // Of a delegation by document: the most that its limits let move.
      (change.kind === 'delegation' && change.valueAtRisk.length > 0)
    // Power over everything that the account has fits into no amount.
    if (assertion.amount !== null && change.kind === 'delegation' && change.unlimited && change.after <= 1n)
      return false
    if (assertion.amount !== null && isCounted && change.after > assertion.amount) return false
    // A bound that nobody can hold it to: an entry without a number, or with more.
    const isBounded = change.after > 1n && change.after <= (assertion.amount ?? 0n)
    if (assertion.amount !== null && change.kind === 'unknown_grant' && !isBounded) return false
    return assertion.expiresByMs === null || (change.expiresMs !== null && change.expiresMs <= assertion.expiresByMs)
  })
}

interface Result {
  readonly holds: boolean
  readonly because: string
}

function worst(name: Checked['name'], results: readonly (Result & { outcome: IntentOutcome })[]): Checked {
  const broken = results.find((result) => !result.holds)
  const shown = broken ?? results[0]
  if (shown === undefined) return { name, holds: false, because: 'nothing could be simulated' }
  const isOnly = results.every((result) => result.because === shown.because)
  return {
    name,
    holds: broken === undefined,
    because: isOnly ? shown.because : `${shown.outcome.environment}: ${shown.because}`,
  }
}

function evaluate(
  assertion: Assertion,
  intent: Intent,
  subject: IntentSubject,
  outcome: IntentOutcome,
  isExpected: boolean,
): Result {
  const isAboutState = !['max_fee', 'bridge_recipient', 'deadline'].includes(assertion.name)
  if (isAboutState && !outcome.isComplete) return { holds: false, because: 'the effects could not all be read' }
  const of = (account: Address.Address, token: Address.Address | null): bigint => netOf(outcome, account, token)
  const words = (token: Address.Address | null, amount: bigint) => amountWords(outcome, token, amount)
  const atLeast = (account: Address.Address, token: Address.Address | null, amount: bigint): Result => {
    if (outcome.willRevert && !isExpected) return { holds: true, because: 'it would fail there, and nothing moves' }
    const received = account === intent.account ? sumOf(outcome, token) : of(account, token)
    const who = account === intent.account ? 'you receive' : `${account} receives`
    return {
      holds: received >= amount,
      because: `${who} ${words(token, received)}, the minimum is ${words(token, amount)}`,
    }
  }
  switch (assertion.name) {
    case 'max_outflow': {
      const left = outflowOf(intent, outcome, assertion.token)
      return {
        holds: left <= assertion.amount,
        because: `${words(assertion.token, left > 0n ? left : 0n)} leaves, at most ${words(assertion.token, assertion.amount)} may`,
      }
    }
    case 'min_inflow':
      return atLeast(assertion.account ?? intent.account, assertion.token, assertion.amount)
    case 'recipient_receives':
      return atLeast(assertion.account, assertion.token, assertion.amount)
    case 'allowed_recipients':
      return recipients(assertion.recipients, intent, subject, outcome)
    case 'allowed_authority':
    case 'allowed_delegate':
      // A permission is not a duty: it holds, and what goes beyond it is found by the check of new authority.
      return newAuthority(intent, outcome)
    case 'no_new_authority':
      return newAuthority(intent, outcome)
    case 'bridge_recipient':
      return bridgeRecipient(assertion.recipient, intent, subject, outcome)
    case 'max_fee':
      return subject.maxFeeWei === null
        ? { holds: false, because: 'the fee is not known' }
        : {
            holds: subject.maxFeeWei <= assertion.amount,
            because: `the fee is at most ${Coin.text(outcome.coin, subject.maxFeeWei)}, the cap is ${Coin.text(outcome.coin, assertion.amount)}`,
          }
    case 'deadline':
      return {
        // The other environments ask what a later block would do; only the expected block must be in time.
        holds: !isExpected || outcome.timestampMs <= assertion.atMs,
        because: `the block is expected at ${Clock.iso(outcome.timestampMs)}, the deadline is ${Clock.iso(assertion.atMs)}`,
      }
    case 'min_price': {
      if (outcome.willRevert && !isExpected) return { holds: true, because: 'it would fail there, and nothing moves' }
      const given = -sumOf(outcome, assertion.give)
      const taken = sumOf(outcome, assertion.take)
      const { numerator, denominator, text } = assertion.ratio
      if (given <= 0n)
        return { holds: given === 0n && taken >= 0n && !isExpected, because: 'nothing is given, so there is no price' }
      return {
        holds: taken * denominator >= given * numerator,
        because: `${words(assertion.take, taken)} for ${words(assertion.give, given)}, the minimum is ${text} smallest units of the one for one of the other`,
      }
    }
  }
}

function netOf(outcome: IntentOutcome, account: Address.Address, token: Address.Address | null): bigint {
  return outcome.tokenChanges
    .filter((change) => change.account === account && change.token === token)
    .reduce((sum, change) => sum + change.delta, 0n)
}

/** What the user's side gains of a token. */
function sumOf(outcome: IntentOutcome, token: Address.Address | null): bigint {
  return [...outcome.mine].reduce((sum, account) => sum + netOf(outcome, account as Address.Address, token), 0n)
}

/** What leaves the user's side, and what was to be the user's and goes to somebody whom the intent does not name. */
function outflowOf(intent: Intent, outcome: IntentOutcome, token: Address.Address | null): bigint {
  const diverted = divertedFrom(intent, outcome).filter((each) => each.token === token)
  return diverted.reduce((sum, { amount }) => sum + amount, 0n) - sumOf(outcome, token)
}

/** Coins that end with somebody else in the place of the user's side, other than recipients that the intent names. */
function divertedFrom(intent: Intent, { proceeds }: IntentOutcome): readonly Proceeds[] {
  const named = new Set(
    intent.assertions.flatMap((assertion) =>
      assertion.name === 'recipient_receives'
        ? [assertion.account]
        : assertion.name === 'allowed_recipients'
          ? assertion.recipients
          : [],
    ),
  )
  return proceeds.filter(({ kind, share, account }) => kind === 'coin' && share !== 'beside' && !named.has(account))
}

function amountWords(outcome: IntentOutcome, token: Address.Address | null, amount: bigint): string {
  if (token === null) return Coin.text(outcome.coin, amount)
  const known = outcome.tokenChanges.find((change) => change.token === token)
  return known === undefined || known.decimals === null
    ? `${amount} of the smallest unit of ${token}`
    : `${Wei.format(amount, known.decimals)} ${known.symbol ?? token}`
}

function unnamedOutflow(intent: Intent, outcome: IntentOutcome): Result {
  const named = new Set(
    intent.assertions.flatMap((assertion) => (assertion.name === 'max_outflow' ? [assertion.token] : [])),
  )
  const tokens = new Set([
    ...outcome.tokenChanges.filter((change) => outcome.mine.has(change.account)).map((change) => change.token),
    ...divertedFrom(intent, outcome).map(({ token }) => token),
  ])
  for (const token of tokens) {
    const left = outflowOf(intent, outcome, token)
    if (left > 0n && !named.has(token))
      return { holds: false, because: `${amountWords(outcome, token, left)} leaves, and the intent does not name it` }
  }
  return { holds: true, because: 'nothing leaves that is not named' }
}

function newAuthority(intent: Intent, outcome: IntentOutcome): Result {
  const broken = outcome.authorityChanges.find((change) => !isAuthorityAllowed(intent, change))
  return broken === undefined
    ? { holds: true, because: 'no authority beyond what is allowed' }
    : {
        holds: false,
        because: `${broken.subject} gains ${broken.kind} at ${broken.contract} (${broken.unlimited ? 'unlimited' : broken.after}), which the intent does not allow`,
      }
}

/** Nobody else gains what the user loses; contracts that a call names directly (a pool's router, a vault) aside. */
function recipients(
  allowed: readonly Address.Address[],
  intent: Intent,
  subject: IntentSubject,
  outcome: IntentOutcome,
): Result {
  const lost = new Set(
    outcome.tokenChanges
      .filter((change) => outcome.mine.has(change.account) && change.delta < 0n)
      .map((change) => change.token),
  )
  const called = new Set(subject.calls.filter((call) => call.data !== '0x').map((call) => call.to))
  // A pool gives something back to the user for what it takes: it is a counterparty, not a recipient.
  const givers = new Set(
    outcome.tokenChanges
      .filter((change) => change.delta < 0n && !outcome.mine.has(change.account))
      .map((change) => change.account),
  )
  const gains = outcome.tokenChanges.some((change) => outcome.mine.has(change.account) && change.delta > 0n)
  const stranger = outcome.tokenChanges.find(
    (change) =>
      change.delta > 0n &&
      !outcome.mine.has(change.account) &&
      lost.has(change.token) &&
      !allowed.includes(change.account) &&
      !(called.has(change.account) && change.account !== change.token) &&
      !(gains && givers.has(change.account)),
  )
  const other = outcome.proceeds.find(({ account, share }) => share !== 'beside' && !allowed.includes(account))
  if (stranger === undefined && other !== undefined)
    return {
      holds: false,
      because:
        other.kind === 'entry'
          ? `what you give is written down for ${other.account}, who is not an allowed recipient`
          : `${other.account} gains ${amountWords(outcome, other.token, other.amount)} in your place, and is not an allowed recipient`,
    }
  return stranger === undefined
    ? { holds: true, because: 'only allowed recipients gain what you lose' }
    : {
        holds: false,
        because: `${stranger.account} gains ${amountWords(outcome, stranger.token, stranger.delta)}, and is not an allowed recipient`,
      }
}

/** The recipient on the other chain stands in the call data, and no other account that could be it does. */
function bridgeRecipient(
  recipient: Address.Address,
  intent: Intent,
  subject: IntentSubject,
  outcome: IntentOutcome,
): Result {
  const wanted = recipient.slice(2).toLowerCase()
  // Contracts of the route and tokens are not people; the user may be named for refunds.
  const expected = new Set(
    [
      intent.account,
      ...subject.calls.map((call) => call.to),
      ...outcome.tokenChanges.map((change) => change.token),
    ].flatMap((address) => (address === null ? [] : [address.slice(2).toLowerCase()])),
  )
  let isThere = false
  for (const call of subject.calls) {
    const body = call.data.slice(10).toLowerCase()
    for (let i = 0; i + 64 <= body.length; i += 64) {
      const text = body.slice(i, i + 64)
      // As an EVM address in a word, or at the end of bytes32 for other kinds of chains.
      if (text.endsWith(wanted)) isThere = true
      else if (/^0{24}(?!0{16})/.test(text) && !expected.has(text.slice(24)))
        return { holds: false, because: `the call also names 0x${text.slice(24)}, which could be the recipient` }
    }
  }
  return isThere
    ? { holds: true, because: `the call names ${recipient}` }
    : { holds: false, because: `the call does not name ${recipient}` }
}
