import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { factsOf } from '../factsOf.ts'
import { COMMANDS } from './index.ts'

// `cases.sh` of each command: lines that show what it reads, writes, sends, runs and gives, and below `# near misses` those
// in which nothing comes from a stranger or leaves.
const FOLDER = import.meta.dirname
const folders = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .toSorted()

function shown(line: string): string[] {
  const facts = factsOf([
    {
      file: 'case.sh',
      name: 'code',
      line: 1,
      text: line,
      language: 'shell',
      holder: 'script',
      headings: [],
      lead: '',
      decodedBy: [],
      role: 'instruction',
    },
  ])
  return [
    ...facts.flow.map((flow) => `flow ${flow.source} -> ${flow.sink}: ${flow.from} => ${flow.to}`),
    ...facts.path
      .filter((path) => path.access !== 'mention' && (path.access !== 'read' || path.what !== 'other'))
      .map((path) => `${path.access} ${path.path} (${path.what})`),
  ]
}

test('every folder is in the list, and every name is described once', () => {
  expect(COMMANDS.length).toBe(folders.length)
  const names = COMMANDS.flatMap((command) => command.names)
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
})

describe.each(folders)('%s', (folder) => {
  const file = join(FOLDER, folder, 'cases.sh')
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  const border = lines.indexOf('# near misses')
  const isCase = (line: string) => line !== '' && !line.startsWith('# ')

  test('shows these facts', async () => {
    expect(border).toBeGreaterThanOrEqual(0)
    const out = lines.filter(isCase).map((line) => [`$ ${line}`, ...shown(line).map((fact) => `  ${fact}`)].join('\n'))
    expect(out.length).toBeGreaterThanOrEqual(2)
    await expect(`${out.join('\n')}\n`).toMatchFileSnapshot(join(FOLDER, folder, 'facts.snap'))
  })

  test('a line above the border says something that a near miss does not', () => {
    for (const line of lines.slice(0, border).filter(isCase)) expect(shown(line), line).not.toEqual([])
    for (const line of lines.slice(border).filter(isCase))
      expect(
        shown(line).filter((fact) => fact.startsWith('flow')),
        line,
      ).toEqual([])
  })
})
