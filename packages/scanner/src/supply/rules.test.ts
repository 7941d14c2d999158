import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadSnapshot } from './osv/loadSnapshot.ts'
import { SUPPLY_RULES } from './rules.ts'
import type { SkillReport } from '../ScanReport.ts'
import { scan } from '../scan.ts'

// A case is a directory of a skill's files, or a single file that becomes its SKILL.md. All are read as one tree.
const RULES = join(import.meta.dirname, 'rules')
const HEAD = '---\nname: a-skill\ndescription: A case for a rule.\n---\n\n'
const root = mkdtempSync(join(tmpdir(), 'countersign-supply-'))
const reports = new Map<string, SkillReport>()
const cases = (rule: string, kind: 'bad' | 'good'): string[] =>
  existsSync(join(RULES, rule, kind)) ? readdirSync(join(RULES, rule, kind)).toSorted() : []

beforeAll(async () => {
  for (const { name } of SUPPLY_RULES) {
    for (const kind of ['bad', 'good'] as const) {
      for (const entry of cases(name, kind)) {
        const from = join(RULES, name, kind, entry)
        const to = join(root, name, kind, basename(entry, '.md'))
        mkdirSync(to, { recursive: true })
        if (entry.endsWith('.md')) cpSync(from, join(to, 'SKILL.md'))
        else cpSync(from, to, { recursive: true })
        if (!existsSync(join(to, 'SKILL.md'))) writeFileSync(join(to, 'SKILL.md'), `${HEAD}See the files.\n`)
      }
    }
  }
  const osv = await loadSnapshot(join(import.meta.dirname, 'osv/fixtures'))
  for (const report of scan({ paths: [root], base: root, only: ['supply'], nowMs: 0, osv }).skills)
    reports.set(report.path, report)
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const found = (rule: string, kind: 'bad' | 'good', entry: string) => {
  const report = reports.get(`${rule}/${kind}/${basename(entry, '.md')}`)
  if (report === undefined) throw new Error(`${rule}/${kind}/${entry} was not scanned`)
  expect(report.coverage.unanalysed, `${rule}/${kind}/${entry}`).toEqual([])
  return report.findings.filter((finding) => finding.rule === rule)
}

test('every rule has its folder, with something to flag and a near miss to leave alone', () => {
  const folders = readdirSync(RULES, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  expect(folders.map((entry) => entry.name)).toEqual(SUPPLY_RULES.map((rule) => rule.name))
  const lacking = SUPPLY_RULES.filter(({ name }) => cases(name, 'bad').length === 0 || cases(name, 'good').length === 0)
  expect(lacking).toEqual([])
})

describe.each(SUPPLY_RULES.map((rule) => rule.name))('%s', (rule) => {
  test('flags what is bad, in these words', async () => {
    const lines = cases(rule, 'bad').flatMap((entry) => {
      const findings = found(rule, 'bad', entry)
      expect(findings.length, `${entry} is not flagged`).toBeGreaterThan(0)
      return findings.map(
        (each) =>
          `${entry} ${each.file}:${each.line} ${each.severity} ${each.ast}/${each.item}\n  ${each.evidence}\n  ${each.because}\n  ${each.mend}\n`,
      )
    })
    await expect(lines.join('\n')).toMatchFileSnapshot(join(RULES, rule, 'findings.snap'))
  })

  test('leaves near misses alone', () => {
    for (const entry of cases(rule, 'good')) expect(found(rule, 'good', entry), entry).toEqual([])
  })
})

test('a manifest that cannot be read as one is not analysed, and never a pass', () => {
  const broken = join(root, 'broken')
  mkdirSync(broken)
  writeFileSync(join(broken, 'SKILL.md'), `${HEAD}See the files.\n`)
  const files = {
    'package.json': '{ "dependencies": { "a": ',
    'Cargo.toml': '[dependencies\na = 1',
    'requirements.txt': 'some-client==1.0.0\n%%% not a requirement %%%\n',
    'compose.yml': 'services: [\n',
    Dockerfile: 'this is prose\n',
    'huge.dockerfile': `FROM a\n${'RUN b\n'.repeat(8_000)}`,
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(broken, name), text)
  const [report] = scan({ paths: [broken], base: root, only: ['supply'], nowMs: 0 }).skills
  expect([report?.verdict, ...(report?.coverage.unanalysed ?? []).map((each) => `${each.file}: ${each.why}`)])
    .toMatchInlineSnapshot(`
      [
        "incomplete",
        "huge.dockerfile: it has more commands than are followed",
        "Cargo.toml: line 1 is not TOML",
        "Dockerfile: line 1 is not a Dockerfile: it has no FROM",
        "compose.yml: line 2 is not YAML",
        "huge.dockerfile: line 1 is larger than such a file is read (32768 bytes)",
        "package.json: line 1 is not JSON",
        "requirements.txt: line 2 holds a line that pip would not read: %%% not a requirement %%%",
      ]
    `)
})
