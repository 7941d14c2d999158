import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clock } from '@countersign/base'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exploreProtocol, type Scope } from '../../lab/proposals/exploreProtocol.ts'
import { START_MS, type Flaw } from '../../lab/proposals/ProtocolWorld.ts'
import { openInlineStore } from '../../lab/proposals/openInlineStore.ts'
import type { Store } from '../store/openStore.ts'

/**
 * The protocol of proposals, explored: every order of what two windows, a wallet, the chain, time, an operator and a crash do is
 * played with the product's own verbs on a store, until no new state comes. Two things are assumed of wallets, because no server can
 * prevent them: one that is left open beyond its lease signs with the nonce that it had when it was opened, and not in the moment
 * between another window's last look at the chain and its lease.
 */
// Every state is written and put back: in memory where the machine has such a place.
const dataDir = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'countersign-protocol-'))
let store: Store
beforeAll(async () => {
  store = await openInlineStore({ clock: Clock.fixed(START_MS) }, { dataDir })
})
afterAll(async () => {
  await store.close()
  rmSync(dataDir, { recursive: true, force: true })
})

const SCOPES: Readonly<Record<string, Scope>> = {
  'two windows and two cards with the same bytes': {
    cards: 2,
    windows: ['a', 'b'],
    limits: { lease: 1, report: 0, look: 0, sweep: 0 },
  },
  'what clients report and what the chain does': {
    cards: 1,
    windows: ['a'],
    limits: { lie: 1, unsigned: 1, faster: 1, cancel: 1, reorg: 1 },
  },
  'two windows, a rejection, a revocation and the end of its time': {
    cards: 1,
    windows: ['a', 'b'],
    limits: { no: 1, reject: 1, revoke: 1, late: 1 },
  },
  'a crash before any write, and before any answer': {
    cards: 1,
    windows: ['a'],
    limits: { unsigned: 1, reject: 1, late: 1 },
    crashes: true,
  },
  'a document, and a crash before any write': {
    cards: 1,
    windows: ['a'],
    limits: { no: 1, reject: 1, revoke: 1, late: 1 },
    crashes: true,
    isDocument: true,
  },
  'a document in two windows': {
    cards: 1,
    windows: ['a', 'b'],
    limits: { no: 1, lease: 1, late: 1 },
    isDocument: true,
  },
}

describe('promise: in no order is more than one wallet asked, a report lost, a card stuck or an end changed without proof', () => {
  test.each(Object.entries(SCOPES))('%s', async (name, scope) => {
    const { states, actions, broken } = await exploreProtocol(store, { dataDir, scope })
    console.log(`protocol: ${name}: ${states} states, ${actions} actions`)
    expect(broken).toBeNull()
    expect(states).toBeGreaterThan(100)
  })
})

const [WINDOWS = { cards: 1, windows: [], limits: {} }, REPORTS = WINDOWS, ENDS = WINDOWS] = Object.values(SCOPES)
const CONTROLS: readonly (readonly [string, Flaw, Scope, RegExp])[] = [
  ['forgets who has the wallet', { forgetsLease: true }, WINDOWS, /two wallets/],
  ['does not see what waits to be mined', { isBlind: true }, WINDOWS, /had been sent|two wallets/],
  ['drops what is reported', { dropsReports: true }, REPORTS, /not on record/],
  ['lets a rejection end what is settled', { rejectsSettled: true }, ENDS, /without proof/],
  ['ends nothing that was not signed in time', { neverExpires: true }, ENDS, /for ever/],
]

test.each(CONTROLS)('control: the model finds a server that %s', async (_, flaw, scope, what) => {
  const { broken } = await exploreProtocol(store, { dataDir, scope, flaw })
  expect(broken?.what).toMatch(what)
})
