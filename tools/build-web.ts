/**
 * Builds the page (`packages/web` → `packages/web/dist`). With `--if-stale`, only when its sources changed since the
 * last build: `npm ci` runs this, and `npm start` does when somebody installed without scripts.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const web = join(root, 'packages/web')
const stamp = join(web, 'dist', '.sources')

function* files(path: string): Generator<string> {
  if (statSync(path).isFile()) return yield path
  for (const name of readdirSync(path).sort()) yield* files(join(path, name))
}

const hash = createHash('sha256')
for (const input of [
  'packages/web/src',
  'packages/web/index.html',
  'packages/web/admin.html',
  'packages/web/telegram.html',
  'packages/web/public',
  'packages/web/vite.config.ts',
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
writeFileSync(stamp, sources)
console.log(`Built the page in ${((performance.now() - startMs) / 1000).toFixed(1)} s.`)

/** The card for MCP clients: one document without a framework, script and style inside, because hosts let it load nothing. */
async function buildCard(): Promise<void> {
  const built = await build({
    configFile: false,
    root: web,
    logLevel: 'warn',
    build: {
      write: false,
      target: 'es2023',
      modulePreload: { polyfill: false },
      lib: { entry: join(web, 'src/mcpCard/card.ts'), formats: ['iife'], name: 'card' },
    },
  })
  const [first] = [built].flat()
  const chunk = first !== undefined && 'output' in first ? first.output[0] : undefined
  if (chunk?.type !== 'chunk') throw new Error('The card was not built.')
  const style = readFileSync(join(web, 'src/mcpCard/card.css'), 'utf8')
  // Nothing in the script may end the element that it stands in.
  const script = chunk.code.replaceAll('</', '<\\/')
  const html = `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n<title>Proposal</title>\n<style>\n${style}</style>\n<body></body>\n<script>\n${script}</script>\n</html>\n`
  writeFileSync(join(web, 'dist', 'mcp-card.html'), html)
}
