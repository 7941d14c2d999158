/**
 * Every finding about a document to be signed: at which level, and when. docs/reference/findings.md lists them from here,
 * and a finding with another name does not compile. A name never changes its meaning.
 */
export const SIGNATURE_FINDINGS = {
  'signature-account-code': [
    'block; warn for code the app names',
    "The account would run somebody else's code (EIP-7702).",
  ],
  'signature-account-control': [
    'block',
    'The account would call itself and change its owners, modules, guard or code.',
  ],
  'signature-account-setup': ['warn', 'Before the operation, code that the document names makes the account.'],
  'signature-blind': ['block', 'A bare hash or bytes that cannot be understood: it may stand for any transaction.'],
  'signature-control-handed-over': ['block', 'The account would hand over ownership or a role of another contract.'],
  'signature-delegate-unknown': ['warn', 'Nobody vouches for whoever may act as the account.'],
  'signature-delegation-to-any': ['block', 'Whoever gets hold of the signature may act as the account.'],
  'signature-delegation-unlimited': [
    'block; warn when narrowed, for somebody the app names',
    'A delegation without a limit on amounts.',
  ],
  'signature-domain-implied': ['info', 'The type of the domain is left out and taken from its fields.'],
  'signature-empty': ['block', 'A permission over an empty list of tokens.'],
  'signature-every-chain': ['block', 'An authorization with chain id 0, good on every chain.'],
  'signature-expired': ['block', 'Its time is over: nothing honest can be done with it.'],
  'signature-far-deadline': ['warn', 'It stays good for more than a month.'],
  'signature-forwarder-unknown': ['warn', 'A call in the signer’s name, sent through a forwarder nobody vouches for.'],
  'signature-gives-for-less': ['block', 'More is given than received of the same thing.'],
  'signature-gives-for-nothing': ['block', 'Tokens are given, and nothing is received.'],
  'signature-hidden-text': ['warn', 'The text holds characters that are not shown or turn its direction.'],
  'signature-inner-call-unread': [
    'warn; a note for a contract the app knows',
    'A call inside the document is not decoded.',
  ],
  'signature-lookalike': [
    'block',
    'It has the name of a known kind of document and not its fields, domain or contract.',
  ],
  'signature-next-to-nothing': ['block', 'Tokens are given for dust.'],
  'signature-no-chain': ['block; warn where that is usual', 'The domain names no chain, so it is good on every one.'],
  'signature-no-deadline': [
    'block; warn for somebody the app vouches for',
    'It stays good for more than a year, or for ever.',
  ],
  'signature-operation-unread': ['block', 'What the account would do is none of the usual ways to make calls.'],
  'signature-order-gives-any': ['block', 'The buyer picks which of the tokens to take.'],
  'signature-order-unreadable': [
    'block; warn for an exchange the app vouches for',
    'An order with an item, a type or terms that its exchange does not have, or whose amounts are computed elsewhere.',
  ],
  'signature-other-account': ['warn', 'It is of an account for which the signer would sign as an owner.'],
  'signature-owner-mismatch': [
    'block or warn',
    'It is of another account than the one that signs, or its signature is of nobody.',
  ],
  'signature-paid-in-unknown': ['warn', 'The price is in a token that nobody vouches for.'],
  'signature-postdated': ['warn', 'It becomes good later, when it may be forgotten.'],
  'signature-proceeds-to-others': ['block', 'Somebody else gets most of what is paid.'],
  'signature-recipient-sink': ['block', 'The payment goes where nobody can move it.'],
  'signature-recipient-unknown': ['warn', 'Nobody vouches for whoever is paid.'],
  'signature-safe-delegatecall': ['block', "Foreign code would run with all the Safe's powers."],
  'signature-safe-operation': ['block', 'An operation that no Safe has.'],
  'signature-safe-refund': ['block; warn when the signer is paid', 'The Safe pays for gas beside the transaction.'],
  'signature-sign-in': ['info', 'A proper sign-in (ERC-4361).'],
  'signature-sign-in-elsewhere': ['warn', 'A sign-in that names one site, and an address (URI) of another.'],
  'signature-sign-in-odd': ['block', 'It imitates a sign-in and is not written as one.'],
  'signature-spender-is-you': ['warn', 'A permission for the signer itself.'],
  'signature-spender-unknown': ['warn', 'Nobody vouches for the spender.'],
  'signature-taker-chooses': [
    'block; warn for a contract and terms that it may hold to; a note for a spender the app vouches for',
    'The spender decides where the tokens go.',
  ],
  'signature-text': ['info', 'A text, to be signed if one would put one’s name under it.'],
  'signature-text-with-hash': ['warn', 'A text that holds a hash.'],
  'signature-too-long': ['block', 'More fields or transactions than are read and simulated.'],
  'signature-unfamiliar-contract': [
    'warn; block for an order of an exchange',
    'It names a well-known contract at an address where that does not live.',
  ],
  'signature-unfit': [
    'block',
    'The contract does not confirm what the document needs: its nonce, its domain, its type.',
  ],
  'signature-unknown-permission': ['block', 'An unknown kind of document that looks like a permission.'],
  'signature-unknown-type': ['warn', 'An unknown kind of document.'],
  'signature-unlimited': ['block; warn for a spender the app vouches for', 'A permission without a limit.'],
  'signature-witness-unread': [
    'block; warn for a contract, and for a spender the app vouches for',
    'Terms that only the spender understands.',
  ],
  'signature-wrong-chain': ['block', 'It is for another chain.'],
} as const satisfies Readonly<Record<`signature-${string}`, readonly [levels: string, about: string]>>

export type SignatureFindingName = keyof typeof SIGNATURE_FINDINGS
