/**
 * Laws over generated contracts: what a user does has the same verdict however the contract is written and called. The
 * contracts are made once (`makeContracts.ts`); acts, accounts, amounts and forms are drawn from a fixed seed.
 * COUNTERSIGN_LAWS=300 draws so many of each law (`npm run test:laws`); `npm test` draws few.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Address } from '@countersign/base'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { alone, walk, type Named } from '../histories.ts'
import { DOLLAR, vouch } from '../moves.ts'
import { openWorld } from '../openWorld.ts'
import type { Scene, World } from '../World.ts'
import {
  ACTS,
  factsOf,
  LAYOUT_NAMES,
  PLAIN,
  spelledForm,
  stage,
  type Composed,
  type Facts,
  type Form,
  type Opened,
} from './forms.ts'
import { source } from './makeContracts.ts'

const RUNS = process.env['COUNTERSIGN_LAWS']
const numRuns = (few: number) => (RUNS === undefined ? few : Number(RUNS))

/** The first counterexample ends it: shrinking costs minutes. */
const RUN = { endOnFailure: true }

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const forms: fc.Arbitrary<Form> = fc.record({
  layout: fc.constantFrom(...LAYOUT_NAMES),
  name: fc.constantFrom(0, 1),
  tells: fc.constantFrom(0, 1, 2),
  proxy: fc.constantFrom('none', 'ERC-1167', 'ERC-1967'),
  way: fc.constantFrom('alone', 'inside', 'batched'),
})
const names = Object.keys(ACTS)
const WITH_OTHERS = names.filter((name) => ACTS[name]?.other === 'gains')
/** Amounts of which none is a price that moves: a tenth and more of what the user has there. */
const amounts = fc.bigInt({ min: 500n, max: 900n }).map((dollars) => dollars * DOLLAR)
const others = fc.constantFrom('thief', 'stranger', 'friend')
type Person = 'thief' | 'stranger' | 'friend' | 'me'

/** What a busy machine does to a run says nothing about a law: it is played again. */
const isCut = ({ heard }: Facts) => heard.some((each) => /engine-limit|effects-truncated/.test(each))
async function playIn(at: World, composed: Composed, more: Partial<Scene> = {}): Promise<Facts> {
  let facts = await playOnce(at, composed, more)
  for (let i = 0; isCut(facts) && i < 4; i += 1) facts = await playOnce(at, composed, more)
  return facts
}
const playOnce = async (at: World, composed: Composed, more: Partial<Scene>): Promise<Facts> =>
  at.inside(
    async (staged) => ({ ...(await stage(staged, composed)), ...more }),
    async (scene) => {
      const { report, named, card } = await at.simulate(scene)
      const facts = factsOf(report, named)
      if (!isCut(facts)) expect(report.willRevert, card).toBe(false)
      return facts
    },
  )
const play = (name: string, other: Person, amount: bigint, form: Form, more: Partial<Scene> = {}) =>
  playIn(world, { acts: [{ name, other: world[other], amount }], form }, more)
const isWithin = (part: readonly string[], whole: readonly string[]) => part.every((each) => whole.includes(each))

test('the committed source is what the generator writes', () => {
  expect(readFileSync(join(import.meta.dirname, 'Generated.sol'), 'utf8')).toBe(source())
})

test('law: another layout, name, event, proxy or multicall changes no level and loses no fact', () =>
  fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), others, amounts, forms, async (name, other, amount, form) => {
      const plain = await play(name, other, amount, PLAIN)
      const changed = await play(name, other, amount, form)
      const what = `${name}, ${other}: ${spelledForm(form)}\n${plain.heard.join()}\n${changed.heard.join()}`
      // Silence is a reason to warn by itself where an event is a standard's.
      if (form.tells === 0) expect(changed.level, what).toBeGreaterThanOrEqual(plain.level)
      else expect(changed.verdict, what).toBe(plain.verdict)
      expect(changed.balances, what).toEqual(plain.balances)
      expect(changed.powers, what).toEqual(plain.powers)
      expect(isWithin(plain.entries, changed.entries), what).toBe(true)
    }),
    { ...RUN, numRuns: numRuns(8), seed: 20_351_130 },
  ))

