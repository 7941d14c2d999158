import {
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  parseDocument,
  YAMLParseError,
  type Alias,
  type Document,
  type Node,
} from 'yaml'

/** The most places at which a text may begin a value: what is parsed costs time, and others wait for it. */
const MAX_PLACES = 50_000
/** How deep values may lie in each other. */
const MAX_DEPTH = 100

export interface ParsedYaml {
  /** Its `errors` hold a key that stands twice in one mapping, and nesting without end, as well. */
  readonly document: Document.Parsed
  readonly lines: LineCounter
  /** What each alias stands for: the last node before it that has the anchor. */
  readonly aliases: ReadonlyMap<Alias, Node | undefined>
}

/**
 * Parses YAML that others wrote, in time that grows with its length and not with its square. The library compares each key with
 * all before it, walks the document for each alias, and copies the line for each error: a text of 100 KB could take minutes.
 *
 * @param options.maxPlaces - How many commas, lines, opening brackets and marks of entries the text may hold.
 */
export function parseYaml(text: string, { maxPlaces = MAX_PLACES }: { maxPlaces?: number } = {}): ParsedYaml {
  const lines = new LineCounter()
  const parse = (source: string): Document.Parsed =>
    // No tags and no merge keys: what stands there is what it says.
    parseDocument(source, {
      lineCounter: lines,
      uniqueKeys: false,
      prettyErrors: false,
      strict: true,
      resolveKnownTags: false,
      logLevel: 'silent',
      schema: 'core',
      merge: false,
    })
  const refused = (because: string): ParsedYaml => {
    const document = parse('')
    document.errors.push(new YAMLParseError([0, 0], 'IMPOSSIBLE', because))
    return { document, lines, aliases: new Map() }
  }
  if (placesIn(text) > maxPlaces) return refused(`The text holds more than ${maxPlaces} values.`)
  let document: Document.Parsed
  try {
    document = parse(text)
  } catch (error) {
    // The library's parser calls itself once a level.
    if (error instanceof RangeError) return refused(TOO_DEEP)
    throw error
  }
  const { aliases, errors } = walk(document)
  document.errors.push(...errors)
  document.errors.sort((a, b) => a.pos[0] - b.pos[0])
  return { document, lines, aliases }
}

const TOO_DEEP = `Values lie more than ${MAX_DEPTH} levels deep in each other.`

const COMMA = 0x2c
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const OPEN_LIST = 0x5b
const OPEN_MAP = 0x7b
const DASH = 0x2d
const QUESTION = 0x3f
const SPACE = 0x20
const TAB = 0x09

/** At how many places a value may begin: what is inside of a text counts as well. */
function placesIn(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; at += 1)
    switch (text.charCodeAt(at)) {
      case COMMA:
      case LINE_FEED:
      case CARRIAGE_RETURN:
      case OPEN_LIST:
      case OPEN_MAP:
        count += 1
        break
      case DASH:
      case QUESTION: {
        // `- - a` and `? ? a` nest on one line.
        const next = text.charCodeAt(at + 1)
        if (next === SPACE || next === TAB) count += 1
      }
    }
  return count
}

/** Goes through all nodes in the order of the text, without recursion. */
function walk(document: Document.Parsed): { aliases: Map<Alias, Node | undefined>; errors: YAMLParseError[] } {
  const errors: YAMLParseError[] = []
  const aliases = new Map<Alias, Node | undefined>()
  const anchors = new Map<string, Node>()
  const open: { readonly node: unknown; readonly depth: number }[] = [{ node: document.contents, depth: 0 }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next
    if (isPair(node)) {
      open.push({ node: node.value, depth }, { node: node.key, depth })
      continue
    }
    if (isAlias(node)) {
      aliases.set(node, anchors.get(node.source))
      continue
    }
    if (isScalar(node) || isCollection(node)) if (node.anchor !== undefined) anchors.set(node.anchor, node as Node)
    if (!isCollection(node)) continue
    if (depth >= MAX_DEPTH) {
      errors.push(new YAMLParseError(placeOf(node), 'IMPOSSIBLE', TOO_DEEP))
      document.contents = null as never
      return { aliases: new Map(), errors }
    }
    if (isMap(node)) {
      const seen = new Set<unknown>()
      for (const { key } of node.items) {
        if (!isScalar(key)) continue
        if (seen.has(key.value))
          errors.push(new YAMLParseError(placeOf(key), 'DUPLICATE_KEY', 'Map keys must be unique'))
        seen.add(key.value)
      }
    }
    for (const item of node.items.toReversed()) open.push({ node: item, depth: depth + 1 })
  }
  return { aliases, errors }
}

function placeOf(node: unknown): [number, number] {
  const [start = 0, end = start] = (node as { range?: readonly number[] | null }).range ?? []
  return [start, end]
}
