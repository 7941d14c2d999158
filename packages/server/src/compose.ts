import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastifyCors from '@fastify/cors'
import fastifyStatic from '@fastify/static'
import { BaseError, Clock, Redacted } from '@countersign/base'
import { openReceiptKeys } from '@countersign/simulator'
import type { FastifyInstance } from 'fastify'
import { configureModels } from './agent/models.ts'
import { DEFAULT_TURN_LIMITS, type TurnLimits } from './apps/TurnLimits.ts'
import { DEMO_APP, type App } from './apps/App.ts'
import { createAppendAudit, readAudit } from './audit/appendAudit.ts'
import { startCheckpoints } from './audit/checkpoints.ts'
import { openAuditKey } from './audit/openAuditKey.ts'
import { noteDirOf } from './audit/openAuditRecord.ts'
import { recordConfiguration } from './audit/recordConfiguration.ts'
import type { AuditEntry } from './audit/Audit.ts'
import { openChain, type Chain, type ChainConfig } from './chains/Chain.ts'
import { serveAliases } from './http/aliases.ts'
import { chainRoutes } from './http/chainRoutes.ts'
import { browserRoutes } from './http/browserRoutes.ts'
import { chatRoutes } from './http/chatRoutes.ts'
import { appOf, type Context } from './http/context.ts'
import { controlRoutes } from './http/controlRoutes.ts'
import { doorRoutes } from './http/doorRoutes.ts'
import { answerErrors } from './http/errors.ts'
import { claimChains } from './claimChains.ts'
import { guardRequests, listRoutes } from './http/gateway.ts'
import { adminRoutes } from './http/adminRoutes.ts'
import { appRoutes } from './http/appRoutes.ts'
import { documentRoutes } from './http/documentRoutes.ts'
import { approvalRoutes } from './http/approvalRoutes.ts'
import { auditRoute } from './http/auditRoute.ts'
import { secretRoutes } from './http/secretRoutes.ts'
import { grantRoute } from './http/grantRoute.ts'
import { healthRoutes } from './http/healthRoutes.ts'
import { capConnections } from './http/hygiene.ts'
import { keyRoutes } from './http/keyRoutes.ts'
import { metricsRoute } from './http/metrics.ts'
import { openApiRoute } from './http/openapi.ts'
import { operatorRoutes } from './http/operatorRoutes.ts'
import { followRequests } from './http/currentRequest.ts'
import { createObserver } from './http/observe.ts'
import { overviewRoutes, type Checklist } from './http/overviewRoutes.ts'
import { createOrigins, EXPOSED_HEADERS, nameOrigins } from './http/origins.ts'
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
import { mcpRoute, type McpOptions } from './http/mcpRoute.ts'
import { rpcRoute } from './http/rpcRoute.ts'
import { Signatures } from './rpc/Signatures.ts'
import { simulateRoute } from './http/simulateRoute.ts'
import { streamRoute, type StreamPoint } from './http/streamRoute.ts'
import { telegramRoutes } from './http/telegramRoutes.ts'
import { vaultRoutes } from './http/vaultRoutes.ts'
import { Streams, type StreamCaps } from './http/Streams.ts'
import { hasKey, type IssuedKey, type IssueInput } from './keys/issueKey.ts'
import { liveInstances } from './keys/openInstance.ts'
import { createKeyring, type Keyring } from './keys/openKeyring.ts'
import type { LimitPolicy } from './limits/LimitPolicy.ts'
import { createHttp, listen } from './openHttp.ts'
import { openDeliveries } from './openDeliveries.ts'
import { openGateway, type OpenGateway } from './openGateway.ts'
import { AccountQueue } from './proposals/AccountQueue.ts'
import { DEFAULT_POLICY, type Gate, type Policy } from './proposals/Gate.ts'
import { offerRemedies } from './proposals/remedies.ts'
import { confirmToolCall, endCutCalls, supersedeRedefined } from './proposals/confirmToolCall.ts'
import type { Proposal } from './proposals/Proposal.ts'
import { watchProposals } from './proposals/watchProposals.ts'
import { sealSessionIds } from './sessions/sealSessionIds.ts'
import { openSecret } from './proofs/openSecret.ts'
import { Conversations } from './sessions/Conversations.ts'
import { createEventLog } from './sessions/EventLog.ts'
import { createLiveKeys } from './sessions/liveKeys.ts'
import { rotateSessionsOf } from './sessions/rotateSession.ts'
import { loadSession } from './sessions/sessions.ts'
import { DEFAULT_STORAGE_CAPS, type StorageCaps } from './sessions/Storage.ts'
import { watchSessions } from './sessions/watchSessions.ts'
import { guardsOf, ledgerTimeOf } from './ledgerTimeOf.ts'
import { openStore, type Store } from './store/openStore.ts'
import { sharedReceiptKeys } from './sharedReceiptKeys.ts'
import { forModel } from './provenance/forModel.ts'
import { watchCutTurns } from './turns/closeCutTurns.ts'
import { openTelemetry } from './telemetry/openTelemetry.ts'
import type { Telemetry } from './telemetry/Telemetry.ts'
import { createTurns } from './turns/createTurns.ts'
import { openApps } from './openApps.ts'
import { checkLedger } from './mandates/checkLedger.ts'
import { openDeclaredTools } from './openDeclaredTools.ts'
import { openOutbox } from './openOutbox.ts'
import { openReach } from './openReach.ts'
import { openTelegram } from './openTelegram.ts'

