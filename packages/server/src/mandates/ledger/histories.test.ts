import { afterAll, expect, test } from 'vitest'
import { CONTROLS } from '../../../lab/mandates/controls.ts'
import { runHistory } from '../../../lab/mandates/histories.ts'
import { openSqlite } from '../../../lab/mandates/openMemory.ts'

/** 100,000 of them: `npm run bench -- mandates --only histories --long`. */
const HISTORIES = Number(process.env['MANDATE_HISTORIES'] ?? 1_000)
const CONTROL_HISTORIES = 3_000

const db = openSqlite()
afterAll(() => db.close())

test('promise: in seeded histories nothing is over, nothing is stranded, and the ledger is the chain', async () => {
  const sums = { reserved: 0, refused: 0, reorgs: 0, changedHands: 0 }
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const { over, stranded, different, broken, openedWhileFrozen, counts, log } = await runHistory(db, seed)
    // The history of a seed that fails is printed.
    expect({
      seed,
      over,
      stranded,
      different,
      broken,
      openedWhileFrozen,
      log: over.length + stranded + different.length + broken.length + openedWhileFrozen > 0 ? log : [],
    }).toEqual({ seed, over: [], stranded: 0, different: [], broken: [], openedWhileFrozen: 0, log: [] })
    for (const key of ['reserved', 'refused', 'reorgs', 'changedHands'] as const) sums[key] += counts[key]
  }
  // A run in which little happens says nothing.
  expect(sums.reserved).toBeGreaterThan(HISTORIES * 3)
  expect(sums.refused).toBeGreaterThan(HISTORIES * 3)
  expect(sums.reorgs).toBeGreaterThan(HISTORIES)
  expect(sums.changedHands).toBeGreaterThan(HISTORIES / 50)
})

test('promise: what was sent without a hand-out or after a false word counts to the wei, and nothing over goes on', async () => {
  let [over, stopped] = [0, 0]
  for (let seed = 1; seed <= HISTORIES / 2; seed++) {
    const history = await runHistory(db, seed, null, { isLiar: true })
    const { stranded, different, broken, openedWhileFrozen, isStopped, log } = history
    const found = { seed, stranded, different, broken, openedWhileFrozen }
    const isSound = stranded + different.length + broken.length + openedWhileFrozen === 0
    expect({ ...found, log: isSound ? [] : log }).toEqual({
      ...{ seed, stranded: 0, different: [], broken: [], openedWhileFrozen: 0, log: [] },
    })
    if (history.over.length > 0) over += 1
    if (isStopped) stopped += 1
    if (history.over.length > 0) expect({ seed, isStopped }).toEqual({ seed, isStopped: true })
  }
  expect(over).toBeGreaterThan(0)
  expect(stopped).toBeGreaterThan(HISTORIES / 20)
})

/** Where each was over when this was written; when the order of draws changes, the search goes on from there. */
const FIRST = [1, 22, 86, 93, 3]

test.each(CONTROLS.map((control, i) => [control, FIRST[i] ?? 1] as const))(
  'control: with "%s" something is over, or the run above says nothing',
  async (control, first) => {
    for (let seed = first; seed <= CONTROL_HISTORIES; seed++) {
      const { over } = await runHistory(db, seed, control)
      if (over.length > 0) return
    }
    expect.fail(`nothing was over in ${CONTROL_HISTORIES} histories`)
  },
)
