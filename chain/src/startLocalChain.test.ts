import { createHash } from 'node:crypto'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeFunctionData, type Abi, type Hex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadArtifact, send, startLocalChain, type LocalChain } from './index.ts'

const cacheDir = mkdtempSync(join(tmpdir(), 'countersign-chain-'))
const CALLER = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
let chain: LocalChain
beforeAll(async () => {
  chain = await startLocalChain({ cacheDir })
})
afterAll(async () => {
  await chain.close()
  rmSync(cacheDir, { recursive: true, force: true })
})

const balanceOf = async (on: LocalChain, token: string, account: string): Promise<bigint> =>
  BigInt(
    await on.rpc<Hex>('eth_call', [
      {
        to: token,
        data: encodeFunctionData({ abi: loadArtifact('Dai').abi, functionName: 'balanceOf', args: [account] }),
      },
      'latest',
    ]),
  )
const call = (name: string, functionName: string, args: unknown[]): Hex =>
  encodeFunctionData({ abi: loadArtifact(name).abi as Abi, functionName, args })

test('both Uniswaps trade at about 2 500 USDC an ether', async () => {
  const { addresses, rpc } = chain
  const before = await balanceOf(chain, addresses.usdc, CALLER)
  const path = [addresses.weth, addresses.usdc]
  await send(rpc, {
    from: CALLER,
    to: addresses.uniswapV2Router,
    value: 10n ** 18n,
    data: call('UniswapV2Router02', 'swapExactETHForTokens', [0n, path, CALLER, 2n ** 40n]),
  })
  const middle = await balanceOf(chain, addresses.usdc, CALLER)
  const params = {
    tokenIn: addresses.weth,
    tokenOut: addresses.usdc,
    fee: 500,
    recipient: CALLER,
    deadline: 2n ** 40n,
    amountIn: 10n ** 18n,
    amountOutMinimum: 0n,
    sqrtPriceLimitX96: 0n,
  }
  await send(rpc, {
    from: CALLER,
    to: addresses.uniswapV3Router,
    value: 10n ** 18n,
    data: call('SwapRouter', 'exactInputSingle', [params]),
  })
  const after = await balanceOf(chain, addresses.usdc, CALLER)
  for (const gained of [middle - before, after - middle]) {
    expect(gained).toBeGreaterThan(2_450n * 10n ** 6n)
    expect(gained).toBeLessThan(2_500n * 10n ** 6n)
  }
})

test('the block looks like a real one: builder and base fee are not zero', async () => {
  const block = await chain.rpc<{ miner: string; baseFeePerGas: string }>('eth_getBlockByNumber', ['latest', false])
  expect(BigInt(block.miner)).toBeGreaterThan(0n)
  expect(BigInt(block.baseFeePerGas)).toBeGreaterThan(0n)
})

test('a second start from the saved state is the same chain; a broken save is deployed anew', async () => {
  const again = await startLocalChain({ cacheDir })
  try {
    expect(again.addresses).toEqual(chain.addresses)
    expect(await again.rpc('eth_getCode', [again.addresses.uniswapV2Router, 'latest'])).toBe(
      await chain.rpc('eth_getCode', [chain.addresses.uniswapV2Router, 'latest']),
    )
    // promise: two chains side by side share nothing
    expect(await balanceOf(again, again.addresses.usdc, CALLER)).toBe(0n)
  } finally {
    await again.close()
  }
  const [saved = ''] = readdirSync(cacheDir)
  writeFileSync(join(cacheDir, saved), readFileSync(join(cacheDir, saved), 'utf8').slice(0, 5_000))
  const mended = await startLocalChain({ cacheDir })
  try {
    expect(mended.addresses).toEqual(chain.addresses)
  } finally {
    await mended.close()
  }
})

test('close leaves no process behind', async () => {
  const short = await startLocalChain({ cacheDir })
  await short.close()
  expect(() => process.kill(short.pid, 0)).toThrow()
})

test.skipIf(process.platform !== 'linux')('promise: a killed parent leaves no engine behind', async () => {
  const script = `import { startLocalChain } from '${join(import.meta.dirname, 'index.ts')}'; console.log((await startLocalChain()).pid); setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script])
  const pid = Number(
    await new Promise<string>((resolve) => parent.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()))),
  )
  expect(process.kill(pid, 0)).toBe(true)
  parent.kill('SIGKILL')
  await expect
    .poll(() => existsSync(`/proc/${pid}/exe`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '), {
      timeout: 3_000,
    })
    .toBe(false)
})

test('pin: every artifact was compiled from the source that is here', () => {
  const folder = join(import.meta.dirname, '..')
  for (const name of readdirSync(join(folder, 'artifacts'))) {
    const artifact = JSON.parse(readFileSync(join(folder, 'artifacts', name), 'utf8')) as {
      source?: string
      sourceSha256?: string
      provenance?: { sha256: string }
      deployedBytecode?: string
      bytecode?: string
    }
    if (artifact.source !== undefined) {
      const source = readFileSync(join(folder, 'contracts', artifact.source))
      expect(createHash('sha256').update(source).digest('hex'), name).toBe(artifact.sourceSha256)
    } else {
      const code = artifact.deployedBytecode ?? artifact.bytecode ?? ''
      const digests = [code, code.slice(2)].map((text) => createHash('sha256').update(text).digest('hex'))
      expect(digests, name).toContain(artifact.provenance?.sha256)
    }
  }
})
