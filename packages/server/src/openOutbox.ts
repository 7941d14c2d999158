import type { Clock } from '@countersign/base'
import { signWebhook, WEBHOOK_HEADER } from '@countersign/sdk'
import type { AppendAudit } from './audit/appendAudit.ts'
import type { App } from './apps/App.ts'
import type { Tell } from './mandates/tellTargets.ts'
import { Outbox, type Send } from './outbox/Outbox.ts'
import { postNotice } from './outbox/postNotice.ts'
import { noticeOf } from './proposals/noticeOf.ts'
import type { Proposal } from './proposals/Proposal.ts'
import type { OpenReach } from './openReach.ts'
import type { Store, Write } from './store/openStore.ts'
import { callOrigin, type OriginTools } from './tools/http/callOrigin.ts'

export interface OutboxOptions {
  readonly store: Store
  readonly clock: Clock.Clock
  readonly audit: AppendAudit
  readonly apps: ReadonlyMap<string, App>
  /** The operator's value of a secret of an app; null for none. */
  readonly secretOf: (app: App, name: string) => string | null
  /** Knows where people open the page. */
  readonly origins: { page(): string }
  /** How owners are told beside the webhooks of apps. */
  readonly reach: Pick<OpenReach, 'senders' | 'tellProposal' | 'tellMandate'>
  readonly onError: (error: unknown) => void
}

/** The most that is read of what a webhook answers: nothing of it is used. */
const MAX_ANSWER_BYTES = 65_536

/** What sends messages outside, and begins to. A part of `compose.ts`, which calls it. */
export function openOutbox(
  options: OutboxOptions,
  closers: (() => Promise<void>)[],
): {
  readonly tellProposal: (write: Write, proposal: Proposal, event: string) => Promise<void>
  readonly tellTargets: Tell
  /** Looks for what was put into it now. */
  readonly wake: () => void
} {
  const { store, clock, audit, apps, origins, reach, onError } = options
  const outbox = new Outbox({
    store,
    clock,
    audit,
    onError,
    senders: { webhook: createWebhookSender({ apps, clock, secretOf: options.secretOf }), ...reach.senders },
  })
  outbox.start()
  closers.push(() => outbox.close())
  const wake = (): void => outbox.wake()
  return {
    wake,
    async tellProposal(write: Write, proposal: Proposal, event: string): Promise<void> {
      await reach.tellProposal(write, proposal, event, wake)
      const targets = Object.entries(apps.get(proposal.app)?.notify ?? {}).filter(
        ([, { webhook }]) => webhook !== null && (webhook.events === null || webhook.events.includes(event)),
      )
      if (targets.length === 0) return
      const url = proposal.door === null ? origins.page() : `${origins.page()}/p/${proposal.id}`
      const notice = noticeOf(proposal, { event, url })
      if (notice === null) return
      for (const [name] of targets)
        postNotice({ clock, wake }, write, {
          app: proposal.app,
          target: `webhook:${name}`,
          notice,
        })
    },
    async tellTargets(write, { app, targets, event, mandate, owner, chains, proposal, sentence, amounts }) {
      await reach.tellMandate(write, { app, owner, chains, event, mandate }, wake)
      const url = proposal === null ? origins.page() : `${origins.page()}/p/${proposal.id}`
      const notice = { event, mandate, ...(proposal === null ? {} : { proposal }), sentence, amounts, url }
      for (const target of targets) postNotice({ clock, wake }, write, { app, target, notice })
    },
  }
}

/**
 * Posts a message to the webhook of an app, signed with the secrets that it names. The address is judged as for tools of
 * apps (apps.md, section 2), redirects are not followed, and only a 2xx answer counts.
 */
export function createWebhookSender({
  apps,
  clock,
  secretOf,
  origin = {},
}: {
  apps: ReadonlyMap<string, App>
  clock: Clock.Clock
  secretOf: OutboxOptions['secretOf']
  origin?: OriginTools
}): Send {
  return async ({ app: appName, name, body }) => {
    const app = apps.get(appName)
    const webhook = app?.notify?.[name]?.webhook ?? null
    if (app === undefined || webhook === null) return { status: 'failed', because: 'target:absent' }
    const secrets = webhook.secrets.map((secret) => secretOf(app, secret))
    const values = secrets.filter((secret) => secret !== null)
    if (values.length < secrets.length) return { status: 'failed', because: 'target:secret:absent' }
    const because = await postWebhook({ clock, origin }, { ...webhook, secrets: values, body })
    return because === null ? { status: 'sent' } : { status: 'failed', because }
  }
}

/** Posts a body, signed with each secret. Null when it was taken; else a code that says why not. */
export async function postWebhook(
  { clock, origin = {} }: { clock: Clock.Clock; origin?: OriginTools },
  {
    url: text,
    secrets,
    allowPrivate,
    body,
  }: { url: string; secrets: readonly string[]; allowPrivate: boolean; body: string },
): Promise<string | null> {
  const url = new URL(text)
  const answer = await callOrigin(origin, {
    origin: url.origin,
    method: 'POST',
    target: `${url.pathname}${url.search}`,
    headers: {
      'content-type': 'application/json',
      [WEBHOOK_HEADER.toLowerCase()]: await signWebhook(body, { secrets, atS: Math.floor(clock.nowMs() / 1_000) }),
    },
    body,
    allowPrivate,
    maxBytes: MAX_ANSWER_BYTES,
    follows: false,
  })
  if (answer.kind === 'failed') return answer.code
  return answer.status >= 200 && answer.status < 300 ? null : `target:status:${answer.status}`
}
