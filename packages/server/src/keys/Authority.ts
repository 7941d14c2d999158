import type { LostWhy } from '../sessions/LostWhy.ts'
import * as AllowList from './AllowList.ts'
import { standingAt, type KeyRecord, type Quarantine } from './KeyRecord.ts'
import * as Scope from './Scope.ts'

/**
 * In whose name something was begun that lasts: a turn, a stream. Whatever it writes or hands out later asks whether
 * that still holds, in the same transaction or just before. All null is an id alone, or the runtime itself.
 */
export interface Authority {
  /** The key, and the address from which it was used. */
  readonly keyId: string | null
  readonly ip: string | null
  /** SHA-256 of the session token. */
  readonly token: string | null
  /** The browser that the cookie named. */
  readonly browser: string | null
  /** Whose the session was, and the wallet it worked for. */
  readonly owner: string | null
  readonly wallet: string | null
  /** The tools that the message holds its turn to; absent for all. */
  readonly tools?: readonly string[]
}

export const NO_AUTHORITY: Authority = {
  keyId: null,
  ip: null,
  token: null,
  browser: null,
  owner: null,
  wallet: null,
}

/** What the store says of a session and of the credentials of one authority, in one row. */
export interface AuthorityRow {
  /** Null when there is no such session. */
  readonly sid: string | null
  readonly created_ms: number
  readonly used_ms: number
  readonly turn_ended_ms: number | null
  readonly turn_id: string | null
  readonly owner: string
  readonly wallet_address: string | null
  readonly is_bound: number
  readonly ended_why: string | null
  readonly turn_authority: string | null
  readonly key_id: string | null
  readonly revoked_ms: number | null
  readonly expires_ms: number | null
  readonly not_after_ms: number | null
  readonly activate_by_ms: number | null
  readonly quarantine: string | null
  readonly scopes: string | null
  readonly networks: string | null
  readonly token_expires_ms: number | null
  readonly browser_id: string | null
  /** 1 when any key of the family that owns the session is live, or no key owns it. */
  readonly is_family_live: number
}

/**
 * The statement that answers an `AuthorityRow`. Parameters: the time, then the session, after what the three
 * credentials are compared with.
 */
function rowSql({ from, key, token, browser }: { from: string; key: string; token: string; browser: string }): string {
  return `select s.sid, s.created_ms, s.used_ms, s.turn_ended_ms, s.turn_id, s.owner, s.wallet_address, s.binding is not null as is_bound, s.ended_why,
    s.turn_authority, k.id as key_id, k.revoked_ms, k.expires_ms, k.not_after_ms, k.activate_by_ms, k.quarantine,
    k.scopes, k.networks, t.expires_ms as token_expires_ms, b.id as browser_id,
    s.owner not like 'key:%' or exists (
      select 1 from keys f where f.family = substr(s.owner, 5) and f.revoked_ms is null
      and (f.expires_ms is null or f.expires_ms > ?1) and (f.not_after_ms is null or f.not_after_ms > ?1)
      and (f.activate_by_ms is null or f.activate_by_ms > ?1)) as is_family_live
    from ${from}
    left join keys k on k.id = ${key}
    left join session_tokens t on t.digest = ${token} and t.kind = 'token' and t.sid = s.sid
    left join browsers b on b.id = ${browser}`
}

/** For an authority that is at hand: `[nowMs, sid, keyId, token, browser]`. One row, whether or not the session exists. */
export const ROW_OF_STREAM = rowSql({
  from: '(select 1) as one left join sessions s on s.sid = ?2',
  key: '?3',
  token: '?4',
  browser: '?5',
})

const inTurn = (field: string): string => `json_extract(s.turn_authority, '$.${field}')`
/** For the authority of the turn that runs: `[nowMs, sid]`. */
export const ROW_OF_TURN = rowSql({
  from: '(select * from sessions where sid = ?2) s',
  key: inTurn('keyId'),
  token: inTurn('token'),
  browser: inTurn('browser'),
})

/**
 * Why the authority does not hold any more, at `nowMs`; null while it does. An end that was written down counts, one
 * that only the clock says does not: a turn is not cut, and its answer may be read.
 */
export function lostWhy(
  authority: Authority,
  row: AuthorityRow,
  { nowMs, scope }: { nowMs: number; scope: Scope.Scope },
): LostWhy | null {
  if (row.ended_why !== null) return 'session'
  if (authority.owner !== null && authority.owner !== row.owner) return 'owner'
  if (authority.wallet !== null && row.wallet_address !== null && !isSame(authority.wallet, row.wallet_address))
    return 'wallet'
  if (authority.keyId !== null) {
    if (row.key_id === null || standingAt(standingOf(row), nowMs) !== 'active') return 'key'
    const level = row.quarantine === null ? null : (JSON.parse(row.quarantine) as Quarantine).level
    if (level === 'freeze' || (level === 'proof' && row.is_bound === 0)) return 'key'
    if (!Scope.allows(scopesIn(row.scopes ?? '[]'), scope)) return 'scope'
    if (authority.ip !== null && row.networks !== null && row.networks !== '[]') {
      const allowList = AllowList.compile(JSON.parse(row.networks) as string[])
      if (!AllowList.admits(allowList, authority.ip)) return 'network'
    }
  } else if (row.is_family_live === 0) return 'key'
  if (authority.token !== null && (row.token_expires_ms === null || nowMs >= row.token_expires_ms)) return 'token'
  if (authority.browser !== null && row.browser_id === null) return 'browser'
  return null
}

/** Few keys differ in what they may do, and an open stream asks at every event. */
const parsedScopes = new Map<string, readonly Scope.Scope[]>()

function scopesIn(text: string): readonly Scope.Scope[] {
  const known = parsedScopes.get(text)
  if (known !== undefined) return known
  const parsed = JSON.parse(text) as Scope.Scope[]
  if (parsedScopes.size < 100) parsedScopes.set(text, parsed)
  return parsed
}

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

function standingOf(row: AuthorityRow): KeyRecord {
  return {
    revokedMs: row.revoked_ms,
    expiresMs: row.expires_ms,
    notAfterMs: row.not_after_ms,
    activateByMs: row.activate_by_ms,
  } as KeyRecord
}
