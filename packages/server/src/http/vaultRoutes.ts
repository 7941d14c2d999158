import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Context } from './context.ts'
import { HttpError } from './errors.ts'
import { sessionOf } from './sessionAccess.ts'

/**
 * Secrets and provider keys of users, as published clients offer them. This server keeps none: an answer that says "stored"
 * would be a lie, and one that stores them in the clear a danger. Lists are empty, nothing is ever deleted, and whoever
 * sends a secret is told that it was thrown away. A `client_id` therefore opens nothing.
 *
 * The stock widget ignores the status of these calls and repeats them at every load, so the sentence also goes into the
 * conversation, once, as a notice.
 */
export function vaultRoutes(server: FastifyInstance, context: Context): void {
  server.post('/api/secrets', (request) =>
    refuseToKeep(
      context,
      request,
      new HttpError(
        501,
        'http:secrets:unavailable',
        'This server keeps no secrets of users: nothing was stored.',
        'Leave the secret out. Services that need a key are set up by the operator.',
      ),
    ),
  )
  // Older clients read `names`, newer ones `by_app`.
  server.get('/api/secrets', async () => ({ names: [], by_app: {} }))
  server.delete('/api/secrets', async () => ({ cleared: false }))
  server.delete('/api/secrets/:name', async () => ({ deleted: false }))

  server.get('/api/control/provider-keys', async () => ({ provider_keys: [] }))
  server.post('/api/control/provider-keys', (request) =>
    refuseToKeep(
      context,
      request,
      new HttpError(
        501,
        'http:provider-keys:unavailable',
        'This server keeps no model keys of users: nothing was stored.',
        'Use the models that /api/control/models lists; their keys are set up by the operator.',
      ),
    ),
  )
  server.delete('/api/control/provider-keys/:provider', async () => ({ deleted: false }))

  // Newer clients ask who they are. 401 means "anonymous" to them.
  server.get('/api/account', async () => {
    throw new HttpError(401, 'http:account:absent', 'There are no accounts here.', 'Go on without one.')
  })
}

/** Refuses, and says so in the conversation where the request names one of the caller's. */
async function refuseToKeep(context: Context, request: FastifyRequest, refusal: HttpError): Promise<never> {
  const { 'x-session-id': session, 'x-thread-id': thread } = request.headers
  const named = session === undefined && thread === undefined ? null : await sessionOf(context, request)
  if (named !== null) {
    const notice = { type: 'system_notice', message: `${refusal.message} ${refusal.hint}` }
    await context.store.write(async (write) => {
      const before = await write.db
        .selectFrom('events')
        .select('seq')
        .where('sid', '=', named.sid)
        .where('kind', '=', notice.type)
        .where('body', '=', JSON.stringify(notice))
        .executeTakeFirst()
      if (before === undefined) await context.events.append(write, named.sid, notice)
    })
  }
  throw refusal
}