export { StartError } from './StartError.ts'

export interface ServerOptions {
  /** 0 picks a free port. */
  readonly port: number
  /** Loopback by default: put a TLS proxy in front to serve others. */
  readonly host?: string
  readonly dataDir: string
  readonly chains: readonly ChainConfig[]
  /** For model keys, `COUNTERSIGN_PEPPER`, `COUNTERSIGN_APPS` and `COUNTERSIGN_CORS_ORIGINS`. */
  readonly env: NodeJS.ProcessEnv
  /** Built page to serve at `/`; null serves none. */
  readonly webRoot: string | null
  readonly clock?: Clock.Clock
  /**
   * The store's time, by which everything lives and ends, so that processes whose own clocks differ agree. On one
   * machine that is the machine's clock.
   */
  readonly storeClock?: Clock.Clock
  readonly policy?: Partial<Policy>
  /** Limits other than the default ones; also `COUNTERSIGN_LIMITS`. */
  readonly limits?: Partial<LimitPolicy>
  /** What one turn may do, other than the default. */
  readonly turnLimits?: Partial<TurnLimits>
  /** How much conversation may be stored, other than the default. */
  readonly storageCaps?: Partial<StorageCaps>
  /** How many streams may be open at once, other than the default. */
  readonly streamCaps?: Partial<StreamCaps>
  /** For tests: waited for at each point at which a stream waits for something. */
  readonly pauseStream?: (at: StreamPoint) => Promise<void>
  /** For tests: waited for between reading a key and remembering it. */
  readonly pauseFill?: () => Promise<void>
  /** How long a client that is about to sign waits for its answer, in milliseconds; then it is a no. Default 25 s. */
  readonly signerDeadlineMs?: number
  /** Where to listen besides, for programs of this user on this machine: `openLocalSocket`. Default: nowhere. */
  readonly socketPath?: string
  /** What `countersign doctor` sees, for the dashboard. Default: it lists nothing. */
  readonly checklist?: () => Promise<Checklist>
  /** For tests: another server behind `/mcp`, with the same checks in front. */
  readonly mcp?: NonNullable<McpOptions['wrap']>
  /** pino's level; default `warn`. */
  readonly logLevel?: string
  /** Where the log goes, a line of JSON at a time; default standard output. */
  readonly logStream?: { write(line: string): void }
}

export interface RunningServer {
  readonly url: string
  readonly port: number
  /** The demo app's key, only at the start that issued it. */
  readonly demoKey: Redacted.Redacted<string> | null
  readonly modelId: string
  readonly store: Store
  readonly gate: Gate
  issueKey(input: IssueInput): Promise<IssuedKey>
  readonly keyring: Keyring
  /** Every route of the router, as `METHOD /path`, but for what HEAD and preflights add. */
  routes(): readonly string[]
  audit(app: string): Promise<AuditEntry[]>
  /** What is held for open streams now; nothing when no client is there. */
  held(): { readonly streams: number; readonly payers: number; readonly timers: number; readonly listeners: number }
  /** Clears away now what is over, and writes down what keys did; otherwise it happens every half minute, and every minute. */
  sweep(): Promise<void>
  close(): Promise<void>
}

const VERSION = (
  JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')) as { version: string }
).version

