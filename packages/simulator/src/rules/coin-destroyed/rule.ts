import { coinOf } from '../../chain/Chain.ts'
import * as Coin from '../../model/Coin.ts'
import { finding, type Rule } from '../Rule.ts'

/** The chain's own coin ceases to exist: a contract that is made and ends in one transaction is its own heir (EIP-6780). */
export const rule: Rule = {
  name: 'coin-destroyed',
  remediation: 'Do not sign it unless you mean to give the coin up for good.',
  about:
    'A contract that is made and ends in the same transaction names itself as its heir, and its coin is destroyed (EIP-6780).',
  levels: 'block',
  check: ({ engine, chain }) =>
    engine.destroyed.map(({ account, amount }) =>
      finding(
        'coin-destroyed',
        'block',
        'Coin is destroyed',
        `${Coin.text(coinOf(chain), amount)} would be destroyed: ${account} ends in the transaction that makes it and is its own heir. Nobody receives it.`,
        { subject: account, evidence: { amount: amount.toString() } },
      ),
    ),
}
