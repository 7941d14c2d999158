/**
 * `@countersign/simulator`: fork → execute → effects → verdict → receipt. A library with no server in it: it knows
 * nothing of HTTP routes, keys or sessions.
 */
export { BlockAbsentError, createSimulator, type Simulator, type SimulatorOptions } from './createSimulator.ts'
export { safeText } from './decode/safeText.ts'
export { AnvilMissingError, AnvilStartError, spawnAnvil, type AnvilProcess } from './engine/spawnAnvil.ts'
export { CallError, parseCall, parseKnown, requestOf } from './parseRequest.ts'
export * as Receipt from './Receipt.ts'
export { renderReport } from './renderReport.ts'
export * as Report from './Report.ts'
export type { Call, KnownAddress, SimulationRequest } from './Request.ts'
export { ChainMismatchError, UpstreamError } from './state/Upstream.ts'
