import { contextOf, explainCall } from '../clearsigning/explain.ts'
import { toStep } from '../effects/steps.ts'
import { MAX_FRAMES } from '../effects/Trace.ts'
import { requestOf } from './parts.ts'
import type { Stage } from './Stage.ts'

/** The steps as people read them, and what could really be taken in the place of balances beside allowances. */
export const steps: Stage<'steps'> = {
  name: 'steps',
  needs: ['plan', 'execute', 'effects', 'lookAhead'],
  skip: () => null,
  run({ descriptors }, job, found) {
    const request = requestOf(job, found)
    const [run, effects, ahead] = [found.get('execute'), found.get('effects'), found.get('lookAhead')]
    const budget = { left: MAX_FRAMES }
    const clear = contextOf(request, descriptors, {
      tokenChanges: effects?.tokenChanges ?? [],
      authorityChanges: effects?.authorityChanges ?? [],
    })
    const list = request.calls.map((call, i) => ({
      ...toStep(call, i + 1, run, budget),
      clearSigning: explainCall(clear, request, call),
    }))
    // What could really be taken says more than a balance beside an allowance.
    const authorityChanges = (effects?.authorityChanges ?? []).map((change) => {
      const move = ahead?.moves.find((each) => each.change === change)
      return move === undefined
        ? change
        : { ...change, valueAtRisk: move.canTake, unlimited: change.unlimited || move.isLasting }
    })
    const grantSlots = new Map(
      (effects?.authorityChanges ?? []).flatMap((change, i) => {
        const slot = effects?.grantSlots.get(change)
        const kept = authorityChanges[i]
        return slot === undefined || kept === undefined ? [] : [[kept, slot] as const]
      }),
    )
    return {
      status: 'done',
      value: { steps: list, clear, authorityChanges, grantSlots },
      notChecked: budget.left > 0 ? [] : [{ what: 'call tree', why: `only the first ${MAX_FRAMES} calls are shown` }],
    }
  },
}
