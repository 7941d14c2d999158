import { BaseError } from '@countersign/base'

/** What a key may do in its app. */
export type Scope = 'read' | 'chat' | 'simulate' | 'propose' | 'guard' | 'audit' | 'admin'

export const SCOPES: Readonly<Record<Scope, string>> = {
  read: 'look at sessions, their state, streams and proposals, and at the models',
  chat: 'start and change sessions: send messages, answer for the wallet, commit and reject proposals',
  simulate: 'run simulations',
  propose: 'propose transactions, documents and messages to an account for its owner to answer; in no default set',
  guard: 'beside propose: get what is within every limit signed without the owner; in no default set',
  audit: 'read the audit record of the app',
  admin: 'manage the keys of the app; holds every other scope but propose and guard',
}

/** What a key is issued with unless told otherwise: everything an agent needs, nothing an operator does. */
export const DEFAULT_SCOPES: readonly Scope[] = ['read', 'chat', 'simulate']

/** What reaches for somebody's wallet is given by name: managing keys does not include it. */
const BY_NAME: readonly Scope[] = ['propose', 'guard']

/** Whether scopes allow something that needs one. */
export function allows(held: readonly Scope[], needed: Scope): boolean {
  return held.includes(needed) || (held.includes('admin') && !BY_NAME.includes(needed))
}

/**
 * Reads a list of scopes, in the order of `SCOPES`, without repeats.
 *
 * @throws {ScopeError} `keys:scope:unknown`.
 */
export function parse(names: readonly string[]): Scope[] {
  const unknown = names.find((name) => !Object.hasOwn(SCOPES, name))
  if (unknown !== undefined || names.length === 0) throw new ScopeError()
  return (Object.keys(SCOPES) as Scope[]).filter((scope) => names.includes(scope))
}

export class ScopeError extends BaseError {
  override readonly name = 'keys.ScopeError'
  constructor() {
    super('A scope is not known.', {
      code: 'keys:scope:unknown',
      kind: 'invalid',
      hint: `Use at least one of ${Object.keys(SCOPES).join(', ')}.`,
    })
  }
}
