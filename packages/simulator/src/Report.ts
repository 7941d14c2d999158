/** The report as users of the library know it: `Report.Report`, its parts, and how it is spelled on the wire. */
export type { AuthorityChange, AuthorityKind } from './model/Authority.ts'
export type { BlockRef } from './model/Block.ts'
export type { Finding, NotChecked, Verdict } from './model/Finding.ts'
export type { Environment, GasEstimate, IntentResult, Lookahead, Receipt, Report } from './model/Report.ts'
export type { CallFrame, ContractCall, Log, Step } from './model/Step.ts'
export type { TokenChange, TokenStandard } from './model/TokenChange.ts'
export { effectsDigest } from './receipts/effectsDigest.ts'
export { toWire } from './wire/spell.ts'
