/**
 * Why calls fail, in our words, by the exact text that well-known contracts revert with: OpenZeppelin's ERC-20, -721 and
 * -1155 (4.x), WETH9, Uniswap V2 and V3 and their routers. The text itself is a stranger's and may be written to be obeyed;
 * one of these, letter for letter, says nothing but what it is known for.
 */
const REASONS: Readonly<Record<string, string>> = {
  'ERC20: transfer amount exceeds balance': 'the account holds less of the token than it would send',
  'ERC20: burn amount exceeds balance': 'the account holds less of the token than it would burn',
  'ERC20: transfer amount exceeds allowance': 'the allowance is smaller than the amount',
  'ERC20: insufficient allowance': 'the allowance is smaller than the amount',
  'ERC20: transfer to the zero address': 'the recipient is the zero address',
  'ERC20: transfer from the zero address': 'the sender is the zero address',
  'ERC20: approve to the zero address': 'the spender is the zero address',
  'ERC20: decreased allowance below zero': 'the allowance is already smaller than that',
  'ERC20Permit: expired deadline': 'the signed permission has expired',
  'ERC20Permit: invalid signature': 'the signed permission is not valid',
  'Pausable: paused': 'the contract is paused',
  'Ownable: caller is not the owner': 'only the owner of the contract may do this',
  'ReentrancyGuard: reentrant call': 'the contract refuses to be called from within its own call',
  'ERC721: invalid token ID': 'there is no such token',
  'ERC721: transfer from incorrect owner': 'the account does not own this token',
  'ERC721: caller is not token owner or approved': 'the account may not move this token',
  'ERC721: transfer to non ERC721Receiver implementer': 'the recipient is a contract that takes no such tokens',
  'ERC1155: insufficient balance for transfer': 'the account holds fewer of the tokens than it would send',
  'ERC1155: caller is not token owner or approved': 'the account may not move these tokens',
  'UniswapV2Router: EXPIRED': 'the trade’s deadline has passed',
  'UniswapV2Router: INSUFFICIENT_OUTPUT_AMOUNT': 'less would arrive than the least that the trade accepts',
  'UniswapV2Router: EXCESSIVE_INPUT_AMOUNT': 'more would leave than the most that the trade accepts',
  'UniswapV2Library: INSUFFICIENT_LIQUIDITY': 'the pool holds too little',
  'UniswapV2: INSUFFICIENT_LIQUIDITY': 'the pool holds too little',
  'UniswapV2: INSUFFICIENT_OUTPUT_AMOUNT': 'the trade would pay out nothing',
  'UniswapV2: K': 'the pool would be paid too little',
  'UniswapV2: TRANSFER_FAILED': 'the token’s transfer failed',
  'TransferHelper: TRANSFER_FROM_FAILED':
    'the token could not be taken from the account: balance or allowance is too small',
  'TransferHelper: TRANSFER_FAILED': 'the token’s transfer failed',
  'TransferHelper: ETH_TRANSFER_FAILED': 'the recipient does not take the native coin',
  'TransferHelper::transferFrom: transferFrom failed':
    'the token could not be taken from the account: balance or allowance is too small',
  STF: 'the token could not be taken from the account: balance or allowance is too small',
  'Too little received': 'less would arrive than the least that the trade accepts',
  'Too much requested': 'more would leave than the most that the trade accepts',
  'Transaction too old': 'the trade’s deadline has passed',
  'SafeERC20: low-level call failed': 'the token’s transfer failed',
  'SafeERC20: ERC20 operation did not succeed': 'the token’s transfer failed',
  'Address: insufficient balance': 'the contract holds too little of the native coin',
  'Dai/insufficient-balance': 'the account holds less of the token than it would send',
  'Dai/insufficient-allowance': 'the allowance is smaller than the amount',
}

/** A contract's reason in our words; null when it is none that is known, letter for letter. */
export function ownWords(reason: string): string | null {
  return Object.hasOwn(REASONS, reason) ? (REASONS[reason] as string) : null
}
