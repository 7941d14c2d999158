/**
 * How fast the published command starts: the tarball installed in an empty folder against the sources of this checkout
 * (compile cache warm), and against Node itself. Subjects take turns, so that a busy machine is busy for all of them.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnAnvil } from '@countersign/simulator'
import { empty, row, type Result } from './Result.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const RUNS = 7
const PAYMENT = [
  ...['--from', '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266', '--json', '--no-receipt'],
  ...['--tx', '{"to":"0x70997970C51812dc3A010C7d01b50e0d17dc79C8","value":"1"}'],
]

export async function run(log: (text: string) => void): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-cli-'))
  const chain = await spawnAnvil({ args: [] })
  const server = { stop: async (): Promise<void> => undefined }
  try {
    log('packing and installing')
    install(folder)
    const published = join(folder, 'node_modules', '.bin', 'countersign')
    const sources = join(ROOT, 'packages', 'cli', 'bin', 'countersign.mjs')
    const socket = join(folder, 'data', 'countersign.sock')
    server.stop = await serve(published, { folder, rpcUrl: chain.url })
    const here = ['simulate', '--rpc-url', chain.url, ...PAYMENT]
    const there = ['simulate', '--server', `unix:${socket}`, ...PAYMENT]
    const subjects = {
      'node -e 0': [process.execPath, '-e', '0'],
      'simulate, sources': [process.execPath, sources, ...here],
      'simulate, tarball': [published, ...here],
      '--help, tarball': [published, '--help'],
      '--version, tarball': [published, '--version'],
      'simulate --server, tarball': [published, ...there],
    } as const
    const samples = new Map<string, number[]>()
    for (let i = -1; i < RUNS; i += 1)
      for (const [name, [program, ...args]] of Object.entries(subjects)) {
        const ms = await timed(program, args)
        // The first round fills the compile caches.
        if (i >= 0) samples.set(name, [...(samples.get(name) ?? []), ms])
      }
    return resultOf(samples)
  } finally {
    await server.stop()
    await chain.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function install(folder: string): void {
  const tarballs = join(folder, 'tarballs')
  mkdirSync(tarballs)
  must(process.execPath, [join(ROOT, 'tools', 'pack', 'main.ts'), '--out', tarballs], ROOT)
  writeFileSync(join(folder, 'package.json'), '{"name":"bench","private":true}')
  const command = readdirSync(tarballs).find((name) => /^countersign-\d/.test(name)) ?? ''
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
  must('npm', ['install', ...quiet, join(tarballs, command)], folder)
}

function must(program: string, args: readonly string[], cwd: string): void {
  const { status, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
}

async function serve(
  program: string,
  { folder, rpcUrl }: { readonly folder: string; readonly rpcUrl: string },
): Promise<() => Promise<void>> {
  const env = { ...process.env, COUNTERSIGN_RPC_31337: rpcUrl }
  const child = spawn(program, ['serve', '--port', '0', '--data-dir', join(folder, 'data')], { env })
  await new Promise<void>((resolve, reject) => {
    let text = ''
    const read = (bytes: Buffer): void => {
      text += bytes.toString()
      if (text.includes('Stop with')) resolve()
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('exit', () => reject(new Error(`serve ended: ${text}`)))
  })
  return async () => {
    // Until it is gone it writes to the folder that is removed next.
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill('SIGTERM')
    await ended
  }
}

/** Not `spawnSync`: the chain and the server write to this process, and would wait for it to read. */
function timed(program: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const startMs = performance.now()
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()))
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(performance.now() - startMs)
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code}: ${said}`))
    })
  })
}

const BARS = [
  ['simulate, tarball', 'simulate, sources', 0.45],
  ['--help, tarball', 'node -e 0', 8],
  ['--version, tarball', 'node -e 0', 3],
  ['simulate --server, tarball', 'node -e 0', 3],
] as const

function resultOf(samples: ReadonlyMap<string, number[]>): Result {
  const result = empty('cli')
  for (const [name, ms] of samples)
    result.rows.push(row({ case: 'start to end', subject: name, metric: 'time', unit: 'ms' }, ms))
  const p50 = (name: string): number => result.rows.find(({ subject }) => subject === name)?.p50 ?? Number.NaN
  for (const [name, over, most] of BARS) {
    const value = p50(name) / p50(over)
    result.bars.push({ name: `${name} over ${over}`, value, target: `at most ${most}`, holds: value <= most })
  }
  return result
}