/** How often the chain is asked about submitted transactions, in milliseconds: local blocks come at once. */
const WATCH_LOCAL_MS = 250
const WATCH_MS = 2_000
/** How often turns are looked for whose process is gone, in milliseconds. */
const CUT_TURNS_MS = 2_000
/** How often sessions that are over are cleared away, in milliseconds; they open nothing meanwhile. */
const SWEEP_MS = 30_000

/**
 * Starts the server: the one place that knows every room and hands each what it needs.
 *
 * @throws {BaseError} with a sentence for whoever starts it: port in use, data directory, provider, wrong chain.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { dataDir, env, clock: given = Clock.system } = options
  const store = await openStore({ clock: given }, { dataDir, env })
  const clock = options.clock ?? store.machineClock
  let listeningPort = options.port
  const closers: (() => Promise<void>)[] = [() => store.close()]
  const closeAll = async (): Promise<void> => {
    for (const close of closers.toReversed()) await close()
  }
  try {
    await sealSessionIds({ store })
    const audit = createAppendAudit({ clock })
    const events = createEventLog({ store, clock })
    const models = await configureModels(options.env)
    const server = createHttp(options)
    const onError = errorsTo(server)
    const { registry, secrets, documents, secretOf } = await openApps(
      { store, clock, audit, log: server.log, onError },
      { options, models, closers },
    )
    const { apps } = registry
    const storeClock = options.storeClock ?? clock
    const origins = createOrigins({
      env: options.env,
      host: options.host ?? '127.0.0.1',
      listening: () => listeningPort,
      apps,
    })

    const policy = { ...DEFAULT_POLICY, ...options.policy }
    const receiptKeys = openReceiptKeys({ dataDir: options.dataDir, clock, ...sharedReceiptKeys(store) })
    const routes = listRoutes(server)
    const checkpoints = startCheckpoints({
      ...{ store, clock },
      key: openAuditKey(store.keys),
      noteDir: noteDirOf(options),
      onError,
    })
    closers.push(() => checkpoints.close())
    openDeliveries({ store, clock, log: server.log, onError }, { env: options.env, closers })
    await recordConfiguration({ store, audit }, { sections: sectionsOf(options, apps, policy) })
    const gateway = await openGateway(
      { store, clock: storeClock, audit, apps, origins, log: server.log },
      {
        env: options.env,
        closers,
        ...(options.limits === undefined ? {} : { limits: options.limits }),
        ...(options.pauseFill === undefined ? {} : { pauseFill: options.pauseFill }),
      },
    )
    // After everything that only has to be read: a setting that cannot be used is said without waiting for a provider.
    const { observer, telemetry } = await openObserver(options, gateway, { store, log: server.log, closers })
    const chains = await openChains(options.chains, { observer, closers })
    await claimChains({ ...gateway, chains: chains.values(), clock: store.machineClock })
    const offering = new Set<Promise<unknown>>()
    closers.push(() => Promise.all(offering).then(() => undefined))
    let tellFinal: ((proposal: Proposal) => void) | null = null
    const declared = openDeclaredTools({ store, apps, chains, secrets, documents, secretOf })
    const sessionSecret = openSecret({ keys: store.keys, env })
    const reach = openReach({ store, clock: storeClock, audit, env, secret: sessionSecret, origins, chains })
    const outbox = openOutbox({ store, clock: storeClock, audit, apps, secretOf, onError, origins, reach }, closers)
    const gate: Gate = {
      ...{ store, clock: storeClock, audit, events, chains, policy, receiptKeys },
      ledgerTime: ledgerTimeOf(options, store),
      guardsOf: (name) => guardsOf(apps.get(name)),
      enforcementOf: (name) => apps.get(name)?.enforcement ?? null,
      tools: declared.runner,
      ...{ instanceId: gateway.instance.id, tellOutside: outbox.tellProposal },
      tellTargets: outbox.tellTargets,
      background: (work) => {
        keep(offering, work, onError)
      },
      confirmByMandate: ({ id, sid, digest, by }) => {
        keep(offering, confirmToolCall(gate, { id, sid, digest, stepUp: null, isOwner: false, by }), onError)
      },
      onFinal: (proposal) => tellFinal?.(proposal),
      onHalfDone: (proposal) => {
        keep(offering, offerRemedies(gate, proposal), onError)
      },
    }
    await checkLedger({ ...gate, log: server.log })
    const keyring = createKeyring({
      ...gateway.keys,
      onScopesRaised: (write, { family }) =>
        rotateSessionsOf({ store, clock: storeClock, audit, events }, write, {
          owner: `key:${family}`,
          because: 'scopes-raised',
        }),
    })
    const live = async () => (await liveInstances(store.read, store.machineClock.nowMs())).map((each) => each.id)
    const turns = createTurns({
      store,
      clock: storeClock,
      events,
      gate,
      models,
      apps,
      declared,
      instanceId: gateway.instance.id,
      limits: { ...DEFAULT_TURN_LIMITS, ...options.turnLimits },
      caps: { ...DEFAULT_STORAGE_CAPS, ...options.storageCaps },
      liveInstances: live,
      onError,
      observer,
    })
    closers.push(() => turns.close())
    await turns.closeCut()
    const closeCut = async (): Promise<void> => {
      await turns.closeCut()
      await endCutCalls(gate, { live: await live() })
    }
    const turnWatcher = watchCutTurns({ closeCut }, { intervalMs: CUT_TURNS_MS, onError })
    registry.onChange = (app) => void supersedeRedefined(gate, { app }).catch(onError)
    closers.push(() => turnWatcher.close())

    const telegram = await openTelegram(
      { ...reach, env, log: server.log, onError, origins, events, turns, gate, models, apps },
      closers,
    )
    const context: Context = {
      store,
      clock: storeClock,
      audit,
      keyring,
      events,
      conversations: new Conversations({ store }),
      gate,
      ...{ accounts: new AccountQueue(), signatures: new Signatures() },
      turns,
      models,
      apps,
      registry,
      ...{ secrets, documents },
      hasSecret: (app, name) => secretOf(app, name) !== null,
      secretOf,
      version: VERSION,
      ...{ sessionSecret, origins, reach: { ...reach, wake: outbox.wake }, telegram },
      liveKeys: createLiveKeys({ store }),
      sessionCreated: createTarget(),
    }
    tellFinal = (proposal) => tellConversation(context, proposal, onError)
    const watcher = watchProposals(gate, {
      intervalMs: options.chains.every((chain) => chain.isLocal) ? WATCH_LOCAL_MS : WATCH_MS,
      onError,
    })
    closers.push(() => watcher.close())
    const sessionWatcher = watchSessions(
      { store, clock: storeClock, audit, events },
      { apps, intervalMs: SWEEP_MS, isTurnRunning: (sid) => turns.isProcessing(sid), onError },
    )
    closers.push(() => sessionWatcher.close())

    const perAddress = gateway.connectionsPerAddress
    const streams = new Streams(
      { store },
      { caps: { ...(perAddress === null ? {} : { address: perAddress }), ...options.streamCaps } },
    )
    await addRoutes(server, context, options, gateway, { streams, telemetry })
    const { name: app } = DEMO_APP
    const demoKey = hasKey({ store }, { app }) ? null : (await keyring.issue({ app, label: 'demo' })).key
    closers.push(...[() => server.close(), async () => events.close()])
    const port = (listeningPort = await listen(server, options, closers))
    telegram?.start()
    return {
      url: `http://${options.host ?? '127.0.0.1'}:${port}`,
      port,
      demoKey,
      modelId: models.defaultId,
      store,
      gate,
      issueKey: (input) => keyring.issue(input),
      keyring,
      routes: () => routes,
      held: () => ({ ...streams.held, listeners: events.listening() }),
      audit: (app) => readAudit({ store }, { app }),
      sweep: () => gateway.tools.usage.flush().then(() => sessionWatcher.sweep()),
      close: closeAll,
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}

async function openChains(
  configs: readonly ChainConfig[],
  { observer, closers }: { observer: ReturnType<typeof createObserver>; closers: (() => Promise<void>)[] },
): Promise<Map<number, Chain>> {
  const chains = new Map<number, Chain>()
  for (const config of configs) {
    const { chainId } = config
    const chain = await openChain(config, { onRequest: (request) => observer.providerAsked(chainId, request) })
    closers.push(() => chain.close())
    chains.set(chainId, observer.chain(chain))
  }
  return chains
}

/** Work that the server waits for before it closes. */
function keep(all: Set<Promise<unknown>>, work: Promise<unknown>, onError: (error: unknown) => void): void {
  const kept = work.catch(onError).finally(() => all.delete(kept))
  all.add(kept)
}

