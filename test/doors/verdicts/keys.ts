import type { Hex } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'

const KEYS = new WeakMap<PrivateKeyAccount, Hex>()
/** ethers takes a key, not an account. */
export function keepKey(account: PrivateKeyAccount, key: Hex): PrivateKeyAccount {
  KEYS.set(account, key)
  return account
}
export function keyOf(account: PrivateKeyAccount): Hex {
  const key = KEYS.get(account)
  if (key === undefined) throw new Error('The key of this account is not known.')
  return key
}
