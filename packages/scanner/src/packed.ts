import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a published package says of the sources it was made from: their digest, and examples of each rule. */
export interface Packed {
  readonly rules_digest: string
  readonly examples: Readonly<Record<string, { readonly bad: readonly string[]; readonly good: readonly string[] }>>
}

let read: Packed | null | undefined

/** Null when this runs from its sources. `npm run pack` writes the file. */
export function packed(): Packed | null {
  const path = join(import.meta.dirname, 'packed.json')
  return (read ??= existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Packed) : null)
}
