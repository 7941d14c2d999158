#!/usr/bin/env node
import { refusalOfNode } from './neededNode.mjs'

const refusal = refusalOfNode(process.versions.node, process.argv[2])
if (refusal !== null) {
  process.stderr.write(`${refusal}\n`)
  process.exit(2)
}
if (['--version', '-V'].includes(process.argv[2] ?? '')) {
  const { readFileSync } = process.getBuiltinModule('node:fs')
  process.stdout.write(`${JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version}\n`)
  process.exit(0)
}
// Only now: an old Node fails while it links these.
if (['serve', 'demo'].includes(process.argv[2] ?? '')) (await import('./boundHeap.mjs')).boundHeap()
const { keepCompiled } = await import('./keepCompiled.mjs')
keepCompiled(process.env)
const { resolveFast } = await import('./resolveFast.mjs')
resolveFast()
// Not index.ts: that loads the whole house, and a scan should start at once.
const { terminal } = await import('../src/io.ts')
const { runClient } = await import('../src/client.ts')

const io = terminal()
const argv = process.argv.slice(2)
if (!(await runClient(argv, io))) await (await import('../src/main.ts')).run(argv, io)
