/**
 * Builds the page (`packages/web` → `packages/web/dist`). With `--if-stale`, only when its sources changed since the
 * last build: `npm ci` runs this, and `npm start` does when somebody installed without scripts. Wallets that an operator
 * installed in `packages/web/wallets` (docs/guide/wallets.md) are built beside it; the page itself stays as it is.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { oneDocument } from './oneDocument.ts'

const root = join(import.meta.dirname, '..')
const web = join(root, 'packages/web')
const stamp = join(web, 'dist', '.sources')

function* files(path: string): Generator<string> {
  if (statSync(path).isFile()) return yield path
  for (const name of readdirSync(path).sort()) if (name !== 'node_modules') yield* files(join(path, name))
}

/** Optional wallets whose package is installed. */
const wallets = readdirSync(join(web, 'wallets')).filter((name) =>
  existsSync(join(web, 'wallets', name, 'node_modules')),
)

const hash = createHash('sha256').update(wallets.join())
for (const input of [
  'packages/web/src',
  'packages/web/index.html',
  'packages/web/admin.html',
  'packages/web/telegram.html',
  'packages/web/public',
  'packages/web/vite.config.ts',
  'packages/web/wallets',
  'packages/sdk/src',
  'package-lock.json',
]) {
  for (const file of files(join(root, input))) hash.update(file.slice(root.length)).update(readFileSync(file))
}
const sources = hash.digest('hex')

if (process.argv.includes('--if-stale') && existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) process.exit(0)
const { build } = await import('vite')
const startMs = performance.now()
await build({ configFile: join(web, 'vite.config.ts'), logLevel: 'warn' })
await buildCard()
for (const wallet of wallets) await buildWallet(wallet)
writeFileSync(stamp, sources)
console.log(`Built the page in ${((performance.now() - startMs) / 1000).toFixed(1)} s.`)

/** The card for MCP clients: one document without a framework, script and style inside, because hosts let it load nothing. */
async function buildCard(): Promise<void> {
  const html = await oneDocument(web, {
    title: 'Proposal',
    entry: 'src/mcpCard/card.ts',
    style: 'src/mcpCard/card.css',
  })
  writeFileSync(join(web, 'dist', 'mcp-card.html'), html)
}

/** The frame of an optional wallet: one document, too, so that the server can say in its policy which script it is. */
async function buildWallet(name: string): Promise<void> {
  const entry = `wallets/${name}/frame.js`
  const html = await oneDocument(web, { title: name, entry, style: 'src/wallets/inside/frame.css' })
  mkdirSync(join(web, 'dist', 'wallets'), { recursive: true })
  writeFileSync(join(web, 'dist', 'wallets', `${name}.html`), html)
  console.log(`Built the wallet "${name}" beside the page.`)
}
