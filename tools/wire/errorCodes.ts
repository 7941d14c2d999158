import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Packages whose errors reach clients over HTTP. */
const PACKAGES = ['base', 'simulator', 'scanner', 'server']

/** Every error code that is written out in the sources: `code: 'room:thing:reason'`, and codes handed to a constructor. */
export function errorCodes(root: string): string[] {
  const codes = new Set<string>()
  for (const name of PACKAGES) {
    const dir = join(root, 'packages', name, 'src')
    for (const file of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || /\.test\.ts$|cases\.ts$|fixtures/.test(file)) continue
      const text = readFileSync(join(dir, file), 'utf8')
      for (const [, code = ''] of text.matchAll(/'([a-z]+:[a-z][a-z-]*:[a-z][a-z-]*)'/g)) codes.add(code)
    }
  }
  return [...codes].toSorted((a, b) => (a < b ? -1 : 1))
}
