import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { run } from './main.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'countersign-cli-keys-'))
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

/** Runs `countersign keys …` in this process. */
async function keys(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { code: 0, out: '', err: '' }
  await run(['keys', ...args], {
    out: (text) => (said.out += `${text}\n`),
    err: (text) => (said.err += `${text}\n`),
    exit: (code) => (said.code = code),
    env: { COUNTERSIGN_DATA_DIR: dataDir },
    columns: 100,
    color: false,
  })
  return said
}
const json = async (...args: string[]): Promise<Record<string, unknown>> =>
  JSON.parse((await keys(...args, '--json')).out) as Record<string, unknown>

test('issue, list, change, rotate, revoke, undo; in words and as JSON; mistakes end in a sentence and a code', async () => {
  const issued = await json(
    ...['issue', '--app', 'acme', '--scopes', 'read,chat', '--network', '203.0.113.0/24'],
    ...['--limit', '100/10s,5/1h', '--expires', '30d'],
  )
  const id = String(issued['id'])
  expect(await json('list')).toMatchObject([
    {
      id,
      standing: 'active',
      scopes: ['read', 'chat'],
      networks: ['203.0.113.0/24'],
      limits: ['100/10s', '5/1h'],
    },
  ])
  expect(await json('rename', id, 'the shop')).toMatchObject({ label: 'the shop' })
  expect(await json('scopes', id, 'admin')).toMatchObject({ scopes: ['admin'] })
  expect(await json('limits', id)).toMatchObject({ limits: [] })
  expect(await json('allow', id, '198.51.100.7', '2001:db8::/32')).toMatchObject({
    networks: ['198.51.100.7/32', '2001:db8::/32'],
  })
  expect(await json('expire', id, 'never')).toMatchObject({ expires_at: null })
  const rotated = await json('rotate', id, '--style', 'clock', '--overlap', '1h')
  expect(rotated).toMatchObject({ replaces: id, key: expect.stringMatching(/^sk-acme-[0-9a-f]{48}$/) })
  expect(await json('revoke', id, '--reason', 'gone')).toMatchObject({
    standing: 'revoked',
    confirmed: '0/0',
    revoked_reason: 'gone',
  })
  expect(await json('undo', id)).toMatchObject({ standing: 'active' })
  const waiting = await keys('rotate', String(rotated['id']))
  expect(waiting.out).toMatch(
    /^sk-acme-[0-9a-f]{48}\n\nkey_\S+ replaces key_[\s\S]*if that has not happened in 24h, nothing changes/,
  )
  const canary = await keys('issue', '--app', 'acme', '--canary')
  expect(canary.out).toMatch(/is a canary for the app "acme"/)
  const listed = await keys('list', '--app', 'acme')
  expect(listed.out).toMatch(/pending[\s\S]*\[canary\]/)
  expect(listed.out).not.toMatch(/sk-/)
  expect((await keys('revoke', id)).out).toMatch(/is revoked, in effect since .*: no server is running\./)
  expect(await json('rotate-pepper')).toEqual({ version: 2 })

  for (const [args, code, words] of [
    [['issue'], 2, /No app is named/],
    [['issue', '--app', 'Acme'], 2, /app name cannot be used/],
    [['issue', '--app', 'acme', '--scopes', 'root'], 2, /scope is not known/],
    [['limits', id, 'many'], 2, /limit cannot be read/],
    [['rotate', String(rotated['id'])], 6, /being replaced already/],
    [['rotate', id, '--style', 'soon'], 2, /style is not known/],
    [['revoke', 'key_nothing'], 5, /no such key/],
    [['release', id], 6, /not quarantined/],
    [['expire', id, 'soon'], 2, /time cannot be read/],
  ] as const) {
    const refused = await keys(...args)
    expect([refused.code, refused.out], args.join(' ')).toEqual([code, ''])
    expect(refused.err).toMatch(words)
  }
})
