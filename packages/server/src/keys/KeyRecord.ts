import type { BlockList } from 'node:net'
import { Address, Clock } from '@countersign/base'
import type { Window } from '../limits/Gcra.ts'
import * as AllowList from './AllowList.ts'
import * as KeyLimit from '../limits/KeyLimit.ts'
import type { KeyTables } from './KeyTables.ts'
import type { Scope } from './Scope.ts'

/** How hard a key is held back: a tenth of its limits; only with proof of possession; not at all. */
export type QuarantineLevel = 'throttle' | 'proof' | 'freeze'

export interface Quarantine {
  readonly level: QuarantineLevel
  readonly sinceMs: number
  /** What was seen, in words and numbers. */
  readonly evidence: readonly string[]
}

/** A stored key, without its secret. Everything about time is decided at each use, never when it was read. */
export interface KeyRecord {
  readonly id: string
  readonly app: string
  readonly label: string
  readonly family: string
  readonly generation: number
  readonly digest: string
  readonly pepperVersion: number
  readonly last4: string
  readonly scopes: readonly Scope[]
  readonly networks: readonly string[]
  readonly allowList: BlockList | null
  /** The tools that its turns are held to; null for all of the app. */
  readonly tools: readonly string[] | null
  /** The one account that it may propose to; null for any. */
  readonly owner: Address.Address | null
  readonly limits: readonly Window[]
  /** JSON: what its proposals are held to; null for nothing. */
  readonly guards: string | null
  readonly createdMs: number
  readonly expiresMs: number | null
  readonly notAfterMs: number | null
  readonly activateByMs: number | null
  readonly overlapMs: number | null
  readonly replaces: string | null
  readonly revokedMs: number | null
  readonly revokedReason: string | null
  readonly exposedMs: number | null
  readonly quarantine: Quarantine | null
  readonly releasedMs: number | null
  readonly isCanary: boolean
  readonly lastUsedMs: number | null
}

/**
 * What a key is at a moment. `pending`: it waits for its first use. `replaced`: its overlap is over. `lapsed`: it was
 * never used in time, so the rotation did not happen.
 */
export type Standing = 'active' | 'pending' | 'replaced' | 'expired' | 'lapsed' | 'revoked'

export function fromRow(row: KeyTables['keys']): KeyRecord {
  const networks = JSON.parse(row.networks) as string[]
  const quarantine = row.quarantine === null ? null : (JSON.parse(row.quarantine) as Quarantine)
  return {
    id: row.id,
    app: row.app,
    label: row.label,
    family: row.family,
    generation: row.generation,
    digest: row.digest,
    pepperVersion: row.pepper_version,
    last4: row.last4,
    scopes: JSON.parse(row.scopes) as Scope[],
    networks,
    allowList: AllowList.compile(networks),
    tools: row.tools === null ? null : (JSON.parse(row.tools) as string[]),
    owner: row.owner === null ? null : Address.parse(row.owner),
    limits: JSON.parse(row.limits) as Window[],
    guards: row.guards,
    createdMs: row.created_ms,
    expiresMs: row.expires_ms,
    notAfterMs: row.not_after_ms,
    activateByMs: row.activate_by_ms,
    overlapMs: row.overlap_ms,
    replaces: row.replaces,
    revokedMs: row.revoked_ms,
    revokedReason: row.revoked_reason,
    exposedMs: row.exposed_ms,
    quarantine,
    releasedMs: row.released_ms,
    isCanary: row.canary === 1,
    lastUsedMs: row.last_used_ms,
  }
}

/** What the key is now. Every end is exclusive: at `expires_ms` it is over, one millisecond before it is not. */
export function standingAt(key: KeyRecord, nowMs: number): Standing {
  if (key.revokedMs !== null) return 'revoked'
  if (key.expiresMs !== null && nowMs >= key.expiresMs) return 'expired'
  if (key.notAfterMs !== null && nowMs >= key.notAfterMs) return 'replaced'
  if (key.activateByMs === null) return 'active'
  return nowMs < key.activateByMs ? 'pending' : 'lapsed'
}

/** The earlier of two ends, where null is no end. */
export function earlier(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b
  return Math.min(a, b)
}

/** How long a mistaken revocation can be taken back, in milliseconds (Paddle gives the same hour). */
export const UNDO_MS = 3_600_000

/** Why a revocation cannot be taken back; null when it can. */
export function undoRefusal(key: KeyRecord, nowMs: number): 'not-revoked' | 'exposed' | 'too-late' | null {
  if (key.revokedMs === null) return 'not-revoked'
  if (key.exposedMs !== null) return 'exposed'
  return nowMs - key.revokedMs < UNDO_MS ? null : 'too-late'
}

/** Ages, in days, at which a key asks to be rotated: before 90 days, at 90, and daily after (Aomi's advice is 90). */
const REMINDER_DAYS: readonly number[] = [76, 83, 89, 90]

/** The age in whole days for which a reminder is due, given the last one that was written; null when none is. */
export function reminderDue(key: Pick<KeyRecord, 'createdMs'>, remindedDay: number, nowMs: number): number | null {
  const days = Math.floor((nowMs - key.createdMs) / 86_400_000)
  const due = days > 90 ? days : (REMINDER_DAYS.findLast((day) => day <= days) ?? 0)
  return due > remindedDay ? due : null
}

/** The key as people and programs see it: no digest, no secret. */
export function toWire(key: KeyRecord, nowMs: number): Record<string, unknown> {
  const iso = (ms: number | null): string | null => (ms === null ? null : Clock.iso(ms))
  const ageDays = Math.floor((nowMs - key.createdMs) / 86_400_000)
  return {
    id: key.id,
    app: key.app,
    label: key.label,
    standing: standingAt(key, nowMs),
    last4: key.last4,
    family: key.family,
    generation: key.generation,
    scopes: key.scopes,
    networks: key.networks,
    tools: key.tools,
    owner: key.owner,
    limits: key.limits.map(KeyLimit.format),
    guards: key.guards === null ? [] : (JSON.parse(key.guards) as unknown[]),
    created_at: Clock.iso(key.createdMs),
    age_days: ageDays,
    rotation_due: ageDays >= 76 && standingAt(key, nowMs) === 'active',
    expires_at: iso(key.expiresMs),
    not_after: iso(key.notAfterMs),
    activate_by: iso(key.activateByMs),
    replaces: key.replaces,
    revoked: key.revokedMs !== null,
    revoked_at: iso(key.revokedMs),
    revoked_reason: key.revokedReason,
    exposed_at: iso(key.exposedMs),
    canary: key.isCanary,
    quarantine:
      key.quarantine === null
        ? null
        : {
            level: key.quarantine.level,
            since: Clock.iso(key.quarantine.sinceMs),
            evidence: key.quarantine.evidence,
          },
    last_used_at: iso(key.lastUsedMs),
  }
}
