import { BaseError } from '@countersign/base'

/** `guard()` was called with options that do not hold together. */
export class OptionsError extends BaseError {
  override readonly name = 'guard.OptionsError'
  constructor(why: string) {
    super(`The options of guard() are not valid: ${why}.`, {
      code: 'guard:options:invalid',
      kind: 'invalid',
      hint: 'Give { server, key } or { simulator }, and see the README of @countersign/guard.',
    })
  }
}

/** No adapter knows a signer of this shape. */
export class SignerUnknownError extends BaseError {
  override readonly name = 'guard.SignerUnknownError'
  constructor(what = 'This object is not a signer that can be guarded.') {
    super(what, {
      code: 'guard:signer:unknown',
      kind: 'invalid',
      hint: 'Give a viem Account or WalletClient, an EIP-1193 provider, an ethers Signer, an AgentKit or GOAT wallet, or an x402 signer or client.',
    })
  }
}
