import { BaseError, Json } from '@countersign/base'
import { parseYaml } from '@countersign/simulator/yaml'
import { isMap, isNode, isScalar, isSeq, LineCounter, visit, type Node } from 'yaml'

/** One thing that is wrong in a policy, with its place in the text. */
export interface Fault {
  /** JSON pointer. */
  readonly pointer: string
  readonly line: number
  readonly column: number
  readonly because: string
}

/** The longest policy that is read, in characters. */
const MAX_TEXT = 262_144
/** The most places at which it may begin a value. */
const MAX_PLACES = 20_000
/** The most entries of a list or a mapping. */
const MAX_ENTRIES = 500

/** A value of a text, with its place. Reading notes faults instead of stopping at the first. */
export class Placed {
  readonly #source: Source
  readonly node: Node | null
  readonly pointer: string

  constructor(source: Source, node: Node | null, pointer: string) {
    this.#source = source
    this.node = node
    this.pointer = pointer
  }

  refuse(because: string, at: unknown = this.node): null {
    this.#source.faults.push({
      pointer: this.pointer === '' ? '/' : this.pointer,
      ...this.#source.placeOf(at),
      because,
    })
    return null
  }

  /** The value of a scalar; `undefined` for everything else. */
  get scalar(): unknown {
    return isScalar(this.node) ? this.node.value : undefined
  }

  get isList(): boolean {
    return isSeq(this.node)
  }

  get isEmptyList(): boolean {
    return isSeq(this.node) && this.node.items.length === 0
  }

  /** The value as JSON. A number that JSON would write in another way is text, exactly as it is written. */
  toJson(): string {
    return JSON.stringify(plainOf(this.node))
  }

  get isMapping(): boolean {
    return isMap(this.node)
  }

  /** A number or text exactly as it is written. */
  get written(): string | undefined {
    if (!isScalar(this.node)) return undefined
    const { value, source } = this.node
    return typeof value === 'number' || typeof value === 'bigint'
      ? source
      : typeof value === 'string'
        ? value
        : undefined
  }

  /** The entries of a mapping. Every key that is not in the list is a fault. */
  entries<K extends string>(what: string, keys: readonly K[]): Partial<Record<K, Placed>> {
    const found: Partial<Record<K, Placed>> = {}
    if (!isMap(this.node)) {
      this.refuse(`${what} must hold keys and values.`)
      return found
    }
    for (const { key, value } of this.node.items) {
      const name = isScalar(key) && typeof key.value === 'string' ? key.value : null
      const known = keys.find((each) => each === name)
      if (known === undefined)
        this.refuse(`Unknown key ${quote(name)} in ${what}. The keys are: ${keys.join(', ')}.`, key)
      else found[known] = new Placed(this.#source, (value as Node | null) ?? null, `${this.pointer}/${escape(known)}`)
    }
    return found
  }

  /** The entries of a mapping whose keys are not fixed. */
  pairs(what: string): readonly (readonly [string, Placed])[] {
    if (!isMap(this.node)) {
      this.refuse(`${what} must hold keys and values.`)
      return []
    }
    return this.node.items.flatMap(({ key, value }) => {
      const name = isScalar(key) ? String(key.value) : null
      if (name === null) {
        this.refuse(`${what} has a key that is not text.`, key)
        return []
      }
      return [
        [name, new Placed(this.#source, (value as Node | null) ?? null, `${this.pointer}/${escape(name)}`)] as const,
      ]
    })
  }

  /** The entries of a list with at least one. */
  list(what: string): readonly Placed[] {
    if (!isSeq(this.node) || this.node.items.length === 0) {
      this.refuse(`${what} must be a list with at least one entry.`)
      return []
    }
    if (this.node.items.length > MAX_ENTRIES) this.refuse(`${what} must have at most ${MAX_ENTRIES} entries.`)
    return this.node.items
      .slice(0, MAX_ENTRIES)
      .map((item, i) => new Placed(this.#source, item as Node, `${this.pointer}/${i}`))
  }

  text(what: string, { max = 200 }: { max?: number } = {}): string | null {
    const value = this.scalar
    if (typeof value === 'string' && value !== '' && value.length <= max && !/[\p{Cc}\p{Cf}]/u.test(value)) return value
    return this.refuse(
      `${what} must be text of at most ${max} characters${typeof value === 'number' ? ', in quotation marks' : ''}.`,
    )
  }

  oneOf<T extends string>(what: string, words: readonly T[]): T | null {
    const value = this.scalar
    return words.find((word) => word === value) ?? this.refuse(`${what} must be one of: ${words.join(', ')}.`)
  }

  whole(what: string, { least, most }: { least: number; most: number }): number | null {
    const value = this.scalar
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return value
    return this.refuse(`${what} must be a whole number from ${least} to ${most}.`)
  }
}

/** A policy's text, read once: YAML, or JSON in which every field stands once. */
export class Source {
  readonly faults: Fault[] = []
  readonly root: Placed | null
  #lines = new LineCounter()

  /**
   * @param path - Keys to the part that is read; the rest is not looked at. Absent: the whole text.
   */
  constructor(text: string, format: 'yaml' | 'json', path: readonly string[] = []) {
    this.root =
      text.length > MAX_TEXT
        ? this.#refuse(0, `The text must have at most ${MAX_TEXT} characters.`)
        : this.#read(text, format, path)
  }

  #read(text: string, format: 'yaml' | 'json', path: readonly string[]): Placed | null {
    // No tags, no merge keys, no aliases: what stands there is what it says.
    const { document, lines } = parseYaml(text, { maxPlaces: MAX_PLACES })
    this.#lines = lines
    for (const error of document.errors.slice(0, 8)) this.#refuse(error.pos[0], firstLine(error.message))
    if (format === 'json' && this.faults.length === 0) this.#requireJson(text)
    const part = path.length === 0 ? document.contents : document.getIn(path, true)
    visit(isNode(part) ? part : null, {
      Alias: (_key, node) => void this.#refuse(node.range?.[0] ?? 0, 'An alias is not allowed: write the value out.'),
      Node: (_key, node) => {
        if (
          'tag' in node &&
          node.tag !== undefined &&
          isScalar(node) &&
          node.source !== undefined &&
          node.tag.startsWith('!')
        )
          this.#refuse(node.range?.[0] ?? 0, 'A tag is not allowed.')
      },
    })
    const { contents } = document
    if (this.faults.length > 0) return null
    if (path.length > 0) return isNode(part) ? new Placed(this, part, `/${path.map(escape).join('/')}`) : null
    if (!isMap(contents)) return this.#refuse(0, 'The policy must hold keys and values.')
    return new Placed(this, contents, '')
  }

  placeOf(node: unknown): { readonly line: number; readonly column: number } {
    return this.#placeAt((node as { range?: readonly number[] | null } | null)?.range?.[0] ?? 0)
  }

  #placeAt(offset: number): { readonly line: number; readonly column: number } {
    const { line, col } = this.#lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }

  #refuse(offset: number, because: string): null {
    this.faults.push({ pointer: '/', ...this.#placeAt(offset), because })
    return null
  }

  /** YAML reads nearly all JSON; what is JSON only to it is refused. */
  #requireJson(text: string): void {
    try {
      Json.parse(text)
    } catch (error) {
      const [, offset = '0'] = /at position (\d+)/.exec(error instanceof Error ? error.message : '') ?? []
      this.#refuse(Number(offset), 'This is not JSON.')
    }
  }
}

function plainOf(node: unknown): unknown {
  if (isMap(node))
    return Object.fromEntries(
      node.items.map(({ key, value }) => [String(isScalar(key) ? key.value : key), plainOf(value)]),
    )
  if (isSeq(node)) return node.items.map(plainOf)
  if (!isScalar(node)) return null
  const { value, source = String(value) } = node
  if (typeof value !== 'number' && typeof value !== 'bigint') return value
  return Number.isSafeInteger(value) && String(value) === source ? value : source
}

function escape(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

function quote(name: string | null): string {
  return name === null ? 'that is not text' : `"${name.slice(0, 40).replace(/[\p{Cc}\p{Cf}]/gu, '?')}"`
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? 'This is not YAML').replace(/ at line \d+, column \d+:?$/, '').slice(0, 200)
}

/** A policy that cannot be used: each fault with its place. */
export class PolicyError extends BaseError {
  override readonly name = 'mandates.PolicyError'
  readonly faults: readonly Fault[]
  constructor(faults: readonly Fault[], file: string | null) {
    const [first] = faults
    const place =
      first === undefined
        ? ''
        : file === null
          ? `${first.pointer} (line ${first.line}, column ${first.column})`
          : `${file}:${first.line}:${first.column}`
    const more = faults.length > 1 ? ` ${faults.length - 1} more.` : ''
    super(`${place}: ${first?.because ?? 'The policy is not valid.'}${more}`, {
      code: 'mandates:policy:unreadable',
      kind: 'invalid',
      hint: 'Correct the policy at the place given; docs/reference/mandates.md lists all keys.',
    })
    this.faults = faults
  }
}
