import { readFileSync } from 'node:fs'
import type { Ecosystem } from '../Dependency.ts'

/** Names that are worth imitating, and names that are known not to be imitations. */
export interface Names {
  /** The most popular, the most imitated first. */
  readonly targets: readonly string[]
  /** Everything on the list: a popular package is nobody's squatter. */
  readonly known: ReadonlySet<string>
  /** npm's popular scopes, without `@`. */
  readonly scopes: ReadonlySet<string>
}

/** How many of a list are imitated; the rest only excuses. Squatters want traffic, and that is at the top. */
const TARGETS: Readonly<Partial<Record<Ecosystem, readonly [string, number]>>> = {
  npm: ['npm.txt', 8_000],
  PyPI: ['pypi.txt', 3_000],
  'crates.io': ['crates.txt', 1_000],
}

const loaded = new Map<Ecosystem, Names | null>()

/** The bundled list of an ecosystem, read once, when the first of its names has to be judged. Null when there is none. */
export function namesOf(ecosystem: Ecosystem): Names | null {
  const before = loaded.get(ecosystem)
  if (before !== undefined) return before
  const source = TARGETS[ecosystem]
  const names = source === undefined ? null : readNames(...source)
  loaded.set(ecosystem, names)
  return names
}

function readNames(file: string, targets: number): Names {
  const all = readFileSync(new URL(file, import.meta.url), 'utf8')
    .split('\n')
    .filter((name) => name !== '' && !name.startsWith('#'))
  const counts = new Map<string, number>()
  for (const name of all) {
    const scope = name.startsWith('@') ? name.slice(1, name.indexOf('/')) : ''
    if (scope !== '') counts.set(scope, (counts.get(scope) ?? 0) + 1)
  }
  return { targets: all.slice(0, targets), known: new Set(all), scopes: new Set(counts.keys()) }
}
