/**
 * Names under which contracts give back what they hold for somebody, by protocols in use: staking, vaults (ERC-4626),
 * lending, locks, sales. Data, not judgement: a contract whose exit has another name is tried by its selectors.
 */
export const EXITS: readonly string[] = [
  ...named('withdraw', '', 'uint256', 'address', 'uint256,uint256', 'address,uint256', 'uint256,address'),
  ...named('withdraw', 'uint256,address,address', 'address,uint256,address', 'uint256,bool'),
  ...named('withdrawAll', '', 'uint256', 'address'),
  ...named('withdrawTo', 'address,uint256', 'uint256,address'),
  ...named('withdrawETH', '', 'uint256'),
  ...named('withdrawEther', '', 'uint256'),
  ...named('withdrawToken', 'address,uint256'),
  ...named('withdrawTokens', '', 'uint256'),
  ...named('withdrawStake', '', 'uint256'),
  ...named('withdrawDeposit', '', 'uint256'),
  ...named('withdrawFunds', '', 'uint256'),
  ...named('withdrawAndUnwrap', 'uint256,bool'),
  ...named('redeem', '', 'uint256', 'uint256,address', 'address,uint256', 'uint256,address,address'),
  ...named('redeemAll', ''),
  ...named('redeemUnderlying', 'uint256'),
  ...named('exit', '', 'uint256', 'uint256,address'),
  ...named('leave', '', 'uint256', 'uint256,address'),
  ...named('unstake', '', 'uint256', 'uint256,address', 'address,uint256', 'uint256,bool', 'uint256,uint256'),
  ...named('unstakeAll', ''),
  ...named('divest', 'uint256'),
  ...named('removeStake', 'uint256'),
  ...named('removeLiquidity', 'uint256'),
  ...named('emergencyWithdraw', '', 'uint256', 'address'),
]

/**
 * Names under which others than depositors are paid as well, or something else happens: one that pays is a way out, one
 * that does not says nothing.
 */
export const PERHAPS: readonly string[] = [
  ...named('unlock', '', 'uint256', 'address'),
  ...named('release', '', 'uint256', 'uint256,address', 'address,uint256'),
  ...named('refund', '', 'uint256', 'address'),
  ...named('claimRefund', '', 'uint256'),
  ...named('burn', 'uint256', 'address,uint256'),
  ...named('cashOut', '', 'uint256'),
  ...named('claim', '', 'uint256', 'address'),
]

/** Names under which an exit is asked for that pays later. */
export const ASKS: readonly string[] = [
  ...named('requestWithdraw', '', 'uint256'),
  ...named('requestWithdrawal', '', 'uint256'),
  ...named('requestRedeem', 'uint256', 'uint256,address,address'),
  ...named('requestUnstake', '', 'uint256'),
  ...named('requestExit', '', 'uint256'),
  ...named('initiateWithdraw', '', 'uint256'),
  ...named('initiateWithdrawal', '', 'uint256'),
  ...named('initiateUnstake', '', 'uint256'),
  ...named('queueWithdraw', '', 'uint256'),
  ...named('queueWithdrawal', '', 'uint256'),
  ...named('startUnstake', '', 'uint256'),
  ...named('startCooldown', '', 'uint256'),
  ...named('cooldown', '', 'uint256'),
  ...named('cooldownShares', 'uint256'),
  ...named('cooldownAssets', 'uint256'),
  ...named('unbond', '', 'uint256'),
  ...named('beginUnstake', '', 'uint256'),
]

/** Whether it is a way out for whoever holds a receipt, and never one for the seller who takes the proceeds. */
export function isOfReceipts(signature: string): boolean {
  return /^(redeem|exit|leave|unstake|divest|removeStake)/.test(signature) || signature === OF_SHARES
}
/** ERC-4626: assets, receiver, owner. */
const OF_SHARES = 'withdraw(uint256,address,address)'

/** One name with each of its argument lists. */
function named(name: string, ...lists: readonly string[]): string[] {
  return lists.map((list) => `${name}(${list})`)
}
