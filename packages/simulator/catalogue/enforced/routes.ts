/** Every way in which a wallet may send a batch, run for real: calm, and after the price was turned against the user. */
import { createRequire } from 'node:module'
import { Address, type Hex } from '@countersign/base'
import { concat, decodeEventLog, encodeDeployData, encodeFunctionData, pad, parseAbi, toHex, type Abi } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import {
  accountBatch,
  simulateEnforced,
  type BatchCall,
  type Enforcement,
  type Route,
  type Simulator,
} from '../../src/index.ts'
import { buyDollars, delegateTo, DOLLAR, ETHER, FOREVER, router, usdc } from '../moves.ts'
import { deployMultiSend, openSafe } from '../safe.ts'
import { receiptOf, type MinedReceipt } from './measureEnforced.ts'
import type { Scene, World } from '../World.ts'

const require = createRequire(import.meta.url)
const metamask = (name: string) => {
  const abis = require('@metamask/delegation-abis') as Record<string, Abi>
  const codes = require('@metamask/delegation-abis/bytecode') as Record<string, Hex.Hex>
  const abi = abis[name]
  const bytecode = codes[name]
  if (abi === undefined || bytecode === undefined) throw new Error(`no contract ${name} in @metamask/delegation-abis`)
  return { abi, bytecode }
}

/** What came of one route. */
export interface RouteRun {
  readonly route: string
  /** What the simulator says of it. */
  readonly status: Enforcement['status']
  readonly because: string | null
  /** Gas of the batch without and with guard calls, as mined; null where there is no guard. */
  readonly gas: { readonly plain: bigint; readonly guarded: bigint } | null
  /** Dollars that arrived, in their smallest unit: calm with the guard, turned without, turned with. */
  readonly arrived: { readonly calm: bigint; readonly plainTurned: bigint; readonly guardedTurned: bigint | null }
  /** Whether the transaction itself succeeded after the price was turned. */
  readonly isSuccessTurned: boolean | null
  /** By what a failure inside a successful transaction is told; null where there is none. */
  readonly told: string | null
}

interface Sent {
  readonly isSuccess: boolean
  readonly gasUsed: bigint
  readonly logs: MinedReceipt['logs']
}

async function transact(world: World, transaction: object): Promise<Sent> {
  const hash = await world.chain.rpc<Hex.Hex>('eth_sendTransaction', [{ gas: '0x4c4b40', ...transaction }])
  const mined = await receiptOf(world, hash)
  return { isSuccess: mined.status === '0x1', gasUsed: BigInt(mined.gasUsed), logs: mined.logs }
}

/** How a route wraps a list of calls, and sends it. */
interface Shape {
  readonly name: string
  readonly route: Route
  /** Prepares the chain, and answers whose money it is. */
  prepare(world: World): Promise<Address.Address>
  send(world: World, account: Address.Address, calls: readonly BatchCall[]): Promise<Sent>
  /** What a successful transaction tells of a failure inside; null where it tells none. */
  told?(sent: Sent): string | null
  /** Whether the simulator is given the route; where not, guard calls are put in by hand to show that they hold nothing. */
  readonly isOffered: boolean
}

const own = (mode: Hex.Hex) => async (world: World, account: Address.Address, calls: readonly BatchCall[]) => {
  const { data } = accountBatch(account, calls)
  // The mode is the first word behind the selector.
  return transact(world, { from: account, to: account, data: `${data.slice(0, 10)}${mode.slice(2)}${data.slice(74)}` })
}
const WHOLE = pad('0x01', { dir: 'right', size: 32 })
const TRY = pad('0x0101', { dir: 'right', size: 32 })

const ownCode = async (world: World): Promise<Address.Address> => {
  await delegateTo(world, world.me, await world.deploy('BatchAccount'))
  return world.me
}
/** ERC-4337's EntryPoint v0.7 (eth-infinitism/account-abstraction, release v0.7.0). */
const ENTRY_POINT = '0x0000000071727De22E5E9d8BAf0edAc6f37da032' as Address.Address
const metamaskCode = async (world: World): Promise<Address.Address> => {
  const point = metamask('EntryPoint')
  const pointAt = await world.deployCode('EntryPoint', point.bytecode)
  // Where it stands on public chains: the simulator calls the account as the entry point from there.
  const code = await world.chain.rpc<Hex.Hex>('eth_getCode', [pointAt, 'latest'])
  await world.chain.rpc('anvil_setCode', [ENTRY_POINT, code])
  const manager = metamask('DelegationManager')
  const managerAt = await world.deployCode('DelegationManager', encodeDeployData({ ...manager, args: [world.friend] }))
  const account = metamask('EIP7702StatelessDeleGator')
  const creation = encodeDeployData({ ...account, args: [managerAt, ENTRY_POINT] })
  await delegateTo(world, world.me, await world.deployCode('EIP7702StatelessDeleGator', creation))
  return world.me
}

