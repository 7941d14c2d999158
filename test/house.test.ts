/**
 * How the house is built: which way imports point, how long files and functions may be, and what packages export. Each limit
 * has today's exceptions in `house.exceptions.json`, which may only shrink: a line that is no longer needed fails as well.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.tsx'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)))
const text = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))
const sources = files.filter(
  (file) => /^packages\/\w+\/src\//.test(file) && !/\.test\.tsx?$|\/rules\/[\w-]+\/cases\.ts$/.test(file),
)
const exceptions = JSON.parse(readFileSync(join(import.meta.dirname, 'house.exceptions.json'), 'utf8')) as {
  /** `file → file`: an import that points up, with its reason. */
  imports: Readonly<Record<string, string>>
  cycles: readonly string[]
  /** Lines. */
  files: Readonly<Record<string, number>>
  functions: Readonly<Record<string, number>>
  /** Files that read JSON with `JSON.parse`, by the reason why a field given twice does no harm there. */
  json: Readonly<Record<string, readonly string[]>>
}

/** Packages from the ground up: each imports those before it only. `chain` and `bench` are not shipped. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  base: [],
  sdk: [],
  simulator: ['base'],
  scanner: ['base'],
  guard: ['base', 'sdk', 'simulator'],
  server: ['base', 'sdk', 'simulator', 'scanner'],
  cli: ['base', 'chain', 'scanner', 'sdk', 'server', 'simulator', 'web'],
  web: ['base', 'sdk', 'simulator', 'server'],
}
/** Rooms from the ground up. Files beside the rooms stand on top; tests may import anything. */
const FLOORS: Readonly<Record<string, readonly string[]>> = {
  simulator:
    'disk model names intent decode enforcement chain evm wire effects memory signatures clearsigning rules text receipts stages'.split(
      ' ',
    ),
  server:
    'store limits telemetry audit proofs browser operators chains provenance sessions keys signin outbox reach mandates proposals apps tools agent turns mcp rpc telegram http'.split(
      ' ',
    ),
}

/** Every import of a file, type imports included: relative ones as paths, others by name. */
function importsOf(file: string): string[] {
  const found = (text.get(file) ?? '').matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^'"\n;]*?(?:\{[^}]*\}[^'"\n;]*?)?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)/g,
  )
  return [...found].map((match) => {
    const spec = match[1] ?? match[2] ?? ''
    return spec.startsWith('.') ? normalize(join(dirname(file), spec)) : spec
  })
}

function roomOf(file: string): { readonly pack: string; readonly room: string | null } {
  const [, pack = '', , ...rest] = file.split('/')
  return { pack, room: rest.length > 1 ? (rest[0] ?? null) : null }
}

test('promise: packages import those below them only', () => {
  const wrong = sources.flatMap((file) => {
    const allowed = PACKAGES[roomOf(file).pack]
    return importsOf(file)
      .flatMap((spec) => /^@countersign\/(\w+)/.exec(spec)?.[1] ?? [])
      .filter((pack) => allowed?.includes(pack) !== true)
      .map((pack) => `${file} → ${pack}`)
  })
  expect(wrong).toEqual([])
})

test('promise: rooms import those on lower floors only, type imports included', () => {
  const upward = sources.flatMap((file) => {
    const { pack, room } = roomOf(file)
    const floors = FLOORS[pack]
    if (floors === undefined || room === null) return []
    expect(floors, `${pack}/${room} has no floor`).toContain(room)
    return importsOf(file)
      .filter((spec) => spec.startsWith(`packages/${pack}/src/`))
      .filter((spec) => {
        const to = roomOf(spec).room
        return to === null || floors.indexOf(to) > floors.indexOf(room)
      })
      .map((spec) => `${file} → ${spec}`)
  })
  expect([...new Set(upward)].toSorted()).toEqual(Object.keys(exceptions.imports).toSorted())
})

test('promise: no import circle, type imports included', () => {
  const names = new Set(sources)
  const graph = new Map(sources.map((file) => [file, importsOf(file).filter((each) => names.has(each))]))
  const reaches = (from: string): Set<string> => {
    const seen = new Set<string>()
    const open = [...(graph.get(from) ?? [])]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next)) continue
      seen.add(next)
      open.push(...(graph.get(next) ?? []))
    }
    return seen
  }
  const inCircle = sources.filter((file) => reaches(file).has(file))
  expect(inCircle.toSorted()).toEqual(exceptions.cycles)
})

