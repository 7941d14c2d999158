import { Address } from '@countersign/base'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { chainOf } from '../proposals/stageProposal.ts'
import { bodyOf, textField, type Context } from './context.ts'
import { HttpError, invalidField } from './errors.ts'

/**
 * What a wallet page needs of a node: reads, and sending what the owner's wallet has signed. No unlocked accounts,
 * no debug, no mining, no filters.
 */
const RPC_METHODS = new Set([
  'eth_blockNumber',
  'eth_call',
  'eth_chainId',
  'eth_estimateGas',
  'eth_feeHistory',
  'eth_gasPrice',
  'eth_getBalance',
  'eth_getBlockByHash',
  'eth_getBlockByNumber',
  'eth_getCode',
  'eth_getTransactionByHash',
  'eth_getTransactionCount',
  'eth_getTransactionReceipt',
  'eth_maxPriorityFeePerGas',
  'eth_sendRawTransaction',
  'net_version',
])
const MAX_RPC_BATCH = 20

/** The same-origin node proxy, so that provider URLs and their keys stay on the server; and the local faucet. */
export function chainRoutes(server: FastifyInstance, context: Context): void {
  server.post('/api/rpc/:chainId', async (request: FastifyRequest<{ Params: { chainId: string } }>) => {
    const chain = chainOf(context.gate, Number(request.params.chainId))
    const body = request.body
    const calls = Array.isArray(body) ? body : [body]
    if (calls.length === 0 || calls.length > MAX_RPC_BATCH) throw invalidField('body', `1 to ${MAX_RPC_BATCH} calls.`)
    const answers = await Promise.all(
      calls.map(async (call: unknown) => {
        const { id = null, method, params = [] } = (call ?? {}) as { id?: unknown; method?: unknown; params?: unknown }
        const reply = (part: Record<string, unknown>) => ({ jsonrpc: '2.0', id, ...part })
        if (typeof method !== 'string' || !RPC_METHODS.has(method) || !Array.isArray(params)) {
          return reply({ error: { code: -32_601, message: 'This method is not offered here.' } })
        }
        const answer = await chain.pass(method, params)
        if (answer.ok) return reply({ result: answer.result })
        const { code, message, data } = answer
        return reply({ error: { code, message, ...(data === null ? {} : { data }) } })
      }),
    )
    return Array.isArray(body) ? answers : answers[0]
  })

  server.post('/api/faucet', async (request) => {
    const chainId = bodyOf(request)['chain_id']
    if (!Number.isSafeInteger(chainId)) throw invalidField('chain_id', 'A positive whole number.')
    const chain = chainOf(context.gate, chainId as number)
    const address = Address.parse(textField(request, 'address') ?? '')
    if (chain.faucet === null) {
      throw new HttpError(
        403,
        'chains:faucet:absent',
        'There is no faucet on this chain.',
        'Test money exists only on the built-in local chain.',
      )
    }
    await chain.faucet(address, await chain.at(await chain.head()).balance(address))
    return { funded: true }
  })
}
