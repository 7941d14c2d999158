import { never, refused } from '../GuardRefusedError.ts'
import type { Gate } from '../gate/Gate.ts'
import { guardProviderWith, type Judged } from './guardProvider.ts'
import { isData } from './handedOut.ts'
import { sendJudged } from './judgedTransaction.ts'

/** A provider of ethers, by its shape. */
export interface EthersProviderShape {
  readonly pollingInterval?: number
  getNetwork(): Promise<{ readonly chainId: bigint; clone?(): { readonly chainId: bigint } }>
  getBlockNumber(): Promise<number>
  getTransaction(hash: string): Promise<{ replaceableTransaction(startBlock: number): unknown } | null>
  _perform(request: unknown): Promise<unknown>
  send?(method: string, params: unknown): Promise<unknown>
}

type ProviderBase = new (network?: unknown, options?: unknown) => EthersProviderShape

/** The class at the foot of an object's chain of prototypes: `AbstractSigner` or `AbstractProvider` of the caller's own ethers. */
export function baseOf(value: object, what: string): new (...args: readonly unknown[]) => object {
  let found: object | null = null
  for (let at: object | null = Object.getPrototypeOf(value) as object; at !== null && at !== Object.prototype;)
    [found, at] = [at, Object.getPrototypeOf(at) as object | null]
  const made = (found as { readonly constructor?: unknown } | null)?.constructor
  if (typeof made !== 'function') throw refused(`this ${what} of ethers`)
  return made as new (...args: readonly unknown[]) => object
}

/** What `AbstractProvider` asks of a node and what changes nothing there. */
const READS = new Set([
  ...['call', 'chainId', 'estimateGas', 'getBalance', 'getBlock', 'getBlockNumber', 'getCode', 'getGasPrice'],
  ...['getLogs', 'getPriorityFee', 'getStorage', 'getTransaction', 'getTransactionCount', 'getTransactionReceipt'],
  'getTransactionResult',
])

/**
 * A provider of ethers made anew over another one: it reads through it, its answers know this provider and not that one, and bytes
 * that it broadcasts were judged. The other one would hand out signers of its own (`getSigner`).
 */
export function guardEthersProvider(
  inner: EthersProviderShape,
  { gate, judged }: { readonly gate: Gate; readonly judged: Judged },
): EthersProviderShape {
  const { _perform: answer } = inner
  if (typeof answer !== 'function' || typeof inner.getNetwork !== 'function')
    throw refused('the provider of this signer does not extend AbstractProvider of ethers')
  const AbstractProvider = baseOf(inner, 'provider does not extend AbstractProvider') as ProviderBase
  const perform = (request: unknown): Promise<unknown> => answer.call(inner, request)
  const ask = async (method: string, params: unknown): Promise<unknown> => {
    if (inner.send === undefined) throw never(method, 'the provider does not offer it')
    return inner.send(method, params)
  }
  const requests = guardProviderWith({ request: ({ method, params }) => ask(method, params ?? []) }, { gate, judged })
  class GuardedProvider extends AbstractProvider {
    async _detectNetwork(): Promise<unknown> {
      const network = await inner.getNetwork()
      return network.clone?.() ?? { ...network }
    }

    override async _perform(given: unknown): Promise<unknown> {
      // Before anything is read: a getter answers here once, and never again.
      const request = structuredClone(given ?? {}) as Readonly<Record<string, unknown>>
      const { method, signedTransaction } = request
      if (method === 'broadcastTransaction') {
        const raw = String(signedTransaction)
        const send = (bytes: string): Promise<unknown> =>
          perform({ method: 'broadcastTransaction', signedTransaction: bytes })
        if (judged.isJudged(raw)) return send(raw)
        const chainId = Number((await inner.getNetwork()).chainId)
        return sendJudged(gate, { raw, chainId, from: null, send })
      }
      if (typeof method !== 'string' || !READS.has(method))
        throw never(String(method).slice(0, 60), 'the guard does not know it')
      const found = await perform(request)
      if (!isData(found)) throw never(method, 'its answer could lead past the guard')
      return structuredClone(found)
    }

    override send(method: string, params: unknown): Promise<unknown> {
      return requests.request({ method, params: (params ?? []) as readonly unknown[] })
    }

    getSigner(): Promise<unknown> {
      return Promise.reject(never('getSigner', 'it hands out a signer that is not guarded'))
    }
  }
  // The inner provider keeps what it cached; this one keeps nothing.
  return new GuardedProvider(undefined, { cacheTimeout: -1, pollingInterval: inner.pollingInterval ?? 4_000 })
}
