import { Address } from '@countersign/base'
import type { Layer, LayerName } from '../decide/Situation.ts'
import { NATIVE, type Limit, type TokenPlace, type When } from '../policy/Policy.ts'

/** One line of `guards` (apps.md 4). */
export interface Guard {
  /** Null for every chain. */
  readonly chain: number | null
  readonly about:
    | { readonly kind: 'calls' | 'recipients' | 'spenders'; readonly when: When }
    /** Tokens stand here as they are written: the registry is asked at each decision. */
    | { readonly kind: 'limit'; readonly limit: Limit }
    | { readonly kind: 'maximum'; readonly tool: string; readonly argument: string; readonly max: string }
}

/** What an app, a key or a session is held to. Guards only refuse. */
export interface Guards {
  readonly lines: readonly Guard[]
  /** The same as JSON: what is stored, and what a digest is made of. */
  readonly json: string
}

/** What a chain calls its coin and its tokens. */
export interface ChainTokens {
  readonly chainId: number
  readonly nativeSymbol: string
  readonly tokens: readonly {
    readonly symbol: string
    readonly address: Address.Address
    readonly decimals: number
  }[]
}

/**
 * Guards as a layer of one decision. An allow-list holds on the chain for which it was given, and on all where none is named.
 *
 * @param of.chainId - Of the request; 0 for a tool call, which is on no chain.
 * @param of.chains - All chains of the app: a budget counts over all of them.
 */
export function layerOf(
  { lines }: Guards,
  {
    layer,
    scope,
    chainId,
    chains,
  }: { layer: LayerName; scope: string; chainId: number; chains: readonly ChainTokens[] },
): Layer {
  const here = lines.filter(({ chain }) => chain === null || chain === chainId)
  const whens = (kind: 'calls' | 'recipients' | 'spenders'): readonly When[] | null => {
    const found = here.flatMap(({ about }) => (about.kind === kind ? [about.when] : []))
    return found.length === 0 ? null : found
  }
  const tokens: Record<string, readonly TokenPlace[]> = {}
  const unreadable: string[] = []
  const limits = here.flatMap(({ about, chain }) => {
    if (about.kind !== 'limit') return []
    const { limit } = about
    return [
      {
        ...limit,
        caps: limit.caps.map((cap) => {
          if (cap.unit.kind !== 'token') return cap
          const name = cap.unit.token
          const own = chains.filter((each) => chain === null || each.chainId === chain)
          if (own.some(({ nativeSymbol }) => nativeSymbol === name))
            return { ...cap, unit: { kind: 'native' as const } }
          tokens[name] = placesOf(name, own)
          if (tokens[name].length === 0)
            unreadable.push(`The guard on ${name} cannot be evaluated: no chain of the app has this token.`)
          return cap
        }),
      },
    ]
  })
  return {
    ...{ layer, scope, tokens, limits, unreadable },
    rules: [],
    otherwise: null,
    allowed: { calls: whens('calls'), recipients: whens('recipients'), spenders: whens('spenders') },
    maxima: here.flatMap(({ about }) => (about.kind === 'maximum' ? [about] : [])),
  }
}

function placesOf(name: string, chains: readonly ChainTokens[]): readonly TokenPlace[] {
  if (name === NATIVE) return []
  return chains.flatMap(({ chainId, tokens }) =>
    tokens
      .filter(({ symbol, address }) => (name.startsWith('0x') ? Address.isEqual(address, name) : symbol === name))
      .map(({ address, decimals }) => ({ chainId, address, decimals })),
  )
}
