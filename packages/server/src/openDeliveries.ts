import type { Clock } from '@countersign/base'
import type { FastifyBaseLogger } from 'fastify'
import { Deliveries, type Deliver } from './audit/Deliveries.ts'
import { postWebhook } from './openOutbox.ts'
import { StartError } from './StartError.ts'
import type { Store } from './store/openStore.ts'

/** Where the record goes: the settings of the audit webhook. */
export interface AuditWebhook {
  readonly url: string
  /** One; the new and the old one while the receiver changes from one to the other. */
  readonly secrets: readonly string[]
  /** Whether it may be on loopback or in a private range. */
  readonly allowPrivate: boolean
}

/** Shorter ones can be guessed. Characters. */
const MIN_SECRET = 16

/**
 * Reads where the record is to be delivered; null for nowhere.
 *
 * @throws {StartError} `server:setting:unreadable`. It repeats neither the address nor the secret.
 */
export function auditWebhookOf(env: NodeJS.ProcessEnv): AuditWebhook | null {
  const text = env['COUNTERSIGN_AUDIT_WEBHOOK_URL'] ?? ''
  if (text === '') return null
  const url = URL.canParse(text) ? new URL(text) : null
  const allowPrivate = env['COUNTERSIGN_AUDIT_WEBHOOK_PRIVATE'] === '1'
  const isUsable =
    url !== null &&
    url.username === '' &&
    url.password === '' &&
    (url.protocol === 'https:' || (url.protocol === 'http:' && allowPrivate))
  if (!isUsable)
    throw unusable(
      'COUNTERSIGN_AUDIT_WEBHOOK_URL',
      'Give an https URL without a user name; http only beside COUNTERSIGN_AUDIT_WEBHOOK_PRIVATE=1.',
    )
  const secrets = (env['COUNTERSIGN_AUDIT_WEBHOOK_SECRET'] ?? '').split(',').filter((secret) => secret !== '')
  if (secrets.length < 1 || secrets.length > 2 || secrets.some((secret) => secret.length < MIN_SECRET))
    throw unusable(
      'COUNTERSIGN_AUDIT_WEBHOOK_SECRET',
      `Give a secret of at least ${MIN_SECRET} characters, or the new and the old one with a comma between.`,
    )
  return { url: url.href, secrets, allowPrivate }
}

function unusable(name: string, hint: string): StartError {
  return new StartError(`${name} cannot be used.`, 'server:setting:unreadable', hint)
}

/** Delivers the record where the operator wants it. A part of `compose.ts`, which calls it. */
export function openDeliveries(
  {
    store,
    clock,
    log,
    onError,
  }: {
    store: Store
    clock: Clock.Clock
    log: Pick<FastifyBaseLogger, 'warn'>
    onError: (error: unknown) => void
  },
  { env, closers }: { env: NodeJS.ProcessEnv; closers: (() => Promise<void>)[] },
): void {
  const webhook = auditWebhookOf(env)
  if (webhook === null) return
  const deliver: Deliver = (body) => postWebhook({ clock }, { ...webhook, body })
  const deliveries = new Deliveries({
    store,
    clock,
    deliver,
    onError,
    onFailure: ({ app, afterSeq, attempts, because }) =>
      log.warn(
        { app, after_seq: afterSeq, attempts, code: because },
        'the audit record could not be delivered; it is sent again',
      ),
  })
  deliveries.start()
  closers.push(() => deliveries.close())
}
