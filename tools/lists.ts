/**
 * Lists that follow from what they list: every folder of rules, commands and languages is in its `index.ts`, in order of its
 * name. `node tools/lists.ts` writes them; `--check` says which is stale.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface List {
  /** Where the folders are, below the repository. */
  readonly folder: string
  /** The file in each folder, without its ending, and what it exports. */
  readonly member: string
  readonly type: { readonly name: string; readonly from: string }
  readonly constant: string
  readonly about: string
}

const SCANNER = 'packages/scanner/src'
const LISTS: readonly List[] = [
  {
    folder: `${SCANNER}/facts/commands`,
    member: 'command',
    type: { name: 'Command', from: './Command.ts' },
    constant: 'COMMANDS',
    about: 'Every program that is described, by its folder.',
  },
  {
    folder: `${SCANNER}/facts/languages`,
    member: 'language',
    type: { name: 'Language', from: './Language.ts' },
    constant: 'LANGUAGES',
    about: 'Every language that is read, by its folder.',
  },
]

const root = join(import.meta.dirname, '..')
const isCheck = process.argv.includes('--check')
let stale = 0
for (const list of LISTS) {
  const at = join(root, list.folder, 'index.ts')
  const text = textOf(list)
  let now = ''
  try {
    now = readFileSync(at, 'utf8')
  } catch {
    now = ''
  }
  if (now === text) continue
  if (isCheck) {
    console.log(`${list.folder}/index.ts is stale: run \`node tools/lists.ts\``)
    stale += 1
  } else writeFileSync(at, text)
}
process.exit(stale === 0 ? 0 : 1)

function textOf({ folder, member, type, constant, about }: List): string {
  const names = readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted()
  const camel = (name: string) => name.replace(/-(\w)/g, (_, char: string) => char.toUpperCase())
  // A name that is a word of the language gets its kind behind it.
  const constantOf = (name: string) => `${camel(name)}${member[0]?.toUpperCase() ?? ''}${member.slice(1)}`
  return [
    '// Written by tools/lists.ts.',
    `import type { ${type.name} } from '${type.from}'`,
    ...names.map((name) => `import { ${member} as ${constantOf(name)} } from './${name}/${member}.ts'`),
    '',
    `/** ${about} */`,
    `export const ${constant}: readonly ${type.name}[] = [`,
    ...names.map((name) => `  ${constantOf(name)},`),
    ']',
    '',
  ].join('\n')
}
