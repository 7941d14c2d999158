import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { loadSnapshot } from './loadSnapshot.ts'
import { advisoriesFor, compact, cvss3, digestOf } from './Snapshot.ts'
import { comparePep440, compareVersions } from './versions.ts'
import { zipOf } from './zipOf.ts'

const fixtures = join(import.meta.dirname, 'fixtures')
const root = mkdtempSync(join(tmpdir(), 'countersign-osv-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

test('promise: records are compacted: withdrawn, git-only and other ecosystems’ are left out, and the newest date is kept', async () => {
  const snapshot = await loadSnapshot(fixtures)
  expect(snapshot).toMatchInlineSnapshot(`
    {
      "as_of": "2026-10-04T00:00:00Z",
      "format": "countersign-osv-1",
      "packages": {
        "PyPI": {
          "leaky-parser": [
            {
              "id": "PYSEC-2026-1",
              "ranges": [
                [
                  "0",
                  "2.0",
                  null,
                ],
              ],
              "severity": "critical",
              "summary": "Leaky parser runs what it parses",
              "versions": [],
            },
          ],
        },
        "crates.io": {
          "leaky-parser": [
            {
              "id": "RUSTSEC-2026-0001",
              "ranges": [
                [
                  "0.0.0-0",
                  null,
                  "0.3.1",
                ],
              ],
              "severity": "high",
              "summary": "Use after free",
              "versions": [],
            },
          ],
        },
        "npm": {
          "leaky-parser": [
            {
              "id": "GHSA-aaaa-bbbb-cccc",
              "ranges": [
                [
                  "1.2.0",
                  "1.5.0",
                  null,
                ],
              ],
              "severity": "high",
              "summary": "Leaky parser reads past the end",
              "versions": [],
            },
          ],
          "stolen-wallet-helper": [
            {
              "id": "MAL-2026-1",
              "ranges": [
                [
                  "0",
                  null,
                  null,
                ],
              ],
              "severity": "critical",
              "summary": "Sends wallets away",
              "versions": [],
            },
          ],
        },
      },
      "records": 7,
    }
  `)
})

test('promise: a snapshot is read as it was written, packed or not; a list of records is the same as a directory', async () => {
  const snapshot = await loadSnapshot(fixtures)
  const packed = join(root, 'osv.json.gz')
  writeFileSync(packed, gzipSync(JSON.stringify(snapshot)))
  expect(digestOf(await loadSnapshot(packed))).toBe(digestOf(snapshot))
  const records: unknown[] = readdirSync(fixtures)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(fixtures, name), 'utf8')) as unknown)
  const list = join(root, 'list.json')
  writeFileSync(list, JSON.stringify(records.toReversed()))
  expect(digestOf(await loadSnapshot(list))).toBe(digestOf(snapshot))
})

test('an all.zip, alone or as osv-scanner keeps it, is the same as its members', async () => {
  const names = readdirSync(fixtures).filter((name) => name.endsWith('.json'))
  const members = Object.fromEntries(names.map((name) => [name, readFileSync(join(fixtures, name), 'utf8')]))
  const folder = join(root, 'db/osv-scanner/npm')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'all.zip'), zipOf(members))
  const expected = digestOf(await loadSnapshot(fixtures))
  expect(digestOf(await loadSnapshot(join(folder, 'all.zip')))).toBe(expected)
  expect(digestOf(await loadSnapshot(join(root, 'db')))).toBe(expected)
  writeFileSync(join(folder, 'all.zip'), zipOf({ ...members, 'x.json': '{' }))
  await expect(loadSnapshot(folder)).rejects.toThrow(/x\.json cannot be read: it is not JSON/)
})

