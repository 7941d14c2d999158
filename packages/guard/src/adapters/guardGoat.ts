import { Address } from '@countersign/base'
import type { Abi } from 'viem'
import { copyTypedData, ofCalls } from '../Frozen.ts'
import { refused } from '../GuardRefusedError.ts'
import type { Gate } from '../gate/Gate.ts'
import { signDocument, signText } from './documents.ts'
import { copyFields, readAddress, readAmount, readData, refuseOthers } from './fields.ts'
import { shown } from './AccountShape.ts'
import { proxyOf } from './proxyOf.ts'

type Method = (...args: readonly unknown[]) => unknown

/** GOAT's `EVMWalletClient`, by its shape. */
export interface GoatShape {
  getAddress(): string
  getChain(): { readonly id: number }
  getCoreTools: Method
  sendTransaction: Method
  signMessage: Method
  signTypedData: Method
}

const READS = ['getAddress', 'getChain', 'getNativeBalance', 'read']
/** They end in what is judged, so they run on the guarded wallet. */
const COMPOSED = [
  ...['balanceOf', 'getTokenInfoByTicker', '_getTokenDecimals', 'convertToBaseUnits', 'convertFromBaseUnits'],
  ...['sendToken', 'getTokenAllowance', 'approve', 'revokeApproval', 'getCoreTools'],
]

/** A GOAT wallet; its tools, `sendToken` and `approve` included, go through the same judgement. */
export function guardGoatWith<W extends GoatShape>(inner: W, { gate }: { readonly gate: Gate }): W {
  const place = () => {
    const chainId = inner.getChain().id
    if (!Number.isSafeInteger(chainId)) throw refused('the wallet names no chain')
    return { chainId, from: Address.parse(inner.getAddress()) }
  }
  const judged: Readonly<Record<string, Method>> = {
    sendTransaction: (value) =>
      shown('viem', async () => {
        const given = copyFields(value, Object.keys((value ?? {}) as object))
        refuseOthers(given, ['to', 'value', 'data', 'abi', 'functionName', 'args', 'options'])
        refuseOthers(copyFields(given['options'] ?? {}, Object.keys(given['options'] ?? {})), [])
        const to = readAddress(given['to'], 'its recipient')
        const data = given['abi'] === undefined ? readData(given['data']) : await encode(given)
        const call = { to, value: readAmount(given['value'], 'its value') ?? 0n, data, gas: null, maxFeePerGas: null }
        // As bytes, so that nothing is encoded a second time after the judgement.
        const sent = { to: to ?? undefined, value: call.value, data }
        return gate.run(ofCalls(place(), [call], null), async () => inner.sendTransaction(sent))
      }),
    signMessage: (value) =>
      shown('viem', () =>
        signText(gate, {
          ...{ value, name: 'signMessage', ...place() },
          sign: async (text) => inner.signMessage(text),
        }),
      ),
    signTypedData: (value) =>
      shown('viem', () =>
        signDocument(gate, {
          value: copyTypedData(value),
          ...place(),
          sign: async (copy) => inner.signTypedData(copy),
        }),
      ),
  }
  return proxyOf(inner, { judged, reads: READS, composed: COMPOSED, gate })
}

async function encode(given: Readonly<Record<string, unknown>>) {
  const { encodeFunctionData } = await import('viem')
  const { abi, functionName, args } = given
  if (typeof functionName !== 'string') throw refused('the function to call is not named')
  return encodeFunctionData({ abi: abi as Abi, functionName, args: (args ?? []) as readonly unknown[] })
}
