/** What the outcome guard prevents: each scene really sent as a batch, with and without guard calls, after the world has moved. */
import { Address, type Hex } from '@countersign/base'
import { accountBatch, simulateEnforced, type Enforcement, type Report, type Simulator } from '../../src/index.ts'
import { stateOf, watchOf, type State, type Watch } from '../mutations/truth.ts'
import { buyDollars, delegateTo, DOLLAR, ETHER, swapDollars } from '../moves.ts'
import { twentyBlocksLater } from '../tryEnforced.ts'
import { asWritten } from '../variant.ts'
import type { Scene, World } from '../World.ts'

/** As on a server whose app says nothing else (docs/reference/enforcement.md, "On a server"). */
const MAX_GAS = 60_000

/** What happens between the preview and the block. */
export interface Move {
  readonly name: string
  run(world: World, scene: Scene, report: Report.Report): Promise<void>
}

const rival = ({ chain }: World): Address.Address => Address.parse(chain.accounts[0]?.address ?? '')

/** Moves against the user, and the one that honest batches have to bear. */
export const HOSTILE: readonly Move[] = [
  { name: 'nothing', run: async () => undefined },
  {
    name: 'the switch is turned',
    async run(world, { calls = [] }) {
      for (const to of new Set(calls.map((call) => call.to)))
        if (to !== null) await world.send(world.call('Flip', to, 'set', [false]), rival(world)).catch(() => undefined)
    },
  },
  {
    name: 'somebody buys dollars first',
    run: (world) => world.send(buyDollars(world, 100n * ETHER, 0n), rival(world)),
  },
  {
    name: 'somebody sells dollars first',
    async run(world) {
      for (const call of swapDollars(world, 250_000n * DOLLAR, 0n)) await world.send(call, rival(world))
    },
  },
  { name: 'an hour passes', run: (world) => world.pass(3_600) },
]
/** The preview is about the next block: no block of a chain comes before it. */
export const AT_ONCE: Move = { name: 'in the next block', run: (world) => world.pass(12) }
export const LATER: Move = {
  name: '20 blocks later, pools moved 0.3 %',
  run: async (world, _scene, report) => twentyBlocksLater(world, report),
}

/** What came of one scene and one move. */
export interface EnforcedRun {
  readonly move: string
  readonly enforcement: Pick<Enforcement, 'status' | 'because' | 'notEnforced' | 'gasOverhead'>
  readonly verdict: Report.Report['verdict']
  /** What the batch without guard calls did worse than the preview; empty where it did as shown. Null where it was not sent. */
  readonly worse: readonly string[] | null
  /** Whether the batch without guard calls took effect at all. */
  readonly isPlainMined: boolean
  /** Whether the guarded batch took effect; null where there is none. */
  readonly isMined: boolean | null
}

/** Gives the user's account code that runs batches, where it has none. */
export async function withBatchCode(world: World): Promise<void> {
  if ((await world.chain.rpc<Hex.Hex>('eth_getCode', [world.me, 'latest'])) === '0x')
    await delegateTo(world, world.me, await asWritten(async () => world.deploy('BatchAccount')))
}

/** A batch of the account, ready to be sent. */
export interface Batch {
  readonly to: Address.Address
  readonly data: Hex.Hex
  readonly gas: bigint
}

/** With so much gas that what fails does not fail for want of it: then it is the guard that refused. */
export const withAmpleGas = (batch: Batch): Batch => ({ ...batch, gas: batch.gas * 2n + 500_000n })

/** A scene with and without guard calls, at the gas limit of its report; `batches` is null where nothing is enforced. */
export async function enforceScene(
  world: World,
  simulator: Simulator,
  scene: Scene,
): Promise<{
  readonly report: Report.Report
  readonly enforcement: Enforcement
  readonly batches: { readonly guarded: Batch; readonly plain: Batch } | null
}> {
  const { report, request } = await simulateEnforced(simulator, await world.requestOf(scene), {
    ...{ route: '7702', maxGas: MAX_GAS },
  })
  const { enforcement } = report
  if (enforcement === undefined) throw new Error('enforcement was asked for')
  const calls = (scene.calls ?? []).flatMap(({ to, value, data }) => (to === null ? [] : [{ to, value, data }]))
  const [outer] = request.calls
  if (enforcement.status === 'none' || outer?.to == null || calls.length === 0)
    return { report, enforcement, batches: null }
  const guarded = { to: outer.to, data: outer.data, gas: report.steps[0]?.gasLimit ?? 0n }
  return { report, enforcement, batches: { guarded, plain: { ...accountBatch(world.me, calls), gas: guarded.gas } } }
}

