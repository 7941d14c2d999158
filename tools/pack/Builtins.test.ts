import { expect, test } from 'vitest'
import { takeBuiltins } from './Builtins.ts'

test.each([
  [
    "import { request as send, Agent } from 'node:http'",
    'const { "request": send, "Agent": Agent } = globalThis.process.getBuiltinModule("node:http");',
  ],
  ["import fs from 'fs'", 'const fs = globalThis.process.getBuiltinModule("fs");'],
  ["import * as path from 'node:path'", 'const path = globalThis.process.getBuiltinModule("node:path");'],
  ["import process from 'node:process'", 'const process = globalThis.process.getBuiltinModule("node:process");'],
])('takes a built-in module without its facade: %s', (from, to) => {
  expect(takeBuiltins(`${from};\nrun();\n`)).toBe(`${to}\n\nrun();\n`)
})

test('takes a default and names from one import', () => {
  const module = 'globalThis.process.getBuiltinModule("node:fs")'
  expect(takeBuiltins("import fs, { readFileSync } from 'node:fs'")).toBe(
    `const fs = ${module};\nconst { "readFileSync": readFileSync } = ${module};\n`,
  )
})

test('leaves other imports, texts that look like imports, and the line that names the interpreter', () => {
  const code = `#!/usr/bin/env node\nimport { a } from './a.js';\nconst text = "import fs from 'node:fs'";\n`
  expect(takeBuiltins(code)).toBe(code)
  expect(takeBuiltins(`#!/usr/bin/env node\nimport os from 'node:os'`)).toMatch(/^#!.*\nconst os = /)
})

test('what it writes gives the same things', async () => {
  const code = takeBuiltins(
    "import { sep } from 'node:path'; import os, { EOL } from 'node:os'; export const found = [sep, EOL, os.EOL]",
  )
  const { found } = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as { found: string[] }
  const { sep } = await import('node:path')
  const { EOL } = await import('node:os')
  expect(found).toEqual([sep, EOL, EOL])
})
