import { styleText } from 'node:util'
import { Clock, Wei } from '@countersign/base'
import * as Coin from '../model/Coin.ts'
import { mineOf } from '../model/Controlled.ts'
import type { ClearSigning } from '../model/ClearSigning.ts'
import { said } from '../decode/safeText.ts'
import { UNLIMITED_FROM } from '../model/Allowance.ts'
import type { AuthorityChange } from '../model/Authority.ts'
import type { Finding } from '../model/Finding.ts'
import type { Report } from '../model/Report.ts'
import type { TokenChange } from '../model/TokenChange.ts'

type SignatureMovement = NonNullable<Report['signature']>['offers'][number]

type Colour = 'green' | 'yellow' | 'red' | 'dim' | 'bold' | 'cyan'

/**
 * The report as a card for terminals, with the age of its block and its receipt below. Plain text without `color`.
 *
 * @param width - Columns; longer texts are folded.
 * @param nowMs - To say how old the block is.
 */
export function renderReport(
  report: Report,
  { width = CARD_WIDTH, color = false, nowMs }: { width?: number; color?: boolean; nowMs: number },
): string {
  const ageS = Math.max(0, Math.round((nowMs - report.block.timestampMs) / 1000))
  const { receipt } = report
  const below = [
    `Simulated on block ${report.block.number} (${report.block.hash.slice(0, 10)}…), ${ageS} s old`,
    ...(receipt === null ? [] : [`Receipt ${receipt.digest}, good until ${Clock.iso(receipt.expiresAtMs)}`]),
  ].map((line) => (color ? styleText('dim', line, { validateStream: false }) : line))
  return [renderCard(report, { width, color }), '', ...below].join('\n')
}

/** The width at which a receipt binds the card. */
const CARD_WIDTH = 88

/**
 * The card itself: verdict, what leaves and arrives, fee, authority left behind, contracts called, findings worst
 * first, and what was not checked. The same report gives the same text at any time, so that a receipt can bind it.
 */
