import { Address } from '@countersign/base'
import { isCanonical } from '../names/TokenList.ts'
import type { AuthorityChange } from '../model/Authority.ts'
import type { TokenChange } from '../model/TokenChange.ts'
import { vouchedOf } from '../model/KnownAddress.ts'
import type { Call } from '../model/Call.ts'
import type { SimulationRequest } from '../model/Request.ts'
import { parseTypedDocument } from '../signatures/TypedDocument.ts'
import { messageNode } from './Abi.ts'
import { clearSignCall, clearSignDocument, type ClearContext } from './clearSign.ts'
import type { ClearSigning } from '../model/ClearSigning.ts'
import type { DescriptorSet } from './Descriptor.ts'

/** What the effects found out about tokens: their own words, believed only of those that are canonical. */
type Named = Pick<TokenChange, 'token' | 'symbol' | 'decimals'>

/** Who and what the request's own words and the lists name; nothing is asked of the chain. */
export function contextOf(
  request: SimulationRequest,
  descriptors: DescriptorSet,
  {
    tokenChanges,
    authorityChanges,
  }: { tokenChanges: readonly TokenChange[]; authorityChanges: readonly AuthorityChange[] },
): ClearContext {
  const known = vouchedOf(request)
  const named: readonly Named[] = [
    ...tokenChanges,
    ...authorityChanges.map(({ contract, symbol, decimals }) => ({ token: contract, symbol, decimals })),
  ]
  const isKnownToken = (chainId: number, address: Address.Address): boolean =>
    chainId === request.chainId && (known.get(address.toLowerCase())?.kind === 'token' || isCanonical(chainId, address))
  return {
    descriptors,
    isKnownToken,
    lookups: {
      token(chainId, address) {
        if (chainId !== request.chainId) return undefined
        const entry = known.get(address.toLowerCase())
        if (entry?.kind === 'token' && entry.symbol !== undefined && entry.decimals !== undefined)
          return { symbol: entry.symbol, decimals: entry.decimals, name: entry.name }
        if (!isCanonical(chainId, address)) return undefined
        const said = named.find(
          ({ token, decimals }) => token !== null && decimals !== null && Address.isEqual(token, address),
        )
        return said?.symbol == null || said.decimals === null
          ? undefined
          : { symbol: said.symbol, decimals: said.decimals, name: null }
      },
      addressName(address, { sources }) {
        if (sources !== null && !sources.includes('local')) return undefined
        const entry = known.get(address.toLowerCase())
        // The address stays in sight: a name alone is what look-alikes hide behind.
        return entry === undefined ? undefined : `${entry.name} (${address})`
      },
      collection: (chainId, address) =>
        chainId === request.chainId ? known.get(address.toLowerCase())?.name : undefined,
      blockTimeS: () => undefined,
    },
  }
}

/** A call of the batch in its descriptor's words. What the holder of a signature would send is nobody's intent. */
export function explainCall(context: ClearContext, request: SimulationRequest, call: Call): ClearSigning | null {
  if (call.holder !== undefined || context.descriptors.size === 0) return null
  return clearSignCall(context, call, { chainId: request.chainId, from: request.from })
}

/** The document to be signed in its descriptor's words. */
export function explainDocument(context: ClearContext, request: SimulationRequest): ClearSigning | null {
  const source = request.signature?.source
  if (source === undefined || source === null || !('typed_data' in source)) return null
  const document = parseTypedDocument(source.typed_data)
  return clearSignDocument(
    context,
    { ...document, domain: { ...document.domain }, message: messageNode(document) },
    request.from,
  )
}
