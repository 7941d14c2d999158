import type { Names } from './popular/names.ts'

/** A name that looks like a popular one and is not it. */
export interface Lookalike {
  readonly of: string
  /**
   * `homoglyph`: other characters that look alike. `edit`: one letter more, less, other, or two swapped. `separator`: a
   * dash, dot or underscore more or less. `scope`: the same package in a scope that looks alike. `unscoped`: `org-name`
   * for `@org/name`.
   */
  readonly how: 'homoglyph' | 'edit' | 'separator' | 'scope' | 'unscoped'
}

/** Shorter names are one edit from too many others. */
const EDIT_LENGTH_MIN = 6

/** Characters of other scripts that a font draws like Latin ones (Unicode's confusables.txt, the common ones). */
const CONFUSABLE: Readonly<Record<string, string>> = {
  а: 'a',
  ɑ: 'a',
  α: 'a',
  ь: 'b',
  с: 'c',
  ϲ: 'c',
  ԁ: 'd',
  е: 'e',
  ҽ: 'e',
  ε: 'e',
  ɡ: 'g',
  һ: 'h',
  і: 'i',
  ı: 'i',
  ι: 'i',
  ј: 'j',
  κ: 'k',
  к: 'k',
  ӏ: 'l',
  ⅼ: 'l',
  м: 'm',
  п: 'n',
  ո: 'n',
  ν: 'v',
  о: 'o',
  ο: 'o',
  օ: 'o',
  р: 'p',
  ρ: 'p',
  ԛ: 'q',
  г: 'r',
  ѕ: 's',
  т: 't',
  τ: 't',
  υ: 'u',
  ս: 'u',
  ѵ: 'v',
  ԝ: 'w',
  ѡ: 'w',
  х: 'x',
  χ: 'x',
  у: 'y',
  γ: 'y',
  ᴢ: 'z',
}

const judged = new WeakMap<Names, Map<string, Lookalike | null>>()

/** More distinct names than any tree of skills has; a hostile one does not fill the memory. */
const JUDGED_MAX = 20_000

/** Says whether a name imitates one on the list; null when it does not, or is itself on the list. */
export function lookalikeOf(names: Names, name: string): Lookalike | null {
  const before = judged.get(names) ?? new Map<string, Lookalike | null>()
  judged.set(names, before)
  const known = before.get(name)
  if (known !== undefined) return known
  const found = judge(names, name)
  if (before.size < JUDGED_MAX) before.set(name, found)
  return found
}

function judge(names: Names, name: string): Lookalike | null {
  // npm's longest name; longer ones are not names.
  if (name.length > 214) return null
  const lower = name.toLowerCase()
  if (names.known.has(lower)) return null
  const latin = [...lower.normalize('NFKC')].map((char) => CONFUSABLE[char] ?? char).join('')
  if (latin !== lower && names.known.has(latin)) return { of: latin, how: 'homoglyph' }
  if (lower.startsWith('@')) return scopeLookalike(names, latin)
  const index = indexOf(names)
  const drawn = latin.length >= 5 ? index.drawn.get(skeleton(latin)) : undefined
  if (drawn !== undefined && drawn !== latin) return { of: drawn, how: 'homoglyph' }
  const bare = squash(latin)
  const joined = bare.length >= 5 ? index.joined.get(bare) : undefined
  if (joined !== undefined && joined !== latin) return { of: joined, how: 'separator' }
  for (let length = latin.length - 1; length <= latin.length + 1; length += 1) {
    if (length < EDIT_LENGTH_MIN) continue
    // One edit leaves the first two letters or the last two as they are.
    const isNear = ({ target }: Ranked) => isOneEdit(latin, target) && !isVersioned(latin, target)
    const head = index.byEnds.get(headKey(latin, length))?.find(isNear)
    const tail = index.byEnds.get(tailKey(latin, length))?.find(isNear)
    const near = head !== undefined && (tail === undefined || head.rank <= tail.rank) ? head : tail
    if (near !== undefined) return { of: near.target, how: 'edit' }
  }
  const dash = latin.indexOf('-')
  for (let at = dash; at > 0; at = latin.indexOf('-', at + 1)) {
    const scoped = `@${latin.slice(0, at)}/${latin.slice(at + 1)}`
    if (at >= 3 && names.known.has(scoped)) return { of: scoped, how: 'unscoped' }
  }
  return null
}

