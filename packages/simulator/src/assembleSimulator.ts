import { Clock, type Digest, type Hex } from '@countersign/base'
import { withBuiltIn } from './clearsigning/readDescriptors.ts'
import { blockRef } from './evm/BlockEnv.ts'
import { isSampled } from './memory/keys.ts'
import { emptyMemory } from './memory/Memory.ts'
import { checkLease } from './receipts/checkLease.ts'
import { createShelf } from './receipts/ReadSet.ts'
import type { Engines } from './openEngines.ts'
import type { Simulator, SimulatorOptions } from './Simulator.ts'
import { askCapabilities, type NodeCapabilities } from './evm/node/nodeCapabilities.ts'
import { playCalls } from './evm/playCalls.ts'
import { simulateRequest } from './stages/index.ts'
import { CodeStore } from './chain/state/StateCache.ts'
import { createHeadFollower } from './chain/state/HeadFollower.ts'
import { coinOf } from './chain/Chain.ts'
import { chooseEngine, type Chosen } from './evm/conformance/chooseEngine.ts'
import { chainOf } from './chain/records.ts'
import { openStateSource } from './chain/state/openStateSource.ts'
import { createPrefetch } from './stages/prefetch.ts'
import { ChainMismatchError } from './chain/rpc/Rpc.ts'
import { compareRecord } from './chain/compareRecord.ts'
import { openReads } from './chain/reads.ts'

/** Makes a simulator of engines that run; see `createSimulator`. */
export function assembleSimulator(options: SimulatorOptions, { upstream, chainId, pool, second }: Engines): Simulator {
  const clock = options.clock ?? Clock.system
  const [url] = options.rpcUrls
  const share = options.crossCheckShare ?? 0.02
  const codes = new CodeStore()
  const memory = emptyMemory()
  const chain = options.chain ?? chainOf(chainId)
  const source = openStateSource({ upstream, url, clock, codes, chain, prefetch: createPrefetch(memory) })
  const asking = {
    chain,
    askHead: async () => (await source.askHead('latest')).header,
  }
  const replaying = { upstream, pool, second, codes, clock, chainId, coin: coinOf(chain) }
  let chosen: { readonly asked: Promise<Chosen>; readonly atMs: number } | null = null
  /** Asked with the first simulation, and again in the background when the answer is old; one that fails is asked again. */
  function askEngine(): Promise<Chosen> {
    const before = chosen
    if (before !== null && clock.nowMs() - before.atMs < chain.probe.everyMs) return before.asked
    const asked = chooseEngine(replaying, asking)
    chosen = { asked, atMs: clock.nowMs() }
    asked.catch(() => (chosen = before))
    return before?.asked ?? asked
  }
  let capabilities: Promise<NodeCapabilities> | null = null
  function askNode(): Promise<NodeCapabilities> {
    const asked = source.askHead('latest').then(({ header }) => askCapabilities(upstream, header.hash))
    asked.catch(() => (capabilities = null))
    return asked
  }
  const follower =
    options.followHeadMs === undefined
      ? null
      : createHeadFollower({
          endpoint: upstream,
          pollMs: options.followHeadMs,
          onHead: (header, parent) => source.follow(header, parent),
        })
  const parts = {
    upstream,
    source,
    pool,
    codes,
    clock,
    descriptors: withBuiltIn(options.descriptors ?? null),
    memory,
    maxReads: options.maxReads ?? 1_500,
    readSets: createShelf(),
    second,
    isProofVerified: options.isProofVerified ?? false,
    quorum: options.quorum ?? 1,
    chain,
    engine: async () => (await askEngine()).engine,
    nodeCapabilities: () => (capabilities ??= askNode()),
    isSampled: (request: Digest.Digest, blockHash: Hex.Hex) => isSampled(request, blockHash, share),
  }

  return {
    chainId,
    chain,
    reads: openReads(upstream, { chainId }),
    compareRecord: async () => compareRecord(upstream, { chain, blockHash: (await asking.askHead()).hash }),
    probe: () => chooseEngine(replaying, { ...asking, isProbed: true }),
    async simulate(request, { timings } = {}) {
      if (request.chainId !== chainId) throw new ChainMismatchError(url, request.chainId, chainId)
      return simulateRequest(parts, request, timings)
    },
    async play(input) {
      if ((await parts.engine()).kind === 'node') return null
      return playCalls({ ...parts, chainId, coin: coinOf(chain) }, input)
    },
    readSet: (digest) => parts.readSets.get(digest),
    checkLease: (bound, readSet, since = {}) =>
      checkLease(upstream, { bound, readSet, nowMs: clock.nowMs(), ...since }),
    head: async () => blockRef((await source.askHead('latest')).header),
    stats: () => ({
      upstreamRequests: upstream.requests,
      respawns: pool?.respawns ?? 0,
      enginePids: pool?.pids ?? [],
    }),
    async close() {
      follower?.stop()
      await Promise.all([pool?.close(), second.close(), upstream.close()])
    },
  }
}
