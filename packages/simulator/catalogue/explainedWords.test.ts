/**
 * The law of explained words: every changed word of a foreign contract that holds the user's address, before or after,
 * or stands under the user's key, is tied to an effect, or the report lists it as not checked. What changed is told by
 * the chain's own node, what mentions the user is found here.
 */
import { keccak256, type Hex } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WRITTEN_AWAY, WRITTEN_HONESTLY } from './attribution.ts'
import { call, make, stakes } from './blind/keptContracts.ts'
import { openWorld } from './openWorld.ts'
import type { Build, World } from './World.ts'

const stake =
  (name: string, args: readonly unknown[] = []): Build =>
  async (at) => ({ calls: [call(await stakes(at), 'Stakes', name, args)] })
const SCENES: Readonly<Record<string, Build>> = {
  ...WRITTEN_AWAY,
  ...WRITTEN_HONESTLY,
  'a stake is lost': stake('rebalanceNested', [3n]),
  'a record is cleared': stake('closePosition'),
  'a record is redeemed': stake('redeemRecord'),
  'a stake is taken back': stake('withdrawPacked'),
  'a commitment': async (at) => ({
    calls: [call(await make(at, 'Notary'), 'Notary', 'commit', [`0x${'3c'.repeat(32)}`])],
  }),
}

interface Traced {
  readonly pre: Readonly<Record<string, { readonly storage?: Readonly<Record<Hex, Hex>> }>>
  readonly post: Readonly<Record<string, { readonly storage?: Readonly<Record<Hex, Hex>> }>>
}
const ZERO: Hex = `0x${'00'.repeat(32)}`
const word = (value: bigint | string) => BigInt(value).toString(16).padStart(64, '0')

/** Slots of the first variables under the user's key: alone, and under one key of sixteen more. */
function slotsOf(user: string): ReadonlySet<string> {
  const found = new Set<string>()
  const hash = (text: string) => keccak256(`0x${text}`)
  for (let variable = 0n; variable < 16n; variable += 1n) {
    found.add(hash(word(user) + word(variable)))
    for (let key = 0n; key < 16n; key += 1n) found.add(hash(word(user) + hash(word(key) + word(variable)).slice(2)))
  }
  return found
}

/** The word after as it would be had the block's time not been written into it. */
function withoutTime(before: string, after: string): string {
  for (let at = 2; at + 8 <= after.length; at += 2) {
    const [was, is] = [Number(`0x${before.slice(at, at + 8)}`), Number(`0x${after.slice(at, at + 8)}`)]
    const now = Number(world.nowS)
    if (is >= now && is < now + 60 && was > now - 100_000)
      return after.slice(0, at) + before.slice(at, at + 8) + after.slice(at + 8)
  }
  return after
}
/** One more than before, at any byte of the word, or nothing else. */
function isCounted(before: string, after: string): boolean {
  let more = BigInt(after) - BigInt(before)
  while (more > 0n && more % 256n === 0n) more /= 256n
  return more === 0n || more === 1n
}

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

describe('promise: each changed word that is about the user is explained, or listed as not checked', () => {
  test.each(Object.entries(SCENES))('%s', async (_, build) => {
    await world.inside(build, async (scene) => {
      const [first, ...more] = scene.calls ?? []
      // The node traces one transaction on the block; the first step alone says enough.
      if (first?.to == null || more.length > 0 || (first.authorizationList ?? []).length > 0) return
      const user = (scene.from ?? world.me).toLowerCase()
      const { report, card } = await world.simulate(scene)
      const request = { from: user, to: first.to, data: first.data, value: `0x${first.value.toString(16)}` }
      const { pre, post } = await world.chain.rpc<Traced>('debug_traceCall', [
        request,
        'latest',
        { tracer: 'prestateTracer', tracerConfig: { diffMode: true } },
      ])
      const keyed = slotsOf(user)
      for (const [contract, { storage = {} }] of Object.entries(pre)) {
        if (contract.toLowerCase() === user) continue
        for (const slot of new Set([...Object.keys(storage), ...Object.keys(post[contract]?.storage ?? {})])) {
          const [before, after] = [storage[slot as Hex] ?? ZERO, post[contract]?.storage?.[slot as Hex] ?? ZERO]
          const isMention = [before, after].some((value) => value.includes(user.slice(2))) || keyed.has(slot as Hex)
          // Counters and times say nothing about what is the user's.
          const isTime = BigInt(after) >= world.nowS && BigInt(after) < world.nowS + 60n
          if (!isMention || before === after || isTime || isCounted(before, withoutTime(before, after))) continue
          const isOf = (account: string | null) => account?.toLowerCase() === contract.toLowerCase()
          const isExplained =
            report.keptForYou.some((entry) => entry.slot === slot && isOf(entry.contract)) ||
            report.authorityChanges.some((change) => isOf(change.contract)) ||
            report.tokenChanges.some(({ token, account }) => isOf(token) && account.toLowerCase() === user) ||
            report.notChecked.some(({ why }) => why.includes(slot) || why.includes('more slots'))
          expect(isExplained, `${contract} ${slot}: ${before} → ${after}\n${card}`).toBe(true)
        }
      }
    })
  })
})
