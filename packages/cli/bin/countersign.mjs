#!/usr/bin/env node
import { boundHeap } from './boundHeap.mjs'
import { keepCompiled } from './keepCompiled.mjs'

if (['serve', 'demo'].includes(process.argv[2] ?? '')) boundHeap()
keepCompiled(process.env)
// Not index.ts: that loads the whole house, and a scan should start at once.
const { terminal } = await import('../src/io.ts')
const { run } = await import('../src/main.ts')

await run(process.argv.slice(2), terminal())
