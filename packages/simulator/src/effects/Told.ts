/** A getter that was asked and answered at both times. */
export interface Told {
  readonly kind: string
  readonly contract: string
  /** Accounts that it was asked about. Lower case. */
  readonly parties: readonly string[]
  readonly before: readonly bigint[]
  readonly after: readonly bigint[]
}
