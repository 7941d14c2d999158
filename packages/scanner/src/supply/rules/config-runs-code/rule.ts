import type { Rule } from '../../../Rule.ts'
import { at, FETCHES, RUNS_TEXT } from '../shared.ts'

export const configRunsCode: Rule = {
  name: 'config-runs-code',
  check: 'supply',
  ast: 'AST02',
  item: '2.5',
  about: 'A plugin manifest, agent settings or hooks file with commands that the host runs by itself.',
  severity: 'medium',
  because: 'A configuration that starts programs is code, and it runs without the agent or the person asking for it.',
  remediation:
    'Leave hooks out of what is shared; where one is needed, let it run a script of the skill that can be read and is pinned.',
  *find({ supply }) {
    for (const hook of supply.hooks) {
      if (hook.when !== 'session' || /\.py$|\.pth$/.test(hook.name)) continue
      const isGrave = FETCHES.test(hook.command) || RUNS_TEXT.test(hook.command)
      yield at(hook, isGrave ? 'high' : 'medium', `On ${hook.name} the host runs: ${hook.command.slice(0, 120)}`)
    }
  },
}
