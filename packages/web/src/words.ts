import type { ProposalState, ReportWire } from '@countersign/sdk'

/** An exact decimal of an amount in its smallest unit; groups of three with a thin space, so that zeros can be counted. */
export function amountText(amount: string, decimals: number | null): string {
  const negative = amount.startsWith('-')
  const digits = (negative ? amount.slice(1) : amount).padStart((decimals ?? 0) + 1, '0')
  const whole = digits.slice(0, digits.length - (decimals ?? 0)).replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f')
  const fraction = digits.slice(digits.length - (decimals ?? 0)).replace(/0+$/, '')
  return `${negative ? '\u2212' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

export type Change = ReportWire['token_changes'][number]

export function symbolOf(change: Pick<Change, 'symbol' | 'token'>, nativeSymbol: string): string {
  return shownSymbol(change.symbol) ?? (change.token === null ? nativeSymbol : 'unknown token')
}

/** What is more than a plain word is a stranger's text, and stands in quotation marks. */
export function shownSymbol(symbol: string | null): string | null {
  return symbol === null || /^[\p{L}\p{N}\p{Sc}.+/-]{1,20}$/u.test(symbol) ? symbol : `“${symbol}”`
}

type Authority = ReportWire['authority_changes'][number]

/** Allowances are read as amounts; everything else as a sentence. */
export function isSpending(change: Authority): boolean {
  return change.kind === 'erc20_allowance' || change.kind === 'permit2_allowance'
}

/** What an authority other than an allowance means to a person; the subject is shown below it. */
export function authorityText(change: Authority): string {
  const isTaken = change.after === '0'
  switch (change.kind) {
    case 'operator':
      return isTaken
        ? `May no longer move your ${shownSymbol(change.symbol) ?? 'tokens'}`
        : `May move your ${shownSymbol(change.symbol) ?? 'tokens'}, at`
    case 'ownership':
      return 'Takes over the control of'
    case 'proxy_implementation':
      return 'Becomes the code that runs at'
    case 'module':
      return 'Gains control in the wallet'
    case 'account_code':
      return isTaken ? 'Your account runs no other code any more:' : 'Becomes the code that runs at your account'
    case 'delegation':
      return 'May act or borrow in your name at'
    case 'votes':
      return 'Votes with your tokens at'
    default:
      return 'Was written in under your account, nobody says what for, at'
  }
}

/** An environment's name for people. */
export function environmentText(name: string): string {
  const words: Record<string, string> = {
    'spec-default': 'In the default environment of simulators',
    'other-builder': "In another builder's block",
    later: 'An hour later',
    'min-gas': 'With less gas',
    'least-gas': 'With the least gas at which it succeeds',
    'busy-block': 'In a block with a higher base fee',
  }
  if (name.startsWith('simulator:'))
    return `Where only ${name.slice('simulator:'.length).replace('+', ' and ')} is as in a simulator`
  return words[name] ?? name
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
      return 'You rejected it in the wallet. Nothing was sent.'
    case 4100:
      return 'The wallet does not allow this page to use that account. Connect again.'
    case 4200:
      return 'The wallet cannot do this kind of request.'
    case 4900:
      return 'The wallet is disconnected from all networks.'
    case 4901:
    case 4902:
      return 'The wallet is not connected to this network. Add or switch the network in the wallet.'
    case -32002:
      return 'The wallet has an open request already. Answer it there first.'
    default:
      return error instanceof Error ? (error.message.split('\n')[0] ?? error.message) : 'The wallet gave no reason.'
  }
}

export function isWalletRejection(error: unknown): boolean {
  return walletErrorText(error).startsWith('You rejected')
}

/** The word for each state, as people read it on the card. */
export function stateText(state: ProposalState): string {
  return {
    staged: 'Simulating',
    blocked: 'Blocked',
    receipted: 'Simulated',
    pending: 'Waiting for you',
    submitted: 'Sent, checking on chain',
    settled: 'Settled, verified on chain',
    mismatched: 'Not what was committed',
    rejected: 'Rejected',
    expired: 'Expired',
    confirmed: 'Confirmed, running',
    done: 'Done',
    failed: 'Failed, nothing happened',
    unknown: 'Unknown: it may have happened',
    refused: 'Refused',
    superseded: 'Replaced by a newer proposal',
  }[state]
}

export function ageText(fromIso: string, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(fromIso)) / 1000))
  if (seconds < 90) return `${seconds} s`
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`
  return `${Math.round(seconds / 3600)} h`
}
