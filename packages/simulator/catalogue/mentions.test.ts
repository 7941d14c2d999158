/** That an address stands in a text is a label: over the whole catalogue, a mention changes nothing that is judged. */
import { Address, Digest } from '@countersign/base'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Report, type KnownAddress } from '../src/index.ts'
import type { RuleCases } from '../src/rules/RuleCases.ts'
import { ATTACKS, BENIGN } from './index.ts'
import { openWorld } from './openWorld.ts'
import type { Build, Scene, World } from './World.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const RULES = join(import.meta.dirname, '..', 'src', 'rules')
const folders = readdirSync(RULES, { withFileTypes: true }).filter((entry) => entry.isDirectory())
const cases = (
  await Promise.all(
    folders.map(async ({ name }) => {
      const { cases: all } = (await import(join(RULES, name, 'cases.ts'))) as { cases: RuleCases }
      const builds = 'flag' in all ? { ...all.flag, ...all.leave } : {}
      return Object.entries(builds).map(([title, build]): [string, Build] => [`${name}: ${title}`, build])
    }),
  )
).flat()
const ALL: readonly (readonly [string, Build])[] = [
  ...ATTACKS.map(({ id, title, stage }): [string, Build] => [`${id}: ${title}`, stage]),
  ...BENIGN.map(({ family, title, stage }): [string, Build] => [`${family}: ${title}`, stage]),
  ...cases,
]

/**
 * `npm run test:mentions` (COUNTERSIGN_MENTIONS=24) takes every scene, and reaches every address of each one by one. `npm test`
 * takes every third scene, by a digest of its name, so that no order of writing chooses; all addresses together, and two alone.
 */
const MENTIONS = process.env['COUNTERSIGN_MENTIONS']
const MAX_SINGLE = Number(MENTIONS ?? 2)
const isTaken = (name: string): boolean => Number.parseInt(Digest.sha256(name).slice(-6), 16) % 3 === 0
const SCENES = ALL.filter(([name]) => MENTIONS !== undefined || isTaken(name))

/** Every address that a scene or its report shows, and every word of call data that could be one. */
function addressesIn(scene: Scene, report: Report.Report): Address.Address[] {
  const bigints = (_: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)
  const text = JSON.stringify([scene, report], bigints)
  const whole = text.match(/0x[0-9a-fA-F]{40}(?![0-9a-fA-F])/g) ?? []
  const words = (scene.calls ?? []).flatMap(({ data }) =>
    (data.slice(10).match(/.{64}/g) ?? []).flatMap((word) =>
      /^0{24}[0-9a-f]*[1-9a-f][0-9a-f]{30,}$/.test(word) ? [`0x${word.slice(24)}`] : [],
    ),
  )
  return [...new Set([...whole, ...words].map((found) => found.toLowerCase()))].map(Address.parse)
}

/** What is judged. What a run costs, which block it stands on, and what it was read from are not. */
function judged(report: Report.Report) {
  const { findings, contractCalls, tokenChanges, authorityChanges, lookahead, environments, notChecked } = report
  const bigints = (_: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)
  const plain = (value: unknown) => JSON.parse(JSON.stringify(value, bigints)) as unknown
  return {
    verdict: report.verdict,
    // A mention is also something that look-alikes are compared with, which can only add a finding.
    findings: plain(findings.filter(({ rule }) => rule !== 'address-lookalike')),
    rest: plain({ contractCalls, tokenChanges, authorityChanges, lookahead, environments, notChecked }),
  }
}

const RANK = { info: 0, warn: 1, block: 2 } as const
const VERDICT = { allow: 0, warn: 1, block: 2 } as const
const lookalikes = ({ findings }: Report.Report) =>
  new Map(
    findings
      .filter(({ rule }) => rule === 'address-lookalike')
      .map(({ subject, level }) => [String(subject), RANK[level]]),
  )

function expectNotLower(base: Report.Report, other: Report.Report, what: string): void {
  expect(VERDICT[other.verdict], what).toBeGreaterThanOrEqual(VERDICT[base.verdict])
  const were = lookalikes(base)
  const are = lookalikes(other)
  for (const [subject, level] of were)
    expect(are.get(subject) ?? -1, `${what} ${subject}`).toBeGreaterThanOrEqual(level)
  const isRaised = [...are].some(([subject, level]) => level > (were.get(subject) ?? -1))
  const [before, after] = [judged(base), judged(other)]
  expect(isRaised ? { ...after, verdict: before.verdict } : after, what).toEqual(before)
}

/** Rules that ask who chose a recipient. Whom the user named as one answers that, and nothing about powers. */
const ABOUT_RECIPIENTS = new Set([
  'chain-not-modelled',
  'kept-falls',
  'no-code-called',
  'nothing-back',
  'proceeds-elsewhere',
  'recipient-inside',
  'recipient-unverified',
])
const others = ({ findings }: Report.Report) =>
  findings
    .filter(({ rule }) => !ABOUT_RECIPIENTS.has(rule))
    .map(({ rule, level, subject }) => `${level} ${rule} ${subject ?? ''}`)

describe('promise: a mention lowers no verdict and no finding, and removes none', () => {
  test.each(SCENES)('%s', (_, build) =>
    world.inside(build, async (scene) => {
      for (const isAgentProposed of [true, scene.isAgentProposed ?? false]) {
        const as = { ...scene, isAgentProposed }
        const { report } = await world.simulate(as)
        const found = addressesIn(scene, report)
        if (isAgentProposed) {
          const { report: said } = await world.simulate({ ...as, saidRecipients: found })
          expect(others(said), 'named as recipients').toEqual(others(report))
        }
        const mention = (address: Address.Address): KnownAddress => ({ address, name: 'typed by you', kind: 'user' })
        // Before and behind what the app says: neither hides a registry entry.
        const mentions = [found, ...(isAgentProposed ? found.slice(0, MAX_SINGLE).map((each) => [each]) : [])]
        for (const set of mentions) {
          const known = [...(scene.known ?? []), ...set.map(mention)]
          const { report: other } = await world.simulate({ ...as, known })
          expectNotLower(report, other, `${isAgentProposed ? 'agent' : 'person'} mentions ${set.join(' ')}`)
        }
      }
    }),
  )
})
