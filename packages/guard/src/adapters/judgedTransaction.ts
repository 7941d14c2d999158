import { Address, Hex } from '@countersign/base'
import type { Frozen } from '../Frozen.ts'
import { ofCalls } from '../Frozen.ts'
import { refused } from '../GuardRefusedError.ts'
import type { Gate } from '../gate/Gate.ts'
import { parseSigned } from '../codec/parseSigned.ts'
import * as Transaction from '../codec/Transaction.ts'

/** A transaction as it is judged. */
export function frozenOf(transaction: Transaction.Transaction, from: Address.Address): Frozen {
  const { chainId, to, value, data, gas, maxFeePerGas, nonce } = transaction
  return ofCalls({ chainId, from }, [{ to, value, data, gas, maxFeePerGas }], nonce)
}

/** Reads unsigned bytes, or refuses them by what is wrong with them. */
export function readUnsigned(bytes: Hex.Hex): Transaction.Transaction {
  const read = Transaction.parse(bytes)
  if (typeof read === 'string') throw refused(read)
  if (read.signature !== null) throw refused('it is signed already')
  return read.transaction
}

/** Judges a transaction, has it signed, and hands out only bytes that say what was judged. */
export async function signJudged(
  gate: Gate,
  {
    transaction,
    from,
    sign,
  }: {
    readonly transaction: Transaction.Transaction
    readonly from: Address.Address
    readonly sign: () => Promise<string>
  },
): Promise<Hex.Hex> {
  return gate.run(frozenOf(transaction, from), async () => {
    const signed = Hex.parse(await sign())
    const back = parseSigned(signed)
    const isSame =
      typeof back !== 'string' &&
      Transaction.unsigned(back.transaction) === Transaction.unsigned(transaction) &&
      Address.isEqual(back.from, from)
    if (!isSame) throw refused('the signer signed something else than was judged')
    return signed
  })
}

/** Bytes that are signed already, such as for `eth_sendRawTransaction`: judged, and handed on as they are. */
export async function sendJudged<T>(
  gate: Gate,
  {
    raw,
    chainId,
    from,
    send,
  }: {
    readonly raw: unknown
    readonly chainId: number
    readonly from: Address.Address | null
    readonly send: (raw: Hex.Hex) => Promise<T>
  },
): Promise<T> {
  const bytes = typeof raw === 'string' && /^0x(?:[0-9a-fA-F]{2})+$/.test(raw) ? Hex.parse(raw) : null
  if (bytes === null) throw refused('the bytes are not a transaction that can be judged')
  const read = parseSigned(bytes)
  if (typeof read === 'string') throw refused(read)
  if (read.transaction.chainId !== chainId)
    throw refused(`chain ${read.transaction.chainId} of the bytes, chain ${chainId} of the provider`)
  if (from !== null && !Address.isEqual(from, read.from))
    throw refused(`the bytes are signed by ${read.from}, not by the guarded account`)
  return gate.run(frozenOf(read.transaction, read.from), () => send(bytes))
}
