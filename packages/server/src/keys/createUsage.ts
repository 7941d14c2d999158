import { handle } from '../audit/Audit.ts'
import * as AllowList from './AllowList.ts'
import * as Anomaly from './Anomaly.ts'
import type { KeyRecord } from './KeyRecord.ts'
import type { KeyTools } from './KeyTools.ts'
import type { KeyIndex } from './openKeyIndex.ts'
import { Outcomes, ofStatus } from './Outcomes.ts'
import { confirmQuarantine, quarantineKey } from './quarantineKey.ts'
import type { Refusal } from './verifyKey.ts'

/** What happened with a key, for its profile. */
export interface Note {
  readonly ip: string
  readonly agent: string
  readonly status: number
  readonly scope: string | null
  readonly bytes: number
  readonly isNewSession: boolean
}

/** Counts what keys do, keeps their profiles, and holds back those that behave like stolen ones. */
export interface Usage {
  note(key: KeyRecord, note: Note): void
  /** A key that opened nothing. */
  noteRefusal(refusal: Refusal): void
  /** A key that came from a browser: said in the record, at most once a minute for one key. */
  noteBrowser(input: { app: string; text: string; origin: string | null }): void
  /** Judges every key that was used in this minute or the last; called every few seconds. */
  judgeAll(): Promise<void>
  /** Writes last uses and profiles. */
  flush(): Promise<void>
}

interface Minute {
  minute: number
  requests: number
  denials: number
  bytes: number
  sessions: number
  readonly networks: Set<string>
  readonly agents: Set<string>
  readonly scopes: Set<string>
}

interface Live {
  readonly id: string
  family: string
  current: Minute
  /** The minute before: judged once more after it is complete. */
  last: Minute | null
  /** The busiest minute of the running hour. */
  hour: { hourMs: number; busiest: Anomaly.Counters; networks: Set<string> }
  /** When each network last called, in milliseconds. */
  readonly seen: Map<string, number>
  lastUsedMs: number
  isDirty: boolean
  profile: { readonly hourMs: number; readonly of: Anomaly.Profile } | null
}

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const PROFILE_DAYS = 14
/** A network that called within this time is active. */
const ACTIVE_MS = 10 * MINUTE_MS
/** How long a network that probed is remembered. */
const PROBE_MS = HOUR_MS
/** So many well-formed keys that do not exist, within an hour, are no slip of the pen. */
const UNKNOWN_MAX = 3
/** Sets stop growing here: what is counted is counted, and memory is bounded. */
const MAX_DISTINCT = 64
const MAX_KEYS = 50_000
const MAX_STRANGERS = 10_000

/** A complete hour of a key. */
interface Hour {
  readonly id: string
  readonly hourMs: number
  readonly busiest: Anomaly.Counters
  readonly networks: ReadonlySet<string>
}

/** What keys do now, by minute and hour. */
class LiveKeys {
  readonly #live = new Map<string, Live>()
  #finished: Hour[] = []

  values(): Iterable<Live> {
    return this.#live.values()
  }

  /** The hours that ended since they were last taken. */
  takeFinished(): readonly Hour[] {
    const finished = this.#finished
    this.#finished = []
    return finished
  }

  /** The key, in the minute that is now. */
  of(key: KeyRecord, nowMs: number): Live {
    const known = this.#live.get(key.id)
    const minute = Math.floor(nowMs / MINUTE_MS)
    if (known !== undefined) {
      if (known.current.minute !== minute) this.#turn(known, minute, nowMs)
      return known
    }
    const hourMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS
    const made: Live = {
      id: key.id,
      family: key.family,
      current: emptyMinute(minute),
      last: null,
      hour: { hourMs, busiest: Anomaly.NOTHING, networks: new Set() },
      seen: new Map(),
      lastUsedMs: nowMs,
      isDirty: false,
      profile: null,
    }
    if (this.#live.size >= MAX_KEYS) this.#live.delete(this.#live.keys().next().value as string)
    this.#live.set(key.id, made)
    return made
  }

  #turn(each: Live, minute: number, nowMs: number): void {
    each.hour.busiest = Anomaly.busier(each.hour.busiest, countersOf(each.current))
    each.last = each.current
    each.current = emptyMinute(minute)
    const hourMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS
    if (hourMs !== each.hour.hourMs) {
      this.#finished.push({ id: each.id, ...each.hour })
      each.hour = { hourMs, busiest: Anomaly.NOTHING, networks: new Set() }
    }
    for (const [network, atMs] of each.seen) if (nowMs - atMs > ACTIVE_MS) each.seen.delete(network)
  }
}

/** What callers without a right did, bounded: who tried canaries or invented keys, and who used leaked ones. */
class Strangers {
  readonly #probing = new Map<string, { count: number; atMs: number; isSure: boolean }>()
  /** When a network used a leaked key, by the key's family. */
  readonly #afterExposure = new Map<string, Map<string, number>>()
  readonly #said = new Map<string, number>()

