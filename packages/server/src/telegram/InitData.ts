import { createHmac, timingSafeEqual } from 'node:crypto'
import { BaseError, Json } from '@countersign/base'

/** How old a launch may be, and how far ahead its clock: the mini app sends it as it opens. Seconds. */
export const MAX_AGE_S = 300
const MAX_AHEAD_S = 30
const MAX_LENGTH = 4_096

/** Who opened the mini app, as Telegram vouches for it. It proves a user of Telegram and no wallet. */
export interface InitData {
  readonly userId: string
  /** Hex: what makes this launch different from any other. */
  readonly hash: string
  /** Until when it would still be taken. Milliseconds. */
  readonly untilMs: number
}

/**
 * Checks what Telegram hands a mini app ("Validating data received via the Mini App",
 * https://core.telegram.org/bots/webapps): `hash` must be the HMAC of all other fields under a key of the bot's token. Beside
 * that, no field comes twice, and a launch is at most five minutes old. That it is used once is for the store.
 *
 * @throws {InitDataError} `telegram:launch:…`.
 */
export function check(text: string, { token, nowMs }: { token: string; nowMs: number }): InitData {
  if (text.length === 0 || text.length > MAX_LENGTH) throw new InitDataError('unreadable')
  const fields = [...new URLSearchParams(text)]
  const names = fields.map(([name]) => name)
  if (new Set(names).size !== names.length) throw new InitDataError('unreadable')
  const values = new Map(fields)
  const hash = values.get('hash') ?? ''
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new InitDataError('unreadable')
  const signed = fields
    .filter(([name]) => name !== 'hash')
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()
    .join('\n')
  const key = createHmac('sha256', 'WebAppData').update(token).digest()
  const expected = createHmac('sha256', key).update(signed).digest()
  // Nothing of it is believed, and nothing said of it, before this.
  if (!timingSafeEqual(expected, Buffer.from(hash, 'hex'))) throw new InitDataError('forged')
  const time = values.get('auth_date') ?? ''
  if (!/^\d{1,12}$/.test(time)) throw new InitDataError('unreadable')
  const ageS = Math.floor(nowMs / 1_000) - Number(time)
  if (ageS > MAX_AGE_S || ageS < -MAX_AHEAD_S) throw new InitDataError('expired')
  return { userId: userIn(values.get('user') ?? ''), hash, untilMs: (Number(time) + MAX_AGE_S + 1) * 1_000 }
}

function userIn(text: string): string {
  let user: unknown
  try {
    user = Json.parse(text)
  } catch {
    throw new InitDataError('unreadable')
  }
  const id = typeof user === 'object' && user !== null ? (user as { id?: unknown }).id : null
  if (!Number.isSafeInteger(id) || (id as number) <= 0) throw new InitDataError('unreadable')
  return String(id)
}

const WORDS = {
  unreadable: ['The launch data of the mini app is not valid.', 'Open the mini app from the chat with the bot.'],
  forged: ['The launch data of the mini app was not signed for this bot.', 'Open it from the chat with this bot.'],
  expired: ['The launch of the mini app has expired.', 'Close the mini app and open it again from the chat.'],
  used: ['This launch of the mini app was already used.', 'Close the mini app and open it again from the chat.'],
} as const

export class InitDataError extends BaseError {
  override readonly name = 'telegram.InitDataError'
  constructor(why: keyof typeof WORDS) {
    const [message, hint] = WORDS[why]
    super(message, { code: `telegram:launch:${why}`, kind: 'refused', hint })
  }
}
