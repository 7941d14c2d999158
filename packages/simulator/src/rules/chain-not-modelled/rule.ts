import { finding, type Rule } from '../Rule.ts'

/** A chain that only its own node can run: status, calls and logs are told, but not checked. */
export const rule: Rule = {
  name: 'chain-not-modelled',
  about:
    'No local EVM models the chain: its own node ran the batch, and balances, authority and environments were not checked.',
  levels: 'block',
  check: ({ engine }) =>
    engine.notModelled === null
      ? []
      : [
          finding(
            'chain-not-modelled',
            'block',
            'This chain cannot be checked here',
            `Only the chain's own node ran it, and what it does to balances and authority was not checked: ${engine.notModelled}.`,
          ),
        ],
}
