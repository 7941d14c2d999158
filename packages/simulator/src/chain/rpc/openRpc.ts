import { setTimeout as sleep } from 'node:timers/promises'
import { assert, BaseError, Redacted, type Hex } from '@countersign/base'
import { openEndpoint } from './openEndpoint.ts'
import {
  ChainMismatchError,
  HttpStatusError,
  UpstreamError,
  type RpcAnswer,
  type RpcCall,
  type RpcEndpoint,
} from './Rpc.ts'

/** Several providers behind one endpoint. */
export interface RpcPool extends RpcEndpoint {
  readonly quorum: 1 | 2
  /** How each provider fares. Hosts only: paths and queries carry keys. */
  health(): readonly ProviderHealth[]
}

export interface ProviderHealth {
  readonly host: string
  readonly requests: number
  /** Failures in a row; 0 when its last answer was usable. */
  readonly failures: number
  /** Left alone for now, because it failed. It is still asked when nobody else is left. */
  readonly isBackingOff: boolean
  /** It serves another chain than the others, so it is never asked again. */
  readonly isWrongChain: boolean
}

export interface RpcPoolOptions {
  readonly urls: readonly [string, ...string[]]
  /** For one HTTP request to one provider. */
  readonly timeoutMs: number
  readonly quorum: 1 | 2
  /** The chain it must be; null: what the first provider that answers serves, and then all of them. */
  readonly chainId?: number | null
  /** Clock and randomness, for the rests. */
  readonly nowMs?: () => number
  readonly random?: () => number
}

interface Provider {
  readonly url: string
  readonly host: string
  readonly endpoint: RpcEndpoint
  failures: number
  backOffUntilMs: number
  /** Confirmed to serve the chain; null: not asked yet; false: serves another one. */
  isOurChain: boolean | null
  /** Methods it said it does not have. */
  readonly lacks: Set<string>
}

/** A rest doubles with each failure in a row: half a second to a minute. */
const FIRST_BACK_OFF_MS = 500
const LONGEST_BACK_OFF_MS = 60_000
/** How often all are asked again when all that is wrong is that we ask too much, and how long the first wait is. */
const RATE_LIMIT_ROUNDS = 3
const FIRST_WAIT_MS = 150
/** How far back a block is looked for that two providers agree on. A reorg is seldom deeper, and passes. */
const HEAD_DEPTH = 3

/** Where the block parameter of a state method stands. */
const BLOCK_PARAMETER: Readonly<Record<string, number>> = {
  eth_getBalance: 1,
  eth_getTransactionCount: 1,
  eth_getCode: 1,
  eth_getStorageAt: 2,
  eth_getProof: 2,
  eth_call: 1,
  eth_simulateV1: 1,
  debug_traceCall: 1,
}

/** What two providers never word alike and no verdict rests on: prices, and proofs, which prove themselves. */
const UNCOMPARED: ReadonlySet<string> = new Set([
  'eth_maxPriorityFeePerGas',
  'eth_gasPrice',
  'eth_feeHistory',
  'eth_getProof',
])

/**
 * Opens several providers as one endpoint.
 *
 * With `quorum: 1` a batch is answered by one provider, whole: the first in the order given that is well. The next one
 * is asked when there is no connection, HTTP 429 or 5xx, an unreadable answer, an unknown block or a method that it
 * lacks. State must be asked by block hash (EIP-1898), so two providers' blocks never mix, whoever answers.
 *
 * With `quorum: 2` every state read is asked from two, and both must say the same (letter case and leading zeros
 * aside). `latest` is the newest block that both have. What only one is asked: fee suggestions, proofs (they prove
 * themselves) and `debug_` traces. Of a trace, the accounts and slots it names are kept and their values are read again
 * from two; what it fails to name, the closure check finds. A trace of a whole block could hide a change and
 * is refused, so the head follower revalidates instead.
 *
 * @throws {QuorumError} `simulation:upstream:quorum` when two must agree and two hosts are not given.
 */
