import { Address, Hex, Wei } from '@countersign/base'
import { bytesOf, ofCalls } from '../Frozen.ts'
import { never, refused } from '../GuardRefusedError.ts'
import type { Gate } from '../gate/Gate.ts'
import { parseSigned } from '../codec/parseSigned.ts'
import type { Transaction } from '../codec/Transaction.ts'
import { signDocument, signText } from './documents.ts'
import { readAddress, readRequest, writeRequest, type Request } from './fields.ts'
import { shown, type AccountShape } from './AccountShape.ts'
import { guardAccountWith } from './guardAccount.ts'
import { guardClientWith, type ClientShape } from './guardClient.ts'
import { proxyOf } from './proxyOf.ts'

type Method = (...args: readonly unknown[]) => unknown

/** AgentKit's `EvmWalletProvider`, by its shape: extending it would call its maker's analytics. */
export interface WalletProviderShape {
  getAddress(): string
  getNetwork(): { readonly chainId?: string }
  sendTransaction: Method
  nativeTransfer: Method
  signTransaction: Method
  signTypedData: Method
  signMessage: Method
  sign?: Method
  toSigner?: Method
}

/** Reads; everything else that is not judged is refused by name. */
const READS = [
  'getAddress',
  'getNetwork',
  'getName',
  'getBalance',
  'getPublicClient',
  'readContract',
  'waitForTransactionReceipt',
  'trackInitialization',
]

export function guardWalletProviderWith<P extends WalletProviderShape>(inner: P, { gate }: { readonly gate: Gate }): P {
  const from = (): Address.Address => Address.parse(inner.getAddress())
  const chainId = (): number => {
    const chain = Number(inner.getNetwork().chainId)
    if (!Number.isSafeInteger(chain) || chain <= 0) throw refused('the wallet names no chain')
    return chain
  }
  const place = () => ({ chainId: chainId(), from: from() })
  const requestOf = (value: unknown): Request => {
    const request = readRequest(value)
    if (request.chainId !== null && Number(request.chainId) !== chainId())
      throw refused(`chain ${request.chainId} of the request, chain ${chainId()} of the wallet`)
    if (request.from !== null && !Address.isEqual(request.from, from()))
      throw refused(`it is from ${request.from}, and the wallet is ${from()}`)
    return request
  }
  const sent = (request: Request) => writeRequest(request, { gas: 'gas', amount: (value) => value })

  const judged: Readonly<Record<string, Method>> = {
    sendTransaction: (value) =>
      shown('viem', async () => {
        const request = requestOf(value)
        const frozen = ofCalls(place(), [request.call], request.nonce)
        return gate.run(frozen, async () => inner.sendTransaction(sent(request)))
      }),
    nativeTransfer: (to, value) =>
      shown('viem', async () => {
        const recipient = readAddress(to, 'its recipient')
        // Whole units, as AgentKit documents it.
        if (recipient === null || typeof value !== 'string') throw refused('the transfer cannot be read')
        const call = { to: recipient, value: Wei.fromEther(value), data: '0x' as const, gas: null, maxFeePerGas: null }
        return gate.run(ofCalls(place(), [call], null), async () => inner.nativeTransfer(recipient, value))
      }),
    signTransaction: (value) =>
      shown('viem', async () => {
        const request = requestOf(value)
        const { chainId: chain, from: sender } = place()
        return gate.run(ofCalls({ chainId: chain, from: sender }, [request.call], request.nonce), async () => {
          const signed = Hex.parse(String(await inner.signTransaction(sent(request))))
          const back = parseSigned(signed)
          const isSame =
            typeof back !== 'string' &&
            saysAsJudged(back.transaction, request) &&
            back.transaction.chainId === chain &&
            Address.isEqual(back.from, sender)
          if (!isSame) throw refused('the wallet signed something else than was judged')
          return signed
        })
      }),
    signTypedData: (value) =>
      shown('viem', async () =>
        signDocument(gate, { value, ...place(), sign: async (copy) => inner.signTypedData(copy) }),
      ),
    signMessage: (value) =>
      shown('viem', async () => {
        // The wallet takes 0x-hex for bytes.
        const bytes = typeof value === 'string' ? bytesOf(value) : value
        const message = bytes === null ? value : { raw: bytes }
        return signText(gate, {
          ...{ value: message, name: 'signMessage', ...place() },
          sign: async (text) => inner.signMessage(text),
        })
      }),
    sign: (hash) =>
      shown('viem', async () => {
        if (!gate.allow.has('sign') || inner.sign === undefined) throw never('sign', 'a bare hash can be anything')
        return inner.sign(hash)
      }),
  }
  const made = { toSigner: () => guardAccountWith(signerOf(inner), { gate, chainId: async () => chainId() }) }
  /** `getPublicClient` sends what is signed already: that is judged too. */
  const guardOther = (value: object): unknown =>
    typeof (value as Partial<ClientShape>).request === 'function'
      ? guardClientWith(value as ClientShape, { gate, chainId: async () => chainId() })
      : undefined
  return proxyOf(inner, { judged, made, reads: READS, gate, guardOther })
}

/** Whether signed bytes say what was judged; what the request left open is the wallet's choice. */
function saysAsJudged(bytes: Transaction, { call, nonce, maxPriorityFeePerGas }: Request): boolean {
  const isStated = <T>(stated: T | null, found: T): boolean => stated === null || stated === found
  return (
    bytes.to === call.to &&
    bytes.value === call.value &&
    bytes.data === call.data &&
    bytes.accessList.length === 0 &&
    isStated(call.gas, bytes.gas) &&
    isStated(call.maxFeePerGas, bytes.maxFeePerGas) &&
    isStated(maxPriorityFeePerGas, bytes.maxPriorityFeePerGas) &&
    isStated(nonce, bytes.nonce)
  )
}

/** The wallet as a viem account, of which every method ends in the wallet's own. */
function signerOf(inner: WalletProviderShape): AccountShape {
  const call = (
    name: 'sign' | 'signMessage' | 'signTransaction' | 'signTypedData',
    argument: unknown,
  ): Promise<string> => {
    const method = inner[name]
    if (method === undefined) throw refused(`the wallet has no method ${name}`)
    return Promise.resolve(method.call(inner, argument)) as Promise<string>
  }
  return {
    ...{ address: inner.getAddress(), type: 'local', source: 'custom' },
    sign: (value: { hash: string }) => call('sign', value.hash),
    signMessage: ({ message }: { message: unknown }) => call('signMessage', message),
    signTransaction: (value: unknown) => call('signTransaction', value),
    signTypedData: (value: unknown) => call('signTypedData', value),
  } as unknown as AccountShape
}
