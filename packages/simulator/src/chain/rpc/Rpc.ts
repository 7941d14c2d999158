import { BaseError, Redacted, type Hex } from '@countersign/base'
import { isBytes } from './answers.ts'

/** One JSON-RPC call. */
export interface RpcCall {
  readonly method: string
  /** The parameters, or their JSON where it was written already: state overrides are large and sent several times. */
  readonly params: readonly unknown[] | { readonly json: string }
}

/** The node's answer to one call. */
export type RpcAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: number; readonly message: string; readonly data: unknown }

/** A JSON-RPC endpoint that is asked in batches: one HTTP request, whatever the number of calls. */
export interface RpcEndpoint {
  batch(
    calls: readonly RpcCall[],
    options?: { signal?: AbortSignal; maxAnswerBytes?: number },
  ): Promise<readonly RpcAnswer[]>
  /** HTTP requests made so far. */
  readonly requests: number
  /** How many providers had to agree on each answer about state; one when absent. */
  readonly quorum?: 1 | 2
  close(): Promise<void>
}

/** A JSON-RPC batch as it is sent; ids are the places of the calls. */
export function writeCalls(calls: readonly RpcCall[]): string {
  return `[${calls
    .map(
      ({ method, params }, id) =>
        `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${'json' in params ? params.json : JSON.stringify(params)}}`,
    )
    .join(',')}]`
}

/**
 * The answers in the order of their calls, whatever order they came in. What a node says about a refusal is kept for
 * the log, without the provider's own URL and key.
 *
 * @throws {UpstreamError} when one is missing, came twice, or is neither a result nor an error.
 */
export function readAnswers(parsed: unknown, calls: readonly RpcCall[], url: string): RpcAnswer[] {
  const method = calls[0]?.method ?? null
  if (!Array.isArray(parsed)) throw new UpstreamError(url, 'no-batch', { method, cause: spokenOf(parsed, url) })
  const answers = new Map<unknown, WireAnswer>()
  for (const answer of parsed as unknown[]) {
    if (typeof answer !== 'object' || answer === null) throw new UpstreamError(url, 'unreadable', { method })
    const { id } = answer as WireAnswer
    // Two answers to one question: which of them is meant cannot be told.
    if (answers.has(id)) throw new UpstreamError(url, 'unreadable', { method })
    answers.set(id, answer as WireAnswer)
  }
  return calls.map((call, id): RpcAnswer => {
    const answer = answers.get(id)
    if (answer === undefined) throw new UpstreamError(url, 'unreadable', { method: call.method })
    const { error } = answer
    if (error === undefined || error === null) {
      if (answer.result === undefined) throw new UpstreamError(url, 'unreadable', { method: call.method })
      return { ok: true, result: answer.result }
    }
    if (typeof error !== 'object') throw new UpstreamError(url, 'unreadable', { method: call.method })
    const { code, message, data } = error
    return {
      ok: false,
      code: typeof code === 'number' && Number.isSafeInteger(code) ? code : 0,
      message: typeof message === 'string' ? withoutSecrets(message, url) : '',
      data: isBytes(data) ? data : null,
    }
  })
}

interface WireAnswer {
  readonly id?: unknown
  readonly result?: unknown
  readonly error?: { readonly code?: unknown; readonly message?: unknown; readonly data?: unknown } | null
}

/** What a provider said instead of answers, for the log alone. */
function spokenOf(parsed: unknown, url: string): Error | null {
  const said = (parsed as { error?: { message?: unknown } | null } | null)?.error?.message
  return typeof said === 'string' ? new Error(withoutSecrets(said, url)) : null
}

/** The longest text of a provider that a log line holds. */
const MAX_TEXT = 300

