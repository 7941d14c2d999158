import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format } from 'prettier'
import type { Result } from '../Result.ts'
import { rateChart, timeChart } from './chart.ts'
import { render, type League, type Part } from './table.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const MAIN = join(import.meta.dirname, '..', 'main.ts')
/** A part that takes longer is stopped, and the table says so. */
const MAX_MS = 90 * 60_000

/** What is run, one after the other, each in a process of its own: one that fails takes no other with it. */
const PARTS: readonly (readonly string[])[] = [
  ['detection'],
  ['detection', '--mutations'],
  ['journeys'],
  ['scanner', '--only', 'cases'],
  ['scanner', '--only', 'costs'],
  ['scanner', '--only', 'start'],
  ['scanner', '--only', 'slow'],
  ['containment'],
  ['adaptive'],
  ['mandates'],
  ['enforcement'],
  ['simulator'],
  ['gateway', '--only', 'auth'],
  ['gateway', '--only', 'durable'],
  ['gateway', '--only', 'survival'],
  ['gateway', '--only', 'streams'],
  ['gateway', '--only', 'neighbours'],
  ['cli'],
]
/** Reads the fold that is held back: once, at the end of work on the rules. */
const HELD_BACK: readonly (readonly string[])[] = [['scanner', '--only', 'corpus']]

export interface AllInput {
  /** Where `results.json`, `league.md` and the charts are written. */
  readonly out: string
  /** Names of benchmarks; null: all. */
  readonly only: readonly string[] | null
  readonly isHeldBackRead: boolean
  readonly log: (text: string) => void
}

/** Runs the benchmarks and writes the league table. What was written by then stays when it is interrupted. */
export async function all({ out, only, isHeldBackRead, log }: AllInput): Promise<League> {
  mkdirSync(out, { recursive: true })
  const wanted = [...PARTS, ...(isHeldBackRead ? HELD_BACK : [])].filter(
    ([name = '']) => only === null || only.includes(name),
  )
  const parts: Part[] = []
  let league = leagueOf({ parts, isHeldBackRead })
  for (const [i, args] of wanted.entries()) {
    log(`${i + 1} of ${wanted.length}: ${args.join(' ')}`)
    parts.push(await runPart(args, log))
    league = leagueOf({ parts, isHeldBackRead })
    await write(out, league)
  }
  return league
}

function leagueOf({ parts, isHeldBackRead }: Pick<League, 'parts' | 'isHeldBackRead'>): League {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  let commit: string | null = null
  try {
    const git = (...args: string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()
    commit = `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') === '' ? '' : ' with changes'}`
  } catch {
    // A copy without its history.
  }
  return { version, commit, date: new Date().toISOString(), isHeldBackRead, parts }
}

function runPart(args: readonly string[], log: (text: string) => void): Promise<Part> {
  const command = `npm run bench -- ${args.join(' ')}`
  const startMs = performance.now()
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args, '--json'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [out, last] = ['', '']
    const timer = setTimeout(() => child.kill('SIGTERM'), MAX_MS)
    child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()))
    child.stderr.on('data', (bytes: Buffer) => {
      const text = bytes.toString()
      last = text.trim().split('\n').at(-1) ?? last
      for (const line of text.trimEnd().split('\n')) log(`  ${line}`)
    })
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      const tookS = Math.round((performance.now() - startMs) / 1000)
      const result = resultIn(out)
      const failure = result === null ? `it ended with ${signal ?? code ?? 'nothing'}: ${last.slice(0, 200)}` : null
      resolve({ command, tookS, result, failure })
    })
  })
}

/** The one JSON object on the last line. */
function resultIn(out: string): Result | null {
  try {
    const result = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as Result
    return typeof result.bench === 'string' && Array.isArray(result.bars) ? result : null
  } catch {
    return null
  }
}

async function write(out: string, league: League): Promise<void> {
  writeFileSync(join(out, 'results.json'), `${JSON.stringify(league, null, 2)}\n`)
  const charts = new Map<string, string>()
  for (const { command, result } of league.parts) {
    const svg = result === null ? null : chartOf(result)
    if (svg === null) continue
    const name = `${command.replace('npm run bench -- ', '').replaceAll(/[^a-z]+/g, '-')}.svg`
    writeFileSync(join(out, name), svg)
    charts.set(command, name)
  }
  writeFileSync(join(out, 'league.md'), await format(render(league, charts), { parser: 'markdown', printWidth: 120 }))
}

/** The shares over all cases where it counts; otherwise the first case that several tools were timed on. */
function chartOf({ bench, rates = [], rows }: Result): string | null {
  const whole = rates.filter((rate) => rate.case === 'all')
  if (whole.length > 0) return rateChart(`${bench}: all cases, 95 % intervals`, whole)
  const shared = rows.find((row) => rows.some((each) => isSameCase(each, row) && each.subject !== row.subject))
  if (shared === undefined) return null
  const compared = rows.filter((row) => isSameCase(row, shared))
  return timeChart(`${bench}: ${shared.case}, ${shared.metric} in ${shared.unit}`, compared)
}

const isSameCase = (a: Result['rows'][number], b: Result['rows'][number]): boolean =>
  a.case === b.case && a.metric === b.metric && a.unit === b.unit
