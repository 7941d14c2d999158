import { Address, BaseError } from '@countersign/base'
import { createSiweMessage, parseSiweMessage } from 'viem/siwe'

/** How long a sign-in may take from nonce to signature, in milliseconds. */
export const SIGN_IN_MS = 5 * 60_000

/** What people read in their wallet. It says what the signature cannot do. */
export const STATEMENT = 'Signs you in to this conversation. It moves no funds and approves nothing.'

/** A message (ERC-4361) whose every field was read and is present. */
export interface Siwe {
  readonly address: Address.Address
  readonly domain: string
  readonly uri: string
  readonly chainId: number
  readonly nonce: string
  readonly issuedMs: number
  readonly expiresMs: number
  readonly notBeforeMs: number | null
}

/** What the message is held against. */
export interface Expected {
  /** Origins under which this app may ask for a signature: our own pages, and those that embed it. */
  readonly origins: readonly string[]
  readonly chainIds: readonly number[]
  readonly nowMs: number
}

/** Writes the message for a wallet to sign. */
export function write(fields: Omit<Siwe, 'notBeforeMs'>): string {
  return createSiweMessage({
    address: fields.address,
    domain: fields.domain,
    uri: fields.uri,
    chainId: fields.chainId,
    nonce: fields.nonce,
    version: '1',
    statement: STATEMENT,
    issuedAt: new Date(fields.issuedMs),
    expirationTime: new Date(fields.expiresMs),
  })
}

/**
 * Reads a signed message strictly. It must be, letter by letter, what its own fields spell: a text that reads one way
 * to a person and another to a parser is refused.
 *
 * @throws {SignInError} `signin:message:…`.
 */
export function read(text: string): Siwe {
  if (text.length > 4_096) throw new SignInError('unreadable')
  const fields = parseSiweMessage(text)
  const { address, domain, uri, chainId, nonce, version, issuedAt, expirationTime, notBefore } = fields
  if (
    address === undefined ||
    domain === undefined ||
    uri === undefined ||
    chainId === undefined ||
    nonce === undefined ||
    issuedAt === undefined
  )
    throw new SignInError('unreadable')
  if (version !== '1') throw new SignInError('version')
  if (expirationTime === undefined) throw new SignInError('endless')
  let again: string
  try {
    again = createSiweMessage({ ...fields, address, domain, uri, chainId, nonce, version, issuedAt, expirationTime })
  } catch {
    throw new SignInError('unreadable')
  }
  if (again !== text) throw new SignInError('unreadable')
  return {
    address: Address.parse(address),
    domain,
    uri,
    chainId,
    nonce,
    issuedMs: issuedAt.getTime(),
    expiresMs: expirationTime.getTime(),
    notBeforeMs: notBefore?.getTime() ?? null,
  }
}

/**
 * Holds a message against what was asked for. The nonce and the signature are checked elsewhere: they need the store
 * and the chain.
 *
 * @throws {SignInError} `signin:message:…`.
 */
export function check(siwe: Siwe, { origins, chainIds, nowMs }: Expected): void {
  const origin = origins.find((each) => new URL(each).host === siwe.domain)
  if (origin === undefined) throw new SignInError('domain')
  if (!URL.canParse(siwe.uri) || new URL(siwe.uri).origin !== origin) throw new SignInError('uri')
  if (!chainIds.includes(siwe.chainId)) throw new SignInError('chain')
  if (siwe.expiresMs <= nowMs || siwe.expiresMs > siwe.issuedMs + 24 * 3_600_000) throw new SignInError('expired')
  if (siwe.notBeforeMs !== null && siwe.notBeforeMs > nowMs) throw new SignInError('early')
  if (siwe.issuedMs > nowMs + 60_000 || siwe.issuedMs < nowMs - SIGN_IN_MS) throw new SignInError('expired')
}

type Why =
  'unreadable' | 'version' | 'endless' | 'domain' | 'uri' | 'chain' | 'expired' | 'early' | 'nonce' | 'signature'

const WORDS: Readonly<Record<Why, [string, string]>> = {
  unreadable: ['The sign-in message cannot be read.', 'Sign the message of POST /api/sign-in/nonce, unchanged.'],
  version: ['The sign-in message is of another version.', 'Version is 1 (ERC-4361).'],
  endless: ['The sign-in message does not expire.', 'Expiration Time is required.'],
  domain: [
    'The sign-in message is for another domain.',
    'Sign in from a page of this server or a registered origin; behind a proxy set COUNTERSIGN_PUBLIC_ORIGIN.',
  ],
  uri: ['The sign-in message names another URI.', 'The URI is on the same origin as the domain.'],
  chain: ['The sign-in message names a chain that is not served here.', 'Switch the wallet to a chain of /api/config.'],
  expired: ['The sign-in message has expired.', 'Ask for a new nonce and sign again.'],
  early: ['The sign-in message is not good yet.', 'Wait until its Not Before time.'],
  nonce: ['The nonce of the sign-in message is not known, or was used.', 'Ask for a new nonce and sign again.'],
  signature: ['The signature is not by the wallet in the message.', 'Sign with the account that the message names.'],
}

/** The sign-in was refused; nothing changed, except that a used nonce stays used. */
export class SignInError extends BaseError {
  override readonly name = 'signin.SignInError'
  constructor(why: Why) {
    const [message, hint] = WORDS[why]
    super(message, { code: `signin:message:${why}`, kind: 'refused', hint })
  }
}
