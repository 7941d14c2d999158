import { randomBytes } from 'node:crypto'
import type { Clock } from '@countersign/base'
import type { Write } from '../store/openStore.ts'
import { bodyOf, type Notice } from './Notice.ts'

const INSERT = `insert into outbox
  (id, app, event, mandate, body, target, at_ms, next_ms, attempts, lease_until_ms, sent_ms, failed)
  values (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, null, null)`

/**
 * Puts a message to one target into the outbox, in the transaction of the change that it reports: neither exists without
 * the other. It is sent after the commit, at least once.
 *
 * @param target - `kind:name`, such as `webhook:ops`.
 * @returns The id of the message.
 */
export function postNotice(
  tools: { clock: Clock.Clock; wake?: () => void },
  write: Write,
  { app, target, notice }: { app: string; target: string; notice: Notice },
): string {
  return insertMessage(tools, write, {
    ...{ app, event: notice.event, mandate: notice.mandate, target },
    body: ({ id, atMs }) => bodyOf(notice, { id, app, atMs }),
  })
}

/**
 * The same with a body that its sender understands.
 *
 * @param dueMs - When it is sent at the earliest; default now.
 */
export function insertMessage(
  { clock, wake }: { clock: Clock.Clock; wake?: () => void },
  write: Write,
  {
    app,
    event,
    mandate,
    target,
    body,
    dueMs,
  }: {
    app: string
    event: string
    mandate: string | null
    target: string
    body: (message: { id: string; atMs: number }) => string
    dueMs?: number
  },
): string {
  const id = `evt_${randomBytes(16).toString('hex')}`
  const atMs = clock.nowMs()
  write.post(INSERT, [id, app, event, mandate, body({ id, atMs }), target, atMs, dueMs ?? atMs])
  if (wake !== undefined) write.afterCommit(wake)
  return id
}
