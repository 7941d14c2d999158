import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Session } from '../sessions/Session.ts'
import { bodyOf, type Context } from './context.ts'
import { HttpError, invalidField } from './errors.ts'
import { sessionOf } from './sessionAccess.ts'

/**
 * Secrets and provider keys of users, as published clients offer them. A secret is kept where the app of the caller's session has
 * a slot for it (`from: user`), for the owner of that session; a `client_id` opens nothing. Provider keys are not kept: an
 * answer that says "stored" would be a lie, and one that stores them in the clear a danger.
 *
 * The stock widget ignores the status of these calls and repeats them at every load, so a refusal also goes into the
 * conversation, once, as a notice.
 */
export function vaultRoutes(server: FastifyInstance, context: Context): void {
  const { secrets } = context

  server.post('/api/secrets', async (request) => {
    const given = secretsIn(request)
    const owner = await ownerOf(context, request)
    const app = owner === null ? null : (context.apps.get(owner.app) ?? null)
    const slots = app?.secrets?.filter(({ from }) => from === 'user') ?? []
    if (owner === null || slots.length === 0)
      return refuseToKeep(
        context,
        request,
        new HttpError(
          501,
          'http:secrets:unavailable',
          'This app keeps no secrets of users: nothing was stored.',
          'Leave the secret out, and send the session id. Services that need a key are set up by the operator.',
        ),
      )
    const foreign = [...given.keys()].find((name) => !slots.some((slot) => slot.name === name))
    if (foreign !== undefined)
      throw new HttpError(
        400,
        'http:secrets:slot',
        'The app has no slot for one of these secrets: nothing was stored.',
        `Users can set: ${slots.map(({ name }) => name).join(', ')}.`,
      )
    await secrets.set(given, { app: owner.app, session: owner, by: owner.handle })
    return { handles: Object.fromEntries([...given.keys()].map((name) => [name, `$SECRET:${name}`])) }
  })
  // Older clients read `names`, newer ones `by_app`.
  server.get('/api/secrets', async (request) => {
    const owner = await ownerOf(context, request)
    if (owner === null) return { names: [], by_app: {} }
    const names = [...new Set(secrets.list(owner.app, owner).map(({ name }) => name))]
    return { names, by_app: names.length === 0 ? {} : { [owner.app]: names } }
  })
  server.delete('/api/secrets', async (request) => {
    const owner = await ownerOf(context, request)
    if (owner === null) return { cleared: false }
    return { cleared: (await secrets.delete({ app: owner.app, session: owner, by: owner.handle })) > 0 }
  })
  server.delete('/api/secrets/:name', async (request: FastifyRequest<{ Params: { name: string } }>) => {
    const owner = await ownerOf(context, request)
    if (owner === null) return { deleted: false }
    const { name } = request.params
    return { deleted: (await secrets.delete({ app: owner.app, session: owner, name, by: owner.handle })) > 0 }
  })

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

/** The session that a request names; null where it names none of the caller's. */
async function ownerOf(context: Context, request: FastifyRequest): Promise<Session | null> {
  const { 'x-session-id': session, 'x-thread-id': thread } = request.headers
  return session === undefined && thread === undefined ? null : sessionOf(context, request)
}

/** `{secrets: {NAME: value}}`; neither names nor values are repeated in a refusal. */
function secretsIn(request: FastifyRequest): ReadonlyMap<string, string> {
  const { secrets } = bodyOf(request)
  const entries = typeof secrets === 'object' && secrets !== null ? Object.entries(secrets) : []
  if (entries.length === 0 || entries.length > 100 || !entries.every(([, value]) => typeof value === 'string'))
    throw invalidField('secrets', 'Send {"secrets": {"NAME": "…"}}.')
  return new Map(entries as [string, string][])
}

/** Refuses, and says so in the conversation where the request names one of the caller's. */
async function refuseToKeep(context: Context, request: FastifyRequest, refusal: HttpError): Promise<never> {
  const named = await ownerOf(context, request)
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
