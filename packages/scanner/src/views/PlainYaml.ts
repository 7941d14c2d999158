import { Json } from '@countersign/base'

/**
 * The part of YAML that most skills are written in: nested keys, lists, numbers, quotations on one line, text on several,
 * blocks of text, comments. Read in one pass, which is about a hundredth of what the full parser takes; whatever is not
 * surely in this part is left to the full parser.
 */
export interface PlainYaml {
  readonly value: PlainMap
  /** The line of each key at the left edge, from 0. */
  readonly lines: Readonly<Record<string, number>>
}

export interface PlainMap {
  [key: string]: PlainValue
}
export type PlainValue = string | number | boolean | null | PlainMap | PlainValue[]

const KEY = /^( {0,16})([A-Za-z_][\w.-]{0,80}):(?: {1,64}(?! )([^\n]*))?$/
const ITEM = /^( {0,16})- {1,64}(?! )([^\n]*)$/
const WORD = /^ {0,64}([a-z][\w-]{0,120}) {0,64}$/i
/** Words that are not text in the core schema, and keys that reach into objects. */
const NO_TEXT = /^(?:true|false|null|y|n|yes|no|on|off)$/i
const NO_KEY = /^(?:true|false|null|__proto__|constructor|prototype)$/i
/** Anything that could be a mark of another part of YAML, wherever it stands. */
const BEYOND = /[^\P{C}\n]|[^\P{Z} ]|\u0085/u

