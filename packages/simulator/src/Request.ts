/** The words of a request, under the path that they had: import from `model/` instead. */
export type { AccessListEntry, Call, TransactionType } from './model/Call.ts'
export { isVouched, vouchedOf, type KnownAddress, type VouchedAddress } from './model/KnownAddress.ts'
export type { SimulationRequest } from './model/Request.ts'
