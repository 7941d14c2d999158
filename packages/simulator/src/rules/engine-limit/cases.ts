import { quiet } from '../quiet.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  why: 'it depends on how fast the machine is',
  covered: {
    file: 'src/evm/ethereumjs/differential.test.ts',
    test: 'promise: a run out of time ends with its worker, and the next one does not notice',
  },
  flagContext: {
    'a run without an end': { engine: { ...quiet, ranOut: 'exhausted' } },
    'a run on a machine that is too busy': { engine: { ...quiet, ranOut: 'starved' } },
    'a run that took too long where processor time is not told': { engine: { ...quiet, ranOut: 'untold' } },
  },
  leaveContext: { 'a run that ends': { engine: quiet } },
}
