/**
 * Compiles this folder's Solidity and gathers the real contracts from npm packages. The packages are not installed here:
 *
 *   npm install --ignore-scripts --legacy-peer-deps oz5@npm:@openzeppelin/contracts@5.7.0 aa7@npm:@account-abstraction/contracts@0.7.0 \
 *     @account-abstraction/contracts@0.8.0 @uniswap/merkle-distributor@1.0.1 @uniswap/liquidity-staker@1.0.2 \
 *     @uniswap/v3-staker@1.0.2 @uniswap/governance@1.0.2 @uniswap/v4-core@1.0.2 @gnosis.pm/conditional-tokens-contracts@1.0.3 \
 *     @ensdomains/ens@0.6.2 @ensdomains/resolver@0.3.1 @aave/aave-token@1.0.4 @cowprotocol/contracts@1.8.0 \
 *     @ethereum-attestation-service/eas-contracts@1.9.0 solady@0.1.26 solmate@6.8.0 erc721a@4.3.0
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
  readonly bytecode?: string | { readonly object: string }
}
const PUBLISHED: Readonly<Record<string, string>> = {
  AccessManager: 'oz5/build/contracts/AccessManager.json',
  ERC1967Proxy: 'oz5/build/contracts/ERC1967Proxy.json',
  SimpleAccountFactory: 'aa7/artifacts/SimpleAccountFactory.json',
  EntryPoint7: 'aa7/artifacts/EntryPoint.json',
  SimpleAccount7: 'aa7/artifacts/SimpleAccount.json',
  EntryPoint8: '@account-abstraction/contracts/artifacts/EntryPoint.json',
  SimpleAccount8: '@account-abstraction/contracts/artifacts/SimpleAccount.json',
  MerkleDistributor: '@uniswap/merkle-distributor/build/MerkleDistributor.json',
  StakingRewards: '@uniswap/liquidity-staker/build/StakingRewards.json',
  UniswapV3Staker: '@uniswap/v3-staker/artifacts/contracts/UniswapV3Staker.sol/UniswapV3Staker.json',
  Uni: '@uniswap/governance/build/Uni.json',
  PoolManager: '@uniswap/v4-core/out/PoolManager.sol/PoolManager.json',
  PoolSwapTest: '@uniswap/v4-core/out/PoolSwapTest.sol/PoolSwapTest.json',
  PoolModifyLiquidityTest: '@uniswap/v4-core/out/PoolModifyLiquidityTest.sol/PoolModifyLiquidityTest.json',
  ConditionalTokens: '@gnosis.pm/conditional-tokens-contracts/build/contracts/ConditionalTokens.json',
  ENSRegistry: '@ensdomains/ens/build/contracts/ENSRegistry.json',
  FIFSRegistrar: '@ensdomains/ens/build/contracts/FIFSRegistrar.json',
  ReverseRegistrar: '@ensdomains/ens/build/contracts/ReverseRegistrar.json',
  PublicResolver: '@ensdomains/resolver/build/contracts/PublicResolver.json',
  LendToAaveMigrator: '@aave/aave-token/artifacts/contracts/token/LendToAaveMigrator.sol/LendToAaveMigrator.json',
  AaveToken: '@aave/aave-token/artifacts/contracts/token/AaveToken.sol/AaveToken.json',
  MintableErc20: '@aave/aave-token/artifacts/contracts/utils/MintableErc20.sol/MintableErc20.json',
  GPv2Settlement: '@cowprotocol/contracts/lib/contracts/GPv2Settlement.json',
  GPv2AllowListAuthentication: '@cowprotocol/contracts/lib/contracts/GPv2AllowListAuthentication.json',
  EAS: '@ethereum-attestation-service/eas-contracts/artifacts/contracts/EAS.sol/EAS.json',
  SchemaRegistry:
    '@ethereum-attestation-service/eas-contracts/artifacts/contracts/SchemaRegistry.sol/SchemaRegistry.json',
}
const npm = Object.fromEntries(
  Object.entries(PUBLISHED).map(([name, path]) => {
    const file = JSON.parse(readFileSync(join(modules, path), 'utf8')) as Published & { readonly evm?: Published }
    const code = file.bytecode ?? file.evm?.bytecode ?? ''
    const hex = typeof code === 'string' ? code : code.object
    return [name, { abi: file.abi, bytecode: hex.startsWith('0x') ? hex : `0x${hex}` }]
  }),
)
writeFileSync(join(here, 'npm.json'), `${JSON.stringify(npm)}\n`)
console.log(Object.keys(own).length, Object.keys(npm).length)
