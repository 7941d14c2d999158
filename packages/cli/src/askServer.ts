import { request as requestHttp, type RequestOptions } from 'node:http'
import { BaseError, Json, type ErrorKind } from '@countersign/base'
import { plainWords } from './plainWords.ts'
import { UsageError } from './UsageError.ts'

/** Longer than a simulation takes, and shorter than what waits for an answer is patient, in milliseconds. */
const TIMEOUT_MS = 4_000
const MAX_ANSWER_BYTES = 16 * 1024 * 1024
/** As much of the server's own words as is repeated. */
const MAX_SAID = 300

/**
 * Posts JSON to a running server: by `node:http` alone, because loading `fetch` takes longer than the whole call. No
 * redirect is followed, and what is not a JSON object with status 2xx is an error.
 *
 * @param server - `http(s)://…`, or `unix:PATH` for the socket that `serve` opens in its data directory.
 * @throws {UsageError} when the address is not accepted; {ServerError} when there is no usable answer.
 */
export async function askServer(
  server: string,
  { path, body, key }: { readonly path: string; readonly body: unknown; readonly key: string | null },
): Promise<Record<string, unknown>> {
  const { status, text } = await post(server, { path, text: JSON.stringify(body), key })
  let answer: unknown
  try {
    answer = Json.parse(text)
  } catch {
    answer = null
  }
  const fields =
    typeof answer === 'object' && answer !== null && !Array.isArray(answer) ? (answer as Record<string, unknown>) : null
  if (status >= 200 && status < 300 && fields !== null) return fields
  if (status >= 200 && status < 300) throw new ServerError('answered something else than JSON')
  const said = (field: 'error' | 'hint'): string => {
    const text = fields?.[field]
    return typeof text === 'string' ? plainWords(text, MAX_SAID) : ''
  }
  // The request was judged, and refused: what to do is the server's to say.
  const hint =
    status === 401 || status === 403
      ? 'Set COUNTERSIGN_API_KEY to a key with the scope "simulate".'
      : status < 500 && said('error') !== ''
        ? said('hint')
        : undefined
  throw new ServerError(`answered HTTP ${status}`, {
    said: said('error'),
    // Whoever scripts `simulate` tells by its exit code whether to mend the command or to try again (docs/packages.md).
    kind: status === 401 || status === 403 ? 'invalid' : 'upstream',
    ...(hint === undefined ? {} : { hint }),
  })
}

async function post(
  server: string,
  { path, text, key }: { readonly path: string; readonly text: string; readonly key: string | null },
): Promise<{ readonly status: number; readonly text: string }> {
  const { target, isTls } = targetOf(server, path)
  return send(isTls ? (await import('node:https')).request : requestHttp, { target, text, key })
}

/** Sends it and reads the whole answer; nothing is awaited before the listeners are there. */
function send(
  request: typeof requestHttp,
  {
    target,
    text,
    key,
  }: { readonly target: ReturnType<typeof targetOf>['target']; readonly text: string; readonly key: string | null },
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...target,
        method: 'POST',
        agent: false,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
          connection: 'close',
          ...(key === null ? {} : { 'x-api-key': key }),
        },
      },
      (response) => {
        const pieces: Buffer[] = []
        let bytes = 0
        response.on('data', (piece: Buffer) => {
          bytes += piece.length
          if (bytes > MAX_ANSWER_BYTES) sent.destroy(new Error('the answer is too long'))
          pieces.push(piece)
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString() }))
        response.on('error', () => reject(new ServerError('ended its answer early')))
      },
    )
    const timer = setTimeout(() => {
      reject(new ServerError(`did not answer within ${TIMEOUT_MS / 1000} s`))
      sent.destroy()
    }, TIMEOUT_MS)
    sent.on('close', () => clearTimeout(timer))
    sent.on('error', (error: NodeJS.ErrnoException) => reject(new ServerError(`cannot be reached${because(error)}`)))
    sent.end(text)
  })
}

function targetOf(server: string, path: string): { readonly target: RequestOptions; readonly isTls: boolean } {
  if (server.startsWith('unix:') && server.length > 5)
    return { target: { socketPath: server.slice(5), path, host: 'localhost' }, isTls: false }
  const url = URL.canParse(server) ? new URL(server) : null
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '' || url.hash !== '')
    // It may hold a key, so it is not repeated.
    throw new UsageError(
      'The address of the server is not valid.',
      'Give --server (or COUNTERSIGN_SERVER) http://127.0.0.1:8080, https://… or unix:PATH.',
    )
  const { hostname, port, pathname, protocol } = url
  return {
    target: {
      host: hostname.replace(/^\[|\]$/g, ''),
      ...(port === '' ? {} : { port }),
      path: `${pathname.replace(/\/+$/, '')}${path}`,
    },
    isTls: protocol === 'https:',
  }
}

function because({ code }: NodeJS.ErrnoException): string {
  return code === undefined ? '' : ` (${code})`
}

export class ServerError extends BaseError {
  override readonly name = 'cli.ServerError'
  constructor(
    what: string,
    {
      said = '',
      kind = 'upstream',
      hint = 'Check --server, and that the server runs.',
    }: { readonly said?: string; readonly kind?: ErrorKind; readonly hint?: string } = {},
  ) {
    super(`The server ${what}.${said === '' ? '' : ` ${said}`}`, {
      code: kind === 'upstream' ? 'cli:server:unreachable' : 'cli:server:refused',
      kind,
      hint: `Nothing was judged: do not sign. ${hint}`.trimEnd(),
    })
  }
}
