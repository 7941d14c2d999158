import { BaseError, Clock } from '@countersign/base'
import * as AllowList from './AllowList.ts'
import * as ApiKey from './ApiKey.ts'
import * as KeyRecord from './KeyRecord.ts'
import type { KeyTools } from './KeyTools.ts'
import type { KeyIndex } from './openKeyIndex.ts'
import { activateKey, rehashKey } from './rotateKey.ts'
import type { Scope } from './Scope.ts'

/** Who is calling: a key that was verified. */
export interface Caller {
  readonly keyId: string
  readonly app: string
  /** What sessions belong to: it survives a rotation. */
  readonly family: string
  readonly scopes: readonly Scope[]
  readonly key: KeyRecord.KeyRecord
}

export interface VerifyTools extends KeyTools {
  readonly index: KeyIndex
  /** Told what was presented in vain, for counters, the audit record and the anomaly detection. Never the key. */
  readonly onRefusal: (refusal: Refusal) => void
}

/** Why a presented key opened nothing. Outside, `shape`, `unknown`, `revoked`, `lapsed` and `canary` look alike. */
export interface Refusal {
  readonly reason: 'shape' | 'unknown' | 'revoked' | 'lapsed' | 'expired' | 'replaced' | 'canary' | 'network' | 'frozen'
  readonly ip: string
  readonly key: KeyRecord.KeyRecord | null
}

/**
 * Verifies a presented key. Shape and checksum are checked before anything is hashed or looked up; unknown,
 * malformed and revoked keys get the same answer. A key that waited for its first use becomes active here.
 *
 * Answers at once for a key that is remembered.
 *
 * @throws {KeyUnknownError} 401, {KeyEndedError} 401, {KeyNetworkError} 403, {KeyFrozenError} 403.
 */
export function verifyKey(tools: VerifyTools, { text, ip }: { text: string; ip: string }): Caller | Promise<Caller> {
  const parsed = ApiKey.parse(text)
  if (parsed === null) throw refuse(tools, { reason: 'shape', ip, key: null })
  const found = tools.index.find(text)
  if (found instanceof Promise) return found.then((key) => judge(tools, { key, app: parsed.app, text, ip }))
  return judge(tools, { key: found, app: parsed.app, text, ip })
}

function judge(
  tools: VerifyTools,
  { key, app, text, ip }: { key: KeyRecord.KeyRecord | null; app: string; text: string; ip: string },
): Caller | Promise<Caller> {
  if (key === null || key.app !== app) throw refuse(tools, { reason: 'unknown', ip, key: null })
  if (key.isCanary) throw refuse(tools, { reason: 'canary', ip, key })
  const standing = KeyRecord.standingAt(key, tools.clock.nowMs())
  if (standing !== 'active' && standing !== 'pending') throw refuse(tools, { reason: standing, ip, key })
  if (!AllowList.admits(key.allowList, ip)) throw refuse(tools, { reason: 'network', ip, key })
  if (key.quarantine?.level === 'freeze') throw refuse(tools, { reason: 'frozen', ip, key })
  if (standing === 'pending') {
    return activateKey(tools, { id: key.id }).then((activated) => {
      if (KeyRecord.standingAt(activated, tools.clock.nowMs()) !== 'active') {
        throw refuse(tools, { reason: 'lapsed', ip, key })
      }
      return toCaller(activated)
    })
  }
  if (key.pepperVersion !== tools.peppers.newest.version) {
    return rehashKey(tools, { id: key.id, text }).then(() => toCaller(key))
  }
  return toCaller(key)
}

function toCaller(key: KeyRecord.KeyRecord): Caller {
  return { keyId: key.id, app: key.app, family: key.family, scopes: key.scopes, key }
}

function refuse(tools: VerifyTools, refusal: Refusal): BaseError {
  tools.onRefusal(refusal)
  const { key } = refusal
  switch (refusal.reason) {
    case 'expired':
      return new KeyEndedError('expired', key, key?.expiresMs ?? null)
    case 'replaced':
      return new KeyEndedError('replaced', key, key?.notAfterMs ?? null)
    case 'network':
      return new KeyNetworkError()
    case 'frozen':
      return new KeyFrozenError(key)
    default:
      return new KeyUnknownError()
  }
}

