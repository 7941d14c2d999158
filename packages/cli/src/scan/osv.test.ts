import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { zipOf } from '../../../scanner/src/supply/osv/zipOf.ts'
import { runInTest } from '../runInTest.ts'

// OSV's server is played by one on this machine: nothing is fetched from outside.
const root = mkdtempSync(join(tmpdir(), 'countersign-osv-test-'))
const answers = new Map<string, { status: number; body: Uint8Array; location?: string }>()
let server: Server
let at = ''
beforeAll(async () => {
  server = createServer((request, response) => {
    const answer = answers.get(request.url ?? '')
    // What is not known is never answered: it hangs.
    if (answer === undefined) return
    response.writeHead(answer.status, answer.location === undefined ? {} : { location: answer.location })
    response.end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
  rmSync(root, { recursive: true, force: true })
})

const countersign = (args: readonly string[]) => runInTest(['scan', ...args])

const record = (id: string, modified: string, ecosystem = 'npm') =>
  JSON.stringify({
    id,
    modified,
    affected: [
      {
        package: { ecosystem, name: 'leaky-parser' },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '2.0.0' }] }],
      },
    ],
  })

test('osv fetch downloads zips, compacts them, and the snapshot scans offline with its age in every format', async () => {
  const old = new Date(Date.now() - 40 * 86_400_000).toISOString()
  answers.set('/npm.zip', { status: 200, body: zipOf({ 'GHSA-a.json': record('GHSA-a', old) }) })
  answers.set('/PyPI.zip', {
    status: 200,
    body: zipOf({ 'PYSEC-b.json': record('PYSEC-b', '2020-01-01T00:00:00Z', 'PyPI') }),
  })
  answers.set('/moved.zip', { status: 302, body: new Uint8Array(), location: '/npm.zip' })
  const out = join(root, 'osv.json.gz')
  const said = await countersign(['osv', 'fetch', '--out', out, '--url', `${at}/moved.zip`, '--url', `${at}/PyPI.zip`])
  expect([said.code, said.out]).toEqual([0, `${out}: 2 records as of ${old}; packages: 1 PyPI, 1 npm.\n`])
  expect(gunzipSync(readFileSync(out)).toString()).toContain('countersign-osv-1')

  const skill = join(root, 'skill')
  mkdirSync(skill)
  writeFileSync(
    join(skill, 'SKILL.md'),
    '---\nname: skill\ndescription: Reads.\n---\n\nRun `npx leaky-parser@1.0.0 x`.\n',
  )
  const line = `OSV as of ${old} (40 days old, STALE`
  expect((await countersign([skill, '--osv', out])).out).toContain(line)
  expect((await countersign([skill, '--osv', out, '--sarif'])).out).toContain(line)
  expect((await countersign([skill, '--osv', out, '--md'])).out).toContain('40 days old, STALE')
  const report = JSON.parse((await countersign([skill, '--osv', out, '--json'])).out) as { osv: { age_days: number } }
  expect(report.osv.age_days).toBe(40)
  answers.set('/fresh.zip', { status: 200, body: zipOf({ 'a.json': record('GHSA-a', new Date().toISOString()) }) })
  await countersign(['osv', 'fetch', '--out', out, '--url', `${at}/fresh.zip`])
  const fresh = (await countersign([skill, '--osv', out])).out
  expect(fresh).toContain('(0 days old)')
  expect(fresh).not.toContain('STALE')
})

test('promise: a download that fails, hangs, is no zip or holds nothing writes no snapshot', async () => {
  answers.set('/gone.zip', { status: 404, body: new Uint8Array() })
  answers.set('/page.zip', { status: 200, body: Buffer.from('<html>') })
  answers.set('/empty.zip', { status: 200, body: zipOf({ 'readme.txt': 'x' }) })
  answers.set('/away.zip', { status: 302, body: new Uint8Array(), location: 'http://osv.invalid/all.zip' })
  const out = join(root, 'none.json')
  for (const [path, code] of [
    ['gone.zip', 8],
    ['hangs.zip', 8],
    ['page.zip', 2],
    ['empty.zip', 8],
    ['away.zip', 8],
  ] as const) {
    const said = await countersign(['osv', 'fetch', '--out', out, '--url', `${at}/${path}`, '--timeout', '2'])
    expect([path, said.code]).toEqual([path, code])
    expect(existsSync(out), path).toBe(false)
  }
  for (const url of ['http://osv.invalid/all.zip', 'file:///etc/passwd', 'ftp://x.invalid/a.zip', 'all.zip'])
    expect((await countersign(['osv', 'fetch', '--out', out, '--url', url])).code, url).toBe(2)
  expect((await countersign(['osv', 'fetch'])).code).toBe(2)
})