/** Simulates a staged scene with enforcement, and sends it after each move. The chain is put back in between. */
export async function measureEnforced(
  world: World,
  simulator: Simulator,
  {
    scene,
    moves,
    hasAmpleGas,
  }: { scene: Scene; moves: readonly Move[]; /** Else the gas limit of the report. */ hasAmpleGas: boolean },
): Promise<readonly EnforcedRun[]> {
  const { report, enforcement, batches } = await enforceScene(world, simulator, scene)
  const base = { enforcement, verdict: report.verdict }
  if (batches === null) return [{ ...base, move: 'none', worse: null, isPlainMined: false, isMined: null }]
  const watch = watching(world, report)
  const calm = await apart(world, async () => sendOne(world, batches.plain, watch))
  const runs: EnforcedRun[] = []
  for (const move of moves) {
    const after = async (sent: Batch) =>
      apart(world, async () => {
        await move.run(world, scene, report)
        return sendOne(world, hasAmpleGas ? withAmpleGas(sent) : sent, watch)
      })
    const without = await after(batches.plain)
    const { isMined } = await after(batches.guarded)
    const worse = without.isMined ? worseThanShown(world, report, { watch, without, calm }) : []
    runs.push({ ...base, move: move.name, worse, isPlainMined: without.isMined, isMined })
  }
  return runs
}

/** The user's balances of every token of the report, and the powers that it shows. */
function watching(world: World, report: Report.Report): Watch {
  const tokens = report.tokenChanges.flatMap(({ token, standard }) =>
    token === null || standard !== 'erc20' ? [] : [token],
  )
  const { assets } = watchOf(world, [], null)
  return {
    accounts: [world.me],
    assets: [...new Set([...assets, ...tokens])],
    grants: report.authorityChanges.map(({ contract, subject }) => ({ contract, subject })),
  }
}

interface SentOne {
  readonly isMined: boolean
  /** By asset of the watch; the coin without the fee. */
  readonly deltas: readonly bigint[]
  readonly powers: State['powers']
}

/** Really sends a batch from the user. */
export async function sendBatch(world: World, { to, data, gas }: Batch): Promise<MinedReceipt> {
  const request = { from: world.me, to, data, gas: `0x${gas.toString(16)}` }
  return receiptOf(world, await world.chain.rpc<Hex.Hex>('eth_sendTransaction', [request]))
}

async function sendOne(world: World, batch: Batch, watch: Watch): Promise<SentOne> {
  const before = await stateOf(world, watch)
  const mined = await sendBatch(world, batch)
  const after = await stateOf(world, watch)
  const feeWei = BigInt(mined.gasUsed) * BigInt(mined.effectiveGasPrice)
  return {
    isMined: mined.status === '0x1',
    deltas: watch.assets.map(
      (asset, i) => (after.balances[0]?.[i] ?? 0n) - (before.balances[0]?.[i] ?? 0n) + (asset === null ? feeWei : 0n),
    ),
    powers: after.powers,
  }
}

/** A mined transaction, as the node tells it. */
export interface MinedReceipt {
  readonly status: Hex.Hex
  readonly gasUsed: Hex.Hex
  readonly effectiveGasPrice: Hex.Hex
  readonly logs: readonly { readonly topics: readonly Hex.Hex[]; readonly data: Hex.Hex }[]
}

/** Waits until a transaction is mined. */
export async function receiptOf({ chain: { rpc } }: World, hash: Hex.Hex): Promise<MinedReceipt> {
  for (;;) {
    const mined = await rpc<MinedReceipt | null>('eth_getTransactionReceipt', [hash])
    if (mined !== null) return mined
  }
}

/** What is lost beyond the preview: of an inflow 0.5 % may be missing, and of nothing else a unit. */
function worseThanShown(
  world: World,
  report: Report.Report,
  { watch, without, calm }: { watch: Watch; without: SentOne; calm: SentOne },
): string[] {
  const shown = (asset: Address.Address | null): bigint =>
    report.tokenChanges
      .filter(({ account, token, tokenId }) => account === world.me && token === asset && tokenId === null)
      .reduce((sum, { delta }) => sum + delta, 0n)
  const lost = watch.assets.flatMap((asset, i) => {
    const expected = shown(asset)
    const slack = expected > 0n ? expected / 200n : 0n
    const real = without.deltas[i] ?? 0n
    return real < expected - slack ? [`${asset ?? 'coin'}: ${real} instead of ${expected}`] : []
  })
  const gained = without.powers.filter((power, i) => power !== calm.powers[i])
  return [...lost, ...gained.map((power) => `power: ${power}`)]
}

/** Does something on the chain and puts it back. */
export async function apart<T>({ chain: { rpc } }: World, work: () => Promise<T>): Promise<T> {
  const snapshot = await rpc<Hex.Hex>('evm_snapshot', [])
  try {
    return await work()
  } finally {
    await rpc('evm_revert', [snapshot])
  }
}
