import type { Statement } from '../store/protocol.ts'

/** How a request with a key ended. */
export type Outcome = 'served' | 'invalid' | 'refused' | 'limited' | 'failed'

export const OUTCOMES: readonly Outcome[] = ['served', 'invalid', 'refused', 'limited', 'failed']

const HOUR_MS = 3_600_000
/** How long hours are kept, in milliseconds. */
const KEPT_MS = 15 * 24 * HOUR_MS
/** Distinct keys between two writes: what is beyond is not counted, and memory is bounded. */
const MAX_KEYS = 50_000

/** The outcome that an HTTP status stands for. */
export function ofStatus(status: number): Outcome {
  if (status < 400) return 'served'
  if (status === 401 || status === 403) return 'refused'
  if (status === 429) return 'limited'
  return status < 500 ? 'invalid' : 'failed'
}

interface Counted {
  readonly keyId: string
  readonly hourMs: number
  readonly outcome: Outcome
  count: number
}

/** Counts outcomes by key and hour. What is written is added to what other processes wrote. */
export class Outcomes {
  #waiting = new Map<string, Counted[]>()

  note(keyId: string, outcome: Outcome, nowMs: number): void {
    const hourMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS
    const own = this.#waiting.get(keyId) ?? []
    const known = own.find((each) => each.hourMs === hourMs && each.outcome === outcome)
    if (known !== undefined) known.count += 1
    else if (own.length > 0 || this.#waiting.size < MAX_KEYS) {
      own.push({ keyId, hourMs, outcome, count: 1 })
      this.#waiting.set(keyId, own)
    }
  }

  /** What is to be written, and is forgotten here; empty when nothing happened. */
  take(nowMs: number): Statement[] {
    if (this.#waiting.size === 0) return []
    const counted = [...this.#waiting.values()].flat()
    this.#waiting = new Map()
    return [
      ...counted.map(({ keyId, hourMs, outcome, count }) => ({
        sql: `insert into key_outcomes (key_id, hour_ms, outcome, count)
          select ?, ?, ?, ? where exists (select 1 from keys where id = ?)
          on conflict (key_id, hour_ms, outcome) do update set count = key_outcomes.count + excluded.count`,
        parameters: [keyId, hourMs, outcome, count, keyId],
      })),
      { sql: 'delete from key_outcomes where hour_ms < ?', parameters: [nowMs - KEPT_MS] },
    ]
  }
}
