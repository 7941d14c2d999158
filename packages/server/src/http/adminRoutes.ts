import { Clock } from '@countersign/base'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { listUsage } from '../keys/listUsage.ts'
import { KeyAbsentError } from '../keys/verifyKey.ts'
import { listForApp } from '../proposals/listForApp.ts'
import { textField, type Context } from './context.ts'
import { invalidField } from './errors.ts'

const HOUR_MS = 3_600_000
/** Two weeks of hours: as long as they are kept. */
const MAX_HOURS = 336

/** What an admin of an app reads of it over all sessions and keys: proposals, freezes, and how each key is used. */
export function adminRoutes(server: FastifyInstance, context: Context): void {
  const { store, clock } = context

  server.get('/api/admin/proposals', async (request) => {
    const app = appOf(request)
    const before = textField(request, 'before')
    if (before !== null && Number.isNaN(Date.parse(before))) throw invalidField('before', 'A time of this list.')
    const page = await listForApp(store.read, {
      app,
      limit: wholeNumber(request, 'limit', { absent: 50, most: 200 }),
      state: textField(request, 'state'),
      beforeMs: before === null ? null : Date.parse(before),
    })
    return page.map(({ chainId, createdMs, updatedMs, findings, ...rest }) => ({
      ...rest,
      chain_id: chainId,
      findings: findings.map(({ rule, level, title, because }) => ({ rule, level, title, because })),
      created_at: Clock.iso(createdMs),
      updated_at: Clock.iso(updatedMs),
    }))
  })

  server.get('/api/admin/freezes', async (request) => {
    const rows = await store.read
      .selectFrom('freezes')
      .selectAll()
      .where('app', '=', appOf(request))
      .orderBy('at_ms', 'desc')
      .limit(200)
      .execute()
    return rows.map(({ wallet, at_ms: atMs, because }) => ({
      // An empty wallet stands for every wallet of the app.
      wallet: wallet === '' ? null : wallet,
      frozen_at: Clock.iso(atMs),
      because,
    }))
  })

  server.get('/api/admin/keys/:id/usage', async (request: FastifyRequest<{ Params: { id: string } }>) => {
    const hours = wholeNumber(request, 'hours', { absent: 48, most: MAX_HOURS })
    const endMs = Math.floor(clock.nowMs() / HOUR_MS) * HOUR_MS
    const sinceMs = endMs - (hours - 1) * HOUR_MS
    const usage = await listUsage(context, { id: request.params.id, app: appOf(request), sinceMs })
    const counted = new Map(usage.hours.map(({ hourMs, counts }) => [hourMs, counts]))
    return {
      id: request.params.id,
      // Every hour, also one without a request: a gap is told apart from an end.
      hours: Array.from({ length: hours }, (_, at) => {
        const hourMs = sinceMs + at * HOUR_MS
        const none = { served: 0, invalid: 0, refused: 0, limited: 0, failed: 0 }
        return { at: Clock.iso(hourMs), ...(counted.get(hourMs) ?? none) }
      }),
      anomalies: usage.anomalies.map(({ atMs, level, evidence }) => ({ at: Clock.iso(atMs), level, evidence })),
    }
  })
}

/** @throws {KeyAbsentError} 401. */
function appOf({ caller }: FastifyRequest): string {
  if (caller === null) throw new KeyAbsentError(null)
  return caller.app
}

function wholeNumber(
  request: FastifyRequest,
  name: string,
  { absent, most }: { absent: number; most: number },
): number {
  const text = textField(request, name)
  if (text === null) return absent
  const value = Number(text)
  if (!/^\d{1,4}$/.test(text) || value < 1 || value > most)
    throw invalidField(name, `A whole number from 1 to ${most}.`)
  return value
}
