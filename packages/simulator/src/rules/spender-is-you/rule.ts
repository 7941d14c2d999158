import { finding, framesOf, nameOf, type Rule } from '../Rule.ts'

/** Ways to let somebody spend, by the place of the spender and of the amount. */
const GRANTS: ReadonlySet<string> = new Set([
  'approve(address,uint256)',
  'increaseAllowance(address,uint256)',
  'setApprovalForAll(address,bool)',
])

/**
 * An account lets itself spend what is its own. Nobody needs that to pay: it only makes a `transferFrom` possible that
 * looks like somebody else's work. `signature-spender-is-you` says the same of a document.
 */
export const rule: Rule = {
  name: 'spender-is-you',
  remediation: 'Ask why the account is to allow itself something. A payment needs no permission of your own.',
  about: 'The account gives itself permission to spend its own tokens, which only a payment in disguise needs.',
  levels: 'warn when such a payment is in the batch; else a note',
  check(context) {
    const found = [...framesOf(context)].filter(
      ({ frame: { type, from, signature, args } }) =>
        type === 'CALL' &&
        signature !== null &&
        GRANTS.has(signature) &&
        context.mine.has(from) &&
        String(args?.[0]).toLowerCase() === from.toLowerCase() &&
        ![false, 0n].includes(args?.[1] as bigint | boolean),
    )
    const isUsed = [...framesOf(context)].some(
      ({ frame: { type, from, signature, args } }) =>
        type === 'CALL' &&
        signature === 'transferFrom(address,address,uint256)' &&
        String(args?.[0]).toLowerCase() === from.toLowerCase() &&
        !context.mine.has(String(args?.[1])),
    )
    return found.map(({ frame, step }) =>
      finding(
        'spender-is-you',
        isUsed ? 'warn' : 'info',
        'A permission for yourself',
        `${frame.from} lets itself spend its own tokens at ${nameOf(context, frame.to ?? frame.from)}. A payment needs no such permission; it only makes one look like something else.`,
        {
          step: step.step,
          subject: frame.from,
          evidence: { contract: frame.to, signature: frame.signature },
        },
      ),
    )
  },
}