export function openRpc(options: RpcPoolOptions): RpcPool {
  const { urls, timeoutMs, quorum } = options
  const nowMs = options.nowMs ?? Date.now
  const random = options.random ?? Math.random
  if (quorum === 2 && new Set(urls.map(Redacted.url)).size < 2) throw new QuorumError()
  const providers = urls.map((url): Provider => ({
    url,
    host: Redacted.url(url),
    endpoint: openEndpoint({ url, timeoutMs }),
    failures: 0,
    backOffUntilMs: 0,
    isOurChain: null,
    lacks: new Set(),
  }))
  let chainId = options.chainId ?? null

  /** Asks one provider a whole batch. Throws when its answers are not usable; remembers how it fared. */
  async function askOne(provider: Provider, calls: readonly RpcCall[], signal?: AbortSignal): Promise<RpcAnswer[]> {
    // The first batch also asks which chain it is: a URL of another chain would have blocks too, only not ours.
    const isNew = provider.isOurChain === null
    let answers: RpcAnswer[]
    try {
      answers = [
        ...(await provider.endpoint.batch(
          isNew ? [...calls, { method: 'eth_chainId', params: [] }] : calls,
          signal === undefined ? {} : { signal },
        )),
      ]
    } catch (error) {
      if (signal?.aborted === true) throw error
      backOff(provider)
      throw error
    }
    if (isNew) {
      const said = answers.pop()
      if (said?.ok !== true || !isQuantity(said.result)) {
        backOff(provider)
        throw new UpstreamError(provider.url, new Error('it does not say which chain it serves'))
      }
      const served = Number(BigInt(said.result))
      chainId ??= served
      provider.isOurChain = served === chainId
      if (!provider.isOurChain) throw new ChainMismatchError(provider.url, chainId, served)
    }
    for (const [i, answer] of answers.entries()) {
      const call = calls[i]
      assert(call !== undefined, 'an endpoint answers each call once')
      const problem = unusable(call, answer)
      if (problem === null) continue
      if (problem === 'lacks') {
        provider.lacks.add(call.method)
        continue
      }
      // Behind by a block is no illness.
      if (problem !== 'unknown-block') backOff(provider)
      throw new UnusableAnswerError(provider, call.method, problem, answers)
    }
    provider.failures = 0
    provider.backOffUntilMs = 0
    return answers
  }

  function backOff(provider: Provider): void {
    provider.failures += 1
    const longest = Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (provider.failures - 1))
    provider.backOffUntilMs = nowMs() + longest * (0.5 + random() / 2)
  }

  /** Who is asked, best first: those that have all methods, then the well, then in the order given. */
  function candidates(calls: readonly RpcCall[]): Provider[] {
    const now = nowMs()
    const rank = (provider: Provider): number =>
      (calls.some(({ method }) => provider.lacks.has(method)) ? 2 : 0) + (provider.backOffUntilMs > now ? 1 : 0)
    return providers
      .filter((provider) => provider.isOurChain !== false)
      .toSorted((a, b) => rank(a) - rank(b) || (rank(a) % 2 === 1 ? a.backOffUntilMs - b.backOffUntilMs : 0))
  }

  /**
   * The answers of the first `wanted` providers (on different hosts) that give usable ones. When none of them has a
   * method, or the block, the answer that says so is an answer.
   */
  async function ask(
    calls: readonly RpcCall[],
    wanted: 1 | 2,
    signal?: AbortSignal,
  ): Promise<{ provider: Provider; answers: RpcAnswer[] }[]> {
    let problem: unknown = null
    for (let round = 0; round < RATE_LIMIT_ROUNDS; round += 1) {
      const got: { provider: Provider; answers: RpcAnswer[] }[] = []
      const partial: { provider: Provider; answers: RpcAnswer[] }[] = []
      const behind: { provider: Provider; answers: RpcAnswer[] }[] = []
      let isOnlyPassing = true
      let queue = candidates(calls)
      while (queue.length > 0 && got.length < wanted) {
        const taken = new Set(got.map(({ provider }) => provider.host))
        const next: Provider[] = []
        for (const provider of queue) {
          if (taken.has(provider.host) || next.length >= wanted - got.length) continue
          if (next.some(({ host }) => host === provider.host)) continue
          next.push(provider)
        }
        if (next.length === 0) break
        queue = queue.filter((provider) => !next.includes(provider))
        const results = await Promise.allSettled(next.map((provider) => askOne(provider, calls, signal)))
        if (signal?.aborted === true) throw new UpstreamError(next[0]?.url ?? '', signal.reason)
        results.forEach((result, i) => {
          const provider = next[i]
          assert(provider !== undefined, 'each result is of one provider')
          if (result.status === 'fulfilled') {
            const lacksSome = calls.some(({ method }) => provider.lacks.has(method))
            ;(lacksSome ? partial : got).push({ provider, answers: result.value })
            return
          }
          if (!isExpected(result.reason)) throw result.reason
          problem = result.reason
          if (result.reason instanceof UnusableAnswerError && result.reason.problem === 'unknown-block') {
            behind.push({ provider, answers: result.reason.answers })
          } else if (!isRateLimit(result.reason)) isOnlyPassing = false
        })
      }
      if (got.length === wanted) return got
      // Too many requests passes, and so does being a block behind the other one.
      const isWorthAnother = isOnlyPassing && partial.length === 0 && (behind.length === 0 || got.length > 0)
      if (isWorthAnother && problem !== null && round + 1 < RATE_LIMIT_ROUNDS) {
        await pause(FIRST_WAIT_MS * 2 ** round * (0.5 + random()), signal)
        continue
      }
      // Nobody has it all: what they said (a method, or a block that is not there) is then the answer. A block that
      // one has and the other has not is not an answer.
      for (const one of [...partial, ...(got.length + partial.length === 0 ? behind : [])]) {
        if (got.length < wanted && !got.some(({ provider }) => provider.host === one.provider.host)) got.push(one)
      }
      if (got.length === wanted) return got
      break
    }
    if (problem instanceof BaseError) throw problem
    throw new UpstreamError(urls[0], problem ?? new Error(`${wanted} providers are needed and fewer answer`))
  }

  /** The answers that two give alike. */
  async function agree(calls: readonly RpcCall[], signal?: AbortSignal): Promise<RpcAnswer[]> {
    if (calls.length === 0) return []
    const [first, second] = await ask(calls, 2, signal)
    assert(first !== undefined && second !== undefined, 'two were asked')
    return Promise.all(
      calls.map(async (call, i) => {
        const one = first.answers[i]
        const other = second.answers[i]
        assert(one !== undefined && other !== undefined, 'an endpoint answers each call once')
        if (isNewestBlock(call)) return newestBoth(call, [first.provider, one], [second.provider, other], signal)
        const absent = [one, other].find((answer) => unusable(call, answer) === 'lacks')
        if (absent !== undefined) return absent
        if (isEqualAnswer(call.method, one, other)) return one
        throw new UpstreamDisagreementError(call.method, first.provider.url, second.provider.url)
      }),
    )
  }

  /** The newest block that both have: heads differ for a moment whenever a block comes. */
  async function newestBoth(
    call: RpcCall,
    [firstProvider, one]: readonly [Provider, RpcAnswer],
    [secondProvider, other]: readonly [Provider, RpcAnswer],
    signal?: AbortSignal,
  ): Promise<RpcAnswer> {
    const disagreement = new UpstreamDisagreementError(call.method, firstProvider.url, secondProvider.url)
    const [a, b] = [numberOf(one), numberOf(other)]
    if (a === null || b === null) throw disagreement
    if (isEqualAnswer(call.method, one, other)) return one
    const params = 'json' in call.params ? (JSON.parse(call.params.json) as unknown[]) : call.params
    const lower = a < b ? a : b
    for (let depth = a === b ? 1n : 0n; depth < HEAD_DEPTH && lower - depth >= 0n; depth += 1n) {
      const at: RpcCall = { method: call.method, params: [`0x${(lower - depth).toString(16)}`, ...params.slice(1)] }
      const [[left], [right]] = await Promise.all([
        askOne(firstProvider, [at], signal),
        askOne(secondProvider, [at], signal),
      ])
      if (left !== undefined && right !== undefined && numberOf(left) !== null && isEqualAnswer(at.method, left, right))
        return left
    }
    throw disagreement
  }

  /**
   * A prestate whose every value two providers gave alike: of the trace only the names of accounts and slots are kept.
   * An account that runs with a borrowed code is taken with its own.
   */
  async function confirmed(call: RpcCall, answer: RpcAnswer, signal?: AbortSignal): Promise<RpcAnswer> {
    if (!answer.ok) return answer
    const params = 'json' in call.params ? (JSON.parse(call.params.json) as unknown[]) : call.params
    const options = params[2] as { tracer?: string; tracerConfig?: { diffMode?: boolean } } | undefined
    if (
      call.method !== 'debug_traceCall' ||
      options?.tracer !== 'prestateTracer' ||
      options.tracerConfig?.diffMode === true
    )
      return {
        ok: false,
        code: -32601,
        message: `${call.method} is not available when two providers must agree`,
        data: null,
      }
    const named = Object.entries(answer.result as Record<string, { storage?: Record<string, string> }>)
    const at = params[1]
    const reads = named.flatMap(([address, { storage }]): RpcCall[] => [
      { method: 'eth_getBalance', params: [address, at] },
      { method: 'eth_getTransactionCount', params: [address, at] },
      { method: 'eth_getCode', params: [address, at] },
      ...Object.keys(storage ?? {}).map((slot) => ({ method: 'eth_getStorageAt', params: [address, slot, at] })),
    ])
    const values = await agree(reads, signal)
    const result: Record<string, unknown> = {}
    let next = 0
    const take = (): string => {
      const value = values[next]
      next += 1
      if (value?.ok !== true) throw new UpstreamError(urls[0], new Error('state could not be read'))
      return value.result as string
    }
    for (const [address, { storage }] of named) {
      const [balance, nonce, code] = [take(), take(), take()]
      const slots = Object.fromEntries(Object.keys(storage ?? {}).map((slot) => [slot, take()]))
      result[address] = { balance, nonce, code: code.toLowerCase(), storage: slots }
    }
    return { ok: true, result }
  }

  async function batchOfTwo(calls: readonly RpcCall[], signal?: AbortSignal): Promise<RpcAnswer[]> {
    const isAlone = ({ method }: RpcCall): boolean => method.startsWith('debug_') || UNCOMPARED.has(method)
    const alone = calls.filter(isAlone)
    const shared = calls.filter((call) => !isAlone(call))
    const [fromOne, fromTwo] = await Promise.all([
      alone.length === 0 ? [] : ask(alone, 1, signal).then(([one]) => one?.answers ?? []),
      agree(shared, signal),
    ])
    const answers = new Map<RpcCall, RpcAnswer>()
    const keep = (call: RpcCall, answer: RpcAnswer | undefined): void => {
      assert(answer !== undefined, 'an endpoint answers each call once')
      answers.set(call, answer)
    }
    shared.forEach((call, i) => keep(call, fromTwo[i]))
    for (const [i, call] of alone.entries()) {
      const answer = fromOne[i]
      assert(answer !== undefined, 'an endpoint answers each call once')
      keep(call, call.method.startsWith('debug_') ? await confirmed(call, answer, signal) : answer)
    }
    return calls.map((call) => {
      const answer = answers.get(call)
      assert(answer !== undefined, 'each call was put to one or to two')
      return answer
    })
  }

  return {
    quorum,
    get requests() {
      return providers.reduce((sum, { endpoint }) => sum + endpoint.requests, 0)
    },
    async batch(calls, { signal } = {}) {
      if (calls.length === 0) return []
      if (urls.length > 1) {
        for (const call of calls) assert(isPinned(call), 'with several providers, state is asked by block hash')
      }
      if (quorum === 2) return batchOfTwo(calls, signal)
      const [one] = await ask(calls, 1, signal)
      assert(one !== undefined, 'one was asked')
      return one.answers
    },
    health: () =>
      providers.map(({ host, endpoint, failures, backOffUntilMs, isOurChain }) => ({
        host,
        requests: endpoint.requests,
        failures,
        isBackingOff: backOffUntilMs > nowMs(),
        isWrongChain: isOurChain === false,
      })),
    async close() {
      await Promise.all(providers.map(({ endpoint }) => endpoint.close()))
    },
  }
}

