import { guard } from '@countersign/guard'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import * as ethers from 'ethers'
import { createWalletClient, http, toHex, type Hex } from 'viem'
import { goatWallet, owsPolicy, walletProvider, x402Signer } from './adapters.ts'
import { inProcess, viemChain, type Door, type Said } from './inProcess.ts'
import { keyOf } from './keys.ts'
import type { Request } from './Sample.ts'

export async function post(url: string, key: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key, ...headers },
    body: JSON.stringify(body),
  })
  return (await response.json()) as Record<string, unknown> & { error?: unknown }
}

/** `POST /api/proposals`. */
const overHttp: Door = async ({ server, key, chain }, { address }, request) => {
  const answer = await post(`${server.url}/api/proposals`, key, { ...request, from: address, chain_id: chain.chainId })
  return (answer['verdict'] as Said | undefined) ?? `error: ${JSON.stringify(answer).slice(0, 200)}`
}

/** The tool `propose`. */
const overMcp: Door = async ({ server, key, chain }, { address }, request) => {
  const client = new Client({ name: 'verdicts', version: '1' })
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${key}` } },
    }),
  )
  const args = { ...request, from: address, chain_id: chain.chainId }
  const result = (await client.callTool({ name: 'propose', arguments: args as never })) as {
    structuredContent?: { verdict?: Said }
    content: readonly { text?: string }[]
  }
  await client.close()
  return result.structuredContent?.verdict ?? `error: ${String(result.content[0]?.text).slice(0, 200)}`
}

/** The JSON-RPC door in owner mode. A batch is `wallet_sendCalls`, which answers an id: the verdict is read there. */
const overOwnerRpc: Door = async ({ server, key, chain }, { address }, request) => {
  const url = `${server.url}/rpc/${chain.chainId}`
  const [method, params] = ownerCall(request, address, chain.chainId)
  const answer = await post(url, key, { jsonrpc: '2.0', id: 1, method, params }, { 'x-countersign-owner': address })
  const { data, message = '' } = (answer['error'] ?? {}) as { data?: { verdict?: Said }; message?: string }
  if (data?.verdict != null) return data.verdict
  const id = (answer['result'] as { id?: string } | undefined)?.id ?? /prop_[\w-]+/.exec(message)?.[0]
  if (id === undefined) return `error: ${JSON.stringify(answer).slice(0, 200)}`
  const read = await fetch(`${server.url}/api/proposals/${id}`, { headers: { 'x-api-key': key } })
  return ((await read.json()) as { verdict: Said }).verdict
}

function ownerCall({ transactions, typed_data: document, message }: Request, from: Hex, chainId: number) {
  if (message !== undefined) return ['personal_sign', [toHex(message), from]] as const
  if (document !== undefined) return ['eth_signTypedData_v4', [from, JSON.stringify(document)]] as const
  const calls = (transactions ?? []).map(({ to, value, data }) => ({
    ...(to === null ? {} : { to }),
    value: toHex(BigInt(value)),
    data,
  }))
  return calls.length === 1
    ? (['eth_sendTransaction', [{ from, ...calls[0] }]] as const)
    : ([
        'wallet_sendCalls',
        [{ version: '2.0.0', from, chainId: toHex(chainId), calls, atomicRequired: false }],
      ] as const)
}

/** The JSON-RPC door in raw mode: one signed transaction. Documents and texts need owner mode. */
const overRawRpc: Door = async ({ server, key, chain }, owner, { transactions = [] }) => {
  const [first, ...more] = transactions
  if (first === undefined || more.length > 0) return 'none'
  const nonce = Number(await chain.rpc('eth_getTransactionCount', [owner.address, 'latest']))
  const raw = await owner.signTransaction({
    ...{ type: 'eip1559', chainId: chain.chainId, nonce, value: BigInt(first.value), data: first.data },
    ...(first.to === null ? {} : { to: first.to }),
    ...{ gas: 3_000_000n, maxFeePerGas: 3_000_000_000n, maxPriorityFeePerGas: 0n },
  })
  const call = { jsonrpc: '2.0', id: 1, method: 'eth_sendRawTransaction', params: [raw] }
  const answer = await post(`${server.url}/rpc/${chain.chainId}`, key, call)
  if (typeof answer['result'] === 'string') return 'allow'
  const { data } = (answer['error'] ?? {}) as { data?: { verdict?: Said } }
  return data?.verdict ?? `error: ${JSON.stringify(answer).slice(0, 200)}`
}

/** A guarded viem account. A batch is several requests there, so it has none. */
const viemAccount: Door = (world, owner, { transactions = [], typed_data: document, message }) =>
  transactions.length > 1
    ? Promise.resolve('none')
    : inProcess(world, async (options) => {
        const account = guard(owner, options)
        if (message !== undefined) return account.signMessage({ message })
        if (document !== undefined) return account.signTypedData(document as never)
        const wallet = createWalletClient({ account, chain: viemChain(world), transport: http(world.chain.rpcUrl) })
        const [first] = transactions
        const nonce = Number(await world.chain.rpc('eth_getTransactionCount', [owner.address, 'latest']))
        return wallet.signTransaction({
          ...{ type: 'eip1559', nonce, value: BigInt(first?.value ?? 0), data: first?.data },
          ...(first?.to == null ? {} : { to: first.to }),
          ...{ gas: 3_000_000n, maxFeePerGas: 3_000_000_000n, maxPriorityFeePerGas: 0n },
        } as never)
      })

/** A guarded ethers signer. */
const ethersSigner: Door = (world, owner, { transactions = [], typed_data: document, message }) =>
  transactions.length > 1
    ? Promise.resolve('none')
    : inProcess(world, async (options) => {
        const provider = new ethers.JsonRpcProvider(world.chain.rpcUrl, world.chain.chainId, { staticNetwork: true })
        const wallet = new ethers.Wallet(keyOf(owner), provider)
        const signer = guard(wallet as never, options) as unknown as ethers.Wallet
        try {
          if (message !== undefined) return await signer.signMessage(message)
          if (document !== undefined) {
            const { EIP712Domain: _, ...types } = document['types'] as Record<string, ethers.TypedDataField[]>
            return await signer.signTypedData(document['domain'] as never, types, document['message'] as never)
          }
          const [first] = transactions
          const nonce = await provider.getTransactionCount(owner.address)
          return await signer.signTransaction({
            ...{
              type: 2,
              chainId: world.chain.chainId,
              nonce,
              value: BigInt(first?.value ?? 0),
              data: first?.data ?? '0x',
            },
            ...{ to: first?.to ?? null, from: owner.address, gasLimit: 3_000_000n },
            ...{ maxFeePerGas: 3_000_000_000n, maxPriorityFeePerGas: 0n },
          })
        } finally {
          provider.destroy()
        }
      })

/** A guarded EIP-1193 provider in front of a wallet that signs whatever reaches it, and sends nothing. */
const eip1193: Door = (world, owner, request) =>
  inProcess(world, async (options) => {
    const SIGNS = ['eth_sendTransaction', 'wallet_sendCalls', 'eth_signTypedData_v4', 'personal_sign']
    const inner = {
      request: async ({ method, params = [] }: { method: string; params?: readonly unknown[] }): Promise<unknown> => {
        if (method === 'eth_accounts' || method === 'eth_requestAccounts') return [owner.address]
        return SIGNS.includes(method) ? '0x' : world.chain.rpc(method, params)
      },
      on: () => undefined,
      removeListener: () => undefined,
    }
    const provider = guard(inner, options)
    const [method, params] = ownerCall(request, owner.address, world.chain.chainId)
    return provider.request({ method, params } as never)
  })

export const DOORS: Readonly<Record<string, Door>> = {
  'POST /api/proposals': overHttp,
  'MCP propose': overMcp,
  'JSON-RPC owner': overOwnerRpc,
  'JSON-RPC raw': overRawRpc,
  'viem account': viemAccount,
  'ethers signer': ethersSigner,
  'EIP-1193 provider': eip1193,
  'AgentKit provider': walletProvider,
  'GOAT wallet': goatWallet,
  'x402 signer': x402Signer,
  'Open Wallet Standard policy': owsPolicy,
}
