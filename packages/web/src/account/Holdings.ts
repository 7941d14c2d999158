/** What an account holds and whom it lets spend, in words. */
import type { Proposal } from '@countersign/sdk'
import { around } from '../text/around.ts'
import * as Amount from '../card/Amount.ts'
import { decode } from '../card/Bytes.ts'

export interface Holding {
  readonly symbol: string
  /** Null for the coin. */
  readonly token: string | null
  readonly decimals: number
  /** Whole number of the smallest unit; null where it could not be read. */
  readonly amount: bigint | null
}

export interface Grant extends Holding {
  readonly token: string
  readonly spender: string
}

/** The coin and every token above zero; what could not be read stays in the list. */
export function held(holdings: readonly Holding[]): readonly Holding[] {
  return holdings.filter(({ amount, token }) => token === null || amount === null || amount > 0n)
}

export function holdingText({ amount, decimals, symbol }: Holding): string {
  return amount === null
    ? around().account.unreadable(symbol)
    : `${Amount.rounded(amount.toString(), decimals, 'down')} ${symbol}`
}

/** Grants that stand. One that could not be read stands until it is. */
export function standing(grants: readonly Grant[]): readonly Grant[] {
  return grants.filter(({ amount }) => amount === null || amount > 0n)
}

export function grantText({ amount, decimals, symbol }: Grant): string {
  if (amount === null) return around().account.unreadable(symbol)
  return amount >= 2n ** 159n
    ? around().account.unlimited(symbol)
    : `${Amount.exact(amount.toString(), decimals)} ${symbol}`
}

/** The sentence that takes a permission back, for the chat: it becomes a card like every other. */
export function revokeSentence({ symbol, spender }: Grant): string {
  return `revoke ${symbol} approval for ${spender}`
}

/** Everyone whom these proposals let spend, or would have: where to look for permissions that stand. */
export function spendersIn(proposals: readonly Proposal[], chainId: number): readonly string[] {
  const found = proposals
    .filter(({ chain_id: id }) => id === chainId)
    .flatMap(({ calls, report }) => [
      ...calls.flatMap((call) => decode(call).spender ?? []),
      ...(report?.authority_changes ?? []).map(({ subject }) => subject),
    ])
  return [...new Map(found.map((spender) => [spender.toLowerCase(), spender])).values()]
}