/** A provider's own words without what its URL keeps secret, on one line. For logs: people never see them. */
export function withoutSecrets(text: string, url: string): string {
  let clean = text.slice(0, 4_000)
  if (URL.canParse(url)) {
    const { username, password, pathname, searchParams } = new URL(url)
    const parts = [url, username, password, ...pathname.split('/'), ...searchParams.values()]
    for (const part of parts.filter(({ length }) => length >= 6).toSorted((a, b) => b.length - a.length))
      clean = clean.replaceAll(part, '[redacted]').replaceAll(decodeURIComponentSafely(part), '[redacted]')
  }
  return clean
    .replace(/\b(?:https?|wss?):\/\/\S+/gi, (found) => Redacted.url(found))
    .replace(/[^ -~]+/g, ' ')
    .slice(0, MAX_TEXT)
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The result of a call that must succeed. @throws {UpstreamError} */
export function expectResult<T>(answer: RpcAnswer | undefined, method: string, url = ''): T {
  if (answer?.ok === true) return answer.result as T
  if (answer === undefined) throw new UpstreamError(url, 'unreadable', { method })
  const fault = lacksMethod(answer) ? 'method' : 'refused'
  throw new UpstreamError(url, fault, { method, cause: new Error(`${answer.code}: ${answer.message}`) })
}

/** Whether an error says that the node has no such method: -32601 (EIP-1474), and wordings of those that use others. */
export function lacksMethod(answer: { readonly code: number; readonly message: string }): boolean {
  return (
    answer.code === -32601 ||
    /method .*(not found|not available|not supported|does not exist|disabled)|unsupported method/i.test(answer.message)
  )
}

/**
 * Whether an error of `eth_call` is the contract's own: 3 (ethereum/execution-apis), -32015 (Nethermind, OpenEthereum),
 * and wordings of those that use -32000.
 */
export function isRevert(answer: { readonly code: number; readonly message: string }): boolean {
  return answer.code === 3 || answer.code === -32015 || /execution reverted|^revert/i.test(answer.message)
}

/** Whether an error of `eth_call` says that the call ended without success, for whatever reason of the machine. */
export function isFailedCall(answer: { readonly code: number; readonly message: string }): boolean {
  return (
    isRevert(answer) ||
    /out of gas|invalid opcode|EVM error|stack (overflow|underflow|limit)|invalid jump|gas required exceeds|insufficient (funds|balance)/i.test(
      answer.message,
    )
  )
}

/** A number as JSON-RPC spells it; some tracers give nonces as plain numbers. @throws {UpstreamError} */
export function readQuantity(value: unknown, what: string): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value)
  if (typeof value !== 'string' || !/^0x[0-9a-f]{1,64}$/i.test(value)) throw malformed(what, value)
  return BigInt(value)
}

/** A 32-byte word, in full or without its leading zeros. @throws {UpstreamError} */
export function readWord(value: unknown, what: string): Hex.Hex {
  if (typeof value !== 'string' || !/^0x[0-9a-f]{1,64}$/i.test(value)) throw malformed(what, value)
  return `0x${value.slice(2).padStart(64, '0').toLowerCase()}`
}

/** Whole bytes, lower case. @throws {UpstreamError} */
export function readBytes(value: unknown, what: string): Hex.Hex {
  if (typeof value !== 'string' || value.length % 2 !== 0 || !/^0x[0-9a-f]*$/i.test(value)) throw malformed(what, value)
  return value.toLowerCase() as Hex.Hex
}

function malformed(what: string, value: unknown): UpstreamError {
  const spelled = typeof value === 'string' ? value : typeof value
  return new UpstreamError('', 'unreadable', { cause: new Error(`${what}: ${withoutSecrets(spelled, '')}`) })
}

/** Why there is no answer from a provider. */
export type Fault =
  | 'connection'
  | 'host'
  | 'timeout'
  | 'closed'
  | 'tls'
  | 'http'
  | 'redirect'
  | 'page'
  | 'not-json'
  | 'no-batch'
  | 'oversize'
  | 'unreadable'
  | 'method'
  | 'rate-limit'
  | 'block'
  | 'wrong-chain'
  | 'refused'
  | 'fewer'

