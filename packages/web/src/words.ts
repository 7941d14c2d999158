import type { ProposalState, ReportWire } from '@countersign/sdk'
import { t } from './text/text.ts'
import { shownSymbol } from './symbols.ts'

export { shownSymbol }

export type Change = ReportWire['token_changes'][number]

export function symbolOf(change: Pick<Change, 'symbol' | 'token'>, nativeSymbol: string): string {
  return shownSymbol(change.symbol) ?? (change.token === null ? nativeSymbol : t().sides.unknownToken)
}

type Authority = ReportWire['authority_changes'][number]

/** Allowances are read as amounts; everything else as a sentence. */
export function isSpending(change: Authority): boolean {
  return change.kind === 'erc20_allowance' || change.kind === 'permit2_allowance'
}

/** What an authority other than an allowance means to a person; the subject is shown below it. */
export function authorityText(change: Authority): string {
  const isTaken = change.after === '0'
  const words = t().permissions
  switch (change.kind) {
    case 'operator':
      return (isTaken ? words.operatorTaken : words.operator)(shownSymbol(change.symbol) ?? t().sides.tokens)
    case 'ownership':
      return words.ownership
    case 'proxy_implementation':
      return words.proxy
    case 'module':
      return words.module
    case 'account_code':
      return isTaken ? words.accountCodeTaken : words.accountCode
    case 'delegation':
      return words.delegation
    case 'votes':
      return words.votes
    default:
      return words.unexplained
  }
}

/** What EIP-1193 codes mean to a person. */
export function walletErrorText(error: unknown): string {
  const chain: unknown[] = []
  for (
    let each: unknown = error;
    each !== undefined && each !== null && chain.length < 6;
    each = (each as { cause?: unknown }).cause
  )
    chain.push(each)
  const code = chain.map((each) => (each as { code?: unknown }).code).find((each) => typeof each === 'number')
  switch (code) {
    case 4001:
      return t().wallet.rejected
    case 4100:
      return t().wallet.notAllowed
    case 4200:
      return t().wallet.cannot
    case 4900:
      return t().wallet.disconnected
    case 4901:
    case 4902:
      return t().wallet.wrongNetwork
    case -32002:
      return t().wallet.busy
    default:
      return error instanceof Error ? (error.message.split('\n')[0] ?? error.message) : t().wallet.noReason
  }
}

export function isWalletRejection(error: unknown): boolean {
  return walletErrorText(error) === t().wallet.rejected
}

/** The word for each state, as people read it on the card. */
export function stateText(state: ProposalState): string {
  return t().states[state]
}

export function ageText(fromIso: string, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(fromIso)) / 1000))
  if (seconds < 90) return t().age.seconds(seconds)
  if (seconds < 5_400) return t().age.minutes(Math.round(seconds / 60))
  return t().age.hours(Math.round(seconds / 3600))
}
