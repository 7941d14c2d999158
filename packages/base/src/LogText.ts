import { BaseError } from './BaseError.ts'
import * as Redacted from './Redacted.ts'

/** The longest text that is logged, in characters. */
const MAX_LENGTH = 500

/** What opens something, by its looks, and what is logged in its place. Addresses (20 bytes) are kept. */
const SECRETS: readonly (readonly [RegExp, string | ((match: string, kept: string) => string)])[] = [
  // Providers put keys into paths, queries and user names.
  [/\b(?:https?|wss?|rediss?):\/\/[^\s"'<>`)\]]+/gi, (url) => Redacted.url(url)],
  [/\b(Bearer|Basic|DPoP)\s+[^\s"',]+/gi, (_, scheme) => `${scheme} …`],
  [/\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g, 'eyJ…'],
  [/\b(sk|pk|rk|st|xox[a-z])-[\w-]{6,}/g, (_, kind) => `${kind}-…`],
  [
    /\b([\w-]{0,40}(?:api[-_]?key|authorization|cookie|token|secret|password|passwd|pepper|mnemonic|private[-_]?key))(["']?\s*[:=]\s*["']?)[^\s"',;&}]+/gi,
    (match, name) => `${name}=…`,
  ],
  // A session's id opens it where an app says so.
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '[uuid]'],
  // Private keys and signatures; a transaction's hash stays recognisable.
  [/\b(?:0x)?[0-9a-f]{64,}\b/gi, (hex) => `${hex.slice(0, 10)}…`],
]

/**
 * A text as it may stand in a log: without what opens something, on one line, and short. Errors of providers and libraries
 * repeat URLs, headers and bodies.
 *
 * @example
 * LogText.redact('GET https://rpc.example/v2/abc failed') // 'GET https://rpc.example failed'
 */
export function redact(text: string): string {
  let clean = text.slice(0, 20_000)
  for (const [pattern, by] of SECRETS) clean = clean.replace(pattern, by as string)
  clean = clean.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim()
  return clean.length > MAX_LENGTH ? `${clean.slice(0, MAX_LENGTH)}…` : clean
}

/** What is logged of an error. */
export interface ErrorFacts {
  readonly type: string
  readonly message: string
  readonly code?: string
  readonly status?: number
  /** Of what has a status or came from elsewhere: scheme and host. */
  readonly host?: string
  readonly stack?: string
  readonly cause?: ErrorFacts
}

/** How deep causes are followed. */
const MAX_CAUSES = 5

/**
 * What a log may say of an error and its causes: kinds, codes, statuses and clean sentences. Nothing else that hangs on it
 * is looked at, because libraries hang whole requests there.
 */
export function ofError(error: unknown, depth = 0): ErrorFacts {
  if (!(error instanceof Error)) return { type: typeof error, message: redact(String(error)) }
  const { code, statusCode, url, cause, lastError } = error as Error & Record<string, unknown>
  const inner = cause ?? lastError
  return {
    type: error.name,
    message: redact(error.message),
    ...(typeof code === 'string' ? { code: redact(code) } : {}),
    ...(typeof statusCode === 'number' ? { status: statusCode } : {}),
    ...(typeof url === 'string' ? { host: Redacted.url(url) } : {}),
    // Where a refusal was thrown helps nobody; where a bug was, does.
    ...(error instanceof BaseError || error.stack === undefined ? {} : { stack: stackOf(error.stack) }),
    ...(inner === undefined || inner === null || depth >= MAX_CAUSES ? {} : { cause: ofError(inner, depth + 1) }),
  }
}

/** The frames alone: the message above them may hold anything. */
function stackOf(stack: string): string {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line))
  return frames
    .slice(0, 12)
    .map((line) => line.trim())
    .join('\n')
}
