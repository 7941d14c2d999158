import { Clock, Redacted } from '@countersign/base'
import type { FastifyInstance } from 'fastify'
import { enterBrowser, forgetBrowser, redeemCode } from '../browser/browsers.ts'
import * as Credential from '../browser/Credential.ts'
import { ProofError } from '../proofs/checkProof.ts'
import { endSessionsOf } from '../sessions/endSessions.ts'
import { loadSession } from '../sessions/sessions.ts'
import { appFor, textField, type Context } from './context.ts'
import { HttpError } from './errors.ts'
import { bindingFrom, refuseForgery, shownBy } from './sessionAccess.ts'

/** How our own page, and pages that embed an app, come by a credential that no script can leak for long. */
export function browserRoutes(server: FastifyInstance, context: Context): void {
  // Our own page: a cookie that its scripts cannot read. `cookie: false` tells a page that this browser keeps none.
  server.post('/api/browser/enter', async (request, reply) => {
    refuseForgery(context, request)
    const { cookie } = await enterBrowser(context, { cookie: Credential.cookieIn(request.headers.cookie) })
    if (cookie !== null) reply.header('set-cookie', Credential.setCookie(cookie))
    return { entered: true }
  })

  server.get('/api/browser', async (request) => ({ cookie: (await shownBy(context, request)).kind === 'browser' }))

  // Leaving ends this browser's sessions: whoever sits down next finds nothing.
  server.delete('/api/browser', async (request, reply) => {
    const by = await shownBy(context, request)
    reply.header('set-cookie', Credential.setCookie(''))
    if (by.kind !== 'browser') return { ended: 0 }
    const ended = await endSessionsOf(context, { owner: `browser:${by.id}`, why: 'owner' })
    await forgetBrowser(context, { id: by.id })
    return { ended }
  })

  // An embedded page: a one-time code from the integrator's server becomes a token, kept in memory, for this origin.
  server.post('/api/browser/redeem', async (request) => {
    const origin = request.headers.origin
    const secret = Redacted.reveal(context.sessionSecret)
    const name = Credential.appOfPublishable(textField(request, 'publishable_id') ?? '', secret)
    const app = name === null ? null : appFor(context, name)
    if (origin === undefined || app === null || !context.origins.isAllowed(origin, app)) {
      throw new HttpError(
        403,
        'browser:origin:refused',
        'This page is not registered for the app.',
        'Send the pk-… id of the app, from a page whose origin is in its "origins".',
      )
    }
    const binding = await bindingFrom(context, request, app)
    if (binding === null && app.sessionPolicy === 'proof') throw new ProofError('unbound')
    const { token, sid, expiresMs } = await redeemCode(context, {
      code: textField(request, 'code') ?? '',
      origin,
      accept: async (each) => loadSession(context.store, { sid: each }).app === app.name,
    })
    if (binding !== null) {
      // The page's own key, from here on; a session that is bound keeps what it has.
      await context.store.write((write) =>
        write.db
          .updateTable('sessions')
          .set({ binding: JSON.stringify(binding) })
          .where('sid', '=', sid)
          .where('binding', 'is', null)
          .execute(),
      )
    }
    const session = loadSession(context.store, { sid })
    return { token, session_id: session.publicId, expires_at: Clock.iso(expiresMs) }
  })
}
