import { Clock, Redacted } from '@countersign/base'
import { openKeyring } from '@countersign/server'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { append, call, openStream, print, waitForSession } from './calls.ts'
import { canCluster, Cluster, hasNamespaces, type Direction } from './cluster.ts'
import { get } from './revokeUnderLoad.ts'

/**
 * An instance that its clients still reach is cut off from database, Redis and provider by network namespaces: what it sends is
 * dropped, what is sent to it, or both, and no connection is told. Skipped, and said so, where namespaces may not be made.
 */
const canRun = canCluster && hasNamespaces
if (!canRun) console.warn('No network namespaces, PostgreSQL or Redis may be made here: instances are not cut off.')
/** How long it is cut off: longer than a lease and a look. */
const CUT_MS = 8_000

describe.runIf(canRun)('three instances, one of them cut off', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'countersign-partitions-'))
  let cluster: Cluster
  let admin = ''
  beforeAll(async () => {
    cluster = await Cluster.open({ instances: 3 })
    admin = (await issue(['admin'])).text
  })
  afterAll(async () => {
    await cluster.close()
    rmSync(scratch, { recursive: true, force: true })
  })
  async function issue(scopes?: readonly ['admin']): Promise<{ id: string; text: string }> {
    const keyring = await openKeyring({ dataDir: join(scratch, 'cli'), env: cluster.env(), clock: Clock.system })
    const { id, key } = await keyring.issue({ app: 'acme', label: '', ...(scopes === undefined ? {} : { scopes }) })
    await keyring.close()
    return { id, text: Redacted.reveal(key) }
  }

  /** Revokes a key at an instance that is not cut off. One that was cut off in the middle of a write holds up others for 5 s: then it waits. */
  async function revoke(id: string): Promise<Record<string, unknown>> {
    for (;;) {
      const url = `${cluster.at(0).url}/api/admin/keys/${id}/revoke`
      const { status, body } = await call('POST', url, { headers: { 'aomi-app-key': admin } })
      if (status === 200) return body
      expect(status).toBe(503)
      await sleep(200)
    }
  }

  test.each(['both', 'to', 'from'] as const)(
    'promise: cut off (%s), it takes no revoked key, the others go on, and nothing acknowledged is lost',
    async (direction: Direction) => {
      const { id, text } = await issue()
      const load = { isOver: false }
      const acked = new Map<string, string[]>()
      const gapsMs: number[] = [0, 0, 0]
      const writers = Array.from({ length: 9 }, async (_, k) => {
        const at = k % 3
        const sessionId = await waitForSession(() => cluster.at(at).url)
        const titles: string[] = []
        acked.set(sessionId, titles)
        let lastMs = performance.now()
        for (let i = 0; !load.isOver; i += 1) {
          const title = `${k} ${i}`
          const status = await append(cluster.at(at).url, sessionId, title).then(
            (reply) => reply.status,
            () => 0,
          )
          if (status === 200) {
            titles.push(title)
            gapsMs[at] = Math.max(gapsMs[at] ?? 0, performance.now() - lastMs)
            lastMs = performance.now()
          } else await sleep(50)
        }
      })
      let [revoked, late, used] = [false, 0, 0]
      const users = Array.from({ length: 6 }, async (_, k) => {
        for (; !load.isOver; used += 1) {
          const isAfter = revoked
          const { status } = await get(cluster.at(k % 3).url, text).catch(() => ({ status: 0 }))
          if (status === 200 && isAfter) late += 1
          if (status !== 200) await sleep(20)
        }
      })
      await sleep(2_000)
      cluster.cut(2, direction)
      await sleep(200)
      const startMs = performance.now()
      const said = await revoke(id)
      const revocationMs = Math.round(performance.now() - startMs)
      revoked = true
      await sleep(CUT_MS)
      cluster.heal(2)
      const healedMs = performance.now()
      const marker = await waitForSession(() => cluster.at(0).url)
      while ((await append(cluster.at(2).url, marker, 'back').catch(() => ({ status: 0 }))).status !== 200)
        await sleep(50)
      const backMs = performance.now() - healedMs
      load.isOver = true
      await Promise.all([...writers, ...users])
      let lost = 0
      for (const [sessionId, titles] of acked) {
        const mark = 'the end'
        await append(cluster.at(1).url, sessionId, mark)
        const stream = openStream(cluster.at(1).url, sessionId, { afterId: 0 })
        await stream.until((events) => events.at(-1)?.data['new_title'] === mark)
        stream.socket.destroy()
        const seen = new Set(stream.events.map((event) => event.data['new_title']))
        lost += titles.filter((title) => !seen.has(title)).length
      }
      print(`partition, ${direction}`, {
        acknowledged: [...acked.values()].reduce((sum, titles) => sum + titles.length, 0),
        lost,
        keyUses: used,
        late,
        revocationMs,
        confirmed: said['confirmed'],
        lapsed: said['lapsed_instances'],
        longestPauseOfTheOthersMs: Math.round(Math.max(gapsMs[0] ?? 0, gapsMs[1] ?? 0)),
        backMs: Math.round(backMs),
      })
      expect({ late, lost }).toEqual({ late: 0, lost: 0 })
      // Every instance that lives then, and no other.
      expect(said['confirmed']).toBe('2/2')
    },
  )
})
