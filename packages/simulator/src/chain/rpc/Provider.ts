import { assert, BaseError, Redacted } from '@countersign/base'
import { isQuantity, UnreadableAnswer } from './answers.ts'
import { maxBytesOf, methodOf } from './methods.ts'
import { openEndpoint } from './openEndpoint.ts'
import {
  ChainMismatchError,
  lacksMethod,
  UpstreamError,
  type Fault,
  type RpcAnswer,
  type RpcCall,
  type RpcEndpoint,
} from './Rpc.ts'

/** A back-off doubles with each failure in a row: half a second to a minute. */
const FIRST_BACK_OFF_MS = 500
const LONGEST_BACK_OFF_MS = 60_000

/** Clock and randomness, for the back-offs. */
export interface Timing {
  readonly nowMs: () => number
  readonly random: () => number
}

/** The chain that all providers of a pool must serve; null until the first has answered. */
export interface ServedChain {
  id: number | null
}

/** One request to a provider, as an operator counts it. */
export interface ProviderRequest {
  /** The provider's origin: paths and queries carry keys. */
  readonly host: string
  /** Each method of the batch once; a method that we do not know is `other`. */
  readonly methods: readonly string[]
  /** From the question to the checked answer. Milliseconds. */
  readonly tookMs: number
  /** Why there is no answer to rest on; null when there is one. */
  readonly fault: Fault | null
}

/** How a provider fares. Origin only: paths and queries carry keys. */
export interface ProviderHealth {
  readonly host: string
  readonly requests: number
  /** Failures in a row; 0 when its last answer was usable. */
  readonly failures: number
  /** Skipped for now, because it failed. It is still asked when no other provider is left. */
  readonly isBackingOff: boolean
  /** It serves another chain than the others, so it is not asked again. */
  readonly isWrongChain: boolean
}

/** One provider: what it answers, checked, and how it fares. */
export class Provider {
  readonly url: string
  readonly host: string
  readonly #endpoint: RpcEndpoint
  readonly #timing: Timing
  readonly #chain: ServedChain
  readonly #onRequest: (request: ProviderRequest) => void
  #failures = 0
  #backOffUntilMs = 0
  /** Confirmed to serve the chain; null: not asked since it failed; false: it serves another one. */
  #isOurChain: boolean | null = null
  /** Methods it said it does not have. */
  readonly #lacks = new Set<string>()

  constructor(
    url: string,
    timeoutMs: number,
    chain: ServedChain,
    timing: Timing,
    onRequest: (request: ProviderRequest) => void = () => undefined,
  ) {
    this.#onRequest = onRequest
    this.url = url
    this.host = Redacted.url(url)
    this.#endpoint = openEndpoint({ url, timeoutMs })
    this.#chain = chain
    this.#timing = timing
  }

  get requests(): number {
    return this.#endpoint.requests
  }

  get backOffUntilMs(): number {
    return this.#backOffUntilMs
  }

  get isWrongChain(): boolean {
    return this.#isOurChain === false
  }

