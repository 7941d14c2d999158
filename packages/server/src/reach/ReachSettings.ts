import { BaseError, Redacted } from '@countersign/base'
import { vapidKeyFrom } from './WebPush.ts'

/** By what the operator lets owners be reached. A secret stays `Redacted` up to where it is used. */
export interface ReachSettings {
  readonly mail: MailSettings | null
  readonly telegram: TelegramSettings | null
  readonly push: PushSettings | null
}

export interface MailSettings {
  readonly host: string
  readonly port: number
  /** TLS from the first byte; otherwise STARTTLS is required, but for a server on this machine. */
  readonly isTls: boolean
  readonly isLoopback: boolean
  readonly login: Redacted.Redacted<{ readonly user: string; readonly password: string }> | null
  readonly from: string
}

export interface TelegramSettings {
  readonly token: Redacted.Redacted<string>
  /** The number before the colon of the token: what the bot is called in signatures, and no secret. */
  readonly botId: string
  /** The origin of the Bot API. */
  readonly api: string
}

export interface PushSettings {
  /** `mailto:…` or `https:…` */
  readonly contact: string
  /** 32 bytes; null: made of the secret of the installation. */
  readonly key: Redacted.Redacted<Uint8Array> | null
  /** Push services beside those of the browsers. */
  readonly origins: readonly string[]
}

/** The settings that are read here. */
export const REACH_SETTINGS = [
  'COUNTERSIGN_SMTP_URL',
  'COUNTERSIGN_MAIL_FROM',
  'COUNTERSIGN_TELEGRAM_TOKEN',
  'COUNTERSIGN_TELEGRAM_URL',
  'COUNTERSIGN_PUSH_CONTACT',
  'COUNTERSIGN_PUSH_ORIGINS',
  'COUNTERSIGN_VAPID_KEY',
] as const
type Name = (typeof REACH_SETTINGS)[number]

const TELEGRAM_API = 'https://api.telegram.org'

/** Reads the settings. @throws {ReachSettingError} `reach:setting:invalid`, which repeats no value. */
export function readReachSettings(env: NodeJS.ProcessEnv): ReachSettings {
  const given = (name: Name): string => env[name] ?? ''
  return { mail: readMail(given), telegram: readTelegram(given), push: readPush(given) }
}

type Given = (name: Name) => string

function readMail(given: Given): MailSettings | null {
  const text = given('COUNTERSIGN_SMTP_URL')
  if (text === '') return null
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === '' || url.pathname.replace('/', '') !== '')
    throw new ReachSettingError('COUNTERSIGN_SMTP_URL', 'Write smtps://user:password@mail.example.org:465.')
  const from = given('COUNTERSIGN_MAIL_FROM')
  if (!/^(?:[\w .-]{1,60} <[^\s<>@,;:"]{1,64}@[\w.-]{1,190}>|[^\s<>@,;:"]{1,64}@[\w.-]{1,190})$/.test(from))
    throw new ReachSettingError('COUNTERSIGN_MAIL_FROM', 'Write the sender, such as Countersign <agent@example.org>.')
  const isTls = url.protocol === 'smtps:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)]
  return {
    ...{ host, isTls, from, port: url.port === '' ? (isTls ? 465 : 587) : Number(url.port) },
    isLoopback: /^(?:127\.\d+\.\d+\.\d+|localhost|::1)$/.test(host),
    login: user === '' ? null : Redacted.of({ user, password }),
  }
}

function readTelegram(given: Given): TelegramSettings | null {
  const token = given('COUNTERSIGN_TELEGRAM_TOKEN')
  if (token === '') return null
  const [, botId] = /^(\d{3,16}):[A-Za-z0-9_-]{30,64}$/.exec(token) ?? []
  if (botId === undefined)
    throw new ReachSettingError(
      'COUNTERSIGN_TELEGRAM_TOKEN',
      'Copy the token from @BotFather: digits, ":" and letters.',
    )
  const api = given('COUNTERSIGN_TELEGRAM_URL') || TELEGRAM_API
  if (!isOrigin(api))
    throw new ReachSettingError('COUNTERSIGN_TELEGRAM_URL', `Write an origin such as ${TELEGRAM_API}.`)
  return { token: Redacted.of(token), botId, api }
}

function readPush(given: Given): PushSettings | null {
  const contact = given('COUNTERSIGN_PUSH_CONTACT')
  if (contact === '') return null
  if (!/^(?:mailto:[^\s@]{1,64}@[^\s@]{1,190}|https:\/\/[^\s]{1,200})$/.test(contact))
    throw new ReachSettingError('COUNTERSIGN_PUSH_CONTACT', 'Write mailto:ops@example.org or an https address.')
  const text = given('COUNTERSIGN_VAPID_KEY')
  const key = text === '' ? null : Buffer.from(text, 'base64url')
  if (key !== null && !isVapidKey(key))
    throw new ReachSettingError('COUNTERSIGN_VAPID_KEY', 'Write a private key of P-256: 32 bytes in base64url.')
  const origins = given('COUNTERSIGN_PUSH_ORIGINS')
    .split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== '')
  if (!origins.every(isOrigin))
    throw new ReachSettingError('COUNTERSIGN_PUSH_ORIGINS', 'Write origins such as https://push.example.org.')
  return { contact, origins, key: key === null ? null : Redacted.of(key) }
}

function isVapidKey(bytes: Uint8Array): boolean {
  try {
    vapidKeyFrom(bytes)
    return bytes.length === 32
  } catch {
    return false
  }
}

function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text
}

/** What the operator reads at start and in `countersign doctor`: a line for each kind. No secret is in it. */
export function describeReach({ mail, telegram, push }: ReachSettings): readonly string[] {
  return [
    mail === null
      ? 'mail: off, COUNTERSIGN_SMTP_URL is not set'
      : `mail: by ${mail.host}:${mail.port}${mail.isTls ? '' : mail.isLoopback ? ', without TLS on this machine' : ' with STARTTLS'}, from ${mail.from}`,
    telegram === null
      ? 'Telegram: off, COUNTERSIGN_TELEGRAM_TOKEN is not set'
      : `Telegram: by bot ${telegram.botId}${telegram.api === TELEGRAM_API ? '' : ` at ${telegram.api}`}`,
    push === null
      ? 'browser push: off, COUNTERSIGN_PUSH_CONTACT is not set'
      : `browser push: for ${push.contact}, key ${push.key === null ? 'of this installation' : 'of COUNTERSIGN_VAPID_KEY'}`,
  ]
}

/** A setting by which owners are reached is unusable. Its value is not repeated: it may hold a password. */
export class ReachSettingError extends BaseError {
  override readonly name = 'reach.ReachSettingError'
  constructor(setting: Name, hint: string) {
    super(`${setting} is not valid.`, { code: 'reach:setting:invalid', kind: 'invalid', hint })
  }
}
