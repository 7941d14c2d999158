/** Real contracts from npm packages that the catalogue puts on the chain where they live. */
import { createRequire } from 'node:module'
import { Address, type Hex } from '@countersign/base'
import * as delegationBytecode from '@metamask/delegation-abis/bytecode'
import {
  decodeAbiParameters,
  encodeAbiParameters,
  encodeDeployData,
  encodeFunctionData,
  hashDomain,
  parseAbiParameters,
  type Abi,
} from 'viem'
import { DOMAIN, ENTRY_POINT, SEAPORT } from './documents.ts'
import { delegateTo, nft } from './moves.ts'
import type { Call } from '../src/index.ts'
import type { World } from './World.ts'

const require = createRequire(import.meta.url)

export const MANAGER = Address.parse('0xdb9B1e94B5b69Df7e401DDbedE43491141047dB3')
export const REGISTRY_1820 = Address.parse('0x1820a4B7618BdE71Dce8cdc73aAB6C95905faD24')

const codeAt = (world: World, address: string) => world.chain.rpc<Hex.Hex>('eth_getCode', [address, 'latest'])

/** Seaport 1.6 at its address on every chain. */
export async function openSeaport(world: World): Promise<{ abi: Abi }> {
  const artifact = (path: string) =>
    require(`@opensea/seaport-js/src/artifacts/seaport/contracts/${path}`) as { abi: Abi; bytecode: Hex.Hex }
  const controller = artifact('conduit/ConduitController.sol/LocalConduitController.json')
  const { abi, bytecode } = artifact('Seaport.sol/Seaport.json')
  const conduits = await world.deployCode('Conduits', controller.bytecode)
  const deployed = await world.deployCode('SeaportSource', encodeDeployData({ abi, bytecode, args: [conduits] }))
  // Seaport keeps its domain separator in its code; at the canonical address the code must have that address's.
  const information = await world.read({
    ...world.pay(deployed, 0n),
    data: encodeFunctionData({ abi, functionName: 'information' }),
  })
  const cached = decodeAbiParameters(parseAbiParameters('string, bytes32, address'), information)[1]
  const domain = { name: 'Seaport', version: '1.6', chainId: world.chain.chainId, verifyingContract: SEAPORT }
  const canonical = hashDomain({ domain, types: { EIP712Domain: DOMAIN } } as never)
  const code = (await codeAt(world, deployed)).replaceAll(cached.slice(2), canonical.slice(2))
  await world.chain.rpc('anvil_setCode', [SEAPORT, code])
  world.name(SEAPORT, 'Seaport')
  await world.send(nft(world, 'setApprovalForAll', [SEAPORT, true]))
  return { abi }
}

const metamask = (name: string): Hex.Hex => {
  const code = (delegationBytecode as unknown as Record<string, string>)[name] ?? ''
  return (code.startsWith('0x') ? code : `0x${code}`) as Hex.Hex
}

/** Puts one of MetaMask's contracts at an address, or at a new one. */
export async function placeMetamask(world: World, name: string, at: Address.Address | null, args: Hex.Hex = '0x') {
  const deployed = await world.deployCode(name, `${metamask(name)}${args.slice(2)}`)
  if (at === null) return deployed
  await world.chain.rpc('anvil_setCode', [at, await codeAt(world, deployed)])
  world.name(at, name)
  return at
}

/** MetaMask's delegation framework and the EntryPoint 0.7, with the user's account upgraded to its delegator. */
export async function openDelegations(world: World): Promise<Address.Address> {
  await placeMetamask(
    world,
    'DelegationManager',
    MANAGER,
    encodeAbiParameters(parseAbiParameters('address'), [world.me]),
  )
  await placeMetamask(world, 'EntryPoint', ENTRY_POINT)
  const both = encodeAbiParameters(parseAbiParameters('address, address'), [MANAGER, ENTRY_POINT])
  const delegator = await placeMetamask(world, 'EIP7702StatelessDeleGator', null, both)
  await delegateTo(world, world.me, delegator)
  return delegator
}

/** OpenZeppelin's ERC-777 with 1,000 units of the user's. */
export async function openErc777(world: World): Promise<Address.Address> {
  const registry = await world.deploy('Registry1820')
  await world.chain.rpc('anvil_setCode', [REGISTRY_1820, await codeAt(world, registry)])
  return world.deploy('ERC777PresetFixedSupply', ['Operated', 'OPR', [], 1_000n, world.me])
}

/** A transfer that makes an ERC-777 hook in the user's own code pay one ether to the thief. */
export async function hookPays(world: World): Promise<Call> {
  const token = await openErc777(world)
  await delegateTo(world, world.me, await world.deploy('Batch'))
  // keccak256("ERC777TokensRecipient")
  const hash = '0xb281fc8c12954d22544db45de3159a39272895b169a852b314f9cc762e44c53b'
  await world.send(world.call('Registry1820', REGISTRY_1820, 'setInterfaceImplementer', [world.me, hash, world.me]))
  return world.call('ERC777PresetFixedSupply', token, 'send', [world.me, 1n, world.thief])
}