  lacksSome(calls: readonly RpcCall[]): boolean {
    return calls.some(({ method }) => this.#lacks.has(method))
  }

  /** 0: well and has all methods; more: asked later. */
  rank(calls: readonly RpcCall[]): number {
    return (this.lacksSome(calls) ? 2 : 0) + (this.#backOffUntilMs > this.#timing.nowMs() ? 1 : 0)
  }

  /**
   * Its answers to a whole batch: read, and without untrusted text. Remembers how it fared.
   *
   * @throws {UnusableAnswerError} when one of the answers is not one to rest on. {ChainMismatchError}; {UpstreamError}.
   */
  async ask(calls: readonly RpcCall[], signal?: AbortSignal): Promise<RpcAnswer[]> {
    const startMs = performance.now()
    const note = (fault: Fault | null): void => {
      const methods = new Set(calls.map(({ method }) => (methodOf(method) === null ? 'other' : method)))
      if (calls.length === 0) methods.add('eth_chainId')
      this.#onRequest({ host: this.host, methods: [...methods], tookMs: performance.now() - startMs, fault })
    }
    try {
      const answers = await this.#ask(calls, signal)
      note(null)
      return answers
    } catch (error) {
      // A request that we gave up ourselves says nothing of the provider.
      if (signal?.aborted !== true) note(faultOf(error))
      throw error
    }
  }

  async #ask(calls: readonly RpcCall[], signal: AbortSignal | undefined): Promise<RpcAnswer[]> {
    // After a start and after each failure it also says which chain it serves: another chain has blocks too.
    const isNew = this.#isOurChain !== true
    const asked = isNew ? [...calls, { method: 'eth_chainId', params: [] }] : calls
    let answers: RpcAnswer[]
    try {
      const options = { maxAnswerBytes: maxBytesOf(asked), ...(signal === undefined ? {} : { signal }) }
      answers = [...(await this.#endpoint.batch(asked, options))]
    } catch (error) {
      if (signal?.aborted !== true) this.#backOff()
      throw error
    }
    if (isNew) this.#confirmChain(answers.pop())
    const read = answers.map((answer, i): RpcAnswer => {
      const call = calls[i]
      assert(call !== undefined, 'an endpoint answers each call once')
      return readAnswer(call, answer)
    })
    for (const [i, answer] of read.entries()) {
      const call = calls[i]
      assert(call !== undefined, 'an endpoint answers each call once')
      const problem = unusable(call, answer)
      if (problem === null) continue
      if (problem === 'method') {
        this.#lacks.add(call.method)
        continue
      }
      // Lagging one block does not count as a failure.
      if (problem !== 'block') this.#backOff()
      throw new UnusableAnswerError(this.url, call.method, problem, read, answer)
    }
    this.#failures = 0
    this.#backOffUntilMs = 0
    return read
  }

  /** Asks which chain it serves, where that is not known. @throws {ChainMismatchError} {UpstreamError} */
  async confirmChain(signal?: AbortSignal): Promise<void> {
    if (this.#isOurChain !== true) await this.ask([], signal)
  }

  #confirmChain(answer: RpcAnswer | undefined): void {
    if (answer?.ok !== true || !isQuantity(answer.result) || BigInt(answer.result) > BigInt(Number.MAX_SAFE_INTEGER)) {
      this.#backOff()
      throw new UpstreamError(this.url, 'unreadable', { method: 'eth_chainId' })
    }
    const served = Number(BigInt(answer.result))
    this.#chain.id ??= served
    this.#isOurChain = served === this.#chain.id
    if (!this.#isOurChain) throw new ChainMismatchError(this.url, this.#chain.id, served)
  }

  #backOff(): void {
    this.#failures += 1
    const longest = Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (this.#failures - 1))
    this.#backOffUntilMs = this.#timing.nowMs() + longest * (0.5 + this.#timing.random() / 2)
    // What comes back may be another node.
    if (this.#isOurChain === true) this.#isOurChain = null
  }

  health(): ProviderHealth {
    return {
      host: this.host,
      requests: this.requests,
      failures: this.#failures,
      isBackingOff: this.#backOffUntilMs > this.#timing.nowMs(),
      isWrongChain: this.isWrongChain,
    }
  }

  close(): Promise<void> {
    return this.#endpoint.close()
  }
}

function faultOf(error: unknown): Fault {
  if (error instanceof UpstreamError) return error.fault
  return error instanceof ChainMismatchError ? 'wrong-chain' : 'unreadable'
}

/** A result of a known method, read; a method without a row keeps what came. */
function readAnswer(call: RpcCall, answer: RpcAnswer): RpcAnswer {
  const method = methodOf(call.method)
  if (!answer.ok || method === null) return answer
  try {
    return { ok: true, result: method.read(answer.result, paramsOf(call)) }
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error
    return { ok: false, code: UNREADABLE, message: error.message, data: null }
  }
}

/** Our own mark for a result that cannot be read; no node uses a code this large. */
const UNREADABLE = 2 ** 40

/** The parameters of a call, also where their JSON was written already. */
export function paramsOf(call: RpcCall): readonly unknown[] {
  return 'json' in call.params ? (JSON.parse(call.params.json) as unknown[]) : call.params
}

export type Problem = Extract<Fault, 'rate-limit' | 'block' | 'method' | 'unreadable'>

/**
 * Why an answer is not one to rest on, or null. Codes: -32005 limit exceeded, -32601 method not found (EIP-1474);
 * -32001 resource not found. The wordings are those of geth, reth, Nethermind, Erigon and anvil.
 */
export function unusable(call: RpcCall, answer: RpcAnswer): Problem | null {
  if (answer.ok) return answer.result === null && call.method.startsWith('eth_getBlockBy') ? 'block' : null
  const { code, message } = answer
  if (code === UNREADABLE) return 'unreadable'
  if (code === 3) return null
  if (
    code === -32005 ||
    code === 429 ||
    /rate.?limit|too many requests|capacity|throttl|exceeded.*(quota|limit)/i.test(message)
  )
    return 'rate-limit'
  if (lacksMethod(answer)) return 'method'
  if (
    code === -32001 ||
    /(block|header|resource) (is )?not found|unknown block|missing trie node|state .*not available|pruned/i.test(
      message,
    )
  )
    return 'block'
  return null
}

/** An answer came, but not one to rest on. */
export class UnusableAnswerError extends UpstreamError {
  readonly problem: Problem
  readonly answers: RpcAnswer[]
  constructor(url: string, method: string, problem: Problem, answers: RpcAnswer[], answer: RpcAnswer) {
    super(url, problem, { method, cause: answer.ok ? null : new Error(answer.message) })
    this.problem = problem
    this.answers = answers
  }
}

export function isRateLimit(error: unknown): boolean {
  return error instanceof UpstreamError && error.fault === 'rate-limit'
}

export function isExpected(error: unknown): boolean {
  return error instanceof BaseError
}
