/** What an account gains by a call: power over assets or accounts, or the assets themselves. */
export type BeneficiaryRole =
  'spender' | 'operator' | 'owner' | 'delegate' | 'module' | 'guard' | 'recipient' | 'fee-taker'

/** Where, in a function's arguments, the account stands that gains by it; a second number is a place in a tuple. */
export interface Gain {
  readonly at: readonly number[]
  readonly role: BeneficiaryRole
  /** An argument that takes the power away again when it is zero or false. */
  readonly unless?: number
}

/**
 * By name of a function, as the standards and the protocols that most wallets meet write it (ERC-20, ERC-721, ERC-1155,
 * ERC-2612, ERC-4626, Ownable, AccessControl, Safe, Permit2, Uniswap V2 and V3, Aave V3, SPL Token). The name is what skills
 * write; a contract that answers to it otherwise does not make the account less literal.
 */
export const GAINS: Readonly<Record<string, readonly Gain[]>> = {
  setAddr: [
    { at: [1], role: 'recipient' },
    { at: [2], role: 'recipient' },
  ],
  approve: [{ at: [0], role: 'spender', unless: 1 }],
  safeApprove: [{ at: [0], role: 'spender', unless: 1 }],
  forceApprove: [{ at: [0], role: 'spender', unless: 1 }],
  increaseAllowance: [{ at: [0], role: 'spender', unless: 1 }],
  safeIncreaseAllowance: [{ at: [1], role: 'spender' }],
  approveAndCall: [{ at: [0], role: 'spender' }],
  setApprovalForAll: [{ at: [0], role: 'operator', unless: 1 }],
  authorizeOperator: [{ at: [0], role: 'operator' }],
  setOperator: [{ at: [0], role: 'operator', unless: 1 }],
  permit: [{ at: [1], role: 'spender', unless: 2 }],
  transfer: [{ at: [0], role: 'recipient', unless: 1 }],
  transferFrom: [{ at: [1], role: 'recipient' }],
  safeTransferFrom: [{ at: [1], role: 'recipient' }],
  safeBatchTransferFrom: [{ at: [1], role: 'recipient' }],
  safeTransferETH: [{ at: [0], role: 'recipient' }],
  transferWithAuthorization: [{ at: [1], role: 'recipient' }],
  deposit: [
    { at: [1], role: 'recipient' },
    { at: [2], role: 'recipient' },
  ],
  setFee: [{ at: [1], role: 'fee-taker' }],
  setPerformanceFee: [{ at: [1], role: 'fee-taker' }],
  setProtocolFee: [{ at: [1], role: 'fee-taker' }],
  setFeeRecipient: [{ at: [0], role: 'fee-taker' }],
  setFeeTo: [{ at: [0], role: 'fee-taker' }],
  setTreasury: [{ at: [0], role: 'fee-taker' }],
  setBeneficiary: [{ at: [0], role: 'recipient' }],
  approveBuilderFee: [{ at: [0], role: 'fee-taker' }],
  depositFor: [{ at: [0], role: 'recipient' }],
  supply: [{ at: [2], role: 'recipient' }],
  mint: [{ at: [1], role: 'recipient' }],
  withdraw: [
    { at: [1], role: 'recipient' },
    { at: [2], role: 'recipient' },
  ],
  withdrawTo: [{ at: [0], role: 'recipient' }],
  redeem: [{ at: [1], role: 'recipient' }],
  collect: [{ at: [0, 1], role: 'recipient' }],
  exactInput: [{ at: [0, 1], role: 'recipient' }],
  exactInputSingle: [{ at: [0, 3], role: 'recipient' }],
  exactOutput: [{ at: [0, 1], role: 'recipient' }],
  exactOutputSingle: [{ at: [0, 3], role: 'recipient' }],
  swapExactTokensForTokens: [{ at: [3], role: 'recipient' }],
  swapTokensForExactTokens: [{ at: [3], role: 'recipient' }],
  swapExactETHForTokens: [{ at: [2], role: 'recipient' }],
  swapExactTokensForETH: [{ at: [3], role: 'recipient' }],
  sweepToken: [{ at: [2], role: 'recipient' }],
  unwrapWETH9: [{ at: [1], role: 'recipient' }],
  borrowAllowance: [{ at: [0], role: 'spender' }],
  approveDelegation: [{ at: [0], role: 'spender', unless: 1 }],
  transferOwnership: [{ at: [0], role: 'owner' }],
  setOwner: [{ at: [0], role: 'owner' }],
  changeOwner: [{ at: [0], role: 'owner' }],
  changeAdmin: [{ at: [0], role: 'owner' }],
  setAdmin: [{ at: [0], role: 'owner' }],
  grantRole: [{ at: [1], role: 'owner' }],
  addOwner: [{ at: [0], role: 'owner' }],
  addOwnerWithThreshold: [{ at: [0], role: 'owner' }],
  swapOwner: [{ at: [2], role: 'owner' }],
  upgradeTo: [{ at: [0], role: 'owner' }],
  upgradeToAndCall: [{ at: [0], role: 'owner' }],
  enableModule: [{ at: [0], role: 'module' }],
  installModule: [{ at: [1], role: 'module' }],
  setGuard: [{ at: [0], role: 'guard' }],
  setFallbackHandler: [{ at: [0], role: 'guard' }],
  delegate: [{ at: [0], role: 'delegate' }],
  delegateBySig: [{ at: [0], role: 'delegate' }],
  createTransferInstruction: [{ at: [1], role: 'recipient' }],
  createTransferCheckedInstruction: [{ at: [2], role: 'recipient' }],
  createApproveInstruction: [{ at: [1], role: 'delegate' }],
  createEnableModuleTx: [{ at: [0], role: 'module' }],
  createEnableGuardTx: [{ at: [0], role: 'guard' }],
  createSetAuthorityInstruction: [{ at: [3], role: 'owner' }],
}

