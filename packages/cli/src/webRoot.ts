import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Where the built page is: beside the bundle, or where it is built from. */
const WEB_ROOTS = [join(import.meta.dirname, '..', 'web'), join(import.meta.dirname, '..', '..', 'web', 'dist')]

/** The built page; null where there is none. */
export function findWebRoot(): string | null {
  return WEB_ROOTS.find((folder) => existsSync(join(folder, 'index.html'))) ?? null
}
