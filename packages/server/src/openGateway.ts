import type { Clock } from '@countersign/base'
import type { FastifyBaseLogger } from 'fastify'
import type { Registry } from 'prom-client'
import type { App } from './apps/App.ts'
import type { AppendAudit } from './audit/appendAudit.ts'
import { Fares } from './http/Fares.ts'
import type { GatewayTools } from './http/gateway.ts'
import { createMetrics } from './http/metrics.ts'
import type { Origins } from './http/origins.ts'
import { createUsage } from './keys/createUsage.ts'
import type { KeyTools } from './keys/KeyTools.ts'
import { readLeakReporters, type LeakReporters } from './keys/leaks.ts'
import { openInstance, type Instance } from './keys/openInstance.ts'
import { openKeyIndex } from './keys/openKeyIndex.ts'
import { openPepper } from './keys/openPepper.ts'
import { watchKeys } from './keys/watchKeys.ts'
import { Admission, DEFAULT_SIZES } from './limits/Admission.ts'
import type { LimitPolicy } from './limits/LimitPolicy.ts'
import { readLimits } from './limits/readLimits.ts'
import { createLocalLimiter } from './limits/localLimiter.ts'
import type { Store } from './store/openStore.ts'
import { StartError } from './StartError.ts'
import { admissionNews } from './telemetry/admissionNews.ts'

export interface OpenGateway {
  readonly tools: GatewayTools
  readonly keys: KeyTools
  readonly instance: Instance
  readonly reporters: LeakReporters
  readonly metricsToken: string | null
  readonly fares: Fares
  /** Whose turn it is to simulate in this process. */
  readonly admission: Admission
  readonly connectionsPerAddress: number | null
}

/**
 * Composes keys, limits and counters into the gate that requests pass. A part of `compose.ts`, which calls it.
 *
 * @param closers - Gets what closes each part, as soon as the part is open: a start may fail at the next one.
 */
export async function openGateway(
  {
    store,
    clock,
    audit,
    apps,
    origins,
    log,
  }: {
    store: Store
    clock: Clock.Clock
    audit: AppendAudit
    apps: ReadonlyMap<string, App>
    origins: Origins
    log: Pick<FastifyBaseLogger, 'warn' | 'error' | 'info'>
  },
  {
    env,
    limits: given = {},
    pauseFill,
    closers,
  }: {
    env: NodeJS.ProcessEnv
    closers: (() => Promise<void>)[]
    limits?: Partial<LimitPolicy>
    pauseFill?: () => Promise<void>
  },
): Promise<OpenGateway> {
  const onError = (error: unknown): void => log.error({ err: error }, 'keys: something could not be written down')
  const peppers = openPepper({ keys: store.keys, env })
  const keys: KeyTools = { store, clock, audit, peppers }
  let instance: Instance | null = null
  const index = openKeyIndex({
    store,
    peppers,
    mayTrust: () => instance?.isLeased() === true,
    ...(pauseFill === undefined ? {} : { pauseFill }),
  })
  instance = await openInstance({ store, clock: store.machineClock, epoch: () => index.epoch(), onError })
  const opened = instance
  closers.push(() => opened.close())
  const liveInstances = (): number => opened.liveCount()

  const limits: LimitPolicy = { ...readLimits(env), ...given }
  const redisUrl = env['REDIS_URL'] ?? ''
  const limiter =
    redisUrl === ''
      ? createLocalLimiter()
      : await (
          await import('./limits/redisLimiter.ts')
        ).openRedisLimiter(
          {
            liveInstances,
            onChange: (mode) =>
              mode === 'redis'
                ? log.info('limits: Redis answers again')
                : log.warn('limits: Redis does not answer; each instance goes on with its share'),
          },
          { url: redisUrl },
        )
  closers.push(async () => limiter.close())
  const usage = createUsage({
    ...keys,
    index: () => index,
    onError,
    onQuarantine: (key, evidence) =>
      log.warn({ key: key.id, app: key.app, level: key.quarantine?.level, evidence }, 'a key was quarantined'),
  })
  const metrics = createMetrics({ index: () => index, limiter: () => limiter, liveInstances })
  const watcher = watchKeys({
    store,
    clock,
    audit,
    usage,
    onError,
    onReminder: (key, days) =>
      log.warn({ key: key.id, app: key.app, age_days: days }, `key ${key.id} is ${days} days old: rotate it`),
  })
  closers.push(
    async () => metrics.registry.clear(),
    () => watcher.close(),
  )
  const leakKeys = env['COUNTERSIGN_LEAK_KEYS'] ?? ''
  const metricsToken = env['COUNTERSIGN_METRICS_TOKEN'] ?? ''
  return {
    keys,
    admission: openAdmission(env, metrics.registry),
    instance: opened,
    reporters: leakKeys === '' ? new Map() : readLeakReporters(leakKeys),
    fares: new Fares({ clock }),
    metricsToken: metricsToken === '' ? null : metricsToken,
    connectionsPerAddress: whole(env, 'COUNTERSIGN_CONNECTIONS_PER_ADDRESS', 1, 1_000_000),
    tools: {
      verify: {
        ...keys,
        index,
        onRefusal: (refusal) => {
          metrics.keyRefused(refusal.reason)
          usage.noteRefusal(refusal)
          if (refusal.reason === 'canary') {
            log.warn({ key: refusal.key?.id, app: refusal.key?.app, ip: refusal.ip }, 'a canary key was used')
          }
        },
      },
      store,
      clock,
      audit,
      apps,
      limits,
      limiter,
      floods: createLocalLimiter(),
      usage,
      metrics,
      origins,
      trustedHops: whole(env, 'COUNTERSIGN_TRUSTED_PROXY_HOPS', 0, 10) ?? 0,
      proxy: { isUntold: false },
    },
  }
}

function openAdmission(env: NodeJS.ProcessEnv, registry: Registry): Admission {
  const common = whole(env, 'COUNTERSIGN_SIMULATIONS', 1, 10_000) ?? DEFAULT_SIZES.slots.common
  const sizes = { ...DEFAULT_SIZES, slots: { ...DEFAULT_SIZES.slots, common } }
  const admission: Admission = new Admission(
    sizes,
    admissionNews(registry, () => admission),
  )
  return admission
}

function whole(env: NodeJS.ProcessEnv, name: string, min: number, max: number): number | null {
  const text = env[name] ?? ''
  if (text === '') return null
  const value = Number(text)
  if (!/^\d{1,7}$/.test(text) || value < min || value > max) {
    throw new StartError(
      `${name} cannot be used.`,
      'server:setting:unreadable',
      `Give a whole number from ${min} to ${max}.`,
    )
  }
  return value
}
