/** What stands on the first screen of a card, as words and figures: pure, so that each misreading is a unit test. */
import type { Proposal, PublicConfig, ReportWire } from '@countersign/sdk'
import { ownChanges } from '../ownChanges.ts'
import { isSpending, shownSymbol, symbolOf, type Change } from '../words.ts'
import * as Amount from './Amount.ts'
import { decode, same, type Decoded } from './Bytes.ts'
import type { Tone } from './CardState.ts'
import { namesOf } from './Contracts.ts'
import { environmentsLine } from './Environments.ts'
import { readable } from './Sentence.ts'
import { t } from '../text/text.ts'

type Finding = ReportWire['findings'][number]
type Authority = ReportWire['authority_changes'][number]

/** One amount that leaves or arrives. */
export interface Line {
  readonly key: string
  /** Sign and rounded figure: `−1`, `+2,491.25`, `−1.5 #7` for a numbered token. */
  readonly figure: string
  readonly unit: string
  /** The exact figure with its sign; null where nothing was rounded. */
  readonly exact: string | null
  readonly isGain: boolean
  /** The contract of the token; null for the coin. */
  readonly token: string | null
  /** What the bytes accept at worst: `at least 2,478.80`. */
  readonly atLeast: string | null
  /** The amount as it is, where it can be worth something by the unit; null for numbered tokens and unknown decimals. */
  readonly whole: { readonly amount: string; readonly decimals: number } | null
}

export interface Side {
  readonly owner: string
  /** The account of the card itself, not one that it controls. */
  readonly isSelf: boolean
  readonly leaves: readonly Line[]
  readonly arrives: readonly Line[]
}

/** Which row it is, in every language. */
export type RowName = 'account' | 'price' | 'impact' | 'fee' | 'left' | 'valid' | 'compared'

/** One line of label and value. */
export interface Row {
  readonly name: RowName
  readonly label: string
  readonly value: string
  readonly note?: string
  readonly tone?: Tone
}

/** Whoever gains by this payment and is not the owner. */
export interface Recipient {
  readonly address: string
  /** What they get, rounded; null where the simulation shows nothing. */
  readonly gets: string | null
  readonly status: 'first' | 'paid-before' | 'named'
  readonly words: string
  /** What to do before paying them; null where the verdict says it already, or there is nothing to do. */
  readonly advice: string | null
}

/** A right that stays behind when the transaction is over. */
export interface Permission {
  readonly words: string
  readonly amount: string
  readonly symbol: string
  readonly before: string | null
  readonly subject: string
  readonly subjectName: string | null
  /** A rule found that nobody vouches for the subject. */
  readonly isUnverified: boolean
  readonly isUnlimited: boolean
  readonly isTaken: boolean
  readonly until: string | null
}

/** What is known of addresses from outside this card, by address in lower case: when they were paid last. */
export type PaidBefore = ReadonlyMap<string, string>

export function coinOf(proposal: Proposal, config: Pick<PublicConfig, 'chains'>): string {
  const chain = config.chains.find(({ chain_id: id }) => id === proposal.chain_id)
  return proposal.report?.chain?.coin ?? chain?.native_symbol ?? t().sides.coin
}

/** The title: what leaves and what arrives where both are one amount; the server's sentence otherwise. */
export function titleOf(proposal: Proposal, coin: string): string {
  return ownTitle(proposal, coin) ?? serversTitle(proposal, coin)
}

/** The title in words of the page; null where the server's sentence is the title. */
export function ownTitle(proposal: Proposal, coin: string): string | null {
  const [leaves, arrives] = [leavingOf(proposal, coin), arrivingOf(proposal, coin)]
  const [out, back] = [leaves[0], arrives[0]]
  if (
    proposal.summary.startsWith('Swap ') &&
    out !== undefined &&
    back !== undefined &&
    leaves.length + arrives.length === 2
  )
    return t().card.swap(`${out.figure.slice(1)} ${out.unit}`, `${back.figure.slice(1)} ${back.unit}`)
  return null
}

function serversTitle(proposal: Proposal, coin: string): string {
  // Shortened only where the same card shows the address in full.
  const inFull = [
    ...recipientsOf(proposal, coin, new Map()).map(({ address }) => address),
    ...permissionsOf(proposal).map(({ subject }) => subject),
    ...(proposal.report?.signature?.lines ?? []).flatMap(({ value }) => value.match(/0x[0-9a-fA-F]{40}\b/g) ?? []),
  ]
  const grouped = proposal.summary
    .replace(/ to take UNLIMITED /, (words) => words.toLowerCase())
    // Grouped and never rounded: this is the server's own exact figure.
    .replace(/(?<![\w.,])\d{4,}(?=[.\s]|$)/g, (digits) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ','))
  return Amount.asSpoken(grouped).replace(/0x[0-9a-fA-F]{40}\b/g, (address) =>
    inFull.some((each) => same(each, address)) ? Amount.short(address) : address,
  )
}

