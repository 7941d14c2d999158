import { assert, type Hex } from '@countersign/base'
import { coinOf } from '../chain/Chain.ts'
import { openLane } from '../evm/Lane.ts'
import { nextBlock } from '../evm/BlockEnv.ts'
import { nodeEngine } from '../evm/FirstEngine.ts'
import { openFork } from '../evm/openFork.ts'
import { envKey, requestDigest } from '../memory/keys.ts'
import { addAccess, type AccessSet } from '../model/Access.ts'
import type { Call } from '../model/Call.ts'
import type { SignatureRequest } from '../model/Document.ts'
import type { SimulationRequest } from '../model/Request.ts'
import { lend, usesOf } from '../signatures/planSignature.ts'
import type { Job } from './Stage.ts'
import type { Tools } from './Tools.ts'

/** The block to stand on and its environment, and what is known to be touched: at most one request when nothing changed. */
export async function prepare(tools: Tools, asked: SimulationRequest): Promise<Job> {
  const signature = asked.signature ?? null
  assert(asked.calls.length > 0 || signature !== null, 'a request has at least one call')
  // Amounts are cut down to balances once those are known; until then the calls stand as the document has them.
  const request = signature === null ? asked : { ...asked, calls: [...asked.calls, ...callsOf(signature)] }
  const { source, memory, pool, clock } = tools
  const digest = requestDigest(asked)
  const { header, tipWei, cache, access } = await source.prepare(request, digest)
  // Where fees are paid in a token, they would pass for an effect: they are counted apart.
  const isFree = coinOf(tools.chain).isNone === true
  const expected = { ...nextBlock(header, { nowMs: clock.nowMs(), tipWei }), isFree }
  const key = { state: cache.id, env: envKey(expected), request: digest }
  const always: AccessSet = new Map(
    [expected.coinbase, request.from].map((address) => [address.toLowerCase(), new Set<string>()]),
  )
  addAccess(access, always)
  // Skipping the closure check rests on handing over all that the same run was found to touch.
  const whole = memory.whole.get(key)
  if (whole !== undefined) addAccess(access, whole.access)
  const engine = await tools.engine()
  const node = engine.kind === 'local' ? null : await tools.nodeCapabilities()
  const isOnSecond =
    pool === null || signature !== null || request.calls.some((call) => (call.authorizationList ?? []).length > 0)
  return {
    request: asked,
    planned: request,
    digest,
    user: asked.from,
    chain: tools.chain,
    engine,
    node,
    header,
    env: { ...expected, blockHashes: new Map([...expected.blockHashes, ...(whole?.blockHashes ?? [])]) },
    cache,
    access,
    always,
    key,
    whole,
    gasHints: memory.shapeGas.get(asked) ?? [],
    isOnSecond,
    isSampled: node === null && signature === null && pool !== null && tools.isSampled(digest, header.hash),
    lane: openLane({ isOnSecond }),
    learned: [],
    standsOn: [],
    fork: null,
  }
}

/** The job with a fork of all that it is known to touch by now. */
export async function withFork(tools: Tools, job: Job): Promise<Job> {
  const signature = job.request.signature ?? null
  const fork = await openFork(tools, {
    chainId: job.request.chainId,
    coin: coinOf(job.chain),
    cache: job.cache,
    access: job.access,
    env: job.env,
    lane: job.lane,
    node: job.node === null ? null : nodeEngine(tools.upstream, job.header.hash, job.cache.overrides),
    isOnSecond: job.node === null && job.isOnSecond,
    isClosureChecked: job.whole === undefined,
    document:
      signature === null
        ? null
        : {
            digest: signature.digest.toLowerCase() as Hex.Hex,
            signer: job.user.toLowerCase(),
            start: lend(signature, job.user),
          },
  })
  return { ...job, fork }
}

/** A signature's uses as calls, as the document has them. */
function callsOf(signature: SignatureRequest): readonly Call[] {
  return usesOf(signature).map(({ from, to, value, data, label }) => ({
    to,
    value,
    data,
    gasLimit: null,
    maxFeePerGasWei: null,
    label,
    holder: from,
  }))
}
