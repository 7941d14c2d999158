/**
 * PostgreSQL killed and stopped under load: two instances' stores lose nothing that they acknowledged, and go on by themselves. A
 * server of its own, started from the binaries of this machine; skipped, and said so, where there are none.
 */
import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Clock } from '@countersign/base'
import { Audit, openStore, type Store } from '@countersign/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAppendAudit, readAudit } from '../../packages/server/src/audit/appendAudit.ts'

const CYCLES = 5
const WRITERS = 32
const BIN = ['/usr/local/bin', ...globSync('/usr/lib/postgresql/*/bin')].find(
  (dir) => existsSync(join(dir, 'initdb')) && existsSync(join(dir, 'pg_ctl')),
)
const NOBODY = 65_534
/** PostgreSQL refuses to run as root. */
const isRoot = process.getuid?.() === 0
if (BIN === undefined) console.warn('No binaries of PostgreSQL here: it is not killed.')

describe.runIf(BIN !== undefined)('PostgreSQL under load', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'countersign-pgfault-'))
  const data = join(scratch, 'data')
  const stores: Store[] = []
  let port = 0
  const run = (program: string, ...args: readonly string[]): void => {
    const path = join(BIN ?? '', program)
    const as = isRoot ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', path] : [path]
    execFileSync(as[0] ?? path, [...as.slice(1), ...args], { stdio: 'ignore', cwd: scratch })
  }
  const control = (...args: readonly string[]): void => {
    const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${scratch}`
    run('pg_ctl', '-D', data, '-l', join(scratch, 'log'), '-w', '-t', '120', '-o', settings, ...args)
  }
  async function startAgain(): Promise<void> {
    for (;;) {
      try {
        return control('start')
      } catch {
        // Processes of the one before are on their way out.
        await sleep(300)
      }
    }
  }
  function killAll(): void {
    const main = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0])
    const children = execFileSync('pgrep', ['-P', `${main}`], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number)
    for (const pid of [main, ...children]) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended with the first one.
      }
    }
  }

  beforeAll(async () => {
    if (isRoot) chownSync(scratch, NOBODY, NOBODY)
    const probe = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => probe.once('listening', resolve))
    port = (probe.address() as AddressInfo).port
    await new Promise((resolve) => probe.close(resolve))
    run('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C')
    control('start')
    const env = {
      DATABASE_URL: `postgres://postgres@127.0.0.1:${port}/postgres`,
      COUNTERSIGN_MASTER_KEY: '11'.repeat(32),
    }
    for (const name of ['one', 'two'])
      stores.push(await openStore({ clock: Clock.system }, { dataDir: join(scratch, name), env }))
  })
  afterAll(async () => {
    for (const store of stores) await store.close()
    control('stop', '-m', 'immediate')
    rmSync(scratch, { recursive: true, force: true })
  })

  test('promise: killed and stopped again and again, nothing acknowledged is lost or there twice, and the chain holds', async () => {
    const audit = createAppendAudit({ clock: Clock.system })
    const acknowledged = new Set<string>()
    const refusals = new Map<string, number>()
    const load = { isOver: false }
    const writers = Array.from({ length: WRITERS }, async (_, k) => {
      const store = stores[k % stores.length] as Store
      for (let i = 0; !load.isOver; i += 1) {
        const id = `${k}:${i}`
        try {
          await store.write((write) => audit(write, { app: 'a', event: 'test.tick.done', body: { id } }))
          acknowledged.add(id)
        } catch (error) {
          const code = (error as { code?: string }).code ?? String(error)
          refusals.set(code, (refusals.get(code) ?? 0) + 1)
          await sleep(20)
        }
      }
    })
    for (let cycle = 0; cycle < CYCLES; cycle += 1) {
      await sleep(1_000)
      if (cycle % 2 === 0) killAll()
      else control('stop', '-m', 'fast')
      await startAgain()
      const upMs = performance.now()
      const before = acknowledged.size
      while (acknowledged.size === before) await sleep(10)
      console.log(
        `  ${cycle % 2 === 0 ? 'killed' : 'stopped'}: first write ${Math.round(performance.now() - upMs)} ms after it was up`,
      )
    }
    load.isOver = true
    await Promise.all(writers)
    const entries = await readAudit({ store: stores[0] as Store }, { app: 'a' })
    const ids = entries.map(({ body }) => String(body['id']))
    const found = new Set(ids)
    console.log(
      `  ${acknowledged.size} acknowledged, ${entries.length} kept, refused: ${JSON.stringify([...refusals])}`,
    )
    expect([...acknowledged].filter((id) => !found.has(id))).toEqual([])
    expect(ids).toHaveLength(found.size)
    expect(Audit.firstBreak(entries)).toBeNull()
    // Each of them says that it may be tried again.
    expect([...refusals.keys()].filter((code) => !code.startsWith('store:disk:'))).toEqual([])
  })
})
