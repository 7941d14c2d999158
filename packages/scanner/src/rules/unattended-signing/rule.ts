import { failedSimulations } from '../../facts/chain/failedSimulation.ts'
import { actsIn } from '../../prose/actsIn.ts'
import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'
import { spendingSignals } from './spendingSignals.ts'

export const rule: Rule = {
  name: 'unattended-signing',
  check: 'intent',
  ast: 'AST01',
  item: null,
  about: 'The agent signs although the simulation failed or was skipped, or spends without asking anybody.',
  severity: 'high',
  because: 'The owner finds out what was signed when the money is gone.',
  remediation:
    'Stop when a simulation fails, show the effects, and ask before every signature; let the owner set limits outside the skill.',
  *find(material) {
    for (const kind of ['sign-unseen', 'spend-alone'] as const)
      for (const act of actsIn(material.views, kind)) yield at(act, act.text, { severity: act.severity })
    for (const each of failedSimulations(material.views))
      yield at(each, each.text, {
        because: 'A simulation is asked for, and when it fails the transaction is sent all the same.',
      })
    const signals = spendingSignals(material)
    const view = material.views[0]
    if (signals.length > 0 && view !== undefined)
      yield at({ file: view.file, line: view.line, view: view.name, role: 'instruction' }, signals.join(', '), {
        because: `Taken together it is a wallet that is given away: ${signals.join(', ')}.`,
      })
  },
}
