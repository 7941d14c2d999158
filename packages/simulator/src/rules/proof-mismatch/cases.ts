import type { RuleCases } from '../RuleCases.ts'
import { quiet } from '../quiet.ts'

export const cases: RuleCases = {
  why: 'the provider would have to lie',
  covered: {
    file: 'catalogue/catalogue.test.ts',
    test: 'F10: a provider that lies about a balance is caught by its own proofs',
  },
  flagContext: {
    'a balance that is not there': {
      engine: { ...quiet, proofMismatches: ['balance of 0x…: the provider says 5, proven is 0'] },
    },
  },
  leaveContext: {
    'everything is proven': { engine: quiet },
  },
}