/** For each account that is the owner's: what leaves and what arrives. */
export function sidesOf(proposal: Proposal, coin: string): readonly Side[] {
  if (proposal.report === null) return []
  const minimum = minimumOf(proposal)
  return ownChanges(proposal.report).map(({ owner, isSelf, changes }) => ({
    owner,
    isSelf,
    leaves: changes.filter(({ delta }) => delta.startsWith('-')).map((each) => lineOf(each, coin, null)),
    arrives: changes.filter(({ delta }) => !delta.startsWith('-')).map((each) => lineOf(each, coin, minimum)),
  }))
}

function leavingOf(proposal: Proposal, coin: string): readonly Line[] {
  return sidesOf(proposal, coin).flatMap(({ leaves }) => leaves)
}
function arrivingOf(proposal: Proposal, coin: string): readonly Line[] {
  return sidesOf(proposal, coin).flatMap(({ arrives }) => arrives)
}

function lineOf(change: Change, coin: string, minimum: Minimum | null): Line {
  const decimals = change.standard === 'native' ? 18 : change.decimals
  const id = change.token_id === null ? '' : ` #${change.token_id}`
  const rounding = change.delta.startsWith('-') ? 'up' : 'down'
  const isGain = rounding === 'down'
  const isOfMinimum =
    minimum !== null && (minimum.token === null ? change.token === null : same(minimum.token, change.token ?? ''))
  return {
    key: `${change.account}${change.token ?? ''}${change.token_id ?? ''}`,
    figure: Amount.signed(change.delta, decimals),
    unit: `${symbolOf(change, coin)}${id}${decimals === null && change.standard === 'erc20' ? ` (${t().sides.smallestUnit})` : ''}`,
    exact: Amount.isRounded(change.delta, decimals, rounding)
      ? `${isGain ? '+' : ''}${Amount.exact(change.delta, decimals)} ${symbolOf(change, coin)}`
      : null,
    isGain,
    token: change.token,
    whole: decimals === null || change.token_id !== null ? null : { amount: change.delta, decimals },
    atLeast: isGain && isOfMinimum ? t().sides.atLeast(Amount.rounded(minimum.amount, decimals, 'down')) : null,
  }
}

interface Minimum {
  readonly token: string | null
  readonly amount: string
}

/** The least that the bytes of the only trade accept. */
function minimumOf({ calls }: Proposal): Minimum | null {
  const trades = calls.map(decode).filter(({ takes, minimum }) => takes !== undefined && minimum !== null)
  const [trade] = trades
  return trade === undefined || trades.length !== 1
    ? null
    : { token: trade.takes ?? null, amount: trade.minimum ?? '0' }
}

/** The worst of what was found: what blocks before what warns, a failure before everything else. */
export function worstOf(proposal: Proposal): Finding | null {
  const findings = proposal.report?.findings ?? []
  const ofLevel = (level: Finding['level']) => findings.filter((each) => each.level === level)
  const [first] = [...ofLevel('block').toSorted((a, b) => weight(b) - weight(a)), ...ofLevel('warn')]
  return first ?? null
}
const weight = ({ rule }: Finding): number => (rule === 'reverts' || rule === 'insufficient-funds' ? 1 : 0)

/** The verdict in a heading and a sentence. */
export interface Verdict {
  readonly tone: Tone
  readonly heading: string
  /** Why, in words of the page that stand before the server's; null where there are none. */
  readonly own: string | null
  readonly because: string
  /** Heading and reason are the server's. */
  readonly isServers: boolean
  /** What to do about it; null where there is nothing to do. */
  readonly fix: string | null
  /** Further findings of the same or a lower level that stand in the fold. */
  readonly more: number
}

