/** JSON text in which one field of one object, at any depth, stands a second time with another value. */

/** How many fields a value has, at every depth: as many doublings there are. */
export function countFields(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const own = Array.isArray(value) ? 0 : Object.keys(value).length
  return Object.values(value).reduce<number>((sum, each) => sum + countFields(each), own)
}

/**
 * The text of a value with its n-th field doubled.
 *
 * @param n - Counted modulo the number of fields.
 * @throws {RangeError} for a value without fields.
 */
export function doubleField(value: unknown, n: number, { second = '"1000"' }: { second?: string } = {}): string {
  const total = countFields(value)
  if (total === 0) throw new RangeError('the value has no field')
  let seen = 0
  const write = (each: unknown): string => {
    if (typeof each !== 'object' || each === null) return JSON.stringify(each)
    if (Array.isArray(each)) return `[${each.map(write).join(',')}]`
    const parts = Object.entries(each).flatMap(([name, inner]) => {
      const isPicked = seen++ === n % total
      const part = `${JSON.stringify(name)}: ${write(inner)}`
      return isPicked ? [part, `${JSON.stringify(name)}: ${second}`] : [part]
    })
    return `{ ${parts.join(' , ')} }`
  }
  return write(value)
}
