import { BaseError, type Address, type Clock, type Hex } from '@countersign/base'
import type { Coin } from '../model/Coin.ts'
import { nextBlock } from './BlockEnv.ts'
import type { EthereumjsEngine } from './ethereumjs/createEthereumjsEngine.ts'
import { openLane } from './Lane.ts'
import type { EnginePool } from './anvil/EnginePool.ts'
import { workerEngine } from './FirstEngine.ts'
import * as Overlay from './Overlay.ts'
import { playAs } from './runBatch.ts'
import type { RpcEndpoint } from '../chain/rpc/Rpc.ts'
import type { StateSource } from '../chain/state/openStateSource.ts'
import { addAccess, EMPTY_CODE_HASH, sizeOf, type AccessSet } from '../model/Access.ts'
import { StateCache, type CodeStore } from '../chain/state/StateCache.ts'

/** One answer of a call that was played. */
export interface Played {
  readonly success: boolean
  readonly data: Hex.Hex
}

interface Tools {
  readonly chainId: number
  readonly coin: Coin
  readonly upstream: RpcEndpoint
  readonly source: Pick<StateSource, 'askHead'>
  readonly pool: EnginePool | null
  readonly second: EthereumjsEngine
  readonly codes: CodeStore
  readonly clock: Clock.Clock
}

/** How often more state may be asked for, and how much of it. A factory and a wallet read a few dozen items. */
const MAX_ROUNDS = 12
const MAX_READS = 300

/**
 * Plays calls in order on a fork of the newest block, in the EVM that runs here. A provider is asked for state alone,
 * under the pool's quorum, and never for the outcome: an account that has no code there gets none but by a creation
 * that the EVM itself ran.
 *
 * @param from - Who calls. An account that exists nowhere is right.
 * @throws {PlayLimitError} `simulation:play:limit`. {UpstreamError}; {EngineAnswerError}.
 */
export async function playCalls(
  { chainId, coin, upstream, source, pool, second, codes, clock }: Tools,
  {
    from,
    calls,
  }: { from: Address.Address; calls: readonly { readonly to: Address.Address; readonly data: Hex.Hex }[] },
): Promise<readonly Played[]> {
  const { header, tipWei } = await source.askHead('latest')
  const env = nextBlock(header, { nowMs: clock.nowMs(), tipWei })
  // A cache of its own: whoever signs in warms nothing for a simulation.
  const cache = new StateCache(header.hash, codes)
  const sender = from.toLowerCase()
  const named = [sender, env.coinbase.toLowerCase(), ...calls.map(({ to }) => to.toLowerCase())]
  const access: AccessSet = new Map(named.map((address) => [address, new Set<string>()]))
  const lane = openLane({ isOnSecond: pool === null })
  for (let round = 0; round < MAX_ROUNDS && sizeOf(access) <= MAX_READS; round += 1) {
    await cache.read(upstream, cache.missing(access))
    const worker = pool?.pick() ?? null
    const first = pool === null || worker === null ? null : workerEngine(pool, worker)
    if (pool !== null && worker !== null)
      await pool.install(
        worker,
        [...access.keys()].flatMap((address) => {
          const hash = cache.accounts.get(address)?.codeHash
          return hash === undefined || hash === EMPTY_CODE_HASH ? [] : [{ address, hash, code: codes.get(hash) }]
        }),
      )
    const touched: AccessSet = new Map()
    const fork = {
      chainId,
      coin,
      first,
      cache,
      codes,
      env,
      isClosureChecked: true,
      pieces: Overlay.noPieces(),
      lane,
      second,
    }
    const answers = await playAs(fork, access, Overlay.empty(), { from: sender, calls, touched })
    const handedOver = sizeOf(access)
    addAccess(access, touched)
    // The closure check: an answer counts only when all that it read had been handed to the fork.
    if (sizeOf(access) === handedOver) return answers
  }
  throw new PlayLimitError()
}

/** The calls read more than calls of this kind do; there is no answer. */
export class PlayLimitError extends BaseError {
  override readonly name = 'simulator.PlayLimitError'
  constructor() {
    super('The calls read more state than is asked for here.', {
      code: 'simulation:play:limit',
      kind: 'invalid',
      hint: 'Use a contract that reads less.',
    })
  }
}
