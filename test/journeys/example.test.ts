/** The first example of `simulate --help`, pasted as it stands, against a fresh anvil at block 0. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnAnvil, type AnvilProcess } from '@countersign/simulator'
import { run } from 'countersign'
import { afterAll, beforeAll, expect, test } from 'vitest'

const home = mkdtempSync(join(tmpdir(), 'countersign-example-'))
let anvil: AnvilProcess
beforeAll(async () => {
  anvil = await spawnAnvil({ args: [] })
})
afterAll(async () => {
  await anvil.close()
  rmSync(home, { recursive: true, force: true })
})

async function countersign(args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  let code = 0
  const out: string[] = []
  const err: string[] = []
  await run(args, {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    exit: (given) => void (code = given),
    env: { COUNTERSIGN_DATA_DIR: home },
    columns: 100,
    color: false,
  })
  return { code, out: out.join('\n'), err: err.join('\n') }
}

test('the first example of `simulate --help` works as it stands on a fresh anvil', async () => {
  const { out } = await countersign(['simulate', '--help'])
  const line = /^ {2}countersign (simulate .*)$/m.exec(out.slice(out.indexOf('Examples:')))?.[1] ?? ''
  expect(line).toContain('http://127.0.0.1:8545')
  const { code, out: report, err } = await countersign(words(line.replace(':8545', `:${anvil.port}`)))
  expect([code, err], report).toEqual([0, ''])
  expect(report).toMatch(/1 ETH|ALLOW/i)
})

/** A command line as a shell takes it apart: words, and what stands in single quotes. */
function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}
