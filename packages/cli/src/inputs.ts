import { readFileSync } from 'node:fs'
import { Address, BaseError, Json } from '@countersign/base'
import type { Io } from './io.ts'
import { UsageError } from './UsageError.ts'

/** @throws {UsageError} naming the path and what is wrong with it. */
export function readFile(path: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw fileFault(path, error)
  }
  if (text.trim() === '') throw new UsageError(`The file ${path} is empty.`, 'Check the path, and what wrote the file.')
  return text
}

/** A system's error about a path, as a sentence. */
export function fileFault(path: string, error: unknown): BaseError {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return new UsageError(`There is no file ${path}.`, 'Check the path.')
    case 'EISDIR':
      return new UsageError(`${path} is a directory, not a file.`, 'Name a file in it.')
    case 'ENOTDIR':
      return new UsageError(`${path} leads through a file.`, 'Check the path.')
    default:
      return new UsageError(`The file ${path} cannot be read.`, 'Check its permissions.')
  }
}

/**
 * JSON of an option.
 *
 * @param where - What the text is, to begin a sentence with.
 * @throws {UsageError} naming the place, with a hint for that place.
 */
export function readJson(text: string, where: string, hint: string): unknown {
  try {
    return Json.parse(text)
  } catch (error) {
    if (error instanceof Json.DuplicateFieldError)
      throw new UsageError(`${where}: ${error.message.replace(/^A/, 'a')}`, 'Give each field once.')
    throw new UsageError(`${where} is not JSON.`, hint)
  }
}

/** A file that holds JSON. */
export function readJsonFile(path: string): unknown {
  return readJson(readFile(path), `The file ${path}`, 'Check that it is the right file, and whole.')
}

/** The value of an option that is an address. */
export function readAddress(option: string, text: string): Address.Address {
  try {
    return Address.parse(text)
  } catch (error) {
    if (error instanceof BaseError) throw new UsageError(`${option}: ${error.message}`, error.hint)
    throw error
  }
}

/** @throws {UsageError} naming the option: of a provider's URL nothing is repeated, because it may hold a key. */
export function readRpcUrl(option: string, text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text
  throw new UsageError(`${option} is not an http:// or https:// URL.`, `Give one such as http://127.0.0.1:8545.`)
}

/** The provider: the flag, or the environment's for the chain, or the environment's for any. */
export function rpcUrlOf(io: Io, flag: string | undefined, chainId: number | null): string {
  if (flag !== undefined) return readRpcUrl('--rpc-url', flag)
  for (const name of [...(chainId === null ? [] : [`COUNTERSIGN_RPC_${chainId}`]), 'COUNTERSIGN_RPC_URL']) {
    const url = io.env[name] ?? ''
    // As for the server, several may stand there; the first is the one.
    if (url !== '') return readRpcUrl(name, url.split(',')[0]?.trim() ?? '')
  }
  throw new UsageError(
    'There is no RPC URL to take the state from.',
    'Give --rpc-url https://…, or set COUNTERSIGN_RPC_URL.',
  )
}

/** How many providers must say the same. @throws {UsageError} when there are not as many. */
export function parseQuorum({
  quorum,
  fallbackRpcUrl,
}: {
  readonly quorum: string
  readonly fallbackRpcUrl: readonly string[]
}): 1 | 2 {
  if (quorum !== '1' && quorum !== '2') throw new UsageError('The quorum cannot be read.', 'Give 1 or 2.')
  if (quorum === '2' && fallbackRpcUrl.length === 0)
    throw new UsageError('A quorum of two needs two providers.', 'Give the second one with --fallback-rpc-url.')
  return quorum === '2' ? 2 : 1
}

/** For options that may be given several times. */
export function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value]
}

/** What to do about `--tx` that is not JSON. */
export const TX_HINT = 'Quote it for the shell: --tx \'{"to":"0x…"}\'.'

/** @throws {UsageError} */
export function parseChainId(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new UsageError('The chain id cannot be read.', 'Give a positive whole number.')
}
