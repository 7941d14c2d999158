/** What the supply analyser reads from manifests, locks, images and inline install commands. (Owned by `supply/`.) */
export interface SupplyFacts {
  readonly [key: string]: unknown
}
