import { Address, Hex, Wei } from '@countersign/base'
import { bytesOf, ofCalls, type FrozenCall } from '../Frozen.ts'
import { never, refused } from '../GuardRefusedError.ts'
import type { Gate } from '../gate/Gate.ts'
import { parseSigned } from '../codec/parseSigned.ts'
import { signDocument, signText } from './documents.ts'
import { copyFields, readAddress, readAmount, readData } from './fields.ts'
import { shown, type AccountShape } from './AccountShape.ts'
import { guardAccountWith } from './guardAccount.ts'

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
  const callOf = (value: unknown): FrozenCall => {
    const given = copyFields(value, Object.keys((value ?? {}) as object))
    const unknown = Object.keys(given).find((name) => !SENT.includes(name) && given[name] !== undefined)
    if (unknown !== undefined) throw refused(`the field "${unknown.slice(0, 40)}" is not judged`)
    const named = readAmount(given['chainId'], 'its chain id')
    if (named !== null && Number(named) !== chainId())
      throw refused(`chain ${named} of the request, chain ${chainId()} of the wallet`)
    return {
      ...{ to: readAddress(given['to'], 'its recipient'), value: readAmount(given['value'], 'its value') ?? 0n },
      ...{ data: readData(given['data']), gas: null, maxFeePerGas: null },
    }
  }
  const sent = ({ to, value, data }: FrozenCall) => ({ ...(to === null ? {} : { to }), value, data })

  const judged: Readonly<Record<string, Method>> = {
    sendTransaction: (value) =>
      shown('viem', async () => {
        const call = callOf(value)
        return gate.run(ofCalls(place(), [call], null), async () => inner.sendTransaction(sent(call)))
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
        const call = callOf(value)
        const sender = from()
        return gate.run(ofCalls(place(), [call], null), async () => {
          const signed = Hex.parse(String(await inner.signTransaction(sent(call))))
          const back = parseSigned(signed)
          const isSame =
            typeof back !== 'string' &&
            back.transaction.to === call.to &&
            back.transaction.value === call.value &&
            back.transaction.data === call.data &&
            back.transaction.chainId === chainId() &&
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
    toSigner: () => guardAccountWith(signerOf(inner), { gate, chainId: async () => chainId() }),
  }
  return proxyOf(inner, { judged, reads: READS, gate })
}

const SENT = [
  'from',
  'to',
  'value',
  'data',
  'chainId',
  'gas',
  'gasLimit',
  'maxFeePerGas',
  'maxPriorityFeePerGas',
  'gasPrice',
  'nonce',
  'type',
]

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

/**
 * An object of which some methods are judged, some read, and every other one is refused by name. Methods run on the inner
 * object, which may have private fields; `composed` ones run on the guarded one, because they call what is judged.
 */
export function proxyOf<T extends object>(
  inner: T,
  {
    judged,
    reads,
    composed = [],
    gate,
  }: {
    readonly judged: Readonly<Record<string, Method>>
    readonly reads: readonly string[]
    readonly composed?: readonly string[]
    readonly gate: Gate
  },
): T {
  // The target holds nothing: what a proxy's target has can be asked for past its traps.
  const proxy: T = new Proxy(Object.freeze(Object.create(Object.getPrototypeOf(inner) as object) as T), {
    get(_target, name) {
      if (typeof name !== 'string') return name === Symbol.toStringTag ? 'GuardedWallet' : undefined
      if (Object.hasOwn(judged, name)) return judged[name]
      if (name === 'constructor' || name === 'then') return name === 'then' ? undefined : inner.constructor
      const found = Reflect.get(inner, name) as unknown
      if (typeof found !== 'function') return isPlain(found) ? found : undefined
      if (reads.includes(name) || gate.allow.has(name)) return found.bind(inner) as unknown
      if (composed.includes(name)) return found.bind(proxy) as unknown
      return () => shown('viem', () => Promise.reject(never(name, 'the guard does not know it')))
    },
    getOwnPropertyDescriptor: () => undefined,
  })
  return proxy
}

/** Values that hold no signer. */
function isPlain(value: unknown): boolean {
  return (
    value === null ||
    typeof value !== 'object' ||
    (Array.isArray(value) && value.every((each) => typeof each !== 'function'))
  )
}
