/**
 * A call or a document in the words of its ERC-7730 descriptor. All texts are escaped for people. It explains, and that is
 * all: what really happens is in the effects, and nothing is trusted because a descriptor names it.
 */
export interface ClearSigning {
  readonly intent: string
  /** The intent as one sentence with the values in it; null where the descriptor has none. */
  readonly interpolatedIntent: string | null
  readonly owner: string | null
  /** The file that says so. */
  readonly descriptor: string
  readonly fields: readonly ClearField[]
  /** Fields that could not be shown as the descriptor asks, and why; they are shown raw. */
  readonly unformatted: readonly { readonly label: string; readonly why: string }[]
  /** Arguments that the descriptor leaves out of sight. They stand with the call, or in the document's lines. */
  readonly leftOut: readonly string[]
}

export interface ClearField {
  readonly label: string
  readonly value: string
  /** A call inside of the call, in the words of its own descriptor. */
  readonly nested: ClearSigning | null
}
