import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DRIFT_EXITS, exitOf } from './driftExits.ts'

type Kind = keyof typeof DRIFT_EXITS
const kinds = Object.keys(DRIFT_EXITS) as Kind[]

const drifted = (...found: Kind[]) => exitOf({ outcome: 'drifted', drift: found.map((kind) => ({ kind })) })

test.each(kinds)('promise: %s: one exit code, never 0, and the docs print it', (kind) => {
  const code = drifted(kind)
  expect(code).not.toBe(0)
  const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'reference', 'receipts.md'), 'utf8')
  expect(page).toMatch(new RegExp(`^\\| \`${kind}\` +\\| ${code} +\\|`, 'm'))
})

test('promise: of several kinds the one that ends it decides, in whatever order; what has no kind is not 0', () => {
  for (const kind of kinds)
    for (const other of kinds) {
      expect(drifted(kind, other)).toBe(drifted(other, kind))
      expect(drifted(kind, other)).toBe(Math.min(drifted(kind), drifted(other)))
    }
  expect(drifted('assets', 'blocked')).toBe(11)
  expect(exitOf({ outcome: 'good', drift: [] })).toBe(0)
  expect(drifted()).toBe(12)
  expect(exitOf({ outcome: 'blocked', drift: [] })).toBe(11)
})
