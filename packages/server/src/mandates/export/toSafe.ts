import { NATIVE } from '../policy/Policy.ts'
import type { Parts } from './Part.ts'

/** One `setAllowance` of Safe's allowance module. `token` is the zero address for the chain's coin. */
export interface SafeAllowance {
  readonly rules: readonly string[]
  readonly chain_id: number
  readonly token: string
  /** Decimal text in the smallest unit. */
  readonly amount: string
  /** 0 for once and for all. */
  readonly reset_minutes: number
}

/**
 * Allowances for an agent that spends from a Safe. The module knows a token, an amount and a period and nothing else, so only what
 * the rules let go to whoever is expressed; of several windows the one that lets out least over time.
 */
export function toSafe({ parts, capsOf }: Parts): {
  readonly terms: readonly SafeAllowance[]
  readonly notExpressed: readonly string[]
} {
  const lost: string[] = []
  const terms = new Map<string, SafeAllowance>()
  for (const part of parts) {
    if (part.kind === 'call' || part.recipients !== null) {
      lost.push(`Rule "${part.rule}": the allowance module knows no ${part.kind === 'call' ? 'calls' : 'recipients'}.`)
      continue
    }
    const caps = capsOf(part.asset, part.chainId).flatMap(({ window, amount }) =>
      window.kind === 'rolling'
        ? [{ amount, minutes: Math.ceil(window.ms / 60_000) }]
        : window.kind === 'lifetime'
          ? [{ amount, minutes: 0 }]
          : [],
    )
    // By the rate; once and for all is the slowest.
    const rate = ({ amount, minutes }: (typeof caps)[number]): number => (minutes === 0 ? 0 : Number(amount) / minutes)
    const [slowest] = caps.toSorted((a, b) => rate(a) - rate(b))
    if (slowest === undefined) {
      lost.push(`Rule "${part.rule}": nothing counts ${part.asset}, so it is left out.`)
      continue
    }
    if (caps.length > 1) lost.push(`Limits of ${part.asset}: only one window is kept.`)
    const token = part.asset === NATIVE ? `0x${'0'.repeat(40)}` : (part.token?.address ?? '')
    const key = `${part.chainId} ${token}`
    terms.set(key, {
      rules: [...(terms.get(key)?.rules ?? []), part.rule],
      ...{ chain_id: part.chainId, token },
      ...{ amount: slowest.amount.toString(), reset_minutes: slowest.minutes },
    })
  }
  return { terms: [...terms.values()], notExpressed: [...new Set(lost)] }
}
