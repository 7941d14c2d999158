/** Every rule's folder: what it must flag, what it must leave alone, and the text people read of it. */
import { Address } from '@countersign/base'
import { chainOf } from '../chain/records.ts'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWorld } from '../../catalogue/openWorld.ts'
import type { World } from '../../catalogue/World.ts'
import type { Finding } from '../model/Finding.ts'
import { SIGNATURE_FINDINGS } from '../signatures/FindingNames.ts'
import { RULES } from './index.ts'
import { quiet } from './quiet.ts'
import type { Rule, RuleContext } from './Rule.ts'
import type { RuleCases } from './RuleCases.ts'

const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
const rooms = await Promise.all(
  folders.map(async (name) => ({
    name,
    rule: ((await import(`./${name}/rule.ts`)) as { rule: Rule }).rule,
    cases: existsSync(join(import.meta.dirname, name, 'cases.ts'))
      ? ((await import(`./${name}/cases.ts`)) as { cases: RuleCases }).cases
      : null,
  })),
)

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

test('every folder is a rule that is run, under its own name', () => {
  expect(rooms.map(({ rule }) => rule.name)).toEqual(folders)
  expect(RULES.map((rule) => rule.name).sort()).toEqual(folders.toSorted())
})

test('every finding about a document has a test that names it', () => {
  const tests = [
    'src/signatures/signatures.test.ts',
    'src/signatures/signatures.chain.test.ts',
    'catalogue/catalogue.test.ts',
    'catalogue/attacks/accountCode.ts',
  ]
    .map((path) => readFileSync(join(import.meta.dirname, '..', '..', path), 'utf8'))
    .join('')
  const named = Object.keys(SIGNATURE_FINDINGS).filter((name) => tests.includes(name.slice('signature-'.length)))
  expect(Object.keys(SIGNATURE_FINDINGS).filter((name) => !named.includes(name))).toEqual([])
})

describe('promise: a mention lowers no level, on chains where no scene can be run as well', () => {
  const anybody = Address.parse('0x00000000000000000000000000000000000e71a0')
  const payment = { to: anybody, value: 1n, data: '0x' as const, label: null, gasLimit: null, maxFeePerGasWei: null }
  const node = {
    why: 'it has instructions of its own',
    hasBalances: false,
    hasStorage: false,
    environments: 1,
    accept: null,
  }
  const levels = (request: Partial<RuleContext['request']>): string[] => {
    const asked = {
      chainId: 1,
      from: world.me,
      calls: [payment],
      block: 'latest' as const,
      known: [],
      isAgentProposed: true,
    }
    const context = contextOf({ request: { ...asked, ...request }, engine: { ...quiet, node } })
    const found = rooms.find(({ name }) => name === 'chain-not-modelled')?.rule.check(context) ?? []
    return found.map(({ level }) => level)
  }

  test('a payment that was only mentioned blocks; one to whom the user named as its recipient warns', () => {
    expect(levels({})).toEqual(['block'])
    expect(levels({ known: [{ address: anybody, name: 'typed by you', kind: 'user' }] })).toEqual(['block'])
    expect(levels({ saidRecipients: [anybody] })).toEqual(['warn'])
  })

  test('no rule reads what was mentioned, but the one that compares look-alikes', () => {
    const readers = folders.filter((name) => {
      const source = readFileSync(join(import.meta.dirname, name, 'rule.ts'), 'utf8')
      return /\brequest\.known\b|kind === 'user'/.test(source)
    })
    expect(readers).toEqual(['address-lookalike'])
  })
})

describe.each(rooms)('$name', ({ name, rule, cases }) => {
  const texts: string[] = []
  /** What people read, one case after the other. */
  const keep = (title: string, findings: readonly Finding[], named: (text: string) => string = (text) => text) => {
    expect(findings.length, `${name} must flag: ${title}`).toBeGreaterThan(0)
    const lines = findings.map((finding) => `${finding.level}: ${finding.title}. ${finding.because}`)
    texts.push(steady([`# ${title}`, ...lines].map(named).join('\n')))
  }

  test('has a case to flag and a near miss', () => {
    expect(cases, 'cases.ts').not.toBeNull()
    if (cases === null) return
    const [flag, leave] = 'flag' in cases ? [cases.flag, cases.leave] : [cases.flagContext, cases.leaveContext]
    expect(Object.keys(flag), 'cases to flag').not.toEqual([])
    expect(Object.keys(leave), 'near misses').not.toEqual([])
  })
  if (cases === null) return
  if ('flag' in cases) {
    test.each(Object.keys(cases.flag))('flags: %s', async (title) => {
      const { report, named } = await world.play(cases.flag[title] as (typeof cases.flag)[string])
      keep(
        title,
        report.findings.filter((finding) => finding.rule === name),
        named,
      )
    })
    test.each(Object.keys(cases.leave))('leaves alone: %s', async (title) => {
      const { report } = await world.play(cases.leave[title] as (typeof cases.leave)[string])
      expect(report.findings.filter((finding) => finding.rule === name)).toEqual([])
      // A near miss that cannot be simulated shows nothing about the rule.
      expect(report.steps.length).toBeGreaterThan(0)
    })
  } else
    test('is covered by a test of the whole way', () => {
      const source = readFileSync(join(import.meta.dirname, '..', '..', cases.covered.file), 'utf8')
      expect(source).toContain(`'${cases.covered.test}'`)
    })
  test.each(Object.entries(cases.flagContext ?? {}))('flags: %s', (title, given) =>
    keep(title, rule.check(contextOf(given))),
  )
  test.each(Object.entries(cases.leaveContext ?? {}))('leaves alone: %s', (_, given) =>
    expect(rule.check(contextOf(given))).toEqual([]),
  )
  test('says what is in findings.snap', async () => {
    await expect(`${texts.join('\n\n')}\n`).toMatchFileSnapshot(join(import.meta.dirname, name, 'findings.snap'))
  })
})

/** Without the digits that change with the base fee, and without slots, which change with addresses. */
function steady(text: string): string {
  return text
    .replaceAll(/0x[0-9a-f]{64}/g, '0x…')
    .replaceAll(/(takes )0\.\d+/g, '$10.0…')
    .replaceAll(/(\d+\.\d{4})\d{6,}/g, '$1…')
    .replaceAll(/\b(\d{5})(?!0+\b)\d{8,}\b/g, '$1…')
}

/** A context in which nothing happened but what is given. */
function contextOf(given: Partial<RuleContext> = {}): RuleContext {
  const { me } = world
  return {
    request: { chainId: 1, from: me, calls: [], block: 'latest', known: [] },
    chain: chainOf(1),
    ...{
      steps: [],
      tokenChanges: [],
      authorityChanges: [],
      keptForYou: [],
      baseFeeWei: 0n,
      trades: [],
      maxFeeWei: 0n,
      environments: [],
      switches: [],
      intent: null,
    },
    ...{ mine: new Set([me]), proceeds: [], units: [], contracts: [] },
    ...{
      announced: new Map(),
      grantSlots: new Map(),
      credits: new Set(),
      reach: new Set<string>(),
      lent: new Set<string>(),
    },
    ...{ unexplained: [], marks: [] },
    ahead: { moves: [], sellBacks: [], exits: [], melts: [], minimums: [], unplayed: [] },
    tries: { grants: [], deposits: [], openings: [] },
    account: () => undefined,
    known: () => undefined,
    authorityOf: () => null,
    isMeantGrant: () => false,
    isMeantRecipient: () => false,
    ...given,
    engine: given.engine ?? quiet,
  }
}