type Problem = 'rate-limit' | 'unknown-block' | 'lacks' | 'broken'

/**
 * Why an answer is no answer to rest on, or null. Codes: -32005 limit exceeded, -32601 method not found (EIP-1474);
 * -32001 resource not found. The wordings are those of geth, reth, Nethermind, Erigon and anvil.
 */
function unusable(call: RpcCall, answer: RpcAnswer): Problem | null {
  if (answer.ok) {
    if (answer.result === null && call.method.startsWith('eth_getBlockBy')) return 'unknown-block'
    return isReadable(call.method, answer.result) ? null : 'broken'
  }
  if (answer.code === 3) return null
  const { code, message } = answer
  if (
    code === -32005 ||
    code === 429 ||
    /rate.?limit|too many requests|capacity|throttl|exceeded.*(quota|limit)/i.test(message)
  )
    return 'rate-limit'
  if (
    code === -32601 ||
    /method .*(not found|not available|not supported|does not exist|disabled)|unsupported method/i.test(message)
  )
    return 'lacks'
  if (
    code === -32001 ||
    /(block|header|resource) (is )?not found|unknown block|missing trie node|state .*not available|pruned/i.test(
      message,
    )
  )
    return 'unknown-block'
  return null
}

/** Values that decide something must have the shape of values: half an answer is none. */
function isReadable(method: string, result: unknown): boolean {
  switch (method) {
    case 'eth_getBalance':
    case 'eth_getTransactionCount':
    case 'eth_chainId':
      return isQuantity(result)
    case 'eth_getCode':
    case 'eth_call':
      return typeof result === 'string' && /^0x(?:[0-9a-f]{2})*$/i.test(result)
    case 'eth_getStorageAt':
      return typeof result === 'string' && /^0x[0-9a-f]{1,64}$/i.test(result)
    case 'eth_getBlockByNumber':
    case 'eth_getBlockByHash':
      return typeof (result as { hash?: unknown }).hash === 'string'
    default:
      return true
  }
}

