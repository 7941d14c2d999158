import type { IncomingMessage } from 'node:http'
import { Json } from '@countersign/base'
import { codeOf, connect, TOO_SLOW, type Failed, type FailureCode, type OriginTools } from './connect.ts'

export type { FailureCode, OriginTools } from './connect.ts'

/** From connecting to the last byte, in milliseconds. */
export const ANSWER_MS = 10_000
/** Redirects that a read follows within its origin. */
const MAX_REDIRECTS = 3

/** What came of one request to a tool's origin. */
export type Answer =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly body: unknown
      /** Why the body is not there, though the answer is. */
      readonly problem: FailureCode | null
    }
  | Failed

export interface OriginRequest {
  readonly origin: string
  readonly method: string
  /** Path and query, encoded. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | null
  readonly allowPrivate: boolean
  readonly maxBytes: number
  /** Whether redirects within the origin are followed. */
  readonly follows: boolean
  readonly signal?: AbortSignal
}

/** Sends one request to a fixed origin, to an address that was judged, and holds its answer to the bounds of a tool. */
export async function callOrigin(tools: OriginTools, request: OriginRequest): Promise<Answer> {
  const { signal, stop } = limited(tools, request.signal)
  try {
    let next = request
    for (let redirects = 0; ; redirects += 1) {
      const answer = await once(tools, { ...next, signal })
      if (!('location' in answer)) return answer
      if (!request.follows) return { kind: 'failed', code: 'tools:redirect:foreign', wasSent: true }
      const target = within(request.origin, next.target, answer.location)
      if (target === null || redirects >= MAX_REDIRECTS)
        return { kind: 'failed', code: 'tools:redirect:foreign', wasSent: true }
      const keepsMethod = answer.status === 307 || answer.status === 308 || next.method === 'GET'
      next = keepsMethod ? { ...next, target } : { ...next, target, method: 'GET', body: null }
    }
  } finally {
    stop()
  }
}

/** A signal that ends with the time that a tool has, or with another one. */
export function limited(
  tools: OriginTools,
  other: AbortSignal | undefined,
): { readonly signal: AbortSignal; readonly stop: () => void } {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(TOO_SLOW), tools.answerMs ?? ANSWER_MS)
  return {
    signal: other === undefined ? limit.signal : AbortSignal.any([limit.signal, other]),
    stop: () => clearTimeout(timer),
  }
}

/** Where a redirect leads, as a target of the same origin; null where it leads elsewhere. */
function within(origin: string, from: string, location: string): string | null {
  const base = new URL(from, origin)
  if (!URL.canParse(location, base)) return null
  const url = new URL(location, base)
  return url.origin === origin && url.username === '' && url.password === '' ? `${url.pathname}${url.search}` : null
}

type Once = Answer | { readonly location: string; readonly status: number }

async function once(tools: OriginTools, request: OriginRequest & { signal: AbortSignal }): Promise<Once> {
  const opened = await connect(tools, request)
  if (opened.kind === 'failed') return opened
  const { response } = opened
  const { statusCode: status = 0 } = response
  const { location } = response.headers
  if (status >= 300 && status < 400) {
    response.destroy()
    return location === undefined
      ? { kind: 'failed', code: 'tools:redirect:foreign', wasSent: true }
      : { location, status }
  }
  try {
    return { kind: 'answered', status, ...(await read(response, request.maxBytes)) }
  } catch (error) {
    response.destroy()
    return { kind: 'failed', code: codeOf(error, request.signal), wasSent: true }
  }
}

const JSON_TYPE = /^application\/(?:json|[\w.+-]+\+json)$/

/** The body as the tool means it: JSON, or plain text. What breaks a bound is not read any further. */
async function read(
  response: IncomingMessage,
  maxBytes: number,
): Promise<{ body: unknown; problem: FailureCode | null }> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) {
      response.destroy()
      return { body: null, problem: 'tools:answer:too-large' }
    }
    chunks.push(chunk)
  }
  // A connection that was cut ends the body too early.
  if (!response.complete) throw new TypeError('The answer was cut.')
  if (size === 0) return { body: null, problem: null }
  const type = (response.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const isJson = JSON_TYPE.test(type)
  const isPlain = (response.headers['content-encoding'] ?? 'identity').toLowerCase() === 'identity'
  if ((!isJson && type !== 'text/plain') || !isPlain) return { body: null, problem: 'tools:answer:type' }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
    const body = isJson ? Json.parse(text) : text
    const problem = shapeFault(body)
    return { body: problem === null ? body : null, problem }
  } catch {
    return { body: null, problem: 'tools:answer:type' }
  }
}

/** How deep lists and objects of an answer may lie in one another. Whatever walks through an answer may then do so by recursion. */
const MAX_DEPTH = 100
/**
 * How many values an answer may hold, lists and objects among them. Each is masked, remembered with its place, and looked at for the
 * model: half a million of them in one megabyte held everybody up for seconds.
 */
const MAX_VALUES = 30_000

/** Why an answer is not taken, whatever it says: it is nested deeper, or holds more values, than any honest one. */
export function shapeFault(body: unknown): FailureCode | null {
  let left = MAX_VALUES
  const walk = (value: unknown, depth: number): FailureCode | null => {
    left -= 1
    if (left < 0) return 'tools:answer:too-large'
    if (typeof value !== 'object' || value === null) return null
    if (depth === MAX_DEPTH) return 'tools:answer:type'
    for (const each of Object.values(value)) {
      const fault = walk(each, depth + 1)
      if (fault !== null) return fault
    }
    return null
  }
  return walk(body, 0)
}
