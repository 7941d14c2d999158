import { lookup as resolve, type LookupAddress } from 'node:dns'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { isPrivate } from './PrivateAddress.ts'

export type FailureCode =
  | 'tools:answer:too-slow'
  | 'tools:answer:too-large'
  | 'tools:answer:type'
  | 'tools:answer:schema'
  | 'tools:answer:unreachable'
  | 'tools:redirect:foreign'
  | 'tools:address:private'
  | 'tools:definition:changed'
  | 'tools:call:interrupted'

/** `wasSent`: something may have happened there, whatever became of the answer. */
export interface Failed {
  readonly kind: 'failed'
  readonly code: FailureCode
  readonly wasSent: boolean
}

/** For tests: another resolver of names. */
export interface OriginTools {
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>
  readonly answerMs?: number
}

export interface ConnectRequest {
  readonly origin: string
  readonly method: string
  /** Path and query, encoded. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | null
  readonly allowPrivate: boolean
  readonly signal: AbortSignal
}

/** The reason of a signal that ends what took too long. */
export const TOO_SLOW = Symbol('too slow')

/**
 * Opens one connection to a fixed origin, sends one request, and hands its answer over unread. The name is resolved once, every
 * address it has is judged, and the connection goes to one of exactly those: a name that leads elsewhere a moment later
 * changes nothing.
 */
export async function connect(
  tools: OriginTools,
  request: ConnectRequest,
): Promise<Failed | { readonly kind: 'opened'; readonly response: IncomingMessage }> {
  const url = new URL(request.origin)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  let addresses: readonly LookupAddress[]
  try {
    addresses = await orAborted(
      request.signal,
      isIP(host) === 0 ? (tools.resolve ?? resolveAll)(host) : [{ address: host, family: isIP(host) }],
    )
  } catch (error) {
    return { kind: 'failed', code: codeOf(error, request.signal), wasSent: false }
  }
  if (addresses.length === 0) return { kind: 'failed', code: 'tools:answer:unreachable', wasSent: false }
  if (!request.allowPrivate && addresses.some(({ address }) => isPrivate(address)))
    return { kind: 'failed', code: 'tools:address:private', wasSent: false }
  return send(url, { ...request, addresses, host })
}

/** A promise, or the end of a signal. */
function orAborted<T>(signal: AbortSignal, work: Promise<T> | T): Promise<T> {
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

export function codeOf(error: unknown, signal: AbortSignal): FailureCode {
  if (error === TOO_SLOW || signal.reason === TOO_SLOW) return 'tools:answer:too-slow'
  return signal.aborted ? 'tools:call:interrupted' : 'tools:answer:unreachable'
}

/** One request on a connection of its own, to one of the judged addresses. */
function send(
  url: URL,
  request: ConnectRequest & { addresses: readonly LookupAddress[]; host: string },
): ReturnType<typeof connect> {
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
    const outgoing = (isTls ? httpsRequest : httpRequest)(options, (response) => done({ kind: 'opened', response }))
    outgoing.on('socket', (socket) => socket.once(isTls ? 'secureConnect' : 'connect', () => (wasSent = true)))
    outgoing.on('error', (error) => done({ kind: 'failed', code: codeOf(error, request.signal), wasSent }))
    const abort = (): void => fail(codeOf(null, request.signal))
    request.signal.addEventListener('abort', abort, { once: true })
    outgoing.on('close', () => request.signal.removeEventListener('abort', abort))
    outgoing.end(request.body ?? undefined)
  })
}
