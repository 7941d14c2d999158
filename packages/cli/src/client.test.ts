import { spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runClient } from './client.ts'
import type { Io } from './io.ts'
import * as PlainOptions from './PlainOptions.ts'
import { simulateCommand } from './simulate.ts'
import { runInTest } from './runInTest.ts'

const FROM = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
const TX = '{"to":"0x70997970C51812dc3A010C7d01b50e0d17dc79C8","value":"1"}'
let answer: { status: number; body: string }
const server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(answer.status).end(answer.body))
})
let url = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

async function client(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const said = { code: 0, out: '', err: '', isDone: false }
  const io: Io = {
    out: (text) => (said.out += `${text}\n`),
    err: (text) => (said.err += `${text}\n`),
    exit: (code) => (said.code = code),
    ...{ env, columns: 100, color: false },
  }
  said.isDone = await runClient(args, io)
  return said
}

const report = { verdict: 'allow', findings: [], steps: [{}], from: FROM, chain_id: 31337 }
const result = (fields: object) => JSON.stringify({ result: { ...report, ...fields } })

describe('promise: the client of a server ends as the whole command does, and never with 0 without an allow', () => {
  test.each([
    ['allow', 200, result({})],
    ['warn', 200, result({ verdict: 'warn' })],
    ['block', 200, result({ verdict: 'block' })],
    ['an unknown verdict', 200, result({ verdict: 'fine' })],
    ['a report about another account', 200, result({ from: `0x${'1'.repeat(40)}` })],
    ['a report about fewer steps', 200, result({ steps: [] })],
    ['something else than JSON', 200, '<html>'],
    ['nothing', 200, ''],
    ['a redirect', 302, result({})],
    ['a refused key', 401, '{"error":"No such key."}'],
    ['a fault', 500, result({})],
    ['a refusal', 400, '{"error":"No such chain.","hint":"Name another."}'],
  ])('%s (HTTP %i)', async (what, status, body) => {
    for (const more of [[], ['--json'], ['--json', '--no-receipt', '--chain-id', '31337']]) {
      answer = { status, body }
      const args = ['simulate', '--server', url, '--from', FROM, '--tx', TX, ...more]
      const { isDone, ...found } = await client(args)
      expect(isDone).toBe(true)
      expect(found).toEqual(await runInTest(args))
      expect(found.code === 0, what).toBe(what === 'allow')
    }
  })

  test('no server', async () => {
    const args = ['simulate', '--server', 'http://127.0.0.1:1', '--from', FROM, '--tx', TX]
    const { isDone, ...found } = await client(args)
    expect([isDone, found.code]).toEqual([true, 8])
    expect(found).toEqual(await runInTest(args))
  })

  test('input that cannot be used', async () => {
    for (const args of [
      ['simulate', '--server', url, '--from', '0x12', '--tx', TX],
      ['simulate', '--server', url, '--from', FROM, '--tx', '{'],
      ['simulate', '--server', 'ftp://x', '--from', FROM, '--tx', TX],
      ['simulate', '--server', url, '--from', FROM],
    ]) {
      const { isDone, ...found } = await client(args)
      expect([isDone, found.code]).toEqual([true, 2])
      expect(found).toEqual(await runInTest(args))
    }
  })
})

test('the whole command reads whatever is not written plainly', async () => {
  const plain = ['--from', FROM, '--tx', TX]
  for (const args of [
    ['simulate', ...plain],
    ['scan', '--server', url],
    ['simulate', '--server', url, '--rpc-url', url, ...plain],
    ['simulate', `--server=${url}`, ...plain],
    ['simulate', '--server', url, '--server', url, ...plain],
    ['simulate', '--server', url, '--json', '--json', ...plain],
    ['simulate', '--server', url, ...plain, '--help'],
    ['simulate', '--server', url, ...plain, 'more'],
    ['simulate', '--server', url, '--from', '--json', '--tx', TX],
    ['simulate', '--server', url, ...plain, '--tx'],
    ['simulate', '--server', url, ...plain, '--block', '1'],
    ['simulate', '--server', url, '--tx', TX],
    ['simulate', '--server', '', ...plain],
    ['simulate', '--server', url, ...plain, '--', '--json'],
    ['simulate', '--server', url, ...plain, '__proto__', 'x'],
  ])
    expect(await client(args), args.join(' ')).toEqual({ code: 0, out: '', err: '', isDone: false })
})

test('reads each option as the whole command does', async () => {
  const argv = [
    ...['--from', FROM, '--tx', TX, '--tx', '{}', '--server', 'http://a', '--chain-id', '5', '--json'],
    ...['--typed-data', 'a.json', '--state-overrides', 'b.json', '--no-receipt'],
  ]
  const io = { env: {}, out: () => undefined, err: () => undefined, exit: () => undefined, columns: 80, color: false }
  const command = simulateCommand(io).action(() => undefined)
  await command.parseAsync(argv, { from: 'user' })
  const { dataDir: _a, receiptTtl: _b, ...whole } = command.opts()
  const { dataDir: _c, receiptTtl: _d, ...plain } = PlainOptions.parse(argv) ?? {}
  expect(plain).toEqual(whole)
})

test('the start of the command uses it, and takes the server from the environment', () => {
  const bin = join(import.meta.dirname, '..', 'bin', 'countersign.mjs')
  const { status, stderr } = spawnSync(process.execPath, [bin, 'simulate', '--from', FROM, '--tx', TX], {
    encoding: 'utf8',
    env: { ...process.env, COUNTERSIGN_SERVER: 'http://127.0.0.1:1' },
  })
  expect(status).toBe(8)
  expect(stderr).toBe(
    'The server cannot be reached (ECONNREFUSED). Nothing was judged: do not sign. Check --server, and that the server runs.\n',
  )
})
