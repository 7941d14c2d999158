import { Clock } from '@countersign/base'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as Credential from '../browser/Credential.ts'
import * as Operator from '../operators/Operator.ts'
import { redeemLink } from '../operators/links.ts'
import { endOperatorSession, listOperatorSessions } from '../operators/operatorSessions.ts'
import {
  listPasskeys,
  registerPasskey,
  removePasskey,
  signInByPasskey,
  startRegistration,
  startSignIn,
} from '../operators/passkeys.ts'
import { bodyOf, textField, type Context } from './context.ts'
import { appsOf, refuseForged, requireOperator } from './operatorAccess.ts'
import type { SendPage } from './pages.ts'
import { refuseUnknown } from './proposalRoutes.ts'

/** How operators come in: `docs/reference/admin.md`. What they do then are the admin routes, which the gate opens. */
export function operatorRoutes(server: FastifyInstance, context: Context, { sendPage }: { sendPage: SendPage }): void {
  const { clock } = context
  const enter = (reply: FastifyReply, cookie: string, stage: string) =>
    reply.headers({ 'set-cookie': setCookie(cookie), 'cache-control': 'no-store' }).send({ stage })

  server.get('/admin', async (_request, reply) => sendPage(reply, 'admin.html', { 'permissions-policy': PERMISSIONS }))

  server.get('/api/operator', async (request, reply) => {
    const session = await requireOperator(context, request, { stage: 'any' })
    const { operator } = session
    const isFull = session.stage === 'full'
    const passkeys = isFull ? await listPasskeys(context, { operatorId: operator.id }) : []
    const sessions = isFull ? await listOperatorSessions(context, { operatorId: operator.id }) : []
    return reply.header('cache-control', 'no-store').send({
      name: operator.name,
      stage: session.stage,
      apps: isFull ? await appsOf(context, operator) : [],
      idle_ends_at: Clock.iso(Math.min(clock.nowMs() + Operator.IDLE_MS, session.createdMs + Operator.ABSOLUTE_MS)),
      ends_at: Clock.iso(session.createdMs + Operator.ABSOLUTE_MS),
      passkeys: passkeys.map((each) => ({
        ...{ id: each.id, label: each.label, host: each.rpId, created_at: Clock.iso(each.createdMs) },
        used_at: each.usedMs === null ? null : Clock.iso(each.usedMs),
      })),
      sessions: sessions.map((each) => ({
        ...{ handle: each.handle, created_at: Clock.iso(each.createdMs), used_at: Clock.iso(each.usedMs) },
        in_this_browser: each.handle === session.handle,
      })),
    })
  })

  server.post('/api/operator/link', async (request, reply) => {
    originOf(context, request)
    refuseUnknown(request, ['token'])
    return enter(reply, await redeemLink(context, { token: textField(request, 'token') ?? '' }), 'enrol')
  })

  server.post('/api/operator/passkeys/challenge', async (request) => {
    const session = await requireOperator(context, request, { stage: 'any' })
    Operator.refuseStale(session, clock.nowMs())
    return startRegistration(context, { session, origin: originOf(context, request) })
  })

  server.post('/api/operator/passkeys', async (request, reply) => {
    const session = await requireOperator(context, request, { stage: 'any' })
    Operator.refuseStale(session, clock.nowMs())
    refuseUnknown(request, ['response', 'label'])
    const cookie = await registerPasskey(context, {
      ...{ session, origin: originOf(context, request), response: bodyOf(request)['response'] },
      label: textField(request, 'label') ?? 'passkey',
    })
    return enter(reply, cookie, 'full')
  })

  server.delete('/api/operator/passkeys/:id', async (request: FastifyRequest<{ Params: { id: string } }>) => {
    const session = await requireOperator(context, request)
    Operator.refuseStale(session, clock.nowMs())
    await removePasskey(context, { id: request.params.id, operatorId: session.operator.id })
    return { deleted: true }
  })

  server.post('/api/operator/sign-in/challenge', async (request) =>
    startSignIn(context, { origin: originOf(context, request) }),
  )

  server.post('/api/operator/sign-in', async (request, reply) => {
    const origin = originOf(context, request)
    refuseUnknown(request, ['response'])
    return enter(reply, await signInByPasskey(context, { origin, response: bodyOf(request)['response'] }), 'full')
  })

  server.delete(
    '/api/operator/sessions/:handle',
    async (request: FastifyRequest<{ Params: { handle: string } }>, reply) => {
      const session = await requireOperator(context, request, { stage: 'any' })
      const { handle } = request.params
      const isOwn = handle === 'this' || handle === session.handle
      if (!isOwn && session.stage !== 'full') throw new Operator.OperatorError('enrol')
      await endOperatorSession(context, {
        ...{ handle: isOwn ? session.handle : handle, operatorId: session.operator.id },
        why: isOwn ? 'signed-out' : 'revoked',
      })
      if (isOwn) reply.header('set-cookie', setCookie(''))
      return { ended: true }
    },
  )
}

/** Beside what every page may not: this one asks for passkeys, of its own origin. */
const PERMISSIONS =
  'camera=(), microphone=(), geolocation=(), payment=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)'

function setCookie(value: string): string {
  return Credential.setCookie(value, { name: Operator.COOKIE, maxAgeMs: Operator.ABSOLUTE_MS })
}

/** The origin of the dashboard that asks. Requests that change something always bear one. */
function originOf({ origins }: Context, request: FastifyRequest): string {
  const origin = refuseForged(origins, request)
  if (origin === null) throw new Operator.OperatorError('origin')
  return origin
}
