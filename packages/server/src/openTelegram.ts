import type { ReachTools } from './reach/channels.ts'
import type { ReachSettings } from './reach/ReachSettings.ts'
import { readBotSettings } from './telegram/BotSettings.ts'
import type { ConversationTools } from './telegram/conversations.ts'
import { StartError } from './StartError.ts'
import type { TelegramBot } from './telegram/TelegramBot.ts'

/** Opens the bot where the operator gave it a token; null where not. A part of `compose.ts`, which calls it. */
export async function openTelegram(
  {
    env,
    settings: { telegram },
    log,
    onError,
    origins,
    ...tools
  }: ReachTools &
    ConversationTools & {
      env: NodeJS.ProcessEnv
      settings: ReachSettings
      log: { warn(facts: object, message: string): void }
      onError: (error: unknown) => void
      origins: { page(): string }
    },
  closers: (() => Promise<void>)[],
): Promise<TelegramBot | null> {
  const settings = readBotSettings(env)
  if (telegram === null) return null
  const unknown = settings.apps.find((name) => name !== 'default' && !tools.apps.has(name))
  if (unknown !== undefined)
    throw new StartError(
      `COUNTERSIGN_TELEGRAM_APPS names the app "${unknown}", which is not there.`,
      'server:telegram:app',
      'Write names of apps of this server.',
    )
  if (tools.store.dialect === 'postgres' && settings.webhookSecret === null)
    throw new StartError(
      'Several instances cannot poll for one bot of Telegram.',
      'server:telegram:polling',
      'Set COUNTERSIGN_TELEGRAM_WEBHOOK_SECRET, and COUNTERSIGN_PUBLIC_ORIGIN where Telegram reaches this server.',
    )
  // Loaded here: who has no bot needs no library for one.
  const { TelegramBot } = await import('./telegram/TelegramBot.ts')
  const bot = new TelegramBot({
    ...{ ...tools, telegram, settings, log, onError, appNames: settings.apps, page: () => origins.page() },
  })
  closers.push(() => bot.close())
  return bot
}
