import { Address } from '@countersign/base'
import { finding, framesOf, nameOf, type Rule, type RuleContext } from '../Rule.ts'

/** transferFrom(address,address,uint256) */
const TRANSFER_FROM = '0x23b872dd'

/** Tokens leave through an allowance from earlier, and nothing comes back (catalogue C17). */
export const rule: Rule = {
  name: 'old-allowance-used',
  remediation: 'Revoke the old allowance.',
  about:
    "The user's tokens leave through an allowance given earlier to somebody nobody vouches for, and nothing arrives and nothing is credited for them.",
  levels:
    'block; warn when something arrives that nobody vouches for, and where your call says the amount to the contract that takes and keeps it',
  check: (context) => {
    const user = context.request.from
    const own = context.tokenChanges.filter((change) => change.account === user)
    const arrived = own.filter((change) => change.delta > 0n)
    // Ether, or a token that somebody vouches for, is a price; a token that anybody can make is none.
    if (arrived.some(({ token }) => token === null || context.known(token)?.kind === 'token')) return []
    const frames = [...framesOf(context)]
    return own
      .filter((change) => change.standard === 'erc20' && change.delta < 0n && change.token !== null)
      .flatMap((change) => {
        const token = change.token as Address.Address
        const uses = frames.filter(
          ({ frame }) =>
            frame.to === token &&
            frame.type === 'CALL' &&
            frame.selector === TRANSFER_FROM &&
            frame.from !== user &&
            // Undecoded, it is what the user's loss shows it to be.
            (frame.args === null || Address.isEqual(String(frame.args[0]) as Address.Address, user)),
        )
        const [used] = uses
        if (used === undefined) return []
        const spender = used.frame.from
        const taken = uses
          .filter(({ frame }) => frame.from === spender)
          .reduce((sum, { frame }) => sum + (frame.args === null ? -change.delta : amountIn(frame.args[2])), 0n)
        const isGrantedHere = frames.some(
          ({ frame }) =>
            frame.to === token &&
            frame.type === 'CALL' &&
            /^(approve|increaseAllowance|permit)\(/.test(frame.signature ?? '') &&
            (frame.args ?? []).some(
              (argument) => typeof argument === 'string' && argument.toLowerCase() === spender.toLowerCase(),
            ),
        )
        if (isGrantedHere || maySpend(context, spender)) return []
        if (isBooked(context, taken)) return []
        const isStated = isAsked(context, { spender, token, taken })
        // What is written down for the user may be for something else that is given: this has to be asked for as well.
        const isOnly = own.filter(({ delta }) => delta < 0n).length === 1
        if (context.credits.has(spender.toLowerCase()) && (isOnly || isStated)) return []
        return [
          finding(
            'old-allowance-used',
            arrived.length === 0 && !isStated ? 'block' : 'warn',
            isStated ? 'An old allowance is used' : 'An old allowance is used against you',
            `${nameOf(context, spender)} takes ${taken} of the smallest unit of ${nameOf(context, token)} through an allowance that you gave it earlier, and you receive ${arrived.length === 0 ? 'nothing' : 'only what nobody vouches for'}. Revoke that allowance unless you meant this.`,
            { step: used.step.step, subject: spender, evidence: { token, amount: taken.toString() } },
          ),
        ]
      })
  },
}

/**
 * Whether the user's own call asks the spender for just this: it states the amount, and the spender keeps it. With the
 * approval in the same batch it would be any deposit, of which `nothing-back` tells that nothing is written down for it.
 */
function isAsked(
  { request, tokenChanges }: RuleContext,
  { spender, token, taken }: { spender: Address.Address; token: Address.Address; taken: bigint },
): boolean {
  const amount = taken.toString(16).padStart(64, '0')
  const isStated = request.calls.some(
    ({ to, data }) => to !== null && Address.isEqual(to, spender) && data.toLowerCase().includes(amount),
  )
  return (
    isStated &&
    tokenChanges.some((change) => change.account === spender && change.token === token && change.delta >= taken)
  )
}

/** Whether an entry of the user's moves by what is taken: a debt that is paid, a stake at a third contract. */
function isBooked({ units, mine }: RuleContext, taken: bigint): boolean {
  const [whole] = units
  const isNear = (amount: bigint) => amount * 20n >= taken * 19n && amount * 19n <= taken * 20n
  return (whole?.entries ?? []).some(
    ({ account, amount }) => amount !== null && isNear(amount) && mine.has(Address.parse(account)),
  )
}

/** A contract that is only named (a multicall, a factory) was not vouched for as a spender: anybody may use its allowance. */
function maySpend(context: Pick<RuleContext, 'known'>, spender: Address.Address): boolean {
  const kind = context.known(spender)?.kind
  return kind === 'spender' || kind === 'contact'
}

/** A decoded amount; calls are decoded to numbers, bigints or text. */
function amountIn(value: unknown): bigint {
  return typeof value === 'bigint' || typeof value === 'number' || typeof value === 'string' ? BigInt(value) : 0n
}
