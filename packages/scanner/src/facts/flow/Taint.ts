import type { Source } from '../../Fact.ts'

/** Where a value comes from, with the words that name each source: the first name that was seen stands. */
export type Taint = Map<Source, string>

export function merge(into: Taint, from: ReadonlyMap<Source, string>): void {
  for (const [source, what] of from) if (!into.has(source)) into.set(source, what)
}

export function join(...all: readonly ReadonlyMap<Source, string>[]): Taint {
  const found: Taint = new Map()
  for (const each of all) merge(found, each)
  return found
}
