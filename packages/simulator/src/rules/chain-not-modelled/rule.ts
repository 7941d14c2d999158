import { Address } from '@countersign/base'
import { finding, paymentOf, type NodeFacts, type Rule, type RuleContext } from '../Rule.ts'

/**
 * The chain's own node alone ran the batch. How much that is worth is decided by what the node gave: balances,
 * allowances, changed storage and other blocks are facts that all other rules judge; status and logs alone are not.
 */
export const rule: Rule = {
  name: 'chain-not-modelled',
  remediation: 'Check the chain’s record with `countersign chain check`, and sign only amounts that you can lose.',
  about:
    'No local EVM models the chain, so its own node ran the batch and nothing else could check it. The finding says what the node did not tell.',
  levels:
    'warn: balances and allowances were read before and after; block: they were not, except for a plain payment, or a transfer of a registered token, to an address that the user named as its recipient. `engine.accept` in the chain’s file decides otherwise.',
  check(context) {
    const { node } = context.engine
    if (node === null) return []
    const level = node.accept ?? (isEnough(node) || isPlainlyMeant(context) ? 'warn' : 'block')
    return [
      finding(
        'chain-not-modelled',
        level,
        'This chain cannot be checked here',
        `Run by the chain’s own node: nothing else could check it, because ${node.why}.${missing(node)}`,
        { evidence: { balances: node.hasBalances, storage: node.hasStorage, environments: node.environments } },
      ),
    ]
  },
}

function isEnough({ hasBalances, environments }: NodeFacts): boolean {
  return hasBalances && environments >= 2
}

function missing({ hasBalances, hasStorage, environments }: NodeFacts): string {
  if (!hasBalances) return ' What else changes is not known.'
  return `${hasStorage ? '' : ' Hidden permissions were not looked for.'}${environments < 2 ? ' Other blocks were not tried.' : ''}`
}

/** Nothing but payments, in the coin or in tokens that the app vouches for, to addresses that the user named as recipients. */
function isPlainlyMeant(context: RuleContext): boolean {
  const { request } = context
  return (
    (request.signature ?? null) === null &&
    request.calls.length > 0 &&
    request.calls.every((call) => {
      const payment = paymentOf(call)
      if (payment === null) return false
      const isListed = payment.token === null || context.known(payment.token)?.kind === 'token'
      const isNamed = (request.saidRecipients ?? []).some((said) => Address.isEqual(said, payment.recipient))
      return isListed && isNamed
    })
  )
}
