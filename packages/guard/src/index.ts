/** `@countersign/guard`: the gate in front of any signer. Nothing is signed that was not simulated and judged. */
export {
  guard,
  guardAccount,
  guardClient,
  guardGoat,
  guardProvider,
  guardSigner,
  guardWalletProvider,
  guardX402,
  x402Buyer,
} from './guard.ts'
export type { X402Buyer, X402Purchase } from './adapters/x402Buyer.ts'
export { GuardRefusedError, type RefusalCode, type RefusalData } from './GuardRefusedError.ts'
export type { LimitOption } from './Limits.ts'
export type { GuardOptions, LocalOptions, ServerOptions, WaitingProposal } from './Options.ts'
export { OptionsError, SignerUnknownError } from './OptionsError.ts'