/** Fields of requests, typed data and options that name who gains. */
export const FIELDS: Readonly<Record<string, BeneficiaryRole>> = {
  spender: 'spender',
  operator: 'operator',
  delegatee: 'delegate',
  delegate: 'delegate',
  newowner: 'owner',
  newauthority: 'owner',
  newauthorizedpubkey: 'owner',
  topubkey: 'recipient',
  recipient: 'recipient',
  receiver: 'recipient',
  beneficiary: 'recipient',
  payout: 'recipient',
  payoutaddress: 'recipient',
  refundreceiver: 'recipient',
  onbehalfof: 'recipient',
  feerecipient: 'fee-taker',
  feereceiver: 'fee-taker',
  feeaccount: 'fee-taker',
  platformfeeaccount: 'fee-taker',
  swapfeerecipient: 'fee-taker',
  tradesurplusrecipient: 'fee-taker',
  affiliate: 'fee-taker',
  affiliateaddress: 'fee-taker',
  referrer: 'fee-taker',
  referreraddress: 'fee-taker',
  integratorfeerecipient: 'fee-taker',
  partneraddress: 'fee-taker',
}

/** First four bytes of Keccak-256 of the signature, for calldata that is written out: the words where the account stands. */
export const SELECTORS: Readonly<
  Record<string, { readonly word: number; readonly role: BeneficiaryRole; readonly unless?: number }>
> = {
  '095ea7b3': { word: 0, role: 'spender', unless: 1 },
  '39509351': { word: 0, role: 'spender', unless: 1 },
  a22cb465: { word: 0, role: 'operator', unless: 1 },
  a9059cbb: { word: 0, role: 'recipient', unless: 1 },
  '23b872dd': { word: 1, role: 'recipient' },
  '42842e0e': { word: 1, role: 'recipient' },
  f2fde38b: { word: 0, role: 'owner' },
  '2f2ff15d': { word: 1, role: 'owner' },
  '0d582f13': { word: 0, role: 'owner' },
  '610b5925': { word: 0, role: 'module' },
  e19a9dd9: { word: 0, role: 'guard' },
  '5c19a95c': { word: 0, role: 'delegate' },
}
