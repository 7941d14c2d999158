import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Address, Clock } from '@countersign/base'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createAppendAudit } from '../../audit/appendAudit.ts'
import { openSession } from '../../sessions/sessions.ts'
import { openStore, type Store } from '../../store/openStore.ts'
import { basisOf, inForceFor, type Standing } from './inForce.ts'

/** Every way in which an account can be named, and what of the owner's mandate and budgets it reaches. */
const OWNER = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const STRANGER = Address.parse('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-in-force-'))
const clock = Clock.fixed(1_700_000_000_000)
let store: Store
beforeAll(async () => {
  store = await openStore({ clock }, { dataDir })
})
afterAll(async () => {
  await store.close()
  rmSync(dataDir, { recursive: true, force: true })
})

async function mandateOf({
  otherwise = 'deny',
  keys = ['any'],
  state = 'active',
  until = '2030-01-01T00:00:00Z',
} = {}) {
  const policy = {
    ...{
      mandate: 'rent',
      owner: OWNER,
      chains: [1, 10],
      valid: { until },
      otherwise,
      agent: { keys, skills: ['any'] },
    },
    ...{ bound: 'proven', limits: [{ id: 'eth', native: true, per_day: '1' }] },
    ...{ rules: [{ id: 'rent', answer: 'allow', when: { recipients: [STRANGER], tokens: ['native'] } }] },
  }
  await store.write(({ db }) =>
    db
      .insertInto('mandates')
      .values({
        ...{ id: 'mandate_1', app: 'shop', owner: OWNER, name: 'rent', version: 1, state },
        ...{ policy: JSON.stringify(policy), digest: `sha256:${otherwise}${keys.join('')}${until}`, signature: null },
        ...{ previous: null, valid_from_ms: null, valid_until_ms: Date.parse(until), created_ms: 0, epoch: 0 },
        ...{ frozen_because: null, worst: '' },
      } as never)
      .execute(),
  )
}
beforeEach(async () => {
  await store.write(async ({ db }) => {
    await db.deleteFrom('mandates').execute()
    await db.deleteFrom('keys').execute()
  })
})

let count = 0
/** A session, and what was proven in it; `says` is what a client claims. */
async function sessionOf(
  owner: string,
  proof: { address: string; chainId: number; isByKey: boolean } | null,
): Promise<string> {
  const { sid } = await openSession(
    { store, clock, audit: createAppendAudit({ clock }) },
    { publicId: `public-${(count += 1)}-${'x'.repeat(20)}`, app: 'shop', owner },
  )
  await store.write(({ db }) =>
    db
      .updateTable('sessions')
      .set({
        user_state: JSON.stringify({ address: OWNER, chainId: 1, isConnected: true, ensName: null, ext: null }),
        ...(proof === null
          ? {}
          : { wallet_address: proof.address, wallet_chain_id: proof.chainId, wallet_proven_ms: 1 }),
        ...(proof === null ? {} : { wallet_by_key: proof.isByKey ? 1 : 0 }),
      })
      .where('sid', '=', sid)
      .execute(),
  )
  return sid
}
async function keyOf(scopes: readonly string[]): Promise<string> {
  const id = `key_${(count += 1)}`
  await store.write(({ db }) =>
    db
      .insertInto('keys')
      .values({
        ...{ id, app: 'shop', label: '', family: id, generation: 1, digest: id, pepper_version: 1, last4: '' },
        ...{ scopes: JSON.stringify(scopes), networks: '[]', tools: null, guards: null, owner: null, limits: '[]' },
        ...{ created_ms: 0, expires_ms: null, not_after_ms: null, activate_by_ms: null, overlap_ms: null },
        ...{ replaces: null, revoked_ms: null, revoked_reason: null },
      } as never)
      .execute(),
  )
  return id
}
const byDoor = (keyId: string, name: 'guard' | 'rpc' | 'mcp'): Pick<Standing, 'sid' | 'door'> => ({
  sid: null,
  door: { name, keyId, family: keyId, client: null },
})
const look = (of: Partial<Standing>) =>
  inForceFor(
    store.read,
    { app: 'shop', sid: null, door: null, from: OWNER, chainId: 1, toolCall: null, ...of },
    clock.nowMs(),
  )

const HOLDERS = ['key:key_0', 'browser:b1', 'app:default', 'telegram:1:2:2'] as const
const PROOFS = {
  'a claim alone': null,
  'another wallet': { address: STRANGER, chainId: 1, isByKey: true },
  'a contract on another chain': { address: OWNER, chainId: 10, isByKey: false },
  'the owner’s contract': { address: OWNER, chainId: 1, isByKey: false },
  'the owner’s key': { address: OWNER, chainId: 10, isByKey: true },
} as const
const INSIDE: readonly string[] = ['the owner’s contract', 'the owner’s key']
const SESSIONS = HOLDERS.flatMap((holder) =>
  (Object.keys(PROOFS) as (keyof typeof PROOFS)[]).map((proof) => [holder, proof] as const),
)

