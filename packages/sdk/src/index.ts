/** `@countersign/sdk`: wire types and a client for browsers and Node. It imports nothing a browser cannot run. */
export type * from './wire.ts'
export { createApi, type Api, type ApiOptions } from './api.ts'
export {
  createClient,
  redeemCode,
  type Client,
  type ClientOptions,
  type SnapshotOptions,
  type WalletState,
} from './client.ts'
export { attempt, CountersignError, type AnyErrorCode, type Outcome, type SdkErrorCode } from './errors.ts'
export type { Ask, Asked } from './request.ts'
export { allNewer, newerOf, withNewer } from './newest.ts'
export { hasEnded, type WaitOptions } from './waiting.ts'
export { batchDigest, type BatchWire } from './digest.ts'
export { createDpopProver, createMacProver, type Prover, type ProofInput } from './proof.ts'
export {
  signWebhook,
  verifyWebhook,
  WEBHOOK_HEADER,
  WEBHOOK_WINDOW_S,
  WebhookError,
  type WebhookErrorCode,
  type WebhookMessage,
} from './webhook.ts'
