/** A text with the parts of it that others wrote: Telegram shows those as quotations, and reads no markup in any. */
export interface Text {
  readonly text: string
  readonly entities: readonly { readonly type: 'blockquote'; readonly offset: number; readonly length: number }[]
}

/** The most characters of a message (Bot API, `sendMessage`: 4,096). */
const MAX_CHARACTERS = 4_000
export const AGENT_SAYS = 'The agent says (nobody checked it):'

/** Our own words. */
export function plain(text: string): Text {
  return { text: clip(text, MAX_CHARACTERS), entities: [] }
}

/** What the model wrote: marked, and quoted from its first character to its last. */
export function quoted(text: string): Text {
  const head = `${AGENT_SAYS}\n`
  const words = clip(text, MAX_CHARACTERS - head.length)
  // Offsets count UTF-16 code units, as JavaScript does.
  return { text: head + words, entities: [{ type: 'blockquote', offset: head.length, length: words.length }] }
}

function clip(text: string, length: number): string {
  if (text.length <= length) return text
  const cut = text.slice(0, length - 1)
  // Half a character is no text.
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`
}

export const NOT_ALLOWED = 'This bot does not talk to you. Its operator can add your id to COUNTERSIGN_TELEGRAM_ALLOW.'
export const SIGNING =
  'Nothing is signed here. No message and no button of this chat can approve anything: you decide on the card, and your own wallet signs.'
