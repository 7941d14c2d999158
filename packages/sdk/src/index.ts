/** `@countersign/sdk`: wire types and a client for browsers and Node. It imports nothing a browser cannot run. */
export type * from './wire.ts'
export { createClient, CountersignError, type Client, type ClientOptions, type SnapshotOptions } from './client.ts'
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
