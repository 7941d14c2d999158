import { foundry } from 'viem/chains'
import type { PrivateKeyAccount } from 'viem/accounts'
import type { World } from './openWorld.ts'
import type { Request } from './Sample.ts'

/** What a door says of a request: a verdict; `none` where the door has no such request and refuses it by name. */
export type Said = 'allow' | 'warn' | 'block' | 'none' | `error: ${string}`

/** Puts a request to one door, for an account that no other request has. */
export type Door = (world: World, owner: PrivateKeyAccount, request: Request) => Promise<Said>

interface Fault {
  readonly code?: unknown
  readonly message?: string
  readonly data?: { readonly verdict?: string | null }
  readonly info?: { readonly code?: unknown; readonly verdict?: string | null }
  readonly cause?: unknown
  readonly walk?: unknown
}

/** A refusal's verdict, wherever the library keeps it. */
export function verdictIn(error: unknown): Said {
  for (let at = error as Fault | undefined; at != null; at = at.cause as Fault | undefined) {
    const verdict = at.data?.verdict ?? at.info?.verdict
    if (verdict === 'allow' || verdict === 'warn' || verdict === 'block') return verdict
    if (at.code === 4200 || at.info?.code === 4200) return 'none'
    // Refused before it was simulated: another chain, for one.
    if (at.code === 4001 || at.info?.code === 4001) return 'block'
  }
  return `error: ${(error as Error).message.slice(0, 200)}`
}

/** In process: what is signed was allowed, what is asked about is a warning, and a refusal names its verdict. */
export async function inProcess(
  world: World,
  work: (options: { simulator: World['simulator']; ask: () => boolean }) => Promise<unknown>,
): Promise<Said> {
  let asked: Said | null = null
  const ask = (report?: { verdict: string }): boolean => {
    asked = (report?.verdict ?? 'warn') as Said
    return false
  }
  try {
    await work({ simulator: world.simulator, ask: ask as () => boolean })
    return 'allow'
  } catch (error) {
    return asked ?? verdictIn(error)
  }
}

export const viemChain = (world: World) => ({
  ...foundry,
  id: world.chain.chainId,
  rpcUrls: { default: { http: [world.chain.rpcUrl] } },
})
