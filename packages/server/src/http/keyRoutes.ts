import { Address, Clock, Redacted } from '@countersign/base'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Fence } from '../keys/awaitFence.ts'
import * as Duration from '../keys/Duration.ts'
import * as KeyLimit from '../limits/KeyLimit.ts'
import * as KeyRecord from '../keys/KeyRecord.ts'
import { KeyHandleError, type KeyTools } from '../keys/KeyTools.ts'
import { leakedRange, PREFIX, takeLeakReport, type LeakReporters } from '../keys/leaks.ts'
import * as Scope from '../keys/Scope.ts'
import { KeyAbsentError, type Caller } from '../keys/verifyKey.ts'
import { bodyOf, textField, type Context } from './context.ts'
import { invalidField } from './errors.ts'
import { guardsField } from './guardsField.ts'

type WithId = FastifyRequest<{ Params: { id: string } }>

/**
 * Keys over HTTP: what a key says about itself, the administration of an app's keys by a key with the scope `admin`,
 * and what the world may report and ask about leaked ones. A key of another app answers like one that never was.
 */
export function keyRoutes(
  server: FastifyInstance,
  context: Context,
  { tools, reporters }: { tools: KeyTools; reporters: LeakReporters },
): void {
  const { keyring, clock } = context
  const show = (key: KeyRecord.KeyRecord) => KeyRecord.toWire(key, clock.nowMs())

  // Nothing is waited for, so no promise is made: this is what the benchmark of the gate asks.
  server.get('/api/key', (request, reply) => {
    const { key } = callerIn(request)
    reply.send({
      id: key.id,
      app: key.app,
      scopes: key.scopes,
      expires_at: key.expiresMs === null ? null : Clock.iso(key.expiresMs),
      quarantine: key.quarantine?.level ?? null,
    })
  })

  server.get('/api/admin/keys', async (request) => {
    return (await keyring.list({ app: callerIn(request).app })).map(show)
  })

  server.post('/api/admin/keys', async (request, reply) => {
    const { app } = callerIn(request)
    refuseUnknown(request, ['label', 'scopes', 'networks', 'tools', 'limits', 'guards', 'expires', 'canary', 'owner'])
    const issued = await keyring.issue({
      app,
      label: textField(request, 'label') ?? '',
      ...changeIn(request, clock.nowMs()),
      ...guardsField(context, request, app),
      isCanary: bodyOf(request)['canary'] === true,
      ...ownerIn(request),
    })
    return reply
      .status(201)
      .header('cache-control', 'no-store')
      .send({ id: issued.id, app, key: Redacted.reveal(issued.key) })
  })

  server.get('/api/admin/keys/:id', async (request: WithId) => {
    const { app } = callerIn(request)
    const key = (await keyring.list({ app })).find((each) => each.id === request.params.id)
    if (key === undefined) throw new KeyHandleError()
    return show(key)
  })

  server.patch('/api/admin/keys/:id', async (request: WithId) => {
    const { app } = callerIn(request)
    refuseUnknown(request, ['label', 'scopes', 'networks', 'tools', 'limits', 'guards', 'expires'])
    const label = textField(request, 'label')
    const change = {
      ...(label === null ? {} : { label }),
      ...changeIn(request, clock.nowMs()),
      ...guardsField(context, request, app),
    }
    return show(await keyring.change({ id: request.params.id, app, change }))
  })

  server.post('/api/admin/keys/:id/rotate', async (request: WithId, reply) => {
    const { app } = callerIn(request)
    refuseUnknown(request, ['style', 'overlap', 'deadline'])
    const style = textField(request, 'style') ?? 'first-use'
    if (style !== 'clock' && style !== 'first-use') throw invalidField('style', '"clock" or "first-use".')
    const overlapMs = Duration.parse(textField(request, 'overlap') ?? '24h')
    const deadlineMs = Duration.parse(textField(request, 'deadline') ?? '24h')
    const made = await keyring.rotate({
      id: request.params.id,
      app,
      style: style === 'clock' ? { kind: style, overlapMs } : { kind: style, overlapMs, deadlineMs },
    })
    return reply
      .status(201)
      .header('cache-control', 'no-store')
      .send({
        id: made.id,
        app,
        key: Redacted.reveal(made.key),
        replaces: made.replaces,
        old_ends_at: made.oldEndsMs === null ? null : Clock.iso(made.oldEndsMs),
      })
  })

  server.post('/api/admin/keys/:id/revoke', async (request: WithId) => {
    const { app } = callerIn(request)
    refuseUnknown(request, ['reason', 'exposed'])
    const { key, fence } = await keyring.revoke({
      id: request.params.id,
      app,
      reason: textField(request, 'reason') ?? '',
      isExposed: bodyOf(request)['exposed'] === true,
    })
    return { ...show(key), ...fenceToWire(fence) }
  })

  server.post('/api/admin/keys/:id/undo', async (request: WithId) => {
    return show(await keyring.undo({ id: request.params.id, app: callerIn(request).app }))
  })

  server.post('/api/admin/keys/:id/release', async (request: WithId) => {
    const caller = callerIn(request)
    return show(await keyring.release({ id: request.params.id, app: caller.app, by: caller.keyId }))
  })

  leakRoutes(server, { tools, reporters })
}

