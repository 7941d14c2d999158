import { createHmac, randomBytes } from 'node:crypto'
import { Redacted, type Clock } from '@countersign/base'
import { handle } from '../audit/Audit.ts'
import type { AppendAudit } from '../audit/appendAudit.ts'
import { insertMessage } from '../outbox/postNotice.ts'
import type { Reader, Store, Write } from '../store/openStore.ts'
import * as Channel from './Channel.ts'
import { ChannelError } from './Channel.ts'
import * as Links from './Links.ts'
import type { ReachSettings } from './ReachSettings.ts'
import type { VapidKey } from './WebPush.ts'

/** What the verbs of channels are handed. */
export interface ReachTools {
  readonly store: Store
  readonly clock: Clock.Clock
  readonly audit: AppendAudit
  /** Links and the list of asked addresses are made with it. */
  readonly secret: Redacted.Redacted<Uint8Array>
}

/** The same for the doors, with what the operator set up. */
export interface Reach extends ReachTools {
  readonly settings: ReachSettings
  /** What browsers subscribe with; null where push is off. */
  readonly vapidKey: VapidKey | null
  /** Sends what was put into the outbox now. */
  readonly wake: () => void
}

/**
 * Questions to one mail address, and by one server in all, within a day: it must not become a way to bother strangers. Of these an
 * owner has ten. An app has fifty; beyond, it has as many as are left for all others together, so that wallets, which cost nothing,
 * use up one app's and nobody else's.
 */
const MAX_REQUESTS_OF_ADDRESS = 3
const MAX_REQUESTS_OF_OWNER = 10
const SURE_REQUESTS_OF_APP = 50
const MAX_REQUESTS = 500
const DAY_MS = 86_400_000

/** What the question to an address is called in the outbox and the audit record. */
export const CONFIRM_EVENT = 'reach.channel.requested'

export async function listChannels(
  read: Reader,
  { owners }: { owners: readonly string[] },
): Promise<Channel.Channel[]> {
  const rows = await read
    .selectFrom('owner_channels')
    .selectAll()
    .where('owner', 'in', [...owners])
    .orderBy('created_ms')
    .orderBy('id')
    .execute()
  return rows.map(Channel.fromRow)
}

export async function findChannel(read: Reader, { id }: { id: string }): Promise<Channel.Channel | null> {
  const row = await read.selectFrom('owner_channels').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : Channel.fromRow(row)
}

/**
 * Adds a channel of an owner. A mail address gets one question and nothing else until its link is used. A browser's subscription
 * and a chat were agreed to where they were made.
 *
 * @throws {ChannelError} `reach:target:invalid`, `reach:channels:full`, `reach:confirmation:often`.
 */
export async function addChannel(
  tools: ReachTools,
  input: { owner: string; app: string; kind: Channel.Kind; target: unknown; saysAmounts: boolean },
): Promise<Channel.Channel> {
  return tools.store.write((write) => insertChannel(tools, write, input))
}

/** The same in the caller's transaction. A channel with this target is changed, and asked again while it did not agree. */
export async function insertChannel(
  { clock, audit, secret }: ReachTools,
  write: Write,
  {
    owner,
    app,
    kind,
    target: given,
    saysAmounts,
  }: {
    owner: string
    app: string
    kind: Channel.Kind
    target: unknown
    /** Null: as it was, and for a new one, yes. */
    saysAmounts: boolean | null
  },
): Promise<Channel.Channel> {
  const target = Channel.parseTarget(kind, given)
  const nowMs = clock.nowMs()
  const all = await listChannels(write.db, { owners: [owner] })
  const before = all.find((each) => each.kind === kind && each.target === target)
  if (before?.confirmedMs != null) {
    if (saysAmounts === null) return before
    await write.db
      .updateTable('owner_channels')
      .set({ amounts: saysAmounts ? 1 : 0 })
      .where('id', '=', before.id)
      .execute()
    return { ...before, saysAmounts }
  }
  if (before !== undefined) await write.db.deleteFrom('owner_channels').where('id', '=', before.id).execute()
  else if (all.length >= Channel.MAX_CHANNELS) throw new ChannelError('many')
  const row = {
    ...{ id: `channel_${randomBytes(16).toString('hex')}`, owner, app, kind, target },
    ...{ amounts: saysAmounts === false ? 0 : 1, created_ms: nowMs, confirmed_ms: kind === 'mail' ? null : nowMs },
  }
  await write.db.insertInto('owner_channels').values(row).execute()
  if (kind === 'mail') {
    await countRequest(write, { owner, app, target, secret, nowMs })
    insertMessage({ clock }, write, {
      app,
      event: CONFIRM_EVENT,
      mandate: null,
      target: `mail:${row.id}`,
      body: () => '{}',
    })
  }
  await audit(write, {
    app,
    event: kind === 'mail' ? CONFIRM_EVENT : 'reach.channel.added',
    body: { channel: handle(row.id), owner: handle(owner), kind },
  })
  return Channel.fromRow(row)
}

