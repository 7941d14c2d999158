import { Address, Hex } from '@countersign/base'
import { copyTypedData, ofCalls } from '../Frozen.ts'
import { never, refused } from '../GuardRefusedError.ts'
import type { Gate } from '../gate/Gate.ts'
import type * as Transaction from '../codec/Transaction.ts'
import { signDocument, signText } from './documents.ts'
import { copyFields, readAddress, readPrepared, readRequest, writeRequest, type Fields } from './fields.ts'
import { baseOf, guardEthersProvider, type EthersProviderShape } from './guardEthersProvider.ts'
import type { Judged } from './guardProvider.ts'
import { shown } from './AccountShape.ts'
import { readUnsigned, signJudged } from './judgedTransaction.ts'

/** An ethers `Signer`, by its shape. */
export interface EthersSignerShape {
  readonly provider: EthersProviderShape | null
  getAddress(): Promise<string>
  connect(provider: unknown): EthersSignerShape
  signTransaction(transaction: unknown): Promise<string>
  signTypedData(domain: unknown, types: unknown, value: unknown): Promise<string>
  signMessage(message: unknown): Promise<string>
  sendTransaction(transaction: unknown): Promise<unknown>
  populateTransaction(transaction: unknown): Promise<unknown>
}

type Base = new (provider: unknown) => EthersSignerShape

