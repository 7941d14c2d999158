import { execFileSync } from 'node:child_process'
import { appendFileSync, chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const BIN = ['/usr/local/bin', ...globSync('/usr/lib/postgresql/*/bin')].find(
  (dir) => existsSync(join(dir, 'initdb')) && existsSync(join(dir, 'pg_ctl')),
)
const NOBODY = 65_534

/** Whether this machine has the binaries of PostgreSQL. */
export const hasPostgres = BIN !== undefined

/** A PostgreSQL of its own, which may be killed. */
export interface OwnPostgres {
  readonly port: number
  /** @param host - Where it is asked at; it listens on every address of the machine. */
  url(host?: string): string
  /** Kills every process of it, as a power cut does. */
  kill(): void
  /** Ends it as an operator would; connections are ended, too. */
  stop(): void
  /** Starts it again, when what was killed has gone. */
  start(): Promise<void>
  remove(): void
}

/** Makes a cluster from the binaries of this machine and starts it. */
export async function startOwnPostgres(): Promise<OwnPostgres> {
  const scratch = mkdtempSync(join(tmpdir(), 'countersign-pgfault-'))
  const data = join(scratch, 'data')
  // PostgreSQL refuses to run as root.
  const isRoot = process.getuid?.() === 0
  if (isRoot) chownSync(scratch, NOBODY, NOBODY)
  const port = await freePort()
  const run = (program: string, ...args: readonly string[]): void => {
    const path = join(BIN ?? '', program)
    const as = isRoot ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', path] : [path]
    execFileSync(as[0] ?? path, [...as.slice(1), ...args], { stdio: 'ignore', cwd: scratch })
  }
  const control = (...args: readonly string[]): void => {
    const settings = `-p ${port} -c listen_addresses=* -c unix_socket_directories=${scratch}`
    run('pg_ctl', '-D', data, '-l', join(scratch, 'log'), '-w', '-t', '120', '-o', settings, ...args)
  }
  run('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C')
  // Namespaces of the tests ask from 10.231.0.0.
  appendFileSync(join(data, 'pg_hba.conf'), 'host all all 10.231.0.0/16 trust\n')
  control('start')
  return {
    port,
    url: (host = '127.0.0.1') => `postgres://postgres@${host}:${port}/postgres`,
    kill() {
      const main = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0])
      const children = execFileSync('pgrep', ['-P', `${main}`], { encoding: 'utf8' })
      for (const pid of [main, ...children.trim().split('\n').map(Number)]) {
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // It has ended with the first one.
        }
      }
    },
    stop: () => control('stop', '-m', 'fast'),
    async start() {
      for (;;) {
        try {
          return control('start')
        } catch {
          // Processes of the one before are on their way out.
          await sleep(300)
        }
      }
    },
    remove() {
      control('stop', '-m', 'immediate')
      rmSync(scratch, { recursive: true, force: true })
    },
  }
}

/** A port that nothing listens on now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
