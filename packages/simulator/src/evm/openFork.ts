import type { Hex } from '@countersign/base'
import type { RpcEndpoint } from '../chain/rpc/Rpc.ts'
import type { CodeStore, StateCache } from '../chain/state/StateCache.ts'
import { EMPTY_CODE_HASH, type AccessSet } from '../model/Access.ts'
import type { BlockEnv } from '../model/Block.ts'
import type { Coin } from '../model/Coin.ts'
import type { Lane } from './Lane.ts'
import type { EnginePool } from './anvil/EnginePool.ts'
import type { EthereumjsEngine } from './ethereumjs/createEthereumjsEngine.ts'
import { workerEngine, type FirstEngine } from './FirstEngine.ts'
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
    node,
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
    /** The chain's own node, where no EVM here models the chain; null: ours. */
    node: FirstEngine | null
    isOnSecond: boolean
    isClosureChecked: boolean
    /** The digest for which ecrecover answers the signer, and what the holders of the signature are lent. */
    document: { readonly digest: Hex.Hex; readonly signer: string; readonly start: Overlay.Overlay } | null
  },
): Promise<Fork> {
  const missing = cache.missing(access)
  if (missing.size > 0) await cache.read(upstream, missing)
  const worker = node === null ? (pool?.pick() ?? null) : null
  if (pool !== null && worker !== null)
    await pool.install(
      worker,
      [...access.keys()].flatMap((address) => {
        const hash = cache.accounts.get(address)?.codeHash
        return hash === undefined || hash === EMPTY_CODE_HASH ? [] : [{ address, hash, code: codes.get(hash) }]
      }),
    )
  return {
    chainId,
    coin,
    first: node ?? (pool === null || worker === null ? null : workerEngine(pool, worker)),
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