const COMMENT = /^ *#/
/** How a text without quotes may begin: with nothing that is a mark of YAML. */
const TEXT_START = /^[\p{L}\p{N}\p{So}(/<$~.^+=;_\\]/u
/** What ends a text without quotes. */
const TEXT_END = /:(?: |$)| #/
/** How the core schema writes numbers that are not plain ones. */
const NUMBER = /^[-+]?(?:\d+|0o[0-7]+|0x[\da-fA-F]+|\.\d+|\d+\.\d*|(?:\.\d+|\d+(?:\.\d*)?)[eE][-+]?\d+|\.(?:inf|nan))$/i
const BLOCK = /^([|>])(-?)$/

interface Line {
  readonly indent: number
  /** Null for an item of a list. */
  readonly key: string | null
  /** Null when the value stands below. */
  readonly value: PlainValue
  readonly isBelow: boolean
  readonly at: number
}

/** Reads a text of that part of YAML with keys at the left edge; null when it is, or may be, of another. */
export function readPlainYaml(text: string): PlainYaml | null {
  const lines = plainLines(text)
  if (lines === null || lines[0]?.indent !== 0 || lines[0].key === null) return null
  const reader = new Reader(lines)
  const value = reader.map(0, 0)
  if (value === null || reader.at < lines.length) return null
  return {
    value,
    lines: Object.fromEntries(
      lines.flatMap((line) => (line.indent === 0 && line.key !== null ? [[line.key, line.at]] : [])),
    ),
  }
}

/** Whether a text is surely YAML, with keys or a list at the left edge; the full parser has to say so of others. */
export function isPlainYaml(text: string): boolean {
  const lines = plainLines(text)
  if (lines === null || lines[0]?.indent !== 0) return false
  const reader = new Reader(lines)
  const value = lines[0].key === null ? reader.list(0, 0) : reader.map(0, 0)
  return value !== null && value !== undefined && reader.at === lines.length
}

function plainLines(text: string): Line[] | null {
  return text.length > MAX_CHARS || BEYOND.test(text) ? null : linesOf(text.split('\n'))
}

/** Each line that says something, with blocks of text taken together; null when one is of another part of YAML. */
function linesOf(all: readonly string[]): Line[] | null {
  const lines: Line[] = []
  for (let at = 0; at < all.length; at += 1) {
    const line = all[at] ?? ''
    if (line.trim() === '' || COMMENT.test(line)) continue
    let rest = line
    let indent = 0
    const item = ITEM.exec(line)
    if (item !== null) {
      indent = item[1]?.length ?? 0
      const text = item[2]?.trimEnd() ?? ''
      const value = scalarOf(text)
      if (value !== undefined) {
        const whole = withMore(all, at, indent, text, value)
        if (whole === null) return null
        lines.push({ indent, key: null, value: whole.value, isBelow: false, at })
        at = whole.last
        continue
      }
      // Keys that begin on the line of their item.
      lines.push({ indent, key: null, value: null, isBelow: true, at })
      rest = `${' '.repeat(line.length - (item[2]?.length ?? 0))}${item[2] ?? ''}`
    }
    const key = KEY.exec(rest)
    if (key === null) return null
    indent = key[1]?.length ?? 0
    const text = key[3]?.startsWith('#') === true ? '' : (key[3]?.trimEnd() ?? '')
    const block = BLOCK.exec(text)
    if (block !== null) {
      const read = blockAt(all, at + 1, { indent, isFolded: block[1] === '>', isStripped: block[2] === '-' })
      if (read === null) return null
      lines.push({ indent, key: key[2] ?? '', value: read.text, isBelow: false, at })
      at = read.last
      continue
    }
    const value = text === '' ? null : scalarOf(text)
    if (value === undefined) return null
    const whole = text === '' ? { value, last: at } : withMore(all, at, indent, text, value)
    if (whole === null) return null
    lines.push({ indent, key: key[2] ?? '', value: whole.value, isBelow: text === '', at })
    at = whole.last
  }
  return lines
}

/** A value with the deeper lines that go on with it; null where the full parser has to say what they are. */
function withMore(
  all: readonly string[],
  at: number,
  indent: number,
  text: string,
  value: PlainValue,
): { readonly value: PlainValue; readonly last: number } | null {
  const pieces = [text]
  let last = at
  for (let line = all[last + 1]; line !== undefined; line = all[last + 1]) {
    const deep = line.search(/\S/)
    if (deep < 0) {
      // Empty lines belong to a text that goes on behind them.
      const next = all.slice(last + 1, last + 1 + EMPTY_LINES_MAX).find((each) => each.trim() !== '')
      if (next === undefined || next.search(/\S/) <= indent) break
      return null
    }
    if (deep <= indent) break
    const more = line.trim()
    if (more.startsWith('#') && pieces.length === 1) break
    if (value !== text || !TEXT_START.test(more) || TEXT_END.test(more)) return null
    pieces.push(more)
    last += 1
  }
  return { value: pieces.length === 1 ? value : pieces.join(' '), last }
}

const EMPTY_LINES_MAX = 200

/** A block of text below a key: `|` keeps its lines, `>` folds them. */
function blockAt(
  all: readonly string[],
  from: number,
  {
    indent,
    isFolded,
    isStripped,
  }: { readonly indent: number; readonly isFolded: boolean; readonly isStripped: boolean },
): { readonly text: string; readonly last: number } | null {
  const own = / *(?=\S)/y.exec(all[from] ?? '')?.[0].length ?? -1
  if (own <= indent) return null
  const lines: string[] = []
  let last = from - 1
  for (let at = from; at < all.length; at += 1) {
    const line = all[at] ?? ''
    if (line === '') {
      lines.push('')
      continue
    }
    const deep = line.search(/\S/)
    if (deep < 0 || line.endsWith(' ')) return null
    if (deep < own) {
      if (deep > indent || COMMENT.test(line)) return null
      break
    }
    if (isFolded && deep > own) return null
    lines.push(line.slice(own))
    last = at
  }
  // Empty lines behind the text belong to nothing.
  const text = lines.slice(0, last - from + 1)
  const said = isFolded
    ? text
        .join('\n')
        .replace(/(?<!\n)\n(?!\n)/g, ' ')
        .replace(/\n(\n+)/g, '$1')
    : text.join('\n')
  return { text: isStripped ? said : `${said}\n`, last }
}

const MAX_CHARS = 64 << 10
const DEPTH_MAX = 8

class Reader {
  at = 0
  readonly #lines: readonly Line[]

  constructor(lines: readonly Line[]) {
    this.#lines = lines
  }

  /** Keys at one indent; null when there is anything that this reader does not know. */
  map(indent: number, depth: number): PlainMap | null {
    const map: PlainMap = {}
    if (depth > DEPTH_MAX) return null
    for (let line = this.#lines[this.at]; line?.indent === indent; line = this.#lines[this.at]) {
      if (line.key === null || NO_KEY.test(line.key) || Object.hasOwn(map, line.key)) return null
      this.at += 1
      const value = line.isBelow ? this.#below(indent, depth) : line.value
      if (value === undefined) return null
      map[line.key] = value
    }
    const next = this.#lines[this.at]
    return next === undefined || next.indent < indent ? map : null
  }

  /** What stands below a key without a value. */
  #below(indent: number, depth: number): PlainValue | undefined {
    const next = this.#lines[this.at]
    if (next === undefined || next.indent < indent || (next.indent === indent && next.key !== null)) return null
    if (next.key === null) return this.list(next.indent, depth + 1)
    return this.map(next.indent, depth + 1) ?? undefined
  }

  /** Items at one indent; undefined when there is anything that this reader does not know. */
  list(indent: number, depth: number): PlainValue[] | undefined {
    const items: PlainValue[] = []
    for (let line = this.#lines[this.at]; line?.key === null && line.indent === indent; line = this.#lines[this.at]) {
      this.at += 1
      const next = this.#lines[this.at]
      const value = line.isBelow ? (next === undefined ? null : this.map(next.indent, depth + 1)) : line.value
      if (line.isBelow && value === null) return undefined
      items.push(value)
    }
    const next = this.#lines[this.at]
    return next === undefined || next.indent < indent || (next.indent === indent && next.key !== null)
      ? items
      : undefined
  }
}

