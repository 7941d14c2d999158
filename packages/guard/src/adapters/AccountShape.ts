import { inFlavor } from '../GuardRefusedError.ts'
import { thrownOut } from './handedOut.ts'

type Method = (...args: readonly never[]) => Promise<string>

/** A viem `Account` that holds a key, by its shape. */
export interface AccountShape {
  readonly address: string
  readonly type: 'local' | 'smart'
  readonly source?: string
  readonly publicKey?: string
  readonly nonceManager?: unknown
  readonly sign?: Method
  readonly signAuthorization?: Method
  readonly signMessage: Method
  readonly signTransaction: Method
  readonly signTypedData: Method
}

/** Runs a method of an adapter, and dresses its refusal for the library that will show it. */
export async function shown<T>(flavor: 'viem' | 'ethers', work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw await inFlavor(thrownOut(error), flavor)
  }
}
