import type { ChecklistLine } from '@countersign/server'

/** What a look at one thing came to. `not_checked`: nobody knows; it never counts as passed. */
export type Status = Check['status']

/**
 * One line of `countersign doctor`, which the dashboard shows as well. `id` is of the kind of check, such as `provider-clock`,
 * and the same in every version; `item` is the number of the item of Aomi's production checklist that it answers.
 */
export type Check = ChecklistLine

/** The ten items of Aomi's production checklist (security page), in its order. */
export const ITEMS = [
  'API keys stand in the environment of the server, and in no bundle',
  'Each app has its own key',
  'Sessions end after a time',
  'Preambles say what the agent may and may not do',
  'The model gets the tools that it needs, and no more',
  'Documents are reviewed before they are retrieved',
  'Every tool that makes transactions is simulated',
  'Wallets sign locally; the server has no key',
  'Limits are on',
  'Keys are rotated on a schedule',
] as const

const ORDER: Readonly<Record<Status, number>> = { pass: 0, not_checked: 1, warn: 2, fail: 3 }

/** The strictest of some statuses; `pass` for none. */
export function worst(statuses: readonly Status[]): Status {
  return statuses.reduce<Status>((a, b) => (ORDER[b] > ORDER[a] ? b : a), 'pass')
}

/** A check that could not be made, and why. */
export function notChecked(id: string, about: string, evidence: string, remediation: string | null = null): Check {
  return { id, item: null, about, status: 'not_checked', evidence, remediation }
}

/** The sentence of an error, without what a provider or a library wrote into it. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error && 'code' in error && error.message.length < 300 ? error.message : 'It failed.'
}
