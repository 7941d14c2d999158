import fastifyCors from '@fastify/cors'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { serveAliases } from './http/aliases.ts'
import { chainRoutes } from './http/chainRoutes.ts'
import { browserRoutes } from './http/browserRoutes.ts'
import { chatRoutes } from './http/chatRoutes.ts'
import type { Context } from './http/context.ts'
import { controlRoutes } from './http/controlRoutes.ts'
import { doorRoutes } from './http/doorRoutes.ts'
import { answerErrors } from './http/errors.ts'
import { guardRequests } from './http/gateway.ts'
import { adminRoutes } from './http/adminRoutes.ts'
import { appRoutes } from './http/appRoutes.ts'
import { documentRoutes } from './http/documentRoutes.ts'
import { approvalRoutes } from './http/approvalRoutes.ts'
import { auditRoute } from './http/auditRoute.ts'
import { secretRoutes } from './http/secretRoutes.ts'
import { grantRoute } from './http/grantRoute.ts'
import { embedRoutes } from './http/embedRoutes.ts'
import { healthRoutes } from './http/healthRoutes.ts'
import { capConnections } from './http/hygiene.ts'
import { keyRoutes } from './http/keyRoutes.ts'
import { metricsRoute } from './http/metrics.ts'
import { openApiRoute } from './http/openapi.ts'
import { operatorRoutes } from './http/operatorRoutes.ts'
import { followEnds } from './http/followEnds.ts'
import { followRequests } from './http/currentRequest.ts'
import { createSendPage, PAGE_HEADERS, signingHeaders } from './http/pages.ts'
import { overviewRoutes } from './http/overviewRoutes.ts'
import { EXPOSED_HEADERS, nameOrigins } from './http/origins.ts'
import { proposalRoutes } from './http/proposalRoutes.ts'
import { reachRoutes } from './http/reachRoutes.ts'
import { readBodies } from './http/rawBody.ts'
import { challengeProofs } from './http/sessionAccess.ts'
import { sendPieces } from './http/sendPieces.ts'
import { sendTogether } from './http/sendTogether.ts'
import { sessionRoutes } from './http/sessionRoutes.ts'
import { guardSigners } from './http/signers.ts'
import { readCard } from './mcp/readCard.ts'
import { hookRoutes } from './http/hookRoutes.ts'
import { mandateHistoryRoutes } from './http/mandateHistoryRoutes.ts'
import { mandateRoutes } from './http/mandateRoutes.ts'
import { reservationRoutes } from './http/reservationRoutes.ts'
import { mcpRoute } from './http/mcpRoute.ts'
import { rpcRoute } from './http/rpcRoute.ts'
import { simulateRoute } from './http/simulateRoute.ts'
import { streamRoute } from './http/streamRoute.ts'
import { telegramRoutes } from './http/telegramRoutes.ts'
import { vaultRoutes } from './http/vaultRoutes.ts'
import { readWallets } from './http/wallets.ts'
import { Streams } from './http/Streams.ts'
import type { OpenGateway } from './openGateway.ts'
import type { Telemetry } from './telemetry/Telemetry.ts'
import type { ServerOptions } from './ServerOptions.ts'

/** Adds every route, and what stands in front of all of them, in the order in which a request meets it. */
export async function serveRoutes(
  server: FastifyInstance,
  context: Context,
  options: ServerOptions,
  gateway: OpenGateway,
  { streams, telemetry }: { streams: Streams; telemetry: Telemetry | null },
): Promise<void> {
  const onEnd = followEnds(server)
  answerErrors(server)
  capConnections(server, { max: gateway.connectionsPerAddress })
  // Before anything that may refuse: a refusal, too, says which page may read it, and how a client about to sign stops.
  nameOrigins(server, context.origins)
  guardSigners(server, { deadlineMs: options.signerDeadlineMs })
  challengeProofs(server, context)
  guardRequests(server, gateway.tools, onEnd)
  sendTogether(server)
  readBodies(server)
  followRequests(server, telemetry, onEnd)
  sendPieces(server)
  await server.register(fastifyCors, {
    origin: (origin, callback) => callback(null, origin !== undefined && context.origins.isAllowed(origin, null)),
    methods: ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'],
    allowedHeaders: [
      'x-session-id',
      'x-thread-id',
      'x-api-key',
      'aomi-app-key',
      'authorization',
      'content-type',
      'last-event-id',
      'dpop',
      'x-session-mac',
    ],
    exposedHeaders: [...EXPOSED_HEADERS],
    credentials: false,
    maxAge: 600,
  })
  serveAliases(server)
  chatRoutes(server, context)
  sessionRoutes(server, context)
  browserRoutes(server, context)
  streamRoute(server, context, {
    streams,
    ...(options.pauseStream === undefined ? {} : { pause: options.pauseStream }),
  })
  proposalRoutes(server, context)
  grantRoute(server, context)
  mandateRoutes(server, context)
  mandateHistoryRoutes(server, context)
  hookRoutes(server, context)
  reservationRoutes(server, context)
  const wallets = readWallets(options.webRoot, options.env)
  const hasWallets = wallets.length > 0
  const sendPage = createSendPage(options.webRoot, { hasWallets })
  doorRoutes(server, context, { sendPage })
  reachRoutes(server, context, { sendPage })
  telegramRoutes(server, context, { sendPage })
  embedRoutes(server, context, { sendPage })
  operatorRoutes(server, context, { sendPage })
  mcpRoute(server, context, {
    card: readCard(options.webRoot),
    ...(options.mcp === undefined ? {} : { wrap: options.mcp }),
  })
  rpcRoute(server, context)
  simulateRoute(server, context)
  controlRoutes(server, context, { wallets })
  vaultRoutes(server, context)
  chainRoutes(server, context, {
    charge: (request, reply, units) => server.charge(request, reply, units),
  })
  keyRoutes(server, context, { tools: gateway.keys, reporters: gateway.reporters })
  appRoutes(server, context)
  adminRoutes(server, context)
  overviewRoutes(server, context, {
    checklist: options.checklist ?? null,
    fares: gateway.fares,
    webRoot: options.webRoot,
  })
  auditRoute(server, context)
  approvalRoutes(server, context)
  secretRoutes(server, context)
  documentRoutes(server, context)
  healthRoutes(server, { ...gateway.tools, instance: gateway.instance })
  metricsRoute(server, { metrics: gateway.tools.metrics, token: gateway.metricsToken })
  openApiRoute(server, { version: context.version })
  if (options.webRoot !== null) {
    await server.register(fastifyStatic, {
      root: options.webRoot,
      setHeaders: (response, path) => {
        const caching = path.includes('assets') ? 'public, max-age=31536000, immutable' : 'no-cache'
        const common = path.endsWith('index.html') ? signingHeaders(hasWallets) : PAGE_HEADERS
        // What a route says of its own page stands: this is called after it.
        for (const [name, value] of Object.entries({ ...common, 'cache-control': caching }))
          if (!response.hasHeader(name)) response.header(name, value)
      },
    })
  }
}
