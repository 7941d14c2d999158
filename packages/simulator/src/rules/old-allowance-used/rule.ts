import { Address } from '@countersign/base'
import { finding, framesOf, isVouchedFor, nameOf, type Rule } from '../Rule.ts'

/** Tokens leave through an allowance from earlier, and nothing comes back (catalogue C17). */
export const rule: Rule = {
  name: 'old-allowance-used',
  about:
    "The user's tokens leave through an allowance given earlier to somebody nobody vouches for, and nothing arrives and nothing is credited for them.",
  levels: 'block',
  check: (context) => {
    const user = context.request.from
    const own = context.tokenChanges.filter((change) => change.account === user)
    if (own.some((change) => change.delta > 0n)) return []
    const frames = [...framesOf(context)]
    return own
      .filter((change) => change.standard === 'erc20' && change.delta < 0n && change.token !== null)
      .flatMap((change) => {
        const token = change.token as Address.Address
        const used = frames.find(
          ({ frame }) =>
            frame.to === token &&
            frame.signature === 'transferFrom(address,address,uint256)' &&
            frame.from !== user &&
            Address.isEqual(String(frame.args?.[0]) as Address.Address, user),
        )
        if (used === undefined) return []
        const spender = used.frame.from
        const isGrantedHere = frames.some(
          ({ frame }) =>
            frame.to === token &&
            frame.type === 'CALL' &&
            /^(approve|increaseAllowance|permit)\(/.test(frame.signature ?? '') &&
            (frame.args ?? []).some(
              (argument) => typeof argument === 'string' && argument.toLowerCase() === spender.toLowerCase(),
            ),
        )
        if (isGrantedHere || isVouchedFor(context, spender) || context.credits.has(spender.toLowerCase())) return []
        return [
          finding(
            'old-allowance-used',
            'block',
            'An old allowance is used against you',
            `${nameOf(context, spender)} takes ${-change.delta} of the smallest unit of ${nameOf(context, token)} through an allowance that you gave it earlier, and you receive nothing for it. Revoke that allowance.`,
            { step: used.step.step, subject: spender, evidence: { token, amount: (-change.delta).toString() } },
          ),
        ]
      })
  },
}
