import type { Hex } from '@countersign/base'
import type { OpenedWrite } from './Write.ts'
import type { StoragePath } from './StoragePath.ts'

/** Words of one element: no record that is found by its place has more. */
const MAX_ELEMENT_WORDS = 16
/** Variables between a list and the mapping that tells where in it a key's element stands. */
const MAX_APART = 4n
/** A place in a list; a larger number is an amount. */
const MAX_PLACE = 2n ** 40n

/**
 * Elements of lists, keyed by whatever their place is found by. A set that can be listed keeps its values in a list and,
 * beside it, where each key's value stands (OpenZeppelin's EnumerableSet and EnumerableMap): the element is as much the
 * key's as if a mapping held it.
 *
 * @param words - What is keyed, and may tell places itself.
 * @param others - Further words of the run, which may tell places.
 */
export function linkElements(words: readonly OpenedWrite[], others: readonly OpenedWrite[]): OpenedWrite[] {
  const seen = [...words, ...others]
  const places = seen.flatMap((each) => placesIn(each))
  if (places.length === 0) return [...words]
  const layouts = new Map<string, Layout | null>()
  return words.map((word) => {
    const { contract, path } = word
    if (path === null || path.at === null) return word
    const { at } = path
    const key = `${contract}|${path.root}`
    let layout = layouts.get(key)
    if (layout === undefined) layouts.set(key, (layout = layoutOf({ contract, list: path }, seen, places)))
    const keyed = layout === null ? [] : layout.places.filter(({ place }) => isAt(at, place, layout))
    const [first] = keyed
    if (first === undefined) return word
    const hashed = [...new Set([...path.hashed, ...keyed.flatMap(({ path: index }) => index.hashed)])]
    return { ...word, path: { ...path, keys: [...path.keys, ...first.path.keys], hashed } }
  })
}

/** `contract|slot` of the words that tell where an element of a list stands, before or after. */
export function placesAmong(words: readonly OpenedWrite[], others: readonly OpenedWrite[]): ReadonlySet<string> {
  const seen = [...words, ...others]
  const places = seen.flatMap((each) => placesIn(each))
  const found = new Set<string>()
  for (const { contract, path } of places.length === 0 ? [] : words) {
    if (path === null || path.at === null) continue
    const layout = layoutOf({ contract, list: path }, seen, places)
    for (const place of layout?.places ?? []) found.add(`${contract}|${place.slot}`)
  }
  return found
}

interface Place {
  readonly slot: Hex.Hex
  readonly contract: string
  readonly path: StoragePath
  readonly place: bigint
}

/** How a list's elements are counted: how many words each has, and whether the first is number one or zero. */
interface Layout {
  readonly size: bigint
  readonly first: bigint
  readonly places: readonly Place[]
}

/** A number under a key, before and after. */
function placesIn({ contract, slot, path, before, after }: OpenedWrite): Place[] {
  if (path === null || path.at !== null || path.keys.length === 0) return []
  return [...new Set([BigInt(before), BigInt(after)])].flatMap((place) =>
    place < MAX_PLACE ? [{ contract, slot, path, place }] : [],
  )
}

function isAt(at: bigint, place: bigint, { size, first }: Pick<Layout, 'size' | 'first'>): boolean {
  return place >= first && at / size === place - first
}

/** The layout in which most places have an element and most elements a place; the plainest of those. */
function layoutOf(
  { contract, list }: { contract: string; list: StoragePath },
  seen: readonly OpenedWrite[],
  all: readonly Place[],
): Layout | null {
  // A number that only happens to be a place stands elsewhere. A set that is itself a mapping's value has list and places
  // under the same variable: the places have one key more.
  const isBeside = ({ root, keys }: StoragePath) =>
    root === list.root ? keys.length > list.keys.length : root - list.root <= MAX_APART && list.root - root <= MAX_APART
  const beside = all.filter((each) => each.contract === contract && isBeside(each.path))
  const elements = new Set(
    seen.flatMap(({ contract: where, path }) =>
      where === contract && path?.root === list.root && path.at !== null ? [path.at] : [],
    ),
  )
  let best: Layout | null = null
  let most = 0
  for (const [root, places] of Map.groupBy(beside, ({ path }) => path.root))
    for (let size = 1n; size <= MAX_ELEMENT_WORDS; size += 1n)
      for (const first of [1n, 0n]) {
        const layout = { size, first, places }
        const found = places.filter(({ place }) => [...elements].some((at) => isAt(at, place, layout)))
        const told = [...elements].filter((at) => places.some(({ place }) => isAt(at, place, layout)))
        // Solidity declares the mapping behind the list; of a set under a key, both paths start at one variable.
        const isBehind = root === list.root + 1n || root === list.root
        const score = 4 * (found.length + told.length) + (isBehind ? 1 : 0)
        if (found.length > 0 && score > most) [best, most] = [layout, score]
      }
  return best
}
