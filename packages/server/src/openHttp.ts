import { createServer } from 'node:net'
import { LogText } from '@countersign/base'
import Fastify, { LogController, type FastifyInstance, type FastifyRequest } from 'fastify'
import { createRequestIds } from './http/gateway.ts'
import { answerBroken } from './http/hygiene.ts'
import { openLocalSocket } from './http/localSocket.ts'
import { StartError } from './StartError.ts'

/** Published clients put user_state, with call data, into the query. */
const MAX_HEADER_BYTES = 64 * 1024
/** How long a request may take to arrive, in milliseconds. */
const REQUEST_TIMEOUT_MS = 15_000

/** The gate writes the one line that a request gets; what failed on its way out is logged beside it. */
class OneLine extends LogController {
  override incomingRequest(): void {}
  override requestCompleted(error: Error | null | undefined, request: FastifyRequest): void {
    if (error != null) request.log.warn({ err: error }, 'the answer could not be sent')
  }
}

/** What a server listens with, before anything is added to it. */
export function createHttp(options: {
  readonly logLevel?: string
  readonly logStream?: { write(line: string): void }
}): FastifyInstance {
  return Fastify({
    genReqId: createRequestIds(),
    requestIdHeader: false,
    logController: new OneLine({ requestIdLogLabel: 'request_id' }),
    clientErrorHandler: answerBroken,
    // Fastify's own, because it overwrites Node's with 0. For receiving a request: streams that are sent are not cut.
    requestTimeout: REQUEST_TIMEOUT_MS,
    bodyLimit: 1024 * 1024,
    logger: {
      level: options.logLevel ?? 'warn',
      ...(options.logStream === undefined ? {} : { stream: options.logStream }),
      serializers: {
        // Messages, wallets and call data ride in the query of published clients, and session ids in paths.
        req: (request) => ({ method: request.method, path: request.routeOptions?.url ?? 'none' }),
        res: (reply) => ({ status: reply.statusCode }),
        err: (error) => LogText.ofError(error) as never,
      },
    },
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: 5_000,
      connectionsCheckingInterval: 1_000,
    },
    forceCloseConnections: true,
    // Fastify's own 503 passes no hook, and so no client that is about to sign would hear its no.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 200 },
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
  })
}

/**
 * Begins to listen.
 *
 * @returns the port.
 * @throws {StartError} `server:port:taken`, `server:port:refused`
 */
export async function listen(
  server: FastifyInstance,
  {
    port,
    host = '127.0.0.1',
    socketPath,
  }: { readonly port: number; readonly host?: string; readonly socketPath?: string },
  closers: (() => Promise<void>)[],
): Promise<number> {
  try {
    await server.listen({ port, host })
  } catch (error) {
    throw portFault(error, { port, host })
  }
  if (socketPath !== undefined)
    closers.push(await openLocalSocket(server, { path: socketPath, maxHeaderSize: MAX_HEADER_BYTES }))
  const address = server.server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

/**
 * Tries the port and lets it go again, so that whoever starts a server hears of a taken one before a chain was started for it.
 *
 * @throws {StartError} as `listen`.
 */
export async function tryPort({ port, host = '127.0.0.1' }: { port: number; host?: string }): Promise<void> {
  if (port === 0) return
  const probe = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (error) => reject(portFault(error, { port, host })))
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve()))
  })
}

function portFault(error: unknown, { port, host }: { port: number; host: string }): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE')
    return new StartError(
      `Port ${port} on ${host} is in use.`,
      'server:port:taken',
      'Stop the other program, or choose another port with --port.',
    )
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL')
    return new StartError(
      `Port ${port} on ${host} may not be used here.`,
      'server:port:refused',
      'Choose a port above 1023 and an address of this machine.',
    )
  return error
}
