import type { Address } from '@countersign/base'
import type { Unmined } from '@countersign/simulator'
import { AccountBusyError } from './AccountQueue.ts'
import type { SenderLook } from './lookAtSender.ts'

/**
 * What an account has signed and what is not mined, as a simulation stands on it: each verified by its own signature, in
 * the order of the nonces, without a gap from the account's next.
 *
 * @throws {AccountBusyError} `proposals:account:busy` where that is not known for sure: then nothing is judged.
 */
export function unminedOf(
  { waiting, isComplete, nonce }: Pick<SenderLook, 'waiting' | 'isComplete' | 'nonce'>,
  account: Address.Address,
): readonly Unmined[] {
  if (!isComplete) throw new AccountBusyError(`${account} has sent more than can be read now.`)
  const unmined = waiting.map(({ hash, signed }) => {
    if (signed === null)
      throw new AccountBusyError(`A transaction of ${account} is not mined yet and cannot be simulated: ${hash}.`)
    return signed
  })
  unmined.sort((a, b) => (a.call.nonce < b.call.nonce ? -1 : 1))
  // A gap is never filled by itself, and two of one nonce replace each other: which one comes nobody knows.
  const isInLine = unmined.every(({ call }, i) => call.nonce === nonce + BigInt(i))
  if (!isInLine) throw new AccountBusyError(`Which transactions of ${account} will be mined is not known yet.`)
  return unmined
}