export function verdictOf(proposal: Proposal, coin: string): Verdict | null {
  const { report } = proposal
  if (report === null) return null
  const worst = worstOf(proposal)
  const objections = report.findings.filter(({ level }) => level !== 'info').length
  if (worst !== null)
    return {
      tone: worst.level === 'block' ? 'bad' : 'care',
      heading: worst.title,
      own: failureText(proposal, worst),
      because: reasonOf(proposal, worst.because, coin),
      isServers: true,
      fix: worst.remediation ?? null,
      more: objections - 1,
    }
  if (report.verdict === 'block')
    return {
      tone: 'bad',
      heading: t().verdict.blocked,
      own: null,
      because: proposal.reason ?? t().verdict.cannotSign,
      isServers: proposal.reason !== null,
      fix: null,
      more: 0,
    }
  const added = permissionsOf(proposal).filter(({ isTaken }) => !isTaken).length
  const stays = added === 0 ? t().verdict.noneLeft : t().verdict.left(added)
  return {
    tone: 'good',
    heading: t().verdict.none,
    own: null,
    isServers: false,
    because: `${stays} ${environmentsLine(proposal)}.`,
    fix: null,
    more: 0,
  }
}

/** A reason of the report in words: short addresses where their names are known. */
function reasonOf(proposal: Proposal, because: string, coin: string): string {
  const names = namesOf(proposal)
  return readable(because, { from: proposal.from, coin, isShort: true, names })
}

/** What tokens say when an account holds too little, by text or by the error of ERC-6093. */
const TOO_LITTLE = /exceeds balance|insufficient balance|ERC20InsufficientBalance/i

/** Why it would fail, in our own words before the contract's: only where the bytes pay from the owner's own account. */
function failureText(proposal: Proposal, { rule, step, because }: Finding): string | null {
  const call = proposal.calls.find((each) => each.step === step)
  if (rule !== 'reverts' || call === undefined || !TOO_LITTLE.test(because)) return null
  return decode(call).name === 'transfer' ? t().verdict.tooLittle : null
}

/** Accounts that gain and are neither the owner's nor contracts that were called; largest and unknown first. */
export function recipientsOf(proposal: Proposal, coin: string, paidBefore: PaidBefore): readonly Recipient[] {
  const { report } = proposal
  const own = [proposal.from, ...(report?.controlled ?? []).map(({ account }) => account)]
  const isOwn = (address: string) => own.some((each) => same(each, address))
  const named = proposal.kind === 'transactions' ? proposal.calls.map(decode).flatMap(recipientIn) : []
  const called = new Set((report?.contract_calls ?? []).map(({ address }) => address.toLowerCase()))
  const gaining = (report?.token_changes ?? []).filter(({ account, delta }) => {
    const isNamed = named.some((each) => same(each, account))
    return !delta.startsWith('-') && !isOwn(account) && (isNamed || !called.has(account.toLowerCase()))
  })
  const addresses = new Map<string, string>()
  for (const each of [...gaining.map(({ account }) => account), ...named])
    if (!isOwn(each) && !addresses.has(each.toLowerCase()))
      addresses.set(each.toLowerCase(), checksumOf(each, proposal))
  const all = [...addresses.values()].map((address) => {
    const gains = gaining.filter(({ account }) => same(account, address))
    const gets = gains.map((each) => {
      const decimals = each.standard === 'native' ? 18 : each.decimals
      return `${Amount.rounded(each.delta, decimals, 'up')} ${symbolOf(each, coin)}`
    })
    const size = gains.reduce((sum, { delta }) => sum + BigInt(delta), 0n)
    return {
      address,
      gets: gets.length === 0 ? null : t().list(gets),
      size,
      ...standingOf(address, proposal, paidBefore),
    }
  })
  const rank = { first: 0, 'paid-before': 1, named: 2 } as const
  return all
    .toSorted((a, b) => rank[a.status] - rank[b.status] || (a.size < b.size ? 1 : a.size > b.size ? -1 : 0))
    .map(({ address, gets, status, words, advice }) => ({ address, gets, status, words, advice }))
}

function recipientIn({ recipient, isPayment, name }: Decoded): readonly string[] {
  return recipient === null || (!isPayment && name === null) ? [] : [recipient]
}

/** The report's spelling of an address (EIP-55); decoded bytes have none. */
function checksumOf(address: string, { report, summary, calls, provenance }: Proposal): string {
  const known = [
    ...(report?.token_changes ?? []).map(({ account }) => account),
    ...(report?.findings ?? []).flatMap(({ subject }) => subject ?? []),
    ...provenance.map(({ value }) => value),
    ...(summary.match(/0x[0-9a-fA-F]{40}\b/g) ?? []),
    ...calls.flatMap(({ to }) => to ?? []),
  ]
  return known.find((each) => same(each, address)) ?? address
}