test('promise: what cannot be read is an error that names the file, never an empty snapshot', async () => {
  const bad = join(root, 'bad.json')
  const zip = join(root, 'bad.zip')
  writeFileSync(zip, 'no archive')
  for (const [path, text] of [
    [bad, '{ "id": '],
    [bad, '{ "id": "X" }'],
    [bad, '{ "format": "countersign-osv-9" }'],
    ...[
      '"format": "countersign-osv-9"',
      '"as_of": 7',
      '"records": "1"',
      '"packages": { "npm": { "a": [{ "ranges": [], "versions": [] }] } }',
      '"packages": { "npm": { "a": [{ "id": "X", "versions": [] }] } }',
      '"packages": { "npm": { "a": [{ "id": "X", "ranges": [] }] } }',
    ].map(
      (field) =>
        [
          bad,
          JSON.stringify({
            ...{ format: 'countersign-osv-1', as_of: '2026-01-01', records: 1, packages: {} },
            ...(JSON.parse(`{${field}}`) as object),
          }),
        ] as const,
    ),
    [zip, 'PK'],
    [join(root, 'nowhere'), null],
  ] as const) {
    if (text !== null) writeFileSync(path, text)
    await expect(loadSnapshot(path), String(text)).rejects.toMatchObject({
      code: 'scanner:osv:unreadable',
      message: expect.stringContaining(path) as string,
    })
  }
})

describe('promise: versions', () => {
  test('PEP 440 orders as its specification says', () => {
    const ordered = [
      '1.dev1',
      '1.0a1.dev1',
      '1.0a1',
      '1.0b2',
      '1.0rc1',
      '1.0',
      '1.0.post1',
      '1.0.1.dev2',
      '1.0.1',
      '1!0.5',
    ]
    expect(ordered.toSorted(comparePep440)).toEqual(ordered)
    expect(comparePep440('1.0', '1')).toBe(0)
    expect(comparePep440('v2.0.RC1', '2.0rc1')).toBe(0)
  })

  test('SemVer and gems', () => {
    expect(compareVersions('npm', '1.0.0-rc.1', '1.0.0')).toBe(-1)
    expect(compareVersions('crates.io', '1.10.0', '1.9.0')).toBe(1)
    expect(compareVersions('RubyGems', '2.0.0.rc1', '2.0.0')).toBe(-1)
  })

  test('ranges: introduced is in, fixed is out, last affected is in', () => {
    const record = (events: object[]) => ({
      id: 'X',
      modified: '2026-01-01T00:00:00Z',
      affected: [{ package: { ecosystem: 'npm', name: 'a' }, ranges: [{ type: 'SEMVER', events }] }],
    })
    const hits = (events: object[], versions: string[]): string[] => {
      const snapshot = compact([record(events)])
      return versions.filter((version) => advisoriesFor(snapshot, { ecosystem: 'npm', name: 'a', version }).length > 0)
    }
    const versions = ['0.9.0', '1.0.0', '1.5.0', '2.0.0', '2.1.0']
    expect(hits([{ introduced: '1.0.0' }, { fixed: '2.0.0' }], versions)).toEqual(['1.0.0', '1.5.0'])
    expect(hits([{ introduced: '1.0.0' }, { last_affected: '2.0.0' }], versions)).toEqual(['1.0.0', '1.5.0', '2.0.0'])
    expect(hits([{ introduced: '0' }, { fixed: '1.0.0' }, { introduced: '2.1.0' }], versions)).toEqual([
      '0.9.0',
      '2.1.0',
    ])
    expect(advisoriesFor(compact([]), { ecosystem: 'npm', name: '__proto__', version: '1.0.0' })).toEqual([])
  })
})

test('promise: CVSS v3 base scores (examples of FIRST’s calculator)', () => {
  expect(cvss3('CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H')).toBe(9.8)
  expect(cvss3('CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N')).toBe(6.1)
  expect(cvss3('CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N')).toBe(5.5)
  expect(cvss3('CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N')).toBe(0)
  for (const [metrics, score] of Object.entries({
    'AV:N/AC:L/PR:L/UI:N/S:U': 8.8,
    'AV:N/AC:L/PR:H/UI:N/S:U': 7.2,
    'AV:N/AC:L/PR:N/UI:N/S:C': 10,
    'AV:N/AC:L/PR:L/UI:N/S:C': 9.9,
    'AV:N/AC:L/PR:H/UI:N/S:C': 9.1,
    'AV:N/AC:L/PR:N/UI:R/S:U': 8.8,
    'AV:N/AC:H/PR:N/UI:N/S:U': 8.1,
    'AV:A/AC:L/PR:N/UI:N/S:U': 8.8,
    'AV:L/AC:L/PR:N/UI:N/S:U': 8.4,
    'AV:P/AC:L/PR:N/UI:N/S:U': 6.8,
  }))
    expect(cvss3(`CVSS:3.1/${metrics}/C:H/I:H/A:H`), metrics).toBe(score)
  expect(cvss3('nonsense')).toBeNull()
})