export function renderCard(
  report: Report,
  { width = CARD_WIDTH, color = false }: { width?: number; color?: boolean } = {},
): string {
  const paint = (colour: Colour, text: string): string =>
    color ? styleText(colour, text, { validateStream: false }) : text
  const lines: string[] = []
  const rule = '─'.repeat(Math.min(width, 88))
  const section = (title: string, rows: readonly string[]): void => {
    if (rows.length === 0) return
    lines.push('', paint('bold', title))
    for (const row of rows) lines.push(...fold(row, width - 2).map((line) => `  ${line}`))
  }

  const coin = coinOf(report)
  const verdict = { allow: ['green', 'ALLOW'], warn: ['yellow', 'CAUTION'], block: ['red', 'BLOCKED'] }[
    report.verdict
  ] as [Colour, string]
  lines.push(
    rule,
    `${paint(verdict[0], verdict[1])}  ${report.chain.name} (chain ${report.chainId}), from ${report.from}`,
    ...allowLines(report).flatMap((line) => fold(line, width)),
    rule,
  )
  section('Assumed instead of what the chain says: a preview, and nothing of it can be signed', assumedLines(report))
  section('After what is signed and not mined yet', stoodOnLines(report))
  const { controlled, tokenChanges } = report
  for (const { account, by } of controlled) {
    const what = by === 'safe-owner' ? 'your Safe' : 'your account'
    const changes = tokenChanges.filter((change) => change.account === account)
    section(`Leaves ${what} ${account}`, changes.filter(({ delta }) => delta < 0n).map(changeLine))
    section(`Arrives in ${what} ${account}`, changes.filter(({ delta }) => delta > 0n).map(changeLine))
  }
  if (report.signature !== null) {
    const { title, lines: fields, digest, offers, considerations } = report.signature
    section(`To be signed: ${title}`, [
      ...fields.map(({ label, value }) => `${label}: ${value}`),
      ...offers.map((movement) => `You give: ${movementLine(coin, movement)}`),
      ...considerations.map((movement) => `The terms promise: ${movementLine(coin, movement)}`),
      `Digest: ${digest}`,
    ])
  }
  for (const { step, clearSigning } of report.steps) {
    if (clearSigning !== null) section(clearTitle(`Step ${step}`, clearSigning), clearRows(clearSigning))
  }
  if (report.signature?.clearSigning != null)
    section(clearTitle('The document', report.signature.clearSigning), clearRows(report.signature.clearSigning))
  const worst = report.environments.filter((environment) => !environment.agrees && environment.tokenChanges.length > 0)
  for (const environment of worst) {
    const by = environment.decidedBy.length === 0 ? '' : `, decided by ${environment.decidedBy.join(', ')}`
    section(`Otherwise (${environment.name}${by})`, environment.tokenChanges.map(changeLine))
  }
  const mine = mineOf(report.from, controlled)
  const own = tokenChanges.filter((change) => change.account === report.from)
  section('Leaves you', own.filter((change) => change.delta < 0n).map(changeLine))
  section('Arrives', own.filter((change) => change.delta > 0n).map(changeLine))
  if (!tokenChanges.some(({ account }) => mine.has(account)) && report.steps.length > 0)
    section('Your balances', ['nothing changes, fees aside'])
  const others = othersFirst(report)
  section('Others', [
    ...others.slice(0, MAX_OTHERS).map((change) => `${change.account}  ${changeLine(change)}`),
    ...restLine(others.slice(MAX_OTHERS), report.tokenChanges),
  ])
  section('Kept for you', report.keptForYou.map(keptLine))
  section(
    'Authority left behind',
    report.authorityChanges.map((change) => authorityLine(coin, change)),
  )
  section(
    'What could be taken next',
    report.lookahead.flatMap(({ actor, means, canTake }) =>
      canTake.map(({ token, amount }) => `${actor} by ${means}: ${takenText(report, token, amount)}`),
    ),
  )
  section(
    'What was meant',
    (report.intent?.assertions ?? []).map(
      ({ name, holds, because }) => `${holds ? paint('green', 'holds') : paint('red', 'BROKEN')}  ${name}: ${because}`,
    ),
  )
  const isSent = report.gasEstimate.gasLimit > 0n
  section('On chain', enforcementLines(report))
  section(
    'Network fee',
    report.willRevert
      ? ['none shown: the transaction would fail']
      : !isSent
        ? ['none: signing sends nothing']
        : [
            `at most ${Coin.text(coin, report.gasEstimate.maxFeeWei)}, expected ${Coin.text(coin, report.gasEstimate.expectedFeeWei)} (gas limit ${report.gasEstimate.gasLimit})`,
          ],
  )
  section(
    report.signature === null ? 'Steps' : 'Steps, with what the holder of the signature could send',
    report.steps.map(
      (step) =>
        `${step.step}. ${step.label ?? step.calls?.signature ?? 'call'}: ${step.status}${step.revert === null ? '' : `, ${step.revert.reason}`}`,
    ),
  )
  const called = new Map(report.contractCalls.toReversed().map((call) => [call.address, call]))
  section(
    'Contracts called',
    [...called.values()]
      .toReversed()
      .map(
        (call) => `${call.address}  ${call.name ?? 'unknown'}${call.signature === null ? '' : `  ${call.signature}`}`,
      ),
  )
  section(
    'Findings',
    report.findings.map((finding) => findingLine(finding, paint)),
  )
  section('Environments', [
    report.environments.map(({ name, agrees }) => `${name} ${agrees ? 'agrees' : 'DIFFERS'}`).join(', '),
    ...(report.environmentReads.length === 0 ? [] : [`looked at ${report.environmentReads.join(', ')}`]),
  ])
  section('Not checked', report.notChecked.map(notCheckedLine))
  return lines.join('\n')
}

