import { setTimeout as sleep } from 'node:timers/promises'
import { BaseError, Redacted } from '@countersign/base'
import { Bot, BotError, GrammyError, HttpError, type Context } from 'grammy'
import type { Update, UserFromGetMe } from 'grammy/types'
import * as Channel from '../reach/Channel.ts'
import { deleteChannel, type ReachTools } from '../reach/channels.ts'
import type { TelegramSettings } from '../reach/ReachSettings.ts'
import { mayTalk, type BotSettings } from './BotSettings.ts'
import { say, type Place } from './conversations.ts'
import { createFetch } from './createFetch.ts'
import { COMMANDS, isPanel, sessionFor, show, type PanelTools, type Shown } from './panels.ts'
import { bringCode, forgetWallet, takeOnce } from './wallets.ts'
import * as Words from './Words.ts'

export interface BotTools extends PanelTools, ReachTools {
  readonly telegram: TelegramSettings
  readonly settings: BotSettings
  readonly log: { warn(facts: object, message: string): void }
  readonly onError: (error: unknown) => void
}

/** What the doors of HTTP are handed of the bot. */
export interface TelegramDoor {
  /** The name of the bot, without "@"; null until Telegram said it. */
  readonly username: string | null
  readonly token: Redacted.Redacted<string>
  readonly webhookSecret: Redacted.Redacted<string> | null
  /** Takes an update whose secret was checked. */
  take(update: unknown): Promise<void>
  /** Tells a user that their chat is connected. Never throws: the chat is connected all the same. */
  connected(chat: { readonly userId: string; readonly address: string }): Promise<void>
}

/** Only these are asked for: nothing that the bot does not read. */
const UPDATES = ['message', 'callback_query'] as const
/** How long the number of an update is remembered; Telegram keeps one for a day. Milliseconds. */
const SEEN_MS = 2 * 86_400_000
/** How long the bot waits before it tries to reach Telegram again. Milliseconds. */
const AGAIN_MS = 30_000
/** Messages that one user may send in a minute; the rest is answered once. */
const MAX_A_MINUTE = 20
const MINUTE_MS = 60_000
/** How many users are counted; then the counting begins again. */
const MAX_COUNTED = 10_000

/** The bot: commands, conversations, and links to cards. It has no way to answer a proposal. */
export class TelegramBot implements TelegramDoor {
  readonly #tools: BotTools
  readonly #bot: Bot
  readonly #closing = new AbortController()
  readonly #open = new Set<Promise<void>>()
  readonly #counts = new Map<string, { sinceMs: number; count: number }>()
  #running: Promise<void> = Promise.resolve()
  /** When it was last said that Telegram cannot be reached. */
  #unreachedMs = -Infinity

