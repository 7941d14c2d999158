/**
 * `npm run examples:check [-- --packed]`: runs every example of `examples/` against a real chain and a real server. Prints one
 * line each; exits with 1 when one fails. With `--packed`, as CI does, the examples are copied to an empty folder and use our
 * packages as they are published; otherwise they run on the sources of this checkout, which is quicker.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import assert from 'node:assert/strict'
import { Redacted } from '@countersign/base'
import { startLocalChain } from '@countersign/chain'
import { createClient, redeemCode, signWebhook } from '@countersign/sdk'
import { launch } from 'countersign'
import { serializeTransaction } from 'viem'
import { parse } from 'yaml'
import { fromSources, fromTarballs } from './install.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const FRIEND = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const ORIGIN = 'https://shop.invalid'
const scratch = mkdtempSync(join(tmpdir(), 'countersign-examples-'))
const isPacked = process.argv.includes('--packed')
const { examples: EXAMPLES, command: COMMAND, policyProgram } = isPacked ? await fromTarballs(scratch) : fromSources()
if (isPacked) console.log('ok   packed, and unpacked in an empty folder')

writeFileSync(join(scratch, 'apps.json'), JSON.stringify([{ name: 'shop', session_policy: 'key', origins: [ORIGIN] }]))
const chain = await startLocalChain()
const server = await launch({
  port: 0,
  dataDir: join(scratch, 'data'),
  env: { COUNTERSIGN_APPS: join(scratch, 'apps.json') },
  localChain: chain,
  logLevel: 'silent',
})
const issue = async (scopes: readonly string[]): Promise<string> =>
  Redacted.reveal((await server.issueKey({ app: 'shop', label: 'example', scopes: scopes as never })).key)
const [, alice, bob] = chain.accounts
assert(alice !== undefined && bob !== undefined, 'the local chain has accounts')
const onChain = { RPC_URL: chain.rpcUrl, CHAIN_ID: String(chain.chainId) }
let failures = 0
/** What an agent does with its token. */
const SIGN_WITH_OWS = `import { createRequire } from 'node:module'
const ows = createRequire(import.meta.url)('@open-wallet-standard/core')
const { VAULT, TOKEN, CHAIN, HEX } = process.env
console.log(ows.signTransaction('agent', CHAIN, HEX, TOKEN, null, VAULT).signature)`

