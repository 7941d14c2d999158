/**
 * PostgreSQL killed and stopped under load: two instances' stores lose nothing that they acknowledged, and go on by themselves. A
 * server of its own, started from the binaries of this machine; skipped, and said so, where there are none.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Clock } from '@countersign/base'
import { Audit, openStore, type Store } from '@countersign/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAppendAudit, readAudit } from '../../packages/server/src/audit/appendAudit.ts'
import { hasPostgres, startOwnPostgres, type OwnPostgres } from './ownPostgres.ts'

const CYCLES = 5
const WRITERS = 32
if (!hasPostgres) console.warn('No binaries of PostgreSQL here: it is not killed.')

describe.runIf(hasPostgres)('PostgreSQL under load', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'countersign-pgfault-'))
  const stores: Store[] = []
  let postgres: OwnPostgres
  beforeAll(async () => {
    postgres = await startOwnPostgres()
    const env = { DATABASE_URL: postgres.url(), COUNTERSIGN_MASTER_KEY: '11'.repeat(32) }
    for (const name of ['one', 'two'])
      stores.push(await openStore({ clock: Clock.system }, { dataDir: join(scratch, name), env }))
  })
  afterAll(async () => {
    for (const store of stores) await store.close()
    postgres.remove()
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
      if (cycle % 2 === 0) postgres.kill()
      else postgres.stop()
      await postgres.start()
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
