import { setTimeout as sleep } from 'node:timers/promises'
import { assert, BaseError, Redacted } from '@countersign/base'
import { askTwo, type Answered } from './agree.ts'
import { methodOf } from './methods.ts'
import {
  isExpected,
  isRateLimit,
  paramsOf,
  Provider,
  UnusableAnswerError,
  type ProviderHealth,
  type ProviderRequest,
  type ServedChain,
} from './Provider.ts'
import { UpstreamError, type RpcAnswer, type RpcCall, type RpcEndpoint } from './Rpc.ts'

export { UpstreamDisagreementError } from './agree.ts'
export type { ProviderHealth, ProviderRequest } from './Provider.ts'

/** Several providers behind one endpoint. */
export interface RpcPool extends RpcEndpoint {
  readonly quorum: 1 | 2
  /**
   * The answer to a call of a program's, at whatever block it names. Under a quorum of two, two providers agree on
   * everything of a block; prices, logs and what only waits come from one.
   */
  pass(call: RpcCall, options?: { signal?: AbortSignal }): Promise<RpcAnswer>
  /** What each provider that can be reached answers to a call that everyone is told. At least one. */
  tell(call: RpcCall, options?: { signal?: AbortSignal }): Promise<readonly RpcAnswer[]>
  /** How each provider fares. */
  health(): readonly ProviderHealth[]
}

export interface RpcPoolOptions {
  readonly urls: readonly [string, ...string[]]
  /** For one HTTP request to one provider. */
  readonly timeoutMs: number
  readonly quorum: 1 | 2
  /** The chain it must be; null: what the first provider that answers serves, and then all of them. */
  readonly chainId?: number | null
  /** Clock and randomness, for the back-offs. */
  readonly nowMs?: () => number
  readonly random?: () => number
  /** Told of each request to each provider: how long it took, and what came of it. */
  readonly onRequest?: (request: ProviderRequest) => void
}

/** How often all are asked again when all that is wrong is that we ask too much, and how long the first wait is. */
const RATE_LIMIT_ROUNDS = 3
const FIRST_WAIT_MS = 150

/**
 * Opens several providers as one endpoint: the only door to a chain.
 *
 * With `quorum: 1` a batch is answered by one provider, whole: the first in the order given that is well. The next one
 * is asked when there is no connection, HTTP 429 or 5xx, an unreadable answer, an unknown block or a method that it
 * lacks. State must be asked by block hash (EIP-1898), so two providers' blocks never mix, whoever answers.
 *
 * With `quorum: 2` every answer that something rests on is asked from two, and both must say the same (letter case and
 * leading zeros aside); `methods.ts` says how each method is asked. A method that is not there is refused.
 *
 * Whatever answers was asked which chain it serves, at first and after each failure.
 *
 * @throws {QuorumError} `simulation:upstream:quorum` when two must agree and two hosts are not given.
 */
