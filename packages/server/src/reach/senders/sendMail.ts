import { Redacted } from '@countersign/base'
import type { Sent } from '../../outbox/Outbox.ts'
import type { MailSettings } from '../ReachSettings.ts'

/** One mail, of plain text alone. */
export interface Mail {
  /** Of the message in the outbox: a mail that is sent again has the same Message-ID. */
  readonly id: string
  readonly to: string
  readonly subject: string
  readonly text: string
  /** Where its recipient ends such mails; null where there is nothing to end yet. */
  readonly stopUrl: string | null
}

/** Shorter than the lease of a message. Milliseconds. */
const TIMEOUT_MS = 15_000

/** Sends a mail over SMTP. A server that says that it never will is not asked again. */
export async function sendMail(settings: MailSettings, { id, to, subject, text, stopUrl }: Mail): Promise<Sent> {
  const { host, port, isTls, isLoopback, login, from } = settings
  const auth = login === null ? null : Redacted.reveal(login)
  // Loaded here: who sends no mail needs no library for it.
  const { createTransport } = await import('nodemailer')
  const transport = createTransport({
    ...{ host, port, secure: isTls, requireTLS: !isTls && !isLoopback, ignoreTLS: isLoopback && !isTls },
    ...(auth === null ? {} : { auth: { user: auth.user, pass: auth.password } }),
    ...{ connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS },
    // Addresses and texts are values: nothing in them is a file or an address to fetch.
    ...{ disableFileAccess: true, disableUrlAccess: true },
  })
  try {
    await transport.sendMail({
      ...{ from, subject, text, to: { name: '', address: to } },
      messageId: `<${id}@${/@([^>]+)>?$/.exec(from)?.[1] ?? host}>`,
      headers: {
        'Auto-Submitted': 'auto-generated',
        ...(stopUrl === null ? {} : { 'List-Unsubscribe': `<${stopUrl}>` }),
      },
    })
    return { status: 'sent' }
  } catch (error) {
    const { responseCode, code } = error as { responseCode?: number; code?: string }
    // The words of the server may repeat what it was sent.
    if (responseCode !== undefined && responseCode >= 500 && responseCode !== 530 && responseCode !== 535)
      return { status: 'failed', because: `mail:status:${responseCode}`, isFinal: true }
    return {
      status: 'failed',
      because:
        responseCode === undefined ? `mail:${(code ?? 'unreachable').toLowerCase()}` : `mail:status:${responseCode}`,
    }
  } finally {
    transport.close()
  }
}
