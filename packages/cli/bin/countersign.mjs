#!/usr/bin/env node
import { run, terminal } from '../src/index.ts'

await run(process.argv.slice(2), terminal())