/** Tells a conversation how what was signed in it ended. */
function tellConversation(context: Context, proposal: Proposal, onError: (error: unknown) => void): void {
  // What came through a door has no conversation: whoever made it reads its state.
  if (proposal.door !== null) return
  void (async () => {
    const session = loadSession(context.store, { sid: proposal.sid })
    const app = appOf(context, session.app)
    const text =
      proposal.state === 'settled'
        ? `[wallet] Settled: verified on chain in block ${proposal.settlement?.block_number ?? '?'}.`
        : `[wallet] ${forModel(proposal.reason ?? 'It did not settle as committed.')}`
    if (app !== null) await context.turns.notify(session, app, text)
  })().catch(onError)
}

/** What the operator is told: counters, causes in the log, and traces where there is a collector. */
async function openObserver(
  options: ServerOptions,
  gateway: OpenGateway,
  { store, log, closers }: { store: Store; log: FastifyInstance['log']; closers: (() => Promise<void>)[] },
): Promise<{ observer: ReturnType<typeof createObserver>; telemetry: Telemetry | null }> {
  const { registry } = gateway.tools.metrics
  const telemetry = await openTelemetry(options.env, { registry, instanceId: gateway.instance.id, version: VERSION })
  if (telemetry !== null) closers.push(() => telemetry.close())
  const observer = createObserver({ registry, log, store, telemetry }, { dataDir: options.dataDir })
  return { observer: gateway.fares.watching(observer), telemetry }
}