export function openRpc(options: RpcPoolOptions): RpcPool {
  const { urls, timeoutMs, quorum } = options
  const timing = { nowMs: options.nowMs ?? Date.now, random: options.random ?? Math.random }
  if (quorum === 2 && new Set(urls.map(Redacted.url)).size < 2) throw new QuorumError()
  const chain: ServedChain = { id: options.chainId ?? null }
  const providers = urls.map((url) => new Provider(url, timeoutMs, chain, timing, options.onRequest))

  /** Who is asked, best first: those that have all methods, then the well, then in the order given. */
  function candidates(calls: readonly RpcCall[]): Provider[] {
    const rank = (provider: Provider): number => provider.rank(calls)
    return providers
      .filter((provider) => !provider.isWrongChain)
      .toSorted((a, b) => rank(a) - rank(b) || (rank(a) % 2 === 1 ? a.backOffUntilMs - b.backOffUntilMs : 0))
  }

  /**
   * The answers of the first `wanted` providers (on different hosts) that give usable ones. When none of them has a
   * method, or the block, the answer that says so is an answer.
   */
  async function ask(calls: readonly RpcCall[], wanted: 1 | 2, signal?: AbortSignal): Promise<Answered[]> {
    let problem: unknown = null
    for (let round = 0; round < RATE_LIMIT_ROUNDS; round += 1) {
      const got: Answered[] = []
      const partial: Answered[] = []
      const behind: Answered[] = []
      let isOnlyPassing = true
      let queue = candidates(calls)
      while (queue.length > 0 && got.length < wanted) {
        const next = nextOf(queue, got, wanted)
        if (next.length === 0) break
        queue = queue.filter((provider) => !next.includes(provider))
        const results = await Promise.allSettled(next.map((provider) => provider.ask(calls, signal)))
        if (signal?.aborted === true)
          throw new UpstreamError(next[0]?.url ?? '', 'timeout', { method: calls[0]?.method ?? null })
        for (const [i, result] of results.entries()) {
          const provider = next[i]
          assert(provider !== undefined, 'each result is of one provider')
          if (result.status === 'fulfilled') {
            ;(provider.lacksSome(calls) ? partial : got).push({ provider, answers: result.value })
            continue
          }
          if (!isExpected(result.reason)) throw result.reason
          problem = result.reason
          if (result.reason instanceof UnusableAnswerError && result.reason.problem === 'block') {
            behind.push({ provider, answers: result.reason.answers })
          } else if (!isRateLimit(result.reason)) isOnlyPassing = false
        }
      }
      if (got.length === wanted) return got
      // Too many requests passes, and so does being a block behind the other one.
      const isWorthAnother = isOnlyPassing && partial.length === 0 && (behind.length === 0 || got.length > 0)
      if (isWorthAnother && problem !== null && round + 1 < RATE_LIMIT_ROUNDS) {
        await pause(FIRST_WAIT_MS * 2 ** round * (0.5 + timing.random()), signal)
        continue
      }
      // None has it all: what they said (a method, or a block that is not there) is then the answer. A block that
      // one has and the other has not is not an answer.
      for (const one of [...partial, ...(got.length + partial.length === 0 ? behind : [])]) {
        if (got.length < wanted && !got.some(({ provider }) => provider.host === one.provider.host)) got.push(one)
      }
      if (got.length === wanted) return got
      break
    }
    if (problem instanceof BaseError) throw problem
    throw new UpstreamError('', 'fewer', { method: calls[0]?.method ?? null })
  }

  return {
    quorum,
    get requests() {
      return providers.reduce((sum, { requests }) => sum + requests, 0)
    },
    async batch(calls, { signal } = {}) {
      if (calls.length === 0) return []
      if (urls.length > 1) {
        for (const call of calls) assert(isPinned(call), 'with several providers, state is asked by block hash')
      }
      if (quorum === 2) return askTwo(ask, calls, signal)
      const [one] = await ask(calls, 1, signal)
      assert(one !== undefined, 'one was asked')
      return one.answers
    },
    async pass(call, { signal } = {}) {
      if (quorum === 2) {
        const pinned = await pinnedTo((calls) => askTwo(ask, calls, signal), call)
        if (pinned !== null) {
          const [agreed] = await askTwo(ask, [pinned], signal)
          assert(agreed !== undefined, 'two were asked one thing')
          return agreed
        }
      }
      const [one] = await ask([call], 1, signal)
      const answer = one?.answers[0]
      assert(answer !== undefined, 'one was asked one thing')
      return answer
    },
    async tell(call, { signal } = {}) {
      const results = await Promise.allSettled(
        candidates([call]).map(async (provider) => {
          // Bytes are for this chain alone: a provider says which one it serves before it gets them.
          await provider.confirmChain(signal)
          return provider.ask([call], signal)
        }),
      )
      const answers = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []))
      if (answers.length > 0) return answers
      const failed = results.find((result) => result.status === 'rejected')
      throw failed?.reason instanceof BaseError
        ? failed.reason
        : new UpstreamError('', 'fewer', { method: call.method, cause: failed?.reason })
    },
    health: () => providers.map((provider) => provider.health()),
    async close() {
      await Promise.all(providers.map((provider) => provider.close()))
    },
  }
}

/** The next to be asked: as many as are still wanted, each on a host of its own. */
function nextOf(queue: readonly Provider[], got: readonly Answered[], wanted: number): Provider[] {
  const taken = new Set(got.map(({ provider }) => provider.host))
  const next: Provider[] = []
  for (const provider of queue) {
    if (taken.has(provider.host) || next.length >= wanted - got.length) continue
    taken.add(provider.host)
    next.push(provider)
  }
  return next
}

/**
 * The same call at a block that two providers have, so that heads that differ for a moment are no disagreement; null for
 * what is not asked of two, such as prices, logs and everything of transactions that only wait.
 */
async function pinnedTo(
  askBoth: (calls: readonly RpcCall[]) => Promise<RpcAnswer[]>,
  call: RpcCall,
): Promise<RpcCall | null> {
  const row = methodOf(call.method)
  if (row === null || !['agree', 'newest', 'lagging'].includes(row.asked)) return null
  const params = [...paramsOf(call)]
  if (row.blockAt === undefined) return params[0] === 'pending' ? null : call
  const tag = params[row.blockAt] ?? 'latest'
  if (tag === 'pending') return null
  if (tag !== 'latest') return call
  const [newest] = await askBoth([{ method: 'eth_getBlockByNumber', params: ['latest', false] }])
  const blockHash = newest?.ok === true ? (newest.result as { hash?: unknown } | null)?.hash : undefined
  assert(typeof blockHash === 'string', 'two agreed on a block')
  params[row.blockAt] = { blockHash }
  return { ...call, params }
}

function isPinned(call: RpcCall): boolean {
  const at = methodOf(call.method)?.blockAt
  return at === undefined || typeof (paramsOf(call)[at] as { blockHash?: unknown } | undefined)?.blockHash === 'string'
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal })
  } catch {
    // Aborted: the next round says so.
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
