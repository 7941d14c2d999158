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
  const lines = text.split('\n')
  const blocks: Block[] = []
  let headings: { level: number; text: string }[] = []
  let shown: readonly string[] = []
  let at = 0

  const push = (kind: Block['kind'], line: number, body: string, info = '') => {
    if (body.trim() === '' && kind !== 'fence' && kind !== 'frontmatter') return
    blocks.push({ kind, line, text: body, info, headings: shown })
  }
  const heading = (level: number, title: string, line: number) => {
    push('heading', line, title)
    headings = [...headings.filter((each) => each.level < level), { level, text: title.trim().toLowerCase() }]
    shown = headings.map((each) => each.text)
  }

  if (/^---\s*$/.test(lines[0] ?? '')) {
    let end = 1
    while (end < lines.length && !/^(?:---|\.\.\.)\s*$/.test(lines[end] ?? '')) end += 1
    if (end < lines.length) {
      push('frontmatter', 2, lines.slice(1, end).join('\n'))
      at = end + 1
    }
  }

  let pending: string[] = []
  let pendingLine = 0
  let pendingKind: Block['kind'] = 'paragraph'
  let afterBlank = true
  let inList = false
  const flush = () => {
    if (pending.length > 0) push(pendingKind, pendingLine, pending.join('\n'))
    pending = []
  }
  const add = (kind: Block['kind'], line: string) => {
    if (pending.length > 0 && pendingKind !== kind) flush()
    if (pending.length === 0) {
      pendingKind = kind
      pendingLine = at + 1
    }
    pending.push(line)
  }

  /** Takes the comments out of the line at hand, and out of those after it that one of them runs over. */
  const withoutComments = (): string => {
    let visible = ''
    let line = lines[at] ?? ''
    let from = 0
    for (;;) {
      const open = line.indexOf('<!--', from)
      // Past the limit they are left in, and read as words.
      if (open < 0 || blocks.length >= BLOCKS_MAX) return visible + line.slice(from)
      visible += line.slice(from, open)
      const startLine = at + 1
      let close = line.indexOf('-->', open + 4)
      if (close >= 0) push('comment', startLine, line.slice(open + 4, close))
      else {
        const body = [line.slice(open + 4)]
        while (close < 0 && at + 1 < lines.length) {
          at += 1
          line = lines[at] ?? ''
          close = line.indexOf('-->')
          body.push(close < 0 ? line : line.slice(0, close))
        }
        push('comment', startLine, body.join('\n'))
        if (close < 0) return visible
      }
      from = close + 3
    }
  }

  const readFence = (mark: string, info: string, head: string) => {
    const isQuoted = head.trimStart().startsWith('>')
    const indent = head.length - head.trimStart().length
    const start = at + 1
    let end = start
    while (end < lines.length && !closes(lines[end] ?? '', mark)) end += 1
    const body = lines.slice(start, end).map((each) => {
      const own = isQuoted ? each.replace(/^[ \t]{0,12}>[ \t]?/, '') : dedent(each, indent)
      return own.endsWith('\r') ? own.slice(0, -1) : own
    })
    push('fence', start + 1, body.join('\n'), info)
    at = end
  }

  for (; at < lines.length; at += 1) {
    if (blocks.length >= BLOCKS_MAX) {
      // What is left is one block: still read as words, and named by the caller as not told apart.
      flush()
      push('paragraph', at + 1, lines.slice(at).join('\n'))
      break
    }
    let line = lines[at] ?? ''
    if (line.includes('<!--')) {
      line = withoutComments()
      if (line.trim() === '') continue
    }
    if (line.endsWith('\r')) line = line.slice(0, -1)
    // One adversarial line must not be looked at by every pattern in full.
    const head = line.length > 400 ? line.slice(0, 400) : line
    const start = head.trimStart()
    const first = start.charAt(0)
    if (first === '' && line.trim() === '') {
      flush()
      afterBlank = true
      continue
    }
    if (head.includes('```') || head.includes('~~~')) {
      const fence =
        /^(?:[ \t]{0,12}(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))){0,12}[ \t]{0,40}(`{3,}|~{3,})([^`]*)$/.exec(head)
      if (fence !== null) {
        flush()
        readFence(fence[1] ?? '```', (fence[2] ?? '').trim(), head)
        afterBlank = true
        continue
      }
    }
    if (first === '#') {
      const atx = /^(#{1,6})(?:[ \t]|$)/.exec(start)
      if (atx !== null) {
        flush()
        inList = false
        const title = line
          .trimStart()
          .slice(atx[1]?.length ?? 1)
          .trim()
          .replace(/[ \t]#{1,6}$/, '')
        heading(atx[1]?.length ?? 1, title, at + 1)
        afterBlank = true
        continue
      }
    }
    if (
      (first === '=' || first === '-') &&
      pending.length > 0 &&
      pendingKind === 'paragraph' &&
      /^(?:={1,400}|-{2,400})[ \t]{0,40}$/.test(start)
    ) {
      const title = pending.join(' ')
      const from = pendingLine
      pending = []
      heading(first === '=' ? 1 : 2, title, from)
      afterBlank = true
      continue
    }
    if (first === '[' && /^\[[^\]]{1,200}\]:/.test(start)) {
      flush()
      push('definition', at + 1, line)
      continue
    }
    if (afterBlank && !inList && (head.startsWith('    ') || head.startsWith('\t'))) {
      flush()
      const from = at
      let last = at
      for (; at < lines.length; at += 1) {
        const each = lines[at] ?? ''
        if (each.startsWith('    ') || each.startsWith('\t')) last = at
        else if (each.trim() !== '') break
      }
      push(
        'fence',
        from + 1,
        lines
          .slice(from, last + 1)
          .map((each) => dedent(each, 4))
          .join('\n'),
      )
      at = last
      continue
    }
    afterBlank = false
    if (first === '>') add('quote', line.trimStart().slice(1).trimStart())
    else if (first === '|') add('table', line)
    else if ('-*+0123456789'.includes(first) && /^(?:[-*+]|\d{1,9}[.)])[ \t]/.test(start)) {
      inList = true
      add('item', line)
    } else if (pending.length > 0) pending.push(line)
    else {
      if (!/^[ \t]/.test(head)) inList = false
      add('paragraph', line)
    }
  }
  flush()
  return blocks
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
