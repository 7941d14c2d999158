import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { spawnAnvil } from '@countersign/simulator'
import { launch } from 'countersign'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startHostileProvider } from '../hostileProvider.ts'
import { DRIFT_EXITS } from '../../packages/cli/src/driftExits.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'countersign.mjs')
const BIN = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'countersign.mjs')
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
    const surroundings = { PATH: process.env['PATH'], COUNTERSIGN_DATA_DIR: join(scratch, 'data'), ...env }
    const child = spawn(process.execPath, [MAIN, ...args], { env: surroundings })
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
  test('the first example of --help runs on an anvil that was just started', async () => {
    const { out: help } = await countersign(['simulate', '--help'])
    const [, example = ''] = /Examples:\n\s+countersign simulate (.*)/.exec(help) ?? []
    const anvil = await spawnAnvil({ args: [] })
    try {
      const args = [...example.matchAll(/\x27([^\x27]*)\x27|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
      expect(args).toContain('http://127.0.0.1:8545')
      const run = await countersign(['simulate', ...args.map((arg) => arg.replace('http://127.0.0.1:8545', anvil.url))])
      expect([run.code, run.err]).toEqual([0, ''])
      expect(run.out).toMatch(/ALLOW/i)
    } finally {
      await anvil.close()
    }
  })

  test('a provider that fails is named by its origin, with the method and what it did', async () => {
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const { port } = closed.address() as AddressInfo
    closed.close()
    const provider = await startHostileProvider(chain.rpcUrl)
    const { origin } = new URL(provider.url)
    const run = async (url: string) => {
      const { code, err } = await countersign([
        'simulate',
        '--rpc-url',
        url,
        '--from',
        ALICE,
        '--tx',
        JSON.stringify({ to: BOB, value: '1' }),
      ])
      return { code, err }
    }
    try {
      const refused = await run(`http://127.0.0.1:${port}/v2/sk-secret-key`)
      expect(refused).toMatchObject({ code: 8, err: expect.stringMatching(/eth_chainId: the connection was refused/) })
      const bodies: [(typeof provider)['answer'], RegExp][] = [
        [(response) => void response.writeHead(404).end('no'), /HTTP error \(404\)/],
        [(response) => void response.end('<!doctype html><p>TEXT</p>'), /a web page/],
        [(response) => void response.end('TEXT'), /is not JSON/],
        [(response) => void response.writeHead(302, { location: 'http://127.0.0.1:1' }).end(), /a redirect.*\(302\)/],
        [(response) => void response.end('{"error":{"message":"TEXT"}}'), /batches/],
      ]
      for (const [answer, said] of bodies) {
        provider.answer = answer
        const told = await run(provider.url)
        expect(told).toMatchObject({ code: 8, err: expect.stringMatching(said) })
        expect(told.err).toContain(`${origin} did not answer eth_chainId`)
        for (const text of ['TEXT', provider.secret, 'sk-secret-key']) expect(told.err).not.toContain(text)
      }
      provider.answer = null
      provider.behave = ({ method }, honest) =>
        method === 'eth_getBalance' ? { error: { code: -32601, message: 'TEXT method not found' } } : honest()
      expect(await run(provider.url)).toMatchObject({
        code: 8,
        err: expect.stringMatching(/did not answer eth_getBalance: it does not offer this method/),
      })
    } finally {
      await provider.close()
    }
  })

  test('--descriptors: calls in the words of a folder of ERC-7730 files; a folder that is not there is bad input', async () => {
    const folder = mkdtempSync(join(scratch, 'descriptors-'))
    const words = {
      context: { contract: { deployments: [{ chainId: 31337, address: chain.addresses.usdc }] } },
      metadata: { owner: 'Dollars Inc.' },
      display: {
        formats: {
          'approve(address who, uint256 amount)': { intent: 'Let it spend', fields: [{ path: 'who', label: 'Who' }] },
        },
      },
    }
    writeFileSync(join(folder, 'dollars.json'), JSON.stringify(words))
    const data = `0x095ea7b3${BOB.slice(2).toLowerCase().padStart(64, '0')}${'1'.padStart(64, '0')}`
    const tx = JSON.stringify({ to: chain.addresses.usdc, data })
    const { out } = await simulate('--tx', tx, '--descriptors', folder)
    expect(out).toMatch(/in the words of Dollars Inc\. \(dollars\.json\):\s+“Let it spend”/)
    const absent = await simulate('--tx', tx, '--descriptors', join(folder, 'none'))
    expect([absent.code, absent.out]).toEqual([2, ''])
    expect(absent.err).toMatch(/folder cannot be read/)
  })
  test('--typed-data: what the holder could do is simulated; a hash blocks, a text is a text; the receipt binds it', async () => {
    const fields = (text: string) =>
      text.split(',').map((field) => {
        const [type, name] = field.trim().split(' ')
        return { name, type }
      })
    const write = (name: string, value: unknown) => {
      writeFileSync(join(scratch, name), typeof value === 'string' ? value : JSON.stringify(value))
      return join(scratch, name)
    }
    const permit = (value: bigint, spender: string) => ({
      types: {
        EIP712Domain: fields('string name,string version,uint256 chainId,address verifyingContract'),
        Permit: fields('address owner,address spender,uint256 value,uint256 nonce,uint256 deadline'),
      },
      primaryType: 'Permit',
      domain: { name: 'USD Coin', version: '2', chainId: chain.chainId, verifyingContract: chain.addresses.usdc },
      message: {
        owner: ALICE,
        spender,
        value: value.toString(),
        nonce: '0',
        deadline: String(Math.floor(Date.now() / 1000) + 7_200),
      },
    })
    const vouched = write('vouched.json', [
      { address: chain.addresses.uniswapV2Router, name: 'Router', kind: 'spender' },
      { address: chain.addresses.usdc, name: 'USD Coin', kind: 'token', symbol: 'USDC', decimals: 6 },
    ])
    const sign = (file: string, ...args: string[]) => simulate('--typed-data', file, '--known', vouched, ...args)

    const exact = await sign(write('exact.json', permit(1_000_000n, chain.addresses.uniswapV2Router)), '--json')
    expect(exact.code).toBe(0)
    const report = JSON.parse(exact.out) as {
      signature: { digest: string }
      receipt: { bound: { request: { signable: { typed_data: { message: { value: string } } } } } }
    }
    expect(report).toMatchObject({
      signature: { kind: 'eip2612', primary_type: 'Permit', digest: expect.stringMatching(/^0x[0-9a-f]{64}$/) },
      steps: [{ label: 'Present the permit', status: 'success' }],
      authority_changes: [
        { kind: 'erc20_allowance', owner: ALICE, subject: chain.addresses.uniswapV2Router, after: '1000000' },
      ],
      gas_estimate: { max_fee_wei: '0' },
      receipt: { bound: { calls: [], typed_data_digest: report.signature.digest } },
    })
    const saved = write('permit-report.json', exact.out)
    const recheck = (path: string) => countersign(['recheck', '--rpc-url', chain.rpcUrl, '--receipt', path])
    expect((await recheck(saved)).code).toBe(0)
    const other = structuredClone(report)
    other.receipt.bound.request.signable.typed_data.message.value = '9000000'
    expect((await recheck(write('permit-forged.json', other.receipt))).code).toBe(2)

    const drain = await sign(write('drain.json', permit(2n ** 256n - 1n, BOB)))
    expect(drain.code).toBe(11)
    expect(drain.out).toMatch(
      /BLOCKED[\s\S]*To be signed: Permission to spend USD Coin[\s\S]*may spend UNLIMITED USDC[\s\S]*signature-unlimited/,
    )
    expect((await sign(write('hash.txt', `0x${'ab'.repeat(32)}`))).code).toBe(11)
    const text = await sign(write('text.json', { message: 'I agree to the terms.' }))
    expect([text.code, text.out]).toEqual([0, expect.stringMatching(/A text to sign[\s\S]*I agree to the terms\./)])
    const code = { chain_id: chain.chainId, address: chain.addresses.uniswapV2Router, nonce: 0 }
    expect((await sign(write('authorization.json', code))).code).toBe(11)
    // After a transaction, on the state that it leaves.
    const both = await sign(
      write('both.json', permit(1_000_000n, chain.addresses.uniswapV2Router)),
      '--tx',
      JSON.stringify({ to: BOB, value: '1' }),
      '--json',
    )
    expect((JSON.parse(both.out) as { steps: unknown[] }).steps).toHaveLength(2)
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
    // All of it came back: there is no deposit left to take out.
    expect(code, out).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      block: { number: '39' },
      steps: [{ status: 'success' }, { status: 'success' }],
    })
    expect((await simulate('--tx', JSON.stringify(unwrap))).code).toBe(11)
  })
  test.each([
    ['no transaction', [], /nothing to simulate/],
    ['not JSON', ['--tx', '{to:1}'], /not JSON/],
    ['a wrong checksum', ['--tx', JSON.stringify({ to: BOB.replace('BC', 'bc') })], /checksum/],
    ['odd hex', ['--tx', JSON.stringify({ to: BOB, data: '0x123' })], /hexadecimal/],
    ['fractional wei', ['--tx', JSON.stringify({ to: BOB, value: '0.5' })], /"value"/],
    ['an unknown field', ['--tx', JSON.stringify({ to: BOB, nonces: 1 })], /"nonces" is not known/],
    ['another sender in the transaction', ['--tx', JSON.stringify({ to: BOB, from: BOB })], /its "from" is/],
    ['typed data that is not there', ['--typed-data', 'x.json'], /There is no file/],
    ['an intent', ['--intent', 'x.json', '--tx', JSON.stringify({ to: BOB, value: '1' })], /There is no file/],
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
    ['a quorum of one', ['--quorum', '2', '--tx', JSON.stringify({ to: BOB, value: '1' })], /needs two providers/],
    ['an unknown option', ['--nope'], /unknown option/i],
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

describe('countersign recheck', () => {
  const THIRD = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
  const save = async (name: string, args: string[], env: Record<string, string> = {}) => {
    // Long-lived: a slow machine is no reason to be refused.
    const ttl = args.includes('--receipt-ttl') ? [] : ['--receipt-ttl', '3600']
    const fixed = ['simulate', '--rpc-url', chain.rpcUrl, '--from', ALICE, '--json', ...ttl]
    const saved = await countersign([...fixed, ...args], { env })
    const path = join(scratch, `${name}.json`)
    writeFileSync(path, saved.out)
    return { ...saved, path, report: JSON.parse(saved.out) as { receipt: Record<string, unknown> | null } }
  }
  const recheck = async (path: string, args: string[] = [], rpcUrl = chain.rpcUrl) => {
    const ended = await countersign(['recheck', '--rpc-url', rpcUrl, '--receipt', path, '--json', ...args])
    return { ...ended, found: (ended.out === '' ? {} : JSON.parse(ended.out)) as Record<string, unknown> }
  }
  const payment = ['--tx', JSON.stringify({ to: BOB, value: '1000000000000000000' })]
  // swapExactETHForTokens(0, [WETH, USDC], ALICE, forever) with 1 ETH
  const word = (value: string | bigint) =>
    (typeof value === 'bigint' ? value.toString(16) : value.slice(2).toLowerCase()).padStart(64, '0')
  const buy = (minimum: bigint, to = ALICE) => {
    const { weth, usdc } = chain.addresses
    const words = [minimum, 128n, to, 2n ** 40n, 2n, weth, usdc].map(word).join('')
    return { to: chain.addresses.uniswapV2Router, data: `0x7ff36ab5${words}` }
  }
  const buyOne = (minimum: bigint) => ['--tx', JSON.stringify({ ...buy(minimum), value: '1000000000000000000' })]
  const send = async (tx: Record<string, string>) => {
    await chain.rpc('eth_sendTransaction', [tx])
    await chain.rpc('anvil_mine', ['0x1'])
  }
  const whale = async (wei: bigint) => {
    const gas = '0x7a1200'
    await chain.rpc('eth_sendTransaction', [{ from: BOB, ...buy(1n, BOB), value: `0x${wei.toString(16)}`, gas }])
    await chain.rpc('anvil_mine', ['0x1'])
  }

  test('0: nothing that it rests on moved; 12: it would do worse; 11: it is blocked now', async () => {
    const paid = await save('payment', payment)
    expect(paid.code).toBe(0)
    expect(paid.report.receipt).toMatchObject({ key_id: expect.any(String), bound: { verdict: 'allow', nonce: '0' } })
    await chain.rpc('anvil_mine', ['0x3'])
    const still = await recheck(paid.path)
    expect([still.code, still.found['outcome'], still.found['how']]).toEqual([0, 'good', 'read-set'])

    const second = await recheck(paid.path, [
      '--quorum',
      '2',
      '--fallback-rpc-url',
      chain.rpcUrl.replace('127.0.0.1', 'localhost'),
    ])
    expect(second.code).toBe(0)
    const loose = await save('loose', buyOne(1n))
    const strict = await save('strict', buyOne(2_480n * 10n ** 6n))
    await whale(60n * 10n ** 18n)
    const drifted = await recheck(loose.path)
    expect([drifted.code, drifted.found['outcome'], drifted.found['how']]).toEqual([12, 'drifted', 'simulation'])
    expect(drifted.found['because']).toEqual([expect.stringMatching(/“USDC”: [\d.]+ instead of [\d.]+/)])
    const blocked = await recheck(strict.path)
    expect([blocked.code, blocked.found['outcome']]).toEqual([11, 'blocked'])
    const words = await countersign(['recheck', '--rpc-url', chain.rpcUrl, '--receipt', loose.path])
    expect([words.code, words.out]).toEqual([12, expect.stringMatching(/^DRIFTED[\s\S]*Because:[\s\S]*Moved since:/)])
    // The receipt alone does as well.
    const alone = join(scratch, 'alone.json')
    writeFileSync(alone, JSON.stringify(paid.report.receipt))
    expect((await recheck(alone)).code).toBe(0)
  })
  test.each([
    ['nonce', async () => send({ from: ALICE, to: BOB, value: '0x1' })],
    ['assets', () => whale(60n * 10n ** 18n)],
    [
      'code',
      async () => {
        const router = chain.addresses.uniswapV2Router
        const code = await chain.rpc<string>('eth_getCode', [router, 'latest'])
        await chain.rpc('anvil_setCode', [router, `${code}00`])
        await chain.rpc('anvil_mine', ['0x1'])
      },
    ],
    [
      'fee',
      async () => {
        await chain.rpc('anvil_setNextBlockBaseFeePerGas', ['0x746a528800'])
        await chain.rpc('anvil_mine', ['0x1'])
      },
    ],
  ] as const)('%s on the chain: its exit code, and its kind', async (kind, happens) => {
    const { path } = await save(`kind-${kind}`, buyOne(1n))
    const snapshot = await chain.rpc<string>('evm_snapshot')
    try {
      await happens()
      const { code, found } = await recheck(path)
      expect((found['drift'] as { kind: string }[]).map((each) => each.kind)).toContain(kind)
      expect(code).toBe(DRIFT_EXITS[kind][0])
    } finally {
      await chain.rpc('evm_revert', [snapshot])
      await chain.rpc('anvil_setNextBlockBaseFeePerGas', ['0x3b9aca00'])
    }
  })
  test('promise: a sender in --tx that is not the one of --from is refused', async () => {
    const tx = JSON.stringify({ from: BOB, to: BOB, value: '1' })
    const { code, out, err } = await countersign(['simulate', '--rpc-url', chain.rpcUrl, '--from', ALICE, '--tx', tx])
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/"from" is 0x\w{40}, but the sender of the batch is/)
  })
  test('2: expired, altered, unsigned, unknown key, no file; 8: no provider', async () => {
    const { path, report, out } = await save('good', payment)
    const text = JSON.stringify(report)
    const forge = (name: string, forged: string) => {
      writeFileSync(join(scratch, name), forged)
      return join(scratch, name)
    }
    const brief = await save('brief', [...payment, '--receipt-ttl', '1'])
    const bad = [
      ['value', forge('f1.json', text.replaceAll('"value":"1000000000000000000"', '"value":"1"')), /altered/],
      ['delta', forge('f2.json', text.replace('"delta":"-1000000000000000000"', '"delta":"-1"')), /altered/],
      ['expiry', forge('f3.json', text.replaceAll(/"expires_at":"2/g, '"expires_at":"3')), /altered/],
      ['nonce', forge('f4.json', text.replace('"nonce":"', '"nonce":"1')), /altered/],
      ['no receipt', (await save('none', [...payment, '--no-receipt'])).path, /has no receipt/],
      ['no JSON', forge('f5.json', '{'), /not JSON/],
      ['no receipt at all', forge('f6.json', '{}'), /not a receipt/],
      ['absent', join(scratch, 'absent.json'), /There is no file/],
      ['expired', brief.path, /expired/],
    ] as const
    const ended = await Promise.all(bad.map(([, file]) => recheck(file)))
    bad.forEach(([why, , message], i) => {
      expect([why, ended[i]?.code, ended[i]?.out]).toEqual([why, 2, ''])
      expect(ended[i]?.err, why).toMatch(message)
    })
    const elsewhere = await recheck(path, ['--data-dir', join(scratch, 'elsewhere')])
    expect([elsewhere.code, elsewhere.err]).toEqual([5, expect.stringMatching(/There are no receipt keys in/)])
    expect((await recheck(path, [], 'http://127.0.0.1:9/v2/secret-key')).code).toBe(8)
    expect(out).toContain('"receipt":{')
    const ttl = await countersign([
      'simulate',
      '--rpc-url',
      chain.rpcUrl,
      '--from',
      ALICE,
      ...payment,
      '--receipt-ttl',
      '3601',
    ])
    expect([ttl.code, ttl.err]).toEqual([2, expect.stringMatching(/cannot live that long/)])
  })
  test('receipt keys, rotate and verify: old receipts stay good, a key set verifies anywhere', async () => {
    const env = { COUNTERSIGN_DATA_DIR: join(scratch, 'rotated') }
    const { path, report } = await save('old', payment, env)
    const keyId = report.receipt?.['key_id']
    const rotated = await countersign(['receipt', 'rotate', '--json'], { env })
    expect(JSON.parse(rotated.out)).toMatchObject({ previous: keyId })
    const keys = await countersign(['receipt', 'keys'], { env })
    const set = JSON.parse(keys.out) as { keys: { kid: string }[] }
    expect(set.keys).toHaveLength(2)
    expect(keys.out).not.toContain('"d"')
    const file = join(scratch, 'keys.json')
    writeFileSync(file, keys.out)
    for (const args of [[], ['--keys', file, '--data-dir', join(scratch, 'nowhere')]]) {
      const verified = await countersign(['receipt', 'verify', path, '--json', ...args], { env })
      expect([verified.code, JSON.parse(verified.out)]).toEqual([0, expect.objectContaining({ key_id: keyId })])
    }
    const { report: next } = await save('new', payment, env)
    expect(next.receipt?.['key_id']).not.toBe(keyId)
    writeFileSync(path, JSON.stringify({ ...report, from: THIRD }))
    expect((await countersign(['receipt', 'verify', path], { env })).code).toBe(2)
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
  // As installed: what bin/ does before the first line of ours runs.
  test.runIf(process.platform === 'linux')('runs with a bounded heap, as the same process', async () => {
    for (const [given, flags] of [
      [[], ['--max-semi-space-size=8']],
      // The operator knows better.
      [['--max-semi-space-size=32'], ['--max-semi-space-size=32']],
    ] as const) {
      const child = spawn(process.execPath, [...given, BIN, 'serve', '--port', '0'], {
        env: { PATH: process.env['PATH'], HOME: scratch, COUNTERSIGN_DATA_DIR: join(scratch, `heap-${given.length}`) },
      })
      const closed = once(child, 'close')
      let out = ''
      child.stderr.on('data', (chunk: Buffer) => (out += chunk.toString()))
      await new Promise<void>((resolve) =>
        child.stdout.on('data', (chunk: Buffer) => {
          out += chunk.toString()
          if (/http:\/\/127\.0\.0\.1:\d+/.test(out)) resolve()
        }),
      )
      const words = readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').split('\0')
      expect(words.filter((word) => word.startsWith('--max-semi'))).toEqual(flags)
      expect(words).toContain('serve')
      child.kill('SIGTERM')
      expect((await closed)[0]).toBe(0)
      expect(out).not.toContain('Warning')
    }
  })

  test('who closes the pipe has seen enough, and gets no stack trace', async () => {
    const child = spawn(process.execPath, [BIN, '--help'], { env: { PATH: process.env['PATH'], HOME: scratch } })
    child.stdout.destroy()
    let err = ''
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number]
    // 0 when it was through before it noticed, else what SIGPIPE ends with.
    expect([code === 0 || code === 141, err]).toEqual([true, ''])
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
        { COUNTERSIGN_RPC_31337: chain.rpcUrl, COUNTERSIGN_QUORUM: '2' },
        /^A quorum of two needs two providers, and COUNTERSIGN_RPC_31337 names one\./,
        2,
      ],
      [
        ['--port', '0', '--data-dir', join(scratch, 'p')],
        { COUNTERSIGN_RPC_31337: chain.rpcUrl, COUNTERSIGN_VERIFY_PROOFS: 'yes' },
        /^COUNTERSIGN_VERIFY_PROOFS cannot be used\. Set it to 0 or 1/,
        2,
      ],
      [
        ['--port', '0', '--data-dir', join(scratch, 'p')],
        { COUNTERSIGN_APPS: join(scratch, 'no-such-apps.json') },
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
    for (const name of ['serve', 'demo', 'simulate', 'recheck', 'receipt', 'keys'])
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
  // Never in the operator's database: a shell that is set up for the real server runs the demo, too.
  const env = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', REDIS_URL: 'redis://127.0.0.1:1' }
  const json = await countersign(['demo', '--json'], { env })
  const last = json.out.trim().split('\n').at(-1) ?? ''
  expect(JSON.parse(last)).toMatchObject({
    status: 'settled',
    tx_hash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
    report: { verdict: 'allow', will_revert: false },
    reverted: { state: 'blocked', report: { will_revert: true } },
    blocked: { state: 'blocked', report: { verdict: 'block' } },
  })
})

describe('countersign sessions and checklist', () => {
  test('an operator lists the open sessions and ends one while the server runs', async () => {
    const dataDir = join(scratch, 'sessions')
    const server = await launch({ port: 0, dataDir, env: {}, localChain: chain, logLevel: 'silent' })
    const headers = { 'x-session-id': '6f1d1b1e-7d1c-4c53-9b1c-1d8f0c6f2a11' }
    const state = async () => (await fetch(`${server.url}/api/state`, { headers })).status
    await fetch(`${server.url}/api/chat?message=help`, { method: 'POST', headers })
    const listed = await countersign(['sessions', 'list', '--data-dir', dataDir, '--json'])
    const [row] = JSON.parse(listed.out) as { handle: string; app: string; wallet: string }[]
    expect(row).toMatchObject({ app: 'default', wallet: 'none', handle: expect.stringMatching(/^[0-9a-f]{16}$/) })
    expect(listed.out).not.toContain(headers['x-session-id'])
    expect(await state()).toBe(200)
    expect((await countersign(['sessions', 'end', row?.handle ?? '', '--data-dir', dataDir])).code).toBe(0)
    expect(await state()).toBe(401)
    await server.close()
  })

  test('the checklist warns of ids that open sessions, and fails keys in pages', async () => {
    const apps = join(scratch, 'apps.json')
    writeFileSync(apps, JSON.stringify([{ name: 'shop', stock_widget: true }]))
    const failed = await countersign(['checklist'], { env: { COUNTERSIGN_APPS: apps } })
    expect(failed.code).toBe(11)
    expect(failed.out).toMatch(/fail {2}shop {2}browser-keys: Pages may send the key/)
    expect(failed.out).toMatch(/warn {2}demo {2}session-policy: Whoever knows the id/)
  })
})
