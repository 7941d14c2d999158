import { finding, framesOf, isAgentsChoice, madeIn, nameOf, type Rule } from '../Rule.ts'

/**
 * Value goes into an unverified contract, and nothing comes back: no coin, no right, no entry under the user's
 * key. Four bytes of call data do not make a payment harmless.
 */
export const rule: Rule = {
  name: 'nothing-back',
  remediation: 'Do not sign it unless you mean to give this away.',
  about:
    'An unverified contract is called and keeps most of what leaves you; over the whole batch you get neither a coin nor a right nor an entry of your own for it.',
  levels: 'warn when an agent chose the contract; else a note',
  check(context) {
    const { request, tokenChanges, authorityChanges, credits, account, known, isMeantRecipient } = context
    const mine = tokenChanges.filter((change) => change.account === request.from)
    if (mine.some(({ delta }) => delta > 0n)) return []
    const lost = mine.filter(({ delta }) => delta < 0n)
    // A collection that moves its list of the user's tokens up credits nothing.
    const given = new Set(lost.map(({ token }) => token?.toLowerCase()))
    if ([...credits].some((contract) => !given.has(contract))) return []
    // A right of the user's own, such as a position that somebody else administers.
    if (authorityChanges.some(({ subject, after }) => subject === request.from && after > 0n)) return []
    const called = new Set([...framesOf(context)].flatMap(({ frame }) => (frame.to === null ? [] : [frame.to])))
    const made = madeIn(context)
    return tokenChanges.flatMap((change) => {
      const loss = lost.find(({ token, tokenId }) => token === change.token && tokenId === change.tokenId)
      if (loss === undefined || change.delta * 2n < -loss.delta || !called.has(change.account)) return []
      const hasCode = account(change.account)?.hasCode === true || made.has(change.account)
      if (!hasCode || change.account === change.token) return []
      if (known(change.account) !== undefined || isMeantRecipient(change.account)) return []
      return [
        finding(
          'nothing-back',
          isAgentsChoice(context, change.account) ? 'warn' : 'info',
          'You receive nothing for it',
          `What leaves you stays in ${nameOf(context, change.account)}, an unverified contract. No coin, no right and no entry of yours comes back.`,
          { subject: change.account, evidence: { token: change.token, amount: change.delta.toString() } },
        ),
      ]
    })
  },
}