/** One value on one line; undefined when the full parser has to say what it is. */
function scalarOf(text: string): PlainValue | undefined {
  if (text.startsWith('"') || text.startsWith("'")) return quotedOf(text)
  if (text.startsWith('[') || text.startsWith('{')) return flowOf(text)
  if (/^(?:0|-?[1-9]\d{0,8})$/.test(text)) return Number(text)
  if (/^\d{1,9}\.\d{1,9}$/.test(text)) return Number(text)
  const comment = text.indexOf(' #')
  const plain = comment < 0 ? text : text.slice(0, comment).trimEnd()
  if (comment >= 0 && plain !== text) return isPlainWord(plain) ? scalarOf(plain) : undefined
  if (text === 'true') return true
  if (text === 'false') return false
  if (text === 'null' || text === '~') return null
  return isPlainWord(text) && !NO_TEXT.test(text) && !NUMBER.test(text) ? text : undefined
}

function isPlainWord(text: string): boolean {
  return TEXT_START.test(text) && !TEXT_END.test(text)
}

/** What may stand behind a quotation. */
const BEHIND = /^(?: +#[^\n]*)?$/

function quotedOf(text: string): string | undefined {
  if (text.startsWith("'")) {
    const found = /^'((?:[^']|'')*)'/.exec(text)
    return found === null || !BEHIND.test(text.slice(found[0].length)) ? undefined : found[1]?.replaceAll("''", "'")
  }
  const found = /^"((?:[^"\\]|\\.)*)"/.exec(text)
  if (found === null || !BEHIND.test(text.slice(found[0].length))) return undefined
  const inside = found[1] ?? ''
  if (!inside.includes('\\')) return inside
  let isKnown = true
  const said = inside.replace(ESCAPE, (_, short?: string, long?: string, mark?: string) => {
    const code = Number.parseInt(short ?? long ?? '0', 16)
    if (mark !== undefined && ESCAPED[mark] === undefined) isKnown = false
    if (code > 0x10ffff) isKnown = false
    return mark === undefined ? String.fromCodePoint(Math.min(code, 0x10ffff)) : (ESCAPED[mark] ?? '')
  })
  return isKnown ? said : undefined
}

const ESCAPE = /\\(?:u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))/gu
const ESCAPED: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', n: '\n', t: '\t' }

/** A list of words in brackets, or JSON. */
function flowOf(text: string): PlainValue | undefined {
  if (text.startsWith('[') && text.endsWith(']')) {
    const inside = text.slice(1, -1)
    const words = /^ {0,64}$/.test(inside) ? [] : inside.split(',').map((word) => WORD.exec(word)?.[1])
    const items = words.filter((word) => word !== undefined)
    if (items.length === words.length) return items.some((word) => NO_TEXT.test(word)) ? undefined : items
  }
  if (text.length > JSON_CHARS_MAX || /__proto__|constructor|prototype|\\/.test(text)) return undefined
  try {
    // Refuses a key that stands twice, as YAML does.
    return Json.parse(text) as PlainValue
  } catch {
    return undefined
  }
}

const JSON_CHARS_MAX = 1_000
