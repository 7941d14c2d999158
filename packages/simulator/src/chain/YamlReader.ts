import { Address } from '@countersign/base'
import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  visit,
  type Document,
  type LineCounter,
  type Node,
  type YAMLMap,
} from 'yaml'
import { parseYaml, type ParsedYaml } from './parseYaml.ts'

export { parseYaml, type ParsedYaml } from './parseYaml.ts'

/** One thing that is wrong in a file, with its place. */
export interface Fault {
  readonly line: number
  readonly column?: number
  readonly because: string
  /** What to write instead, where that is known. */
  readonly help?: string
}

/** The most aliases a file may hold, where it may hold any. */
const MAX_ALIASES = 50
/** How many faults of the text itself are reported. */
const MAX_FAULTS = 8

/** Reads a YAML document strictly, and keeps every fault with its line instead of stopping at the first. */
export class YamlReader {
  readonly faults: Fault[] = []
  readonly root: YAMLMap | null
  readonly #document: Document.Parsed
  readonly #lines: LineCounter

  /**
   * @param options.aliases - Whether `*name` may stand for what `&name` marks. One that would multiply (an alias inside of
   *   what an alias stands for) is refused.
   */
  constructor(text: string, { aliases = false }: { aliases?: boolean } = {}) {
    const parsed = parseYaml(text)
    const { document, lines } = parsed
    this.#lines = lines
    this.#document = document
    for (const error of [...document.errors, ...document.warnings].slice(0, MAX_FAULTS)) {
      const { line, col } = this.#lines.linePos(error.pos[0])
      const help = error.code === 'DUPLICATE_KEY' ? 'Keep one of the two.' : null
      this.faults.push({ line, column: col, because: firstLine(error.message), ...(help === null ? {} : { help }) })
    }
    if (aliases && this.faults.length === 0) this.#resolveAliases(parsed)
    const { contents } = document
    this.root = isMap(contents) ? contents : null
    if (this.root === null && this.faults.length === 0)
      this.faults.push({ line: 1, column: 1, because: 'The file must hold keys and values, such as "id: 8453".' })
  }

  lineOf(node: unknown): number {
    return this.placeOf(node).line
  }

  placeOf(node: unknown): { readonly line: number; readonly column: number } {
    const offset = (node as { range?: readonly number[] | null } | null)?.range?.[0]
    if (offset === undefined) return { line: 1, column: 1 }
    const { line, col } = this.#lines.linePos(offset)
    return { line, column: col }
  }

  refuse(node: unknown, because: string, help?: string): null {
    this.faults.push({ ...this.placeOf(node), because, ...(help === undefined ? {} : { help }) })
    return null
  }

