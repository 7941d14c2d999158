import { request as requestHttp, type RequestOptions } from 'node:http'
import { Json } from '@countersign/base'
import { unjudged } from '../GuardRefusedError.ts'

export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

const MAX_ANSWER_BYTES = 16 * 1024 * 1024

/**
 * One request to a server, by `node:http`: it loads in a fraction of the time of `fetch`, which counts where a program is
 * started for each signature. Redirects are not followed.
 *
 * @param server - `http(s)://…`, or `unix:PATH`.
 * @throws {GuardRefusedError} −32003 when there is no answer that can be read.
 */
export async function askServer(
  { server, key }: { readonly server: string; readonly key: string },
  {
    method,
    path,
    body,
    timeoutMs,
  }: { readonly method: string; readonly path: string; readonly body?: unknown; readonly timeoutMs: number },
): Promise<Answer> {
  try {
    const { status, text } = await exchange(server, {
      method,
      path,
      key,
      timeoutMs,
      text: body === undefined ? null : JSON.stringify(body),
    })
    const answer: unknown = Json.parse(text)
    if (typeof answer === 'object' && answer !== null && !Array.isArray(answer))
      return { status, body: answer as Answer['body'] }
  } catch {
    // No answer, or none that can be read.
  }
  throw unjudged('Countersign cannot be reached')
}

async function exchange(
  server: string,
  {
    method,
    path,
    key,
    text,
    timeoutMs,
  }: {
    readonly method: string
    readonly path: string
    readonly key: string
    readonly text: string | null
    readonly timeoutMs: number
  },
): Promise<{ readonly status: number; readonly text: string }> {
  const isSocket = server.startsWith('unix:')
  const url = isSocket ? null : new URL(`${server}${path}`)
  const request = url?.protocol === 'https:' ? (await import('node:https')).request : requestHttp
  const place =
    url === null
      ? { socketPath: server.slice(5), path, host: 'localhost' }
      : { host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port, path: `${url.pathname}${url.search}` }
  const headers = {
    ...{ 'x-api-key': key, connection: 'close' },
    ...(text === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
  }
  return send(request, { ...place, method, headers, agent: false }, { text, timeoutMs })
}

/** Sends it and reads the whole answer; nothing is awaited before the listeners are there. */
function send(
  request: typeof requestHttp,
  options: RequestOptions,
  { text, timeoutMs }: { readonly text: string | null; readonly timeoutMs: number },
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      const pieces: Buffer[] = []
      let bytes = 0
      response.on('data', (piece: Buffer) => {
        bytes += piece.length
        if (bytes > MAX_ANSWER_BYTES) sent.destroy()
        pieces.push(piece)
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString() }))
      response.on('error', reject)
    })
    const timer = setTimeout(() => sent.destroy(new Error('no answer in time')), timeoutMs)
    sent.on('close', () => {
      clearTimeout(timer)
      reject(new Error('the connection ended'))
    })
    sent.on('error', reject)
    sent.end(text ?? undefined)
  })
}
