import { said } from '../../decode/safeText.ts'
import type { Rule } from '../Rule.ts'

/** A step that fails: gas would be spent for nothing, and what came before it would stand alone. */
export const rule: Rule = {
  name: 'reverts',
  remediation: 'Ask for something that the contract accepts, such as a smaller amount.',
  about: 'A step fails.',
  levels: 'block',
  check: ({ steps, authorityChanges }) =>
    steps
      .filter((step) => step.status === 'revert' || step.status === 'halt')
      .map((step) => ({
        rule: 'reverts',
        level: 'block' as const,
        title: 'It would fail',
        because: `Step ${step.step}${step.label === null ? '' : ` (${step.label})`} would fail: ${step.revert === null ? 'no reason given' : step.revert.error === 'Error(string)' ? said(step.revert.reason) : step.revert.reason}.${
          // Sent one by one, what came before it stands (catalogue B07).
          step.step > 1 && authorityChanges.some((change) => change.after > change.before)
            ? ' If the steps before it are sent all the same, the authority that they grant stays.'
            : ''
        }`,
        step: step.step,
        subject: null,
        evidence: { error: step.revert?.error ?? null, data: step.revert?.data.slice(0, 202) ?? '0x' },
      })),
}