const SAFE = parseAbi([
  'function execTransaction(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, bytes signatures) payable returns (bool)',
  'function multiSend(bytes transactions) payable',
  'event ExecutionFailure(bytes32 indexed txHash, uint256 payment)',
])
const safeSend = (safeTxGas: bigint) => async (world: World, account: Address.Address, calls: readonly BatchCall[]) => {
  const packed = concat(
    calls.map(({ to, value, data }) =>
      concat(['0x00', to, pad(toHex(value), { size: 32 }), pad(toHex((data.length - 2) / 2), { size: 32 }), data]),
    ),
  )
  const zero = Address.ZERO
  const inner = encodeFunctionData({ abi: SAFE, functionName: 'multiSend', args: [packed] })
  const signature = concat([pad(world.me), pad('0x00', { size: 32 }), '0x01'])
  const data = encodeFunctionData({
    abi: SAFE,
    functionName: 'execTransaction',
    args: ['0x9641d764fc13c8B624c04430C7356C1C7C8102e2', 0n, inner, 1, safeTxGas, 0n, 0n, zero, zero, signature],
  })
  return transact(world, { from: world.me, to: account, data })
}
const safeTold =
  (event: string) =>
  (sent: Sent): string | null => {
    const isNamed = sent.logs.some(({ topics, data }) => {
      try {
        const [first, ...more] = topics
        return first !== undefined && decodeEventLog({ abi: SAFE, topics: [first, ...more], data }).eventName === event
      } catch {
        return false
      }
    })
    return isNamed ? event : null
  }

/** A user operation (EntryPoint v0.7) of the account, signed by the account's own key and sent by somebody else. */
async function operate(world: World, account: Address.Address, calls: readonly BatchCall[]): Promise<Sent> {
  const { abi } = metamask('EIP7702StatelessDeleGator')
  const { abi: pointAbi } = metamask('EntryPoint')
  const to = ENTRY_POINT
  const { rpc } = world.chain
  const ask = (target: string, data: Hex.Hex) => rpc<Hex.Hex>('eth_call', [{ to: target, data }, 'latest'])
  const nonceData = encodeFunctionData({ abi: pointAbi, functionName: 'getNonce', args: [account, 0n] })
  const key = world.chain.accounts.find(({ address }) => Address.isEqual(address, account))?.privateKey as Hex.Hex
  const operation = {
    ...{ sender: account, nonce: BigInt(await ask(to, nonceData)), initCode: '0x' },
    callData: accountBatch(account, calls).data,
    accountGasLimits: concat([pad(toHex(500_000n), { size: 16 }), pad(toHex(2_000_000n), { size: 16 })]),
    preVerificationGas: 100_000n,
    gasFees: concat([pad(toHex(10n ** 9n), { size: 16 }), pad(toHex(10n ** 10n), { size: 16 })]),
    ...{ paymasterAndData: '0x', signature: '0x' },
  }
  const hash = await ask(
    account,
    encodeFunctionData({ abi, functionName: 'getPackedUserOperationTypedDataHash', args: [operation] }),
  )
  const signature = await privateKeyToAccount(key).sign({ hash })
  const data = encodeFunctionData({
    abi: pointAbi,
    functionName: 'handleOps',
    args: [[{ ...operation, signature }], world.friend],
  })
  return transact(world, { from: world.chain.accounts[0]?.address, to, data })
}
function operationTold({ logs }: Sent): string | null {
  const { abi } = metamask('EntryPoint')
  for (const { topics, data } of logs) {
    try {
      const [first, ...more] = topics
      if (first === undefined) continue
      const event = decodeEventLog({ abi, topics: [first, ...more], data }) as unknown as {
        eventName: string
        args: { success?: boolean }
      }
      if (event.eventName === 'UserOperationEvent')
        return event.args.success === false ? 'UserOperationEvent.success' : null
    } catch {
      continue
    }
  }
  return null
}

const openedSafe = async (world: World): Promise<Address.Address> => {
  await deployMultiSend(world)
  return openSafe(world)
}
async function oneByOne(world: World, account: Address.Address, calls: readonly BatchCall[]): Promise<Sent> {
  const all: Sent[] = []
  for (const { to, value, data } of calls)
    all.push(await transact(world, { from: account, to, data, value: `0x${value.toString(16)}` }))
  return {
    isSuccess: all.every(({ isSuccess }) => isSuccess),
    gasUsed: all.reduce((sum, { gasUsed }) => sum + gasUsed, 0n),
    logs: all.flatMap(({ logs }) => logs),
  }
}

