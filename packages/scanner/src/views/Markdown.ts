/** One block of a Markdown file, by lines. */
export interface Block {
  readonly kind:
    'frontmatter' | 'heading' | 'paragraph' | 'item' | 'quote' | 'table' | 'fence' | 'comment' | 'definition'
  /** From 1. */
  readonly line: number
  readonly text: string
  /** The info string of a fence; empty for an indented one. */
  readonly info: string
  readonly headings: readonly string[]
}

/** A file with more blocks than this is made for readers, not for people. */
export const BLOCKS_MAX = 3_000

/**
 * Splits Markdown into blocks in one pass over its lines. This is not a renderer: every byte lands in exactly one block,
 * so that nothing depends on agreeing with a renderer about nesting, and time is linear whatever the input (CommonMark's
 * container rules are not: ten thousand nested lists and a million blank lines take minutes). Where blocks are fences is
 * compared with the reference implementation in the tests.
 */
export function blocksOf(text: string): Block[] {
  return new BlockReader(text).read()
}

/** Reads lines one by one: `at` is the one at hand. */
class BlockReader {
  readonly #lines: readonly string[]
  readonly #blocks: Block[] = []
  #at = 0
  #headings: { level: number; text: string }[] = []
  #shown: readonly string[] = []
  #pending: string[] = []
  #pendingLine = 0
  #pendingKind: Block['kind'] = 'paragraph'
  #isAfterBlank = true
  #isInList = false

  constructor(text: string) {
    this.#lines = text.split('\n')
  }

  read(): Block[] {
    this.#frontmatter()
    for (; this.#at < this.#lines.length; this.#at += 1) {
      if (this.#blocks.length >= BLOCKS_MAX) {
        // What is left is one block: still read as words, and named by the caller as not told apart.
        this.#flush()
        this.#push('paragraph', this.#at + 1, this.#lines.slice(this.#at).join('\n'))
        break
      }
      this.#line()
    }
    this.#flush()
    return this.#blocks
  }

  #push(kind: Block['kind'], line: number, body: string, info = ''): void {
    if (body.trim() === '' && kind !== 'fence' && kind !== 'frontmatter') return
    this.#blocks.push({ kind, line, text: body, info, headings: this.#shown })
  }

  #heading(level: number, title: string, line: number): void {
    this.#push('heading', line, title)
    this.#headings = [
      ...this.#headings.filter((each) => each.level < level),
      { level, text: title.trim().toLowerCase() },
    ]
    this.#shown = this.#headings.map((each) => each.text)
    this.#isAfterBlank = true
  }

  #frontmatter(): void {
    const lines = this.#lines
    if (!/^---\s*$/.test(lines[0] ?? '')) return
    let end = 1
    while (end < lines.length && !/^(?:---|\.\.\.)\s*$/.test(lines[end] ?? '')) end += 1
    if (end >= lines.length) return
    this.#push('frontmatter', 2, lines.slice(1, end).join('\n'))
    this.#at = end + 1
  }

  #flush(): void {
    if (this.#pending.length > 0) this.#push(this.#pendingKind, this.#pendingLine, this.#pending.join('\n'))
    this.#pending = []
  }

  #add(kind: Block['kind'], line: string): void {
    if (this.#pending.length > 0 && this.#pendingKind !== kind) this.#flush()
    if (this.#pending.length === 0) {
      this.#pendingKind = kind
      this.#pendingLine = this.#at + 1
    }
    this.#pending.push(line)
  }

  /** Takes the comments out of the line at hand, and out of those after it that one of them runs over. */
  #withoutComments(): string {
    let visible = ''
    let line = this.#lines[this.#at] ?? ''
    let from = 0
    for (;;) {
      const open = line.indexOf('<!--', from)
      // Past the limit they are left in, and read as words.
      if (open < 0 || this.#blocks.length >= BLOCKS_MAX) return visible + line.slice(from)
      visible += line.slice(from, open)
      const startLine = this.#at + 1
      let close = line.indexOf('-->', open + 4)
      if (close >= 0) this.#push('comment', startLine, line.slice(open + 4, close))
      else {
        const body = [line.slice(open + 4)]
        while (close < 0 && this.#at + 1 < this.#lines.length) {
          this.#at += 1
          line = this.#lines[this.#at] ?? ''
          close = line.indexOf('-->')
          body.push(close < 0 ? line : line.slice(0, close))
        }
        this.#push('comment', startLine, body.join('\n'))
        if (close < 0) return visible
      }
      from = close + 3
    }
  }

  #line(): void {
    let line = this.#lines[this.#at] ?? ''
    if (line.includes('<!--')) {
      line = this.#withoutComments()
      if (line.trim() === '') return
    }
    if (line.endsWith('\r')) line = line.slice(0, -1)
    // One adversarial line must not be looked at by every pattern in full.
    const head = line.length > 400 ? line.slice(0, 400) : line
    const start = head.trimStart()
    const first = start.charAt(0)
    if (first === '' && line.trim() === '') {
      this.#flush()
      this.#isAfterBlank = true
    } else if (!this.#special(line, head, start, first)) this.#plain(line, head, start, first)
  }

  /** What is no running text: a fence, a heading, a definition, code that is set in. */
  #special(line: string, head: string, start: string, first: string): boolean {
    if (head.includes('```') || head.includes('~~~')) {
      const fence =
        /^(?:[ \t]{0,12}(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))){0,12}[ \t]{0,40}(`{3,}|~{3,})([^`]*)$/.exec(head)
      if (fence !== null) {
        this.#fence(fence[1] ?? '```', (fence[2] ?? '').trim(), head)
        return true
      }
    }
    const atx = first === '#' ? /^(#{1,6})(?:[ \t]|$)/.exec(start) : null
    if (atx !== null) {
      this.#flush()
      this.#isInList = false
      const level = atx[1]?.length ?? 1
      const title = line
        .trimStart()
        .slice(level)
        .trim()
        .replace(/[ \t]#{1,6}$/, '')
      this.#heading(level, title, this.#at + 1)
      return true
    }
    if (
      (first === '=' || first === '-') &&
      this.#pending.length > 0 &&
      this.#pendingKind === 'paragraph' &&
      /^(?:={1,400}|-{2,400})[ \t]{0,40}$/.test(start)
    ) {
      const title = this.#pending.join(' ')
      this.#pending = []
      this.#heading(first === '=' ? 1 : 2, title, this.#pendingLine)
      return true
    }
    if (first === '[' && /^\[[^\]]{1,200}\]:/.test(start)) {
      this.#flush()
      this.#push('definition', this.#at + 1, line)
      return true
    }
    if (!this.#isAfterBlank || this.#isInList || !(head.startsWith('    ') || head.startsWith('\t'))) return false
    this.#indented()
    return true
  }

  #fence(mark: string, info: string, head: string): void {
    this.#flush()
    const lines = this.#lines
    const isQuoted = head.trimStart().startsWith('>')
    const indent = head.length - head.trimStart().length
    const start = this.#at + 1
    let end = start
    while (end < lines.length && !closes(lines[end] ?? '', mark)) end += 1
    const body = lines.slice(start, end).map((each) => {
      const own = isQuoted ? each.replace(/^[ \t]{0,12}>[ \t]?/, '') : dedent(each, indent)
      return own.endsWith('\r') ? own.slice(0, -1) : own
    })
    this.#push('fence', start + 1, body.join('\n'), info)
    this.#at = end
    this.#isAfterBlank = true
  }

  #indented(): void {
    this.#flush()
    const from = this.#at
    let last = from
    for (let at = from; at < this.#lines.length; at += 1) {
      const each = this.#lines[at] ?? ''
      if (each.startsWith('    ') || each.startsWith('\t')) last = at
      else if (each.trim() !== '') break
    }
    const body = this.#lines.slice(from, last + 1).map((each) => dedent(each, 4))
    this.#push('fence', from + 1, body.join('\n'))
    this.#at = last
  }

  #plain(line: string, head: string, start: string, first: string): void {
    this.#isAfterBlank = false
    if (first === '>') this.#add('quote', line.trimStart().slice(1).trimStart())
    else if (first === '|') this.#add('table', line)
    else if ('-*+0123456789'.includes(first) && /^(?:[-*+]|\d{1,9}[.)])[ \t]/.test(start)) {
      this.#isInList = true
      this.#add('item', line)
    } else if (this.#pending.length > 0) this.#pending.push(line)
    else {
      if (!/^[ \t]/.test(head)) this.#isInList = false
      this.#add('paragraph', line)
    }
  }
}

