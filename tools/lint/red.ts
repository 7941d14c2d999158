/**
 * Shows that the linter guards: each file in `red/` breaks the rule that it is named after, and must be refused for it. A
 * rule that is configured and checks nothing (a missing plug-in, a renamed rule) is found here.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const red = join(import.meta.dirname, 'red')
const folder = mkdtempSync(join(tmpdir(), 'countersign-lint-'))
let found: { code: string; filename: string }[]
try {
  const config = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as Record<string, unknown>
  const path = join(folder, 'oxlintrc.json')
  writeFileSync(path, JSON.stringify({ ...config, ignorePatterns: [] }))
  const { stdout } = spawnSync(
    join(root, 'node_modules/.bin/oxlint'),
    ['--type-aware', '--import-plugin', '-c', path, '-f', 'json', red],
    { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 },
  )
  found = (JSON.parse(stdout) as { diagnostics: typeof found }).diagnostics
} finally {
  rmSync(folder, { recursive: true, force: true })
}
let failures = 0
for (const file of readdirSync(red)) {
  if (file.endsWith('-other.ts')) continue
  const rule = file.slice(0, -'.ts'.length)
  // A code is written as `typescript(no-floating-promises)`.
  const isCaught = found.some((each) => basename(each.filename) === file && each.code.endsWith(`(${rule})`))
  if (isCaught) continue
  console.log(`FAIL ${rule} let its fixture pass (tools/lint/red/${file})`)
  failures += 1
}
process.exit(failures === 0 ? 0 : 1)