/** What `allow` does not say: how many questions have no answer, by their kind. */
function allowLines({ verdict, notChecked }: Report): string[] {
  if (verdict !== 'allow' || notChecked.length === 0) return []
  const kinds = [...Map.groupBy(notChecked, ({ what }) => what)].map(([what, lines]) =>
    lines.length === 1 ? what : `${what} (${lines.length})`,
  )
  const shown = kinds.slice(0, MAX_KINDS)
  const rest = kinds.length - shown.length
  const [number, were] = notChecked.length === 1 ? ['1 question', 'was'] : [`${notChecked.length} questions`, 'were']
  const more = rest > 0 ? `, and ${rest} more kinds` : ''
  return [`No rule warns of it. ${number} ${were} not checked: ${shown.join(', ')}${more}.`]
}

/** Kinds of what was not checked that the head of the card names; the list below has all. */
const MAX_KINDS = 6

function notCheckedLine({ what, why }: Report['notChecked'][number]): string {
  return `${what}: ${why}`
}

/** What the batch stands on. */
function stoodOnLines(report: Report): string[] {
  return (report.standsOn ?? []).map(({ hash, nonce, to, value, status }) => {
    const what = to === null ? 'a new contract' : `${Coin.text(coinOf(report), value)} to ${to}`
    return `${hash} (nonce ${nonce}): ${what}${status === 'success' ? '' : ', expected to fail'}`
  })
}

/** What the chain itself enforces: the line, then each bound, then what no bound covers. */
function enforcementLines({ enforcement }: Report): string[] {
  if (enforcement === undefined) return []
  const { line, bounds, notEnforced, calls } = enforcement
  return [
    line,
    ...bounds.map(({ text }) => `- ${text}`),
    ...notEnforced.map(({ what, why }) => `not enforced: ${what}: ${why}`),
    ...(calls.length === 0 ? [] : ['2 guard calls']),
  ]
}

/** What a preview assumes of the state. */
function assumedLines(report: Report): string[] {
  const coin = coinOf(report)
  return (report.stateOverrides ?? []).flatMap(({ address, balance, nonce, code, stateDiff = [], tokens = [] }) => [
    ...(balance === undefined ? [] : [`${address} holds ${Coin.text(coin, balance)}`]),
    ...tokens.map(({ token, amount }) => `${address} holds ${tokenText(report, token, amount)}`),
    ...(nonce === undefined ? [] : [`the nonce of ${address} is ${nonce}`]),
    ...(code === undefined ? [] : [`${address} runs other code (${(code.length - 2) / 2} bytes)`]),
    ...stateDiff.map(({ slot, value }) => `${address} stores ${value} at ${slot}`),
  ])
}

/** An amount in a token's own unit, where the report knows it. */
function tokenText(report: Report, token: string, amount: bigint): string {
  const named = [...report.tokenChanges, ...report.authorityChanges].find((change) =>
    'contract' in change ? change.contract === token : change.token === token,
  )
  return named?.decimals == null
    ? `${amount} of the smallest unit of ${token}`
    : `${Wei.format(amount, named.decimals)} ${shownSymbol(named.symbol) ?? token}`
}

/** What a contract keeps for the user, in its own unit. */
function keptLine({ contract, before, after, meaning, isDebt }: Report['keptForYou'][number]): string {
  const what = meaning === null ? 'unit unknown' : `${meaning}${isDebt ? ', which you owe' : ''}`
  return `at ${contract}: ${before} → ${after} (${what})`
}

/** How many balances of others the card lists; the rest is counted. */
const MAX_OTHERS = 12