test('law: harm that an agent proposes is never allowed, whatever its form', () =>
  fc.assert(
    fc.asyncProperty(fc.constantFrom(...WITH_OTHERS), others, amounts, forms, async (name, other, amount, form) => {
      const facts = await play(name, other, amount, form)
      expect(facts.verdict, `${name}: ${spelledForm(form)}`).not.toBe('allow')
    }),
    { ...RUN, numRuns: numRuns(5), seed: 5 },
  ))

test('law: with the user in the place of the one who gains, nothing is warned of in any form', () =>
  fc.assert(
    fc.asyncProperty(fc.constantFrom(...WITH_OTHERS), amounts, forms, async (name, amount, form) => {
      // An event that a standard asks for and that is missing is a finding of its own.
      const told: Form = { ...form, tells: form.tells === 0 ? 1 : form.tells }
      const facts = await play(name, 'me', amount, told)
      expect(facts.heard, `${name}: ${spelledForm(told)}`).toEqual([])
    }),
    { ...RUN, numRuns: numRuns(6), seed: 9 },
  ))

test('law: a stranger in the place of the user or of a contact is never judged more mildly', () =>
  fc.assert(
    fc.asyncProperty(fc.constantFrom(...WITH_OTHERS), amounts, forms, async (name, amount, form) => {
      const known = [vouch(world.friend, 'Friend')]
      const own = await play(name, 'me', amount, form)
      const contact = await play(name, 'friend', amount, form, { known })
      const stranger = await play(name, 'stranger', amount, form, { known })
      const what = `${name}: ${spelledForm(form)}\n${contact.heard.join()}\n${stranger.heard.join()}`
      expect(stranger.level, what).toBeGreaterThanOrEqual(contact.level)
      expect(stranger.level, what).toBeGreaterThanOrEqual(own.level)
    }),
    { ...RUN, numRuns: numRuns(3), seed: 12 },
  ))

test('law: a larger amount is never judged more mildly in any form', () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...names.filter((name) => ACTS[name]?.args('0x' as Address.Address, 7n).includes(7n))),
      forms,
      fc.uniqueArray(fc.constantFrom(1n, 1_000n, DOLLAR, 30n * DOLLAR, 400n * DOLLAR, 999n * DOLLAR), {
        minLength: 2,
        maxLength: 3,
      }),
      async (name, form, list) => {
        const levels: number[] = []
        const sorted = list.toSorted((a, b) => (a < b ? -1 : 1))
        for (const amount of sorted) levels.push((await play(name, 'thief', amount, form)).level)
        expect(levels, `${name}: ${spelledForm(form)} ${sorted.join()}`).toEqual(levels.toSorted((a, b) => a - b))
      },
    ),
    { ...RUN, numRuns: numRuns(2), seed: 3 },
  ))

/** Acts of which neither undoes nor pays for the other. */
const pairs = fc
  .tuple(fc.constantFrom(...names), fc.constantFrom(...names))
  .filter(([first, second]) => first !== second)

test('law: a step beside it makes no step milder, and the order of two steps does not matter', () =>
  fc.assert(
    fc.asyncProperty(pairs, others, amounts, forms, async ([first, second], other, amount, form) => {
      const step = (name: string) => ({ name, other: world[other], amount })
      const alone = [await play(first, other, amount, form), await play(second, other, amount, form)]
      const both = await playIn(world, { acts: [step(first), step(second)], form })
      const turned = await playIn(world, { acts: [step(second), step(first)], form })
      const what = `${first} + ${second}, ${other}: ${spelledForm(form)}\n${alone.map(({ heard }) => heard.join()).join(' | ')}\n${both.heard.join()}\n${turned.heard.join()}`
      for (const each of alone) {
        expect(both.level, what).toBeGreaterThanOrEqual(each.level)
        expect(isWithin(each.powers, both.powers), what).toBe(true)
      }
      expect(turned.verdict, what).toBe(both.verdict)
      expect(turned.balances, what).toEqual(both.balances)
      expect(turned.powers, what).toEqual(both.powers)
    }),
    { ...RUN, numRuns: numRuns(3), seed: 21 },
  ))

