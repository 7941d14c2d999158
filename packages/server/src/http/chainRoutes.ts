import { Address, BaseError, type Hex } from '@countersign/base'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Chain } from '../chains/Chain.ts'
import { sendRaw, type Within } from '../proposals/sendRaw.ts'
import { chainOf } from '../proposals/stageProposal.ts'
import { bodyOf, textField, type Context } from './context.ts'
import { HttpError, invalidField } from './errors.ts'
import { requireSession, shownBy, type Shown } from './sessionAccess.ts'

/**
 * What a wallet page needs of a node, each with what is made of its parameters; null where they cannot be. Sending is a
 * verb of its own. No unlocked accounts, no debug, no mining, no filters.
 */
const READS: Readonly<Record<string, (params: readonly unknown[]) => readonly unknown[] | null>> = {
  eth_blockNumber: few(0),
  eth_call: boundCall,
  eth_chainId: few(0),
  eth_estimateGas: boundCall,
  eth_feeHistory: ([count, ...rest]) =>
    rest.length <= 2 && isUpTo(count, MAX_FEE_BLOCKS) && isShortList(rest[1]) ? [count, ...rest] : null,
  eth_gasPrice: few(0),
  eth_getBalance: few(2),
  eth_getBlockByHash: few(2),
  eth_getBlockByNumber: few(2),
  eth_getCode: few(2),
  eth_getTransactionByHash: few(1),
  eth_getTransactionCount: few(2),
  eth_getTransactionReceipt: few(1),
  eth_maxPriorityFeePerGas: few(0),
  net_version: few(0),
}
const MAX_RPC_BATCH = 20
/** What makes a provider compute, in units; everything else costs 1. */
const RPC_WEIGHTS = new Map([
  ['eth_call', 5],
  ['eth_estimateGas', 5],
  ['eth_feeHistory', 5],
  ['eth_sendRawTransaction', 5],
])

function weightOf(call: unknown): number {
  const method = (call as { method?: unknown } | null)?.method
  return (typeof method === 'string' ? RPC_WEIGHTS.get(method) : undefined) ?? 1
}

/** EIP-7825: no transaction may ask for more, so no call needs more. */
const MAX_CALL_GAS = 2n ** 24n
/** As much call data as a transaction that nodes relay. */
const MAX_CALL_BYTES = 2 ** 17
const MAX_FEE_BLOCKS = 128
const MAX_PERCENTILES = 10
/** A wallet names these; overrides, blobs and authorizations are not asked for somebody else. */
const CALL_FIELDS = [
  'from',
  'to',
  'gasPrice',
  'maxFeePerGas',
  'maxPriorityFeePerGas',
  'value',
  'data',
  'input',
] as const

function few(max: number): (params: readonly unknown[]) => readonly unknown[] | null {
  return (params) => (params.length <= max ? params : null)
}

function isUpTo(value: unknown, max: number): boolean {
  const isNumber = typeof value === 'number' || (typeof value === 'string' && /^0x[0-9a-f]{1,8}$/i.test(value))
  return isNumber && Number(value) >= 1 && Number(value) <= max
}

function isShortList(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length <= MAX_PERCENTILES)
}

/** A call and a block, with the gas that one transaction may have at most; no state or block overrides. */
export function boundCall([call, block, ...more]: readonly unknown[]): readonly unknown[] | null {
  if (more.length > 0 || typeof call !== 'object' || call === null || Array.isArray(call)) return null
  const asked = call as Readonly<Record<string, unknown>>
  const kept: Record<string, unknown> = {}
  for (const field of CALL_FIELDS) {
    const value = asked[field]
    if (value === undefined || value === null) continue
    if (typeof value !== 'string' || !/^0x[0-9a-f]*$/i.test(value) || value.length > 2 * MAX_CALL_BYTES + 2) return null
    kept[field] = value
  }
  const gas = asked['gas']
  const wanted = typeof gas === 'string' && /^0x[0-9a-f]{1,16}$/i.test(gas) ? BigInt(gas) : MAX_CALL_GAS
  kept['gas'] = `0x${(wanted < MAX_CALL_GAS ? wanted : MAX_CALL_GAS).toString(16)}`
  return block === undefined ? [kept] : [kept, block]
}

/** Charges further units of a request before its work. */
export interface ChainTools {
  charge(request: FastifyRequest, reply: FastifyReply, units: number): Promise<void>
}

/** JSON-RPC error codes: method not found, invalid params (JSON-RPC 2.0); transaction rejected (EIP-1474). */
const NOT_OFFERED = -32_601
const INVALID_PARAMS = -32_602
const REJECTED = -32_003

