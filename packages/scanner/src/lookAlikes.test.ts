import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readTree } from './readTree.ts'
import { scanSkill } from './scan.ts'

/**
 * Packages that do what attackers do as well, for their owner: a pinned installer, a profile, a timer, a sealed copy of keys, a
 * registry for one scope. Each has a twin that differs in one fact, and does harm by it. The words of the two are the same.
 */
const PACKAGES = readFileSync(join(import.meta.dirname, 'lookAlikes.test.txt'), 'utf8')
  .split(/^=== /m)
  .slice(1)
  .map((text) => {
    const [head = '', ...files] = text.split(/^--- (?=\S+$)/m)
    const [name = '', kind = ''] = head.trim().split(' | ')
    return { name, kind, files: files.map((file) => file.split(/\n([^]*)/)) }
  })

const root = mkdtempSync(join(tmpdir(), 'countersign-look-alikes-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

function blocking({ name, kind, files }: (typeof PACKAGES)[number]): string[] {
  const base = join(root, kind)
  for (const [path = '', text = ''] of files) {
    const full = join(base, name, path)
    mkdirSync(dirname(full), { recursive: true })
    writeFileSync(full, text)
  }
  return readTree([name], base)
    .flatMap((skill) => scanSkill(skill, { gate: 'high', nowMs: 0, neighbours: [] }).findings)
    .filter(({ severity }) => severity === 'high' || severity === 'critical')
    .map(({ rule, file, line }) => `${rule} ${file}:${line}`)
}

describe('promise: what is verified, constant or sealed for its owner is not blocked', () => {
  test.each(PACKAGES.filter(({ kind }) => kind === 'honest'))('$name passes', (each) => {
    expect(blocking(each)).toEqual([])
  })
})

describe('promise: its twin, which differs in one fact, is blocked', () => {
  test.each(PACKAGES.filter(({ kind }) => kind === 'hostile'))('$name is blocked', (each) => {
    expect(blocking(each)).not.toEqual([])
  })
})
