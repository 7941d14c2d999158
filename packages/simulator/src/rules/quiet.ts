import type { EngineFacts } from './Rule.ts'

/** An engine that noticed nothing: what `cases.ts` of rules about engines and providers starts from. */
export const quiet: EngineFacts = {
  tooManyReads: null,
  ranOut: null,
  refusals: [],
  unreadable: [],
  disagreements: [],
  destroyed: [],
  proofMismatches: [],
  node: null,
  engineDifferences: [],
  wasCut: false,
  isUnwatched: false,
}
