/**
 * `@countersign/simulator`: fork → execute → effects → verdict → receipt. A library with no server in it: it knows
 * nothing of HTTP routes, keys or sessions.
 */
export { createSimulator } from './createSimulator.ts'
export * as Chain from './chain/Chain.ts'
export * as Coin from './model/Coin.ts'
export { chainOf, readChains, shippedIds, ChainFileError, ChainFolderError } from './chain/records.ts'
export { mismatch, type Mismatch } from './chain/compareRecord.ts'
export type { Simulator, SimulatorOptions } from './Simulator.ts'
export { DescriptorError, parseDescriptors, type DescriptorSet } from './clearsigning/Descriptor.ts'
export { readDescriptors } from './clearsigning/readDescriptors.ts'
export type { ClearSigning } from './model/ClearSigning.ts'
export { BlockAbsentError } from './chain/state/openStateSource.ts'
export { safeText, said, withoutQuotes } from './decode/safeText.ts'
export { decodeRevert, knownFunction } from './decode/KnownAbi.ts'
export { likenessOf, markDifference } from './names/Lookalike.ts'
export { plainEnv } from './evm/anvil/plainEnv.ts'
export { AnvilMissingError, AnvilStartError, spawnAnvil, type AnvilProcess } from './evm/anvil/spawnAnvil.ts'
export { parseIntent, IntentError } from './intent/Intent.ts'
export type { Intent } from './model/Intent.ts'
export { readMessage, readSignable, readTypedData, SignatureError } from './signatures/index.ts'
export type { SignableSource, SignatureContext, SignatureRequest } from './signatures/index.ts'
export { CallError, parseCall, parseKnown, requestOf } from './wire/parseRequest.ts'
export { OverrideError, parseOverrides } from './wire/parseOverrides.ts'
export type { StateOverride } from './model/Override.ts'
export { issueReceipt } from './receipts/issueReceipt.ts'
export { openReadSets } from './receipts/openReadSets.ts'
export * as ReadSet from './receipts/ReadSet.ts'
export * as Receipt from './receipts/Receipt.ts'
export { keysFromJwks, MAX_TTL_MS, openReceiptKeys, type ReceiptKeyFolder } from './receipts/ReceiptKeys.ts'
export type { PublicJwk, ReceiptKeys, VerifyingKeys } from './receipts/ReceiptKeys.ts'
export type { Drift, DriftKind } from './receipts/Drift.ts'
export { judgeReceipt, recheck, verifyFile, type Done, type Recheck } from './receipts/recheck.ts'
export type { Lease } from './receipts/checkLease.ts'
export { paymentOf } from './rules/Rule.ts'
export { PlayLimitError, type Played } from './evm/playCalls.ts'
export { renderReport } from './text/renderReport.ts'
export * as Report from './Report.ts'
export type { Call } from './model/Call.ts'
export type { KnownAddress } from './model/KnownAddress.ts'
export type { SimulationRequest } from './model/Request.ts'
export { openRpc, type ProviderRequest, type RpcPool, type RpcPoolOptions } from './chain/rpc/openRpc.ts'
export { ChainMismatchError, UpstreamError, type RpcEndpoint } from './chain/rpc/Rpc.ts'
export { openEndpoint } from './chain/rpc/openEndpoint.ts'
export { UpstreamDisagreementError } from './chain/rpc/openRpc.ts'
export type { Fault } from './chain/rpc/Rpc.ts'
export type {
  Block,
  BlockName,
  CallInput,
  CallOutcome,
  ChainReads,
  ChainReceipt,
  ChainTransaction,
  FullBlock,
  Passed,
  Sent,
  StateReads,
  TraceFrame,
  WaitingTransaction,
} from './chain/reads.ts'
export { GUARD, GUARD_DEPLOYMENT, parseGuardCall, parseGuardError, type GuardError } from './enforcement/Guard.ts'
export { GUARD_CODE } from './enforcement/guardCode.ts'
export { boundsDigest, type Derivation, type OutcomeState } from './enforcement/Draft.ts'
export { deriveBounds } from './enforcement/deriveBounds.ts'
export { explainBound } from './enforcement/explainBound.ts'
export { guardBatch, isGuarded } from './enforcement/guardBatch.ts'
export { mostLeaving, readGuarded, type GuardedBatch } from './enforcement/readGuarded.ts'
export { accountBatch, multiSend, readAccountBatch, safeBatch, sendCalls } from './enforcement/shapes.ts'
export { simulateEnforced, type Enforced, type EnforceOptions } from './simulateEnforced.ts'
export { BoundsError, decodeBounds, encodeBounds, type DecodedBound } from './enforcement/PackedBounds.ts'
export type { BatchCall, Enforcement, OutcomeBound, Route } from './model/OutcomeBound.ts'
export type { StoodOn, Unmined } from './model/Unmined.ts'
export { Timings, type Timing } from './stages/Timings.ts'
