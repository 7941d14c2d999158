import { Address } from '@countersign/base'
import { EMPTY_CODE_HASH } from '../model/Access.ts'
import type { TokenChange } from '../model/TokenChange.ts'
import type { Draft } from './Draft.ts'
import { balanceOf, balanceOfId, ownerOf, sharesOf } from './getters.ts'
import { wordOf } from './Draft.ts'

/** Rounding of a token that takes a fee, melts or keeps shares, in its smallest unit (docs/reference/enforcement.md). */
const ROUNDING = 2n
const ROUNDED_BY = new Set(['transfer-fee', 'melting-balance'])

/** Layer A: what the account's own balances may lose, and must gain. */
export function ownBalances(draft: Draft): void {
  const { report, account } = draft
  const own = report.tokenChanges.filter((change) => change.account === account)
  for (const change of own) {
    if (change.standard === 'erc721') arrivingId(draft, change)
    else if (change.delta < 0n) outflow(draft, change)
    else if (change.delta > 0n) inflow(draft, change)
  }
  for (const [token, pieces] of Map.groupBy(own, (change) => (change.standard === 'erc721' ? change.token : null)))
    if (token !== null) leavingPieces(draft, token, pieces)
  if (!own.some(({ standard, delta }) => standard === 'native' && delta !== 0n))
    mayFall(draft, null, null, 0n, 'report')
  for (const assertion of draft.intent?.assertions ?? []) {
    if (assertion.name === 'min_inflow')
      mustRise(draft, assertion.account ?? account, assertion.token, null, assertion.amount, 'intent')
    if (assertion.name === 'recipient_receives')
      mustRise(draft, assertion.account, assertion.token, null, assertion.amount, 'intent')
    if (
      assertion.name === 'max_outflow' &&
      !own.some(({ token, tokenId, delta }) => token === assertion.token && tokenId === null && delta > 0n)
    )
      mayFall(draft, assertion.token, null, assertion.amount, 'intent')
  }
}

function outflow(draft: Draft, change: TokenChange): void {
  const limit = draft.intent?.assertions.find(
    (assertion) => assertion.name === 'max_outflow' && assertion.token === change.token && change.tokenId === null,
  )
  if (limit !== undefined) return
  const most = mostByPrice(draft, change) + rounding(draft, change.token)
  mayFall(draft, change.token, change.tokenId, most, 'report')
}

/**
 * What may leave at most. Nearly always what was shown. Where something is bought or supplied at a price that the chain makes (an exact
 * amount out, liquidity, a refund of what is left), the calls do not say how much that costs: it may cost as much more as an inflow
 * may fall short by, and never more coin than the calls carry.
 */
function mostByPrice(draft: Draft, { token, tokenId, delta }: TokenChange): bigint {
  const { report, account, state } = draft
  const shown = -delta
  const isBought = report.tokenChanges.some((change) => change.account === account && change.delta > 0n)
  if (tokenId !== null || !isBought || isPlain(draft)) return shown
  const carried = state.calls.reduce((sum, { value }) => sum + value, 0n)
  const word = shown.toString(16).padStart(64, '0')
  const isSaid =
    token === null
      ? carried <= shown || state.calls.some(({ value }) => value === shown)
      : state.calls.some(({ data }) => data.toLowerCase().includes(word))
  if (isSaid) return shown
  const most = shown + (shown * BigInt(state.slippageBps)) / 10_000n
  return token === null && most > carried ? carried : most
}

function inflow(draft: Draft, change: TokenChange): void {
  const isIntended = draft.intent?.assertions.some(
    (assertion) =>
      assertion.name === 'min_inflow' &&
      assertion.token === change.token &&
      change.tokenId === null &&
      (assertion.account ?? draft.account) === draft.account,
  )
  if (isIntended === true) return
  const least = lessSlippage(draft, change)
  mustRise(draft, draft.account, change.token, change.tokenId, least, 'report')
}

/**
 * What must arrive at least. Ids, and inflows that nothing was given for, have no slippage; neither have wraps (as much comes
 * as goes) and batches that agree in every environment and call tokens alone.
 */
