import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const MAIN = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'src', 'main.ts')
const ALICE = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const BOB = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const scratch = mkdtempSync(join(tmpdir(), 'countersign-cli-'))
let chain: LocalChain
beforeAll(async () => {
  chain = await startLocalChain()
})
afterAll(async () => {
  await chain.close()
  rmSync(scratch, { recursive: true, force: true })
})

/** Runs the command line as people do, in a process of its own. */
function countersign(
  args: string[],
  { env = {}, until }: { env?: Record<string, string>; until?: RegExp } = {},
): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH: process.env['PATH'], ...env } })
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      if (until?.test(out) === true) child.kill('SIGTERM')
    })
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.on('close', (code) => resolve({ code, out, err }))
  })
}
const simulate = (...args: string[]) => countersign(['simulate', '--rpc-url', chain.rpcUrl, '--from', ALICE, ...args])

describe('countersign simulate', () => {
  test('allow is 0, warn is 10, block is 11, with the report on the last line', async () => {
    const payment = await simulate('--tx', JSON.stringify({ to: BOB, value: '1000000000000000000' }), '--json')
    expect(payment.code).toBe(0)
    expect(JSON.parse(payment.out)).toMatchObject({
      version: 1,
      verdict: 'allow',
      chain_id: 31337,
      token_changes: [{ account: ALICE, delta: '-1000000000000000000', standard: 'native' }, { account: BOB }],
    })
    const approve = (spender: string, amount: bigint) =>
      JSON.stringify({
        to: chain.addresses.usdc,
        data: `0x095ea7b3${spender.slice(2).toLowerCase().padStart(64, '0')}${amount.toString(16).padStart(64, '0')}`,
      })
    const unknownContract = await simulate('--tx', approve(chain.addresses.uniswapV2Factory, 5n), '--json')
    expect([unknownContract.code, (JSON.parse(unknownContract.out) as { verdict: string }).verdict]).toEqual([
      10,
      'warn',
    ])
    const drain = await simulate('--tx', approve(BOB, 2n ** 256n - 1n))
    expect(drain.code).toBe(11)
    expect(drain.out).toMatch(/BLOCKED[\s\S]*UNLIMITED USDC[\s\S]*approval-unlimited[\s\S]*Not checked/)
    // What somebody vouches for is only a warning.
    const file = join(scratch, 'known.json')
    writeFileSync(file, JSON.stringify([{ address: chain.addresses.uniswapV2Factory, name: 'Mine', kind: 'spender' }]))
    expect((await simulate('--tx', approve(chain.addresses.uniswapV2Factory, 5n), '--known', file)).code).toBe(0)
  })
  test('several --tx run in order, and an earlier block can be stood on', async () => {
    const wrap = { to: chain.addresses.weth, value: '5', data: '0xd0e30db0' }
    const unwrap = { to: chain.addresses.weth, data: `0x2e1a7d4d${'5'.padStart(64, '0')}` }
    const { code, out } = await simulate(
      '--tx',
      JSON.stringify(wrap),
      '--tx',
      JSON.stringify(unwrap),
      '--json',
      '--block',
      '39',
    )
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      block: { number: '39' },
      steps: [{ status: 'success' }, { status: 'success' }],
    })
    expect((await simulate('--tx', JSON.stringify(unwrap))).code).toBe(11)
  })
  test.each([
    ['no transaction', [], /no transaction/],
    ['not JSON', ['--tx', '{to:1}'], /not JSON/],
    ['a wrong checksum', ['--tx', JSON.stringify({ to: BOB.replace('BC', 'bc') })], /checksum/],
    ['odd hex', ['--tx', JSON.stringify({ to: BOB, data: '0x123' })], /hexadecimal/],
    ['fractional wei', ['--tx', JSON.stringify({ to: BOB, value: '0.5' })], /"value"/],
    ['an unknown field', ['--tx', JSON.stringify({ to: BOB, nonce: 1 })], /"nonce" is not known/],
    ['typed data', ['--typed-data', 'x.json'], /not checked by this version/],
    ['an intent', ['--intent', 'x.json', '--tx', '{}'], /not checked by this version/],
    [
      'a block that is no number',
      ['--tx', JSON.stringify({ to: BOB, value: '1' }), '--block', 'soon'],
      /block cannot be read/,
    ],
    [
      'a block that does not exist',
      ['--tx', JSON.stringify({ to: BOB, value: '1' }), '--block', '99999999'],
      /does not have the block/,
    ],
    [
      'another chain',
      ['--tx', JSON.stringify({ to: BOB, value: '1' }), '--chain-id', '1'],
      /serves chain 31337, not 1/,
    ],
    ['an unknown option', ['--nope'], /unknown option/],
  ])('bad input ends with 2 and a sentence: %s', async (_name, args, message) => {
    const { code, out, err } = await simulate(...args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(message)
    expect(err).not.toMatch(/\n\s+at /)
  })
  test('an unreachable provider ends with 8, and its key is not printed', async () => {
    const { code, err } = await countersign([
      'simulate',
      '--rpc-url',
      'http://127.0.0.1:9/v2/secret-key',
      '--from',
      ALICE,
      '--tx',
      JSON.stringify({ to: BOB, value: '1' }),
    ])
    expect(code).toBe(8)
    expect(err).toMatch(/127\.0\.0\.1:9/)
    expect(err).not.toContain('secret-key')
  })
})

