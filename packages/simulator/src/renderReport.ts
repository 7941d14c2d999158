import { styleText } from 'node:util'
import { Address, Wei } from '@countersign/base'
import type { AuthorityChange, Finding, Report, TokenChange } from './Report.ts'

type Colour = 'green' | 'yellow' | 'red' | 'dim' | 'bold' | 'cyan'

/**
 * The report as a card for terminals: verdict, what leaves and arrives, fee, authority left behind, contracts
 * called, findings worst first, block and age, and what was not checked. Plain text without `color`.
 *
 * @param width - Columns; longer texts are folded.
 * @param nowMs - To say how old the block is.
 */
export function renderReport(
  report: Report,
  { width = 88, color = false, nowMs }: { width?: number; color?: boolean; nowMs: number },
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

  const verdict = { allow: ['green', 'ALLOW'], warn: ['yellow', 'CAUTION'], block: ['red', 'BLOCKED'] }[
    report.verdict
  ] as [Colour, string]
  lines.push(rule, `${paint(verdict[0], verdict[1])}  chain ${report.chainId}, from ${report.from}`, rule)

  const own = report.tokenChanges.filter((change) => change.account === report.from)
  section('Leaves you', own.filter((change) => change.delta < 0n).map(changeLine))
  section('Arrives', own.filter((change) => change.delta > 0n).map(changeLine))
  if (own.length === 0) section('Your balances', ['nothing changes, fees aside'])
  section(
    'Others',
    report.tokenChanges
      .filter((change) => change.account !== report.from)
      .slice(0, 12)
      .map((change) => `${change.account}  ${changeLine(change)}`),
  )
  section('Authority left behind', report.authorityChanges.map(authorityLine))
  section('Network fee', [
    `at most ${Wei.format(report.gasEstimate.maxFeeWei, 18)} ETH, expected ${Wei.format(report.gasEstimate.expectedFeeWei, 18)} ETH (gas limit ${report.gasEstimate.gasLimit})`,
  ])
  section(
    'Steps',
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
  section(
    'Not checked',
    report.notChecked.map(({ what, why }) => `${what}: ${why}`),
  )
  const ageS = Math.max(0, Math.round((nowMs - report.block.timestampMs) / 1000))
  lines.push(
    '',
    paint('dim', `Simulated on block ${report.block.number} (${report.block.hash.slice(0, 10)}…), ${ageS} s old`),
  )
  return lines.join('\n')
}

/** An amount as people read it: exact, with its unit and, for tokens, the contract in full. */
function changeLine(change: TokenChange): string {
  const sign = change.delta > 0n ? '+' : ''
  if (change.standard === 'native') return `${sign}${Wei.format(change.delta, 18)} ETH`
  const name = change.symbol ?? 'unknown token'
  const amount =
    change.tokenId !== null
      ? `${sign}${change.delta} ${name} #${change.tokenId}`
      : `${sign}${Wei.format(change.delta, change.decimals ?? 0)} ${name}${change.decimals === null ? ' (smallest unit)' : ''}`
  return `${amount}  ${change.token ?? ''}`
}

function authorityLine(change: AuthorityChange): string {
  const amount = (value: bigint) => Wei.format(value, change.decimals ?? 0)
  const name = change.symbol ?? change.contract
  const after = change.after === 0n ? 'nothing (revoked)' : change.unlimited ? 'UNLIMITED' : amount(change.after)
  const before = Address.isEqual(change.subject, change.owner)
    ? ''
    : ` (before: ${change.before === 0n ? 'nothing' : change.before >= 2n ** 159n ? 'unlimited' : amount(change.before)})`
  return `${change.subject} may spend ${after} ${name} of ${change.owner}${before}`
}

function findingLine(finding: Finding, paint: (colour: Colour, text: string) => string): string {
  const word = { block: paint('red', 'Blocked'), warn: paint('yellow', 'Caution'), info: paint('cyan', 'Note') }[
    finding.level
  ]
  return `${word}: ${finding.title}. ${finding.because} [${finding.rule}]`
}

/** Folds at spaces; a word longer than the line (an address) stays whole. */
function fold(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const part of text.split(' ')) {
    if (line !== '' && line.length + 1 + part.length > width) {
      lines.push(line)
      line = `  ${part}`
    } else line = line === '' ? part : `${line} ${part}`
  }
  return [...lines, line]
}
