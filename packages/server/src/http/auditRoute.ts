import type { FastifyInstance, FastifyRequest } from 'fastify'
import { pageAudit } from '../audit/appendAudit.ts'
import * as Audit from '../audit/Audit.ts'
import { KeyAbsentError } from '../keys/verifyKey.ts'
import { field, type Context } from './context.ts'
import { invalidField } from './errors.ts'

const MAX_PAGE = 1_000

/**
 * `GET /api/audit`: the record of the key's app, oldest first, a page at a time. Each entry is as in an export: without
 * `hash`, its canonical JSON is what was hashed.
 */
export function auditRoute(server: FastifyInstance, context: Context): void {
  server.get('/api/audit', async (request) => {
    if (request.caller === null) throw new KeyAbsentError(null)
    const afterSeq = wholeNumber(request, 'after', { absent: 0, most: Number.MAX_SAFE_INTEGER })
    const limit = wholeNumber(request, 'limit', { absent: 100, most: MAX_PAGE })
    if (limit === 0) throw invalidField('limit', `A whole number from 1 to ${MAX_PAGE}.`)
    const page = pageAudit(context, { app: request.caller.app, afterSeq, limit })
    return {
      entries: page.map(Audit.toWire),
      next: page.length < limit ? null : (page.at(-1)?.seq ?? null),
    }
  })
}

function wholeNumber(
  request: FastifyRequest,
  name: string,
  { absent, most }: { absent: number; most: number },
): number {
  const value = field(request, name)
  if (value === undefined || value === null) return absent
  const isWhole = typeof value === 'string' && /^\d{1,16}$/.test(value) && Number(value) <= most
  if (!isWhole) throw invalidField(name, `A whole number from 0 to ${most}.`)
  return Number(value)
}