async function countRequest(
  write: Write,
  {
    owner,
    app,
    target,
    secret,
    nowMs,
  }: { owner: string; app: string; target: string; secret: ReachTools['secret']; nowMs: number },
): Promise<void> {
  const digestOf = (what: string): string =>
    createHmac('sha256', Redacted.reveal(secret)).update(`reach:${what}`).digest('hex')
  const row = {
    target_digest: digestOf(`asked:${target.toLowerCase()}`),
    owner_digest: digestOf(`asks:${owner}`),
    app,
    at_ms: nowMs,
  }
  await write.db
    .deleteFrom('channel_requests')
    .where('at_ms', '<=', nowMs - DAY_MS)
    .execute()
  const counted = await write.db
    .selectFrom('channel_requests')
    .select((eb) => [
      eb.fn.countAll().as('all'),
      eb.fn.count('at_ms').filterWhere('target_digest', '=', row.target_digest).as('toTarget'),
      eb.fn.count('at_ms').filterWhere('owner_digest', '=', row.owner_digest).as('byOwner'),
      eb.fn.count('at_ms').filterWhere('app', '=', app).as('byApp'),
    ])
    .executeTakeFirstOrThrow()
  const left = MAX_REQUESTS - Number(counted.all)
  const isOften =
    left <= 0 ||
    Number(counted.toTarget) >= MAX_REQUESTS_OF_ADDRESS ||
    Number(counted.byOwner) >= MAX_REQUESTS_OF_OWNER ||
    Number(counted.byApp) >= Math.max(SURE_REQUESTS_OF_APP, left)
  if (isOften) throw new ChannelError('often')
  await write.db.insertInto('channel_requests').values(row).execute()
}

/**
 * Agrees to a channel, by the link in the one message that was sent to it.
 *
 * @throws {ChannelError} `reach:link:invalid`.
 */
export async function confirmChannel(tools: ReachTools, { token }: { token: string }): Promise<Channel.Channel> {
  const { store, clock, audit } = tools
  return store.write(async (write) => {
    const channel = await channelOf(tools, write.db, { token, purpose: 'confirm' })
    if (channel.confirmedMs !== null) throw new ChannelError('link')
    const confirmedMs = clock.nowMs()
    await write.db
      .updateTable('owner_channels')
      .set({ confirmed_ms: confirmedMs })
      .where('id', '=', channel.id)
      .execute()
    await audit(write, {
      app: channel.app,
      event: 'reach.channel.added',
      body: { channel: handle(channel.id), owner: handle(channel.owner), kind: channel.kind },
    })
    return { ...channel, confirmedMs }
  })
}

/**
 * Ends a channel by the link that stands in each of its messages: its recipient needs no wallet for that.
 *
 * @throws {ChannelError} `reach:link:invalid`.
 */
export async function stopChannel(tools: ReachTools, { token }: { token: string }): Promise<Channel.Channel> {
  return tools.store.write(async (write) => {
    const channel = await channelOf(tools, write.db, { token, purpose: 'stop' })
    await deleteChannel(tools, write, { channel, because: 'recipient' })
    return channel
  })
}

async function channelOf(
  { clock, secret }: ReachTools,
  read: Reader,
  { token, purpose }: { token: string; purpose: Links.Purpose },
): Promise<Channel.Channel> {
  const channel = await findChannel(read, { id: Links.channelIn(token) ?? '' })
  if (
    channel === null ||
    !Links.isGood(token, { channel, purpose, secret: Redacted.reveal(secret), nowMs: clock.nowMs() })
  )
    throw new ChannelError('link')
  return channel
}

/** Whether messages of a channel say amounts. @throws {ChannelError} `reach:channel:absent`. */
export async function setAmounts(
  { store }: ReachTools,
  { owner, id, saysAmounts }: { owner: string; id: string; saysAmounts: boolean },
): Promise<Channel.Channel> {
  return store.write(async (write) => {
    const channel = await findChannel(write.db, { id })
    if (channel === null || channel.owner !== owner) throw new ChannelError('absent')
    await write.db
      .updateTable('owner_channels')
      .set({ amounts: saysAmounts ? 1 : 0 })
      .where('id', '=', id)
      .execute()
    return { ...channel, saysAmounts }
  })
}

/** Removes a channel of an owner. @throws {ChannelError} `reach:channel:absent`, also for another owner's. */
export async function removeChannel(tools: ReachTools, { owner, id }: { owner: string; id: string }): Promise<void> {
  await tools.store.write(async (write) => {
    const channel = await findChannel(write.db, { id })
    if (channel === null || channel.owner !== owner) throw new ChannelError('absent')
    await deleteChannel(tools, write, { channel, because: 'owner' })
  })
}

/** Removes a channel and what still waits to be sent by it. */
export async function deleteChannel(
  { audit }: Pick<ReachTools, 'audit'>,
  write: Write,
  { channel, because }: { channel: Channel.Channel; because: 'owner' | 'recipient' | 'gone' },
): Promise<void> {
  await write.db.deleteFrom('owner_channels').where('id', '=', channel.id).execute()
  await write.db
    .deleteFrom('outbox')
    .where('target', '=', `${channel.kind}:${channel.id}`)
    .where('sent_ms', 'is', null)
    .execute()
  await audit(write, {
    app: channel.app,
    event: 'reach.channel.removed',
    body: { channel: handle(channel.id), owner: handle(channel.owner), kind: channel.kind, because },
  })
}
