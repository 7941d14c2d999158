#!/usr/bin/env node
// Not from index.ts: that loads the whole house, and a scan should start at once.
import { terminal } from '../src/io.ts'
import { run } from '../src/main.ts'

await run(process.argv.slice(2), terminal())
