/** What really happens when a scene is sent: the truth about it, by which a mutant counts or does not. */
import { Address, type Hex } from '@countersign/base'
import { decodeFunctionResult, encodeFunctionData, parseAbi } from 'viem'
import type { Call } from '../../src/index.ts'
import type { Harm } from '../index.ts'
import { delegateTo } from '../moves.ts'
import type { World } from '../World.ts'

const ABI = parseAbi([
  'function balanceOf(address) view returns (uint256)',
  'function allowance(address,address) view returns (uint256)',
  'function allowance(address,address,address) view returns (uint160,uint48,uint48)',
  'function isApprovedForAll(address,address) view returns (bool)',
  'function isOperatorFor(address,address) view returns (bool)',
  'function isModuleEnabled(address) view returns (bool)',
  'function isOwner(address) view returns (bool)',
  'function owner() view returns (address)',
  'function borrowAllowance(address,address) view returns (uint256)',
])

/** What somebody holds and may do, before or after. */
export interface State {
  /** By account, then asset. */
  readonly balances: readonly (readonly bigint[])[]
  readonly powers: readonly string[]
}

/** Whose balances of what are looked at: people first, then what the scene deployed, in its order. */
export interface Watch {
  readonly accounts: readonly Address.Address[]
  readonly assets: readonly (Address.Address | null)[]
  readonly grants: NonNullable<Harm['grants']>
}

export function watchOf(world: World, deployed: readonly Address.Address[], harm: Harm | null): Watch {
  const { usdc, dai, weth, nft } = world.chain.addresses
  return {
    accounts: [world.me, world.friend, world.thief, world.stranger, ...deployed],
    assets: [null, ...[usdc, dai, weth, nft].map((each) => Address.parse(each)), ...deployed],
    grants: harm?.grants ?? [],
  }
}

async function ask(world: World, from: Address.Address, to: string, data: Hex.Hex): Promise<string> {
  try {
    return await world.chain.rpc<string>('eth_call', [{ from, to, data }, 'latest'])
  } catch {
    return 'refused'
  }
}

/** Multicall3: all balances in one call. */
const MULTICALL = parseAbi([
  'function aggregate3((address target, bool allowFailure, bytes callData)[] calls) payable returns ((bool success, bytes returnData)[] returnData)',
  'function getEthBalance(address) view returns (uint256)',
])

export async function stateOf(world: World, { accounts, assets, grants }: Watch): Promise<State> {
  const { multicall3 } = world.chain.addresses
  const calls = accounts.flatMap((account) =>
    assets.map((asset) => ({
      target: asset ?? multicall3,
      allowFailure: true,
      callData:
        asset === null
          ? encodeFunctionData({ abi: MULTICALL, functionName: 'getEthBalance', args: [account] })
          : encodeFunctionData({ abi: ABI, functionName: 'balanceOf', args: [account] }),
    })),
  )
  const data = encodeFunctionData({ abi: MULTICALL, functionName: 'aggregate3', args: [calls] })
  const answers = decodeFunctionResult({
    abi: MULTICALL,
    functionName: 'aggregate3',
    data: await world.chain.rpc<Hex.Hex>('eth_call', [
      { from: world.me, to: multicall3, data, gas: '0x5f5e100' },
      'latest',
    ]),
  })
  const balances = accounts.map((_, a) =>
    assets.map((__, b) => {
      const answer = answers[a * assets.length + b]
      return answer?.success === true && answer.returnData.length === 66 ? BigInt(answer.returnData) : 0n
    }),
  )
  const powers = await Promise.all(
    grants.map(async ({ contract, subject, use }) => {
      const { usdc, dai } = world.chain.addresses
      const reads: Hex.Hex[] = [
        ...(['allowance', 'isApprovedForAll', 'borrowAllowance'] as const).map((functionName) =>
          encodeFunctionData({ abi: ABI, functionName, args: [world.me, subject] } as never),
        ),
        encodeFunctionData({ abi: ABI, functionName: 'isOperatorFor', args: [subject, world.me] }),
        ...(['isModuleEnabled', 'isOwner'] as const).map((functionName) =>
          encodeFunctionData({ abi: ABI, functionName, args: [subject] } as never),
        ),
        ...[usdc, dai].map((token) =>
          encodeFunctionData({ abi: ABI, functionName: 'allowance', args: [world.me, token, subject] }),
        ),
        encodeFunctionData({ abi: ABI, functionName: 'owner' }),
      ]
      const used = use === undefined || use.to === null ? [] : [await ask(world, subject, use.to, use.data)]
      return [...(await Promise.all(reads.map((data) => ask(world, world.me, contract, data)))), ...used].join()
    }),
  )
  return { balances, powers }
}

