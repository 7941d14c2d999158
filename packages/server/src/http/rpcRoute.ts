import { Address, BaseError } from '@countersign/base'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Chain } from '../chains/Chain.ts'
import * as Scope from '../keys/Scope.ts'
import { KeyAbsentError, ScopeRefusedError, type Caller } from '../keys/verifyKey.ts'
import type { Door } from '../proposals/Door.ts'
import { Filters } from '../rpc/Filters.ts'
import { judgeRaw } from '../rpc/judgeRaw.ts'
import { classOf, maxParams, NEVER, scopeOf, unitsOf } from '../rpc/Methods.ts'
import type { RpcTools } from '../rpc/outcomeOf.ts'
import { askOwnerFor, callsStatus } from '../rpc/ownerCalls.ts'
import { CODES, RpcError } from '../rpc/RpcError.ts'
import { boundCall } from './chainRoutes.ts'
import type { Context } from './context.ts'
import { HttpError } from './errors.ts'
import { refuseHeld, urlOf, refuseOtherOwner } from './proposalAccess.ts'

/** As many requests as one batch holds. */
const MAX_BATCH = 100
/** How long a send waits for its owner, in milliseconds: clients give up after 10 s. */
const WAIT_MS = 8_000

interface Asked {
  readonly context: Context
  readonly tools: RpcTools & { readonly queue: Context['accounts']; readonly filters: Filters }
  readonly caller: Caller
  readonly chain: Chain
  readonly owner: Address.Address | null
  readonly untilMs: number
}

/**
 * `POST /rpc/{chainId}`: the RPC URL of a program. Reads pass; what signs is judged first. Raw mode forwards what the program
 * signed itself, owner mode makes proposals for an owner to answer.
 */
export function rpcRoute(server: FastifyInstance, context: Context): void {
  const tools = {
    gate: context.gate,
    queue: context.accounts,
    signatures: context.signatures,
    filters: new Filters(),
    urlOf: (proposal: Parameters<typeof urlOf>[1]) => urlOf(context, proposal),
  }
  server.post(
    '/rpc/:chainId',
    { errorHandler: (error, request, reply) => answerUnreadable(server, error, request, reply) },
    async (request, reply) => {
      const { caller } = request
      if (caller === null) throw new KeyAbsentError(null)
      refuseHeld(caller)
      const asked: Asked = {
        context,
        tools,
        caller,
        chain: servedChain(context, (request.params as { chainId: string }).chainId),
        owner: ownerOf(request, caller),
        untilMs: performance.now() + WAIT_MS,
      }
      const { body } = request
      if (body === undefined || body === null) return failed(null, new RpcError(CODES.parse, 'The body is not JSON.'))
      const calls: readonly unknown[] = Array.isArray(body) ? body : [body]
      if (calls.length === 0 || calls.length > MAX_BATCH)
        return failed(null, new RpcError(CODES.request, `A batch holds 1 to ${MAX_BATCH} requests.`))
      refuseScopes(caller, calls)
      await server.charge(
        request,
        reply,
        calls.reduce<number>((sum, call) => sum + unitsOf(methodOf(call)), -1),
      )
      const answers: Record<string, unknown>[] = []
      // In their order: of two sends the second stands on the first.
      const hasOrder = calls.some((call) => ['judge', 'propose'].includes(classOf(methodOf(call))))
      if (hasOrder) for (const call of calls) answers.push(...(await answerTo(asked, call)))
      else answers.push(...(await Promise.all(calls.map((call) => answerTo(asked, call)))).flat())
      if (answers.length === 0) return reply.status(204).send()
      return Array.isArray(body) ? answers : answers[0]
    },
  )
}

function methodOf(call: unknown): string {
  const { method } = (call ?? {}) as { method?: unknown }
  return typeof method === 'string' ? method : ''
}