/** Each example, by its folder. */
const CHECKS: Readonly<Record<string, () => Promise<void>>> = {
  async 'viem-script'() {
    const pay = (ether: string) =>
      node(['viem-script/pay.mjs', FRIEND, ether], { ...onChain, PRIVATE_KEY: alice.privateKey })
    assert.match((await pay('0.5')).out, /^0x[0-9a-f]{64}\n$/)
    const refused = await pay('2')
    assert.equal(refused.code, 1)
    assert.match(refused.err, /Countersign refused/)
  },
  async 'express-proxy'() {
    const secret = 'whsec-example'
    const env = {
      ...{ COUNTERSIGN_SERVER: server.url, COUNTERSIGN_API_KEY: await issue(['read', 'propose']) },
      ...{ WEBHOOK_SECRET: secret, TREASURY: alice.address, CHAIN_ID: String(chain.chainId), PORT: '0' },
    }
    await listening(['express-proxy/server.mjs'], env, async (url) => {
      const refund = async () => {
        const body = JSON.stringify({ to: FRIEND, wei: '1000' })
        const headers = { 'content-type': 'application/json' }
        const response = await fetch(`${url}/orders/17/refund`, { method: 'POST', headers, body })
        return (await response.json()) as { id: string; state: string }
      }
      const made = await refund()
      assert.equal(made.state, 'pending')
      assert.equal((await refund()).id, made.id, 'one order is one proposal')
      const text = JSON.stringify({ id: 'evt_1', event: 'proposals.proposal.settled', proposal: made.id })
      const signature = await signWebhook(text, { secrets: [secret], atS: Math.floor(Date.now() / 1000) })
      const hook = async (mark: string) =>
        (await fetch(`${url}/countersign`, { method: 'POST', headers: { 'Countersign-Signature': mark }, body: text }))
          .status
      assert.equal(await hook(signature.replace(/.$/, (last) => (last === '0' ? '1' : '0'))), 400)
      assert.equal(await hook(signature), 204)
      const read = await (await fetch(`${url}/refunds/${made.id}`)).json()
      assert.deepEqual(read, { state: 'pending', settled: true })
    })
  },
  async 'nextjs-session'() {
    Object.assign(process.env, {
      ...{ SHOP_ORIGIN: ORIGIN, COUNTERSIGN_SERVER: server.url, COUNTERSIGN_APP: 'shop' },
      COUNTERSIGN_API_KEY: await issue(['read', 'chat', 'simulate']),
    })
    const { POST } = (await import(join(EXAMPLES, 'nextjs-session', 'app', 'api', 'session', 'route.js'))) as {
      POST: (request: Request) => Promise<Response>
    }
    const ask = (origin: string) =>
      POST(new Request('https://shop.invalid/api/session', { method: 'POST', headers: { origin } }))
    assert.equal((await ask('https://other.invalid')).status, 403)
    const { code, publishable_id: publishableId } = (await (await ask(ORIGIN)).json()) as Record<string, string>
    const page = {
      baseUrl: server.url,
      fetch: ((input: string, init?: RequestInit) =>
        fetch(input, {
          ...init,
          headers: { ...(init?.headers as Record<string, string>), origin: ORIGIN },
        })) as typeof fetch,
    }
    const redeemed = await redeemCode(page, { code: code ?? '', publishableId: publishableId ?? '' })
    const client = createClient({ ...page, app: 'shop', sessionId: redeemed.session_id, token: () => redeemed.token })
    const { messages } = await client.chatAndWait('hello')
    assert.equal(messages.at(-1)?.sender, 'agent')
  },
  async 'agentkit-bot'() {
    const pay = async (scopes: readonly string[], ether: string) =>
      node(
        ['--import', join(ROOT, 'tools', 'examples', 'agentkitStandIn.mjs'), 'agentkit-bot/bot.mjs', FRIEND, ether],
        {
          ...onChain,
          ...{ PRIVATE_KEY: bob.privateKey, COUNTERSIGN_SERVER: server.url, COUNTERSIGN_API_KEY: await issue(scopes) },
        },
      )
    assert.match((await pay(['propose', 'guard'], '0.25')).out, /^0x[0-9a-f]{64}\n$/)
    const waiting = await pay(['propose'], '0.26')
    assert.equal(waiting.code, 1)
    assert.match(waiting.err, /Waiting for the owner: http/)
  },
  async 'ows-policy'() {
    const keyFile = join(scratch, 'ows-key')
    writeFileSync(keyFile, await issue(['propose', 'guard']), { mode: 0o600 })
    // What npm links as the package's bin.
    const program = join(scratch, 'countersign-ows-policy')
    writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${policyProgram}"\n`)
    chmodSync(program, 0o755)
    mkdirSync(join(scratch, 'vault'))
    const made = await node(['ows-policy/setup.mjs'], {
      ...{ VAULT: join(scratch, 'vault'), PASSPHRASE: 'pass', PRIVATE_KEY: alice.privateKey, OWNER: alice.address },
      ...{ COUNTERSIGN_SERVER: server.url, KEY_FILE: keyFile, POLICY_PROGRAM: program },
    })
    assert.match(made.out, /^\{"token":".+"\}\n$/, made.err)
    const { token } = JSON.parse(made.out) as { token: string }
    const nonce = Number(await chain.rpc('eth_getTransactionCount', [alice.address, 'latest']))
    const bytes = (value: bigint) =>
      serializeTransaction({
        ...{ type: 'eip1559', chainId: chain.chainId, nonce, to: FRIEND, value, gas: 30_000n },
        ...{ maxFeePerGas: 3_000_000_000n, maxPriorityFeePerGas: 0n },
      }).slice(2)
    // In a process of its own: the library blocks, and the policy program asks this one.
    const sign = (hex: string) =>
      node(['--input-type=module', '-e', SIGN_WITH_OWS], {
        ...{ VAULT: join(scratch, 'vault'), TOKEN: token, CHAIN: `eip155:${chain.chainId}`, HEX: hex },
      })
    assert.equal((await sign(bytes(10n ** 24n))).code, 1)
    assert.match((await sign(bytes(1_000n))).out, /^(?:0x)?[0-9a-f]{130}/)
  },
  async 'claude-code'() {
    const text = readFileSync(join(EXAMPLES, 'claude-code', '.mcp.json'), 'utf8')
    const { mcpServers } = JSON.parse(text) as {
      mcpServers: { countersign: { command: string; args: string[]; env: Record<string, string> } }
    }
    const { command, args, env } = mcpServers.countersign
    assert.equal(command, 'countersign')
    const values = { COUNTERSIGN_SERVER: server.url, COUNTERSIGN_API_KEY: await issue(['read', 'simulate', 'propose']) }
    const { Client } = await import('@modelcontextprotocol/client')
    const { StdioClientTransport } = await import('@modelcontextprotocol/client/stdio')
    const client = new Client({ name: 'claude-code', version: '1' })
    const filled = Object.fromEntries(Object.keys(env).map((name) => [name, values[name as keyof typeof values] ?? '']))
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [COMMAND, ...args],
        env: { ...filled, PATH: process.env['PATH'] ?? '' },
      }),
    )
    const transactions = [{ to: FRIEND, value: '5', data: '0x' }]
    const answer = await client.callTool({
      name: 'propose',
      arguments: { from: alice.address, chain_id: chain.chainId, transactions },
    })
    await client.close()
    assert.match(JSON.stringify(answer), /"state":"(?:pending|blocked)"/)
  },
  async 'github-action'() {
    const workflow = parse(readFileSync(join(EXAMPLES, 'github-action', 'simulate.yml'), 'utf8')) as {
      jobs: { simulate: { steps: readonly { name?: string; run?: string }[] } }
    }
    const script = workflow.jobs.simulate.steps.find(({ name }) => name === 'simulate')?.run ?? ''
    const repository = join(scratch, 'repository')
    mkdirSync(join(repository, 'transactions'), { recursive: true })
    mkdirSync(join(repository, 'node_modules', '.bin'), { recursive: true })
    const bin = join(repository, 'node_modules', '.bin', 'countersign')
    writeFileSync(bin, `#!/bin/sh\nexec "${process.execPath}" "${COMMAND}" "$@"\n`)
    chmodSync(bin, 0o755)
    const simulate = async (transaction: object) => {
      writeFileSync(join(repository, 'transactions', 'one.json'), JSON.stringify(transaction))
      return program('bash', ['-e', '-c', script], { ...onChain, FROM: alice.address }, repository)
    }
    assert.equal((await simulate({ to: FRIEND, value: '1000', data: '0x' })).code, 0)
    assert.equal((await simulate({ to: `0x${'00'.repeat(20)}`, value: '1000', data: '0x' })).code, 11)
  },
}