/** An app that a caller names: a name that no app can have is not repeated. */
const named = (app: string): string => (ApiKey.APP_NAME.test(app) ? `The app "${app}"` : 'This app')

export class KeyUnknownError extends BaseError {
  override readonly name = 'keys.KeyUnknownError'
  constructor() {
    super('The API key is not valid.', {
      code: 'keys:key:unknown',
      kind: 'unknown-caller',
      hint: 'Check for a missing character, or ask the operator of this server for a new key.',
    })
  }
}

export class KeyEndedError extends BaseError {
  override readonly name = 'keys.KeyEndedError'
  constructor(how: 'expired' | 'replaced', key: KeyRecord.KeyRecord | null, endMs: number | null) {
    super(
      `Key ${key?.id ?? ''} ${how === 'expired' ? 'expired' : 'was replaced'}${endMs === null ? '' : ` at ${Clock.iso(endMs)}`}.`,
      {
        code: `keys:key:${how}`,
        kind: 'unknown-caller',
        hint: how === 'expired' ? 'Issue a new key.' : 'Use the key that replaced it.',
      },
    )
  }
}

export class KeyNetworkError extends BaseError {
  override readonly name = 'keys.KeyNetworkError'
  constructor() {
    super('This key may not be used from this address.', {
      code: 'keys:network:refused',
      kind: 'refused',
      hint: 'Call from a network that the key lists, or ask an operator to add this one to the key.',
    })
  }
}

export class KeyFrozenError extends BaseError {
  override readonly name = 'keys.KeyFrozenError'
  constructor(key: KeyRecord.KeyRecord | null) {
    super(`Key ${key?.id ?? ''} is frozen.`, {
      code: 'keys:key:frozen',
      kind: 'refused',
      hint: 'Ask the operator of this server to look at the reason and release the key.',
    })
  }
}

export class KeyAbsentError extends BaseError {
  override readonly name = 'keys.KeyAbsentError'
  /** @param app - Null where the route itself asks for a key. */
  constructor(app: string | null) {
    super(app === null ? 'This route needs an API key.' : `${named(app)} needs an API key.`, {
      code: 'keys:key:absent',
      kind: 'unknown-caller',
      hint: 'Send the key in the AOMI-APP-KEY header (X-API-Key works too).',
    })
  }
}

export class KeyWrongAppError extends BaseError {
  override readonly name = 'keys.KeyWrongAppError'
  constructor(app: string) {
    super(`This key does not open ${named(app).replace(/^T/, 't')}.`, {
      code: 'keys:app:refused',
      kind: 'refused',
      hint: 'Use a key that was issued for this app, or name the app that the key belongs to.',
    })
  }
}

/** A key that is bound to one account names another. */
export class OwnerRefusedError extends BaseError {
  override readonly name = 'keys.OwnerRefusedError'
  constructor(owner: string) {
    super(`This key proposes to ${owner} alone.`, {
      code: 'keys:owner:refused',
      kind: 'refused',
      hint: 'Name that account, or use a key without an owner.',
    })
  }
}

export class ScopeRefusedError extends BaseError {
  override readonly name = 'keys.ScopeRefusedError'
  constructor(scope: Scope) {
    super(`This key does not have the scope "${scope}".`, {
      code: 'keys:scope:refused',
      kind: 'refused',
      hint: 'Use a key that has it, or ask an operator to add the scope to this key.',
    })
  }
}

export class KeyHeldError extends BaseError {
  override readonly name = 'keys.KeyHeldError'
  constructor(keyId: string) {
    super(`Key ${keyId} is held to proof of possession.`, {
      code: 'keys:key:held',
      kind: 'refused',
      hint: 'Use it with sessions that are bound to a proof, or ask the operator of this server to release the key.',
    })
  }
}
