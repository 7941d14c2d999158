/**
 * `npm run image:check`: carries out the steps of the Dockerfile in clean roots, because no Docker engine runs where this is
 * developed, and starts the result as the image would run: another user, a read-only root, no shell, `/data` and `/tmp` alone
 * to write to. Needs Linux, root, debootstrap, and the network for Debian's and npm's packages. The build root is a Debian
 * made by debootstrap with this checkout's Node and npm in it; the run root holds glibc, certificates and Node, as distroless does.
 * `--base DIR` keeps the Debian there and takes it from there the next time. `--strict` fails where a program is missing.
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import {
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freePort } from '../freePort.ts'
import { configOf, readDockerfile, type Config, type Stage } from './Dockerfile.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const SUITE = 'bookworm'
/** What distroless's image for Node holds beside Node: the C library, C++'s, certificates, time zones, two users. */
const LIBRARIES = [
  'libc.so.6',
  'libm.so.6',
  'libdl.so.2',
  'libpthread.so.0',
  'librt.so.1',
  'libstdc++.so.6',
  'libgcc_s.so.1',
]
const START_TIMEOUT_MS = 180_000
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'

function missing(): string | null {
  if (process.platform !== 'linux') return 'It needs Linux.'
  if (process.getuid?.() !== 0) return 'It needs root, for chroot and mounts.'
  if (spawnSync('debootstrap', ['--version']).error !== undefined)
    return 'It needs debootstrap: apt-get install debootstrap.'
  return null
}

const reason = missing()
if (reason !== null) {
  console.log(`skipped: ${reason}`)
  process.exit(process.argv.includes('--strict') ? 1 : 0)
}
const folder = mkdtempSync(join(tmpdir(), 'countersign-image-'))
const started: ChildProcess[] = []
try {
  const [build, run, ...rest] = readDockerfile(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'))
  if (build === undefined || run === undefined || rest.length > 0) throw new Error('The Dockerfile has two stages.')
  const buildRoot = await timed(`debootstrap stands for ${build.from}`, () => makeBuildRoot())
  await timed('build stage', () => carryOutBuild(build, buildRoot))
  const runRoot = await timed(`glibc and Node stand for ${run.from}`, () => makeRunRoot(buildRoot))
  await timed('run stage', () => copyIn(run, { buildRoot, runRoot }))
  await timed('nothing of a shell or a package manager is in it', () => lookForShells(runRoot))
  await timed('starts, serves, simulates and stops as user 65532 on a read-only root', () => tryRun(run, runRoot))
  console.log(`image: ${sizeOf(runRoot)} MB\n6 passed, 0 failed`)
} finally {
  for (const process of started) if (process.exitCode === null) process.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}

async function timed<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  const startMs = performance.now()
  const result = await work()
  console.log(`ok   ${what} (${((performance.now() - startMs) / 1000).toFixed(1)} s)`)
  return result
}

function sh(program: string, args: readonly string[]): string {
  return execFileSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 256 * 1024 * 1024,
  })
}

function makeBuildRoot(): string {
  const root = join(folder, 'build')
  const base = parseArgs({ options: { base: { type: 'string' }, strict: { type: 'boolean' } } }).values.base ?? root
  if (!existsSync(join(base, 'etc/debian_version')))
    sh('debootstrap', ['--variant=minbase', '--include=ca-certificates,libstdc++6', SUITE, base])
  if (base !== root) sh('cp', ['-a', base, root])
  // `node:24-bookworm-slim` brings Node 24 and npm: here they are those of this checkout.
  copyFileSync(realpathSync(join(ROOT, 'node_modules/.bin/node')), join(root, 'usr/local/bin/node'))
  const npm = join(dirname(realpathSync(sh('which', ['npm']).trim())), '..')
  cpSync(npm, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true })
  for (const command of ['npm', 'npx'])
    sh('ln', ['-s', `../lib/node_modules/npm/bin/${command}-cli.js`, join(root, 'usr/local/bin', command)])
  // Whom this machine trusts: its registry may be behind a proxy with a certificate of its own.
  for (const file of ['/etc/resolv.conf', '/etc/hosts', CERTIFICATES]) copyFileSync(file, join(root, file))
  return root
}

/** The settings of npm that this machine reaches its registry with. */
function npmSettings(): Record<string, string> {
  const registry = sh('npm', ['config', 'get', 'registry']).trim()
  const proxies = Object.entries(process.env).filter(([name]) => /^(?:https?_proxy|no_proxy)$/i.test(name))
  return {
    npm_config_registry: registry,
    NODE_EXTRA_CA_CERTS: CERTIFICATES,
    ...(Object.fromEntries(proxies) as Record<string, string>),
  }
}

function carryOutBuild({ steps }: Stage, root: string): void {
  let workdir = '/'
  for (const { keyword, text } of steps) {
    if (keyword === 'WORKDIR') {
      workdir = text
      mkdirSync(join(root, workdir), { recursive: true })
    } else if (keyword === 'COPY') {
      if (text !== '. .') throw new Error(`The check does not carry out COPY ${text}.`)
      // As .dockerignore has it: what git knows of.
      const files = sh('git', ['-C', ROOT, 'ls-files', '-z', '--cached', '--others', '--exclude-standard']).split('\0')
      for (const file of files.filter((name) => name !== '' && existsSync(join(ROOT, name))))
        cpSync(join(ROOT, file), join(root, workdir, file))
    } else if (keyword === 'RUN') inRoot(root, ['/bin/sh', '-c', `cd ${workdir} && ${text}`])
    else throw new Error(`The check does not carry out ${keyword} while it builds.`)
  }
}

