/** A program with a guard ends as it did without one. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { afterAll, beforeAll, expect, test } from 'vitest'

const KEY = `0x${'7c'.repeat(32)}`
let chain: LocalChain
beforeAll(async () => {
  chain = await startLocalChain()
})
afterAll(() => chain.close())

const PROGRAM = `
import { guard } from '@countersign/guard'
import { privateKeyToAccount } from 'viem/accounts'
const raw = privateKeyToAccount('${KEY}')
const account = guard(raw, { simulator: { rpcUrl: process.env.RPC_URL, chainId: Number(process.env.CHAIN_ID) } })
for (const message of ['hi', 'bye']) console.log((await account.signMessage({ message })) === (await raw.signMessage({ message })))
`

test('a script whose account is guarded ends by itself', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    cwd: join(import.meta.dirname, '..'),
    env: { ...process.env, RPC_URL: chain.rpcUrl, CHAIN_ID: String(chain.chainId) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (said += bytes.toString()))
  const code = await new Promise((resolve) => {
    // The limit is for what hangs: it did so for good.
    const timer = setTimeout(() => child.kill('SIGKILL'), 120_000)
    child.once('close', (each) => {
      clearTimeout(timer)
      resolve(each)
    })
  })
  expect(said).toBe('true\ntrue\n')
  expect(code).toBe(0)
})