interface Traced {
  readonly pre: Readonly<Record<string, { readonly storage?: Readonly<Record<string, string>> }>>
  readonly post: Readonly<Record<string, { readonly storage?: Readonly<Record<string, string>> }>>
}

test('law: each word that an act of the user writes is explained, or listed as not checked', () =>
  fc.assert(
    fc.asyncProperty(
      // A visit writes down when it was, for nobody.
      fc.constantFrom(...names.filter((name) => name !== 'a visit' && ACTS[name]?.isFunded !== true)),
      others,
      amounts,
      forms,
      (name, other, amount, form) =>
        world.inside(
          (at) => stage(at, { acts: [{ name, other: at[other], amount }], form }),
          async (scene) => {
            const { report, card, named } = await world.simulate(scene)
            if (isCut(factsOf(report, named))) return
            const [call] = scene.calls ?? []
            if (call?.to == null) throw new Error('There is no call.')
            const { pre, post } = await world.chain.rpc<Traced>('debug_traceCall', [
              { from: world.me, to: call.to, data: call.data, value: `0x${call.value.toString(16)}` },
              'latest',
              { tracer: 'prestateTracer', tracerConfig: { diffMode: true } },
            ])
            for (const [contract, { storage = {} }] of Object.entries(pre)) {
              if (contract === world.me.toLowerCase()) continue
              for (const slot of new Set([...Object.keys(storage), ...Object.keys(post[contract]?.storage ?? {})])) {
                const is = (address: string | null) => address?.toLowerCase() === contract.toLowerCase()
                const isExplained =
                  report.keptForYou.some((entry) => entry.slot === slot && is(entry.contract)) ||
                  report.authorityChanges.some((change) => is(change.contract)) ||
                  report.tokenChanges.some(({ token }) => is(token)) ||
                  report.notChecked.some(({ why }) => why.includes(slot) || why.includes('more slots')) ||
                  // What somebody else is given: the finding names the account.
                  report.findings.some(({ subject }) => subject === world[other]) ||
                  report.findings.some(({ evidence }) => JSON.stringify(evidence ?? {}).includes(slot))
                expect(isExplained, `${name}: ${spelledForm(form)}\n${contract} ${slot}\n${card}`).toBe(true)
              }
            }
          },
        ),
    ),
    { ...RUN, numRuns: numRuns(5), seed: 31 },
  ))

test('law: what was simulated before changes nothing, over acts and forms of one chain', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...names), others, amounts, fc.constantFrom(...LAYOUT_NAMES)), {
        minLength: 2,
        maxLength: 3,
      }),
      forms,
      (drawn, form) =>
        world.inside(
          () => ({}),
          async () => {
            const requests: Named[] = []
            // The ways to call differ in what the account is, which is one for all of them.
            const way = form.way === 'batched' ? 'alone' : form.way
            for (const [name, other, amount, layout] of drawn) {
              const opened: Opened = new Map()
              const composed = { acts: [{ name, other: world[other], amount }], form: { ...form, layout, way } }
              const scene = await stage(world, composed, opened)
              const small = { acts: [{ name, other: world.me, amount: 1n }], form: composed.form }
              requests.push({ name: `${name}, ${layout}`, request: await world.requestOf(scene) })
              const second = await stage(world, small, opened)
              requests.push({ name: `${name}, ${layout}, small`, request: await world.requestOf(second) })
            }
            await world.pass(12)
            const fresh = new Map<Named, Record<string, unknown>>()
            for (const each of requests) fresh.set(each, await alone(world, each.request))
            const broken = [
              ...(await walk(world, requests, fresh)),
              ...(await walk(world, requests.toReversed(), fresh)),
            ]
            const isWhole = (text: string) => !/engine-limit|effects-truncated/.test(text)
            expect(broken.filter(({ fresh: was, used }) => isWhole(was) && isWhole(used))).toEqual([])
          },
        ),
    ),
    { ...RUN, numRuns: numRuns(1), seed: 44 },
  ))
