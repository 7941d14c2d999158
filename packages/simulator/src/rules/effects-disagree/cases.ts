import type { RuleCases } from '../RuleCases.ts'
import { quiet } from '../quiet.ts'

export const cases: RuleCases = {
  why: 'an engine would have to be wrong about ether',
  covered: { file: 'src/engine/ethereumjs/differential.test.ts', test: 'programs made of chance run alike' },
  flagContext: {
    'ether that no call moved': { engine: { ...quiet, disagreements: ['0x…: state 5, trace 0 wei'] } },
  },
  leaveContext: {
    'both tell the same': { engine: quiet },
  },
}