  /** Puts what an alias stands for in its place. */
  #resolveAliases({ document, aliases }: ParsedYaml): void {
    const isIn = (node: Node): boolean => {
      let found = false
      visit(node, { Alias: () => ((found = true), visit.BREAK) })
      return found
    }
    // All are judged before any is replaced: what stands in the place of one no longer shows that it was one.
    const targets = new Map<Node, Node>()
    for (const [alias, target] of aliases) {
      if (target === undefined || isAlias(target))
        this.refuse(alias, `The alias "${alias.source}" stands for nothing.`, 'Write it out.')
      else if (targets.size >= MAX_ALIASES || (isCollection(target) && isIn(target)))
        this.refuse(alias, `The alias "${alias.source}" would multiply what it stands for.`, 'Write it out.')
      else targets.set(alias, target)
      if (this.faults.length >= MAX_FAULTS) break
    }
    if (this.faults.length > 0) document.contents = null
    else if (targets.size > 0) visit(document, { Alias: (_key, alias) => targets.get(alias) })
  }

  /** The entries of a mapping, none but those listed. */
  entries(node: unknown, what: string, keys: readonly string[]): Map<string, Node | null> | null {
    if (!isMap(node)) return this.refuse(node, `${what} must hold keys and values.`)
    const found = new Map<string, Node | null>()
    for (const { key, value } of node.items) {
      const name = isScalar(key) && typeof key.value === 'string' ? key.value : null
      if (name === null || !keys.includes(name)) {
        const meant = name === null ? null : nearest(name, keys)
        this.refuse(
          key,
          `Unknown key "${name ?? 'not a word'}" in ${what}. The keys are: ${keys.join(', ')}.`,
          ...(meant === null ? [] : [`Did you mean "${meant}"?`]),
        )
      } else found.set(name, (value as Node | null) ?? null)
    }
    return found
  }

  /** What stands there, as JSON says it. */
  value(node: unknown): unknown {
    return node === null || node === undefined ? null : (node as Node).toJS(this.#document)
  }

  /** The node below another one; where there is none, the nearest above it. */
  below(node: unknown, path: readonly (string | number)[]): unknown {
    let at = node
    for (const step of path) {
      const next: unknown = isCollection(at) ? at.get(step, true) : undefined
      if (next === undefined || next === null) return at
      at = next
    }
    return at
  }

  list(node: unknown, what: string): readonly Node[] {
    if (isSeq(node)) return node.items as Node[]
    this.refuse(node, `${what} must be a list.`)
    return []
  }

  isNull(node: unknown): boolean {
    return node === null || (isScalar(node) && node.value === null)
  }

  text(node: unknown, what: string, { max = 100 }: { max?: number } = {}): string | null {
    const value = isScalar(node) ? node.value : undefined
    if (typeof value === 'string' && value.length > 0 && value.length <= max && !/[\p{Cc}\p{Cf}]/u.test(value))
      return value
    return this.refuse(node, `${what} must be a text of at most ${max} characters, without control characters.`)
  }

  oneOf<T extends string>(node: unknown, what: string, words: readonly T[]): T | null {
    const value = isScalar(node) ? node.value : undefined
    const word = words.find((each) => each === value)
    return word ?? this.refuse(node, `${what} must be one of: ${words.join(', ')}.`)
  }

  flag(node: unknown, what: string): boolean | null {
    const value = isScalar(node) ? node.value : undefined
    return typeof value === 'boolean' ? value : this.refuse(node, `${what} must be true or false.`)
  }

  number(
    node: unknown,
    what: string,
    { least = 0, most, isWhole = true }: { least?: number; most: number; isWhole?: boolean },
  ): number | null {
    const value = isScalar(node) ? node.value : undefined
    if (typeof value === 'number' && value >= least && value <= most && (!isWhole || Number.isSafeInteger(value)))
      return value
    return this.refuse(node, `${what} must be a${isWhole ? ' whole' : ''} number from ${least} to ${most}.`)
  }

  /** An address with its checksum (EIP-55), or all in lower case. */
  address(node: unknown, what: string): Address.Address | null {
    const value = isScalar(node) ? node.value : undefined
    if (typeof value !== 'string' || !/^0x[0-9a-fA-F]{40}$/.test(value))
      return this.refuse(node, `${what} must be an address in quotation marks: '0x' and 40 hex digits.`)
    const lower = value.toLowerCase()
    const whole = Address.parse(lower)
    if (value === lower || value === whole) return whole
    return this.refuse(node, `${what} has a wrong checksum: the file says ${value}, EIP-55 says ${whole}.`)
  }

  /** `60s`, `1h`: milliseconds. */
  duration(node: unknown, what: string): number | null {
    const value = isScalar(node) ? node.value : undefined
    const match = typeof value === 'string' ? /^([1-9]\d{0,5})(ms|s|m|h|d)$/.exec(value) : null
    const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match?.[2] ?? '']
    if (match === null || unit === undefined)
      return this.refuse(node, `${what} must be a duration, such as 60s, 10m, 24h.`)
    return Number(match[1]) * unit
  }
}

/** The known word that is at most two letters away; null where none is. */
export function nearest(word: string, known: readonly string[]): string | null {
  const [best] = known
    .map((each) => ({ each, steps: stepsBetween(word.toLowerCase(), each.toLowerCase()) }))
    .toSorted((a, b) => a.steps - b.steps)
  return best !== undefined && best.steps <= Math.min(2, Math.ceil(word.length / 3)) ? best.each : null
}

function stepsBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1)
      next.push(
        Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      )
    row = next
  }
  return row[b.length] ?? 3
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? 'The file is not YAML.').replace(/ at line \d+, column \d+:?$/, '').slice(0, 200)
}