function standingOf(
  address: string,
  { provenance, report }: Proposal,
  paidBefore: PaidBefore,
): Pick<Recipient, 'status' | 'words' | 'advice'> {
  const origin = provenance.find(({ value }) => same(value, address))
  if (origin?.source === 'registry' || origin?.source === 'app')
    return { status: 'named', words: t().recipients.named, advice: null }
  const at = origin?.source === 'ledger' ? (origin.at ?? '') : paidBefore.get(address.toLowerCase())
  if (at !== undefined)
    return {
      status: 'paid-before',
      words: t().recipients.paidBefore(at.slice(0, 10)),
      advice: null,
    }
  const finding = report?.findings.find(
    ({ rule, subject }) => rule === 'recipient-unverified' && same(subject ?? '', address),
  )
  const evidence = finding?.evidence
  const isUnused = evidence?.['has_code'] === false && evidence['nonce'] === '0'
  const isContract = evidence?.['has_code'] === true
  const words = t().recipients
  return {
    status: 'first',
    words: isContract ? words.firstContract : isUnused ? words.firstUnused : words.first,
    advice: finding === undefined || finding.level === 'info' ? words.compare : null,
  }
}

/** What the transaction leaves behind, what takes rights back included. */
export function permissionsOf({ report }: Proposal): readonly Permission[] {
  return (report?.authority_changes ?? []).filter(isSpending).map((change) => ({
    words: change.after === '0' ? t().permissions.takesBack : t().permissions.maySpend,
    amount: allowanceText(change, change.after),
    symbol: shownSymbol(change.symbol) ?? t().sides.tokens,
    before: allowanceText(change, change.before),
    subject: change.subject,
    subjectName: report?.contract_calls.find(({ address }) => same(address, change.subject))?.name ?? null,
    isUnverified: (report?.findings ?? []).some(
      ({ rule, subject }) => rule.startsWith('spender-') && same(subject ?? '', change.subject),
    ),
    isUnlimited: change.unlimited,
    isTaken: change.after === '0',
    until: change.expires === null ? null : t().age.utc(change.expires.slice(0, 16).replace('T', ' ')),
  }))
}

/** Rights that are no allowance: control, delegation, code. Each is loud. */
export function controlsOf({ report }: Proposal): readonly Authority[] {
  return (report?.authority_changes ?? []).filter((change) => !isSpending(change))
}

function allowanceText(change: Authority, amount: string): string {
  const symbol = shownSymbol(change.symbol) ?? t().sides.tokens
  if (amount === '0') return t().permissions.nothing
  // Allowances are never rounded. Half of what fits into 160 bits is more than there is of any token.
  return BigInt(amount) >= 2n ** 159n
    ? t().permissions.unlimited(symbol)
    : `${Amount.exact(amount, change.decimals)} ${symbol}`
}

/** What could be taken later with a right that this grants: in the same place as what leaves. */
export function laterOf(proposal: Proposal): string | null {
  const unlimited = permissionsOf(proposal).find(({ isUnlimited, isTaken }) => isUnlimited && !isTaken)
  if (unlimited !== undefined) return t().sides.laterAll(unlimited.symbol)
  const added = permissionsOf(proposal).filter(({ isTaken }) => !isTaken)
  const [first] = added
  if (first === undefined) return null
  return t().sides.laterUpTo(first.amount, added.length - 1)
}

/**
 * Price, price impact, fee, permissions, account, validity: the rows that stay in sight.
 *
 * @param isOver - It was never done, and cannot be any more.
 */
export function rowsOf(proposal: Proposal, config: PublicConfig, nowMs: number, isOver = false): readonly Row[] {
  const { report } = proposal
  const coin = coinOf(proposal, config)
  const chain = config.chains.find(({ chain_id: id }) => id === proposal.chain_id)
  const account: Row = {
    name: 'account',
    label: t().rows.account,
    value: `${Amount.short(proposal.from)} · ${chain?.name ?? t().rows.unknownChain}`,
  }
  // A fee or a price of what never happened reads as if it had.
  if (report === null || isOver) return [account]
  const rows = [...priceRows(proposal, coin), permissionRow(proposal)]
  if (report.verdict === 'block') return [...rows, account]
  return [...rows, feeRow(proposal, coin), account, validRow(proposal, nowMs)].filter((row) => row !== null)
}

