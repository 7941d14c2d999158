import type { RuleCases } from '../RuleCases.ts'
import { quiet } from '../quiet.ts'

export const cases: RuleCases = {
  why: 'it is about the chain, not about the request',
  covered: { file: 'catalogue/catalogue.test.ts', test: 'a chain that no local EVM models is said, and blocks' },
  flagContext: {
    Arbitrum: { engine: { ...quiet, notModelled: 'Arbitrum has instructions of its own' } },
  },
  leaveContext: {
    Ethereum: { engine: quiet },
  },
}
