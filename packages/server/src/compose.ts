import { EventEmitter } from 'node:events'
import { BaseError, Clock } from '@countersign/base'
import { openReceiptKeys } from '@countersign/simulator'
import type { FastifyInstance } from 'fastify'
import { configureModels } from './agent/models.ts'
import { DEFAULT_TURN_LIMITS } from './apps/TurnLimits.ts'
import { DEMO_APP, type App } from './apps/App.ts'
import { createAppendAudit, readAudit, type AppendAudit } from './audit/appendAudit.ts'
import { startCheckpoints } from './audit/checkpoints.ts'
import { openAuditKey } from './audit/openAuditKey.ts'
import { noteDirOf } from './audit/openAuditRecord.ts'
import { recordConfiguration } from './audit/recordConfiguration.ts'
import { openChain, type Chain, type ChainConfig } from './chains/Chain.ts'
import { appOf, type Context } from './http/context.ts'
import { claimChains } from './claimChains.ts'
import { listRoutes } from './http/gateway.ts'
import { createObserver } from './http/observe.ts'
import { createOrigins } from './http/origins.ts'
import { Signatures } from './rpc/Signatures.ts'
import { Streams } from './http/Streams.ts'
import { hasKey } from './keys/issueKey.ts'
import { liveInstances } from './keys/openInstance.ts'
import { createKeyring, type Keyring } from './keys/openKeyring.ts'
import type { Admission } from './limits/Admission.ts'
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
import { DEFAULT_STORAGE_CAPS } from './sessions/Storage.ts'
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
import { VERSION } from './version.ts'
import { openSimulationQueue, type WorkersOf } from './openSimulationQueue.ts'
import { openTelegram } from './openTelegram.ts'
import { serveRoutes } from './serveRoutes.ts'
import type { RunningServer, ServerOptions } from './ServerOptions.ts'

export { StartError } from './StartError.ts'
export type { RunningServer, ServerOptions } from './ServerOptions.ts'

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
    await openRecord({ store, clock, audit, log: server.log, onError }, { options, apps, policy, closers })
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
    const { registry: metrics } = gateway.tools.metrics
    const workersOf = await openSimulationQueue({ store, registry: metrics }, { env, closers })
    const chains = await openChains(options.chains, { observer, admission: gateway.admission, workersOf, closers })
    await claimChains({ ...gateway, chains: chains.values(), clock: store.machineClock })
    const work = createBackground(onError, closers)
    let tellFinal: ((proposal: Proposal) => void) | null = null
    const declared = openDeclaredTools({ store, apps, chains, secrets, documents, secretOf })
    const sessionSecret = openSecret({ keys: store.keys, env })
    const reach = openReach({ store, clock: storeClock, audit, env, secret: sessionSecret, origins, chains })
    const outbox = openOutbox({ store, clock: storeClock, audit, apps, secretOf, onError, origins, reach }, closers)
    const rooms = { store, clock: storeClock, audit, events }
    const gate = createGate(
      { ...rooms, chains, policy, receiptKeys, apps, declared, outbox, gateway, work },
      { ledgerTime: ledgerTimeOf(options, store), onFinal: (proposal) => tellFinal?.(proposal) },
    )
    await checkLedger({ ...gate, log: server.log })
    const keyring = createKeyring({
      ...gateway.keys,
      onScopesRaised: (write, { family }) =>
        rotateSessionsOf(rooms, write, { owner: `key:${family}`, because: 'scopes-raised' }),
    })
    const turns = await openTurns(
      { ...rooms, gate, models, registry, declared, observer, gateway, onError, closers },
      options,
    )
    const telegram = await openTelegram(
      { ...reach, env, log: server.log, onError, origins, events, turns, gate, models, apps },
      closers,
    )
    const context: Context = {
      ...rooms,
      ...{ keyring, gate, turns, models, apps, registry, secrets, documents },
      conversations: new Conversations({ store }),
      ...{ accounts: new AccountQueue(), signatures: new Signatures() },
      hasSecret: (app, name) => secretOf(app, name) !== null,
      secretOf,
      version: VERSION,
      ...{ sessionSecret, origins, reach: { ...reach, wake: outbox.wake }, telegram },
      liveKeys: createLiveKeys({ store }),
      sessionCreated: createTarget(),
    }
    tellFinal = (proposal) => tellConversation(context, proposal, onError)
    const sessionWatcher = watchAll({ gate, apps, turns, onError }, options, closers)
    const streams = createStreams(store, options, gateway)
    await serveRoutes(server, context, options, gateway, { streams, telemetry })
    const demoKey = await issueDemoKey(store, keyring)
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
  {
    observer,
    admission,
    workersOf,
    closers,
  }: {
    observer: ReturnType<typeof createObserver>
    admission: Admission
    workersOf: WorkersOf | null
    closers: (() => Promise<void>)[]
  },
): Promise<Map<number, Chain>> {
  const chains = new Map<number, Chain>()
  for (const config of configs) {
    const { chainId } = config
    const chain = await openChain(config, {
      admission,
      workers: workersOf?.(config) ?? null,
      onRequest: (request) => observer.providerAsked(chainId, request),
    })
    closers.push(() => chain.close())
    chains.set(chainId, observer.chain(chain))
  }
  return chains
}

