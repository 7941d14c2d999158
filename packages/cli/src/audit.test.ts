import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clock } from '@countersign/base'
import { openKeyring } from '@countersign/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from './main.ts'

const root = mkdtempSync(join(tmpdir(), 'countersign-cli-audit-'))
const dataDir = join(root, 'data')
const at = (name: string): string => join(root, name)

async function cli(...argv: string[]): Promise<{ out: string; err: string; code: number }> {
  const out: string[] = []
  const err: string[] = []
  let code = 0
  await run(argv, {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    exit: (each) => (code = each),
    env: { COUNTERSIGN_DATA_DIR: dataDir },
    columns: 100,
    color: false,
  })
  return { out: out.join('\n'), err: err.join('\n'), code }
}

beforeAll(async () => {
  const keyring = await openKeyring({ dataDir, env: {}, clock: Clock.system })
  for (const label of ['one', 'two', 'three']) await keyring.issue({ app: 'shop', label })
  await keyring.close()
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

test('promise: export, checkpoint, key, verify: what holds is said, and what is not known too', async () => {
  expect(await cli('audit', 'list')).toEqual({ out: 'shop', err: '', code: 0 })
  expect((await cli('audit', 'export', '--app', 'shop', '--out', at('shop.jsonl'))).out).toContain('3 rows of "shop"')
  expect((await cli('audit', 'export', '--app', 'shop')).out).toBe(readFileSync(at('shop.jsonl'), 'utf8').trimEnd())
  writeFileSync(at('shop.checkpoint'), (await cli('audit', 'checkpoint', '--app', 'shop')).out)
  const { out: key } = await cli('audit', 'key')
  expect(await cli('audit', 'verify', at('shop.jsonl'))).toEqual({
    out: '3 rows of "shop" hold, each to the one before. Without a checkpoint nobody can tell whether the end was cut off.',
    err: '',
    code: 0,
  })
  const verified = { out: '3 rows of "shop" hold, and the checkpoint up to row 3.', err: '', code: 0 }
  // On the server, and anywhere else with the key.
  expect(await cli('audit', 'verify', at('shop.jsonl'), '--checkpoint', at('shop.checkpoint'))).toEqual(verified)
  const away = ['--checkpoint', at('shop.checkpoint'), '--data-dir', at('elsewhere')]
  expect(await cli('audit', 'verify', at('shop.jsonl'), ...away, '--key', key)).toEqual(verified)
  const { code, err } = await cli('audit', 'verify', at('shop.jsonl'), ...away)
  expect([code, err]).toEqual([2, expect.stringContaining('Without the verifier key a checkpoint proves nothing.')])
})

test('promise: the first bad row is named, and a tail that was cut off is noticed', async () => {
  const lines = readFileSync(at('shop.jsonl'), 'utf8').trimEnd().split('\n')
  writeFileSync(at('altered.jsonl'), `${lines.join('\n').replace('"label":"two"', '"label":"2"')}\n`)
  const altered = await cli('audit', 'verify', at('altered.jsonl'), '--checkpoint', at('shop.checkpoint'))
  expect([altered.code, altered.err]).toEqual([
    4,
    expect.stringContaining('Row 2: its hash is not that of its content.'),
  ])
  writeFileSync(at('cut.jsonl'), `${lines.slice(0, 2).join('\n')}\n`)
  const cut = await cli('audit', 'verify', at('cut.jsonl'), '--checkpoint', at('shop.checkpoint'), '--json')
  expect([cut.code, cut.err]).toEqual([4, expect.stringContaining('Row 3: 3 rows were signed, 2 are here.')])
  expect(JSON.parse(cut.out)).toMatchObject({ rows: 2, problem: { code: 'audit:row:missing', row: 3 } })
})

test('promise: error: nothing there, nothing readable, nothing overwritten', async () => {
  const first = async (...argv: string[]): Promise<unknown> => {
    const { code, err } = await cli(...argv)
    return [code, err.split('. ')[0]]
  }
  expect(await first('audit', 'list', '--data-dir', at('nowhere'))).toEqual([
    5,
    expect.stringContaining('no audit record'),
  ])
  expect(await first('audit', 'export', '--app', 'zoo')).toEqual([5, 'There is no audit record of zoo'])
  expect(await first('audit', 'verify', at('nothing.jsonl'))).toEqual([2, expect.stringContaining('cannot be read')])
  expect(await first('audit', 'verify', at('shop.jsonl'), '--checkpoint', at('shop.jsonl'))).toEqual([
    2,
    'The checkpoint cannot be read',
  ])
  expect(await first('backup', at('shop.jsonl'))).toEqual([6, expect.stringContaining('There is something already at')])
})

test('promise: backup is a data directory that verifies', async () => {
  const { out, code } = await cli('backup', at('copy'), '--json')
  expect([code, (JSON.parse(out) as { files: string[] }).files]).toEqual([
    0,
    expect.arrayContaining(['countersign.db', 'pepper.key', 'audit-key.json']),
  ])
  expect((await cli('audit', 'export', '--app', 'shop', '--data-dir', at('copy'))).out).toBe(
    readFileSync(at('shop.jsonl'), 'utf8').trimEnd(),
  )
})