test.each(SESSIONS)('promise: a session of %s with %s reaches the mandate only as its owner', async (holder, proof) => {
  await mandateOf()
  const sid = await sessionOf(holder, PROOFS[proof])
  const { mandate, closed, payer } = await look({ sid })
  const isInside = INSIDE.includes(proof)
  expect(mandate?.id ?? null).toBe(isInside ? 'mandate_1' : null)
  expect(closed?.closed?.code ?? null).toBe(isInside ? null : 'mandates:owner:unproven')
  // Its rules and limits are not even there.
  expect(closed === null ? [] : [...closed.rules, ...closed.limits]).toEqual([])
  expect(payer === OWNER, 'whose budgets of guards count').toBe(isInside)
  // A call of a tool is the proven wallet's, or nobody's.
  const call = await look({ sid, toolCall: {}, from: Address.parse(`0x${'0'.repeat(40)}`), chainId: 0 })
  expect(call.mandate?.id ?? null).toBe(isInside ? 'mandate_1' : null)
  // The mandate's owner signed on its first chain: a contract on the second one may be somebody else's.
  const other = await look({ sid, chainId: 10 })
  expect(other.mandate?.id ?? null).toBe(proof === 'the owner’s key' ? 'mandate_1' : null)
})

const DOORS = ['guard', 'rpc', 'mcp'] as const
test.each(DOORS)(
  'promise: a key at the door %s reaches the mandate by its name, or by the scope guard',
  async (name) => {
    await mandateOf()
    const asking = await keyOf(['read', 'chat', 'propose'])
    const trusted = await keyOf(['propose', 'guard'])
    expect((await look(byDoor(asking, name))).closed?.closed?.code).toBe('mandates:owner:unproven')
    expect((await look(byDoor('key_gone', name))).mandate).toBeNull()
    expect((await look(byDoor(trusted, name))).mandate?.id).toBe('mandate_1')
    await store.write(({ db }) => db.deleteFrom('mandates').execute())
    await mandateOf({ keys: [asking] })
    expect((await look(byDoor(asking, name))).mandate?.id).toBe('mandate_1')
    expect((await look(byDoor(trusted, name))).closed?.closed?.code).toBe('mandates:agent:denied')
  },
)

test('promise: a claim meets a freeze, and nothing of a mandate that asks otherwise or is over', async () => {
  const sid = await sessionOf('browser:b1', null)
  const codeOf = async (of: Parameters<typeof mandateOf>[0]): Promise<string | null> => {
    await store.write(({ db }) => db.deleteFrom('mandates').execute())
    await mandateOf(of)
    const found = await look({ sid })
    expect(found.mandate).toBeNull()
    return found.closed?.closed?.code ?? null
  }
  expect(await codeOf({ state: 'frozen', otherwise: 'ask' })).toBe('mandates:state:frozen')
  expect(await codeOf({ otherwise: 'ask' })).toBeNull()
  expect(await codeOf({ until: '2020-01-01T00:00:00Z' })).toBeNull()
  expect(await codeOf({})).toBe('mandates:owner:unproven')
})

test.each(['ended', 'expired'] as const)(
  'promise: a mandate that is %s lets through no program that it held back, named or not, and no page is held back by it',
  async (how) => {
    const asking = await keyOf(['read', 'chat', 'propose'])
    const trusted = await keyOf(['propose', 'guard'])
    const over = how === 'ended' ? { state: 'ended' } : { until: '2020-01-01T00:00:00Z' }
    for (const keys of [['any'], ['key_other'], [asking]]) {
      await store.write(({ db }) => db.deleteFrom('mandates').execute())
      await mandateOf({ ...over, keys })
      for (const name of DOORS) {
        expect((await look(byDoor(trusted, name))).mandate?.id, `${name} ${keys.join()}`).toBe('mandate_1')
        const found = await look(byDoor(asking, name))
        // Who could not sign by itself asks the owner, as where there never was a mandate.
        expect(found.mandate?.id ?? null).toBe(keys.includes(asking) ? 'mandate_1' : null)
        expect(found.closed).toBeNull()
      }
      const sid = await sessionOf('browser:b1', PROOFS['the owner’s key'])
      const own = await look({ sid })
      expect(own.mandate?.id ?? null).toBe(how === 'ended' ? null : 'mandate_1')
      expect(own.closed).toBeNull()
    }
    // Another one in its place decides.
    await store.write(({ db }) => db.updateTable('mandates').set({ id: 'mandate_0', state: 'ended' }).execute())
    await mandateOf()
    expect((await look(byDoor(trusted, 'guard'))).mandate?.id).toBe('mandate_1')
  },
)

test('promise: a proof that comes in between is another basis of the decision', async () => {
  await mandateOf()
  const claimed = await look({ sid: await sessionOf('browser:b1', null) })
  const proven = await look({ sid: await sessionOf('browser:b1', PROOFS['the owner’s key']) })
  expect(basisOf(claimed)).not.toBe(basisOf(proven))
  expect(basisOf(await look({ app: 'other' }))).toBe('')
})

test('promise: budgets are those of the account where it is proven or a program asks, and else of the session alone', async () => {
  await mandateOf()
  const claimed = await sessionOf('browser:b1', null)
  const proven = await sessionOf('browser:b1', PROOFS['the owner’s key'])
  const call = { toolCall: {}, from: STRANGER } as const
  expect((await look({ sid: claimed })).payer).toBe(`browser:b1:${OWNER}`)
  expect((await look({ sid: claimed, ...call })).payer).toBe('browser:b1')
  expect((await look({ sid: proven, ...call })).payer).toBe(OWNER)
  // A dry run, and a program: no session speaks for them, also where one is named.
  const trusted = await keyOf(['propose', 'guard'])
  for (const asked of [{}, { ...byDoor(trusted, 'rpc'), sid: claimed }]) {
    const { payer, mandate, owner } = await look(asked)
    expect([payer, mandate?.id, owner]).toEqual([OWNER, 'mandate_1', OWNER])
  }
  expect((await look({ from: STRANGER })).mandate).toBeNull()
})
