import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Abi, Hex } from 'viem'

/** A compiled contract: its interface and its creation code. */
export interface Artifact {
  readonly abi: Abi
  readonly bytecode: Hex
}

const require = createRequire(import.meta.url)

/** Where the bytecode of each contract comes from; our own are in `chain/artifacts`, with source and compiler. */
const FROM_NPM: Readonly<Record<string, string>> = {
  WETH9: 'canonical-weth/build/contracts/WETH9.json',
  UniswapV2Factory: '@uniswap/v2-core/build/UniswapV2Factory.json',
  UniswapV2Pair: '@uniswap/v2-core/build/UniswapV2Pair.json',
  UniswapV2Router02: '@uniswap/v2-periphery/build/UniswapV2Router02.json',
  UniswapV3Factory: '@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json',
  UniswapV3Pool: '@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json',
  SwapRouter: '@uniswap/v3-periphery/artifacts/contracts/SwapRouter.sol/SwapRouter.json',
  NonfungiblePositionManager:
    '@uniswap/v3-periphery/artifacts/contracts/NonfungiblePositionManager.sol/NonfungiblePositionManager.json',
  QuoterV2: '@uniswap/v3-periphery/artifacts/contracts/lens/QuoterV2.sol/QuoterV2.json',
  ERC1967Proxy: '@openzeppelin/contracts/build/contracts/ERC1967Proxy.json',
  ERC20PresetMinterPauser: '@openzeppelin/contracts/build/contracts/ERC20PresetMinterPauser.json',
  ERC721PresetMinterPauserAutoId: '@openzeppelin/contracts/build/contracts/ERC721PresetMinterPauserAutoId.json',
  ERC1155PresetMinterPauser: '@openzeppelin/contracts/build/contracts/ERC1155PresetMinterPauser.json',
  ERC777PresetFixedSupply: '@openzeppelin/contracts/build/contracts/ERC777PresetFixedSupply.json',
  TransparentUpgradeableProxy: '@openzeppelin/contracts/build/contracts/TransparentUpgradeableProxy.json',
  ITransparentUpgradeableProxy: '@openzeppelin/contracts/build/contracts/ITransparentUpgradeableProxy.json',
  VestingWallet: '@openzeppelin/contracts/build/contracts/VestingWallet.json',
}

/** Where a contract's artifact is. The published command has all that it deploys in its own folder. */
export function artifactPath(name: string): string {
  const own = join(import.meta.dirname, '..', 'artifacts', `${name}.json`)
  return FROM_NPM[name] === undefined || existsSync(own) ? own : require.resolve(FROM_NPM[name])
}

/** Reads a contract's artifact by name: from its npm package, or one of our own fixtures. */
export function loadArtifact(name: string): Artifact {
  const json = JSON.parse(readFileSync(artifactPath(name), 'utf8')) as { abi: Abi; bytecode: string }
  return { abi: json.abi, bytecode: (json.bytecode.startsWith('0x') ? json.bytecode : `0x${json.bytecode}`) as Hex }
}

/** `PUSH32 31337`: the chain that the extracted code remembers a domain separator for, with another address in it. */
const CACHED_CHAIN = `7f${(31_337).toString(16).padStart(64, '0')}`

/**
 * Permit2's runtime code, extracted from a published package (see `chain/artifacts/Permit2.json`). The remembered chain
 * id is set to 0, so that it derives its domain separator from where it really is (Permit2, src/EIP712.sol), as on
 * every chain that is not 31337; otherwise it would refuse every signature here.
 */
export function permit2Code(): Hex {
  const path = join(import.meta.dirname, '..', 'artifacts', 'Permit2.json')
  const { deployedBytecode } = JSON.parse(readFileSync(path, 'utf8')) as { deployedBytecode: Hex }
  return deployedBytecode.replaceAll(CACHED_CHAIN, `7f${'0'.repeat(64)}`) as Hex
}