export function lessSlippage(draft: Draft, { delta, token, tokenId }: TokenChange): bigint {
  const { report, account, state } = draft
  const paid = report.tokenChanges.filter((change) => change.account === account && change.delta < 0n)
  const isWrap = paid.length === 1 && paid[0]?.delta === -delta
  const bps = tokenId !== null || paid.length === 0 || isWrap || isPlain(draft) ? 0n : BigInt(state.slippageBps)
  const least = delta - (delta * bps) / 10_000n - rounding(draft, token)
  return least < 0n ? 0n : least
}

/** Nothing of the batch depends on a price: it agrees in every environment and calls tokens alone. */
function isPlain({ report, account }: Draft): boolean {
  const tokens = new Set([account, ...report.tokenChanges.flatMap(({ token }) => token ?? [])])
  return (
    report.environments.every(({ agrees }) => agrees) &&
    report.environmentReads.length === 0 &&
    report.contractCalls.every(({ address, codeHash }) => tokens.has(address) || codeHash === EMPTY_CODE_HASH)
  )
}

/** For a token that takes a fee, melts, or computes balances from shares: their last digit depends on the block. */
function rounding(draft: Draft, token: Address.Address | null): bigint {
  if (draft.report.findings.some(({ rule }) => ROUNDED_BY.has(rule))) return ROUNDING
  const hasShares =
    token !== null && sharesOf(draft.account).some((data) => wordOf(draft.ask(token, data).before) !== null)
  return hasShares ? ROUNDING : 0n
}

/** NFTs that leave: the number that remains, whichever they are. */
function leavingPieces(draft: Draft, token: Address.Address, pieces: readonly TokenChange[]): void {
  if (!pieces.some(({ delta }) => delta < 0n)) return
  const name = draft.nameOf(token).symbol
  const net = pieces.reduce((sum, { delta }) => sum - delta, 0n)
  const { before, after } = draft.ask(token, balanceOf(draft.account))
  if (wordOf(before) === null || wordOf(after) === null)
    draft.cannot(`how many ${name} leave`, 'the collection does not answer how many you hold')
  else {
    mayFallBy(draft, token, net > 0n ? net : 0n)
    draft.cannot(`which ${name} you keep`, 'their number is bounded, not which they are')
  }
}

/** An NFT that arrives. */
function arrivingId(draft: Draft, { token, tokenId, delta }: TokenChange): void {
  if (token === null || tokenId === null || delta <= 0n) return
  const data = ownerOf(tokenId)
  if (wordOf(draft.ask(token, data).after) !== BigInt(draft.account)) {
    draft.cannot(
      `the arrival of ${draft.nameOf(token).symbol} number ${tokenId}`,
      'the contract does not name its owner',
    )
    draft.hasAllInflows = false
    return
  }
  draft.add({
    source: 'call',
    op: 'equals',
    target: token,
    data,
    value: BigInt(draft.account),
    text: `${draft.nameOf(token).symbol} number ${tokenId} is yours`,
  })
}

/** A relative bound on the number of pieces of a collection. */
export function mayFallBy(draft: Draft, collection: Address.Address, pieces: bigint): void {
  const name = draft.nameOf(collection).symbol
  const text = pieces === 0n ? `No ${name} leaves` : `At most ${pieces} of your ${name} leaves`
  const reading = { source: 'call', target: collection, data: balanceOf(draft.account) } as const
  draft.add({ ...reading, op: 'falls_at_most', value: pieces, text })
}

/** A relative bound on a balance of the account. */
export function mayFall(
  draft: Draft,
  token: Address.Address | null,
  tokenId: bigint | null,
  value: bigint,
  derivesFrom: 'report' | 'intent',
): void {
  const reading = balanceReading(draft, draft.account, token, tokenId)
  const what = draft.amount(token, value)
  const text = value === 0n ? `No ${nameOf(draft, token, tokenId)} leaves` : `At most ${what} leaves`
  if (reading !== null) draft.add({ ...reading, op: 'falls_at_most', value, text, derivesFrom })
  else draft.cannot(`how much ${nameOf(draft, token, tokenId)} leaves`, 'the token does not answer what you hold')
}