/** An ethers signer that signs only what was judged. The inner signer is reachable by no property. */
export function guardSignerWith(
  inner: EthersSignerShape,
  { gate, chainId }: { readonly gate: Gate; readonly chainId: () => Promise<number> },
): EthersSignerShape {
  const AbstractSigner = baseOf(inner, 'signer does not extend AbstractSigner') as Base
  /** What was signed after its judgement, so that broadcasting it is not judged a second time. */
  const signed = new Set<string>()
  const judged: Judged = {
    isJudged: (raw) => typeof raw === 'string' && signed.has(raw.toLowerCase()),
    isLocal: !('sendUncheckedTransaction' in inner),
  }
  const guardedProvider = (provider: EthersProviderShape | null): EthersProviderShape | null =>
    provider === null ? null : guardEthersProvider(provider, { gate, judged })
  class GuardedSigner extends AbstractSigner {
    readonly #inner: EthersSignerShape

    constructor(signer: EthersSignerShape) {
      super(guardedProvider(signer.provider))
      this.#inner = signer
    }

    override getAddress(): Promise<string> {
      return this.#inner.getAddress()
    }

    override connect(provider: unknown): EthersSignerShape {
      return new GuardedSigner(this.#inner.connect(provider))
    }

    override signTransaction(value: unknown): Promise<string> {
      return shown('ethers', async () => {
        // Copied before anything is waited for.
        const reading = readTransaction(value, this.getAddress())
        const from = Address.parse(await this.getAddress())
        const transaction = await reading
        const prepared = toEthers(transaction)
        const bytes = await signJudged(gate, {
          ...{ transaction, from, sign: () => this.#inner.signTransaction(prepared) },
        })
        signed.add(bytes.toLowerCase())
        return bytes
      })
    }

    override sendTransaction(value: unknown): Promise<unknown> {
      // A signer that only sends (a wallet behind RPC) never shows bytes: its call is judged instead.
      if (!('sendUncheckedTransaction' in this.#inner)) return super.sendTransaction(value)
      return shown('ethers', async () => {
        const resolving = resolved(value, Object.keys((value ?? {}) as object))
        const from = Address.parse(await this.getAddress())
        const request = readRequest(await resolving)
        if (request.from !== null && !Address.isEqual(request.from, from))
          throw refused(`it is from ${request.from}, and the signer is ${from}`)
        const chain = await this.#chain()
        if (request.chainId !== null && Number(request.chainId) !== chain)
          throw refused(`chain ${request.chainId} of the request, chain ${chain} of the signer`)
        const sent = writeRequest(request, { gas: 'gasLimit', amount: (each) => each })
        const { provider } = this
        const startBlock = await provider?.getBlockNumber()
        const frozen = ofCalls({ chainId: chain, from }, [request.call], request.nonce)
        const response = await gate.run(frozen, () => this.#inner.sendTransaction(sent))
        // The inner signer's response knows its provider; this one knows the guarded one.
        const { hash } = response as { readonly hash: string }
        return (await provider?.getTransaction(hash))?.replaceableTransaction(startBlock ?? 0) ?? { hash }
      })
    }

    override signTypedData(domain: unknown, types: unknown, value: unknown): Promise<string> {
      return shown('ethers', async () => {
        const listed = structuredClone(types) as Readonly<Record<string, readonly { readonly type: string }[]>>
        const document = copyTypedData({ domain, types: listed, primaryType: primaryOf(listed), message: value })
        const from = Address.parse(await this.getAddress())
        const sign = (copy: { domain: unknown; types: unknown; message: unknown }): Promise<string> =>
          this.#inner.signTypedData(copy.domain, copy.types, copy.message)
        return signDocument(gate, { value: document, chainId: null, from, sign })
      })
    }

    override signMessage(message: unknown): Promise<string> {
      return shown('ethers', async () => {
        if (typeof message !== 'string') {
          if (gate.allow.has('signMessage')) return this.#inner.signMessage(message)
          throw never('signMessage(bytes)', 'bytes can be the hash of anything')
        }
        const from = Address.parse(await this.getAddress())
        const sign = (text: string): Promise<string> => this.#inner.signMessage(text)
        return signText(gate, { value: message, name: 'signMessage', chainId: () => this.#chain(), from, sign })
      })
    }

    authorize(request: unknown): Promise<unknown> {
      return shown('ethers', async () => {
        const { authorize } = this.#inner as { authorize?: (request: unknown) => Promise<unknown> }
        if (gate.allow.has('authorize') && authorize !== undefined) return authorize.call(this.#inner, request)
        throw never('authorize', 'it hands the account to other code')
      })
    }

    async #chain(): Promise<number> {
      const { provider } = this.#inner
      return provider === null ? chainId() : Number((await provider.getNetwork()).chainId)
    }
  }
  return new GuardedSigner(inner)
}

/** By its bytes, where ethers has made them; else by its fields, with what has to be waited for. */
async function readTransaction(value: unknown, signer: Promise<string>): Promise<Transaction.Transaction> {
  const made = (value as { readonly unsignedSerialized?: unknown } | null)?.unsignedSerialized
  if (typeof made === 'string') return readUnsigned(Hex.parse(made))
  const given = await resolved(value, Object.keys((value ?? {}) as object))
  const sender = readAddress(given['from'], 'its sender')
  const from = Address.parse(await signer)
  if (sender !== null && !Address.isEqual(sender, from))
    throw refused(`it is from ${sender}, and the signer is ${from}`)
  return readPrepared(given)
}

async function resolved(value: unknown, names: readonly string[]): Promise<Fields> {
  const entries = Object.entries(copyFields(value, names)).map(async ([name, each]) => {
    const found = await each
    const addressable = found as { getAddress?: () => Promise<string> } | null | undefined
    const isAddressable = (name === 'to' || name === 'from') && typeof addressable?.getAddress === 'function'
    return [name, isAddressable ? await addressable.getAddress?.() : found] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

function toEthers({
  type,
  chainId,
  nonce,
  gas,
  to,
  value,
  data,
  accessList,
  ...fees
}: Transaction.Transaction): Fields {
  return {
    ...{ type, chainId, nonce, gasLimit: gas, value, data, ...(to === null ? {} : { to }) },
    ...(type === 0 ? {} : { accessList }),
    ...(type === 2
      ? { maxFeePerGas: fees.maxFeePerGas, maxPriorityFeePerGas: fees.maxPriorityFeePerGas }
      : { gasPrice: fees.maxFeePerGas }),
  }
}

/** The type that no other one refers to, as ethers finds it. */
function primaryOf(types: Readonly<Record<string, readonly { readonly type: string }[]>>): string {
  const used = new Set(Object.values(types).flatMap((fields) => fields.map(({ type }) => type.replace(/\[.*$/, ''))))
  const [primary, other] = Object.keys(types).filter((name) => name !== 'EIP712Domain' && !used.has(name))
  if (primary === undefined || other !== undefined) throw refused('the document has no single primary type')
  return primary
}