/** What others gain and lose: accounts that a finding names first, then those that nobody vouches for, large amounts first. */
function othersFirst({ tokenChanges, findings, from, controlled, contractCalls }: Report): TokenChange[] {
  const mine = mineOf(from, controlled)
  const found = new Set(
    findings.flatMap(({ level, subject }) => (level === 'info' || subject === null ? [] : [subject])),
  )
  const named = new Set(contractCalls.flatMap(({ name, address }) => (name === null ? [] : [address])))
  const rank = ({ account }: TokenChange): number => (found.has(account) ? 0 : named.has(account) ? 2 : 1)
  const size = ({ delta }: TokenChange): bigint => (delta < 0n ? -delta : delta)
  return tokenChanges
    .filter(({ account }) => !mine.has(account))
    .toSorted((a, b) => rank(a) - rank(b) || (size(a) < size(b) ? 1 : size(a) > size(b) ? -1 : 0))
}

/** How much a list leaves out: how many accounts, and what they get together, so that nothing is hidden by being small. */
function restLine(rest: readonly TokenChange[], all: readonly TokenChange[]): string[] {
  if (rest.length === 0) return []
  const accounts = new Set(rest.map(({ account }) => account)).size
  const sums = new Map<string, TokenChange>()
  for (const change of rest.filter(({ delta }) => delta > 0n)) {
    const key = `${change.token}|${change.tokenId}`
    const sum = sums.get(key)
    sums.set(key, sum === undefined ? change : { ...sum, delta: sum.delta + change.delta })
  }
  const got = [...sums.values()].slice(0, 3).map(changeLine).join(', ')
  const total = new Set(all.map(({ account }) => account)).size
  return [
    `and ${accounts} more accounts of ${total} in all${got === '' ? '' : `, which together get ${got}`}: the JSON report lists each`,
  ]
}

/** What a descriptor says, as what it is: somebody's words about the bytes. */
function clearTitle(what: string, { intent, owner, descriptor }: ClearSigning): string {
  return `${what} in the words of ${owner === null ? descriptor : `${owner} (${descriptor})`}: ${said(intent)}`
}

/** A descriptor's fields, each on a line of its own, calls inside of calls further in. */
function clearRows({ fields, unformatted, leftOut, interpolatedIntent }: ClearSigning, depth = 0): string[] {
  const indent = '  '.repeat(depth)
  return [
    ...(interpolatedIntent === null ? [] : [`${indent}${shorten(interpolatedIntent)}`]),
    ...fields.flatMap(({ label, value, nested }) => [
      `${indent}${label}: ${shorten(value)}`,
      ...(nested === null ? [] : clearRows(nested, depth + 1)),
    ]),
    ...(leftOut.length === 0 ? [] : [`${indent}Left out by the descriptor: ${[...new Set(leftOut)].join(', ')}`]),
    ...unformatted.map(({ label, why }) => `${indent}Not shown as it asks: ${label}, because ${why}`),
  ]
}

/** The most of one value that a card shows; the report has it whole. */
const MAX_VALUE = 300

function shorten(text: string): string {
  return text.length <= MAX_VALUE ? text : `${text.slice(0, MAX_VALUE)}… (${text.length} characters)`
}

/** An amount as people read it: exact, with its unit and, for tokens, the contract in full. */
function changeLine(change: TokenChange): string {
  const sign = change.delta > 0n ? '+' : ''
  if (change.standard === 'native')
    return `${sign}${Coin.text({ symbol: change.symbol ?? Coin.UNNAMED.symbol, decimals: change.decimals ?? 18 }, change.delta)}`
  const name = shownSymbol(change.symbol) ?? 'unknown token'
  const amount =
    change.tokenId !== null
      ? `${sign}${change.delta} ${name} #${change.tokenId}`
      : `${sign}${Wei.format(change.delta, change.decimals ?? 0)} ${name}${change.decimals === null ? ' (smallest unit)' : ''}`
  return `${amount}  ${change.token ?? ''}`
}

function takenText(report: Report, token: string | null, amount: bigint): string {
  return token === null ? Coin.text(coinOf(report), amount) : tokenText(report, token, amount)
}

/** The coin that amounts and fees are written in. */
export function coinOf({ chain }: Pick<Report, 'chain'>): Coin.Coin {
  if (chain.coin !== null) return { symbol: chain.coin, decimals: 18 }
  return chain.record === null ? Coin.UNNAMED : Coin.DOLLARS
}