/** What is no JSON is answered as JSON-RPC has it; everything else as the house has it. */
function answerUnreadable(
  server: FastifyInstance,
  error: Error & { code?: string },
  request: FastifyRequest,
  reply: FastifyReply,
): unknown {
  const isUnreadable =
    // What is thrown after the body was read is a fault of ours, and no reason to call it no JSON.
    (error instanceof SyntaxError && request.body === undefined) ||
    /^FST_ERR_CTP_(?:EMPTY|INVALID)_JSON_BODY$/.test(error.code ?? '')
  if (isUnreadable) return reply.status(200).send(failed(null, new RpcError(CODES.parse, 'The body is not JSON.')))
  if (error.code === 'base:json:duplicate')
    return reply.status(200).send(failed(null, new RpcError(CODES.request, error.message)))
  return server.errorHandler(error as never, request, reply)
}

function servedChain(context: Context, text: string): Chain {
  const chain = /^[1-9]\d{0,14}$/.test(text) ? context.gate.chains.get(Number(text)) : undefined
  if (chain !== undefined) return chain
  throw new HttpError(
    404,
    'chains:chain:unknown',
    'This chain is not served here.',
    'GET /api/config lists the chains.',
  )
}

/**
 * Whose account answers: the one that the key is bound to, or the one that the request names.
 *
 * @throws {HttpError} 400 when header and query differ, or hold no address. {OwnerRefusedError} 403 for another one than the key's.
 */
function ownerOf(request: FastifyRequest, caller: Caller): Address.Address | null {
  const { owner, ...more } = request.query as Record<string, unknown>
  const [unknown] = Object.keys(more)
  const bad = (hint: string) => new HttpError(400, 'http:field:owner', 'The owner cannot be used.', hint)
  if (unknown !== undefined)
    throw new HttpError(400, 'http:parameter:unknown', 'A parameter is not known.', 'Send "owner" or none.')
  const header = request.headers['x-countersign-owner']
  const given = [header, owner].filter((value) => value !== undefined)
  if (given.length === 0) return caller.key.owner
  if (!given.every(Address.isAddress)) throw bad('Write one address, 0x and 40 hex digits.')
  const [first, second] = given.map(Address.parse)
  if (second !== undefined && second !== first)
    throw bad('The header X-Countersign-Owner and the parameter "owner" differ: send one, or both alike.')
  if (first !== undefined) refuseOtherOwner(caller, first)
  return first ?? null
}

/** @throws {ScopeRefusedError} 403 for the whole request, before any of it is done. */
function refuseScopes(caller: Caller, calls: readonly unknown[]): void {
  for (const call of calls) {
    const scope = scopeOf(classOf(methodOf(call)))
    if (scope !== null && !Scope.allows(caller.scopes, scope)) throw new ScopeRefusedError(scope)
  }
}

/** The answer to one request; none to a notification, which is judged like any other. */
async function answerTo(asked: Asked, call: unknown): Promise<Record<string, unknown>[]> {
  const isRequest = typeof call === 'object' && call !== null && !Array.isArray(call)
  const { id, jsonrpc, method, params = [] } = (isRequest ? call : {}) as Record<string, unknown>
  const isId = id === null || typeof id === 'string' || typeof id === 'number'
  if (
    !isRequest ||
    typeof method !== 'string' ||
    (jsonrpc !== undefined && jsonrpc !== '2.0') ||
    (id !== undefined && !isId)
  )
    return [failed(isId ? id : null, new RpcError(CODES.request, 'This is not a request of JSON-RPC 2.0.'))]
  let answer: Record<string, unknown>
  try {
    if (!Array.isArray(params)) throw new RpcError(CODES.params, 'The parameters are not a list.')
    answer = { jsonrpc: '2.0', id, result: await resultOf(asked, method, params) }
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
    answer = failed(id ?? null, RpcError.of(error))
  }
  return id === undefined ? [] : [answer]
}

function failed(id: unknown, { rpcCode, message, data }: RpcError): Record<string, unknown> {
  return { jsonrpc: '2.0', id, error: { code: rpcCode, message, ...(data === undefined ? {} : { data }) } }
}