/** Whether a line closes a fence: the same mark, at least as long, with nothing after it. */
function closes(line: string, mark: string): boolean {
  const at = line.indexOf(mark)
  if (at < 0 || at > 60) return false
  return /^[ \t>]{0,60}$/.test(line.slice(0, at)) && line.slice(at).trimEnd().replaceAll(mark.charAt(0), '') === ''
}

function dedent(line: string, columns: number): string {
  let cut = 0
  while (cut < columns && (line[cut] === ' ' || line[cut] === '\t')) cut += line[cut] === '\t' ? 4 : 1
  return line.slice(Math.min(cut, line.length - line.trimStart().length))
}

/** A link, an image or a piece of code inside a line of prose. Offsets are in the text given. */
export interface Inline {
  readonly kind: 'code' | 'link' | 'image' | 'html'
  readonly offset: number
  /** The code, the link's text, the image's alternative, the tag. */
  readonly text: string
  readonly url: string
  readonly title: string
}

/** The inline pieces that carry something: code spans, links, images, tags. Linear: each pattern has bounded repeats. */
export function inlinesOf(text: string): Inline[] {
  const found: Inline[] = []
  if (text.includes('`')) {
    // The longest span that closes with as many backticks as it opened with.
    const marks = [...text.matchAll(/`+/g)]
    for (let i = 0; i < marks.length; i += 1) {
      const open = marks[i]
      const width = open?.[0].length ?? 0
      let j = i + 1
      // A closing mark further than 64 marks away is not a code span that a person wrote.
      while (j < marks.length && j < i + 64 && marks[j]?.[0].length !== width) j += 1
      const close = marks[j]
      if (open === undefined || close === undefined || close[0].length !== width) continue
      found.push({
        kind: 'code',
        offset: open.index + width,
        text: text.slice(open.index + width, close.index),
        url: '',
        title: '',
      })
      i = j
    }
  }
  if (text.includes('](')) {
    for (const match of text.matchAll(LINK)) {
      found.push({
        kind: match[1] === '!' ? 'image' : 'link',
        offset: match.index,
        text: match[2] ?? '',
        url: (match[3] ?? '').replace(/^<|>$/g, ''),
        title: match[4] ?? '',
      })
    }
  }
  if (text.includes('<')) {
    for (const match of text.matchAll(TAG))
      found.push({ kind: 'html', offset: match.index, text: match[0], url: '', title: match[1] ?? '' })
  }
  return found
}

const LINK =
  /(!?)\[([^\][]{0,300})\]\(\s{0,4}(<[^<>\n]{0,500}>|[^\s()<>]{0,500}(?:\([^\s()]{0,100}\)[^\s()<>]{0,300})?)(?:\s{1,8}["'(]([^"\n]{0,500})["')])?\s{0,4}\)/g
const TAG = /<(\/?[a-zA-Z][\w-]{0,40})(?:\s[^<>]{0,500})?\/?>/g
