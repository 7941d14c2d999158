import { Clock } from '@countersign/base'
import type { Message } from '@countersign/sdk'
import type { HistoryItem } from '../agent/Turn.ts'
import type { Store, Write } from '../store/openStore.ts'
import type { EventLog } from './EventLog.ts'

/**
 * The stored conversation: one row per line, tool calls included, in order. It is only ever written by the server:
 * clients send text, never history.
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
  await write.db
    .insertInto('messages')
    .values({ sid, idx, role: item.role, body: JSON.stringify(item), turn_id: turnId, at_ms: atMs })
    .execute()
  await events.append(write, sid, { type: 'message', index: idx, message: toMessage(item, atMs) })
  return idx
}

/** The whole conversation, oldest first. */
export async function readHistory(
  { store }: { store: Store },
  { sid }: { sid: string },
): Promise<readonly { item: HistoryItem; atMs: number; turnId: string | null }[]> {
  const rows = await store.read
    .selectFrom('messages')
    .select(['body', 'at_ms', 'turn_id'])
    .where('sid', '=', sid)
    .orderBy('idx')
    .execute()
  return rows.map((row) => ({ item: JSON.parse(row.body) as HistoryItem, atMs: row.at_ms, turnId: row.turn_id }))
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
      return { ...base, sender: 'system', content: item.text }
    case 'tool': {
      const text = typeof item.result === 'string' ? item.result : JSON.stringify(item.result)
      return { ...base, sender: 'agent', content: `Used ${item.tool}.`, tool_result: [item.tool, text] }
    }
  }
}
