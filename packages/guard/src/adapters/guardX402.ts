import { Address } from '@countersign/base'
import { copyTypedData, type TypedData } from '../Frozen.ts'
import { refused } from '../GuardRefusedError.ts'
import type { Gate } from '../gate/Gate.ts'
import { signDocument } from './documents.ts'
import { leadsTo } from './handedOut.ts'
import { proxyOf } from './proxyOf.ts'
import { Purchases, type Purchase } from './Purchases.ts'

/** x402's `ClientEvmSigner`, by its shape. */
export interface X402SignerShape {
  readonly address: string
  signTypedData(document: unknown): Promise<string>
}

/** x402's client, by its shape. */
export interface X402ClientShape {
  register(network: string, scheme: SchemeShape): X402ClientShape
  createPaymentPayload(required: unknown): Promise<unknown>
  onBeforePaymentCreation(hook: (context: CreationContext) => Promise<unknown>): unknown
  onPaymentResponse(hook: (context: ResponseContext) => Promise<unknown>): unknown
}

interface SchemeShape {
  readonly scheme: string
  signer?: X402SignerShape
}
interface Requirements {
  readonly scheme: string
  readonly network: string
  readonly asset: string
  readonly amount: string
  readonly payTo: string
  readonly extra?: Readonly<Record<string, unknown>>
}
interface CreationContext {
  readonly paymentRequired: { readonly resource?: { readonly url?: string } }
  readonly selectedRequirements: Requirements
}
interface ResponseContext {
  readonly paymentRequired?: CreationContext['paymentRequired']
  readonly paymentPayload?: { readonly payload?: { readonly authorization?: { readonly nonce?: string } } }
  readonly requirements: Requirements
  readonly settleResponse?: { readonly success?: boolean }
}

/** An x402 signer: each payment is judged, and an equal one is refused until the first can no longer be spent. */
export function guardX402SignerWith(inner: X402SignerShape, { gate }: { readonly gate: Gate }): X402SignerShape {
  const purchases = new Purchases(gate.isSpent)
  return guardedSigner(inner, {
    gate,
    judge: (document) => ({ key: purchases.keyOf('', purchaseOf(document)), purchases }),
  })
}

function guardedSigner(
  inner: X402SignerShape,
  {
    gate,
    judge,
  }: {
    readonly gate: Gate
    readonly judge: (document: TypedData) => { readonly key: string; readonly purchases: Purchases }
  },
): X402SignerShape {
  const from = Address.parse(inner.address)
  // Without `signTransaction`: sponsored approvals are not payments.
  return Object.freeze({
    address: inner.address,
    async signTypedData(value: unknown): Promise<string> {
      const { domain, types, primaryType, message } = (value ?? {}) as Record<string, unknown>
      const copy = copyTypedData({ domain, types, primaryType, message })
      if (copy === null) throw refused('the payment is not typed data that can be judged')
      const { key, purchases } = judge(copy)
      const sign = async (judged: TypedData): Promise<string> => {
        // Here, where one request of the account runs at a time.
        await purchases.refuseOpen(key)
        const signed = await inner.signTypedData(judged)
        const { validBefore, nonce } = copy.message
        const { asset, chainId } = purchaseOf(copy)
        purchases.note(key, {
          ...{ validBeforeMs: Number(validBefore) * 1000, nonce: String(nonce), asset, chainId, from },
        })
        return signed
      }
      await purchases.refuseOpen(key)
      return signDocument(gate, { value: copy, chainId: null, from, sign })
    },
  })
}

/** An EIP-3009 transfer, which is what the scheme `exact` signs. */
function purchaseOf({ domain, primaryType, message }: TypedData): Purchase {
  const { to, value } = message
  const { verifyingContract, chainId } = domain
  if (primaryType !== 'TransferWithAuthorization' || typeof to !== 'string' || typeof verifyingContract !== 'string')
    throw refused('only payments by TransferWithAuthorization are judged here')
  return { payTo: to, asset: verifyingContract, amount: String(value), chainId: Number(chainId) }
}

/**
 * An x402 client: the purchase is judged and not only the signature. What is signed must be what the server's 402 asked for,
 * and there is one open authorization for each purchase. Only the scheme `exact` on EVM chains is offered.
 */