describe('countersign serve', () => {
  const serve = (args: string[], options: { env?: Record<string, string>; until?: RegExp } = {}) =>
    countersign(['serve', ...args], options)
  test('says where it is, the key once, and what to try; stops when told to', async () => {
    const dataDir = join(scratch, 'first')
    const first = await serve(['--port', '0', '--data-dir', dataDir], { until: /Ctrl\+C/ })
    expect(first.out).toMatch(
      /ready at http:\/\/127\.0\.0\.1:\d+[\s\S]*Local chain \(31337\)[\s\S]*intent-grammar-1[\s\S]*sk-demo-[0-9a-f]{48}[\s\S]*swap 1 ETH for USDC/,
    )
    expect(first.code).toBe(0)
    const second = await serve(['--port', '0', '--data-dir', dataDir], { until: /Ctrl\+C/ })
    expect(second.out).not.toMatch(/sk-demo/)
    const issued = await countersign(['keys', 'issue', '--app', 'acme', '--data-dir', dataDir, '--json'])
    expect(JSON.parse(issued.out)).toMatchObject({ app: 'acme', key: expect.stringMatching(/^sk-acme-[0-9a-f]{48}$/) })
    const listed = await countersign(['keys', 'list', '--data-dir', dataDir])
    expect(listed.out).toMatch(/demo[\s\S]*acme/)
    expect(listed.out).not.toMatch(/sk-/)
  })
  test('each thing that is wrong ends with one clear sentence and a non-zero exit', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const port = String((taken.address() as AddressInfo).port)
    const file = join(scratch, 'a-file')
    writeFileSync(file, '')
    const cases: [string[], Record<string, string>, RegExp, number][] = [
      [
        ['--port', port, '--data-dir', join(scratch, 'p')],
        {},
        /^Port \d+ on 127\.0\.0\.1 is in use\. .*--port\.\n$/,
        2,
      ],
      [['--port', 'many', '--data-dir', join(scratch, 'p')], {}, /^The port cannot be used\./, 2],
      [['--port', '0', '--data-dir', join(file, 'x')], {}, /^The data directory .* cannot be written\./, 2],
      [
        ['--port', '0', '--data-dir', join(scratch, 'p')],
        { COUNTERSIGN_RPC_1: 'nonsense' },
        /^COUNTERSIGN_RPC_1 is not an http\(s\) URL\./,
        2,
      ],
      [
        ['--port', '0', '--data-dir', join(scratch, 'p')],
        { COUNTERSIGN_RPC_1: 'http://127.0.0.1:9/key' },
        /^The RPC provider http:\/\/127\.0\.0\.1:9 did not answer/,
        8,
      ],
      [
        ['--port', '0', '--data-dir', join(scratch, 'p')],
        { COUNTERSIGN_RPC_1: chain.rpcUrl },
        /serves chain 31337, not 1\./,
        2,
      ],
      [
        ['--port', '0', '--data-dir', join(scratch, 'p')],
        { COUNTERSIGN_APPS: join(scratch, 'none.json') },
        /^The apps file .* cannot be read\./,
        2,
      ],
    ]
    for (const [args, env, message, code] of cases) {
      const ended = await serve(args, { env })
      expect(ended.err).toMatch(message)
      expect(ended.err.trim().split('\n')).toHaveLength(1)
      expect(ended.code).toBe(code)
    }
    taken.close()
  })
  test('--help lists every command and every setting', async () => {
    const all = await countersign(['--help'])
    expect(all.code).toBe(0)
    for (const name of ['serve', 'demo', 'simulate', 'keys'])
      expect(all.out).toMatch(new RegExp(`^\\s+${name}\\b`, 'm'))
    const help = await serve(['--help'])
    for (const name of [
      '--port',
      '--data-dir',
      'COUNTERSIGN_RPC_<chainId>',
      'ANTHROPIC_API_KEY',
      'COUNTERSIGN_DATA_DIR',
    ])
      expect(help.out).toContain(name)
    expect((await countersign(['nonsense'])).code).toBe(2)
  })
})

test('npm run demo: the story in words, and one JSON line', async () => {
  const story = await countersign(['demo'])
  expect(story.code).toBe(0)
  expect(story.out).toMatch(
    /Leaves you[\s\S]*-1 ETH[\s\S]*settled in block[\s\S]*BLOCKED before any gas[\s\S]*exceeds balance[\s\S]*BLOCKED: .*could take all/,
  )
  const json = await countersign(['demo', '--json'])
  const last = json.out.trim().split('\n').at(-1) ?? ''
  expect(JSON.parse(last)).toMatchObject({
    status: 'settled',
    tx_hash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
    report: { verdict: 'allow', will_revert: false },
    reverted: { state: 'blocked', report: { will_revert: true } },
    blocked: { state: 'blocked', report: { verdict: 'block' } },
  })
})
