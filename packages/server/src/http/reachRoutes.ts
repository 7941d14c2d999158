import { Clock } from '@countersign/base'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import * as Channel from '../reach/Channel.ts'
import { addChannel, confirmChannel, listChannels, removeChannel, setAmounts, stopChannel } from '../reach/channels.ts'
import type { SignedIn } from '../sessions/Session.ts'
import { isService, parseSubscription } from '../reach/WebPush.ts'
import { bodyOf, textField, type Context } from './context.ts'
import { invalidField } from './errors.ts'
import { policyWith, type SendPage } from './pages.ts'
import { refuseUnknown } from './proposalRoutes.ts'
import { isOwnersPlace, requireSession } from './sessionAccess.ts'

type WithId = FastifyRequest<{ Params: { id: string } }>

/** Where an owner is told that something waits: `docs/guide/reach.md`. */
export function reachRoutes(server: FastifyInstance, context: Context, { sendPage }: { sendPage: SendPage }): void {
  const { reach, store } = context

  server.get('/api/reach/channels', async (request) => {
    const { owner } = await ownerIn(context, request)
    const { mail, push } = reach.settings
    return {
      offered: {
        mail: mail !== null,
        telegram: context.telegram !== null,
        push: push === null || reach.vapidKey === null ? null : { public_key: reach.vapidKey.publicKey },
      },
      channels: (await listChannels(store.read, { owners: [owner] })).map(toWire),
    }
  })

  server.post('/api/reach/channels', async (request, reply) => {
    const { owner, app } = await ownerIn(context, request)
    refuseUnknown(request, ['kind', 'target', 'amounts'])
    const { kind, target } = bodyOf(request)
    // A chat is added by its user, who writes to the bot.
    if (kind !== 'mail' && kind !== 'push') throw new Channel.ChannelError('kind')
    if (reach.settings[kind] === null) throw new Channel.ChannelError('off')
    if (kind === 'push') refuseService(context, target)
    const saysAmounts = amountsIn(request) ?? true
    const channel = await addChannel(reach, { owner, app, kind, target, saysAmounts })
    reach.wake()
    return reply.status(201).send(toWire(channel))
  })

  server.patch('/api/reach/channels/:id', async (request: WithId) => {
    const { owner } = await ownerIn(context, request)
    refuseUnknown(request, ['amounts'])
    const saysAmounts = amountsIn(request)
    if (saysAmounts === null) throw invalidField('amounts', 'Send true or false.')
    return toWire(await setAmounts(reach, { owner, id: request.params.id, saysAmounts }))
  })

  server.delete('/api/reach/channels/:id', async (request: WithId) => {
    const { owner } = await ownerIn(context, request)
    await removeChannel(reach, { owner, id: request.params.id })
    return { deleted: true }
  })

  server.post('/api/reach/confirm', async (request) => {
    refuseUnknown(request, ['token'])
    return toWire(await confirmChannel(reach, { token: textField(request, 'token') ?? '' }))
  })

  server.post('/api/reach/stop', async (request) => {
    refuseUnknown(request, ['token'])
    const { kind, target } = await stopChannel(reach, { token: textField(request, 'token') ?? '' })
    return { stopped: true, kind, label: Channel.labelOf({ kind, target }) }
  })

  // This page alone starts a worker, for notifications: one policy of Trusted Types, for one address of ours.
  const policy = policyWith("trusted-types 'none'", 'trusted-types countersign-push-worker')
  server.get('/reach', async (_request, reply) => sendPage(reply, 'index.html', policy))
}

/**
 * The owner whose channels a request is about: the wallet that signed in to its session. As for answers to proposals, what a key
 * or a page of others holds is never the owner: an agent must not turn off by what its owner hears of it.
 *
 * @throws {ChannelError} `reach:owner:unproven`.
 */
export async function ownerIn(
  context: Context,
  request: FastifyRequest,
): Promise<{ owner: string; app: string; sid: string; signedIn: SignedIn }> {
  const session = await requireSession(context, request)
  if (session.signedIn === null || !(await isOwnersPlace(context, request, session)))
    throw new Channel.ChannelError('owner')
  const { app, sid, signedIn } = session
  return { owner: Channel.ownerOf(signedIn), app, sid, signedIn }
}

function refuseService({ reach }: Context, target: unknown): void {
  const subscription = parseSubscription(target)
  if (subscription === null || !isService(subscription.endpoint, reach.settings.push?.origins ?? []))
    throw new Channel.ChannelError('target')
}

function amountsIn(request: FastifyRequest): boolean | null {
  const { amounts } = bodyOf(request)
  if (amounts === undefined) return null
  if (typeof amounts !== 'boolean') throw invalidField('amounts', 'Send true or false.')
  return amounts
}

/** A channel as its owner sees it. A mail address is not repeated in full: a page may be looked at by others. */
function toWire(channel: Channel.Channel) {
  return {
    id: channel.id,
    kind: channel.kind,
    label: Channel.labelOf(channel),
    amounts: channel.saysAmounts,
    confirmed: channel.confirmedMs !== null,
    created_at: Clock.iso(channel.createdMs),
  }
}
