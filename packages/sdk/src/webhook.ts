/** How old, or how far in the future, the time of a signature may be, in seconds (mandates.md, section 7). */
export const WEBHOOK_WINDOW_S = 300

/** The header that carries the signature. */
export const WEBHOOK_HEADER = 'Countersign-Signature'

/** The body of a webhook. Drop a message whose `id` you have seen: each comes at least once. */
export interface WebhookMessage {
  readonly id: string
  /** As the audit record calls it, such as `proposals.proposal.settled`. */
  readonly event: string
  readonly app: string
  /** The mandate that it is about; null for everything else. */
  readonly mandate: string | null
  /** The proposal that it is about, and the state that it came into. */
  readonly proposal?: string
  readonly state?: string
  /** ISO 8601, UTC. */
  readonly at: string
  /** What happened, in plain text. */
  readonly sentence: string
  /** What moves, from the simulation, in the smallest unit. `symbol` is the token's own text. */
  readonly amounts: readonly {
    readonly direction: 'out' | 'in'
    readonly amount: string
    readonly token: string | null
    readonly symbol: string | null
    readonly decimals: number | null
  }[]
  /** Where the owner finds the card. */
  readonly url: string
}

export type WebhookErrorCode =
  'sdk:webhook:secret' | 'sdk:webhook:header' | 'sdk:webhook:stale' | 'sdk:webhook:signature' | 'sdk:webhook:body'

/** A request that is not a message of your server, or not a fresh one. Answer it with 400 and do nothing. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError'
  readonly code: WebhookErrorCode
  constructor(code: WebhookErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * The value of `Countersign-Signature`: `t=<seconds>,v1=<hmac-sha256(secret, t "." body)>`, one `v1` for each secret.
 *
 * @param body - Exactly the bytes that are sent.
 * @param secrets - One; two while the receiver changes from one to the other.
 * @param atS - Seconds since the epoch.
 */
export async function signWebhook(
  body: string | Uint8Array,
  { secrets, atS }: { readonly secrets: readonly string[]; readonly atS: number },
): Promise<string> {
  const marks = await Promise.all(
    secrets.map(async (secret) => {
      const mark = await crypto.subtle.sign('HMAC', await keyOf(secret, 'sign'), signedBytes(atS, body))
      return `v1=${hex(new Uint8Array(mark))}`
    }),
  )
  if (marks.length === 0) throw new WebhookError('sdk:webhook:secret', 'A webhook cannot be signed without a secret.')
  return [`t=${atS}`, ...marks].join(',')
}

/**
 * Checks that a request comes from a server that holds the secret, unchanged, within the last 300 seconds.
 *
 * @param body - The body as it arrived, before any parser touched it.
 * @param signature - The header `Countersign-Signature`; null or undefined where the request has none.
 * @param secrets - Your secret, or the new and the old one during rotation. Either of them is enough.
 * @param nowMs - For tests: the time in milliseconds.
 * @returns The message. Drop it when you have seen its `id`.
 * @throws {WebhookError} with a `code`; what throws was not checked, so nothing may follow from it.
 */
export async function verifyWebhook({
  body,
  signature,
  secrets,
  nowMs = Date.now(),
}: {
  readonly body: string | Uint8Array
  readonly signature: string | null | undefined
  readonly secrets: string | readonly string[]
  readonly nowMs?: number
}): Promise<WebhookMessage> {
  const { atS, marks } = readHeader(signature)
  if (Math.abs(nowMs / 1_000 - atS) > WEBHOOK_WINDOW_S) {
    throw new WebhookError('sdk:webhook:stale', `The signature is not from the last ${WEBHOOK_WINDOW_S} seconds.`)
  }
  const list = typeof secrets === 'string' ? [secrets] : secrets
  if (list.length === 0) throw new WebhookError('sdk:webhook:secret', 'A webhook cannot be checked without a secret.')
  const bytes = signedBytes(atS, body)
  let isSigned = false
  for (const secret of list) {
    const key = await keyOf(secret, 'verify')
    for (const mark of marks) isSigned = (await crypto.subtle.verify('HMAC', key, mark, bytes)) || isSigned
  }
  if (!isSigned) throw new WebhookError('sdk:webhook:signature', 'The signature does not match the body.')
  return readMessage(body)
}

/** As many marks as a header may carry: a longer one only costs time. */
const MAX_MARKS = 4

function readHeader(header: string | null | undefined): { atS: number; marks: readonly Uint8Array<ArrayBuffer>[] } {
  const parts = (header ?? '').split(',').map((part) => part.trim())
  const times = parts.flatMap((part) => /^t=(\d{1,12})$/.exec(part)?.[1] ?? [])
  const marks = parts.flatMap((part) => /^v1=([0-9a-f]{64})$/.exec(part)?.[1] ?? [])
  const [time] = times
  if (time === undefined || times.length > 1 || marks.length === 0 || marks.length > MAX_MARKS) {
    throw new WebhookError('sdk:webhook:header', `The header ${WEBHOOK_HEADER} is missing or not valid.`)
  }
  return { atS: Number(time), marks: marks.map(bytesOf) }
}

function readMessage(body: string | Uint8Array): WebhookMessage {
  try {
    const text = typeof body === 'string' ? body : new TextDecoder('utf-8', { fatal: true }).decode(body)
    const message = JSON.parse(text) as Partial<WebhookMessage> | null
    if (typeof message?.id === 'string' && typeof message.event === 'string') return message as WebhookMessage
  } catch {
    // Signed, and yet not JSON: the same answer as for JSON of another shape.
  }
  throw new WebhookError('sdk:webhook:body', 'The body is not a message of Countersign.')
}

async function keyOf(secret: string, use: 'sign' | 'verify'): Promise<CryptoKey> {
  if (secret === '') throw new WebhookError('sdk:webhook:secret', 'The secret of a webhook must not be empty.')
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  return crypto.subtle.importKey('raw', new TextEncoder().encode(secret), algorithm, false, [use])
}

function signedBytes(atS: number, body: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(`${atS}.`)
  const rest = typeof body === 'string' ? new TextEncoder().encode(body) : body
  const bytes = new Uint8Array(head.length + rest.length)
  bytes.set(head)
  bytes.set(rest, head.length)
  return bytes
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
