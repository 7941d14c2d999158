import { BaseError, Redacted } from '@countersign/base'

/** Who may talk to the bot: `bot.toml` of Aomi's bot, as settings. What is not set is closed. */
export interface BotSettings {
  readonly direct: 'open' | 'allowlist' | 'disabled'
  readonly groups: 'mention' | 'always' | 'disabled'
  /** Ids of users. */
  readonly allowed: ReadonlySet<string>
  /** Apps that it talks for; the first is where a conversation begins. */
  readonly apps: readonly string[]
  /** By which Telegram proves that it calls the webhook; null: the bot polls. */
  readonly webhookSecret: Redacted.Redacted<string> | null
}

/** The settings that are read here. */
type Name =
  | 'COUNTERSIGN_TELEGRAM_DM'
  | 'COUNTERSIGN_TELEGRAM_GROUPS'
  | 'COUNTERSIGN_TELEGRAM_ALLOW'
  | 'COUNTERSIGN_TELEGRAM_APPS'
  | 'COUNTERSIGN_TELEGRAM_WEBHOOK_SECRET'

/** Reads the settings. @throws {BotSettingError} `telegram:setting:invalid`, which repeats no value. */
export function readBotSettings(env: NodeJS.ProcessEnv): BotSettings {
  const given = (name: Name): string => env[name] ?? ''
  const direct = given('COUNTERSIGN_TELEGRAM_DM') || 'allowlist'
  const groups = given('COUNTERSIGN_TELEGRAM_GROUPS') || 'disabled'
  const allowed = listIn(given('COUNTERSIGN_TELEGRAM_ALLOW'))
  const apps = listIn(given('COUNTERSIGN_TELEGRAM_APPS'))
  const secret = given('COUNTERSIGN_TELEGRAM_WEBHOOK_SECRET')
  if (direct !== 'open' && direct !== 'allowlist' && direct !== 'disabled')
    throw new BotSettingError('COUNTERSIGN_TELEGRAM_DM', 'Write open, allowlist or disabled.')
  if (groups !== 'mention' && groups !== 'always' && groups !== 'disabled')
    throw new BotSettingError('COUNTERSIGN_TELEGRAM_GROUPS', 'Write mention, always or disabled.')
  if (!allowed.every((id) => /^[1-9]\d{0,15}$/.test(id)))
    throw new BotSettingError(
      'COUNTERSIGN_TELEGRAM_ALLOW',
      'Write ids of users, which are numbers: 123456789,987654321.',
    )
  if (!apps.every((app) => /^[a-z0-9-]{1,40}$/.test(app)))
    throw new BotSettingError('COUNTERSIGN_TELEGRAM_APPS', 'Write names of apps, such as default,trader.')
  // What the Bot API takes (setWebhook, secret_token), and long enough that nobody tries them all.
  if (secret !== '' && !/^[A-Za-z0-9_-]{24,256}$/.test(secret))
    throw new BotSettingError('COUNTERSIGN_TELEGRAM_WEBHOOK_SECRET', 'Write 24 to 256 letters, digits, "_" and "-".')
  return {
    ...{ direct, groups, allowed: new Set(allowed), apps: apps.length === 0 ? ['default'] : apps },
    webhookSecret: secret === '' ? null : Redacted.of(secret),
  }
}

function listIn(text: string): string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
}

/** One sentence for the operator; no secret is in it. */
export function describeBot({ direct, groups, allowed, webhookSecret }: BotSettings): string {
  const people =
    direct === 'open'
      ? 'anyone may write to it'
      : direct === 'allowlist'
        ? `${allowed.size} ${allowed.size === 1 ? 'user' : 'users'} may write to it`
        : 'it answers no private messages'
  const inGroups =
    groups === 'disabled'
      ? 'groups are off'
      : groups === 'always'
        ? 'it answers in groups'
        : 'in groups it answers when named'
  return `${people}, ${inGroups}, ${webhookSecret === null ? 'by polling' : 'by webhook'}`
}

/**
 * Whether somebody may talk to the bot here. The list holds in groups, too, unless private messages are open to anyone.
 *
 * @param isAddressed - It is named in the message, or the message answers one of its own.
 */
export function mayTalk(
  { direct, groups, allowed }: BotSettings,
  { isPrivate, userId, isAddressed }: { isPrivate: boolean; userId: string; isAddressed: boolean },
): boolean {
  const isListed = allowed.has(userId)
  if (isPrivate) return direct === 'open' || (direct === 'allowlist' && isListed)
  if (groups === 'disabled' || (groups === 'mention' && !isAddressed)) return false
  return direct === 'open' || isListed
}

export class BotSettingError extends BaseError {
  override readonly name = 'telegram.BotSettingError'
  constructor(setting: Name, hint: string) {
    super(`${setting} is not valid.`, { code: 'telegram:setting:invalid', kind: 'invalid', hint })
  }
}
