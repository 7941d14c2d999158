import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readThreats } from './readThreats.ts'
import { isNamed } from './Threat.ts'

const root = join(import.meta.dirname, '..', '..')
const kinds = await readThreats()
const rows = kinds.flatMap(({ threats }) => threats)

/** Whether a string of the file is this title. A title may hold values: `${n} calls` in the source is "1000 calls" in a report. */
function hasTitle(file: string, title: string): boolean {
  const source = readFileSync(join(root, file), 'utf8')
  // Tried from every quotation mark on, because a text in a comment may open one that it never closes.
  const strings = source.matchAll(/(?=(['"`])((?:\\.|(?!\1)[^\\\n])*)\1)/g)
  return [...strings].some(([, , text = '']) => {
    const parts = text.replaceAll(/\\(.)/g, '$1').split(/\$\{[^}]*\}|%[sdo]|\$\w+/)
    return parts.length === 1
      ? parts[0] === title
      : new RegExp(`^${parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+')}$`).test(title)
  })
}

describe('the threat model names tests that exist', () => {
  test('every row names at least one test, and no two rows share an id', () => {
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.filter(({ tests }) => tests.length === 0).map(({ id }) => id)).toEqual([])
    const ids = rows.map(({ id }) => id)
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([])
  })

  test('every named test stands in its file', () => {
    const missing = rows.flatMap(({ id, tests }) =>
      tests
        .filter(({ file, name }) => !existsSync(join(root, file)) || !hasTitle(file, name.split(' > ').at(-1) ?? name))
        .map(({ file, name }) => `${id}: ${file} has no test "${name}"`),
    )
    expect(missing).toEqual([])
  })

  test('a name matches a whole title only', () => {
    expect(isNamed(['a group', 'a test'], 'a test')).toBe(true)
    expect(isNamed(['a group', 'a test'], 'a group > a test')).toBe(true)
    expect(isNamed(['a group', 'a test that is longer'], 'a test')).toBe(false)
  })
})
