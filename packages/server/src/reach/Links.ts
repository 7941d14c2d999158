import { createHmac, timingSafeEqual } from 'node:crypto'
import { CONFIRM_MS, type Channel } from './Channel.ts'

/** What a link in a message can do: say yes to the messages of one channel, or end them. No link does anything else. */
export type Purpose = 'confirm' | 'stop'

const TOKEN = /^(channel_[0-9a-f]{32})\.([A-Za-z0-9_-]{43})$/

/** The token of a link. It is computed, so the store holds none. */
export function tokenOf(
  channel: Pick<Channel, 'id' | 'target' | 'createdMs'>,
  { purpose, secret }: { purpose: Purpose; secret: Uint8Array },
): string {
  const text = `reach:${purpose}:${channel.id}:${channel.createdMs}:${channel.target}`
  return `${channel.id}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}

/** Which channel a token names; null where it is no token. */
export function channelIn(token: string): string | null {
  return TOKEN.exec(token)?.[1] ?? null
}

/** Whether a token was made for this channel and purpose, and is still good. */
export function isGood(
  token: string,
  {
    channel,
    purpose,
    secret,
    nowMs,
  }: {
    channel: Pick<Channel, 'id' | 'target' | 'createdMs'>
    purpose: Purpose
    secret: Uint8Array
    nowMs: number
  },
): boolean {
  const expected = Buffer.from(tokenOf(channel, { purpose, secret }))
  const given = Buffer.from(token)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false
  return purpose === 'stop' || nowMs < channel.createdMs + CONFIRM_MS
}

/** The address of a link. The token stands behind "#", which no server and no proxy is sent. */
export function linkOf(page: string, { purpose, token }: { purpose: Purpose; token: string }): string {
  return `${page}/reach#${purpose}=${token}`
}
