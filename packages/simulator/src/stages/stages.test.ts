import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ATTACKS, BENIGN, openWorld, type World } from '../../catalogue/index.ts'
import { permit } from '../../catalogue/documents.ts'
import type { Simulator } from '../Simulator.ts'
import type { SimulationRequest } from '../model/Request.ts'
import { Found } from './Found.ts'
import { CLOSING, LOCAL, NODE } from './index.ts'
import type { AnyStage } from './Stage.ts'
import { Timings } from './Timings.ts'

describe('the lists', () => {
  test.each([
    ['local', [...LOCAL, ...CLOSING]],
    ['node', [...NODE, ...CLOSING]],
  ] as const)('promise: %s: every stage stands behind those whose result it reads', (_, stages) => {
    const before = new Set<string>()
    for (const { name, needs } of stages as readonly AnyStage[]) {
      expect(
        needs.filter((each) => !before.has(each)),
        name,
      ).toEqual([])
      expect(before.has(name), `${name} stands twice`).toBe(false)
      before.add(name)
    }
  })
  test('promise: both engines have the same stages, in the same order', () => {
    expect(NODE.map(({ name }) => name)).toEqual(LOCAL.map(({ name }) => name))
  })
})

describe('what was found', () => {
  test('a run that was stopped counts no more, and neither do its effects', () => {
    const found = new Found()
    found.add('execute', {
      status: 'done',
      value: { steps: [], touched: new Map(), after: { accounts: new Map(), slots: new Map() } },
    })
    found.stopped({ kind: 'exhausted' })
    expect(found.get('execute')).toBeNull()
    expect(found.stop).toEqual({ kind: 'exhausted' })
  })
  test('a stage that needs what nobody found is a bug', () => {
    expect(() => new Found().need('effects')).toThrow()
  })
  test('what could not be looked at is kept as a line, a stage that does not apply is silent', () => {
    const found = new Found()
    found.skip('switches', 'not-applicable')
    found.skip('lookAhead', [{ what: 'look-ahead', why: 'it was not asked for' }])
    found.add('crossCheck', { status: 'unseen', notChecked: [{ what: 'second engine', why: 'too slow' }] })
    expect(found.notChecked.map(({ what }) => what)).toEqual(['look-ahead', 'second engine'])
    expect(Object.fromEntries(found.told)).toEqual({
      switches: 'not-applicable',
      lookAhead: 'skipped',
      crossCheck: 'unseen',
    })
  })
})

describe('over the catalogue', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  /** The line that says that a stage did not look, by stage. */
  const LINES: Readonly<Record<string, RegExp>> = {
    environments: /^other environments$/,
    lookAhead: /^look-ahead$/,
    switches: /^stored switches$/,
    crossCheck: /second engine$/,
    proofs: /^(provider honesty|the block itself)$/,
  }
  async function told(simulator: Simulator, request: SimulationRequest) {
    const timings = new Timings()
    const report = await simulator.simulate(request, { timings })
    const ran = new Set<string>(timings.list.map(({ stage }) => stage))
    return {
      report,
      timings,
      silent: Object.keys(LINES).filter(
        (name) => !ran.has(name) && !report.notChecked.some(({ what }) => LINES[name]?.test(what)),
      ),
    }
  }

  test('promise: no stage is silent: it looked, or the report says that it did not', () =>
    world.inside(
      async (at) => {
        const good = await BENIGN.find(({ title }) => title === 'ether is wrapped')?.stage(at)
        return good ?? {}
      },
      async (scene) => {
        const simulator = await world.open()
        try {
          const request = await world.requestOf(scene)
          const failing = await world.requestOf({
            calls: [world.call('PlainToken', world.chain.addresses.usdc, 'transferFrom', [world.friend, world.me, 5n])],
          })
          const document = await world.requestOf({ document: permit(world, { spender: world.thief, value: '5' }) })
          for (const each of [
            request,
            { ...request, isLookAhead: false },
            failing,
            document,
            { ...document, isLookAhead: false },
          ]) {
            const { silent, report } = await told(simulator, each)
            expect(silent, JSON.stringify(report.notChecked)).toEqual([])
          }
        } finally {
          await simulator.close()
        }
      },
    ))

  test('promise: of more powers than are tried strangers come first, and the rest is counted', () =>
    world.inside(
      ({ chain, call }) => {
        const { usdc, dai, uniswapV2Router } = chain.addresses
        const spender = (i: number) => `0x${(0xabc000 + i).toString(16).padStart(40, '0')}`
        const approve = (token: typeof usdc, to: string) => call('Usdc', token, 'approve', [to, 5n])
        const strangers = Array.from({ length: 13 }, (_, i) => approve(usdc, spender(i)))
        return { calls: [approve(dai, uniswapV2Router), ...strangers] }
      },
      async (scene) => {
        const { report } = await world.simulate(scene)
        expect(report.notChecked).toContainEqual({
          what: 'look-ahead',
          why: 'what 2 more grants allow next was not tried',
        })
        const tried = report.lookahead.map(({ actor }) => actor)
        expect(tried).toHaveLength(12)
        expect(tried).not.toContain(world.chain.addresses.uniswapV2Router)
      },
    ))

  test('each stage is timed alone, and reads by stage add up to what was handed over', () =>
    world.inside(
      (at) => ATTACKS.find(({ id }) => id === 'B04')?.stage(at) ?? {},
      async (scene) => {
        const simulator = await world.open()
        try {
          const { timings } = await told(simulator, await world.requestOf(scene))
          const names = timings.list.map(({ stage }) => stage)
          for (const name of ['prepare', 'fork', 'plan', 'execute', 'effects', 'environments', 'verdict', 'report'])
            expect(names).toContain(name)
          expect(timings.list.every(({ ms, rounds }) => ms >= 0 && rounds >= 1)).toBe(true)
          const of = (name: string) => timings.list.find(({ stage }) => stage === name)
          // Asked for once more by everything that found something missing; what was whole is not done again.
          const again = LOCAL.reduce((sum, { name }) => sum + (of(name)?.rounds ?? 1) - 1, 0)
          expect(again).toBeGreaterThan(0)
          expect(of('fork')?.rounds).toBe(1 + again)
          expect(of('plan')?.rounds).toBe(1)
          expect(of('report')?.rounds).toBe(1)
        } finally {
          await simulator.close()
        }
      },
    ))
})
