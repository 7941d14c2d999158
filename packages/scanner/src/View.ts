/** Through which glass a text was seen. Reports name it. */
export type ViewName = 'prose' | 'code' | 'decoded' | 'hidden'

/** The language of a piece of code: a folder in `facts/languages/`. `unknown` is still read, by what it looks like. */
export type Language =
  | 'shell'
  | 'powershell'
  | 'batch'
  | 'python'
  | 'javascript'
  | 'ruby'
  | 'perl'
  | 'php'
  | 'lua'
  | 'go'
  | 'rust'
  | 'java'
  | 'gradle'
  | 'make'
  | 'just'
  | 'cmake'
  | 'dockerfile'
  | 'yaml'
  | 'json'
  | 'toml'
  | 'unknown'

/**
 * One piece of a file, as one kind of reader would see it: a paragraph, a fenced block, a comment that is not shown, a
 * text that was base64. Rules and fact readers never see bytes, only views.
 */
export interface View {
  readonly file: string
  readonly name: ViewName
  /** The line in the file where this text begins, from 1. For decoded text: where its encoding stood. */
  readonly line: number
  /** Folded: NFKC, without zero-width and other invisible characters. */
  readonly text: string
  readonly language: Language | null
  /** How the text is held: a block of prose, a fence, a whole script, an inline code span, and so on. */
  readonly holder:
    | 'paragraph'
    | 'heading'
    | 'item'
    | 'quote'
    | 'table'
    | 'fence'
    | 'inline'
    | 'script'
    | 'frontmatter'
    | 'data'
    | 'comment'
    | 'attribute'
    | 'decoded'
    | 'invisible'
  /** The headings above it, from the outside in, folded and in lower case. */
  readonly headings: readonly string[]
  /** The prose just before it, which says what a block is for ("never do this", "run this first"). */
  readonly lead: string
  /** Steps of decoding, outermost first, such as `['base64', 'gzip']`; empty for text that stands as it is. */
  readonly decodedBy: readonly string[]
  /**
   * What the author uses it for: to be done (`instruction`), to be shown or warned of (`example`), as material for tests and
   * detectors (`fixture`), or to be left undone (`forbidden`). An example is read like all else, one step milder.
   */
  readonly role: 'instruction' | 'example' | 'fixture' | 'forbidden'
}

/** Answers on which line of the file an offset of the view's text stands. Decoded text has one line: its encoding's. */
export function liner(view: View): (offset: number) => number {
  return view.name === 'decoded' ? () => view.line : lineFinder(view.text, view.line)
}

/** Answers on which line an offset stands, when the text begins on `first`. Line breaks are looked for once, when asked. */
export function lineFinder(text: string, first: number): (offset: number) => number {
  let breaks: number[] | null = null
  return (offset) => {
    if (breaks === null) {
      breaks = []
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) breaks.push(at)
    }
    let low = 0
    let high = breaks.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((breaks[middle] ?? 0) < offset) low = middle + 1
      else high = middle
    }
    return first + low
  }
}
