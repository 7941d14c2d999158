import { Agent, request, type Dispatcher } from 'undici'
import { AnswerSizeError, HttpStatusError, readAnswers, UpstreamError, writeCalls, type RpcEndpoint } from './Rpc.ts'

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

  async function post(body: string, signal: AbortSignal | undefined): Promise<unknown> {
    requests += 1
    const timeout = AbortSignal.timeout(timeoutMs)
    const response = await request(url, {
      method: 'POST',
      dispatcher: agent,
      headers: { 'content-type': 'application/json' },
      body,
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    })
    const text = await readText(response.body, maxAnswerBytes)
    // An error page, or an error for the whole batch; a batch of answers counts whatever the status is.
    if (response.statusCode !== 200 && !text.startsWith('[')) throw new HttpStatusError(response.statusCode)
    return JSON.parse(text)
  }

  return {
    get requests() {
      return requests
    },
    async batch(calls, options = {}) {
      if (calls.length === 0) return []
      const body = writeCalls(calls)
      let parsed: unknown
      try {
        parsed = await post(body, options.signal)
      } catch (error) {
        // A kept-alive connection may have been closed by the other side just then; asking again is safe, because
        // everything asked here only reads.
        if (!isResetConnection(error)) throw new UpstreamError(url, error)
        try {
          parsed = await post(body, options.signal)
        } catch (again) {
          throw new UpstreamError(url, again)
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