function priceRows(proposal: Proposal, coin: string): readonly Row[] {
  const { report, from } = proposal
  const own = report?.token_changes.filter(({ account, token_id: id }) => same(account, from) && id === null) ?? []
  const [out, back] = [
    own.filter(({ delta }) => delta.startsWith('-')),
    own.filter(({ delta }) => !delta.startsWith('-')),
  ]
  const [give, get] = [out[0], back[0]]
  if (give === undefined || get === undefined || out.length !== 1 || back.length !== 1) return []
  const [a, b] = [partsOf(give), partsOf(get)]
  const rate = a === null || b === null ? null : Amount.price(a, b)
  const finding = report?.findings.find(({ rule }) => rule === 'price-impact')
  const words = t().rows
  const ppm = finding?.evidence['lost_ppm']
  return [
    ...(rate === null
      ? []
      : [
          {
            name: 'price' as const,
            label: words.price,
            value: `1 ${symbolOf(give, coin)} = ${rate} ${symbolOf(get, coin)}`,
          },
        ]),
    typeof ppm === 'string' && /^\d{1,7}$/.test(ppm)
      ? {
          name: 'impact',
          label: words.impact,
          value: words.lost(Amount.percent(BigInt(ppm))),
          note: words.lostNote,
          tone: finding?.level === 'info' ? ('plain' as const) : ('care' as const),
        }
      : { name: 'impact', label: words.impact, value: words.noLoss, note: words.noLossNote },
  ]
}

function partsOf(change: Change): { amount: string; decimals: number } | null {
  const decimals = change.standard === 'native' ? 18 : change.decimals
  return decimals === null ? null : { amount: change.delta, decimals }
}

function feeRow({ report, calls, kind }: Proposal, coin: string): Row {
  if (report === null || kind === 'signature')
    return { name: 'fee', label: t().rows.fee, value: t().rows.feeNone, note: t().rows.feeNoneNote }
  const { expected_fee_wei: expected, max_fee_wei: most } = report.gas_estimate
  return {
    name: 'fee',
    label: t().rows.fee,
    value: t().rows.feeAbout(`${Amount.rounded(expected, 18, 'up')} ${coin}`),
    note: t().rows.feeMost(Amount.rounded(most, 18, 'up'), calls.length),
  }
}

function permissionRow(proposal: Proposal): Row {
  const added = permissionsOf(proposal).filter(({ isTaken }) => !isTaken)
  const count = added.length + controlsOf(proposal).filter(({ after }) => after !== '0').length
  if (count > 0) {
    const isWide = added.some(({ isUnlimited }) => isUnlimited) || controlsOf(proposal).length > 0
    return {
      name: 'left',
      label: t().rows.left,
      value: count === 1 ? (added[0]?.amount ?? t().rows.leftPower) : t().rows.leftAbove(count),
      tone: isWide ? 'bad' : 'care',
    }
  }
  const taken = permissionsOf(proposal).length - added.length
  return { name: 'left', label: t().rows.left, value: taken === 0 ? t().rows.leftNone : t().rows.leftTaken(taken) }
}

/** Until when it can be signed: the card's own end, or the earlier one that the bytes name. */
function validRow(proposal: Proposal, nowMs: number): Row | null {
  if (proposal.state !== 'pending') return null
  const deadlines = proposal.calls
    .map(decode)
    .flatMap(({ deadlineS }) => (deadlineS === null ? [] : [Number(deadlineS) * 1000]))
  const endMs = Math.min(Date.parse(proposal.expires_at), ...deadlines)
  return { name: 'valid', label: t().rows.validFor, value: durationText(endMs - nowMs) }
}

/** A time that is left, for people: whole minutes, seconds only in the last one. */
export function durationText(ms: number): string {
  const words = t().rows
  const seconds = Math.floor(ms / 1000)
  if (seconds <= 0) return words.noLonger
  if (seconds < 60) return words.seconds(seconds)
  const minutes = Math.floor(seconds / 60)
  if (minutes < 120) return words.minutes(minutes)
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? words.hours(hours) : words.days(Math.floor(hours / 24))
}

/** What the tick box repeats: the sum where money is lost, the cautions by name otherwise. */
export function acceptText(proposal: Proposal, coin: string): string {
  const cautions = proposal.report?.findings.filter(({ level }) => level === 'warn') ?? []
  const impact = cautions.find(({ rule }) => rule === 'price-impact')
  const back = arrivingOf(proposal, coin)[0]
  const out = leavingOf(proposal, coin)[0]
  const ppm = impact?.evidence['lost_ppm']
  const parts = cautions
    .filter((each) => each !== impact || typeof ppm !== 'string')
    .map(({ title }) => title.toLowerCase())
  if (typeof ppm === 'string' && /^\d{1,7}$/.test(ppm) && back !== undefined && out !== undefined)
    parts.unshift(t().verdict.acceptLoss(Amount.percent(BigInt(ppm)), `${out.figure.slice(1)} ${out.unit}`))
  return t().verdict.accept(parts)
}