export function guardX402ClientWith<C extends X402ClientShape>(inner: C, { gate }: { readonly gate: Gate }): C {
  const purchases = new Purchases(gate.isSpent)
  let current: { readonly resource: string; readonly requirements: Requirements } | null = null
  const judge = (document: TypedData): { readonly key: string; readonly purchases: Purchases } => {
    const purchase = purchaseOf(document)
    if (current === null) throw refused('nothing is being bought')
    const { resource, requirements } = current
    const wanted = requested(requirements)
    const wrong = (['payTo', 'asset', 'amount', 'chainId'] as const).find(
      (name) => String(purchase[name]).toLowerCase() !== String(wanted[name]).toLowerCase(),
    )
    if (wrong !== undefined) throw refused(`${wrong} of the payment is not what the server asked for`)
    return { key: purchases.keyOf(resource, purchase), purchases }
  }
  const guardScheme = (scheme: SchemeShape): SchemeShape => {
    const { signer } = scheme
    if (scheme.scheme !== 'exact' || signer === undefined) throw refused(`the scheme ${scheme.scheme} is not judged`)
    for (const [name, value] of Object.entries(scheme))
      if (name !== 'signer' && (leadsTo(signer, value) || (typeof value === 'function' && name !== 'findDefaultAsset')))
        throw refused(`the field "${name.slice(0, 40)}" of the scheme could sign unjudged`)
    // The scheme keeps its signer in a field of its own; the guarded copy signs with the guarded one.
    return Object.assign(Object.create(Object.getPrototypeOf(scheme) as object) as SchemeShape, scheme, {
      signer: guardedSigner(signer, { gate, judge }),
    })
  }
  guardRegistered(inner, guardScheme)
  inner.onBeforePaymentCreation(async ({ paymentRequired, selectedRequirements }) => {
    const { scheme, network } = selectedRequirements
    if (scheme !== 'exact' || !/^eip155:\d+$/.test(network))
      return { abort: true, reason: `Countersign refused: the scheme ${scheme} on ${network} is not judged` }
    // A copy: a hook that changes the requirements afterwards changes nothing of what is compared.
    const requirements = structuredClone(selectedRequirements)
    current = { resource: paymentRequired.resource?.url ?? '', requirements }
    return undefined
  })
  inner.onPaymentResponse(async ({ paymentPayload, paymentRequired, requirements, settleResponse }) => {
    if (settleResponse?.success !== true) return undefined
    const resource = paymentRequired?.resource?.url ?? current?.resource ?? ''
    purchases.notePaid(
      purchases.keyOf(resource, requested(requirements)),
      paymentPayload?.payload?.authorization?.nonce,
    )
    return undefined
  })
  // One purchase at a time: what is signed is compared with what is being bought.
  let last: Promise<unknown> = Promise.resolve()
  const judged = {
    createPaymentPayload: (required: unknown) => {
      const copy: unknown = structuredClone(required)
      const create = (): Promise<unknown> => inner.createPaymentPayload(copy)
      const made = last.then(create, create)
      last = made.catch(() => undefined)
      return made
    },
    handlePaymentResponse: (context: unknown) =>
      (inner as unknown as { handlePaymentResponse(context: unknown): unknown }).handlePaymentResponse(context),
  }
  const made = {
    register: (...[network, scheme]: readonly unknown[]) => {
      inner.register(String(network), guardScheme(scheme as SchemeShape))
      return proxy
    },
    registerV1: () => {
      throw refused('version 1 of x402 is not judged')
    },
    /** They are whoever registered them's own; one that leads to the client is not handed out. */
    getExtensions: () => {
      const { getExtensions } = inner as unknown as { getExtensions?(): readonly unknown[] }
      return (getExtensions?.call(inner) ?? []).filter((each) => !leadsTo(inner, each))
    },
  }
  const proxy: C = proxyOf(inner, { judged, made, reads: [], chained: CHAINED, gate })
  return proxy
}

/** They take a callback or a setting, and answer the client. */
const CHAINED = [
  ...['registerPolicy', 'registerExtension', 'setSpendControls'],
  ...['onBeforePaymentCreation', 'onAfterPaymentCreation', 'onPaymentCreationFailure', 'onPaymentResponse'],
]

function requested({ payTo, asset, amount, network }: Requirements): Purchase {
  return { payTo, asset, amount, chainId: Number(network.split(':')[1]) }
}

/** Schemes that were registered before the guard: each is replaced by one with a guarded signer. */
function guardRegistered(inner: X402ClientShape, guardScheme: (scheme: SchemeShape) => SchemeShape): void {
  const versions = (inner as unknown as { registeredClientSchemes?: unknown }).registeredClientSchemes
  if (!(versions instanceof Map)) throw refused('the schemes of this x402 client cannot be guarded')
  for (const networks of versions.values() as Iterable<unknown>) {
    if (!(networks instanceof Map)) throw refused('the schemes of this x402 client cannot be guarded')
    for (const [network, schemes] of networks as Map<string, unknown>) {
      if (!(schemes instanceof Map)) throw refused('the schemes of this x402 client cannot be guarded')
      for (const [name, scheme] of schemes as Map<string, SchemeShape>) {
        if (network.startsWith('eip155:') && name === 'exact') schemes.set(name, guardScheme(scheme))
        else schemes.delete(name)
      }
    }
  }
}