/** By the terms that are signed; whether it happens is what the rest of the card says. */
function movementLine(coin: Coin.Coin, { standard, token, tokenId, amount, to }: SignatureMovement): string {
  const what =
    standard === 'native'
      ? Coin.text(coin, amount)
      : `${amount} of the smallest unit of ${token ?? 'an unnamed token'}${tokenId === null ? '' : ` #${tokenId}`}`
  return `${what} to ${to ?? 'whoever uses the signature'}`
}

/** A symbol as people read it: what is more than a plain word is a stranger's text, and stands in quotation marks. */
function shownSymbol(symbol: string | null): string | null {
  return symbol === null || /^[\p{L}\p{N}\p{Sc}.+/-]{1,20}$/u.test(symbol) ? symbol : said(symbol)
}

function authorityLine(coin: Coin.Coin, change: AuthorityChange): string {
  const amount = (value: bigint) => Wei.format(value, change.decimals ?? 0)
  const name = shownSymbol(change.symbol) ?? change.contract
  const risk = change.valueAtRisk.map(({ token, amount: value }) =>
    token === null
      ? Coin.text(coin, value)
      : `${token === change.contract ? amount(value) : value} ${token === change.contract ? name : token}`,
  )
  const atRisk = risk.length === 0 ? '' : `; at risk now: ${risk.join(', ')}`
  switch (change.kind) {
    case 'erc20_allowance':
    case 'permit2_allowance': {
      const after = change.after === 0n ? 'nothing (revoked)' : change.unlimited ? 'UNLIMITED' : amount(change.after)
      const before =
        change.before === 0n ? 'nothing' : change.before >= UNLIMITED_FROM ? 'unlimited' : amount(change.before)
      const until = change.expiresMs === null ? '' : ` until ${Clock.iso(change.expiresMs)}`
      return `${change.subject} may spend ${after} ${name} of ${change.owner}${until} (before: ${before})${atRisk}`
    }
    case 'operator':
      return `${change.subject} ${change.after === 0n ? 'may no longer' : 'may'} move ${name} of ${change.owner}${atRisk}`
    case 'ownership':
      return `${change.subject} takes over ${change.contract} from ${change.owner}`
    case 'proxy_implementation':
      return `${change.contract} runs the code at ${change.subject} from now on`
    case 'module':
      return `${change.subject} gains control in the wallet ${change.contract}${atRisk}`
    case 'account_code':
      return `the account ${change.owner} runs the code at ${change.subject} from now on`
    case 'delegation':
      return `${change.subject} may act for ${change.owner} at ${change.contract}`
    case 'votes':
      return `${change.subject} votes with what ${change.owner} has at ${change.contract}`
    case 'unknown_grant':
      return `${change.subject} was written in under ${change.owner} at ${change.contract}; what it may do is not known${atRisk}`
  }
}

function findingLine(finding: Finding, paint: (colour: Colour, text: string) => string): string {
  const word = { block: paint('red', 'Blocked'), warn: paint('yellow', 'Caution'), info: paint('cyan', 'Note') }[
    finding.level
  ]
  const fix = finding.remediation === undefined ? '' : ` Fix: ${finding.remediation}`
  return `${word}: ${finding.title}. ${finding.because}${fix} [${finding.rule}]`
}

/** Folds at spaces and keeps the row's indent; a word longer than the line (an address) stays whole. */
function fold(text: string, width: number): string[] {
  const words = text.trimStart()
  const indent = ' '.repeat(text.length - words.length)
  const lines: string[] = []
  let line = ''
  for (const part of words.split(' ')) {
    if (line !== '' && line.length + 1 + part.length > width) {
      lines.push(line)
      line = `${indent}  ${part}`
    } else line = line === '' ? `${indent}${part}` : `${line} ${part}`
  }
  return [...lines, line]
}
