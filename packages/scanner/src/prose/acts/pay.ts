import type { Reader } from '../Act.ts'
import type { Clause } from '../Clause.ts'

/** Money, or the power over it, goes to an account that the text names. */
export const payLiteral: Reader = (clause) => {
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
