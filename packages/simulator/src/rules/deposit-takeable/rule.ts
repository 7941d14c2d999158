import { amountText, finding, isVouchedFor, nameOf, type Rule } from '../Rule.ts'

/** What the user puts into an unverified contract can be taken out by somebody else: the taking was tried in the fork. */
export const rule: Rule = {
  name: 'deposit-takeable',
  remediation: 'Put in nothing that you need back, unless you know who this is and want to pay them.',
  about:
    'An unverified contract writes down for you what you give, and somebody else can take it out again right away: anybody, or an account that the contract knows. All functions of the contract were tried in the fork.',
  levels:
    'block when anybody can take it and an agent proposed the transaction; otherwise warn; no finding for an account that the app names or that the intent pays',
  check: (context) =>
    context.tries.deposits.flatMap(({ contract, isWritten, takers }) => {
      const taker = takers.find(
        ({ actor, isAnybody }) => isAnybody || !(isVouchedFor(context, actor) || context.isMeantRecipient(actor)),
      )
      if (!isWritten || taker === undefined) return []
      const { actor, isAnybody, token, amount } = taker
      const who = isAnybody ? 'Anybody' : nameOf(context, actor)
      return [
        finding(
          'deposit-takeable',
          isAnybody && context.request.isAgentProposed === true ? 'block' : 'warn',
          'Somebody else can take it out',
          `${who} can take ${amountText(context, token, amount)} out of ${nameOf(context, contract)} in the next transaction, and with it what you put in. It was tried in the fork.`,
          {
            subject: isAnybody ? contract : actor,
            evidence: { contract, actor: isAnybody ? null : actor, token, amount: amount.toString() },
          },
        ),
      ]
    }),
}
