/**
 * A table that is asked by names from outside. It has the entries that it was made of and nothing else: a plain object also answers
 * `constructor` and whatever else every object has.
 *
 * @example
 * Table.of({ md: 'markdown' })['constructor'] // undefined
 */
export function of<const T>(entries: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.freeze(Object.assign(Object.create(null) as Record<string, T>, entries))
}
