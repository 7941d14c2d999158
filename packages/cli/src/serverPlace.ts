import { Redacted } from '@countersign/base'
import { UsageError } from './UsageError.ts'

/** A Countersign server, and the key that opens it. */
export interface ServerPlace {
  /** Without a closing slash. */
  readonly url: string
  readonly key: Redacted.Redacted<string> | null
}

/** Where a key stands: what a program may do, or what an operator may do to an app. */
export type KeyVariable = 'COUNTERSIGN_API_KEY' | 'COUNTERSIGN_ADMIN_KEY'

/**
 * The server that a command speaks to: `--server`, otherwise `COUNTERSIGN_SERVER`; the key is in the environment, never an
 * argument, because arguments are shown to everybody on the machine. Null when none is named.
 *
 * @throws {UsageError}
 */
export function readServer(
  env: NodeJS.ProcessEnv,
  given: string | undefined,
  keyVariable: KeyVariable = 'COUNTERSIGN_API_KEY',
): ServerPlace | null {
  const text = given ?? env['COUNTERSIGN_SERVER'] ?? ''
  if (text === '') return null
  const name = given === undefined ? 'COUNTERSIGN_SERVER' : '--server'
  const hint = 'Write the address that the server printed at start, such as https://gateway.example.'
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new UsageError(`${name} is not an http or https URL.`, hint)
  const url = new URL(text)
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new UsageError(
      `${name} holds more than an address.`,
      `Give the key in ${keyVariable}, and nothing in the URL.`,
    )
  const key = env[keyVariable] ?? ''
  return { url: `${url.origin}${url.pathname}`.replace(/\/+$/, ''), key: key === '' ? null : Redacted.of(key) }
}
