import type { RuleCases } from '../RuleCases.ts'
import { quiet } from '../quiet.ts'

export const cases: RuleCases = {
  why: 'one of two engines would have to be wrong',
  covered: { file: 'src/evm/ethereumjs/differential.test.ts', test: 'programs made of chance run alike' },
  flagContext: {
    'one runs out of gas': { engine: { ...quiet, engineDifferences: ['step 1, status: success and halt'] } },
  },
  leaveContext: {
    'both agree': { engine: quiet },
  },
}
