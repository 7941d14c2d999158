import { Redacted } from '@countersign/base'
import type { Sent } from '../../outbox/Outbox.ts'
import type { TelegramSettings } from '../ReachSettings.ts'
import type { Post } from './Post.ts'

/** The most characters of a message (Bot API, `sendMessage`: 4,096). */
const MAX_CHARACTERS = 4_000

/**
 * Sends a plain text by the bot, with one button that opens the card: a link, and no callback that anything could be answered
 * with. `isGone`: the chat does not want it any more.
 */
export async function sendTelegram(
  { settings, post }: { settings: TelegramSettings; post: Post },
  { chat, text, button }: { chat: string; text: string; button: { text: string; url: string } | null },
): Promise<Sent & { readonly isGone?: true }> {
  // Telegram refuses buttons to this machine; the link stands in the text as well.
  const hasButton = button !== null && /^https:\/\/(?!localhost\b|127\.)/.test(button.url)
  const answer = await post({
    url: `${settings.api}/bot${Redacted.reveal(settings.token)}/sendMessage`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      chat_id: chat,
      text: text.slice(0, MAX_CHARACTERS),
      // No preview: nothing is to open the link but its reader.
      link_preview_options: { is_disabled: true },
      ...(hasButton ? { reply_markup: { inline_keyboard: [[button]] } } : {}),
    }),
    isOwn: true,
  })
  if (answer === null) return { status: 'failed', because: 'telegram:unreachable' }
  if (answer.status === 200) return { status: 'sent' }
  const because = `telegram:status:${answer.status}`
  // 403: its user blocked the bot, or the group threw it out. 400: there is no such chat.
  if (answer.status === 403) return { status: 'failed', because, isFinal: true, isGone: true }
  if (answer.status === 400) return { status: 'failed', because, isFinal: true }
  return { status: 'failed', because }
}
