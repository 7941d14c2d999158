import { AsyncLocalStorage } from 'node:async_hooks'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { OnEnd } from './followEnds.ts'
import * as AllowList from '../keys/AllowList.ts'
import { asTenant, type Tenant } from '../limits/currentTenant.ts'
import type { ServedRequest, Telemetry, Trace } from '../telemetry/Telemetry.ts'

interface Current {
  readonly id: string
  readonly served: ServedRequest | null
}

/** The request that the process works for: it goes with every promise, so that a cause in the log names it. */
const current = new AsyncLocalStorage<Current>()

/** The id that the caller was answered with; null for work of the server's own. */
export function currentRequest(): string | null {
  return current.getStore()?.id ?? null
}

/** Where work belongs in a trace; null for work of the server's own, and without a collector. */
export function currentTrace(): Trace | null {
  return current.getStore()?.served?.trace ?? null
}

/** A caller without a key may name any app, so all of them share one part, address by address. */
function tenantOf({ caller, clientIp }: FastifyRequest): Tenant {
  if (caller === null) return { app: 'keyless', member: AllowList.budgetOf(clientIp) }
  return { app: `app:${caller.app}`, member: caller.keyId }
}

/** Begins after the body has been read: its events are the connection's, not the request's. */
export function followRequests(server: FastifyInstance, telemetry: Telemetry | null, onEnd: OnEnd): void {
  if (telemetry === null) {
    server.addHook('preHandler', (request, _reply, done) =>
      asTenant(tenantOf(request), () => current.run({ id: request.id, served: null }, done)),
    )
    return
  }
  const running = new WeakMap<FastifyRequest, ServedRequest>()
  const serve = (request: FastifyRequest, reply: FastifyReply): ServedRequest => {
    const { traceparent } = request.headers
    return telemetry.serve({
      method: request.method,
      route: request.route?.path ?? '',
      traceparent: typeof traceparent === 'string' ? traceparent : undefined,
      sinceMs: reply.elapsedTime,
    })
  }
  server.addHook('preHandler', (request, reply, done) => {
    const served = serve(request, reply)
    running.set(request, served)
    asTenant(tenantOf(request), () => current.run({ id: request.id, served }, done))
  })
  onEnd((request, reply, { status }) => {
    // A request that the gate refused was never handled.
    const served = running.get(request) ?? serve(request, reply)
    served.end({ status, app: request.caller?.app ?? request.appName })
  })
}