function isQuantity(value: unknown): value is Hex.Hex {
  return typeof value === 'string' && /^0x[0-9a-f]{1,64}$/i.test(value)
}

function isPinned(call: RpcCall): boolean {
  const at = BLOCK_PARAMETER[call.method]
  if (at === undefined) return true
  const params = 'json' in call.params ? (JSON.parse(call.params.json) as unknown[]) : call.params
  return typeof (params[at] as { blockHash?: unknown } | undefined)?.blockHash === 'string'
}

function isNewestBlock(call: RpcCall): boolean {
  return call.method === 'eth_getBlockByNumber' && !('json' in call.params) && call.params[0] === 'latest'
}

function numberOf(answer: RpcAnswer): bigint | null {
  const number = answer.ok ? (answer.result as { number?: unknown } | null)?.number : null
  return isQuantity(number) ? BigInt(number) : null
}

/** Whether two answers say the same, letter case and leading zeros aside. Wordings of errors differ and say nothing. */
function isEqualAnswer(method: string, a: RpcAnswer, b: RpcAnswer): boolean {
  if (!a.ok || !b.ok) {
    if (a.ok || b.ok) return false
    return (a.code === 3) === (b.code === 3) && (a.code !== 3 || said(a.data) === said(b.data))
  }
  return canonical(method, a.result) === canonical(method, b.result)
}

