import { spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Adapter } from './Adapter.ts'
import type { AdapterReport } from './AdapterReport.ts'
import { AnswerError } from './read.ts'
import { isAtLeast, type Severity } from '../Severity.ts'

/** More than any of them prints about one skill. */
const ANSWER_BYTES_MAX = 32 * 1024 * 1024

export interface AdapterOptions {
  /** As the report names it. */
  readonly skill: string
  /** Where it is. */
  readonly directory: string
  /** Findings this grave fail the adapter's check. */
  readonly gate: Severity
  readonly timeoutMs: number
  /** Whether the owner agreed that the skill's text is sent away. */
  readonly isUploadAllowed: boolean
  /** Another version than the one the adapter was written for, by the owner's word. */
  readonly version?: string | undefined
}

/**
 * Runs another scanner on one skill, where it is installed, and puts its answer into our words. No shell; little of the
 * environment; a time limit for the whole process group. What cannot be run or read is said and never a pass.
 *
 * @param tools.env - PATH is where it is looked for.
 */
export async function runAdapter(
  { env }: { env: NodeJS.ProcessEnv },
  adapter: Adapter,
  options: AdapterOptions,
): Promise<AdapterReport> {
  const { skill, directory, gate, timeoutMs } = options
  const report = (
    status: AdapterReport['status'],
    because: string | null,
    version: string | null = null,
  ): AdapterReport => ({ adapter: adapter.name, skill, status, version, because, findings: [] })

  if (adapter.isUploading && !options.isUploadAllowed)
    return report('not-run', 'It sends the skill’s text to its maker; say --allow-upload to agree.')
  const program = findProgram(adapter.program, env['PATH'] ?? '')
  if (program === null) return report('not-run', `\`${adapter.program}\` is not installed.`)
  const missing = adapter.env.filter((name) => (env[name] ?? '') === '')
  if (missing.length > 0) return report('not-run', `${missing.join(', ')} is not set.`)

  const wanted = options.version ?? adapter.version
  const kept = Object.fromEntries(
    ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR', ...adapter.env].flatMap((name) =>
      env[name] === undefined ? [] : [[name, env[name]]],
    ),
  )
  const start = (args: readonly string[]): Promise<Ended> => runProgram(program, args, { env: kept, timeoutMs })

  const asked = await start(['--version'])
  const printed =
    asked.status === 'ended' && asked.code === 0 ? (/\d{1,4}\.\d{1,4}\.\d{1,4}/.exec(asked.out)?.[0] ?? null) : null
  if (printed !== null && printed !== wanted) return report('failed', versionWords(printed, wanted), printed)

  const ended = await start(adapter.args(directory))
  if (ended.status !== 'ended') return report('failed', WHY[ended.status](timeoutMs), printed)
  if (!adapter.exitCodes.includes(ended.code))
    return report('failed', `It ended with exit code ${ended.code}.`, printed)
  try {
    const { findings, version: said } = adapter.read(ended.out, directory)
    // Only where `--version` says nothing is the answer's own word taken.
    const version = printed ?? said
    if (version === null) return report('failed', 'It does not say which version it is.')
    if (version !== wanted) return report('failed', versionWords(version, wanted), version)
    const isFailed = findings.some((finding) => isAtLeast(finding.severity, gate))
    const sorted = findings.toSorted((a, b) =>
      compare(
        `${a.file}\0${String(a.line ?? 0).padStart(9, '0')}\0${a.rule}`,
        `${b.file}\0${String(b.line ?? 0).padStart(9, '0')}\0${b.rule}`,
      ),
    )
    return { ...report(isFailed ? 'fail' : 'pass', null, version), findings: sorted }
  } catch (error) {
    if (error instanceof AnswerError) return report('failed', `Its answer cannot be read: ${error.message}.`, printed)
    throw error
  }
}

function versionWords(found: string, wanted: string): string {
  return `Version ${found} is installed; its answers were only checked for ${wanted}.`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** A program in PATH that can be run. Relative entries of PATH are left out: they could lead into a skill. */
export function findProgram(name: string, path: string): string | null {
  for (const directory of path.split(delimiter)) {
    if (!directory.startsWith('/') && !/^[A-Za-z]:[\\/]/.test(directory)) continue
    const file = join(directory, name)
    try {
      accessSync(file, constants.X_OK)
      if (statSync(file).isFile()) return file
    } catch {
      // Not there: the next one.
    }
  }
  return null
}

const WHY: Readonly<Record<'timeout' | 'too-much' | 'unstartable', (timeoutMs: number) => string>> = {
  timeout: (timeoutMs) => `It did not answer within ${timeoutMs} ms.`,
  'too-much': () => 'It printed more than 32 MiB.',
  unstartable: () => 'It could not be started.',
}

type Ended = { status: 'ended'; code: number; out: string } | { status: 'timeout' | 'too-much' | 'unstartable' }

function runProgram(
  program: string,
  args: readonly string[],
  { env, timeoutMs }: { env: Record<string, string | undefined>; timeoutMs: number },
): Promise<Ended> {
  return new Promise((resolve) => {
    // A group of its own, so that what it started ends with it.
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'ignore'], detached: true, shell: false })
    const chunks: Buffer[] = []
    let bytes = 0
    let ending: Ended | null = null
    const end = (status: 'timeout' | 'too-much'): void => {
      ending ??= { status }
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It ended by itself meanwhile.
      }
    }
    const timer = setTimeout(() => end('timeout'), timeoutMs)
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > ANSWER_BYTES_MAX) end('too-much')
      else chunks.push(chunk)
    })
    child.on('error', () => {
      clearTimeout(timer)
      resolve(ending ?? { status: 'unstartable' })
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve(ending ?? { status: 'ended', code: code ?? -1, out: Buffer.concat(chunks).toString('utf8') })
    })
  })
}
