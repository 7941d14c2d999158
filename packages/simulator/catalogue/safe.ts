import { createRequire } from 'node:module'
import { Address, type Hex } from '@countersign/base'
import { encodeAbiParameters, encodeFunctionData, zeroAddress, type Abi } from 'viem'
import type { Call } from '../src/index.ts'
import type { World } from './World.ts'

const require = createRequire(import.meta.url)
const artifact = (path: string) =>
  require(`@safe-global/safe-contracts/build/artifacts/contracts/${path}`) as {
    abi: Abi
    bytecode: Hex.Hex
    deployedBytecode: Hex.Hex
  }
const SAFE = artifact('Safe.sol/Safe.json')
const MULTI_SEND = artifact('libraries/MultiSendCallOnly.sol/MultiSendCallOnly.json')
const FACTORY = artifact('proxies/SafeProxyFactory.sol/SafeProxyFactory.json')

/** A real Safe 1.4.1 that the user owns alone, holding 5 ether and 1,000 dollars. */
export async function openSafe(world: World): Promise<Address.Address> {
  const singleton = await world.deployCode('SafeSingleton', SAFE.bytecode)
  const factory = await world.deployCode('SafeProxyFactory', FACTORY.bytecode)
  const setup = safe('setup', [[world.me], 1n, zeroAddress, '0x', zeroAddress, zeroAddress, 0n, zeroAddress])
  const create: Call = {
    ...world.pay(factory, 0n),
    data: encodeFunctionData({ abi: FACTORY.abi, functionName: 'createProxyWithNonce', args: [singleton, setup, 1n] }),
  }
  const answer = await world.chain.rpc<string>('eth_call', [{ to: factory, data: create.data }, 'latest'])
  const at = Address.fromWord(answer.slice(2))
  await world.send(create)
  world.name(at, 'MySafe')
  await world.send(world.pay(at, 5n * 10n ** 18n))
  await world.send(world.call('Usdc', world.chain.addresses.usdc, 'transfer', [at, 1_000_000_000n]))
  return at
}

/** Puts `MultiSendCallOnly` 1.4.1 where Safe has deployed it on public chains. */
export async function deployMultiSend({ chain }: World): Promise<void> {
  await chain.rpc('anvil_setCode', ['0x9641d764fc13c8B624c04430C7356C1C7C8102e2', MULTI_SEND.deployedBytecode])
}

export function safe(functionName: string, args: readonly unknown[]): Hex.Hex {
  return encodeFunctionData({ abi: SAFE.abi, functionName, args: args as unknown[] })
}

/** A transaction of the Safe, sent by its only owner, whose being the sender is the signature (v = 1). */
export function execute(world: World, at: Address.Address, call: Pick<Call, 'to' | 'value' | 'data'>): Call {
  const approved = `${encodeAbiParameters([{ type: 'address' }, { type: 'uint256' }], [world.me, 0n])}01`
  return {
    ...world.pay(at, 0n),
    data: safe('execTransaction', [call.to, call.value, call.data, 0, 0n, 0n, 0n, zeroAddress, zeroAddress, approved]),
  }
}

/** Gives the Safe a guard that lets everything pass. By its storage: 1.4.1 takes only guards that say they are one. */
export async function guard(world: World, at: Address.Address): Promise<void> {
  const address = await world.deploy('Counter')
  await world.chain.rpc('anvil_setCode', [address, '0x00'])
  const slot = '0x4a204f620c8c5ccdca3fd54d003badd85ba500436a431f0cbda4f558c93c34c8'
  await world.chain.rpc('anvil_setStorageAt', [at, slot, `0x${address.slice(2).toLowerCase().padStart(64, '0')}`])
}
