/**
 * `@countersign/simulator`: fork → execute → effects → verdict → receipt. A library with no server in it: it knows
 * nothing of HTTP routes, keys or sessions.
 */
export { createSimulator, type Simulator, type SimulatorOptions } from './createSimulator.ts'
export { BlockAbsentError } from './state/openStateSource.ts'
export { safeText } from './decode/safeText.ts'
export { AnvilMissingError, AnvilStartError, spawnAnvil, type AnvilProcess } from './engine/spawnAnvil.ts'
export { parseIntent, IntentError, type Intent } from './intent/Intent.ts'
export { readSignable, readTypedData, SignatureError } from './signatures/index.ts'
export type { SignableSource, SignatureContext, SignatureRequest } from './signatures/index.ts'
export { CallError, parseCall, parseKnown, requestOf } from './parseRequest.ts'
export { issueReceipt } from './receipts/issueReceipt.ts'
export { openReadSets } from './receipts/openReadSets.ts'
export * as ReadSet from './receipts/ReadSet.ts'
export * as Receipt from './receipts/Receipt.ts'
export { keysFromJwks, MAX_TTL_MS, openReceiptKeys } from './receipts/ReceiptKeys.ts'
export type { PublicJwk, ReceiptKeys, VerifyingKeys } from './receipts/ReceiptKeys.ts'
export { recheck, verifyFile, type Recheck } from './receipts/recheck.ts'
export type { Lease } from './receipts/checkLease.ts'
export { renderReport } from './renderReport.ts'
export * as Report from './Report.ts'
export type { Call, KnownAddress, SimulationRequest } from './Request.ts'
export { ChainMismatchError, openEndpoint, UpstreamError, type RpcEndpoint } from './state/Upstream.ts'
