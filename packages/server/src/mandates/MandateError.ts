import { BaseError } from '@countersign/base'

const WORDS = {
  absent: [
    'mandates:mandate:absent',
    'absent',
    'There is no such mandate.',
    'List the mandates of the app and use one of their ids.',
  ],
  stale: [
    'mandates:version:stale',
    'conflict',
    'Another version is in force.',
    'Read the mandate again, and change the version that is in force.',
  ],
  other: [
    'mandates:name:other',
    'conflict',
    'The owner has a mandate of another name in this app.',
    'End that mandate first: an owner has one in an app.',
  ],
  frozen: ['mandates:state:frozen', 'conflict', 'The mandate is frozen.', 'Its owner unfreezes it by a signature.'],
  'not-frozen': ['mandates:state:active', 'conflict', 'The mandate is not frozen.', 'There is nothing to unfreeze.'],
  ended: ['mandates:state:ended', 'conflict', 'The mandate has ended.', 'Grant a new one.'],
  'no-reservation': [
    'mandates:reservation:absent',
    'absent',
    'There is no such reservation.',
    'List the reservations and use one of their ids.',
  ],
  unbound: [
    'mandates:reservation:unbound',
    'conflict',
    'No nonce was bound to it, so that no other transaction can take its place.',
    'Sign that nothing was signed: POST /api/reservations/{id}/not-signed.',
  ],
  closed: [
    'mandates:reservation:closed',
    'conflict',
    'Nothing that an owner can give back by a signature is open here.',
    'Read the reservation: it may be closed, still held by its proposal, or an allowance that only the chain ends.',
  ],
  live: [
    'mandates:reservation:live',
    'conflict',
    'It may still be signed, or a transaction of it was seen.',
    'Reject the proposal, wait until no wallet or grant is open for it, and try again.',
  ],
  signature: [
    'mandates:signature:wrong',
    'refused',
    'The signature is not the owner’s signature of this document.',
    'Sign the document of the draft with the wallet of the owner.',
  ],
  draft: [
    'mandates:draft:absent',
    'absent',
    'There is no such draft, or it has expired.',
    'Send the policy again: a draft lives 15 minutes.',
  ],
  owner: [
    'mandates:owner:required',
    'refused',
    'Only the owner, or a key with the scope admin of the app, may do this.',
    'Sign in with the wallet of the owner, or use a key with the scope admin.',
  ],
  unproven: [
    'mandates:owner:unproven',
    'refused',
    'No wallet is proven in this session, so the mandate has no owner.',
    'Sign in with the wallet whose money it is, or name the owner by its address.',
  ],
  until: [
    'mandates:policy:unreadable',
    'invalid',
    '"until" must be in the future, and at most 366 days away.',
    'Send another "valid.until".',
  ],
} as const

/** Why nothing was done with a mandate. */
export class MandateError extends BaseError {
  override readonly name = 'mandates.MandateError'
  constructor(why: keyof typeof WORDS) {
    const [code, kind, message, hint] = WORDS[why]
    super(message, { code, kind, hint })
  }
}
