import type { Digest } from '@countersign/base'
import { accessOf, addAccess, type AccessSet, type Prestate } from '../../model/Access.ts'
import type { Header } from '../../model/Block.ts'
import type { SimulationRequest } from '../../model/Request.ts'
import { expectResult, readBytes, readQuantity, readWord, type RpcAnswer, type RpcCall } from '../rpc/Rpc.ts'
import type { StateCache } from './StateCache.ts'

/** What is read for a request in one round trip. Whoever knows how requests are run makes it (`stages/prefetch.ts`). */
export interface Prefetch {
  /** What the very same request touched before. */
  sameBefore(digest: Digest.Digest): AccessSet | undefined
  /** What requests of its kind touched before. */
  alikeBefore(request: SimulationRequest): AccessSet | undefined
  /** The same of every kind. */
  allBefore(): Iterable<AccessSet>
  /** Accounts that the request names, and those that every simulation touches. Lower case. */
  mentioned(request: SimulationRequest, header: Header): ReadonlySet<string>
  /** Of an account `eth_getBalance`, `eth_getTransactionCount` and `eth_getCode`, in this order. */
  callsFor(request: SimulationRequest, header: Header, options: { readonly hasDebug: boolean }): readonly RpcCall[]
  /** Notes which accounts a trace of the request brought. */
  noteTraced(request: SimulationRequest, accounts: ReadonlySet<string>): void
}

/**
 * Puts what was read for a request into the cache of its block.
 *
 * @returns What is there now, and whether the provider showed that it has no `debug_` methods.
 *
 * @throws {UpstreamError} when an answer is missing or of the wrong shape.
 */
export function absorbPrefetch(
  cache: StateCache,
  { request, prefetch, url }: { request: SimulationRequest; prefetch: Prefetch; url: string },
  { calls, answers }: { calls: readonly RpcCall[]; answers: readonly RpcAnswer[] },
): { readonly access: AccessSet; readonly lacksDebug: boolean } {
  const access: AccessSet = new Map()
  let lacksDebug = false
  // Kept only once all of it was read: of a request with one broken answer nothing stays.
  const kept: (() => void)[] = []
  for (const [i, call] of calls.entries()) {
    if (call.method === 'debug_traceCall') {
      const answer = answers[i]
      if (answer?.ok === true) {
        const prestate = answer.result as Prestate
        kept.push(cache.absorbed(prestate, request.from.toLowerCase()))
        const traced = accessOf(prestate)
        prefetch.noteTraced(request, new Set(traced.keys()))
        addAccess(access, traced)
      } else if (
        answer?.code === -32601 ||
        /not (found|available|supported)|does not exist|method/i.test(answer?.message ?? '')
      ) {
        lacksDebug = true
      }
    } else if (call.method === 'eth_getStorageAt') {
      const answer = expectResult<unknown>(answers[i], call.method, url)
      const [address, slot] = call.params as unknown as [string, string]
      const value = readWord(answer, 'eth_getStorageAt')
      kept.push(() => cache.setSlot(address, slot, value))
      addAccess(access, new Map([[address, new Set([slot])]]))
    } else if (call.method === 'eth_getBalance') {
      const [balance, nonce, code] = [0, 1, 2].map((offset) =>
        expectResult<unknown>(answers[i + offset], calls[i + offset]?.method ?? call.method, url),
      )
      const address = (call.params as readonly string[])[0] as string
      cache.setAccount(
        address,
        readQuantity(balance, 'eth_getBalance'),
        readQuantity(nonce, 'eth_getTransactionCount'),
        readBytes(code, 'eth_getCode'),
      )
      if (!access.has(address)) access.set(address, new Set())
    }
  }
  for (const keep of kept) keep()
  return { access, lacksDebug }
}
