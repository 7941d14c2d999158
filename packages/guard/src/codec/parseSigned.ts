import { Address, Digest, type Hex } from '@countersign/base'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { parse, unsigned, type Fault, type Transaction } from './Transaction.ts'

export interface Signed {
  readonly transaction: Transaction
  readonly from: Address.Address
}

/** Reads signed bytes and recovers who signed them. Beside `Transaction.ts`, because curves take long to load. */
export function parseSigned(bytes: Hex.Hex): Signed | Fault {
  const read = parse(bytes)
  if (typeof read === 'string') return read
  if (read.signature === null) return 'it is not signed'
  const { yParity, r, s } = read.signature
  try {
    const hash = Buffer.from(Digest.keccak256(unsigned(read.transaction)).slice(2), 'hex')
    const key = new secp256k1.Signature(r, s, yParity).recoverPublicKey(hash).toBytes(false).slice(1)
    return { transaction: read.transaction, from: Address.parse(`0x${Digest.keccak256(key).slice(-40)}`) }
  } catch {
    return 'its signature is not valid'
  }
}
