import { statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { BaseError, LogText } from '@countersign/base'
import type { FastifyBaseLogger } from 'fastify'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Chain } from '../chains/Chain.ts'
import type { Observer } from '../turns/Observer.ts'
import { DATABASE_FILE, type Store } from '../store/openStore.ts'
import type { Telemetry } from '../telemetry/Telemetry.ts'
import { currentRequest } from './currentRequest.ts'
import { spansOf } from './spansOf.ts'

/**
 * @param log - Where causes go, at `warn`.
 * @param telemetry - A collector, where there is one.
 */
export function createObserver(
  {
    registry,
    log,
    store,
    telemetry,
  }: {
    registry: Registry
    log: Pick<FastifyBaseLogger, 'warn'>
    store: Store
    telemetry: Telemetry | null
  },
  { dataDir }: { dataDir: string },
): Observer {
  const spans = telemetry === null ? null : spansOf(telemetry)
  const registers = [registry]
  const simulations = new Counter({
    name: 'countersign_simulations_total',
    help: 'Simulations by chain and verdict; "failed" gave no answer.',
    labelNames: ['chain', 'verdict'],
    registers,
  })
  const seconds = new Histogram({
    name: 'countersign_simulation_seconds',
    help: 'Time of a simulation by chain, provider and waiting for its turn included.',
    labelNames: ['chain'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  })
  const providerErrors = new Counter({
    name: 'countersign_provider_errors_total',
    help: 'Simulations that a provider did not let come to an answer, by chain and code.',
    labelNames: ['chain', 'code'],
    registers,
  })
  const providerSeconds = new Histogram({
    name: 'countersign_provider_seconds',
    help: 'Time of a request to a provider, for each method in it, by chain, origin of the provider, method and outcome ("ok" or a fault).',
    labelNames: ['chain', 'provider', 'method', 'outcome'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
    registers,
  })
  const turns = new Counter({
    name: 'countersign_turns_total',
    help: 'Turns that ended here, by how.',
    labelNames: ['status'],
    registers,
  })
  const modelErrors = new Counter({
    name: 'countersign_model_errors_total',
    help: 'Turns that a model or its provider failed, by model and HTTP status.',
    labelNames: ['model', 'status'],
    registers,
  })
  const tokens = new Counter({
    name: 'countersign_model_tokens_total',
    help: 'Tokens that providers counted, by model and direction.',
    labelNames: ['model', 'direction'],
    registers,
  })
  gaugesOfStore(store, dataDir, registers)

  return {
    turnFailed({ turnId, app, model, failure }) {
      modelErrors.inc({ model, status: failure.status ?? 'none' })
      log.warn(
        {
          request_id: currentRequest(),
          turn: LogText.redact(turnId),
          app,
          model,
          status: failure.status,
          host: failure.host,
          provider_request_id: failure.providerRequestId,
          err: failure.error,
        },
        'a turn failed: the model could not answer',
      )
    },
    turnEnded({ status, app, model, tookMs }) {
      turns.inc({ status })
      spans?.turn({ status, app, model, tookMs })
    },
    providerAsked(chainId, { host, methods, tookMs, fault }) {
      for (const method of methods)
        providerSeconds.observe(
          { chain: String(chainId), provider: host, method, outcome: fault ?? 'ok' },
          tookMs / 1_000,
        )
      spans?.provider(chainId, { host, methods, tookMs, fault })
    },
    usage(model, { input, output }) {
      tokens.inc({ model, direction: 'input' }, input)
      tokens.inc({ model, direction: 'output' }, output)
    },
    chain: (chain) =>
      observeSimulations(chain, {
        log,
        failed: (code) => providerErrors.inc({ chain: String(chain.chainId), code }),
        ended(verdict, tookMs) {
          const name = String(chain.chainId)
          simulations.inc({ chain: name, verdict })
          seconds.observe({ chain: name }, tookMs / 1_000)
          spans?.simulation({ chainId: chain.chainId, verdict, tookMs })
        },
      }),
  }
}

/** The chain, each simulation of which is told of. `failed`: the provider's code, for what it did not let come to an answer. */
function observeSimulations(
  chain: Chain,
  {
    log,
    failed,
    ended,
  }: {
    log: Pick<FastifyBaseLogger, 'warn'>
    failed: (code: string) => void
    ended: (verdict: string, tookMs: number) => void
  },
): Chain {
  return {
    ...chain,
    simulator: {
      ...chain.simulator,
      async simulate(request) {
        const startMs = performance.now()
        let verdict = 'failed'
        try {
          const report = await chain.simulator.simulate(request)
          verdict = report.verdict
          return report
        } catch (error) {
          const isUpstream = error instanceof BaseError && error.kind === 'upstream'
          if (isUpstream) failed(error.code)
          // What the caller did wrong is in its answer.
          if (!(error instanceof BaseError) || isUpstream || error.kind === 'unavailable')
            log.warn({ request_id: currentRequest(), chain: chain.chainId, err: error }, 'a simulation gave no answer')
          throw error
        } finally {
          ended(verdict, performance.now() - startMs)
        }
      },
    },
  }
}

/** What the store says when it is asked: one pass over small columns, at each scrape. */
function gaugesOfStore(store: Store, dataDir: string, registers: Registry[]): void {
  const states = store.prepare<{ state: string; n: number }>(
    'select state, count(*) as n from proposals group by state',
  )
  const proposals: Gauge = new Gauge({
    name: 'countersign_proposals',
    help: 'Proposals in the store, by state.',
    labelNames: ['state'],
    registers,
    collect() {
      proposals.reset()
      for (const { state, n } of states.all()) proposals.set({ state }, n)
    },
  })
  const gauge = (name: string, help: string, read: () => number): void => {
    const made: Gauge = new Gauge({ name, help, registers, collect: () => made.set(read()) })
  }
  const running = store.prepare<{ n: number }>('select count(*) as n from sessions where turn_id is not null')
  const waiting = store.prepare<{ n: number }>('select count(*) as n from sessions where awaiting_idx is not null')
  gauge('countersign_turns_running', 'Turns that run, at all processes.', () => running.get()?.n ?? 0)
  gauge('countersign_turns_queued', 'Sessions whose next message waits for a turn to end.', () => waiting.get()?.n ?? 0)
  const size = (name: string): number => statSync(join(dataDir, name), { throwIfNoEntry: false })?.size ?? 0
  const ofDatabase =
    store.dialect === 'sqlite' ? null : store.prepare<{ n: number }>('select pg_database_size(current_database()) as n')
  gauge('countersign_store_bytes', 'Size of the database and its log.', () =>
    ofDatabase === null ? size(DATABASE_FILE) + size(`${DATABASE_FILE}-wal`) : (ofDatabase.get()?.n ?? 0),
  )
  gauge('countersign_disk_free_bytes', 'Space left where the data directory is.', () => {
    const { bavail, bsize } = statfsSync(dataDir)
    return bavail * bsize
  })
}
