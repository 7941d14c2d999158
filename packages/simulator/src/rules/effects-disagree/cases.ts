import type { RuleCases } from '../RuleCases.ts'
import { quiet } from '../quiet.ts'

export const cases: RuleCases = {
  why: 'an engine would have to be wrong about ether, or a token know who asks',
  covered: { file: 'src/hostile.test.ts', test: 'promise: a token that lies by %s gains nothing by it' },
  flagContext: {
    'ether that no call moved': { engine: { ...quiet, disagreements: ['0x…: state 5, trace 0 wei'] } },
  },
  leaveContext: {
    'both tell the same': { engine: quiet },
  },
}
