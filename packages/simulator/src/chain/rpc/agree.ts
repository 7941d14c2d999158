import { assert, BaseError, Redacted } from '@countersign/base'
import { isQuantity, isRecord } from './answers.ts'
import { methodOf } from './methods.ts'
import { paramsOf, unusable, type Provider } from './Provider.ts'
import { isRevert, UpstreamError, type RpcAnswer, type RpcCall } from './Rpc.ts'

/** What one provider answered to a whole batch. */
export interface Answered {
  readonly provider: Provider
  readonly answers: readonly RpcAnswer[]
}

/** The answers of the first so many providers, on different hosts, that give usable ones. */
export type Ask = (calls: readonly RpcCall[], wanted: 1 | 2, signal?: AbortSignal) => Promise<Answered[]>

/** How far back a block is looked for that two providers agree on. A reorg is seldom deeper, and passes. */
const HEAD_DEPTH = 3

/** A batch of which each answer is one that two providers gave, or one that needs no second (`methods.ts`). */
export async function askTwo(ask: Ask, calls: readonly RpcCall[], signal?: AbortSignal): Promise<RpcAnswer[]> {
  const groups = Map.groupBy(calls, groupOf)
  const [one, two] = await Promise.all([
    askOne(ask, groups.get('one') ?? [], signal),
    agree(ask, groups.get('two') ?? [], signal),
  ])
  const answers = new Map<RpcCall, RpcAnswer>([...one, ...two])
  for (const call of groups.get('refused') ?? []) answers.set(call, refusal(call))
  return calls.map((call) => {
    const answer = answers.get(call)
    assert(answer !== undefined, 'each call is in one of the groups')
    return answer
  })
}

function groupOf(call: RpcCall): 'one' | 'two' | 'refused' {
  switch (methodOf(call.method)?.asked) {
    case 'agree':
    case 'newest':
    case 'lagging':
      return 'two'
    case 'one':
      return 'one'
    case 'names':
      return namesOnly(call) ? 'one' : 'refused'
    // What is sent goes to all of them, by a door of its own.
    case 'all':
    case 'refused':
    case undefined:
      return 'refused'
  }
}

const refusal = ({ method }: RpcCall): RpcAnswer => ({
  ok: false,
  code: -32601,
  message: `${method} is not available when two providers must agree`,
  data: null,
})

/** Whether a trace names accounts and slots, so that their values can be read from two. */
function namesOnly(call: RpcCall): boolean {
  const options = paramsOf(call)[2] as { tracer?: string; tracerConfig?: { diffMode?: boolean } } | undefined
  return options?.tracer === 'prestateTracer' && options.tracerConfig?.diffMode !== true
}

async function askOne(
  ask: Ask,
  calls: readonly RpcCall[],
  signal?: AbortSignal,
): Promise<(readonly [RpcCall, RpcAnswer])[]> {
  if (calls.length === 0) return []
  const [answered] = await ask(calls, 1, signal)
  assert(answered !== undefined, 'one was asked')
  return Promise.all(
    calls.map(async (call, i) => {
      const answer = answered.answers[i]
      assert(answer !== undefined, 'a provider answers each call once')
      const isNamed = methodOf(call.method)?.asked === 'names'
      return [call, isNamed ? await withValues(ask, call, answer, signal) : answer] as const
    }),
  )
}

/** The answers that two give alike. */
async function agree(
  ask: Ask,
  calls: readonly RpcCall[],
  signal?: AbortSignal,
): Promise<(readonly [RpcCall, RpcAnswer])[]> {
  if (calls.length === 0) return []
  const [first, second] = await ask(calls, 2, signal)
  assert(first !== undefined && second !== undefined, 'two were asked')
  return Promise.all(
    calls.map(async (call, i) => {
      const one = first.answers[i]
      const other = second.answers[i]
      assert(one !== undefined && other !== undefined, 'a provider answers each call once')
      const pair: Pair = { call, first: first.provider, second: second.provider, one, other }
      return [call, isNewestBlock(call) ? await newestOfBoth(pair, signal) : agreed(pair)] as const
    }),
  )
}

/** Two answers to one call. */
interface Pair {
  readonly call: RpcCall
  readonly first: Provider
  readonly second: Provider
  readonly one: RpcAnswer
  readonly other: RpcAnswer
}

/** @throws {UpstreamDisagreementError} */
function agreed({ call, first, second, one, other }: Pair): RpcAnswer {
  const absent = [one, other].find((answer) => unusable(call, answer) === 'method')
  if (absent !== undefined) return absent
  const disagreement = new UpstreamDisagreementError(call.method, first.url, second.url)
  if (methodOf(call.method)?.asked !== 'lagging') {
    if (!isEqualAnswer(call.method, one, other)) throw disagreement
    // Of two who say that it reverts, one may leave out the data: then it is not known.
    return one.ok || lower(one.data) === lower(other.ok ? null : other.data) ? one : { ...one, data: null }
  }
  // One of two honest nodes hears of a transaction later: `null` from one means that it is not known yet.
  for (const answer of [one, other]) if (answer.ok && answer.result === null) return answer
  if (!isEqualAnswer(call.method, one, other)) throw disagreement
  if (!one.ok || !other.ok || call.method !== 'eth_getTransactionByHash') return one
  return { ok: true, result: sharedTransaction(one.result, other.result, disagreement) }
}