  constructor(tools: BotTools) {
    this.#tools = tools
    this.#bot = new Bot(Redacted.reveal(tools.telegram.token), {
      client: {
        apiRoot: tools.telegram.api,
        fetch: createFetch(this.#closing.signal) as never,
        canUseWebhookReply: () => false,
      },
    })
    // The library tries again by itself and tells nobody.
    this.#bot.api.config.use(async (call, method, payload, signal) => {
      try {
        return await call(method, payload, signal)
      } catch (error) {
        this.#noteUnreached()
        throw error
      }
    })
    this.#bot.catch(({ error }) => this.#report(error))
    this.#bot.use((context) => this.#hear(context))
  }

  get token(): Redacted.Redacted<string> {
    return this.#tools.telegram.token
  }

  get webhookSecret(): Redacted.Redacted<string> | null {
    return this.#tools.settings.webhookSecret
  }

  get username(): string | null {
    return this.#bot.isInited() ? this.#bot.botInfo.username : null
  }

  /** Begins to listen. Nothing waits for Telegram: where it does not answer, the bot tries again. */
  start(): void {
    this.#running = this.#run()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    if (this.#bot.isRunning()) await this.#bot.stop().catch(() => undefined)
    await this.#running
    await Promise.all(this.#open)
  }

  /** Takes an update of the webhook, whose secret was checked. Answers before its work is done. */
  async take(update: unknown): Promise<void> {
    if (!this.#bot.isInited()) throw new BotUnreachableError()
    try {
      await this.#bot.handleUpdate(update as Update)
    } catch (error) {
      // The library's own error holds the request, and with it the token.
      throw error instanceof BotError ? error.error : error
    }
  }

  /** Waits until everything that was heard is answered. For tests. */
  async drain(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open)
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      try {
        this.#bot.botInfo = await this.#bot.api.getMe()
        await this.#bot.api.setMyCommands(
          Object.entries(COMMANDS).map(([command, description]) => ({ command, description })),
        )
        if (this.#tools.settings.webhookSecret !== null) {
          await this.#bot.api.setWebhook(`${this.#tools.page()}/telegram/webhook`, {
            ...{ secret_token: Redacted.reveal(this.#tools.settings.webhookSecret), allowed_updates: UPDATES },
          })
          return
        }
        await this.#bot.start({ allowed_updates: UPDATES })
      } catch (error) {
        if (signal.aborted) return
        this.#report(error)
      }
      await sleep(AGAIN_MS, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }

  /** What the Bot API refused or could not hear: its method and number, never a request, which holds the token. */
  #report(error: unknown): void {
    if (error instanceof GrammyError)
      return this.#tools.log.warn({ method: error.method, status: error.error_code }, 'Telegram refused a request')
    // Said when it happened.
    if (error instanceof HttpError) return
    this.#tools.onError(error)
  }

  #noteUnreached(): void {
    const nowMs = this.#tools.clock.nowMs()
    if (this.#closing.signal.aborted || nowMs < this.#unreachedMs + MINUTE_MS) return
    this.#unreachedMs = nowMs
    this.#tools.log.warn({}, 'Telegram could not be reached; the bot tries again')
  }

  /** Takes an update once, and works on it beside the next. */
  async #hear(context: Context): Promise<void> {
    const { telegram, store, clock } = this.#tools
    const id = `update:${telegram.botId}:${context.update.update_id}`
    if (!(await takeOnce({ store, clock }, { id, untilMs: clock.nowMs() + SEEN_MS }))) return
    const work = this.#answer(context)
      .catch((error: unknown) => this.#report(error))
      .finally(() => this.#open.delete(work))
    this.#open.add(work)
  }

  async #answer(context: Context): Promise<void> {
    if (context.callbackQuery !== undefined) return this.#choose(context)
    const { message } = context
    // Edited, forwarded, sent through another bot, or in the name of a channel: not what this user says here and now.
    if (message?.from === undefined || message.from.is_bot || message.text === undefined) return
    if (message.forward_origin !== undefined || message.via_bot !== undefined || message.sender_chat !== undefined)
      return
    const text = withoutName(message.text, context.me)
    const userId = String(message.from.id)
    const isPrivate = message.chat.type === 'private'
    const place = { botId: this.#tools.telegram.botId, chatId: String(message.chat.id), userId }
    const [, command = null, rest = ''] = /^\/([a-z]{1,20})(?:\s+([\s\S]*))?$/.exec(text) ?? []
    // A code of the page, and the wish to be left alone, are heard from anybody: both are about the sender alone.
    if (isPrivate && command === 'start' && rest !== '') return this.#connect(context, place, rest.trim())
    if (isPrivate && command === 'stop') return this.#stop(context, place)
    const isAddressed =
      text !== message.text || (message.reply_to_message?.from?.id === context.me.id && !isCommandOfOther(message.text))
    if (!mayTalk(this.#tools.settings, { isPrivate, userId, isAddressed })) {
      // A group is not told about everybody who may not, and nobody more than once a minute.
      if (isPrivate && this.#tools.settings.direct !== 'disabled' && this.#count(userId) === 1)
        await this.#send(context, Words.plain(Words.NOT_ALLOWED))
      return
    }
    const count = this.#count(userId)
    if (count > MAX_A_MINUTE) {
      if (count === MAX_A_MINUTE + 1)
        await this.#send(context, Words.plain('Too many messages. Wait a minute, then go on.'))
      return
    }
    if (command !== null && isPanel(command))
      return this.#show(context, userId, await show(this.#tools, place, { panel: command }))
    if (command !== null) return this.#show(context, userId, await show(this.#tools, place, { panel: 'help' }))
    await this.#converse(context, place, text)
  }

  #count(userId: string): number {
    const nowMs = this.#tools.clock.nowMs()
    if (this.#counts.size > MAX_COUNTED) this.#counts.clear()
    const before = this.#counts.get(userId)
    const own = before === undefined || nowMs >= before.sinceMs + MINUTE_MS ? { sinceMs: nowMs, count: 0 } : before
    own.count += 1
    this.#counts.set(userId, own)
    return own.count
  }

  /** Says what the user says, as on the page: the gate behind it is the same. */
  async #converse(context: Context, place: Place, text: string): Promise<void> {
    try {
      const { lines, waiting, isCut } = await say(this.#tools, await sessionFor(this.#tools, place), text)
      for (const { by, text: line } of lines)
        await this.#send(context, by === 'gate' ? Words.plain(line) : Words.quoted(line))
      if (isCut) await this.#send(context, Words.plain('The agent is still working. Ask again in a while.'))
      for (const { id } of waiting) await this.#link(context, `${this.#tools.page()}/p/${id}`)
    } catch (error) {
      if (!(error instanceof BaseError)) throw error
      await this.#send(context, Words.plain(`${error.message} ${error.hint ?? ''}`.trim()))
    }
  }

  /** The way to a card: a link, to be opened where the wallet is. */
  async #link(context: Context, url: string): Promise<void> {
    const text = `See the card and decide there, in a browser that has your wallet:\n${url}\n\n${Words.SIGNING}`
    // Telegram refuses buttons that lead to this machine.
    const buttons = url.startsWith('https://') ? [[{ text: 'Open the card', url }]] : []
    await this.#send(context, Words.plain(text), buttons)
  }

  /** Takes a code of the page. It connects nothing: the owner is asked on the page whether this chat is theirs. */
  async #connect(context: Context, { botId, userId }: Place, code: string): Promise<void> {
    const brought = await bringCode(this.#tools, { code, botId, userId, label: labelOf(context.from) })
    await this.#send(context, Words.plain(this.#wordsFor(brought)))
  }

  #wordsFor({ status, address }: Awaited<ReturnType<typeof bringCode>>): string {
    if (status === 'unknown') return 'This link is invalid, expired or already used. Make another one on the page.'
    if (status === 'taken')
      return `This chat is connected with ${address}, and stays so. To connect another wallet, send /stop first, and open the link again.`
    return `The wallet ${address} wants to connect with this chat. Its owner has to confirm that on the page where the link was made: go back there. If you did not make the link yourself, do nothing.`
  }

  async connected({ userId, address }: { userId: string; address: string }): Promise<void> {
    const { text } = Words.plain(
      `Connected: ${address}. You are told here when something waits for it, and /stop ends that. ${Words.SIGNING}`,
    )
    try {
      await this.#bot.api.sendMessage(userId, text, { link_preview_options: { is_disabled: true } })
    } catch (error) {
      this.#report(error)
    }
  }

  async #stop(context: Context, { botId, userId }: Place): Promise<void> {
    await this.#tools.store.write(async (write) => {
      await forgetWallet(write, { botId, userId })
      const rows = await write.db
        .selectFrom('owner_channels')
        .selectAll()
        .where('kind', '=', 'telegram')
        .where('target', '=', userId)
        .execute()
      for (const row of rows)
        await deleteChannel(this.#tools, write, { channel: Channel.fromRow(row), because: 'recipient' })
    })
    await this.#send(context, Words.plain('Done. The bot knows no wallet of yours and sends you nothing by itself.'))
  }

  /** A button was pressed: one of the presser's own, in a chat in which they may talk, and it chooses a setting. */
  async #choose(context: Context): Promise<void> {
    const query = context.callbackQuery
    const chat = query?.message?.chat
    const userId = String(query?.from.id ?? '')
    const [, owner, panel = '', choice = null] =
      /^(\d{1,16}):([a-z]{1,20})(?::([\w-]{1,20}))?$/.exec(query?.data ?? '') ?? []
    const may =
      chat !== undefined &&
      mayTalk(this.#tools.settings, { isPrivate: chat.type === 'private', userId, isAddressed: true })
    if (!may || owner !== userId || !isPanel(panel) || this.#count(userId) > MAX_A_MINUTE) {
      await context.answerCallbackQuery({ text: 'This button is not yours.' })
      return
    }
    const place = { botId: this.#tools.telegram.botId, chatId: String(chat.id), userId }
    const shown = await show(this.#tools, place, { panel, choice })
    await context.answerCallbackQuery()
    await this.#show(context, userId, shown)
  }

  async #show(context: Context, userId: string, { text, choices }: Shown): Promise<void> {
    const buttons = choices.map(({ label, panel, choice }) => [
      { text: label, callback_data: [userId, panel, ...(choice === undefined ? [] : [choice])].join(':') },
    ])
    await this.#send(context, Words.plain(text), buttons)
  }

  async #send(
    context: Context,
    { text, entities }: Words.Text,
    buttons: ({ text: string; url: string } | { text: string; callback_data: string })[][] = [],
  ): Promise<void> {
    await context.reply(text, {
      entities: [...entities],
      link_preview_options: { is_disabled: true },
      ...(buttons.length === 0 ? {} : { reply_markup: { inline_keyboard: buttons } }),
    })
  }
}