interface Index {
  readonly drawn: ReadonlyMap<string, string>
  readonly joined: ReadonlyMap<string, string>
  /** By length with the first two letters, and by length with the last two; the most popular first. */
  readonly byEnds: ReadonlyMap<string, readonly Ranked[]>
}

interface Ranked {
  readonly target: string
  readonly rank: number
}

function headKey(name: string, length: number): string {
  return `${length}^${name.slice(0, 2)}`
}

function tailKey(name: string, length: number): string {
  return `${length}$${name.slice(-2)}`
}

const indexes = new WeakMap<Names, Index>()

/** The targets by what is compared, made once. The more popular name wins. */
function indexOf(names: Names): Index {
  const before = indexes.get(names)
  if (before !== undefined) return before
  const drawn = new Map<string, string>()
  const joined = new Map<string, string>()
  const byEnds = new Map<string, Ranked[]>()
  for (const [rank, target] of names.targets.entries()) {
    if (target.startsWith('@')) continue
    const shape = skeleton(target)
    if (!drawn.has(shape)) drawn.set(shape, target)
    const bare = squash(target)
    if (!joined.has(bare)) joined.set(bare, target)
    if (target.length < EDIT_LENGTH_MIN) continue
    for (const key of [headKey(target, target.length), tailKey(target, target.length)]) {
      const alike = byEnds.get(key)
      if (alike === undefined) byEnds.set(key, [{ target, rank }])
      else alike.push({ target, rank })
    }
  }
  const index: Index = { drawn, joined, byEnds }
  indexes.set(names, index)
  return index
}

function scopeLookalike(names: Names, name: string): Lookalike | null {
  const slash = name.indexOf('/')
  const scope = name.slice(1, slash)
  const rest = name.slice(slash + 1)
  if (names.scopes.has(scope)) return null
  for (const target of names.scopes) {
    if (target.length < 5) continue
    const isAlike = skeleton(target) === skeleton(scope) || squash(target) === squash(scope) || isOneEdit(scope, target)
    // Only where the package in the other scope exists, or the scope is drawn alike: many small scopes have near names.
    if (isAlike && names.known.has(`@${target}/${rest}`)) return { of: `@${target}/${rest}`, how: 'scope' }
  }
  // `@types-node/x`, `@angular-core/x`: a scope that swallowed somebody else's slash.
  const dash = scope.indexOf('-')
  const swallowed = dash > 2 ? `@${scope.slice(0, dash)}/${scope.slice(dash + 1)}` : ''
  return names.known.has(swallowed) ? { of: swallowed, how: 'scope' } : null
}

/** What is left when characters that look alike are made one: `1ogin` and `login`, `rnodule` and `module`. */
function skeleton(name: string): string {
  return name.replace(/rn/g, 'm').replace(/vv/g, 'w').replace(/[1|i]/g, 'l').replace(/0/g, 'o').replace(/5/g, 's')
}

function squash(name: string): string {
  return name.replace(/[-_.]/g, '')
}

/** `lodash4` for `lodash`, `python3` for `python`: a number at the end is more often a version than a trick. */
function isVersioned(name: string, target: string): boolean {
  return name.replace(/\d+$/, '') === target.replace(/\d+$/, '')
}

/** Whether one insertion, deletion, substitution or swap of neighbours leads from one to the other. */
export function isOneEdit(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1
  let endA = a.length - 1
  let endB = b.length - 1
  while (endA >= start && endB >= start && a[endA] === b[endB]) {
    endA -= 1
    endB -= 1
  }
  const left = a.slice(start, endA + 1)
  const right = b.slice(start, endB + 1)
  if (left.length + right.length === 1 || (left.length === 1 && right.length === 1)) return true
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0]
}