  /** A record about what strangers do is written at most once a minute for one subject. */
  isNew(subject: string, nowMs: number): boolean {
    const last = this.#said.get(subject)
    if (last !== undefined && nowMs - last < MINUTE_MS) return false
    this.#said.delete(subject)
    this.#said.set(subject, nowMs)
    if (this.#said.size > MAX_STRANGERS) this.#said.delete(this.#said.keys().next().value as string)
    return true
  }

  noteProbe(network: string, { isCanary, nowMs }: { isCanary: boolean; nowMs: number }): void {
    const before = this.#probing.get(network)
    const count = before === undefined || nowMs - before.atMs > PROBE_MS ? 1 : before.count + 1
    this.#probing.delete(network)
    this.#probing.set(network, { count, atMs: nowMs, isSure: isCanary || count >= UNKNOWN_MAX })
    if (this.#probing.size > MAX_STRANGERS) this.#probing.delete(this.#probing.keys().next().value as string)
  }

  noteExposed(family: string, network: string, nowMs: number): void {
    const networks = this.#afterExposure.get(family) ?? new Map<string, number>()
    networks.set(network, nowMs)
    if (networks.size > MAX_DISTINCT) networks.delete(networks.keys().next().value as string)
    this.#afterExposure.set(family, networks)
  }

  isProbing(network: string, nowMs: number): boolean {
    const probe = this.#probing.get(network)
    return probe !== undefined && probe.isSure && nowMs - probe.atMs <= PROBE_MS
  }

  usedExposed(family: string, network: string, nowMs: number): boolean {
    return nowMs - (this.#afterExposure.get(family)?.get(network) ?? -HOUR_MS) <= PROBE_MS
  }
}

/** What the key did at this hour of the last days, read once an hour. */
async function profileOf(store: KeyTools['store'], each: Live, nowMs: number): Promise<Anomaly.Profile> {
  const hourMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS
  if (each.profile?.hourMs === hourMs) return each.profile.of
  const rows = await store.read
    .selectFrom('key_usage')
    .selectAll()
    .where('key_id', '=', each.id)
    .where('hour_ms', '<', hourMs)
    .where('hour_ms', '>=', hourMs - PROFILE_DAYS * 24 * HOUR_MS)
    .execute()
  const hours = rows.map((row) => ({
    hourMs: row.hour_ms,
    ...(JSON.parse(row.body) as { busiest: Anomaly.Counters; networks: string[] }),
  }))
  const of: Anomaly.Profile = {
    sameHour: hours.filter((hour) => (hourMs - hour.hourMs) % (24 * HOUR_MS) === 0).map((hour) => hour.busiest),
    networks: new Set(hours.flatMap((hour) => hour.networks)),
    days: new Set(hours.map((hour) => Math.floor(hour.hourMs / (24 * HOUR_MS)))).size,
  }
  each.profile = { hourMs, of }
  return of
}

export function createUsage({
  onQuarantine,
  ...tools
}: KeyTools & {
  index: () => KeyIndex
  onQuarantine: (key: KeyRecord, evidence: readonly string[]) => void
  onError: (error: unknown) => void
}): Usage {
  const { store, clock, audit } = tools
  const live = new LiveKeys()
  const outcomes = new Outcomes()
  const strangers = new Strangers()
  const isNew = (subject: string): boolean => strangers.isNew(subject, clock.nowMs())
  const record = (app: string, event: string, body: Record<string, unknown>): void => {
    store.write((write) => audit(write, { app, event, body })).catch(tools.onError)
  }

  return {
    note(key, note) {
      const nowMs = clock.nowMs()
      const each = live.of(key, nowMs)
      const { current } = each
      outcomes.note(key.id, ofStatus(note.status), nowMs)
      const network = AllowList.networkOf(note.ip)
      current.requests += 1
      if (note.status === 401 || note.status === 403 || note.status === 429) current.denials += 1
      current.bytes += note.bytes
      if (note.isNewSession) current.sessions += 1
      if (current.networks.size < MAX_DISTINCT) current.networks.add(network)
      if (current.agents.size < MAX_DISTINCT) current.agents.add(note.agent)
      if (note.scope !== null) current.scopes.add(note.scope)
      if (each.hour.networks.size < MAX_DISTINCT) each.hour.networks.add(network)
      if (each.seen.size < MAX_DISTINCT) each.seen.set(network, nowMs)
      each.lastUsedMs = nowMs
      each.isDirty = true
    },
    noteRefusal({ reason, ip, key }) {
      const nowMs = clock.nowMs()
      const network = AllowList.networkOf(ip)
      if (reason === 'unknown' || reason === 'canary')
        strangers.noteProbe(network, { isCanary: reason === 'canary', nowMs })
      if (key === null) return
      outcomes.note(key.id, 'refused', nowMs)
      if (reason === 'revoked' && key.exposedMs !== null) strangers.noteExposed(key.family, network, nowMs)
      if (reason === 'canary' && isNew(`canary:${key.id}:${network}`)) {
        record(key.app, 'keys.canary.used', { key: handle(key.id), network: handle(network) })
      }
      if (reason === 'revoked' && isNew(`revoked:${key.id}`)) {
        record(key.app, 'keys.key.used-after-revocation', { key: handle(key.id), network: handle(network) })
      }
    },
    noteBrowser({ app, text, origin }) {
      const found = tools.index().find(text)
      Promise.resolve(found)
        .then((key) => {
          // Only what is one of ours is written down: anybody can invent keys and origins.
          if (key === null || !isNew(`browser:${key.id}`)) return
          record(app, 'keys.key.refused-in-browser', {
            key: handle(key.id),
            origin: origin === null ? null : origin.slice(0, 100),
          })
        })
        .catch(tools.onError)
    },
    async judgeAll() {
      const nowMs = clock.nowMs()
      const minute = Math.floor(nowMs / MINUTE_MS)
      const held: KeyRecord[] = []
      let epoch = 0
      for (const each of live.values()) {
        if (each.current.minute < minute - 1) continue
        const profile = await profileOf(store, each, nowMs)
        const candidates = [each.current, ...(each.last === null || each.last.minute < minute - 1 ? [] : [each.last])]
        for (const candidate of candidates) {
          const networks = [...candidate.networks]
          const { level, evidence } = Anomaly.judge(
            {
              minute: countersOf(candidate),
              networks,
              activeUsual: [...each.seen].some(
                ([network, atMs]) => profile.networks.has(network) && nowMs - atMs <= ACTIVE_MS,
              ),
              probing: networks.filter((network) => strangers.isProbing(network, nowMs)),
              afterExposure: networks.filter((network) => strangers.usedExposed(each.family, network, nowMs)),
            },
            profile,
          )
          if (level === null) continue
          const quarantined = await quarantineKey(tools, { id: each.id, level, evidence })
          if (quarantined === null) continue
          held.push(quarantined.key)
          epoch = quarantined.epoch
          onQuarantine(quarantined.key, evidence)
        }
      }
      // All together: an instance that stands still is waited for once, not once a key.
      if (held.length > 0) await confirmQuarantine(tools, { keys: held, epoch })
    },
    async flush() {
      const dirty = [...live.values()].filter((each) => each.isDirty)
      const hours = live.takeFinished()
      const counted = outcomes.take(clock.nowMs())
      if (dirty.length === 0 && hours.length === 0 && counted.length === 0) return
      for (const each of dirty) each.isDirty = false
      const now = dirty.map((each) => ({
        id: each.id,
        hourMs: each.hour.hourMs,
        busiest: Anomaly.busier(each.hour.busiest, countersOf(each.current)),
        networks: each.hour.networks,
      }))
      await store.batch([...counted, ...statementsOf({ dirty, hours: [...hours, ...now], nowMs: clock.nowMs() })])
    },
  }
}

/** Last uses to the minute, hours, and the end of hours that no profile looks at any more. */
function statementsOf({
  dirty,
  hours,
  nowMs,
}: {
  readonly dirty: readonly Live[]
  readonly hours: readonly Hour[]
  readonly nowMs: number
}) {
  const oldestMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS - (PROFILE_DAYS + 1) * 24 * HOUR_MS
  return [
    ...dirty.map(({ id, lastUsedMs }) => ({
      sql: 'update keys set last_used_ms = max(coalesce(last_used_ms, 0), ?) where id = ?',
      parameters: [Math.floor(lastUsedMs / MINUTE_MS) * MINUTE_MS, id],
    })),
    ...hours.map(({ id, hourMs, busiest, networks }) => ({
      sql: `insert into key_usage (key_id, hour_ms, body) select ?, ?, ? where exists (select 1 from keys where id = ?)
        on conflict (key_id, hour_ms) do update set body = excluded.body`,
      parameters: [id, hourMs, JSON.stringify({ busiest, networks: [...networks] }), id],
    })),
    { sql: 'delete from key_usage where hour_ms < ?', parameters: [oldestMs] },
  ]
}

function emptyMinute(minute: number): Minute {
  return {
    minute,
    requests: 0,
    denials: 0,
    bytes: 0,
    sessions: 0,
    networks: new Set(),
    agents: new Set(),
    scopes: new Set(),
  }
}

function countersOf(minute: Minute): Anomaly.Counters {
  return {
    requests: minute.requests,
    denials: minute.denials,
    networks: minute.networks.size,
    agents: minute.agents.size,
    scopes: minute.scopes.size,
    bytes: minute.bytes,
    sessions: minute.sessions,
  }
}
