import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clock } from '@countersign/base'
import { expect, test } from 'vitest'
import { openStore } from '../store/openStore.ts'
import { checkLedger } from './checkLedger.ts'

test('promise: a start on a ledger that does not hold freezes every mandate and records it', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-ledger-'))
  const store = await openStore({ clock: Clock.system }, { dataDir, env: {} })
  try {
    const said: string[] = []
    const events: { app: string; event: string }[] = []
    const tools = {
      store,
      audit: (async (_write: unknown, { app, event }: { app: string; event: string }) => {
        events.push({ app, event })
      }) as never,
      ledgerTime: async () => 1_000,
      log: { error: (_facts: object, message: string) => said.push(message) },
    }
    await store.write(async (write) => {
      await write.run(
        `insert into mandates (id, app, owner, name, version, state, policy, digest, valid_until_ms, created_ms, epoch, worst)
         values ('mandate_1', 'shop', '0x70997970C51812dc3A010C7d01b50e0d17dc79C8', 'rent', 1, 'active', '{}', 'sha256:1', 2000, 1, 0, '')`,
        [],
      )
    })
    const states = () =>
      store
        .prepare<{ state: string; frozen_because: string | null }>('select state, frozen_because from mandates')
        .all()
    expect(await checkLedger(tools)).toEqual([])
    expect(states()).toEqual([{ state: 'active', frozen_because: null }])
    await store.write(async (write) => {
      await write.run(
        `insert into mandate_limits (id, scope, unit, span, cap, decimals, open, settled, version)
         values ('lim_x', 'mandate:shop:0x', 'native', 'rolling:1d', '10', 18, '1', '0', 1)`,
        [],
      )
    })
    expect(await checkLedger(tools)).toEqual([expect.stringMatching(/^1: .*open is 1/)])
    expect(states()).toEqual([{ state: 'frozen', frozen_because: 'ledger' }])
    expect(said).toEqual(['The ledger of mandates does not hold: every mandate is frozen.'])
    expect(events.map(({ app, event }) => `${app} ${event}`)).toEqual([
      'shop mandates.mandate.frozen',
      'default mandates.ledger.violated',
      'shop mandates.ledger.violated',
    ])
  } finally {
    await store.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
})