/** A provider that is away for a moment is asked again; a bug is logged at error level. */
function errorsTo(server: FastifyInstance): (error: unknown) => void {
  return (error) => {
    if (error instanceof BaseError) server.log.warn({ err: error }, error.message)
    else server.log.error({ err: error }, 'bug')
  }
}

/** What the server runs with, a section at a time, for the record. Provider URLs may hold keys: they stay out. */
function sectionsOf(options: ServerOptions, apps: ReadonlyMap<string, App>, policy: Policy): Record<string, unknown> {
  return {
    version: VERSION,
    chains: options.chains.map(({ chainId, name, tokens, contracts }) => ({ chainId, name, tokens, contracts })),
    apps: [...apps.values()],
    policy,
    limits: options.limits ?? {},
    origins: options.env['COUNTERSIGN_CORS_ORIGINS'] ?? '',
    host: options.host ?? '127.0.0.1',
  }
}

async function addRoutes(
  server: FastifyInstance,
  context: Context,
  options: ServerOptions,
  gateway: OpenGateway,
  { streams, telemetry }: { streams: Streams; telemetry: Telemetry | null },
): Promise<void> {
  answerErrors(server)
  capConnections(server, { max: gateway.connectionsPerAddress })
  // Before anything that may refuse: a refusal, too, says which page may read it, and how a client about to sign stops.
  nameOrigins(server, context.origins)
  guardSigners(server, { deadlineMs: options.signerDeadlineMs })
  challengeProofs(server, context)
  guardRequests(server, gateway.tools)
  sendTogether(server)
  readBodies(server)
  followRequests(server, telemetry)
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
  doorRoutes(server, context, { webRoot: options.webRoot, pageHeaders: PAGE_HEADERS })
  reachRoutes(server, context, { webRoot: options.webRoot, pageHeaders: PAGE_HEADERS })
  telegramRoutes(server, context, { webRoot: options.webRoot, pageHeaders: PAGE_HEADERS })
  operatorRoutes(server, context, { webRoot: options.webRoot, pageHeaders: PAGE_HEADERS })
  mcpRoute(server, context, {
    card: readCard(options.webRoot),
    ...(options.mcp === undefined ? {} : { wrap: options.mcp }),
  })
  rpcRoute(server, context)
  simulateRoute(server, context)
  controlRoutes(server, context)
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
        for (const [name, value] of Object.entries(PAGE_HEADERS)) response.header(name, value)
        response.header('cache-control', path.includes('assets') ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    })
  }
}

/** The page may run its own scripts, talk to its own origin, and nothing else. */
const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
}

/** An event target without a limit on listeners: one waits for each open stream. */
function createTarget(): EventTarget {
  const target = new EventTarget()
  EventEmitter.setMaxListeners(0, target)
  return target
}
