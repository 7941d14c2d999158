import { BaseError } from '@countersign/base'
import type { Selectable } from 'kysely'
import type { ReachTables } from './ReachTables.ts'
import { parseSubscription } from './WebPush.ts'

/** What a message can be sent by, beside the webhooks of an app. */
export const KINDS = ['mail', 'telegram', 'push'] as const
export type Kind = (typeof KINDS)[number]

/** The most channels of one owner. */
export const MAX_CHANNELS = 10
/** How long the question to a mail address may be answered. Milliseconds. */
export const CONFIRM_MS = 24 * 3_600_000

export interface Channel {
  /** `channel_` and 32 hex digits. */
  readonly id: string
  /** `ownerOf` the wallet that was proven. */
  readonly owner: string
  readonly app: string
  readonly kind: Kind
  readonly target: string
  /** Whether messages may say amounts. */
  readonly saysAmounts: boolean
  readonly createdMs: number
  /** Null: its recipient has not agreed yet. */
  readonly confirmedMs: number | null
}

/**
 * Whose channels are whose. A signature by the account's own key is good on every chain; what a contract says holds on its
 * chain, and the same address may be another's elsewhere.
 */
export function ownerOf({ address, chainId, isByKey }: { address: string; chainId: number; isByKey: boolean }): string {
  return isByKey ? address : `${address}@${chainId}`
}

/** Whose channels hear of an account on some chains. */
export function ownersOf({ address, chainIds }: { address: string; chainIds: readonly number[] }): readonly string[] {
  return [address, ...chainIds.map((chainId) => ownerOf({ address, chainId, isByKey: false }))]
}

export function fromRow(row: Selectable<ReachTables['owner_channels']>): Channel {
  return {
    ...{ id: row.id, owner: row.owner, app: row.app, kind: row.kind as Kind, target: row.target },
    ...{ saysAmounts: row.amounts === 1, createdMs: row.created_ms, confirmedMs: row.confirmed_ms },
  }
}

export function isKind(text: unknown): text is Kind {
  return KINDS.some((kind) => kind === text)
}

/** The id of a chat or a user of Telegram: a whole number, negative for groups. */
const CHAT = /^-?[1-9]\d{0,15}$/
/** One plain address (RFC 5321, without comments, quoting and routes). No character of it can end a header line. */
const MAIL = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i

/**
 * The target of a channel in its one spelling.
 *
 * @throws {ChannelError} `reach:target:invalid`.
 */
export function parseTarget(kind: Kind, value: unknown): string {
  if (kind === 'push') {
    const subscription = parseSubscription(value)
    if (subscription === null) throw new ChannelError('target')
    return JSON.stringify(subscription)
  }
  const text = typeof value === 'string' ? value.trim() : ''
  if (text.length > 254 || !(kind === 'mail' ? MAIL : CHAT).test(text)) throw new ChannelError('target')
  if (kind !== 'mail') return text
  const at = text.lastIndexOf('@')
  return `${text.slice(0, at)}${text.slice(at).toLowerCase()}`
}

/** How a channel is named to its owner and in links: a mail address is not spelled out. */
export function labelOf({ kind, target }: Pick<Channel, 'kind' | 'target'>): string {
  if (kind === 'mail') {
    const [name = '', host = ''] = target.split('@')
    return `${name.slice(0, 1)}…@${host}`
  }
  if (kind === 'telegram') return `chat …${target.slice(-3)}`
  return `browser at ${new URL(parseSubscription(target)?.endpoint ?? 'https://unknown.invalid').host}`
}

type Why = 'target' | 'kind' | 'many' | 'absent' | 'link' | 'often' | 'off' | 'owner'

const WORDS: Readonly<Record<Why, readonly [code: string, kind: BaseError['kind'], message: string, hint: string]>> = {
  target: [
    'reach:target:invalid',
    'invalid',
    'The channel does not name a target that messages can be sent to.',
    'Send a mail address such as you@example.org, or the subscription of this browser.',
  ],
  kind: ['reach:kind:unknown', 'invalid', 'The kind of channel is unknown.', 'Send mail or push.'],
  many: [
    'reach:channels:full',
    'refused',
    `An owner has at most ${MAX_CHANNELS} channels.`,
    'Remove a channel, then add this one.',
  ],
  absent: ['reach:channel:absent', 'absent', 'The channel was not found.', 'List the channels and use an id from it.'],
  link: [
    'reach:link:invalid',
    'refused',
    'The link is invalid, expired or already used.',
    'Add the channel again on the page to get a new link.',
  ],
  often: [
    'reach:confirmation:often',
    'spent',
    'Too many confirmations were sent.',
    'Use the newest link, or try again tomorrow.',
  ],
  off: [
    'reach:kind:off',
    'unavailable',
    'This server does not send messages of this kind.',
    'Ask its operator to set it up: docs/guide/reach.md.',
  ],
  owner: [
    'reach:owner:unproven',
    'refused',
    'Channels belong to a wallet, and none has signed in to this session.',
    'Sign in with the wallet first: POST /api/sign-in/nonce.',
  ],
}

export class ChannelError extends BaseError {
  override readonly name = 'reach.ChannelError'
  constructor(why: Why) {
    const [code, kind, message, hint] = WORDS[why]
    super(message, { code, kind, hint })
  }
}