function inRoot(root: string, command: readonly string[]): void {
  const env = { PATH: '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', ...npmSettings() }
  const script = 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" "$@"'
  const { status, stdout, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', script, root, ...command], {
    env,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  })
  if (status !== 0) throw new Error(`${command.at(-1)} ended with ${status}:\n${`${stdout}\n${stderr}`.slice(-4000)}`)
}

function makeRunRoot(buildRoot: string): string {
  const root = join(folder, 'run')
  for (const path of ['nodejs/bin', 'etc/ssl/certs', 'tmp', 'proc', 'dev', 'usr/share/zoneinfo', 'lib64'])
    mkdirSync(join(root, path), { recursive: true })
  copyFileSync(join(buildRoot, 'usr/local/bin/node'), join(root, 'nodejs/bin/node'))
  const [machine = ''] = readdirSync(join(buildRoot, 'usr/lib')).filter((name) => name.endsWith('-linux-gnu'))
  mkdirSync(join(root, 'lib', machine), { recursive: true })
  for (const name of [...LIBRARIES, 'libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2'])
    copyFileSync(realpathSync(join(buildRoot, 'usr/lib', machine, name)), join(root, 'lib', machine, name))
  for (const name of readdirSync(join(buildRoot, 'lib64')))
    copyFileSync(join(buildRoot, 'usr/lib', machine, name), join(root, 'lib64', name))
  for (const name of ['etc/resolv.conf', 'etc/hosts', 'etc/nsswitch.conf', 'etc/ssl/certs/ca-certificates.crt'])
    if (existsSync(join(buildRoot, name))) copyFileSync(join(buildRoot, name), join(root, name))
  return root
}

function copyIn({ steps }: Stage, { buildRoot, runRoot }: { buildRoot: string; runRoot: string }): void {
  for (const { keyword, text } of steps) {
    if (keyword !== 'COPY') continue
    const words = text.split(/\s+/)
    const [from = '', to = ''] = words.filter((word) => !word.startsWith('--'))
    cpSync(join(buildRoot, from), join(runRoot, to), { recursive: true })
    const owner = words.find((word) => word.startsWith('--chown='))?.slice('--chown='.length)
    if (owner === undefined) continue
    const [uid = 0, gid = 0] = owner.split(':').map(Number)
    chownSync(join(runRoot, to), uid, gid)
  }
}

function lookForShells(root: string): void {
  const found = sh('find', [root, '-type', 'f', '-perm', '/111'])
    .split('\n')
    .filter((path) => /\/(?:sh|bash|dash|busybox|apt|dpkg|npm|npx|curl|wget)$/.test(path))
  if (found.length > 0) throw new Error(`The image holds ${found.join(', ')}.`)
}

async function tryRun(run: Stage, root: string): Promise<void> {
  const config = configOf(run)
  const port = await freePort()
  const server = start(config, { root, port })
  started.push(server)
  let output = ''
  server.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  server.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const url = `http://127.0.0.1:${port}`
  const readyBy = performance.now() + START_TIMEOUT_MS
  for (;;) {
    const isReady = await fetch(`${url}/ready`).then(
      (answer) => answer.ok,
      () => false,
    )
    if (isReady) break
    if (server.exitCode !== null || performance.now() > readyBy) throw new Error(`It does not start:\n${output}`)
    await delay(250)
  }
  const page = await fetch(url)
  if (!page.ok || !(await page.text()).includes('<script')) throw new Error(`No page: ${page.status}.`)
  const key = /sk-[a-z]+-[0-9a-f]+/.exec(output)?.[0]
  if (key === undefined) throw new Error(`It printed no key:\n${output}`)
  await simulate(url, key)
  const [, pid] = /^Pid:\s+(\d+)/m.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8')) ?? []
  const [, uid] = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  if (uid !== '65532') throw new Error(`It runs as user ${uid}.`)
  const exited = new Promise<number | null>((done) => server.once('exit', (code) => done(code)))
  server.kill('SIGTERM')
  const code = await exited
  if (code !== 0) throw new Error(`SIGTERM ended it with ${code}:\n${output}`)
}

/** A payment from one account of the local chain to another: it must be allowed, to the last wei. */
async function simulate(url: string, key: string): Promise<void> {
  const answer = await fetch(`${url}/api/simulate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify({
      chain_id: 31_337,
      from: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
      transactions: [{ to: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8', value: '1' }],
    }),
  })
  const report = (await answer.json()) as { result?: { verdict?: string } }
  if (answer.status !== 200 || report.result?.verdict !== 'allow')
    throw new Error(`The simulation answers ${answer.status}: ${JSON.stringify(report).slice(0, 500)}`)
}

/** As the image runs it: chroot, read-only, `/data` and `/tmp` to write to, the user and environment of the Dockerfile. */
function start(config: Config, { root, port }: { root: string; port: number }): ChildProcess {
  const script = [
    'mount --bind "$0" "$0"',
    'mount --bind "$0/data" "$0/data"',
    'mount -t tmpfs tmpfs "$0/tmp"',
    'mount -t proc proc "$0/proc"',
    'mount --rbind /dev "$0/dev"',
    'mount -o remount,ro,bind "$0"',
    `exec chroot --userspec=${config.user} "$0" "$@"`,
  ].join(' && ')
  const command = [...config.entrypoint, ...config.cmd, '--port', String(port)]
  return spawn('unshare', ['--mount', 'sh', '-c', script, root, ...command], {
    env: config.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

function sizeOf(path: string): number {
  let bytes = 0
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).size
  return Math.round(bytes / 1_000_000)
}
