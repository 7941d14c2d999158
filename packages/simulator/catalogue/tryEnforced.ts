import type { Hex } from '@countersign/base'
import { simulateEnforced, type Enforcement, type Report, type Simulator } from '../src/index.ts'
import { buyDollars, delegateTo, ETHER, swapDollars, DOLLAR } from './moves.ts'
import type { Build, Scene, World } from './World.ts'

/** What came of a scene that was enforced and really sent. */
export interface TriedEnforced {
  readonly report: Report.Report
  readonly enforcement: Enforcement
  /** Null where it was not sent: nothing is enforced, or it is inconsistent. */
  readonly isMined: boolean | null
}

/**
 * Simulates a scene with enforcement from an account with batch code, lets the chain change, and really sends the guarded
 * bytes. The chain is put back afterwards.
 *
 * @param then - What happens between the preview and the block.
 */
export async function tryEnforced(
  world: World,
  simulator: Simulator,
  build: Build,
  then: (world: World, report: Report.Report, scene: Scene) => Promise<void> = async () => undefined,
): Promise<TriedEnforced> {
  const staged: Build = async (at) => {
    const scene = await build(at)
    if ((await at.chain.rpc<Hex.Hex>('eth_getCode', [at.me, 'latest'])) === '0x')
      await delegateTo(at, at.me, await at.deploy('BatchAccount'))
    return scene
  }
  return world.inside(staged, async (scene) => {
    const given = await world.requestOf(scene)
    const { report, request } = await simulateEnforced(simulator, given, { route: '7702' })
    const { enforcement } = report
    if (enforcement === undefined) throw new Error('enforcement was asked for')
    const [outer] = request.calls
    if (enforcement.status === 'none' || outer?.to == null) return { report, enforcement, isMined: null }
    await then(world, report, scene)
    const gas = report.steps[0]?.gasLimit ?? 0n
    return {
      report,
      enforcement,
      isMined: await isMined(world, { from: world.me, to: outer.to, data: outer.data, gas }),
    }
  })
}

/** Sends a transaction and answers whether it took effect. */
async function isMined(
  { chain: { rpc } }: World,
  { from, to, data, gas }: { from: string; to: string; data: Hex.Hex; gas: bigint },
): Promise<boolean> {
  const hash = await rpc<Hex.Hex>('eth_sendTransaction', [{ from, to, data, gas: `0x${gas.toString(16)}` }])
  for (;;) {
    const mined = await rpc<{ status: Hex.Hex } | null>('eth_getTransactionReceipt', [hash])
    if (mined !== null) return mined.status === '0x1'
  }
}

/** 20 blocks pass, and the pool of dollars and ether moves 0.3 % against the user. */
export async function twentyBlocksLater(world: World, report: Report.Report): Promise<void> {
  const deployer = world.chain.accounts[0]?.address
  const gainsEther = report.tokenChanges.some(
    ({ account, token, delta }) =>
      account === report.from && delta > 0n && (token === null || token === world.chain.addresses.weth),
  )
  // 0.15 % of a pool of 2,000 ether and 5,000,000 dollars: its price moves by twice that.
  const trades = gainsEther ? swapDollars(world, 7_500n * DOLLAR, 0n) : [buyDollars(world, 3n * ETHER, 0n)]
  for (const trade of trades) await world.send(trade, deployer)
  await world.pass(240)
}
