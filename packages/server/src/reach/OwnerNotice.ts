import { Json } from '@countersign/base'

/**
 * What is told to an owner. Every word of it is ours, but for amounts and addresses, which the simulation counted: no words
 * of a model, of a contract or of another third party (`proposals/OwnerMessage.ts` leaves those out).
 */
export interface OwnerNotice {
  /** As the audit record calls it. */
  readonly event: string
  /** What it is about, such as the id of a proposal: two messages about one subject are one while they wait. */
  readonly subject: string
  /** One line, such as "A transaction waits for you". */
  readonly title: string
  readonly sentence: string
  /** What moves and what it costs, a line each; left out where the owner wants no amounts. */
  readonly details: readonly string[]
  /** Where the owner finds the card. */
  readonly url: string
}

/** A message as it stands in the outbox. */
export interface OwnerMessage extends OwnerNotice {
  readonly id: string
  /** How many others were left out since the message before. */
  readonly leftOut: number
}

export function write(message: OwnerMessage): string {
  return JSON.stringify(message)
}

/** Reads what `write` wrote: nothing else is put there. */
export function read(body: string): OwnerMessage {
  return Json.parse(body) as OwnerMessage
}

/** Events that are told at once: each says that something went wrong or was stopped, and none can be caused at will. */
export const URGENT: readonly string[] = [
  'proposals.proposal.mismatched',
  'mandates.mandate.frozen',
  'mandates.wallet.frozen',
  'mandates.reservation.overrun',
  'mandates.reservation.outside',
]

/**
 * Told at once however many they are, because each says until when it can be rejected. An agent can bring them about, so they have no
 * part in the pace of what is urgent; a session or a key holds four of them at a time (`mandates:held:full`).
 */
export const DELAYED = 'proposals.proposal.delayed'

/** Messages of one class hold back each other and no others. */
export function classOf(event: string): 'ordinary' | 'delayed' | 'urgent' {
  return event === DELAYED ? 'delayed' : URGENT.includes(event) ? 'urgent' : 'ordinary'
}

export const CANNOT_APPROVE =
  'This message cannot approve anything, and no answer to it is read. Nothing happens unless your own wallet signs it.'

/** The message as plain text, for mail and Telegram. */
export function textOf(message: OwnerMessage, { stopUrl }: { stopUrl: string }): string {
  const { sentence, details, url, leftOut } = message
  return [
    sentence,
    ...(details.length === 0 ? [] : ['', ...details]),
    '',
    'See it and decide on the card:',
    url,
    '',
    CANNOT_APPROVE,
    ...(leftOut === 0 ? [] : [leftOutText(leftOut)]),
    `To stop these messages: ${stopUrl}`,
  ].join('\n')
}

/** The same for a notification of a browser, which shows a few lines. */
export function pushOf(message: OwnerMessage): { title: string; body: string; url: string; tag: string } {
  const { title, sentence, details, url, subject, leftOut } = message
  const body = [sentence, ...details.slice(0, 2), ...(leftOut === 0 ? [] : [leftOutText(leftOut)])].join('\n')
  return { title, body, url, tag: subject }
}

function leftOutText(count: number): string {
  return count === 1
    ? '1 earlier message was left out: you are sent few at a time. The page shows all.'
    : `${count} earlier messages were left out: you are sent few at a time. The page shows all.`
}