/**
 * The same-origin node proxy, so that provider URLs and their keys stay on the server; and the local faucet. Nothing of
 * ours rests on what the proxy answers.
 */
export function chainRoutes(server: FastifyInstance, context: Context, tools: ChainTools): void {
  server.post('/api/rpc/:chainId', async (request: FastifyRequest<{ Params: { chainId: string } }>, reply) => {
    // Programs have a door of their own, which judges what they send.
    if (request.caller !== null) throw new KeyRouteError()
    const chain = chainOf(context.gate, Number(request.params.chainId))
    const body = request.body
    const calls: readonly unknown[] = Array.isArray(body) ? body : [body]
    if (calls.length === 0 || calls.length > MAX_RPC_BATCH) throw invalidField('body', `1 to ${MAX_RPC_BATCH} calls.`)
    // One unit was charged with the request; each call upstream costs its own.
    await tools.charge(
      request,
      reply,
      calls.reduce<number>((sum, call) => sum + weightOf(call), -1),
    )
    const answers: Record<string, unknown>[] = []
    // One after the other where something is sent: of two transactions for one step the first counts.
    if (calls.some((call) => (call as { method?: unknown } | null)?.method === 'eth_sendRawTransaction'))
      for (const call of calls) answers.push(await answerCall(context, request, chain, call))
    else answers.push(...(await Promise.all(calls.map((call) => answerCall(context, request, chain, call)))))
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

async function answerCall(
  context: Context,
  request: FastifyRequest,
  chain: Chain,
  call: unknown,
): Promise<Record<string, unknown>> {
  const { id, method, params = [] } = (call ?? {}) as { id?: unknown; method?: unknown; params?: unknown }
  const reply = (part: Record<string, unknown>) => ({
    jsonrpc: '2.0',
    id: typeof id === 'string' || typeof id === 'number' ? id : null,
    ...part,
  })
  const fail = (code: number, message: string, data: Hex.Hex | null = null) =>
    reply({ error: { code, message, ...(data === null ? {} : { data }) } })
  if (typeof method !== 'string' || !Array.isArray(params)) return fail(NOT_OFFERED, 'This method is not offered here.')
  if (method === 'eth_sendRawTransaction') {
    try {
      const within = await withinOf(context, request)
      return reply({ result: await sendRaw(context.gate, { chainId: chain.chainId, raw: params[0], within }) })
    } catch (error) {
      if (!(error instanceof BaseError) || (error.kind !== 'invalid' && error.kind !== 'conflict')) throw error
      return fail(REJECTED, `${error.message} ${error.hint}`)
    }
  }
  const bound = Object.hasOwn(READS, method) ? READS[method] : undefined
  if (bound === undefined) return fail(NOT_OFFERED, 'This method is not offered here.')
  const asked = bound(params)
  if (asked === null) return fail(INVALID_PARAMS, 'These parameters are not offered here.')
  const answer = await chain.pass(method, asked)
  return answer.ok ? reply({ result: answer.result }) : fail(answer.code, answer.message, answer.data)
}

/**
 * Which cards a signed transaction may be of. A request that names a session speaks for that one; a key, a browser and a
 * token for their own. Wallets and published clients that send by a plain JSON-RPC URL name nothing: theirs is a card
 * whose wallet was just opened, by a last look of its own session.
 */
async function withinOf(context: Context, request: FastifyRequest): Promise<Within> {
  const { 'x-session-id': session, 'x-thread-id': thread } = request.headers
  if (session !== undefined || thread !== undefined)
    return { kind: 'session', sid: (await requireSession(context, request)).sid }
  const by = await shownUnforged(context, request)
  switch (by.kind) {
    case 'key':
      throw new KeyRouteError()
    case 'browser':
      return { kind: 'owner', owner: `browser:${by.id}` }
    case 'token':
      return { kind: 'session', sid: by.session.sid }
    case 'nothing':
      return { kind: 'opened' }
  }
}

/** What the request shows; a cookie that another page or a wallet sent along counts for nothing. */
async function shownUnforged(context: Context, request: FastifyRequest): Promise<Shown> {
  try {
    return await shownBy(context, request)
  } catch (error) {
    if (error instanceof BaseError && error.code === 'browser:origin:refused') return { kind: 'nothing' }
    throw error
  }
}

/** With a key there is no such route: what a program sends is judged at its own door. */
class KeyRouteError extends HttpError {
  constructor() {
    super(404, 'http:route:absent', 'With a key there is no such route.', 'Use POST /rpc/{chainId}.')
  }
}
