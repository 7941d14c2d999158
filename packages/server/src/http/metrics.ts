import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { KeyIndex } from '../keys/openKeyIndex.ts'
import type { Limiter } from '../limits/Limiter.ts'
import { HttpError } from './errors.ts'

/** What is counted. Labels are routes and reasons: never a key, a session or an address. */
export interface Metrics {
  request(method: string, route: string, status: number, elapsedMs: number): void
  keyRefused(reason: string): void
  limited(whose: string): void
  readonly registry: Registry
}

/** Metrics of one server; several in one process do not meet. */
export function createMetrics({
  index,
  limiter,
  liveInstances,
}: {
  index: () => KeyIndex
  limiter: () => Limiter
  liveInstances: () => number
}): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 })
  const registers = [registry]
  const durations = new Histogram({
    name: 'countersign_http_request_seconds',
    help: 'Time to answer, by route and status class.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  })
  const refused = new Counter({
    name: 'countersign_keys_refused_total',
    help: 'Presented keys that opened nothing, by reason.',
    labelNames: ['reason'],
    registers,
  })
  const limited = new Counter({
    name: 'countersign_limited_total',
    help: 'Requests refused for their number, by whose budget was spent.',
    labelNames: ['whose'],
    registers,
  })
  const gauge = (name: string, help: string, read: () => number): void => {
    const made: Gauge = new Gauge({ name, help, registers, collect: () => made.set(read()) })
  }
  gauge('countersign_key_cache_hits', 'Keys found in memory since the start.', () => index().counts.hits)
  gauge('countersign_key_cache_misses', 'Keys read from the store since the start.', () => index().counts.misses)
  gauge('countersign_limiter_fallback', '1 while Redis is configured and does not answer.', () =>
    limiter().mode() === 'fallback' ? 1 : 0,
  )
  gauge('countersign_live_instances', 'Server processes on this store whose lease holds.', liveInstances)

  return {
    registry,
    request(method, route, status, elapsedMs) {
      durations.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, elapsedMs / 1_000)
    },
    keyRefused: (reason) => refused.inc({ reason }),
    limited: (whose) => limited.inc({ whose }),
  }
}

/**
 * `GET /metrics`. With a token, whoever sends it as a bearer; without one, this machine alone, and not through a
 * proxy, because a proxy on this machine brings everybody.
 */
export function metricsRoute(
  server: FastifyInstance,
  { metrics, token }: { metrics: Metrics; token: string | null },
): void {
  server.get('/metrics', async (request, reply) => {
    const { headers } = request
    const isLocal =
      /^(?:::ffff:)?127\.|^::1$/.test(request.raw.socket.remoteAddress ?? '') &&
      ['x-forwarded-for', 'forwarded', 'via', 'origin', 'sec-fetch-site'].every((name) => headers[name] === undefined)
    const isTold = token !== null && isSame(headers.authorization ?? '', `Bearer ${token}`)
    if (token === null ? !isLocal : !isTold) {
      throw new HttpError(
        404,
        'http:route:absent',
        'There is no GET /metrics.',
        'See docs/reference/http.md for the routes.',
      )
    }
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics())
  })
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