const said = (data: unknown): string => (typeof data === 'string' ? data.toLowerCase() : '')

/** The one spelling of a result. Of blocks and simulated blocks, only what the chain decides; nodes add the rest. */
function canonical(method: string, result: unknown): string {
  switch (method) {
    case 'eth_getBalance':
    case 'eth_getTransactionCount':
    case 'eth_chainId':
    case 'eth_getStorageAt':
      return BigInt(result as string).toString(16)
    case 'eth_getBlockByNumber':
    case 'eth_getBlockByHash':
      return JSON.stringify(HEADER_FIELDS.map((field) => spelled((result as Record<string, unknown> | null)?.[field])))
    case 'eth_simulateV1':
      return JSON.stringify(
        (result as { calls?: Record<string, unknown>[] }[]).map(({ calls }) =>
          (calls ?? []).map(({ status, gasUsed, returnData, logs }) => [
            spelled(status),
            spelled(gasUsed),
            spelled(returnData),
            ((logs ?? []) as { address: string; topics: string[]; data: string }[]).map(({ address, topics, data }) =>
              [address, ...topics, data].map((part) => part.toLowerCase()),
            ),
          ]),
        ),
      )
    default:
      return JSON.stringify(result).toLowerCase()
  }
}

/** All that a simulation takes from a header, and the hash, which stands for the rest. */
const HEADER_FIELDS = [
  'hash',
  'parentHash',
  'number',
  'stateRoot',
  'timestamp',
  'miner',
  'mixHash',
  'baseFeePerGas',
  'gasLimit',
  'gasUsed',
] as const

