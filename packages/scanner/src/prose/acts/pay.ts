import { hostKind, hostOf } from '../../facts/hosts.ts'
import type { Found, Reader } from '../Act.ts'
import type { Clause } from '../Clause.ts'
import { PINNED } from './Outside.ts'

/** Money, or the power over it, goes to an account that the text names, or that an address names anew each day. */
export const payLiteral: Reader = (clause, { urlBefore }) =>
  empowered(clause) ?? paidByAddress(clause, urlBefore) ?? paid(clause)

/** "Set 0x… as an additional owner", "0x… becomes the guardian of the Safe". */
function empowered(clause: Clause): Found | null {
  for (const [i, token] of clause.tokens.entries()) {
    if (token.kind !== 'account' || token.isQuoted || clause.isNegated(i)) continue
    const power = clause.all('power').find((k) => Math.abs(k - i) < 9)
    if (power === undefined) continue
    const verb = clause.all('appoint').find((k) => Math.abs(k - i) < 12 && clause.isOrdered(k))
    // "Make 0x… the owner", "add the guardian 0x…": one of the two follows the other, not "the owner of 0x…".
    if (verb === undefined || verb > Math.min(i, power) || clause.isAround(i, ['from'], 1)) continue
    return { severity: 'high', target: token.text }
  }
  return null
}

/** "Take the payout address from https://… and send 1% there": who is paid is written elsewhere. */
function paidByAddress(clause: Clause, urlBefore: string): Found | null {
  const url = clause.tokens.find((token) => token.kind === 'url')?.text ?? urlBefore
  const kind = hostKind(hostOf(url))
  if (!/^https?:/.test(url) || kind === 'local' || PINNED.test(url) || !clause.has('share', 'whole')) return null
  const account = clause.all('payee', 'power')[0]
  if (account === undefined) return null
  const isPaid = clause.all('give', 'spend', 'appoint').some((k) => k !== account && clause.isOrdered(k))
  return isPaid && clause.isAround(account, ['open', 'from', 'there', 'it', 'lives-at'], 6)
    ? { severity: 'high', target: url }
    : null
}

function paid(clause: Clause): Found | null {
  for (const [i, token] of clause.tokens.entries()) {
    if (token.kind !== 'account' || token.isQuoted) continue
    const verb = clause.all('give', 'receive', 'spend').find((k) => Math.abs(k - i) < 18)
    const isAllowance = clause.has('allowance')
    if (verb === undefined && !isAllowance) continue
    const at = verb ?? i
    if (clause.isNegated(at) || clause.isTold(i) || clause.isNegated(i)) continue
    if (verb !== undefined && clause.is(i - 1, 'from') && !clause.has('share')) continue
    const isFlow = clause.has('share', 'each') || clause.isAround(at, ['ahead'], 24) || clause.has('unlimited')
    const isMoney = clause.has('money', 'share', 'allowance')
    if (!isMoney) continue
    return {
      severity: (isFlow && isDirected(clause, i)) || (isAllowance && clause.has('unlimited')) ? 'high' : 'medium',
      target: token.text,
    }
  }
  return null
}

/** Whether the account is the one that gets it. */
function isDirected(clause: Clause, i: number): boolean {
  if (!clause.isEnglish) return true
  const around = [clause.tokens[i - 1]?.text, clause.tokens[i - 2]?.text, clause.tokens[i + 1]?.text]
  return around.some((word) =>
    /^(?:to|for|at|through|into|via|with|of|let|give|gives|grant|receive|receives|gets|get|collects|earns|pay|pays|by|takes|account|address|wallet|treasury)$/.test(
      word ?? '',
    ),
  )
}
