/** A mail server, the Bot API of Telegram and a push service on loopback: what a page about messages needs of the world. */
import { createECDH, createHmac, randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { BotApi } from '../doors/botApi.ts'

const BOT = 4_242_424
const TOKEN = `${BOT}:${'S'.repeat(35)}`
/** The user of Telegram who may talk to the bot. */
export const USER = 1_001

export interface Messengers {
  readonly bot: BotApi
  /** Mails as they were sent, in full. */
  readonly mails: readonly string[]
  /** Settings of the server that uses them. */
  readonly env: Record<string, string>
  close(): void
}

export async function openMessengers(): Promise<Messengers> {
  const bot = new BotApi({ token: TOKEN, id: BOT, username: 'CountersignTestBot' })
  const botUrl = await bot.listen()
  const mails: string[] = []
  const smtp = new SMTPServer({
    authOptional: true,
    onData(stream, _session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        mails.push(Buffer.concat(chunks).toString())
        done()
      })
    },
  })
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve))
  return {
    bot,
    mails,
    env: {
      COUNTERSIGN_SMTP_URL: `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`,
      COUNTERSIGN_MAIL_FROM: 'Countersign <agent@example.invalid>',
      COUNTERSIGN_PUSH_CONTACT: 'mailto:ops@example.invalid',
      COUNTERSIGN_PUSH_ORIGINS: botUrl,
      COUNTERSIGN_TELEGRAM_TOKEN: TOKEN,
      COUNTERSIGN_TELEGRAM_URL: botUrl,
      COUNTERSIGN_TELEGRAM_ALLOW: String(USER),
    },
    close() {
      bot.close()
      smtp.close()
    },
  }
}

/** The `/start` of a user who opened the link to the bot. */
export function startOf(url: string): Record<string, unknown> {
  const from = { id: USER, is_bot: false, first_name: 'Alice' }
  const text = `/start ${new URL(url).searchParams.get('start') ?? ''}`
  const date = Math.floor(Date.now() / 1_000)
  return { update_id: 101, message: { message_id: 1, date, text, from, chat: { id: USER, type: 'private' } } }
}

/** What Telegram hands a mini app that this user opens. */
export function launchData(): string {
  const fields: Record<string, string> = {
    auth_date: String(Math.floor(Date.now() / 1_000)),
    query_id: randomBytes(8).toString('hex'),
    user: JSON.stringify({ id: USER, first_name: 'Alice' }),
  }
  const lines = Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()
    .join('\n')
  const key = createHmac('sha256', 'WebAppData').update(TOKEN).digest()
  return new URLSearchParams({ ...fields, hash: createHmac('sha256', key).update(lines).digest('hex') }).toString()
}

/** A script for the page, in which the browser's push service answers without a network. */
export function pushHere(origin: string): string {
  const ecdh = createECDH('prime256v1')
  const subscription = {
    endpoint: `${origin}/push/1`,
    expirationTime: null,
    keys: { p256dh: ecdh.generateKeys('base64url'), auth: randomBytes(16).toString('base64url') },
  }
  return `PushManager.prototype.subscribe = async () => ({ toJSON: () => (${JSON.stringify(subscription)}) })`
}
