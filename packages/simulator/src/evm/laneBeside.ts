import { openLane, type Lane } from './Lane.ts'

/** Of what a simulation may use of each engine, its tries may use as much again: half of it. */
const SHARE = 0.5

/**
 * A lane for tries that the simulation can do without, one for each simulation. It has a budget of its own, so that nothing else
 * ends early because of them; what it runs counts as the simulation's.
 */
export function laneBeside(lane: Lane): Lane {
  lane.beside ??= {
    ...openLane(),
    budgetMs: lane.budgetMs * SHARE,
    second: { budgetMs: lane.second.budgetMs * SHARE, spentMs: 0 },
    get runs() {
      return lane.runs
    },
    set runs(runs) {
      lane.runs = runs
    },
  }
  return lane.beside
}

/** What both engines spent on a simulation, with all that was tried beside it. */
export function spentMs({ spentMs: first, second, beside }: Lane): number {
  return first + second.spentMs + (beside === undefined ? 0 : beside.spentMs + beside.second.spentMs)
}