/** Where a transaction stands as far as both know it: mined when both have it in the same block. */
function sharedTransaction(one: unknown, other: unknown, disagreement: BaseError): unknown {
  assert(isRecord(one) && isRecord(other), 'a transaction was read before')
  const [a, b] = [one['blockHash'], other['blockHash']].map((hash) => (typeof hash === 'string' ? hash : null))
  const { chainId, ...shared } = one
  const kept = chainId === other['chainId'] && chainId !== undefined ? { ...shared, chainId } : shared
  if (a === null || b === null || a === undefined || b === undefined)
    return { ...kept, blockHash: null, blockNumber: null }
  if (a.toLowerCase() !== b.toLowerCase()) throw disagreement
  return kept
}

/** The newest block that both have: heads differ for a moment whenever a block comes. */
async function newestOfBoth({ call, first, second, one, other }: Pair, signal?: AbortSignal): Promise<RpcAnswer> {
  const disagreement = new UpstreamDisagreementError(call.method, first.url, second.url)
  const [a, b] = [numberOf(one), numberOf(other)]
  if (a === null || b === null) throw disagreement
  if (isEqualAnswer(call.method, one, other)) return one
  const lower = a < b ? a : b
  for (let depth = a === b ? 1n : 0n; depth < HEAD_DEPTH && lower - depth >= 0n; depth += 1n) {
    const at: RpcCall = {
      method: call.method,
      params: [`0x${(lower - depth).toString(16)}`, ...paramsOf(call).slice(1)],
    }
    const [[left], [right]] = await Promise.all([first.ask([at], signal), second.ask([at], signal)])
    if (left === undefined || right === undefined || numberOf(left) === null) continue
    if (isEqualAnswer(at.method, left, right)) return left
  }
  throw disagreement
}

/**
 * A prestate whose every value two providers gave alike: of the trace only the names of accounts and slots are kept.
 * An account that runs with a borrowed code is taken with its own.
 */
async function withValues(ask: Ask, call: RpcCall, answer: RpcAnswer, signal?: AbortSignal): Promise<RpcAnswer> {
  if (!answer.ok) return answer
  const named = Object.entries(answer.result as Record<string, { storage?: Record<string, string> }>)
  const at = paramsOf(call)[1]
  const reads = named.flatMap(([address, { storage }]): RpcCall[] => [
    { method: 'eth_getBalance', params: [address, at] },
    { method: 'eth_getTransactionCount', params: [address, at] },
    { method: 'eth_getCode', params: [address, at] },
    ...Object.keys(storage ?? {}).map((slot) => ({ method: 'eth_getStorageAt', params: [address, slot, at] })),
  ])
  const values = await agree(ask, reads, signal)
  const result: Record<string, unknown> = {}
  let next = 0
  const take = (): string => {
    const [read, value] = values[next] ?? []
    next += 1
    if (value?.ok !== true) throw new UpstreamError('', 'refused', { method: read?.method ?? null })
    return value.result as string
  }
  for (const [address, { storage }] of named) {
    const [balance, nonce, code] = [take(), take(), take()]
    const slots = Object.fromEntries(Object.keys(storage ?? {}).map((slot) => [slot, take()]))
    result[address] = { balance, nonce, code: code.toLowerCase(), storage: slots }
  }
  return { ok: true, result }
}

function isNewestBlock(call: RpcCall): boolean {
  return call.method === 'eth_getBlockByNumber' && paramsOf(call)[0] === 'latest'
}

function numberOf(answer: RpcAnswer): bigint | null {
  const number = answer.ok ? (answer.result as { number?: unknown } | null)?.number : null
  return isQuantity(number) ? BigInt(number) : null
}

/** Whether two answers say the same, letter case and leading zeros aside. Wordings of errors differ and say nothing. */
function isEqualAnswer(method: string, a: RpcAnswer, b: RpcAnswer): boolean {
  if (!a.ok || !b.ok) {
    if (a.ok || b.ok || isRevert(a) !== isRevert(b)) return false
    const [one, other] = [lower(a.data), lower(b.data)]
    return one === other || one === '' || other === ''
  }
  if (a.result === null || b.result === null) return a.result === b.result
  const canonical = methodOf(method)?.canonical
  assert(canonical !== undefined, 'only methods of the table are asked of two')
  return canonical(a.result) === canonical(b.result)
}

/** Data of an error; none and empty are the same. */
const lower = (data: unknown): string => (typeof data === 'string' && data !== '0x' ? data.toLowerCase() : '')

/** Two providers tell different things about the same block: one of them is wrong, and nothing may be signed. */
export class UpstreamDisagreementError extends BaseError {
  override readonly name = 'simulator.UpstreamDisagreementError'
  readonly method: string
  constructor(method: string, firstUrl: string, secondUrl: string) {
    super(`The RPC providers ${Redacted.url(firstUrl)} and ${Redacted.url(secondUrl)} disagree about ${method}.`, {
      code: 'simulation:upstream:disagreement',
      kind: 'upstream',
      hint: 'One of them is wrong or lies. Nothing was simulated and nothing may be signed: find out which, and replace it.',
    })
    this.method = method
  }
}
