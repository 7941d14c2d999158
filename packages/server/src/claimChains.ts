import { setTimeout as sleep } from 'node:timers/promises'
import { BaseError, Clock, Redacted } from '@countersign/base'
import type { Chain } from './chains/Chain.ts'
import { LEASE_MS, type Instance } from './keys/openInstance.ts'
import { StartError } from './StartError.ts'

/** One chain as a process serves it. */
interface Served {
  readonly chainId: number
  /** Hash of the first block; null when the provider does not give it, and then it is compared with none. */
  readonly genesis: string | null
  /** Where a chain that the process started itself answers: on this machine, without a secret. Null for other providers. */
  readonly ownUrl: string | null
}

const RETRY_MS = 250

/**
 * Writes down which chains this process serves, unless another that lives serves a different chain under the same id: their
 * cards would be settled by the wrong chain. One transaction; of two that start together the first serves. A process that
 * was killed holds its place until its lease ends, and is waited for.
 *
 * @throws {StartError} `server:chain:taken`.
 */
export async function claimChains({
  instance,
  chains,
  clock = Clock.system,
}: {
  instance: Instance
  /** Which leases are counted by. */
  clock?: Clock.Clock
  chains: Iterable<Chain>
}): Promise<void> {
  const own = await Promise.all([...chains].map(servedOf))
  const untilMs = clock.nowMs() + LEASE_MS + RETRY_MS
  for (;;) {
    let conflict: { readonly theirs: Served; readonly leaseUntilMs: number } | null = null
    await instance.announce(JSON.stringify(own), (others) => {
      conflict = null
      for (const { serves, leaseUntilMs } of others) {
        const theirs = (JSON.parse(serves) as Served[]).find((each) => own.some((mine) => isOther(mine, each)))
        if (theirs !== undefined) conflict = { theirs, leaseUntilMs }
      }
      return conflict === null
    })
    const found = conflict as { readonly theirs: Served; readonly leaseUntilMs: number } | null
    if (found === null) return
    // Its lease was renewed while we waited: it lives.
    if (found.leaseUntilMs > untilMs || clock.nowMs() > untilMs) throw taken(found.theirs)
    await sleep(RETRY_MS)
  }
}

function isOther(mine: Served, theirs: Served): boolean {
  if (mine.chainId !== theirs.chainId) return false
  if (mine.genesis !== null && theirs.genesis !== null && mine.genesis !== theirs.genesis) return true
  // Two that were started in one second may begin with the same block.
  return mine.ownUrl !== null && theirs.ownUrl !== null && mine.ownUrl !== theirs.ownUrl
}

async function servedOf(chain: Chain): Promise<Served> {
  let genesis: string | null = null
  try {
    genesis = (await chain.header(0n))?.hash ?? null
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
  }
  return { chainId: chain.chainId, genesis, ownUrl: chain.isLocal ? Redacted.reveal(chain.rpcUrl) : null }
}

function taken({ chainId, ownUrl }: Served): StartError {
  const setting = `COUNTERSIGN_RPC_${chainId}`
  return ownUrl === null
    ? new StartError(
        `Another process already serves chain ${chainId} from this data directory, and its provider has another chain.`,
        'server:chain:taken',
        `Set ${setting} to a provider of the same chain, stop the other process, or use another --data-dir.`,
      )
    : new StartError(
        `Another process already serves chain ${chainId} from this data directory, on a chain of its own.`,
        'server:chain:taken',
        `Share that chain with ${setting}=${ownUrl}, stop the other process, or use another --data-dir.`,
      )
}
