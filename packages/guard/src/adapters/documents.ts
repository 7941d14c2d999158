import type { Address } from '@countersign/base'
import { bytesOf, chainOf, copyTypedData, ofMessage, ofTypedData, readAsText, type TypedData } from '../Frozen.ts'
import { never, refused } from '../GuardRefusedError.ts'
import type { Gate } from '../gate/Gate.ts'

/** Judges an EIP-712 document, and has the judged copy signed. */
export async function signDocument<T>(
  gate: Gate,
  {
    value,
    chainId,
    from,
    sign,
  }: {
    readonly value: unknown
    /** The chain that the signer is on; null where it knows none: then the document must name one. */
    readonly chainId: number | null
    readonly from: Address.Address
    readonly sign: (copy: TypedData) => Promise<T>
  },
): Promise<T> {
  const copy = copyTypedData(value)
  if (copy === null) throw refused('the document is not typed data that can be judged')
  const named = chainOf(copy)
  const chain = named ?? chainId
  if (chain === null || Number.isNaN(chain)) throw refused('the document names no chain that can be judged')
  if (chainId !== null && named !== null && named !== chainId)
    throw refused(`chain ${named} of the document, chain ${chainId} of the signer`)
  return gate.run(ofTypedData({ chainId: chain, from }, copy), () => sign(copy))
}

/** Judges a text for `personal_sign`. Bytes that are no text can be anything. */
export async function signText<T>(
  gate: Gate,
  {
    value,
    name,
    chainId,
    from,
    sign,
  }: {
    /** Text, or `{raw}` with bytes. */
    readonly value: unknown
    /** Of the method, for the refusal. */
    readonly name: string
    readonly chainId: number | (() => Promise<number>)
    readonly from: Address.Address
    readonly sign: (text: string) => Promise<T>
  },
): Promise<T> {
  // Copied before anything is waited for.
  const raw = typeof value === 'object' && value !== null ? (value as { readonly raw?: unknown }).raw : undefined
  const text = typeof value === 'string' ? value : textOf(bytesOf(raw))
  if (text === null) throw never(name, 'bytes that are no text can be the hash of anything')
  const chain = typeof chainId === 'number' ? chainId : await chainId()
  return gate.run(ofMessage({ chainId: chain, from }, text), () => sign(text))
}

export function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : readAsText(bytes)
}
