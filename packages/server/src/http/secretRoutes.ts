import { BaseError, Clock } from '@countersign/base'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ListedSecret } from '../apps/secrets/SecretStore.ts'
import { KeyAbsentError, type Caller } from '../keys/verifyKey.ts'
import { bodyOf, type Context } from './context.ts'
import { invalidField } from './errors.ts'
import { refuseUnknown } from './proposalRoutes.ts'

type Named = FastifyRequest<{ Params: { name: string } }>

/** The operator's secrets of an app, for an admin key of that app. A value goes in and never comes out. */
export function secretRoutes(server: FastifyInstance, context: Context): void {
  const { secrets } = context

  server.get('/api/admin/secrets', async (request) => {
    const listed = secrets.list(callerOf(request).app)
    return { names: listed.map(({ name }) => name), secrets: listed.map(toWire) }
  })

  server.put('/api/admin/secrets/:name', async (request: Named) => {
    const { app, keyId } = callerOf(request)
    const { name } = request.params
    refuseUnknown(request, ['value'])
    const { value } = bodyOf(request)
    if (typeof value !== 'string') throw invalidField('value', 'Send {"value": "…"}.')
    if (context.apps.get(app)?.secrets?.find((slot) => slot.name === name)?.from === 'user')
      throw new UsersSlotError(name)
    await secrets.set(new Map([[name, value]]), { app, by: keyId })
    const set = secrets.list(app).find((each) => each.name === name)
    if (set === undefined) throw new SecretAbsentError()
    return toWire(set)
  })

  server.delete('/api/admin/secrets/:name', async (request: Named) => {
    const { app, keyId } = callerOf(request)
    const count = await secrets.delete({ app, name: request.params.name, by: keyId })
    if (count === 0) throw new SecretAbsentError()
    return { deleted: true }
  })
}

function toWire({ name, setMs, isReadable }: ListedSecret): { name: string; state: string; set_at: string } {
  return { name, state: isReadable ? 'set' : 'unreadable', set_at: Clock.iso(setMs) }
}

function callerOf({ caller }: FastifyRequest): Caller {
  if (caller === null) throw new KeyAbsentError(null)
  return caller
}

class SecretAbsentError extends BaseError {
  override readonly name = 'http.SecretAbsentError'
  constructor() {
    super('The app has no such secret.', {
      code: 'apps:secret:absent',
      kind: 'absent',
      hint: 'GET /api/admin/secrets lists the names that are set.',
    })
  }
}

class UsersSlotError extends BaseError {
  override readonly name = 'http.UsersSlotError'
  constructor(name: string) {
    super(`The app takes "${name}" from each of its users.`, {
      code: 'apps:secret:users',
      kind: 'conflict',
      hint: 'Users set it with POST /api/secrets. Take "from: user" out of app.yaml to set it for all of them.',
    })
  }
}
