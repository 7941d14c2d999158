import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { launch, type Launched } from 'countersign'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** `countersign mcp` as clients start it: a program of its own that speaks over its standard input and output. */
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-mcp-stdio-'))
const COMMAND = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'countersign.mjs')
const FRIEND = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const NAMES = ['simulate', 'explain', 'propose', 'proposal', 'approvals', 'scan_skill', 'chat']
let chain: LocalChain
let server: Launched
let key = ''
let from = ''

beforeAll(async () => {
  chain = await startLocalChain()
  server = await launch({ port: 0, dataDir, env: {}, localChain: chain, logLevel: 'silent' })
  from = chain.accounts[1]?.address as string
  const scopes = ['read', 'simulate', 'propose'] as never
  key = Redacted.reveal((await server.issueKey({ app: 'trader', label: 'stdio', scopes })).key)
})
afterAll(async () => {
  await server.close()
  await chain.close()
  rmSync(dataDir, { recursive: true, force: true })
})

const program = (env: Record<string, string>) => ({
  command: process.execPath,
  args: [COMMAND, 'mcp'],
  env: { PATH: process.env['PATH'] ?? '', HOME: dataDir, ...env },
  stderr: 'pipe' as const,
})
const remote = () => program({ COUNTERSIGN_SERVER: server.url, COUNTERSIGN_API_KEY: key })
const local = () => program({ [`COUNTERSIGN_RPC_${chain.chainId}`]: chain.rpcUrl })
async function connect(to: ReturnType<typeof program>, { modern = true, asks = null as string[] | null } = {}) {
  const client = new Client(
    { name: 'test', version: '1' },
    {
      ...(modern ? { versionNegotiation: { mode: 'auto' as const } } : {}),
      ...(asks === null ? {} : { capabilities: { elicitation: { url: {} } } }),
    },
  )
  if (asks !== null)
    client.setRequestHandler('elicitation/create', (request) => {
      asks.push((request.params as { url: string }).url)
      return { action: 'accept' }
    })
  await client.connect(new StdioClientTransport(to))
  return client
}
let wei = 100n
const payment = () => ({
  transactions: [{ to: FRIEND, value: String((wei += 1n)), data: '0x' }],
  from,
  chain_id: chain.chainId,
})

describe('countersign mcp', () => {
  test.each([true, false])('with a server it proposes through the door "mcp" (2026-07-28: %s)', async (modern) => {
    const client = await connect(remote(), { modern })
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(NAMES)
    const made = await client.callTool({ name: 'propose', arguments: payment() })
    expect(made).toMatchObject({ structuredContent: { state: 'pending', url: expect.stringContaining('/p/prop_') } })
    const { id } = made.structuredContent as { id: string }
    const answer = await fetch(`${server.url}/api/proposals/${id}`, { headers: { 'x-api-key': key } })
    expect(await answer.json()).toMatchObject({ door: 'mcp' })
    expect(await client.callTool({ name: 'proposal', arguments: { id } })).toMatchObject({
      structuredContent: { state: 'pending' },
    })
    await client.close()
  })

  test('promise: a client that accepts everything is asked once and moves nothing', async () => {
    const asks: string[] = []
    const client = await connect(remote(), { asks })
    const made = await client.callTool({ name: 'propose', arguments: payment() })
    expect(made).toMatchObject({ structuredContent: { state: 'pending' } })
    expect(asks).toEqual([(made.structuredContent as { url: string }).url])
    await client.close()
  })

  test('an old client works over it', async () => {
    const client = new OldClient({ name: 'old', version: '1' })
    await client.connect(new OldTransport(remote()) as never)
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(NAMES)
    expect(await client.callTool({ name: 'simulate', arguments: payment() })).toMatchObject({
      structuredContent: { verdict: 'allow' },
    })
    await client.close()
  })

  test('without a server it simulates on its own chain, and says what is missing for the rest', async () => {
    const client = await connect(local())
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(NAMES)
    expect(await client.callTool({ name: 'simulate', arguments: payment() })).toMatchObject({
      structuredContent: { verdict: 'allow' },
    })
    for (const [name, args] of [
      ['propose', payment()],
      ['proposal', { id: 'prop_1' }],
      ['approvals', { address: from, chain_id: chain.chainId }],
      ['chat', { message: 'hi' }],
    ] as const) {
      const refused = await client.callTool({ name, arguments: args })
      expect(refused, name).toMatchObject({ isError: true, structuredContent: { code: 'mcp:server:absent' } })
      expect(JSON.stringify(refused.content)).toContain('COUNTERSIGN_SERVER')
    }
    await client.close()
  })

  test('a server that is not there, or that refuses the key, is said in a sentence', async () => {
    const gone = await connect(program({ COUNTERSIGN_SERVER: 'http://127.0.0.1:9', COUNTERSIGN_API_KEY: key }))
    expect(await gone.callTool({ name: 'propose', arguments: payment() })).toMatchObject({
      isError: true,
      structuredContent: { code: 'mcp:server:unreachable' },
    })
    await gone.close()
    const wrong = `sk-trader-${'0'.repeat(48)}`
    const refused = await connect(program({ COUNTERSIGN_SERVER: server.url, COUNTERSIGN_API_KEY: wrong }))
    expect(await refused.callTool({ name: 'propose', arguments: payment() })).toMatchObject({
      isError: true,
      structuredContent: { code: 'keys:key:unknown' },
    })
    await refused.close()
  })
})
