/** Enforced batches, measured: for the bench. */
export {
  AT_ONCE,
  HOSTILE,
  LATER,
  measureEnforced,
  withBatchCode,
  type EnforcedRun,
  type Move,
} from './measureEnforced.ts'
export { KINDS, measureScenes, type SceneRun } from './measureScenes.ts'
export { measureSwitches, type SwitchRun } from './measureSwitches.ts'
export { runRoutes, type RouteRun } from './routes.ts'