/** The record that is kept: signed checkpoints of the log, its deliveries, and what the server runs with. */
async function openRecord(
  { audit, ...rooms }: Parameters<typeof openDeliveries>[0] & { audit: AppendAudit },
  {
    options,
    apps,
    policy,
    closers,
  }: { options: ServerOptions; apps: ReadonlyMap<string, App>; policy: Policy; closers: (() => Promise<void>)[] },
): Promise<void> {
  const { store, clock, onError } = rooms
  const checkpoints = startCheckpoints({
    ...{ store, clock, onError },
    key: openAuditKey(store.keys),
    noteDir: noteDirOf(options),
  })
  closers.push(() => checkpoints.close())
  openDeliveries(rooms, { env: options.env, closers })
  await recordConfiguration({ store, audit }, { sections: sectionsOf(options, apps, policy) })
}

/** Watches what happens without a request: proposals on their chains, and sessions that end. */
function watchAll(
  {
    gate,
    apps,
    turns,
    onError,
  }: {
    gate: Gate
    apps: ReadonlyMap<string, App>
    turns: ReturnType<typeof createTurns>
    onError: (error: unknown) => void
  },
  options: ServerOptions,
  closers: (() => Promise<void>)[],
): ReturnType<typeof watchSessions> {
  const watcher = watchProposals(gate, {
    intervalMs: options.chains.every((chain) => chain.isLocal) ? WATCH_LOCAL_MS : WATCH_MS,
    onError,
  })
  closers.push(() => watcher.close())
  const sessionWatcher = watchSessions(gate, {
    ...{ apps, intervalMs: SWEEP_MS, onError },
    isTurnRunning: (sid) => turns.isProcessing(sid),
  })
  closers.push(() => sessionWatcher.close())
  return sessionWatcher
}

function createStreams(store: Store, options: ServerOptions, { connectionsPerAddress: address }: OpenGateway): Streams {
  return new Streams({ store }, { caps: { ...(address === null ? {} : { address }), ...options.streamCaps } })
}

/** The key of the demo app, where it has none yet. */
async function issueDemoKey(store: Store, keyring: Keyring): Promise<RunningServer['demoKey']> {
  const { name: app } = DEMO_APP
  return hasKey({ store }, { app }) ? null : (await keyring.issue({ app, label: 'demo' })).key
}

/** Work that goes on beside requests, and that the server waits for before it closes. */
function createBackground(onError: (error: unknown) => void, closers: (() => Promise<void>)[]) {
  const all = new Set<Promise<unknown>>()
  closers.push(() => Promise.all(all).then(() => undefined))
  return (work: Promise<unknown>): void => {
    const kept = work.catch(onError).finally(() => all.delete(kept))
    all.add(kept)
  }
}

/** What every proposal goes through, from staging to settlement. */
function createGate(
  {
    apps,
    declared,
    outbox,
    gateway,
    work,
    ...rooms
  }: Pick<Gate, 'store' | 'clock' | 'audit' | 'events' | 'chains' | 'policy' | 'receiptKeys'> & {
    apps: ReadonlyMap<string, App>
    declared: ReturnType<typeof openDeclaredTools>
    outbox: ReturnType<typeof openOutbox>
    gateway: OpenGateway
    work: (work: Promise<unknown>) => void
  },
  { ledgerTime, onFinal }: Pick<Gate, 'ledgerTime'> & { onFinal: (proposal: Proposal) => void },
): Gate {
  const gate: Gate = {
    ...rooms,
    ...{ ledgerTime, onFinal },
    guardsOf: (name) => guardsOf(apps.get(name)),
    enforcementOf: (name) => apps.get(name)?.enforcement ?? null,
    tools: declared.runner,
    ...{ instanceId: gateway.instance.id, tellOutside: outbox.tellProposal },
    tellTargets: outbox.tellTargets,
    background: work,
    confirmByMandate: ({ id, sid, digest, by }) =>
      work(confirmToolCall(gate, { id, sid, digest, stepUp: null, isOwner: false, by })),
    onHalfDone: (proposal) => work(offerRemedies(gate, proposal)),
  }
  return gate
}

/** Turns, once those are closed that a process left open; calls of tools that changed are withdrawn. */
async function openTurns(
  {
    registry,
    gateway,
    closers,
    ...rooms
  }: Pick<
    Parameters<typeof createTurns>[0],
    'store' | 'clock' | 'events' | 'gate' | 'models' | 'declared' | 'observer' | 'onError'
  > & {
    registry: Awaited<ReturnType<typeof openApps>>['registry']
    gateway: OpenGateway
    closers: (() => Promise<void>)[]
  },
  options: ServerOptions,
): Promise<ReturnType<typeof createTurns>> {
  const { store, gate, onError } = rooms
  const live = async () => (await liveInstances(store.read, store.machineClock.nowMs())).map((each) => each.id)
  const turns = createTurns({
    ...rooms,
    apps: registry.apps,
    instanceId: gateway.instance.id,
    limits: { ...DEFAULT_TURN_LIMITS, ...options.turnLimits },
    caps: { ...DEFAULT_STORAGE_CAPS, ...options.storageCaps },
    liveInstances: live,
  })
  closers.push(() => turns.close())
  await turns.closeCut()
  const closeCut = async (): Promise<void> => {
    await turns.closeCut()
    await endCutCalls(gate, { live: await live() })
  }
  const watcher = watchCutTurns({ closeCut }, { intervalMs: CUT_TURNS_MS, onError })
  registry.onChange = (app) => void supersedeRedefined(gate, { app }).catch(onError)
  closers.push(() => watcher.close())
  return turns
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

/** An event target without a limit on listeners: one waits for each open stream. */
function createTarget(): EventTarget {
  const target = new EventTarget()
  EventEmitter.setMaxListeners(0, target)
  return target
}