/** How a user is named on the page: as they call themselves, so beside their number. */
function labelOf(from: Context['from']): string {
  const name = [from?.first_name, from?.last_name].filter((each) => each !== undefined).join(' ')
  const plain = `${name}${from?.username === undefined ? '' : ` (@${from.username})`}`
  return plain.replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]+/gu, '').trim()
}

/** What is left of a message without the name of the bot, as a command bears it in groups or as words begin with it. */
function withoutName(text: string, { username }: UserFromGetMe): string {
  const name = `@${username}`.toLowerCase()
  const lower = text.toLowerCase()
  const [first = ''] = lower.split(/\s/, 1)
  if (first.startsWith('/') && first.endsWith(name))
    return text.slice(0, first.length - name.length) + text.slice(first.length)
  return lower.startsWith(`${name} `) ? text.slice(name.length).trim() : text
}

/** A command that names another bot. */
function isCommandOfOther(text: string): boolean {
  return /^\/[a-z]{1,20}@/i.test(text)
}

/** Telegram has not answered yet. */
export class BotUnreachableError extends BaseError {
  override readonly name = 'telegram.BotUnreachableError'
  constructor() {
    super('The bot has not reached Telegram yet.', {
      code: 'telegram:bot:unreachable',
      kind: 'unavailable',
      hint: 'Try again in a moment. The log of the server says more.',
    })
  }
}
