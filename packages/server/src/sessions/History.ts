import { Clock } from '@countersign/base'
import type { Message } from '@countersign/sdk'
import type { HistoryItem } from './HistoryItem.ts'
import type { Store, Write } from '../store/openStore.ts'
import type { EventLog } from './EventLog.ts'

/** A stored line of a conversation. */
export interface Line {
  readonly idx: number
  readonly item: HistoryItem
  readonly atMs: number
  readonly turnId: string | null
}

const COUNT = `update sessions set message_count = message_count + 1, message_bytes = message_bytes + ? where sid = ?`
const COUNT_STORED = `insert into stored (scope, messages, bytes)
  select column1, 1, ?2 from (select 'store' as column1
    union all select 'app:' || app from sessions where sid = ?1
    union all select 'owner:' || owner from sessions where sid = ?1) as scopes
  where true
  on conflict (scope) do update set messages = stored.messages + 1, bytes = stored.bytes + ?2`

/**
 * The stored conversation: one row per line, tool calls included, in order. It is only ever written by the server:
 * clients send text, never history. Lines are never changed, and counted where they are written (`Storage.ts`).
 *
 * @returns its index, from 0.
 */
export async function appendMessage(
  { clock, events }: { clock: Clock.Clock; events: EventLog },
  write: Write,
  { sid, item, turnId }: { sid: string; item: HistoryItem; turnId: string | null },
): Promise<number> {
  const last = await write.db
    .selectFrom('messages')
    .select('idx')
    .where('sid', '=', sid)
    .orderBy('idx', 'desc')
    .limit(1)
    .executeTakeFirst()
  const idx = (last?.idx ?? -1) + 1
  const atMs = clock.nowMs()
  const body = JSON.stringify(item)
  await write.db
    .insertInto('messages')
    .values({ sid, idx, role: item.role, body, turn_id: turnId, at_ms: atMs })
    .execute()
  write.post(COUNT, [body.length, sid])
  write.post(COUNT_STORED, [sid, body.length])
  await events.append(write, sid, { type: 'message', index: idx, message: toMessage(item, atMs) })
  return idx
}

/** The conversation from a line on, oldest first. */
export async function readHistory(
  { store }: { store: Store },
  { sid, fromIdx = 0, limit }: { sid: string; fromIdx?: number; limit?: number },
): Promise<readonly Line[]> {
  let query = store.read
    .selectFrom('messages')
    .select(['idx', 'body', 'at_ms', 'turn_id'])
    .where('sid', '=', sid)
    .where('idx', '>=', fromIdx)
    .orderBy('idx')
  if (limit !== undefined) query = query.limit(limit)
  return (await query.execute()).map(toLine)
}

/** How many lines are read at a time, going back. */
const PAGE = 16

/**
 * The newest lines that fit into so many characters, oldest first, beginning with a line of the user's: what a model is
 * shown of a conversation, however long that is.
 */
export async function readNewest(
  { store }: { store: Store },
  { sid, length }: { sid: string; length: number },
): Promise<readonly Line[]> {
  const lines: Line[] = []
  let left = length
  for (let before = Number.MAX_SAFE_INTEGER; ;) {
    const page = await store.read
      .selectFrom('messages')
      .select(['idx', 'body', 'at_ms', 'turn_id'])
      .where('sid', '=', sid)
      .where('idx', '<', before)
      .orderBy('idx', 'desc')
      .limit(PAGE)
      .execute()
    for (const row of page) {
      left -= row.body.length
      // The newest line is always shown.
      if (left < 0 && lines.length > 0) return fromUser(lines)
      lines.push(toLine(row))
    }
    if (page.length < PAGE) return lines.toReversed()
    before = page.at(-1)?.idx ?? 0
  }
}

/** Providers want a conversation to begin with the user; the last line is kept whatever it is. */
function fromUser(newestFirst: readonly Line[]): readonly Line[] {
  const lines = newestFirst.toReversed()
  const first = lines.findIndex(({ item }) => item.role === 'user')
  return first < 0 ? lines : lines.slice(first)
}

function toLine(row: { idx: number; body: string; at_ms: number; turn_id: string | null }): Line {
  return { idx: row.idx, item: JSON.parse(row.body) as HistoryItem, atMs: row.at_ms, turnId: row.turn_id }
}

/** A stored line as clients see it. */
export function readMessage({ body, at_ms: atMs }: { readonly body: string; readonly at_ms: number }): Message {
  return toMessage(JSON.parse(body) as HistoryItem, atMs)
}

/** A line as clients see it. A tool call is an agent line with text, because some clients require text there. */
export function toMessage(item: HistoryItem, atMs: number): Message {
  const base = { timestamp: Clock.iso(atMs), is_streaming: false, tool_result: null }
  switch (item.role) {
    case 'user':
      return { ...base, sender: 'user', content: item.text }
    case 'assistant':
      return { ...base, sender: 'agent', content: item.text }
    case 'system':
      return { ...base, sender: item.isForOwner === true ? 'agent' : 'system', content: item.text }
    case 'tool': {
      const text = typeof item.result === 'string' ? item.result : JSON.stringify(item.result)
      return { ...base, sender: 'agent', content: `Used ${item.tool}.`, tool_result: [item.tool, text] }
    }
  }
}
