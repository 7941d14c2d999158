import { expect, test } from 'vitest'
// @ts-expect-error a program of plain JavaScript, which an old Node can read
import { refusalOfNode } from '../bin/neededNode.mjs'

const refusal = refusalOfNode as (version: string, command?: string) => string | null

test.each([
  [
    '20.20.2',
    'serve',
    'Countersign needs Node 24 or newer for "serve"; this is 20.20.2. In its repository, npx countersign brings its own.',
  ],
  [
    '22.23.3',
    'demo',
    'Countersign needs Node 24 or newer for "demo"; this is 22.23.3. In its repository, npx countersign brings its own.',
  ],
  [
    '22.18.9',
    'simulate',
    'Countersign needs Node 22.19 or newer for "simulate"; this is 22.18.9. In its repository, npx countersign brings its own.',
  ],
  [
    '18.0.0',
    undefined,
    'Countersign needs Node 22.19 or newer; this is 18.0.0. In its repository, npx countersign brings its own.',
  ],
])('refuses Node %s for %s in one line', (version, command, line) => {
  expect(refusal(version, command)).toBe(line)
})

test.each([
  ['24.0.0', 'serve'],
  ['26.1.0', 'demo'],
  ['22.19.0', 'simulate'],
  ['23.0.0', 'scan'],
  ['24.21.0', undefined],
])('lets Node %s run %s', (version, command) => {
  expect(refusal(version, command)).toBeNull()
})