/** What the world reports and asks about keys that were seen in public. */
function leakRoutes(
  server: FastifyInstance,
  { tools, reporters }: { tools: KeyTools; reporters: LeakReporters },
): void {
  // GitHub's form (secret scanning partner program): the signature is over the bytes of the body.
  server.post('/api/leaks/github', async (request) => {
    const { 'github-public-key-identifier': keyId, 'github-public-key-signature': signature } = request.headers
    const { answers } = await takeLeakReport(tools, {
      body: Buffer.from(request.rawBody, 'utf8'),
      keyId: typeof keyId === 'string' ? keyId : '',
      signature: typeof signature === 'string' ? signature : '',
      reporters,
    })
    return answers
  })

  server.get('/api/leaks/range/:prefix', async (request: FastifyRequest<{ Params: { prefix: string } }>, reply) => {
    const prefix = request.params.prefix.toLowerCase()
    if (!PREFIX.test(prefix))
      throw invalidField('prefix', 'The first five hexadecimal digits of the SHA-256 of the key.')
    return reply
      .header('cache-control', 'public, max-age=300')
      .send({ prefix, suffixes: await leakedRange(tools, { prefix }) })
  })
}

function ownerIn(request: FastifyRequest): { owner?: Address.Address } {
  const owner = textField(request, 'owner')
  return owner === null ? {} : { owner: Address.parse(owner) }
}

/** A fence in the words of the wire. */
export function fenceToWire(fence: Fence): Record<string, unknown> {
  return {
    effective_at: Clock.iso(fence.effectiveMs),
    confirmed: `${fence.confirmed}/${fence.live}`,
    confirmed_instances: fence.confirmed,
    live_instances: fence.live,
    lapsed_instances: fence.lapsed,
  }
}

/** @throws {KeyAbsentError} 401. */
function callerIn(request: FastifyRequest): Caller {
  if (request.caller === null) throw new KeyAbsentError(null)
  return request.caller
}

function changeIn(request: FastifyRequest, nowMs: number) {
  const body = bodyOf(request)
  const list = (name: string): string[] | undefined => {
    const value = body[name]
    if (value === undefined) return undefined
    if (!Array.isArray(value) || !value.every((each) => typeof each === 'string'))
      throw invalidField(name, 'A list of texts.')
    return value
  }
  const scopes = list('scopes')
  const networks = list('networks')
  const limits = list('limits')
  const tools = body['tools'] === null ? null : list('tools')
  const expires = body['expires']
  if (expires !== undefined && expires !== null && typeof expires !== 'string')
    throw invalidField('expires', 'A time such as 2030-01-01T00:00:00Z, a duration such as 90d, or null.')
  return {
    ...(scopes === undefined ? {} : { scopes: Scope.parse(scopes) }),
    ...(networks === undefined ? {} : { networks }),
    ...(tools === undefined ? {} : { tools }),
    ...(limits === undefined ? {} : { limits: KeyLimit.parseAll(limits) }),
    ...(expires === undefined ? {} : { expiresMs: expires === null ? null : Duration.parseEnd(expires, nowMs) }),
  }
}

/** A field that we do not know might have been meant to change something. */
function refuseUnknown(request: FastifyRequest, known: readonly string[]): void {
  const unknown = Object.keys(bodyOf(request)).find((name) => !known.includes(name))
  if (unknown !== undefined) throw invalidField(unknown.slice(0, 40), `Known fields: ${known.join(', ')}.`)
}
