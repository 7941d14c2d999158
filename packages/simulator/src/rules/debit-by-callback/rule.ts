import type { CallFrame } from '../../model/Step.ts'
import { finding, framesOf, nameOf, type Rule } from '../Rule.ts'
import { ENTRY_POINTS } from '../../signatures/schemes/userOperation.ts'

/**
 * Somebody else calls into the code that the user's account runs, and that code pays: a hook, a callback, a fallback
 * (catalogue E13). A display of net balances shows the sum and not that nobody asked the user.
 */
export const rule: Rule = {
  name: 'debit-by-callback',
  remediation: 'Do not sign it: use a contract that takes only what the call says.',
  about:
    "Somebody nobody vouches for calls into the code of the user's own account while the transaction runs, and that code pays out or grants.",
  levels: 'block; warn when ether or a known token arrives in return',
  check: (context) => {
    const user = context.request.from
    const own = context.tokenChanges.filter((change) => change.account === user)
    const isPaidFor = own.some(
      ({ delta, token }) => delta > 0n && (token === null || context.known(token)?.kind === 'token'),
    )
    const findings = [...framesOf(context)]
      .filter(
        ({ frame }) =>
          frame.to === user &&
          frame.type === 'CALL' &&
          frame.from !== user &&
          frame.calls.length > 0 &&
          context.known(frame.from) === undefined &&
          !ENTRY_POINTS.includes(frame.from),
      )
      .flatMap(({ frame, step }) => {
        const paid = payments(frame, user)
        if (paid.length === 0) return []
        const [first] = paid
        return [
          finding(
            'debit-by-callback',
            isPaidFor ? 'warn' : 'block',
            'Your account pays when somebody calls it',
            `${nameOf(context, frame.from)} calls the code of your own account, which then ${first?.value === 0n ? 'calls' : 'pays'} ${nameOf(context, first?.to ?? user)}. You did not ask for that call.`,
            {
              step: step.step,
              subject: frame.from,
              evidence: { paid: paid.map(({ to, value }) => ({ to, wei: value.toString() })) },
            },
          ),
        ]
      })
    return findings.slice(0, 1)
  },
}

/** What the user's code does with the user's power inside a frame: ether that leaves, and calls that move or grant tokens. */
function payments(frame: CallFrame, user: string): { readonly to: CallFrame['from']; readonly value: bigint }[] {
  return frame.calls.flatMap((inner) => {
    if (inner.status !== 'success' || inner.to === null) return []
    const isOwn = inner.from === user && inner.type === 'CALL' && inner.to !== user
    const isPower =
      inner.value > 0n || /^(transfer|approve|setApprovalForAll|increaseAllowance)\(/.test(inner.signature ?? '')
    return [...(isOwn && isPower ? [{ to: inner.to, value: inner.value }] : []), ...payments(inner, user)]
  })
}