try {
  const folders = readdirSync(EXAMPLES, { withFileTypes: true }).filter((each) => each.isDirectory())
  for (const { name } of folders) {
    // These two are checked by tests of their own.
    if (name === 'apps' || name === 'ci') continue
    const startMs = performance.now()
    try {
      const check = CHECKS[name]
      assert(check !== undefined, `The example "${name}" has no check.`)
      await check()
      console.log(`ok   ${name} (${((performance.now() - startMs) / 1000).toFixed(1)} s)`)
    } catch (error) {
      failures += 1
      console.log(`FAIL ${name}\n${(error as Error).stack ?? String(error)}`)
    }
  }
} finally {
  await server.close()
  await chain.close()
  rmSync(scratch, { recursive: true, force: true })
}
process.exit(failures === 0 ? 0 : 1)

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a program to its end. Nothing of our own environment reaches it but the path. */
async function program(
  name: string,
  args: readonly string[],
  env: Record<string, string>,
  cwd = EXAMPLES,
): Promise<Ended> {
  const options = { cwd, env: { PATH: process.env['PATH'] ?? '', HOME: scratch, ...env }, timeout: 120_000 }
  try {
    const { stdout, stderr } = await promisify(execFile)(name, [...args], options)
    return { code: 0, out: stdout, err: stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: number; stdout?: string; stderr?: string }
    return { code: code ?? 1, out: stdout ?? '', err: stderr ?? '' }
  }
}

function node(args: readonly string[], env: Record<string, string>): Promise<Ended> {
  return program(process.execPath, args, env)
}

/** Runs a server that prints its URL, does some work with it, and ends it. */
async function listening(
  args: readonly string[],
  env: Record<string, string>,
  work: (url: string) => Promise<void>,
): Promise<void> {
  const child: ChildProcess = spawn(process.execPath, [...args], {
    ...{
      cwd: EXAMPLES,
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'inherit'] as const,
    },
  })
  try {
    assert(child.stdout !== null, 'its output is a pipe')
    const [url] = (await Promise.race([
      new Promise<string[]>((resolve) =>
        createInterface({ input: child.stdout as NodeJS.ReadableStream }).once('line', (line) => resolve([line])),
      ),
      new Promise<never>((_, reject) => child.once('exit', (code) => reject(new Error(`It ended with ${code}.`)))),
    ])) as [string]
    await work(url)
  } finally {
    child.kill()
  }
}
