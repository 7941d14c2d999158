import { Address } from '@countersign/base'
import { never, refused } from '../GuardRefusedError.ts'
import type { Gate } from '../gate/Gate.ts'
import * as Transaction from '../codec/Transaction.ts'
import { signDocument, signText } from './documents.ts'
import { readPrepared, toViem } from './fields.ts'
import { signJudged } from './judgedTransaction.ts'
import { guardNonces, type Nonces } from './guardNonces.ts'
import { guardSmartAccount } from './guardSmartAccount.ts'
import { shown, type AccountShape } from './AccountShape.ts'

/**
 * A viem account that signs only what was judged. Messages carry no chain, so they are judged on the guard's own.
 *
 * @param chainId - Where messages are judged.
 */
export function guardAccountWith(
  inner: AccountShape,
  { gate, chainId }: { readonly gate: Gate; readonly chainId: () => Promise<number> },
): AccountShape {
  if (inner.type === 'smart') return guardSmartAccount(inner, { gate, chainId })
  const from = Address.parse(inner.address)
  const call = (
    name: 'sign' | 'signAuthorization' | 'signMessage' | 'signTransaction' | 'signTypedData',
    argument: unknown,
  ): Promise<string> => {
    const method = inner[name] as ((argument: unknown) => Promise<string>) | undefined
    if (method === undefined) throw refused(`the account has no method ${name}`)
    return method.call(inner, argument)
  }
  const nonces = inner.nonceManager === undefined ? null : guardNonces()
  const unjudged = (name: 'sign' | 'signAuthorization', why: string) => (argument: unknown) =>
    shown('viem', async () => {
      if (!gate.allow.has(name)) throw never(name, why)
      return call(name, argument)
    })
  return Object.freeze({
    address: inner.address,
    type: 'local',
    source: inner.source ?? 'custom',
    ...(inner.publicKey === undefined ? {} : { publicKey: inner.publicKey }),
    ...(nonces === null ? {} : { nonceManager: nonces as Nonces }),
    signTransaction: (value: unknown, options?: { readonly serializer?: unknown }) =>
      shown('viem', async () => {
        let transaction: Transaction.Transaction | null = null
        try {
          transaction = readPrepared(value)
          refuseOtherBytes(transaction, options?.serializer)
          const prepared = toViem(transaction)
          return await signJudged(gate, { transaction, from, sign: () => call('signTransaction', prepared) })
        } catch (error) {
          // A nonce that was given out for nothing would leave a gap.
          if (transaction !== null) nonces?.giveBack(from, transaction)
          throw error
        }
      }),
    signTypedData: (value: unknown) =>
      shown('viem', () => {
        const { domain, types, primaryType, message } = (value ?? {}) as Record<string, unknown>
        const document = { domain, types, primaryType, message }
        return signDocument(gate, { value: document, chainId: null, from, sign: (copy) => call('signTypedData', copy) })
      }),
    signMessage: (value: unknown) =>
      shown('viem', async () => {
        const { message } = (value ?? {}) as { readonly message?: unknown }
        return signText(gate, {
          ...{ value: message, name: 'signMessage', chainId, from },
          sign: (text) => call('signMessage', { message: text }),
        })
      }),
    sign: unjudged('sign', 'a bare hash can be anything'),
    signAuthorization: unjudged('signAuthorization', 'it hands the account to other code'),
  }) as unknown as AccountShape
}

/** A chain's own serialiser is harmless exactly where it makes the bytes that are judged. */
function refuseOtherBytes(transaction: Transaction.Transaction, serializer: unknown): void {
  if (serializer === undefined || serializer === null) return
  let made: unknown = null
  try {
    made = typeof serializer === 'function' ? (serializer as (value: unknown) => unknown)(toViem(transaction)) : null
  } catch {
    // It makes no bytes at all.
  }
  if (typeof made !== 'string' || made.toLowerCase() !== Transaction.unsigned(transaction))
    throw refused('another serialiser signs other bytes')
}
