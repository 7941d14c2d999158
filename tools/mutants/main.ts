/**
 * `npm run test:mutants [-- --count N] [--seed N] [--only PATH] [--json]`: how many faults the `promise:` tests find. Each mutant
 * is one small fault in a source that has a test of its own beside it, at a place that its `promise:` tests reach; it is found
 * when one of them fails. Sources are changed in place and put back, so the checkout has to be clean.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { mutated, probed, sitesOf, type Site } from './sitesOf.ts'
import { REACHED, WarmTests } from './WarmTests.ts'

const root = join(import.meta.dirname, '..', '..')
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log('Usage: npm run test:mutants -- [--count 100] [--seed 1] [--only packages/server] [--json]')
  process.exit(0)
}
const count = Number(values.count)
const seed = Number(values.seed)
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed)) {
  console.error('--count and --seed are whole numbers; --count is at least 1.')
  process.exit(2)
}
const say = (line: string): void => void process.stderr.write(`${line}\n`)
const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' })
if (git('status', '--porcelain', 'packages') !== '') {
  console.error('Commit or stash what is changed in packages first: mutants are written there and put back.')
  process.exit(2)
}

interface Source {
  readonly path: string
  readonly test: string
  readonly text: string
  readonly sites: readonly Site[]
}
const sources: Source[] = git('ls-files', 'packages/*/src/*.test.ts')
  .split('\n')
  .filter((test) => test.startsWith(`packages/`) && test.includes(values.only))
  .flatMap((test) => {
    const path = test.replace(/\.test\.ts$/, '.ts')
    if (!existsSync(join(root, path)) || !readFileSync(join(root, test), 'utf8').includes('promise:')) return []
    const text = readFileSync(join(root, path), 'utf8')
    return [{ path, test, text, sites: sitesOf(text) }]
  })

const put = ({ path }: Source, text: string): void => writeFileSync(join(root, path), text)
const putBack = (): void => {
  for (const source of sources) put(source, source.text)
}
const folder = mkdtempSync(join(tmpdir(), 'countersign-mutants-'))
const reachedFile = join(folder, 'reached')
const tests = new WarmTests(root, { [REACHED]: reachedFile })
process.on('exit', () => {
  tests.stop()
  putBack()
  rmSync(folder, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

/** Sites that the promises of a source reach: each is asked by a probe that writes its index to a file. */
async function reachedOf(source: Source): Promise<readonly number[]> {
  const probe = `;function __probe(i){const seen=globalThis.__reached??=new Set();if(!seen.has(i)){seen.add(i);process.getBuiltinModule('node:fs').appendFileSync(process.env.${REACHED},i+'\\n')}}\n`
  rmSync(reachedFile, { force: true })
  try {
    put(source, `${probed(source.text, source.sites, '__probe')}${probe}`)
    if (!(await tests.hold({ test: source.test, source: source.path }, 600_000))) {
      say(`not tried, because its promises do not hold with probes in it: ${source.path}`)
      return []
    }
    return existsSync(reachedFile) ? [...new Set(readFileSync(reachedFile, 'utf8').trim().split('\n').map(Number))] : []
  } finally {
    put(source, source.text)
  }
}

/** Numbers that look random and are the same for one seed (mulberry32). */
function* numbers(start: number): Generator<number, never> {
  for (let state = start; ;) {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    yield ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const lineOf = ({ text }: Source, { start }: Site): number => text.slice(0, start).split('\n').length

const random = numbers(seed)
const all: { source: Source; site: Site; limitMs: number }[] = []
for (const [i, source] of sources.entries()) {
  const startMs = performance.now()
  const reached = await reachedOf(source)
  // A mutant that never ends is given up after many times what its tests take.
  const limitMs = 30_000 + 10 * (performance.now() - startMs)
  say(`${i + 1}/${sources.length} ${source.path}: ${reached.length} of ${source.sites.length} places reached`)
  for (const index of reached) {
    const site = source.sites[index]
    if (site !== undefined) all.push({ source, site, limitMs })
  }
}
const chosen = all
  .map((each) => ({ each, rank: random.next().value }))
  .toSorted((a, b) => a.rank - b.rank)
  .slice(0, count)
  .map(({ each }) => each)
const survived: { place: string; kind: Site['kind']; was: string; is: string }[] = []
for (const [i, { source, site, limitMs }] of chosen.entries()) {
  put(source, mutated(source.text, site))
  const isFound = !(await tests.hold({ test: source.test, source: source.path }, limitMs))
  put(source, source.text)
  const place = `${source.path}:${lineOf(source, site)}`
  const was = source.text.slice(site.start, site.end).slice(0, 60)
  if (!isFound) survived.push({ place, kind: site.kind, was, is: site.text.slice(0, 60) })
  say(
    `${i + 1}/${chosen.length} ${isFound ? 'found   ' : 'survived'} ${place} ${site.kind}: ${was} → ${site.text.slice(0, 60)}`,
  )
}
tests.stop()
const found = chosen.length - survived.length
if (values.json)
  console.log(
    JSON.stringify(
      { seed, sources: sources.length, places: all.length, tried: chosen.length, found, survived },
      null,
      2,
    ),
  )
else
  console.log(
    `${found} of ${chosen.length} mutants found (${((100 * found) / chosen.length).toFixed(1)} %), of ${all.length} places in ${sources.length} sources, seed ${seed}.`,
  )
process.exitCode = found >= 0.9 * chosen.length ? 0 : 1