/** What sending did. */
export interface Sent {
  readonly statuses: readonly boolean[]
  readonly gasUsed: bigint
  /** By account, then asset; fees are put back. */
  readonly deltas: readonly (readonly bigint[])[]
  readonly hasNewPower: boolean
}

/** Sends calls one after another, whatever becomes of each, and says what changed. */
export async function sendAll(
  world: World,
  { calls, from, watch, before }: { calls: readonly Call[]; from: Address.Address; watch: Watch; before: State },
): Promise<Sent> {
  const { rpc } = world.chain
  const hex = (number: bigint) => `0x${number.toString(16)}`
  const statuses: boolean[] = []
  let [feesWei, gasUsed] = [0n, 0n]
  for (const { to, data, value, gasLimit, authorizationList = [] } of calls) {
    // The node's own wallet takes no authorizations: what they do is done before.
    for (const { address } of authorizationList) await delegateTo(world, from, address)
    try {
      const request = { from, data, value: hex(value), gas: hex(gasLimit ?? 0xe00000n), ...(to === null ? {} : { to }) }
      const hash = await rpc<Hex.Hex>('eth_sendTransaction', [request])
      type Mined = { status: string; gasUsed: string; effectiveGasPrice: string } | null
      let mined: Mined = null
      while (mined === null) mined = await rpc<Mined>('eth_getTransactionReceipt', [hash])
      statuses.push(mined.status === '0x1')
      feesWei += BigInt(mined.gasUsed) * BigInt(mined.effectiveGasPrice)
      gasUsed += BigInt(mined.gasUsed)
    } catch {
      statuses.push(false)
    }
  }
  const after = await stateOf(world, watch)
  return {
    statuses,
    gasUsed,
    deltas: after.balances.map((row, account) =>
      row.map((now, asset) => {
        const fee = asset === 0 && watch.accounts[account] === from ? feesWei : 0n
        return now - (before.balances[account]?.[asset] ?? 0n) + fee
      }),
    ),
    hasNewPower: after.powers.some((each, i) => each !== before.powers[i]),
  }
}

/** Whether the harm that the scene claims came about, as far as sending can show it. */
export function isHarmed(
  harm: Harm,
  { sent, watch, amount }: { sent: Sent; watch: Watch; amount: (value: bigint) => bigint },
): boolean {
  const deltaOf = (account: string, token: string | null) =>
    sent.deltas[watch.accounts.findIndex((each) => each.toLowerCase() === account.toLowerCase())]?.[
      watch.assets.findIndex((each) => each?.toLowerCase() === token?.toLowerCase())
    ]
  const [me = ''] = watch.accounts
  return (
    (harm.loses ?? []).every(([token, atLeast]) => (deltaOf(me, token) ?? 0n) <= -amount(atLeast)) &&
    (harm.neverArrives === undefined || (deltaOf(me, harm.neverArrives) ?? 0n) <= 0n) &&
    (harm.shortfall === undefined ||
      (deltaOf(harm.shortfall.account, harm.shortfall.token) ?? 0n) <= harm.shortfall.received) &&
    (harm.fails === undefined || sent.statuses.includes(false)) &&
    (harm.gas === undefined || sent.gasUsed >= harm.gas)
  )
}

/** Whether two ways to do it did the same to everybody that is looked at. */
export function isSame(a: Sent, b: Sent, isExact: boolean): boolean {
  const sign = (value: bigint) => (isExact ? value : BigInt(Math.sign(Number(value))))
  return (
    (isExact ? a.statuses.join() === b.statuses.join() : a.statuses.includes(false) === b.statuses.includes(false)) &&
    a.hasNewPower === b.hasNewPower &&
    a.deltas.length === b.deltas.length &&
    a.deltas.every((row, i) => row.every((value, j) => sign(value) === sign(b.deltas[i]?.[j] ?? 0n)))
  )
}
