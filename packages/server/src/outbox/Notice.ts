/** What happened, for a person or a program outside. It carries nothing that could approve anything. */
export interface Notice {
  /** As the audit record calls it. */
  readonly event: string
  /** The mandate that it is about; null for everything else. */
  readonly mandate: string | null
  /** The proposal that it is about, and its state; absent where there is none. */
  readonly proposal?: { readonly id: string; readonly state: string }
  /** Written by code, in plain text: no words of a model, of a contract or of another third party. */
  readonly sentence: string
  /** What moves, from the simulation: amounts are decimal text in the smallest unit. */
  readonly amounts: readonly Amount[]
  /** Where the owner finds the card. */
  readonly url: string
}

export interface Amount {
  readonly direction: 'out' | 'in'
  readonly amount: string
  /** Null for the chain's coin. */
  readonly token: string | null
  /** As the token calls itself: text of a third party. */
  readonly symbol: string | null
  readonly decimals: number | null
}

/** The body of a message, as it is sent: JSON. */
export function bodyOf(notice: Notice, { id, app, atMs }: { id: string; app: string; atMs: number }): string {
  const { event, mandate, proposal, sentence, amounts, url } = notice
  return JSON.stringify({
    id,
    event,
    app,
    mandate,
    ...(proposal === undefined ? {} : { proposal: proposal.id, state: proposal.state }),
    at: new Date(atMs).toISOString(),
    sentence,
    amounts,
    url,
  })
}
