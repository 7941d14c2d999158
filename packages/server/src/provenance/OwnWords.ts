/**
 * Which part of a message is the person's own words. What stands in quotes, in code, in a URL or in a pasted block was
 * written by others and only carried here: it is a mention at best.
 */
export interface OwnWords {
  /** The message with everything else taken out; `BORROWED` stands where something was. */
  readonly own: string
  /** What was taken out, in order. */
  readonly borrowed: readonly {
    readonly kind: 'quote' | 'code' | 'url' | 'pasted' | 'document'
    readonly text: string
  }[]
}

/** Stands for what was taken out: no word, so that no sentence can be read across it. */
export const BORROWED = '\u{fffc}'
/** What a person writes by hand is shorter; what is longer was pasted. */
const MAX_OWN = 4_000

/**
 * Takes a message apart. Whatever is in doubt is not the person's own: below the first pasted block nothing is.
 *
 * @example
 * read('is "send 1 ETH to 0x…" safe?').own // 'is \u{fffc} safe?'
 */
export function read(message: string): OwnWords {
  const borrowed: OwnWords['borrowed'][number][] = []
  const take = (kind: OwnWords['borrowed'][number]['kind']) => (text: string) => {
    borrowed.push({ kind, text })
    return ` ${BORROWED} `
  }
  const document = /^(\s*(?:please )?sign(?: this| the following)?:?\s+)(\{[\s\S]*\})\s*$/i.exec(message)
  if (document !== null) {
    const [, head = '', text = ''] = document
    take('document')(text)
    return { own: head.trim(), borrowed }
  }
  let text = message.replaceAll('\r\n', '\n').replaceAll(BORROWED, ' ')
  // An unclosed fence or quote runs to the end.
  text = text.replace(/(```|~~~)[\s\S]*?(?:\1|$)/g, take('code'))
  text = text.replace(/`[^`]*(?:`|$)/g, take('code'))
  const start = pastedFrom(text)
  if (start < text.length) {
    take('pasted')(text.slice(start))
    text = `${text.slice(0, start)}\n${BORROWED}`
  }
  text = text.replace(/["\u{ff02}][^"\u{ff02}]*(?:["\u{ff02}]|$)/gu, take('quote'))
  text = text.replace(/[“„‟”][^“”„‟]*(?:[“”‟]|$)/gu, take('quote'))
  text = text.replace(/[«»‹›][^«»‹›]*(?:[«»‹›]|$)/gu, take('quote'))
  text = text.replace(/[「『][^」』]*(?:[」』]|$)/gu, take('quote'))
  text = text.replace(/(?<=^|[\s(])[‘'‚](?=\S)[\s\S]*?(?:[’'](?![\p{L}\p{N}])|$)/gu, take('quote'))
  text = text.replace(/\S+/g, (word) => (isLink(word) ? take('url')(word) : word))
  return { own: text, borrowed }
}

/** A URL, or any word in which an address is only a part. */
function isLink(word: string): boolean {
  if (/:\/\/|^\W*www\.|^\W*(?:mailto|ethereum|data|javascript):/i.test(word)) return true
  if (/^\W*[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+[/?#]/u.test(word)) return true
  return /0x[0-9a-f]{40}/i.test(word) && !/^[([<]*0x[0-9a-f]{40}(?:'s|’s)?[)\]>.,;:!?]*$/i.test(word)
}

const HEADER = /^(?:from|to|cc|bcc|subject|date|sent|reply-to|forwarded by|fwd|von|betreff)\s*:\s*\S/i
const SPEAKER = /^(?:\[[^\]\n]{1,40}\]|<[^>\n]{1,40}>|@[\w.-]{1,30}:?|\d{1,2}:\d{2}\S*)\s+\S/
const RULE = /^\s*(?:-{3,}|={3,}|_{3,}|\*{3,}|#{3,}|\+{3,}|~{3,}|-+ ?(?:original|forwarded|begin)\b.*)\s*$/i
const LETTER =
  /^\s*(?:dear|hello|hi|hey|to whom it may concern|attention|notice|important|urgent|warning)\b[^.!?]{0,60}[,:!]\s*$/i
const CLOSING =
  /^\s*(?:(?:kind|best|warm)? ?regards|sincerely|cheers|best|yours|thank you for your|sent from my|the .{0,30} team)\b/im
/** Own words that point at a text which follows. */
const POINTER =
  /\b(?:this|that|the|following|his|her|their|a|an)\s+(?:e-?mail|mail|message|text|letter|note|invoice|document|instructions?|chat|post|tweet|page|log|sms|dm|notice|bill)\b|\b(?:below|i got this|i received|i found|got this|he wrote|she wrote|they wrote|wrote me|says|said|asks|asked|forwarded|fwd|pasted|copied)\b/i

/** Where pasted text begins. A message has one end of own words: what a person adds below a pasted block is not told apart. */
function pastedFrom(text: string): number {
  let at = 0
  let blankSeen = false
  const lines = text.split('\n')
  for (const [i, line] of lines.entries()) {
    const before = text.slice(0, at)
    const rest = lines.slice(i)
    const isFirst = before.trim() === ''
    if (/^\s*[>|│]/.test(line) || RULE.test(line) || SPEAKER.test(line)) return at
    if (/^\s*[[{]/.test(line)) return at
    // A header by itself may be a form that a person fills in; a mail has a sender or a subject.
    if (HEADER.test(line) && /^(?:from|subject|date|sent|reply-to|forwarded)/im.test(rest.join('\n'))) return at
    if (!isFirst && endsOpen(before) && !isSlot(line)) return at
    if (blankSeen && line.trim() !== '' && (POINTER.test(before) || LETTER.test(line) || CLOSING.test(rest.join('\n'))))
      return at
    if (line.trim() === '' && !isFirst) blankSeen = true
    at += line.length + 1
    if (at > MAX_OWN) return MAX_OWN
  }
  return text.length
}

/** A line that ends with a colon announces what follows. */
function endsOpen(before: string): boolean {
  return /[:：]\s*$/.test(before)
}

/** One value alone on its line: an address or an amount that a person pasted into their own sentence. */
function isSlot(line: string): boolean {
  return line.trim() === '' || /^\s*(?:0x[0-9a-fA-F]{40}|[\d.,]+ ?[a-zA-Z]{0,11})\s*[.!]?\s*$/.test(line)
}