function mustRise(
  draft: Draft,
  account: Address.Address,
  token: Address.Address | null,
  tokenId: bigint | null,
  value: bigint,
  derivesFrom: 'report' | 'intent',
): void {
  const reading = balanceReading(draft, account, token, tokenId)
  const isOwn = account === draft.account
  const text = isOwn
    ? `At least ${draft.amount(token, value)} arrives`
    : `At least ${draft.amount(token, value)} reaches ${account}`
  if (reading !== null) draft.add({ ...reading, op: 'rises_at_least', value, text, derivesFrom })
  else {
    draft.cannot(`how much ${nameOf(draft, token, tokenId)} arrives`, 'the token does not answer what is held')
    if (isOwn) draft.hasAllInflows = false
  }
}

function nameOf(draft: Draft, token: Address.Address | null, tokenId: bigint | null): string {
  const symbol = token === null ? (draft.report.chain.coin ?? 'coin') : draft.nameOf(token).symbol
  return tokenId === null ? symbol : `${symbol} number ${tokenId}`
}

/** How a balance is read; null where the contract does not answer before and after. */
function balanceReading(draft: Draft, account: Address.Address, token: Address.Address | null, tokenId: bigint | null) {
  if (token === null) return { source: 'balance', target: account } as const
  const data = tokenId === null ? balanceOf(account) : balanceOfId(account, tokenId)
  const { before, after } = draft.ask(token, data)
  return wordOf(before) === null || wordOf(after) === null ? null : ({ source: 'call', target: token, data } as const)
}

/** Layer B: recipients without code that the user's own calls name, unless the intent said what they get. */
/** @param most - How many of them are bounded; the rest is named. */
export function recipients(draft: Draft, most: number): void {
  let count = 0
  const { report, state, account } = draft
  const named = state.calls.map(({ to, data }) => `${to}${data.slice(2)}`.toLowerCase()).join('|')
  const intended = new Set(
    (draft.intent?.assertions ?? []).flatMap((assertion) =>
      assertion.name === 'recipient_receives' ? `${assertion.account}|${assertion.token ?? ''}` : [],
    ),
  )
  for (const change of report.tokenChanges) {
    const { account: to, token, tokenId, standard, delta } = change
    if (to === account || delta <= 0n || standard === 'erc721' || to === Address.ZERO) continue
    if (intended.has(`${to}|${token ?? ''}`)) continue
    const digits = to.slice(2).toLowerCase()
    if (!named.includes(`${'0'.repeat(24)}${digits}`) && !state.calls.some((call) => call.to === to)) continue
    if (draft.codeHash(to) !== null) continue
    if (++count > most) {
      draft.cannot(`what ${to} receives`, `only ${most} recipients are bounded, because more would cost too much gas`)
      continue
    }
    mustRise(draft, to, token, tokenId, lessSlippage(draft, change), 'report')
  }
}

/** Layer E: tokens that did not move and over which a contract of the run has a right. At most 8, the rest is named. */
export function holdingsAtRisk(draft: Draft, hasRight: (token: Address.Address) => boolean): void {
  const { report, state, account } = draft
  const moved = new Set(
    report.tokenChanges.filter((change) => change.account === account && change.delta !== 0n).map(({ token }) => token),
  )
  const called = report.contractCalls.map(({ address }) => address)
  const candidates = [...new Set([...state.tokens.map(({ address }) => address), ...called])]
    .filter((token) => !moved.has(token) && token !== account)
    .toSorted()
  const atRisk = candidates.filter((token) => {
    const { before, after } = draft.ask(token, balanceOf(account))
    const held = wordOf(before)
    return held !== null && held > 0n && wordOf(after) === held && (hasRight(token) || called.includes(token))
  })
  const byRight = [...atRisk.filter(hasRight), ...atRisk.filter((token) => !hasRight(token))]
  for (const token of byRight.slice(0, 8)) mayFall(draft, token, null, 0n, 'report')
  for (const token of byRight.slice(8))
    draft.cannot(`your ${draft.nameOf(token).symbol}`, 'only 8 holdings that do not move are bounded')
}