const SHAPES: readonly Shape[] = [
  { name: '7702, own batch code', route: '7702', prepare: ownCode, send: own(WHOLE), isOffered: true },
  { name: '7702, MetaMask', route: '7702', prepare: metamaskCode, send: own(WHOLE), isOffered: true },
  { name: '7702, MetaMask, try mode', route: '7702', prepare: metamaskCode, send: own(TRY), isOffered: false },
  { name: 'Safe 1.4.1', route: 'safe', prepare: openedSafe, send: safeSend(0n), isOffered: true },
  {
    ...{ name: 'Safe 1.4.1, safeTxGas > 0', route: 'safe', prepare: openedSafe, send: safeSend(900_000n) },
    ...{ told: safeTold('ExecutionFailure'), isOffered: true },
  },
  {
    ...{ name: '4337 v0.7, MetaMask', route: '4337', prepare: metamaskCode, send: operate },
    ...{ told: operationTold, isOffered: true },
  },
  { name: 'plain account, one by one', route: '7702', prepare: async ({ me }) => me, send: oneByOne, isOffered: false },
]

const held = async (world: World, account: Address.Address): Promise<bigint> =>
  BigInt(await world.read(usdc(world, 'balanceOf', [account])))

/** Runs one approve-and-swap by every route: an ether for dollars, with no minimum. */
export async function runRoutes(
  world: World,
  simulator: Simulator,
  log: (text: string) => void,
): Promise<readonly RouteRun[]> {
  const runs: RouteRun[] = []
  for (const shape of SHAPES) {
    log(`route: ${shape.name}`)
    let account: Address.Address = world.me
    const build = async (at: World): Promise<Scene> => {
      account = await shape.prepare(at)
      await at.pass(12)
      const path = [at.chain.addresses.weth, at.chain.addresses.usdc]
      return { from: account, calls: [router(at, 'swapExactETHForTokens', [0n, path, account, FOREVER], ETHER)] }
    }
    const request = async (scene: Scene) => world.requestOf(scene)
    const run = await world.inside(build, async (scene) => {
      const calls = (scene.calls ?? []).flatMap(({ to, value, data }) => (to === null ? [] : [{ to, value, data }]))
      const { report } = await simulateEnforced(simulator, await request(scene), { route: shape.route })
      const { enforcement } = report
      if (enforcement === undefined) throw new Error('enforcement was asked for')
      // A route that is not offered is shown with the guard calls of one that is, and what they do not hold there.
      const list = enforcement.calls.length > 0 ? enforcement.calls : null
      const turned = () =>
        world.send(buyDollars(world, 400n * ETHER, 0n), world.chain.accounts[0]?.address as Address.Address)
      const outcome = async (sending: readonly BatchCall[], isTurned: boolean) => {
        const snapshot = await world.chain.rpc<Hex.Hex>('evm_snapshot', [])
        try {
          if (isTurned) await turned()
          const before = await held(world, account)
          const sent = await shape.send(world, account, sending)
          return { ...sent, arrived: (await held(world, account)) - before }
        } finally {
          await world.chain.rpc('evm_revert', [snapshot])
        }
      }
      const plain = await outcome(calls, false)
      const plainTurned = await outcome(calls, true)
      const guarded = list === null ? null : await outcome(list, false)
      const guardedTurned = list === null ? null : await outcome(list, true)
      const isEnforced = shape.isOffered && enforcement.status !== 'none'
      return {
        route: shape.name,
        status: isEnforced ? enforcement.status : ('none' as const),
        because: isEnforced ? null : (enforcement.because ?? 'the batch goes on when a call in it fails (try mode).'),
        gas: guarded === null ? null : { plain: plain.gasUsed, guarded: guarded.gasUsed },
        arrived: {
          calm: (guarded ?? plain).arrived,
          plainTurned: plainTurned.arrived,
          guardedTurned: guardedTurned === null ? null : guardedTurned.arrived,
        },
        isSuccessTurned: guardedTurned === null ? null : guardedTurned.isSuccess,
        told: guardedTurned === null ? null : (shape.told?.(guardedTurned) ?? null),
      }
    })
    runs.push(run)
  }
  return runs
}

/** So many dollars are what a calm trade gives: below, the price was turned. */
export const CALM_DOLLARS = 2_400n * DOLLAR
