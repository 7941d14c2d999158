import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Address, BaseError, Wei } from '@countersign/base'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set where the answer decides whether a wallet opens. */
    signer: Signer | null
  }
  interface FastifyContextConfig {
    /** Published clients ask this route right before they sign. */
    isAskedBeforeSigning?: boolean
  }
}

/** A request of a client that is about to sign. */
export interface Signer {
  /** Aborted when the client got its no while the route was still at work: nothing may be opened for it any more. */
  readonly signal: AbortSignal
}

/**
 * How long such a request may take, in milliseconds. Proxies give up after 30 s (Heroku) or 60 s (nginx, AWS) and answer
 * 504, and published clients sign at a 504.
 */
const DEADLINE_MS = 25_000

/** When to come back, in seconds. */
const RETRY_AFTER_S = 2
/** How long a server that stops waits for these answers to leave, in milliseconds. */
const FLUSH_MS = 1_000

/** Sockets whose newest request is one of these, for what goes wrong below HTTP. */
const asking = new WeakMap<Socket, (error: BaseError) => void>()

/**
 * Published clients ask `POST /api/simulate` before they sign, and sign when there is no answer: any status but 2xx, a
 * cut connection, a body without `steps`. They stop at a fee that is not a number of at least 0. So every request to such
 * a route that carries a session header gets a 200 with the fee "-1" whatever goes wrong with it. This is decided here,
 * before limits, keys and bodies are looked at; `refuse` (errors.ts) asks `refusalToSigner` for the words.
 *
 * A deadline of its own, a server that stops, and a body that never arrives are answered here as well.
 */
export function guardSigners(
  server: FastifyInstance,
  { deadlineMs = DEADLINE_MS }: { deadlineMs?: number | undefined } = {},
): void {
  server.decorateRequest('signer', null)
  const waiting = new Map<FastifyReply, (error: BaseError) => void>()
  const answered = new WeakSet<FastifyRequest>()
  let isStopping = false

  server.addHook('onRequest', (request, reply, done) => {
    if (!isSigner(request)) return isStopping ? done(new ServerStoppingError()) : done()
    const abort = new AbortController()
    request.signer = { signal: abort.signal }
    const giveUp = (error: BaseError): void => {
      if (answered.has(request)) return
      answered.add(request)
      request.refusal = error.code
      abort.abort(error)
      request.log.warn({ code: error.code }, 'a client about to sign was told to stop')
      const body = JSON.stringify(refusalToSigner(request, error))
      // What the route answers later goes nowhere.
      reply.hijack()
      reply.raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(body),
        'cache-control': 'no-store',
        'retry-after': String(RETRY_AFTER_S),
        connection: 'close',
      })
      reply.raw.end(body)
    }
    const timer = setTimeout(() => giveUp(new SignerDeadlineError()), deadlineMs)
    waiting.set(reply, giveUp)
    asking.set(request.raw.socket, giveUp)
    reply.raw.once('close', () => {
      clearTimeout(timer)
      waiting.delete(reply)
      asking.delete(request.raw.socket)
      abort.abort()
    })
    if (isStopping) giveUp(new ServerStoppingError())
    else done()
  })

  // What goes out first counts: a yes that is on its way is no longer turned into a no, nor the other way round.
  server.addHook('onSend', (request, _reply, payload, done) => {
    if (request.signer !== null) answered.add(request)
    done(null, payload)
  })

  // Before connections are closed: a cut connection is taken for a yes.
  server.addHook('preClose', async () => {
    isStopping = true
    const gone = [...waiting.keys()].map((reply) => new Promise((resolve) => reply.raw.once('close', resolve)))
    for (const giveUp of waiting.values()) giveUp(new ServerStoppingError())
    await Promise.race([Promise.all(gone), sleep(FLUSH_MS, undefined, { ref: false })])
  })
}

/** Answers the request that was arriving on a broken connection, where it is one of a client about to sign. */
export function answerSignerOn(socket: Socket, error: BaseError): boolean {
  const giveUp = asking.get(socket)
  giveUp?.(error)
  return giveUp !== undefined
}

/**
 * Whether the answer decides about a signature: the route says so, and a session is named, however badly. A path that is
 * not served and ends like one that is (a slash too many, a prefix, a newer client's) asks the same.
 */
function isSigner({ routeOptions, headers, method, raw }: FastifyRequest): boolean {
  if (headers['x-session-id'] === undefined && headers['x-thread-id'] === undefined) return false
  if (routeOptions.url !== undefined) return routeOptions.config.isAskedBeforeSigning === true
  return method === 'POST' && ENDS_AS_ASKED.test(raw.url?.split('?')[0] ?? '')
}

const ENDS_AS_ASKED = /\/simulate\/?$/i

/** A refusal in the words in which published clients stop, and print why. Everything in it is a string or a number. */
export function refusalToSigner(request: FastifyRequest, error: BaseError): Record<string, unknown> {
  const body = recordOf(request.body)
  const [first] = Array.isArray(body['transactions']) ? (body['transactions'] as unknown[]) : []
  const call = recordOf(first)
  const from = Address.isAddress(body['from']) ? body['from'] : ZERO
  const value = weiOf(call['value'])
  const because = `${error.message} ${error.hint}`
  return {
    result: {
      batch_success: false,
      stateful: true,
      from,
      network: '',
      total_gas: 0,
      refusal: because,
      code: error.code,
      request_id: request.id,
      fee: { recipient: from, amount_wei: '-1', token: 'native' },
      steps: [
        {
          step: 1,
          label: typeof call['label'] === 'string' && call['label'] !== '' ? call['label'].slice(0, 120) : 'Step 1',
          success: false,
          revert_reason: because,
          tx: {
            to: Address.isAddress(call['to']) ? call['to'] : ZERO,
            value_wei: value.toString(),
            value_eth: Wei.format(value, 18),
            data: typeof call['data'] === 'string' ? call['data'].slice(0, MAX_DATA) : '0x',
          },
        },
      ],
    },
  }
}

/** Stands where an address is missing: published clients read text there. */
export const ZERO = '0x0000000000000000000000000000000000000000'
/** What is echoed of call data, in characters. */
const MAX_DATA = 2_048

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

function weiOf(value: unknown): bigint {
  try {
    return Wei.parse(value)
  } catch {
    return 0n
  }
}

/** Marks an answer as the no of a client about to sign. */
export function sendToSigner(reply: FastifyReply, request: FastifyRequest, error: BaseError): FastifyReply {
  return reply.status(200).header('cache-control', 'no-store').send(refusalToSigner(request, error))
}

/** The look before signing took too long. */
export class SignerDeadlineError extends BaseError {
  override readonly name = 'http.SignerDeadlineError'
  constructor() {
    super('The look before signing took too long, so nothing was checked.', {
      code: 'http:simulate:timeout',
      kind: 'unavailable',
      hint: 'Try again in a moment.',
    })
  }
}

/** The server stops. */
export class ServerStoppingError extends BaseError {
  override readonly name = 'http.ServerStoppingError'
  constructor() {
    super('The server is stopping, so nothing was checked.', {
      code: 'http:server:stopping',
      kind: 'unavailable',
      hint: 'Try again in a moment.',
    })
  }
}
