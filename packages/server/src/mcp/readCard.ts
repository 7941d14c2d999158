import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The page that shows a proposal inside a client, as it was built beside our own page; null where none was built. */
export function readCard(webRoot: string | null): string | null {
  const path = webRoot === null ? null : join(webRoot, 'mcp-card.html')
  return path !== null && existsSync(path) ? readFileSync(path, 'utf8') : null
}
