/** The text of a document as people see it, and what they do not see. */
export interface Extracted {
  /** What may be searched, as Markdown-like text: headings begin with `#`. */
  readonly visible: string
  /** The line in the file of each line of `visible`. */
  readonly lines: readonly number[]
  readonly hidden: readonly HiddenText[]
}

export interface HiddenText {
  readonly text: string
  readonly line: number
  /** How it is hidden, in a few words: "an HTML comment". */
  readonly how: string
}

/** Characters that nobody sees, or that turn the order of what is seen. */
const UNSEEN =
  /[\u00ad\u200b\u2060-\u2064\u202a-\u202e\u2066-\u2069\ufeff]|[\u{e0000}-\u{e007f}]|[\u{e0100}-\u{e01ef}]/gu

/** A text without them; the tags of a flag go as well, and its picture stays. */
export function withoutUnseen(text: string): string {
  return text.replaceAll(UNSEEN, '')
}

/** Text whose lines are where they are in the file. */
export function inPlace(text: string, hidden: readonly HiddenText[]): Extracted {
  return { visible: withoutUnseen(text), lines: text.split('\n').map((_, i) => i + 1), hidden }
}
