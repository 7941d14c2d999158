import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { readTree } from './readTree.ts'
import { scanSkill } from './scan.ts'
import type { Skill } from './Skill.ts'

// A report is a function of the tree: not of the machine's speed, of what was scanned before, or of the caller's stack.
const root = mkdtempSync(join(tmpdir(), 'countersign-determinism-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
afterEach(() => vi.restoreAllMocks())

const RULES_FOLDER = join(import.meta.dirname, 'rules')
for (const rule of readdirSync(RULES_FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory()))
  for (const kind of ['bad', 'good'])
    for (const entry of readdirSync(join(RULES_FOLDER, rule.name, kind)).filter((name) => name.endsWith('.md'))) {
      const folder = join(root, 'cases', rule.name, kind, basename(entry, '.md'))
      mkdirSync(folder, { recursive: true })
      cpSync(join(RULES_FOLDER, rule.name, kind, entry), join(folder, 'SKILL.md'))
    }
const skills = readTree([join(root, 'cases')], root)
const judge = (skill: Skill) =>
  JSON.stringify({ ...scanSkill(skill, { gate: 'high', nowMs: 0, neighbours: [skill] }), ms: 0 })

test('promise: neither the order of the packages nor a slow clock changes a report', () => {
  const first = new Map(skills.map((skill) => [skill.path, judge(skill)]))
  expect(first.size).toBeGreaterThan(200)
  let nowMs = 0
  vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += 60_000))
  vi.spyOn(Date, 'now').mockImplementation(() => (nowMs += 60_000))
  const changed = skills.toReversed().filter((skill) => judge(skill) !== first.get(skill.path))
  expect(changed.map((skill) => skill.path)).toEqual([])
})

test('promise: nesting without end exhausts no stack, however deep the caller stands', () => {
  const deep = 30_000
  const files: Readonly<Record<string, string>> = {
    'a.py': `x = ${'('.repeat(deep)}1${')'.repeat(deep)}\n`,
    'b.mjs': `const x = ${'['.repeat(deep)}1${']'.repeat(deep)}\n`,
    'c.sh': `echo ${'$('.repeat(deep)}date${')'.repeat(deep)}\n`,
    'd.json': `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}\n`,
    'e.yaml': `a: ${'['.repeat(deep)}${']'.repeat(deep)}\n`,
    'f.md': `${'> '.repeat(deep)}text ${'**'.repeat(deep)}\n`,
    'g.rb': `x = ${'f('.repeat(deep)}1${')'.repeat(deep)}\n`,
    'h.ps1': `$x = ${'$('.repeat(deep)}1${')'.repeat(deep)}\n`,
    'i.js': `${'a.b('.repeat(deep)}${'+('.repeat(deep)}1\n`,
    'j.toml': `a = ${'['.repeat(deep)}${']'.repeat(deep)}\n`,
  }
  const folder = join(root, 'deep')
  mkdirSync(folder)
  writeFileSync(join(folder, 'SKILL.md'), '---\nname: deep\ndescription: A case.\n---\n\nRead the files.\n')
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const [skill] = readTree([folder], root)
  if (skill === undefined) throw new Error('the case was not found')
  const shallow = judge(skill)
  expect(shallow).not.toMatch(/call stack|the rule \S+ failed/)
  const under = (frames: number): string => (frames === 0 ? judge(skill) : [under(frames - 1)].join(''))
  expect(under(2_000)).toBe(shallow)
})
