/**
 * Compiles this folder's Solidity and gathers the real contracts from npm packages. The packages are not installed here:
 *
 *   npm install --ignore-scripts --legacy-peer-deps @openzeppelin/contracts@5.4.0 solady@0.1.26 @thirdweb-dev/contracts@3.15.0 \
 *     @uniswap/swap-router-contracts@1.3.1 @sablier/v2-core@1.2.0 @unlock-protocol/contracts@0.0.34 @airswap/swap-erc20@5.0.1 \
 *     @lukso/lsp-smart-contracts@0.17.4 @zoralabs/v3@1.0.13 @eth-optimism/contracts@0.6.0 @pooltogether/v4-core@1.3.1 \
 *     @threshold-network/solidity-contracts@1.2.1 @keep-network/keep-core@1.8.0
 *
 * in an empty folder, then `npx node` this file with that folder's `node_modules`. Both answers are committed, so that nobody
 * needs the compiler or those packages.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileFiles } from '../solc.ts'

const here = import.meta.dirname
const modules = process.argv[2] ?? ''

const files = readdirSync(here).filter((name) => name.endsWith('.sol'))
const own = compileFiles(
  files.map((name) => join(here, name)),
  [here, modules],
)
writeFileSync(join(here, 'contracts.json'), `${JSON.stringify(own, null, 1)}\n`)

interface Published {
  readonly abi: unknown
  readonly bytecode: string | { readonly object: string }
}
const LUKSO = '@lukso/lsp-smart-contracts/artifacts'
const OPTIMISM = '@eth-optimism/contracts/artifacts/contracts'
const POOL_TOGETHER = '@pooltogether/v4-core/artifacts/contracts'
const THRESHOLD = '@threshold-network/solidity-contracts/export/artifacts/contracts'
const ZORA = '@zoralabs/v3/dist/artifacts'
const PUBLISHED: Readonly<Record<string, string>> = {
  SwapRouter02: '@uniswap/swap-router-contracts/artifacts/contracts/SwapRouter02.sol/SwapRouter02.json',
  SablierV2LockupLinear: '@sablier/v2-core/artifacts/SablierV2LockupLinear.json',
  SablierV2NFTDescriptor: '@sablier/v2-core/artifacts/SablierV2NFTDescriptor.json',
  Unlock: '@unlock-protocol/contracts/dist/src/abis/Unlock/UnlockV13.json',
  PublicLock: '@unlock-protocol/contracts/dist/src/abis/PublicLock/PublicLockV13.json',
  SwapERC20: '@airswap/swap-erc20/build/contracts/SwapERC20.sol/SwapERC20.json',
  UniversalProfile: `${LUKSO}/UniversalProfile.json`,
  LSP6KeyManager: `${LUKSO}/LSP6KeyManager.json`,
  LSP7Mintable: `${LUKSO}/LSP7Mintable.json`,
  ZoraModuleManager: `${ZORA}/ZoraModuleManager.sol/ZoraModuleManager.json`,
  ZoraProtocolFeeSettings: `${ZORA}/ZoraProtocolFeeSettings.sol/ZoraProtocolFeeSettings.json`,
  ERC20TransferHelper: `${ZORA}/ERC20TransferHelper.sol/ERC20TransferHelper.json`,
  ERC721TransferHelper: `${ZORA}/ERC721TransferHelper.sol/ERC721TransferHelper.json`,
  RoyaltyEngine: `${ZORA}/RoyaltyEngine.sol/RoyaltyEngine.json`,
  AsksV1_1: `${ZORA}/AsksV1_1.sol/AsksV1_1.json`,
  ReserveAuctionCoreEth: `${ZORA}/ReserveAuctionCoreEth.sol/ReserveAuctionCoreEth.json`,
  AddressManager: `${OPTIMISM}/libraries/resolver/Lib_AddressManager.sol/Lib_AddressManager.json`,
  CanonicalTransactionChain: `${OPTIMISM}/L1/rollup/CanonicalTransactionChain.sol/CanonicalTransactionChain.json`,
  L1CrossDomainMessenger: `${OPTIMISM}/L1/messaging/L1CrossDomainMessenger.sol/L1CrossDomainMessenger.json`,
  L1StandardBridge: `${OPTIMISM}/L1/messaging/L1StandardBridge.sol/L1StandardBridge.json`,
  Ticket: `${POOL_TOGETHER}/Ticket.sol/Ticket.json`,
  StakePrizePool: `${POOL_TOGETHER}/prize-pool/StakePrizePool.sol/StakePrizePool.json`,
  T: `${THRESHOLD}/token/T.sol/T.json`,
  VendingMachine: `${THRESHOLD}/vending/VendingMachine.sol/VendingMachine.json`,
  KeepToken: '@keep-network/keep-core/artifacts/KeepToken.json',
}
const npm = Object.fromEntries(
  Object.entries(PUBLISHED).map(([name, path]) => {
    const { abi, bytecode } = JSON.parse(readFileSync(join(modules, path), 'utf8')) as Published
    const hex = typeof bytecode === 'string' ? bytecode : bytecode.object
    return [name, { abi, bytecode: hex.startsWith('0x') ? hex : `0x${hex}` }]
  }),
)
writeFileSync(join(here, 'npm.json'), `${JSON.stringify(npm)}\n`)
console.log(Object.keys(own).length, Object.keys(npm).length)