/** Longest function of a file by its indentation, which prettier keeps. */
function longestFunction(content: string): number {
  const lines = content.split('\n')
  let longest = 0
  for (const [i, line] of lines.entries()) {
    const start =
      /^(\s*)(?:export )?(?:default )?(?:async )?(?:function\b|(?:static |readonly |override )*(?:async )?[#\w]+\([^;]*$|(?:const|let) \w+.* = (?:async )?(?:\(|<|\w+ =>))/.exec(
        line,
      )
    if (start === null) continue
    if (/^\s*(?:if|for|while|switch|return|await|expect|describe|test)\b/.test(line)) continue
    if (!/[{(]$/.test(line)) continue
    // A call over several lines looks like the head of a method, until its parenthesis closes and no body begins.
    const close = lines.findIndex((other, k) => k > i && other.startsWith(`${start[1] ?? ''})`))
    if (line.endsWith('(') && !/[{(]$/.test(lines[close] ?? '')) continue
    const end = lines.findIndex((other, k) => k > i && new RegExp(`^${start[1] ?? ''}}[,;)]*$`).test(other))
    if (end > 0) longest = Math.max(longest, end - i + 1)
  }
  return longest
}

/** Written by `npm run docs`, which `test/wireTypes.test.ts` holds it to. */
const GENERATED = 'packages/sdk/src/wire.ts'

describe('limits that only shrink', () => {
  test('a source file has at most 600 lines', () => {
    const long = sources
      .filter((file) => file !== GENERATED)
      .map((file) => [file, (text.get(file) ?? '').split('\n').length - 1] as const)
      .filter(([, lines]) => lines > 600)
    expect(long.filter(([file, lines]) => lines > (exceptions.files[file] ?? 600))).toEqual([])
    expect(Object.keys(exceptions.files).filter((file) => !long.some(([each]) => each === file))).toEqual([])
  })
  test('a function has at most 120 lines', () => {
    const long = sources
      .map((file) => [file, longestFunction(text.get(file) ?? '')] as const)
      .filter(([, lines]) => lines > 120)
    expect(long.filter(([file, lines]) => lines > (exceptions.functions[file] ?? 120))).toEqual([])
    expect(Object.keys(exceptions.functions).filter((file) => !long.some(([each]) => each === file))).toEqual([])
  })
})

test('promise: JSON from outside is read by `Json.parse`, which refuses a field given twice', () => {
  const reading = sources.filter((file) => /\bJSON\.parse\(/.test(text.get(file) ?? ''))
  expect(reading.toSorted()).toEqual(Object.values(exceptions.json).flat().toSorted())
})

test('no room for leftovers: a file says what it is about', () => {
  expect(
    files.filter(
      (file) => /(?:^|\/)(?:utils?|helpers?|common|misc)(?:\/|\.tsx?$)/i.test(file) && basename(file) !== 'Helper.ts',
    ),
  ).toEqual([])
})

/** What a package offers under a path of its package.json, as its index names it. */
function exported(file: string): string {
  const content = text.get(file) ?? ''
  const named = [...content.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap((match) =>
    (match[1] ?? '').split(',').map((each) =>
      each
        .trim()
        .replace(/^type /, '')
        .replace(/^.* as /, ''),
    ),
  )
  const own = [
    ...content.matchAll(/^export (?:default |async )*(?:const|let|function|class|interface|type|enum) (\w+)/gm),
  ]
  const whole = [...content.matchAll(/export (?:type )?\* (?:as (\w+) )?from '([^']+)'/g)]
  return [
    ...named.filter((each) => each !== ''),
    ...own.map((match) => match[1] ?? ''),
    ...whole.map((match) => match[1] ?? `* from ${match[2] ?? ''}`),
  ]
    .toSorted()
    .join('\n')
}

test.each(Object.keys(PACKAGES).filter((pack) => text.has(`packages/${pack}/src/index.ts`)))(
  'the exports of %s are those of its file in test/exports',
  async (pack) => {
    await expect(`${exported(`packages/${pack}/src/index.ts`)}\n`).toMatchFileSnapshot(
      join(import.meta.dirname, 'exports', `${pack}.txt`),
    )
  },
)
