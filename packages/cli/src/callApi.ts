import { BaseError, Json, Redacted } from '@countersign/base'
import { answerKind } from './answerKind.ts'
import { plainWords } from './plainWords.ts'
import { readServer, type KeyVariable } from './serverPlace.ts'
import { UsageError } from './UsageError.ts'

/** Longer than a freeze waits for the last instance, in milliseconds. */
const TIMEOUT_MS = 60_000

export type CallApi = (
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  body?: unknown,
) => Promise<{ readonly status: number; readonly body: unknown }>

/** Where a server is that runs with its defaults. */
const LOCAL_SERVER = 'http://127.0.0.1:8080'

/**
 * Speaks to a running server, by default this machine's, with an admin key of an app from `COUNTERSIGN_ADMIN_KEY`.
 *
 * @throws {UsageError} without a key. The call throws {ApiRefusedError}.
 */
export const adminApiOf = (env: NodeJS.ProcessEnv, server: string | undefined): CallApi =>
  apiOf(env, server ?? (env['COUNTERSIGN_SERVER'] || LOCAL_SERVER), 'COUNTERSIGN_ADMIN_KEY')

/**
 * Speaks to a running server with the key of `COUNTERSIGN_API_KEY`.
 *
 * @throws {UsageError} where no server or key is named. The call throws {ApiRefusedError} for every other answer than 2xx.
 */
export function apiOf(
  env: NodeJS.ProcessEnv,
  server: string | undefined,
  keyVariable: KeyVariable = 'COUNTERSIGN_API_KEY',
): CallApi {
  const place = readServer(env, server, keyVariable)
  if (place === null) throw new UsageError('There is no server.', 'Give --server URL, or COUNTERSIGN_SERVER.')
  const { url, key } = place
  if (key === null) throw new UsageError('There is no API key.', `Set ${keyVariable}.`)
  return async (method, path, body) => {
    let response: Response
    let text: string
    try {
      response = await fetch(`${url}${path}`, {
        method,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          'x-api-key': Redacted.reveal(key),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      text = await response.text()
    } catch {
      throw new ApiRefusedError(0, null)
    }
    const answer = text === '' ? null : readAnswer(text)
    // An answer that cannot be read is none: a proxy's page with status 200, for one.
    if (!response.ok || answer === undefined) throw new ApiRefusedError(response.status, answer)
    return { status: response.status, body: answer }
  }
}

function readAnswer(text: string): unknown {
  try {
    return Json.parse(text)
  } catch {
    return undefined
  }
}

/** What the server refused, in its own words, without what moves a terminal's cursor. */
export class ApiRefusedError extends BaseError {
  override readonly name = 'cli.ApiRefusedError'
  /** The status of the answer; 0 where there was none. */
  readonly status: number
  /** What the server answered, where it was JSON. */
  readonly answer: unknown
  constructor(status: number, answer: unknown) {
    const { error, hint } = (answer ?? {}) as { error?: unknown; hint?: unknown }
    const plain = (text: unknown, otherwise: string): string =>
      typeof text === 'string' ? plainWords(text, 500) : otherwise
    super(
      plain(
        error,
        status === 0
          ? 'The server cannot be reached.'
          : `The server answered HTTP ${status}${answer === undefined ? ' and no JSON' : ''}.`,
      ),
      {
        code: 'cli:server:refused',
        kind: answerKind(status, answer !== undefined),
        hint: plain(hint, 'Check --server and the key, and that the server runs.'),
      },
    )
    this.status = status
    this.answer = answer
  }
}
