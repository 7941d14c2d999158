import { lookup as resolve, type LookupAddress } from 'node:dns'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { Json } from '@countersign/base'
import { isPrivate } from './PrivateAddress.ts'

/** From connecting to the last byte, in milliseconds. */
export const ANSWER_MS = 10_000
/** Redirects that a read follows within its origin. */
const MAX_REDIRECTS = 3

export type FailureCode =
  | 'tools:answer:too-slow'
  | 'tools:answer:too-large'
  | 'tools:answer:type'
  | 'tools:answer:schema'
  | 'tools:answer:unreachable'
  | 'tools:redirect:foreign'
  | 'tools:address:private'
  | 'tools:call:interrupted'

/** What came of one request to a tool's origin. */
export type Answer =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly body: unknown
      /** Why the body is not there, though the answer is. */
      readonly problem: FailureCode | null
    }
  /** `wasSent`: something may have happened there, whatever became of the answer. */
  | { readonly kind: 'failed'; readonly code: FailureCode; readonly wasSent: boolean }

export interface OriginRequest {
  readonly origin: string
  readonly method: string
  /** Path and query, encoded. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  readonly allowPrivate: boolean
  readonly maxBytes: number
  /** Whether redirects within the origin are followed. */
  readonly follows: boolean
  readonly signal?: AbortSignal
}

/** For tests: another resolver of names. */
export interface OriginTools {
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>
  readonly answerMs?: number
}

/**
 * Sends one request to a fixed origin. The name is resolved once, every address it has is judged, and the connection goes
 * to one of exactly those: a name that leads elsewhere a moment later changes nothing.
 */
export async function callOrigin(tools: OriginTools, request: OriginRequest): Promise<Answer> {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(TOO_SLOW), tools.answerMs ?? ANSWER_MS)
  const signal = request.signal === undefined ? limit.signal : AbortSignal.any([limit.signal, request.signal])
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
    clearTimeout(timer)
  }
}

const TOO_SLOW = Symbol('too slow')

/** Where a redirect leads, as a target of the same origin; null where it leads elsewhere. */
function within(origin: string, from: string, location: string): string | null {
  const base = new URL(from, origin)
  if (!URL.canParse(location, base)) return null
  const url = new URL(location, base)
  return url.origin === origin && url.username === '' && url.password === '' ? `${url.pathname}${url.search}` : null
}

type Once = Answer | { readonly location: string; readonly status: number }

async function once(tools: OriginTools, request: OriginRequest & { signal: AbortSignal }): Promise<Once> {
  const url = new URL(request.origin)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  let addresses: readonly LookupAddress[]
  try {
    addresses = await within1(
      request.signal,
      isIP(host) === 0 ? (tools.resolve ?? resolveAll)(host) : [{ address: host, family: isIP(host) }],
    )
  } catch (error) {
    return { kind: 'failed', code: codeOf(error, request.signal), wasSent: false }
  }
  if (addresses.length === 0) return { kind: 'failed', code: 'tools:answer:unreachable', wasSent: false }
  if (!request.allowPrivate && addresses.some(({ address }) => isPrivate(address)))
    return { kind: 'failed', code: 'tools:address:private', wasSent: false }
  return exchange(url, { ...request, addresses, host })
}

/** A promise, or the end of a signal. */
function within1<T>(signal: AbortSignal, work: Promise<T> | T): Promise<T> {
  return new Promise((done, fail) => {
    if (signal.aborted) return fail(signal.reason)
    signal.addEventListener('abort', () => fail(signal.reason), { once: true })
    void (async () => done(await work))().catch(fail)
  })
}

function resolveAll(host: string): Promise<readonly LookupAddress[]> {
  return new Promise((done, fail) => {
    resolve(host, { all: true, verbatim: true }, (error, addresses) => (error === null ? done(addresses) : fail(error)))
  })
}

function codeOf(error: unknown, signal: AbortSignal): FailureCode {
  if (error === TOO_SLOW || signal.reason === TOO_SLOW) return 'tools:answer:too-slow'
  return signal.aborted ? 'tools:call:interrupted' : 'tools:answer:unreachable'
}

/** One request on a connection of its own, to one of the judged addresses. */
function exchange(
  url: URL,
  request: OriginRequest & { signal: AbortSignal; addresses: readonly LookupAddress[]; host: string },
): Promise<Once> {
  const isTls = url.protocol === 'https:'
  const judged: LookupFunction = (_host, options, callback) => {
    if (options.all === true) callback(null, [...request.addresses])
    else callback(null, request.addresses[0]?.address ?? '', request.addresses[0]?.family ?? 4)
  }
  const options: RequestOptions = {
    host: request.host,
    port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
    method: request.method,
    path: request.target,
    lookup: judged,
    // No connection is kept: each is opened to an address that was judged for it.
    agent: isTls ? new HttpsAgent({ keepAlive: false }) : new HttpAgent({ keepAlive: false }),
    maxHeaderSize: 16_384,
    headers: {
      host: url.host,
      accept: 'application/json, text/plain',
      'accept-encoding': 'identity',
      'user-agent': 'countersign',
      ...request.headers,
      ...(request.body === null ? {} : { 'content-length': String(Buffer.byteLength(request.body)) }),
    },
  }
  return new Promise((done) => {
    let wasSent = false
    const fail = (code: FailureCode): void => {
      outgoing.destroy()
      done({ kind: 'failed', code, wasSent })
    }
    const outgoing = (isTls ? httpsRequest : httpRequest)(options, (response) => {
      const { statusCode: status = 0 } = response
      const { location } = response.headers
      if (status >= 300 && status < 400 && location !== undefined) {
        response.destroy()
        return done({ location, status })
      }
      if (status >= 300 && status < 400) return fail('tools:redirect:foreign')
      void answer(response, {
        maxBytes: request.maxBytes,
        status,
        done,
        fail: (error) => fail(codeOf(error, request.signal)),
      })
    })
    outgoing.on('socket', (socket) => socket.once(isTls ? 'secureConnect' : 'connect', () => (wasSent = true)))
    outgoing.on('error', (error) => done({ kind: 'failed', code: codeOf(error, request.signal), wasSent }))
    const abort = (): void => fail(codeOf(null, request.signal))
    request.signal.addEventListener('abort', abort, { once: true })
    outgoing.on('close', () => request.signal.removeEventListener('abort', abort))
    outgoing.end(request.body ?? undefined)
  })
}

async function answer(
  response: IncomingMessage,
  {
    maxBytes,
    status,
    done,
    fail,
  }: { maxBytes: number; status: number; done: (answer: Answer) => void; fail: (error: unknown) => void },
): Promise<void> {
  try {
    done({ kind: 'answered', status, ...(await read(response, maxBytes)) })
  } catch (error) {
    fail(error)
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
    return { body: isJson ? Json.parse(text) : text, problem: null }
  } catch {
    return { body: null, problem: 'tools:answer:type' }
  }
}
