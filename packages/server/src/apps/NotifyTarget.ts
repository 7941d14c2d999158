/** Where messages of an app go: one entry of `notify` in app.yaml. */
export interface NotifyTarget {
  readonly webhook: WebhookTarget | null
}

export interface WebhookTarget {
  /** With path and query. */
  readonly url: string
  /** Names of secrets, never values: one, or the new and the old one during rotation. Messages are signed with each. */
  readonly secrets: readonly string[]
  /** Whether it may be on loopback or in a private range. */
  readonly allowPrivate: boolean
  /** Which events of proposals it is sent, such as `proposals.proposal.settled`; null for all. */
  readonly events: readonly string[] | null
}
