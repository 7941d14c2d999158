import { safeText, said } from '../../decode/safeText.ts'
import type { CallFrame, Step } from '../../model/Step.ts'
import { finding, nameOf, type Rule, type RuleContext } from '../Rule.ts'

interface Failure {
  readonly frame: CallFrame
  readonly step: Step
  /** Where it stands among all calls of the batch, in execution order. */
  readonly order: number
}

/**
 * An inner call fails, its caller goes on, and the transaction counts as a success. Whether that matters depends on what the
 * call was for: a payment that is not made is a loss that the receipt of the chain does not show.
 */
export const rule: Rule = {
  name: 'inner-call-failed',
  remediation: 'Check that what you asked for has happened before you sign.',
  about:
    'An inner call fails and its caller goes on, so the chain will report success although a part was not done, and nothing later did it.',
  levels: 'warn: it would have moved something, or nothing of yours moves at all; else a note',
  check(context) {
    if (context.steps.some(({ status }) => status !== 'success')) return []
    const { failures, done } = collect(context)
    const open = failures.filter(({ frame, order }) => !isMadeGood(frame, order, done))
    const hasMoved = context.tokenChanges.some(({ account }) => account === context.request.from)
    const seen = new Set<string>()
    return open.flatMap(({ frame, step }) => {
      const { to } = frame
      const key = `${step.step}|${to}|${frame.selector}`
      if (to === null || seen.has(key)) return []
      seen.add(key)
      const what = frame.signature === null ? 'a call' : safeText(frame.signature.split('(')[0] ?? '', 40)
      const level = moves(frame) || !hasMoved ? 'warn' : 'info'
      return [
        finding(
          'inner-call-failed',
          level,
          'A part of it fails',
          `In step ${step.step} ${what} at ${nameOf(context, to)} fails${frame.reason == null ? '' : ` with ${said(safeText(frame.reason, 100))}`}, and the transaction goes on and counts as a success. What it should have done is not done.`,
          { step: step.step, subject: to, evidence: { selector: frame.selector, value: frame.value.toString() } },
        ),
      ]
    })
  },
}

/** Failed calls whose caller went on, and the calls that succeeded. Static calls only ask, so their failing moves nothing. */
function collect({ steps }: Pick<RuleContext, 'steps'>): { failures: Failure[]; done: Failure[] } {
  const failures: Failure[] = []
  const done: Failure[] = []
  let order = 0
  const walk = (frame: CallFrame, step: Step): void => {
    order += 1
    if (frame.type === 'STATICCALL') return
    if (frame.status !== 'success') {
      failures.push({ frame, step, order })
      return
    }
    done.push({ frame, step, order })
    for (const inner of frame.calls) walk(inner, step)
  }
  for (const step of steps) if (step.calls !== null) walk(step.calls, step)
  // A proxy and its implementation fail together: the outer one is the call that was made.
  return { failures, done }
}

/** A later call of the same function succeeds (another pool, another try), or the token moves without the permit that failed. */
function isMadeGood(frame: CallFrame, order: number, done: readonly Failure[]): boolean {
  if (frame.selector === null) return false
  const later = done.filter((other) => other.order > order)
  if (later.some(({ frame: other }) => other.selector === frame.selector && other.value >= frame.value)) return true
  const name = frame.signature?.split('(')[0] ?? ''
  if (/^permit/i.test(name))
    return later.some(({ frame: other }) => /^transferFrom|permit/i.test(other.signature ?? ''))
  return /swap|exact/i.test(name) && later.some(({ frame: other }) => /swap|exact/i.test(other.signature ?? ''))
}

/** Whether the call would have moved coins or tokens: by its value, or by what its name says. */
function moves({ value, signature, type }: CallFrame): boolean {
  if (value > 0n && (type === 'CALL' || type.startsWith('CREATE'))) return true
  const name = signature?.split('(')[0] ?? ''
  return /^(?:safe)?(?:transfer|batchTransfer|mint|burn|deposit|withdraw|redeem|swap|exact|claim|repay|borrow|supply|stake|unstake|exec)/i.test(
    name,
  )
}
