import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import * as Lock from '../Lock.ts'
import { scan } from '../scan.ts'
import { RULES } from './index.ts'

// A case is a tree of its own: a directory as it stands, or a single file that becomes the SKILL.md of a directory named
// after it. A `skills.lock.json` in it is the lock that it is scanned with; `@digest` stands for the skill's own.
const FOLDER = import.meta.dirname
const NOW_MS = Date.parse('2026-06-01')
const OWN = RULES.filter((rule) => rule.check !== 'supply')
const root = mkdtempSync(join(tmpdir(), 'countersign-rules-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const cases = (rule: string, kind: 'bad' | 'good'): string[] =>
  existsSync(join(FOLDER, rule, kind)) ? readdirSync(join(FOLDER, rule, kind)).toSorted() : []

function found(rule: string, kind: 'bad' | 'good', entry: string) {
  const from = join(FOLDER, rule, kind, entry)
  let tree = from
  if (entry.endsWith('.md')) {
    tree = join(root, rule, kind)
    const skill = join(tree, basename(entry, '.md'))
    mkdirSync(skill, { recursive: true })
    cpSync(from, join(skill, 'SKILL.md'))
    tree = skill
  }
  const options = { paths: [tree], base: tree === from ? tree : join(root, rule, kind), nowMs: NOW_MS }
  const file = join(tree, 'skills.lock.json')
  if (!existsSync(file))
    return scan(options).skills.flatMap((skill) => skill.findings.filter((each) => each.rule === rule))
  const digest = scan(options).skills[0]?.content_digest ?? ''
  const lock = Lock.parse(readFileSync(file, 'utf8').replaceAll('@digest', digest), 'skills.lock.json')
  return scan({ ...options, lock }).skills.flatMap((skill) => skill.findings.filter((each) => each.rule === rule))
}

test('every rule has its folder, with something to flag and a near miss to leave alone', () => {
  const folders = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  expect(folders.map((entry) => entry.name).toSorted()).toEqual(OWN.map((rule) => rule.name).toSorted())
  expect(OWN.filter(({ name }) => cases(name, 'bad').length === 0 || cases(name, 'good').length === 0)).toEqual([])
})

describe.each(OWN.map((rule) => rule.name))('%s', (rule) => {
  test('flags what is bad, in these words', async () => {
    const lines = cases(rule, 'bad').flatMap((entry) => {
      const findings = found(rule, 'bad', entry)
      expect(findings.length, `${entry} is not flagged`).toBeGreaterThan(0)
      return findings.map(
        (each) =>
          `${entry} ${each.file}:${each.line} ${each.view} ${each.severity} ${each.ast}${each.item === null ? '' : `/${each.item}`}\n  ${each.evidence}\n  ${each.because}\n  ${each.remediation}\n`,
      )
    })
    await expect(lines.join('\n')).toMatchFileSnapshot(join(FOLDER, rule, 'findings.snap'))
  })

  test('leaves near misses alone', () => {
    for (const entry of cases(rule, 'good')) expect(found(rule, 'good', entry), entry).toEqual([])
  })
})
