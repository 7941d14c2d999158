import type { PublicConfig } from '@countersign/sdk'
import { createClient, custom, getAddress, isAddress, isAddressEqual, type Address, type Client } from 'viem'
import { getEnsAddress, getEnsName, normalize, toCoinType } from 'viem/ens'

/** The chain that holds the names of all others. */
export const NAMES_CHAIN_ID = 1
/** ENS' universal resolver on that chain (docs.ens.domains/resolvers/universal, as in viem's `mainnet`). */
const RESOLVER = { universalResolverAddress: '0xeeeeeeee14d718c2b47d9923deab1335e144eeee' } as const
/** `OffchainLookup(address,string[],bytes,bytes4,bytes)` (EIP-3668), the first four bytes of its digest. */
const OFFCHAIN_LOOKUP = '0x556f1830'

/** What a name is. Only `found` has an address, and `isMutual` says whether that address calls itself by the name. */
export type Resolved =
  | { readonly status: 'found'; readonly name: string; readonly address: Address; readonly isMutual: boolean }
  /** Not a name: ENSIP-15 refuses it. */
  | { readonly status: 'invalid' }
  /** There is no such name, or it has no address for this chain. */
  | { readonly status: 'none' }
  /** A server outside of the chain would have to be asked, which would learn who asks. */
  | { readonly status: 'offchain' }
  /** This server has no provider of the chain that holds names. */
  | { readonly status: 'no-provider' }
  | { readonly status: 'unreachable' }

type Chains = PublicConfig['chains']

/** Reads names through the page's own origin, as every other read. Nothing outside of the chain is asked (CCIP read is off). */
function clientOf(chains: Chains): Client | null {
  const path = chains.find(({ chain_id: id }) => id === NAMES_CHAIN_ID)?.rpc_path
  if (path === undefined) return null
  return createClient({
    ccipRead: false,
    transport: custom(
      {
        request: async ({ method, params }) => {
          const response = await fetch(path, {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'x-countersign-page': '1' },
            body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: (params as unknown[] | undefined) ?? [] }),
          })
          const answer = (await response.json()) as { result?: unknown; error?: { message?: string } }
          if (answer.error !== undefined) throw Object.assign(new TypeError(answer.error.message), answer.error)
          return answer.result
        },
      },
      { retryCount: 0 },
    ),
  })
}

/**
 * The address of a name for a chain, and whether the address calls itself by it. A name that has no address of its own for
 * this chain has none: an account of another chain can be somebody else's here.
 */
export async function resolveName(chains: Chains, typed: string, chainId: number): Promise<Resolved> {
  let name: string
  try {
    name = normalize(typed)
  } catch {
    return { status: 'invalid' }
  }
  const client = clientOf(chains)
  if (client === null) return { status: 'no-provider' }
  try {
    const coinType = toCoinType(chainId)
    const record = await getEnsAddress(client, { name, coinType, ...RESOLVER })
    // A record is bytes of any length: only twenty of them are an account.
    if (record === null || !isAddress(record, { strict: false })) return { status: 'none' }
    const address = getAddress(record)
    const own = await getEnsName(client, { address, coinType, ...RESOLVER }).catch(() => null)
    return { status: 'found', name, address, isMutual: own === name }
  } catch (error) {
    return { status: isOffchain(error) ? 'offchain' : 'unreachable' }
  }
}

/** By which name an address calls itself, where that name leads back to it; null for everything else. */
export async function nameOf(chains: Chains, address: string, chainId: number): Promise<string | null> {
  const client = clientOf(chains)
  if (client === null) return null
  try {
    const coinType = toCoinType(chainId)
    const name = await getEnsName(client, { address: address as Address, coinType, ...RESOLVER })
    // A name in another spelling than its own is made to be read as another one.
    if (name === null || normalize(name) !== name || name.length > 80) return null
    const back = await getEnsAddress(client, { name, coinType, ...RESOLVER })
    return back !== null && isAddress(back, { strict: false }) && isAddressEqual(back, address as Address) ? name : null
  } catch {
    return null
  }
}

function isOffchain(error: unknown): boolean {
  for (let each = error; typeof each === 'object' && each !== null; each = (each as { cause?: unknown }).cause) {
    const { data } = each as { data?: unknown }
    if (typeof data === 'string' && data.startsWith(OFFCHAIN_LOOKUP)) return true
    if ((data as { errorName?: unknown } | undefined)?.errorName === 'OffchainLookup') return true
  }
  return false
}