/** An error of the chain itself, as a provider answered it: a revert keeps its code and data. */
class PassedError extends RpcError {
  constructor(code: number, message: string, data: unknown) {
    super(code, message, data as never)
  }
}

async function resultOf(asked: Asked, method: string, params: readonly unknown[]): Promise<unknown> {
  const { tools, caller, chain, owner, untilMs, context } = asked
  const { chainId } = chain
  const door: Door = { name: 'rpc', keyId: caller.keyId, family: caller.family, client: null }
  switch (classOf(method)) {
    case 'pass':
      return passFor(asked, method, params)
    case 'judge': {
      const hash = await judgeRaw(tools, { chainId, raw: params[0], app: caller.app, door })
      return method === 'eth_sendRawTransaction' ? hash : receiptOf(chain, hash, untilMs)
    }
    case 'own':
      if (method === 'web3_clientVersion') return `countersign/${context.version}`
      return owner === null ? [] : [owner]
    case 'propose':
    case 'status': {
      if (owner === null) throw new RpcError(CODES.unauthorized, `${method} needs owner mode: set X-Countersign-Owner.`)
      const call = { app: caller.app, door, chainId, owner, method, params, untilMs }
      if (method === 'wallet_getCallsStatus') return callsStatus(tools, call)
      if (method === 'wallet_getCapabilities')
        return { [`0x${chainId.toString(16)}`]: { atomic: { status: 'unsupported' } } }
      return askOwnerFor(tools, call)
    }
    case 'never':
      throw new RpcError(CODES.never, `${method} is never allowed: ${NEVER[method] ?? 'it cannot be judged'}.`)
    case 'absent':
      throw new RpcError(
        CODES.absent,
        `The method ${method.slice(0, 60).replaceAll(/[^\w.-]/g, '?')} is not offered here.`,
      )
  }
}

/** The same with the ids of filters, which are each key's own. */
async function passFor(
  { tools: { filters }, caller, chain }: Asked,
  method: string,
  params: readonly unknown[],
): Promise<unknown> {
  const holder = { family: caller.family, chainId: chain.chainId }
  if (NEW_FILTERS.has(method)) return filters.keep(holder, String(await pass(chain, method, params)))
  if (!OF_FILTERS.has(method)) return pass(chain, method, params)
  const [id, ...more] = params
  const known = filters.find(holder, id)
  if (known === null) throw new RpcError(CODES.params, 'There is no filter with this id.')
  if (method === 'eth_uninstallFilter') filters.drop(holder, id)
  return pass(chain, method, [known, ...more])
}

const NEW_FILTERS = new Set(['eth_newFilter', 'eth_newBlockFilter', 'eth_newPendingTransactionFilter'])
const OF_FILTERS = new Set(['eth_getFilterChanges', 'eth_getFilterLogs', 'eth_uninstallFilter'])

async function pass(chain: Chain, method: string, params: readonly unknown[]): Promise<unknown> {
  if (params.length > maxParams(method)) throw new RpcError(CODES.params, 'These parameters are not offered here.')
  const isCall = ['eth_call', 'eth_estimateGas', 'eth_createAccessList'].includes(method)
  const asked = isCall ? boundCall(params) : params
  if (asked === null) throw new RpcError(CODES.params, 'These parameters are not offered here.')
  const answer = await chain.pass(method, asked)
  if (answer.ok) return answer.result
  throw new PassedError(answer.code, answer.message, answer.data ?? undefined)
}

const POLL_MS = 200

async function receiptOf(chain: Chain, hash: string, untilMs: number): Promise<unknown> {
  for (;;) {
    const receipt = await pass(chain, 'eth_getTransactionReceipt', [hash])
    if (receipt !== null) return receipt
    if (performance.now() > untilMs) throw new RpcError(CODES.unjudged, `It was sent and is not mined yet: ${hash}.`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
