import type { Clock, Digest, Hex } from '@countersign/base'
import type { Chain } from '../chain/Chain.ts'
import type { Engine } from '../chain/Engine.ts'
import type { RpcEndpoint } from '../chain/rpc/Rpc.ts'
import type { StateSource } from '../chain/state/openStateSource.ts'
import type { CodeStore } from '../chain/state/StateCache.ts'
import type { DescriptorSet } from '../clearsigning/Descriptor.ts'
import type { EnginePool } from '../evm/anvil/EnginePool.ts'
import type { NodeCapabilities } from '../evm/node/nodeCapabilities.ts'
import type { EthereumjsEngine } from '../evm/ethereumjs/createEthereumjsEngine.ts'
import type { Memory } from '../memory/Memory.ts'
import type * as ReadSet from '../receipts/ReadSet.ts'

/** What a simulation needs of the world, handed in. */
export interface Tools {
  readonly upstream: RpcEndpoint
  readonly source: StateSource
  /** The first EVM's workers; null where this platform has none. */
  readonly pool: EnginePool | null
  readonly codes: CodeStore
  readonly memory: Memory
  readonly clock: Clock.Clock
  readonly maxReads: number
  readonly second: EthereumjsEngine
  readonly isProofVerified: boolean
  readonly quorum: 1 | 2
  readonly chain: Chain
  /** Which EVM judges the chain, asked once. */
  engine(): Promise<Engine>
  /** What the chain's own node can do, asked once. */
  nodeCapabilities(): Promise<NodeCapabilities>
  /** Whether this simulation is one that the second EVM checks. */
  isSampled(request: Digest.Digest, blockHash: Hex.Hex): boolean
  /** What the makers of contracts say their calls mean. */
  readonly descriptors: DescriptorSet
  /** What recent simulations read, for receipts. */
  readonly readSets: ReadSet.ReadSetShelf
}
