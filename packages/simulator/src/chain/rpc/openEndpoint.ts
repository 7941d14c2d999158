import { Agent, request, type Dispatcher } from 'undici'
import {
  AnswerSizeError,
  HttpStatusError,
  PageError,
  readAnswers,
  UpstreamError,
  writeCalls,
  type RpcEndpoint,
} from './Rpc.ts'

/** The largest honest answer is the code and storage of a few dozen contracts. */
const MAX_ANSWER_BYTES = 64 * 2 ** 20

/**
 * Opens an endpoint. The URL may carry a provider's key: it never appears in an error.
 *
 * @param timeoutMs - For a whole HTTP request.
 * @param maxAnswerBytes - More than this is not read: an endless answer must not fill the memory.
 */
export function openEndpoint({
  url,
  timeoutMs,
  connections = 8,
  maxAnswerBytes = MAX_ANSWER_BYTES,
}: {
  url: string
  timeoutMs: number
  connections?: number
  maxAnswerBytes?: number
}): RpcEndpoint {
  const agent = new Agent({
    connections,
    pipelining: 1,
    keepAliveTimeout: 30_000,
    connect: { timeout: Math.min(timeoutMs, 5_000) },
  })
  let requests = 0

  async function post(
    body: string,
    { signal, maxBytes }: { signal: AbortSignal | undefined; maxBytes: number },
  ): Promise<unknown> {
    requests += 1
    const timeout = AbortSignal.timeout(timeoutMs)
    const response = await request(url, {
      method: 'POST',
      dispatcher: agent,
      headers: { 'content-type': 'application/json' },
      body,
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    })
    const { statusCode } = response
    // A redirect is not followed: where it leads to is not a provider that the operator named.
    if (statusCode >= 300 && statusCode < 400) {
      response.body.on('error', () => undefined).destroy()
      throw new HttpStatusError(statusCode)
    }
    const text = await readText(response.body, maxBytes)
    // An error page, or an error for the whole batch; a batch of answers counts whatever the status is.
    if (statusCode !== 200 && !text.startsWith('[')) throw new HttpStatusError(statusCode)
    if (/^\s*</.test(text)) throw new PageError('it is a web page')
    try {
      return JSON.parse(text)
    } catch {
      // The parser's own message quotes what it read.
      throw new SyntaxError('it is not JSON')
    }
  }

  return {
    get requests() {
      return requests
    },
    async batch(calls, options = {}) {
      if (calls.length === 0) return []
      const body = writeCalls(calls)
      const method = calls[0]?.method ?? null
      const bounds = { signal: options.signal, maxBytes: Math.min(options.maxAnswerBytes ?? Infinity, maxAnswerBytes) }
      let parsed: unknown
      try {
        parsed = await post(body, bounds)
      } catch (error) {
        // A kept-alive connection may have been closed by the other side just then; asking again is safe, because
        // what is asked here reads, or sends a transaction that counts once.
        if (!isResetConnection(error)) throw new UpstreamError(url, asError(error), { method })
        try {
          parsed = await post(body, bounds)
        } catch (again) {
          throw new UpstreamError(url, asError(again), { method })
        }
      }
      return readAnswers(parsed, calls, url)
    },
    close: () => agent.destroy(),
  }
}

async function readText(body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw new AnswerSizeError(maxBytes)
    chunks.push(chunk)
  }
  const [only] = chunks
  return chunks.length === 1 && only !== undefined ? only.toString('utf8') : Buffer.concat(chunks).toString('utf8')
}

function isResetConnection(error: unknown): boolean {
  const code = (error as { code?: string }).code ?? ''
  return code === 'ECONNRESET' || code === 'UND_ERR_SOCKET' || code === 'EPIPE'
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error('it failed'))
