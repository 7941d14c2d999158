import { Address } from '@countersign/base'
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type YAMLMap } from 'yaml'

/** One thing that is wrong in a file, with its place. */
export interface Fault {
  readonly line: number
  readonly because: string
}

/** Reads a YAML document strictly, and keeps every fault with its line instead of stopping at the first. */
export class YamlReader {
  readonly faults: Fault[] = []
  readonly root: YAMLMap | null
  readonly #lines = new LineCounter()

  constructor(text: string) {
    // No tags, no merge keys, and no aliases: what stands there is what it says.
    const document = parseDocument(text, {
      lineCounter: this.#lines,
      uniqueKeys: true,
      strict: true,
      resolveKnownTags: false,
      logLevel: 'silent',
      schema: 'core',
      merge: false,
    })
    for (const error of document.errors.slice(0, 8)) {
      this.faults.push({ line: this.#lines.linePos(error.pos[0]).line, because: firstLine(error.message) })
    }
    const { contents } = document
    this.root = isMap(contents) ? contents : null
    if (this.root === null && this.faults.length === 0)
      this.faults.push({ line: 1, because: 'The file must hold keys and values, such as "id: 8453".' })
  }

  lineOf(node: unknown): number {
    const offset = (node as { range?: readonly number[] | null } | null)?.range?.[0]
    return offset === undefined ? 1 : this.#lines.linePos(offset).line
  }

  refuse(node: unknown, because: string): null {
    this.faults.push({ line: this.lineOf(node), because })
    return null
  }

  /** The entries of a mapping, none but those listed. */
  entries(node: unknown, what: string, keys: readonly string[]): Map<string, Node | null> | null {
    if (!isMap(node)) return this.refuse(node, `${what} must hold keys and values.`)
    const found = new Map<string, Node | null>()
    for (const { key, value } of node.items) {
      const name = isScalar(key) && typeof key.value === 'string' ? key.value : null
      if (name === null || !keys.includes(name))
        this.refuse(key, `Unknown key "${name ?? 'not a word'}" in ${what}. The keys are: ${keys.join(', ')}.`)
      else found.set(name, (value as Node | null) ?? null)
    }
    return found
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

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? 'The file is not YAML.').replace(/ at line \d+, column \d+:?$/, '').slice(0, 200)
}
