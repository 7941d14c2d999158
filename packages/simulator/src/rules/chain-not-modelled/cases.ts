import type { RuleCases } from '../RuleCases.ts'
import { quiet } from '../quiet.ts'

const NODE = {
  why: 'Arbitrum has instructions of its own',
  hasBalances: true,
  hasStorage: true,
  environments: 5,
  accept: null,
} as const

export const cases: RuleCases = {
  why: 'it is about the chain, not about the request',
  covered: {
    file: 'catalogue/catalogue.test.ts',
    test: 'a chain that no local EVM models is shown with the facts of its own node, and a caution',
  },
  flagContext: {
    'Arbitrum, where the node told everything': { engine: { ...quiet, node: NODE } },
    'a node that does not tell what is stored': { engine: { ...quiet, node: { ...NODE, hasStorage: false } } },
    'a node that tells status and logs alone': {
      engine: { ...quiet, node: { ...NODE, hasBalances: false, hasStorage: false, environments: 1 } },
    },
    'an operator who accepts none of it': { engine: { ...quiet, node: { ...NODE, accept: 'block' } } },
  },
  leaveContext: {
    Ethereum: { engine: quiet },
  },
}