function spelled(value: unknown): string | null {
  return typeof value === 'string' ? value.toLowerCase().replace(/^0x0+(?=.)/, '0x') : null
}

function isRateLimit(error: unknown): boolean {
  if (error instanceof UnusableAnswerError) return error.problem === 'rate-limit'
  return error instanceof UpstreamError && error.cause instanceof HttpStatusError && error.cause.status === 429
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal })
}

function isExpected(error: unknown): boolean {
  return error instanceof BaseError
}

/** An answer came, but not one to rest on. */
class UnusableAnswerError extends UpstreamError {
  readonly problem: Problem
  readonly answers: RpcAnswer[]
  constructor(provider: { url: string }, method: string, problem: Problem, answers: RpcAnswer[]) {
    super(provider.url, new Error(`${method}: ${problem}`))
    this.problem = problem
    this.answers = answers
  }
}

/** Two providers tell different things about the same block: one of them is wrong, and nothing may be signed. */
export class UpstreamDisagreementError extends BaseError {
  override readonly name = 'simulator.UpstreamDisagreementError'
  constructor(method: string, firstUrl: string, secondUrl: string) {
    super(`The RPC providers ${Redacted.url(firstUrl)} and ${Redacted.url(secondUrl)} disagree about ${method}.`, {
      code: 'simulation:upstream:disagreement',
      kind: 'upstream',
      hint: 'One of them is wrong or lies. Nothing was simulated and nothing may be signed: find out which, and replace it.',
    })
  }
}

export class QuorumError extends BaseError {
  override readonly name = 'simulator.QuorumError'
  constructor() {
    super('Two providers must agree, but two different hosts were not given.', {
      code: 'simulation:upstream:quorum',
      kind: 'invalid',
      hint: 'Name a second provider at another host (--fallback-rpc-url), or leave out --quorum 2.',
    })
  }
}
