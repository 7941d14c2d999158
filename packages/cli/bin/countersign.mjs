#!/usr/bin/env node
import { refusalOfNode } from './neededNode.mjs'

const refusal = refusalOfNode(process.versions.node, process.argv[2])
if (refusal !== null) {
  process.stderr.write(`${refusal}\n`)
  process.exit(2)
}
if (['--version', '-V'].includes(process.argv[2] ?? '')) {
  const { readFileSync } = await import('node:fs')
  process.stdout.write(`${JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version}\n`)
  process.exit(0)
}
// Only now: an old Node fails while it links these.
const { boundHeap } = await import('./boundHeap.mjs')
const { resolveFast } = await import('./resolveFast.mjs')
const { keepCompiled } = await import('./keepCompiled.mjs')
if (['serve', 'demo'].includes(process.argv[2] ?? '')) boundHeap()
keepCompiled(process.env)
resolveFast()
// Not index.ts: that loads the whole house, and a scan should start at once.
const { terminal } = await import('../src/io.ts')
const { run } = await import('../src/main.ts')

await run(process.argv.slice(2), terminal())
