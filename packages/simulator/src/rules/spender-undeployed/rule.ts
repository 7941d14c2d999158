import { finding, framesOf, nameOf, type Rule } from '../Rule.ts'

/**
 * Power goes to an address where nothing is deployed, although a contract is expected there: a spender the app vouches
 * for, or the code that an account or a proxy is to run. Whoever can deploy there later (CREATE2) has the power then
 * (catalogue C16). Spenders nobody vouches for are `spender-unknown`'s.
 */
export const rule: Rule = {
  name: 'spender-undeployed',
  remediation: 'Do not approve it: anybody could put code there.',
  about: 'Power goes to an address without code where a contract is expected, even one that somebody vouches for.',
  levels: 'block',
  check(context) {
    const created = new Set<string>()
    for (const { frame } of framesOf(context))
      if (frame.type.startsWith('CREATE') && frame.to !== null) created.add(frame.to.toLowerCase())
    return context.authorityChanges
      .filter((change) => change.after > change.before && !created.has(change.subject.toLowerCase()))
      .filter((change) => {
        const account = context.account(change.subject)
        if (account === undefined || account.hasCode) return false
        const isVouchedSpender = context.known(change.subject)?.kind === 'spender'
        switch (change.kind) {
          case 'erc20_allowance':
          case 'permit2_allowance':
          case 'operator':
            return isVouchedSpender
          case 'account_code':
          case 'proxy_implementation':
            return true
          default:
            return false
        }
      })
      .map((change) => {
        const nonce = context.account(change.subject)?.nonce ?? 0n
        return finding(
          'spender-undeployed',
          'block',
          'Nothing is deployed there',
          `${nameOf(context, change.subject)} has no code on this chain${nonce === 0n ? ' and was never used: a contract may be put there later' : ', but it has sent transactions: it is a person, not a contract'}. It would gain ${change.kind.replaceAll('_', ' ')} at ${nameOf(context, change.contract)}.`,
          {
            subject: change.subject,
            evidence: { kind: change.kind, contract: change.contract, nonce: nonce.toString() },
          },
        )
      })
  },
}
