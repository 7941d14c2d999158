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
  { clock, wake }: { clock: Clock.Clock; wake?: () => void },
  write: Write,
  { app, target, notice }: { app: string; target: string; notice: Notice },
): string {
  const id = `evt_${randomBytes(16).toString('hex')}`
  const atMs = clock.nowMs()
  const body = bodyOf(notice, { id, app, atMs })
  write.post(INSERT, [id, app, notice.event, notice.mandate, body, target, atMs, atMs])
  if (wake !== undefined) write.afterCommit(wake)
  return id
}
