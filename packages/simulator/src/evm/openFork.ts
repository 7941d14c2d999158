import type { Hex } from '@countersign/base'
import type { RpcEndpoint } from '../chain/rpc/Rpc.ts'
import type { CodeStore, StateCache } from '../chain/state/StateCache.ts'
import { EMPTY_CODE_HASH, type AccessSet } from '../model/Access.ts'
import type { BlockEnv } from '../model/Block.ts'
import type { Coin } from '../model/Coin.ts'
import type { EnginePool, Lane } from './anvil/EnginePool.ts'
import type { EthereumjsEngine } from './ethereumjs/createEthereumjsEngine.ts'
import * as Overlay from './Overlay.ts'
import type { Fork } from './runBatch.ts'

/** The fork as it now is: everything that is known to be touched has been read and its code installed. */
export async function openFork(
  {
    upstream,
    pool,
    codes,
    second,
  }: {
    readonly upstream: RpcEndpoint
    readonly pool: EnginePool | null
    readonly codes: CodeStore
    readonly second: EthereumjsEngine
  },
  {
    chainId,
    coin,
    cache,
    access,
    env,
    lane,
    isOnSecond,
    isClosureChecked,
    document,
  }: {
    chainId: number
    coin: Coin
    cache: StateCache
    access: AccessSet
    env: BlockEnv
    lane: Lane
    isOnSecond: boolean
    isClosureChecked: boolean
    /** The digest for which ecrecover answers the signer, and what the holders of the signature are lent. */
    document: { readonly digest: Hex.Hex; readonly signer: string; readonly start: Overlay.Overlay } | null
  },
): Promise<Fork> {
  const missing = cache.missing(access)
  if (missing.size > 0) await cache.read(upstream, missing)
  const worker = pool?.pick() ?? null
  const first = pool === null || worker === null ? null : { pool, worker }
  await first?.pool.install(
    first.worker,
    [...access.keys()].flatMap((address) => {
      const hash = cache.accounts.get(address)?.codeHash
      return hash === undefined || hash === EMPTY_CODE_HASH ? [] : [{ address, hash, code: codes.get(hash) }]
    }),
  )
  return {
    chainId,
    coin,
    first,
    cache,
    codes,
    env,
    isClosureChecked,
    pieces: Overlay.noPieces(),
    lane,
    second,
    // The first EVM charges type-4 transactions too little (measured; docs/reference/simulator.md).
    isOnSecond,
    ...(document === null
      ? {}
      : { recovers: new Map([[document.digest, document.signer]]), start: Overlay.copy(document.start) }),
  }
}
