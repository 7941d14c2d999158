import { Redacted } from '@countersign/base'
import type { Message, Send, Sent } from '../outbox/Outbox.ts'
import { CONFIRM_EVENT, deleteChannel, findChannel, type ReachTools } from './channels.ts'
import type { Channel, Kind } from './Channel.ts'
import * as Links from './Links.ts'
import * as OwnerNotice from './OwnerNotice.ts'
import type { ReachSettings } from './ReachSettings.ts'
import type { Post } from './senders/Post.ts'
import { sendMail } from './senders/sendMail.ts'
import { sendPush } from './senders/sendPush.ts'
import { sendTelegram } from './senders/sendTelegram.ts'
import type { VapidKey } from './WebPush.ts'

export interface SenderTools extends ReachTools {
  readonly settings: ReachSettings
  readonly vapidKey: VapidKey | null
  readonly post: Post
  readonly origins: { page(): string }
  /** Whether a message still says what is so: a proposal that was answered since asks for no answer. */
  readonly isCurrent: (message: OwnerNotice.OwnerNotice) => Promise<boolean>
}

const final = (because: string): Sent => ({ status: 'failed', because, isFinal: true })

/** What the outbox sends messages to owners with. A channel is looked up again when its message is sent. */
export function createSenders(tools: SenderTools): Readonly<Record<Kind, Send>> {
  const send =
    (kind: Kind): Send =>
    async (message) => {
      const channel = await findChannel(tools.store.read, { id: message.name })
      if (channel === null || channel.kind !== kind) return final('target:absent')
      if (message.event === CONFIRM_EVENT) return ask(tools, message, channel)
      if (channel.confirmedMs === null) return final('target:unconfirmed')
      const notice = OwnerNotice.read(message.body)
      if (!(await tools.isCurrent(notice))) return final('message:stale')
      const sent = await SEND[kind](tools, channel, notice)
      if ('isGone' in sent && sent.isGone === true)
        await tools.store.write((write) => deleteChannel(tools, write, { channel, because: 'gone' }))
      return sent
    }
  return { mail: send('mail'), telegram: send('telegram'), push: send('push') }
}

type SendOne = (
  tools: SenderTools,
  channel: Channel,
  notice: OwnerNotice.OwnerMessage,
) => Promise<Sent & { readonly isGone?: true }>

const OFF: Sent = { status: 'failed', because: 'target:kind:off' }

/** A kind that the operator turned off is tried again: settings come back with the next start. */
const SEND: Readonly<Record<Kind, SendOne>> = {
  async mail({ settings: { mail }, ...tools }, channel, notice) {
    const stopUrl = linkOf(tools, channel, 'stop')
    if (mail === null) return OFF
    const text = OwnerNotice.textOf(notice, { stopUrl })
    return sendMail(mail, { id: notice.id, to: channel.target, subject: notice.title, text, stopUrl })
  },
  async telegram({ settings: { telegram }, post, ...tools }, channel, notice) {
    if (telegram === null) return OFF
    const text = OwnerNotice.textOf(notice, { stopUrl: linkOf(tools, channel, 'stop') })
    return sendTelegram(
      { settings: telegram, post },
      { chat: channel.target, text, button: { text: 'See the card', url: notice.url } },
    )
  },
  async push({ settings: { push }, vapidKey, post, clock }, channel, notice) {
    if (push === null || vapidKey === null) return OFF
    return sendPush(
      { settings: push, key: vapidKey, post, nowMs: clock.nowMs() },
      { id: notice.id, target: channel.target, text: JSON.stringify(OwnerNotice.pushOf(notice)) },
    )
  },
}

function linkOf(
  { secret, origins }: Pick<SenderTools, 'secret' | 'origins'>,
  channel: Channel,
  purpose: Links.Purpose,
) {
  return Links.linkOf(origins.page(), {
    purpose,
    token: Links.tokenOf(channel, { purpose, secret: Redacted.reveal(secret) }),
  })
}

/** Asks an address whether it wants messages: the only thing that is sent to one that did not agree. */
async function ask(tools: SenderTools, { id }: Message, channel: Channel): Promise<Sent> {
  const { mail } = tools.settings
  if (mail === null) return OFF
  if (channel.confirmedMs !== null || channel.kind !== 'mail') return final('message:stale')
  const text = [
    `The owner of the wallet ${channel.owner.split('@')[0] ?? ''} wants to be told at this address when something waits for an answer.`,
    '',
    'If that is you, agree here. The link is good for 24 hours:',
    linkOf(tools, channel, 'confirm'),
    '',
    'If it is not, do nothing: without the link you are sent nothing more.',
    OwnerNotice.CANNOT_APPROVE,
  ].join('\n')
  return sendMail(mail, { id, to: channel.target, subject: 'Countersign: confirm this address', text, stopUrl: null })
}
