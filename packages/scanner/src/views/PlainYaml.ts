/**
 * The part of YAML that most skills are written in: nested keys, lists of words, one line a value. Read in one pass, which is
 * about a hundredth of what the full parser takes; whatever is not surely in this part is left to the full parser.
 */
export interface PlainYaml {
  readonly value: PlainMap
  /** The line of each key at the left edge, from 0. */
  readonly lines: Readonly<Record<string, number>>
}

export interface PlainMap {
  [key: string]: PlainValue
}
export type PlainValue = string | number | null | PlainMap | PlainValue[]

const KEY = /^( {0,16})([A-Za-z_][\w-]{0,80}):(?: +([^\n]*))?$/
const ITEM = /^( {0,16})- +([^\n]*)$/
/** Words that are not text in the core schema, and keys that reach into objects. */
const NO_TEXT = /^(?:true|false|null|y|n|yes|no|on|off)$/i
const NO_KEY = /^(?:true|false|null|__proto__|constructor|prototype)$/i
/** Anything that could be a mark of another part of YAML, wherever it stands. */
const BEYOND = /[^\P{C}\n]|[\u0085\u2028\u2029]/u

interface Line {
  readonly indent: number
  /** Null for an item of a list. */
  readonly key: string | null
  readonly text: string | null
  readonly at: number
}

/** Reads a text of that part of YAML; null when it is, or may be, of another. */
export function readPlainYaml(text: string): PlainYaml | null {
  if (text.length > MAX_CHARS || BEYOND.test(text)) return null
  const lines: Line[] = []
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const key = KEY.exec(line)
    const item = key === null ? ITEM.exec(line) : null
    if (key === null && item === null) return null
    const found = key ?? item
    const own = key?.[3]?.trimEnd() ?? item?.[2]?.trimEnd() ?? ''
    lines.push({ indent: found?.[1]?.length ?? 0, key: key?.[2] ?? null, text: own === '' ? null : own, at })
  }
  if (lines[0]?.indent !== 0 || lines[0].key === null) return null
  const reader = new Reader(lines)
  const value = reader.map(0, 0)
  if (value === null || reader.at < lines.length) return null
  return { value, lines: Object.fromEntries(lines.flatMap((line) => (line.indent === 0 && line.key !== null ? [[line.key, line.at]] : []))) }
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
      const value = line.text === null ? this.#below(indent, depth) : scalarOf(line.text)
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
    if (next.key === null) return this.#list(next.indent)
    return this.map(next.indent, depth + 1) ?? undefined
  }

  #list(indent: number): PlainValue[] | undefined {
    const items: PlainValue[] = []
    for (let line = this.#lines[this.at]; line?.key === null && line.indent === indent; line = this.#lines[this.at]) {
      const value = line.text === null ? undefined : scalarOf(line.text)
      if (value === undefined) return undefined
      items.push(value)
      this.at += 1
    }
    const next = this.#lines[this.at]
    return next === undefined || next.indent < indent || (next.indent === indent && next.key !== null) ? items : undefined
  }
}

/** One value on one line; undefined when the full parser has to say what it is. */
function scalarOf(text: string): string | number | undefined {
  const quoted = /^(?:"([^"\\]*)"|'([^']*)')$/.exec(text)
  if (quoted !== null) return quoted[1] ?? quoted[2] ?? ''
  if (/^(?:0|[1-9]\d{0,8})$/.test(text)) return Number(text)
  if (/^\d+\.\d+\.\d+$/.test(text)) return text
  if (!/^[\p{L}(]/u.test(text) || NO_TEXT.test(text) || /:(?:\s|$)|\s#/.test(text)) return undefined
  return text
}
