import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { scan } from '../../scan.ts'

// Ways by which keys leave, code comes in, money goes and a skill stays, each as one small package, and what honest packages do
// that looks alike. `=== bad NAME` or `=== good NAME`, then files.
const root = mkdtempSync(join(tmpdir(), 'countersign-mechanisms-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const [, ...PACKAGES] = readFileSync(join(import.meta.dirname, 'mechanisms.test.txt'), 'utf8').split(/^=== /m)
const RUNNERS: Readonly<Record<string, string>> = { py: 'python3', sh: 'bash', js: 'node', mjs: 'node', ts: 'npx tsx' }

test.each(PACKAGES.map((text) => [text.slice(0, text.indexOf('\n')), text] as const))('promise: %s', (title, text) => {
  const [kind, name = ''] = title.split(' ')
  const folder = join(root, name)
  const files = text.split(/^--- (?=\S+$)/m).slice(1)
  const runs = files.map((file) => file.slice(0, file.indexOf('\n'))).filter((path) => path.startsWith('scripts/'))
  const lines = runs.map((path) => `${RUNNERS[path.slice(path.lastIndexOf('.') + 1)] ?? 'pwsh'} ${path}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'SKILL.md'),
    `---\nname: ${name}\ndescription: Keeps notes of tasks and prints a summary.\n---\n# Notes\n\nRun:\n\n\`\`\`bash\n${lines.join('\n')}\n\`\`\`\n`,
  )
  for (const file of files) {
    const at = file.indexOf('\n')
    const path = join(folder, file.slice(0, at))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, file.slice(at + 1))
  }
  const [report] = scan({ paths: [name], base: root, nowMs: 0 }).skills
  const because = report?.findings.filter(({ severity }) => /high|critical/.test(severity)).map(({ rule }) => rule)
  expect(report?.verdict === 'fail', String(because)).toBe(kind === 'bad')
})
