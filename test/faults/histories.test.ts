import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clock } from '@countersign/base'
import { afterAll, expect, test } from 'vitest'
import { runHistory } from '../../packages/server/lab/mandates/histories.ts'
import { openSqlite } from '../../packages/server/lab/mandates/openMemory.ts'
import { openProposalHistories } from '../../packages/server/lab/proposals/exploreProtocol.ts'
import { openInlineStore } from '../../packages/server/lab/proposals/openInlineStore.ts'
import { START_MS } from '../../packages/server/lab/proposals/ProtocolWorld.ts'
import { print } from './calls.ts'
import { openKeyHistories } from './keySimulation.ts'
import { FIRST_SEED, HISTORIES, runHistories, shrink, type PlayHistory } from './runHistories.ts'
import { openSessionHistories } from './sessionHistory.ts'

/**
 * Ten thousand random histories against models of the state machines: 2,500 each of proposals, keys, sessions and mandates, from seeds
 * that are printed. `COUNTERSIGN_HISTORIES` is how many of each, `COUNTERSIGN_SEED` the first seed. One that disagrees is shrunk.
 */
async function run(noun: string, play: PlayHistory, steps: number): Promise<void> {
  const startMs = performance.now()
  const played = await runHistories(play, { steps })
  const seconds = Math.round((performance.now() - startMs) / 1_000)
  print(`histories of ${noun}`, {
    histories: HISTORIES,
    firstSeed: FIRST_SEED,
    steps: played,
    disagreements: 0,
    seconds,
  })
}

test('promise: keys behave as the model says, whatever happens in which order', async () => {
  const histories = await openKeyHistories()
  try {
    await run('keys', histories.play, 60)
  } finally {
    await histories.close()
  }
})

test('promise: sessions behave as the model says, whatever happens in which order', async () => {
  const histories = await openSessionHistories()
  try {
    await run('sessions', histories.play, 40)
  } finally {
    await histories.close()
  }
})

const scratch = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'countersign-histories-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

test('promise: proposals keep the promises of the protocol, whatever happens in which order', async () => {
  const store = await openInlineStore({ clock: Clock.fixed(START_MS) }, { dataDir: scratch })
  const play = openProposalHistories(store, { dataDir: scratch })
  try {
    await run('proposals', (seed, steps) => play(seed % 4 === 0, steps), 25)
  } finally {
    await store.close()
  }
})

test('promise: of what a mandate allows nothing is over, and its ledger is the chain', async () => {
  const db = openSqlite()
  const play: PlayHistory = async (seed, steps) => {
    const found = await runHistory(db, seed, null, { steps: steps.map(({ random }) => random) })
    const { over, stranded, different, broken, openedWhileFrozen, log } = found
    if (over.length + stranded + different.length + broken.length + openedWhileFrozen === 0) return null
    return JSON.stringify({ over, stranded, different, broken, openedWhileFrozen, log })
  }
  try {
    await run('mandates', play, 100)
  } finally {
    await db.close()
  }
})

test('control: a ledger that counts after sending is found, and its history shrunk', async () => {
  const db = openSqlite()
  const isOver = async (seed: number, left: readonly number[]): Promise<boolean> => {
    const found: string[] = []
    await runHistories(
      async (of, steps) => {
        const chosen = steps.filter(({ number }) => left.includes(number)).map(({ random }) => random)
        const history = await runHistory(db, of, 'counter after sending', { steps: chosen })
        found.push(...history.over)
        return null
      },
      { first: seed, seeds: 1, steps: 100 },
    )
    return found.length > 0
  }
  const all = Array.from({ length: 100 }, (_, i) => i)
  let seed = 1
  while (seed < 500 && !(await isOver(seed, all))) seed += 1
  const short = await shrink(all, (left) => isOver(seed, left))
  await db.close()
  print('control of the histories', { seed, steps: short.length })
  expect(await Promise.resolve(short.length)).toBeLessThan(50)
})