/** What happened, and what to do about it. */
const SENTENCES: Readonly<Record<Fault, readonly [happened: string, hint: string]>> = {
  connection: ['the connection was refused', 'Check that the node is up and that the port is right.'],
  host: ['its host name was not found', 'Check the host name in the URL.'],
  timeout: ['it took too long', 'Check that the node is up and reachable from here, then try again.'],
  closed: ['the connection was closed', 'Try again; if it stays so, check the node and what is in front of it.'],
  tls: ['the TLS connection failed', 'Check the certificate, or whether the URL should begin with http://.'],
  http: ['it answered with an HTTP error', 'Check the path and the key in the URL.'],
  redirect: [
    'it answered with a redirect, which is not followed',
    'Use the URL that it redirects to, if you trust it.',
  ],
  page: ['it answered with a web page', 'Use the JSON-RPC URL of the provider, not the address of its website.'],
  'not-json': ['its answer is not JSON', 'Check that the URL is that of a JSON-RPC provider.'],
  'no-batch': ['it does not answer JSON-RPC batches', 'Use a provider that answers batches.'],
  oversize: ['its answer is too large', 'Check that the URL is that of a JSON-RPC provider.'],
  unreadable: ['its answer is not valid', 'Use another provider if it stays so.'],
  method: ['it does not offer this method', 'Use a provider that offers it.'],
  'rate-limit': ['it received too many requests', 'Wait, or raise the limit of this provider.'],
  block: ['it does not have the block', 'Use `latest` or a block that this node still has.'],
  'wrong-chain': ['it serves another chain', 'Use the URL of the right chain.'],
  refused: ['it refused', 'Look into the log for the reason, then try again.'],
  fewer: ['too few providers answer', 'Check that the providers are up, or name another one.'],
}

/** There is no answer from the provider; nothing was simulated, nothing may be signed. */
export class UpstreamError extends BaseError {
  override readonly name = 'simulator.UpstreamError'
  readonly fault: Fault
  readonly method: string | null

  /**
   * @param url - Only its origin is shown; empty when it is not known.
   * @param fault - Or what was thrown, from which it is told.
   */
  constructor(
    url: string,
    fault: Fault | Error,
    { method = null, cause = null }: { method?: string | null; cause?: unknown } = {},
  ) {
    const kind = typeof fault === 'string' ? fault : faultOf(fault)
    const [happened, hint] = SENTENCES[kind]
    const status = fault instanceof HttpStatusError ? ` (${fault.status})` : ''
    super(
      `The RPC provider${url === '' ? '' : ` ${Redacted.url(url)}`} did not answer${method === null ? '' : ` ${method}`}: ${happened}${status}.`,
      {
        code: 'simulation:upstream:unreachable',
        kind: 'upstream',
        hint,
        cause: typeof fault === 'string' ? cause : fault,
      },
    )
    this.fault = kind
    this.method = method
  }
}

/** Which fault it is, by what undici and Node throw. */
function faultOf(error: Error): Fault {
  if (error instanceof AnswerSizeError) return 'oversize'
  if (error instanceof HttpStatusError) return httpFault(error.status)
  if (error instanceof PageError) return 'page'
  if (error instanceof SyntaxError) return 'not-json'
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'timeout'
  const code = (error as { code?: string }).code ?? ''
  const inner = error instanceof AggregateError ? ((error.errors[0] as { code?: string } | undefined)?.code ?? '') : ''
  switch (code === '' ? inner : code) {
    case 'ECONNREFUSED':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return 'connection'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'host'
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return 'timeout'
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return 'closed'
  }
  if (/^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(code)) return 'tls'
  return code.startsWith('HPE_') || code.startsWith('UND_ERR_') ? 'not-json' : 'unreadable'
}

function httpFault(status: number): Fault {
  if (status === 429) return 'rate-limit'
  return status >= 300 && status < 400 ? 'redirect' : 'http'
}

export class ChainMismatchError extends BaseError {
  override readonly name = 'simulator.ChainMismatchError'
  constructor(url: string, expected: number, actual: number) {
    super(`The RPC provider ${Redacted.url(url)} serves chain ${actual}, not ${expected}.`, {
      code: 'simulation:chain:mismatch',
      kind: 'invalid',
      hint: 'Use the URL of the right chain, or correct the chain id.',
    })
  }
}

/** The answer is larger than any honest one. */
export class AnswerSizeError extends Error {
  override readonly name = 'simulator.AnswerSizeError'
  constructor(maxBytes: number) {
    super(`the answer is larger than ${maxBytes} bytes`)
  }
}

/** An HTTP status instead of answers. */
export class HttpStatusError extends Error {
  override readonly name = 'simulator.HttpStatusError'
  readonly status: number
  constructor(status: number) {
    super(`HTTP ${status}`)
    this.status = status
  }
}

/** A web page instead of answers. */
export class PageError extends Error {
  override readonly name = 'simulator.PageError'
}
