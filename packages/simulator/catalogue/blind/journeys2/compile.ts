/**
 * Compiles this folder's Solidity and gathers the real contracts from npm packages: `npx node` this file after changing
 * a contract. Both answers are committed, so that nobody needs the compiler or those packages.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { compileFiles, type Compiled } from '../solc.ts'

const here = import.meta.dirname
let root = here
while (!existsSync(join(root, 'node_modules', '@openzeppelin'))) root = dirname(root)
const modules = join(root, 'node_modules')

const files = readdirSync(here).filter((name) => name.endsWith('.sol'))
const own = compileFiles(
  files.map((name) => join(here, name)),
  [modules],
)
writeFileSync(join(here, 'contracts.json'), `${JSON.stringify(own, null, 1)}\n`)

const npm: Record<string, Compiled> = {}
const read = (path: string) => JSON.parse(readFileSync(join(modules, path), 'utf8')) as Compiled
const OPEN_ZEPPELIN =
  'VestingWallet TokenTimelock PaymentSplitter TimelockController MinimalForwarder ProxyAdmin TransparentUpgradeableProxy ERC1967Proxy ERC20PresetMinterPauser ERC721PresetMinterPauserAutoId ERC1155PresetMinterPauser'
for (const name of OPEN_ZEPPELIN.split(' ')) npm[name] = read(`@openzeppelin/contracts/build/contracts/${name}.json`)
const SAFE = {
  Safe: '',
  SafeProxyFactory: 'proxies/',
  MultiSendCallOnly: 'libraries/',
  CompatibilityFallbackHandler: 'handler/',
}
for (const [name, folder] of Object.entries(SAFE))
  npm[name] = read(`@safe-global/safe-contracts/build/artifacts/contracts/${folder}${name}.sol/${name}.json`)
npm.UniswapV2Pair = read('@uniswap/v2-core/build/UniswapV2Pair.json')
npm.V3Migrator = read('@uniswap/v3-periphery/artifacts/contracts/V3Migrator.sol/V3Migrator.json')
const bytecodes = createRequire(join(root, 'x.js'))('@metamask/delegation-abis/bytecode') as Record<string, string>
const abis = createRequire(join(root, 'x.js'))('@metamask/delegation-abis') as Record<string, unknown>
for (const name of ['DelegationManager', 'EntryPoint', 'EIP7702StatelessDeleGator', 'ERC20TransferAmountEnforcer'])
  npm[name] = { abi: abis[name], bytecode: bytecodes[name] ?? '' }
const seaport = join(modules, '@opensea/seaport-js/lib/typechain-types/factories/seaport/contracts')
const FACTORIES = { Seaport: 'Seaport', LocalConduitController: 'conduit/ConduitController.sol/LocalConduitController' }
for (const [name, path] of Object.entries(FACTORIES)) {
  const file = join(seaport, `${path}__factory.js`)
  const factory = createRequire(import.meta.url)(file) as Record<string, { abi: unknown; bytecode: string } | undefined>
  const { abi, bytecode } = factory[`${name}__factory`] ?? { abi: [], bytecode: '' }
  npm[name] = { abi, bytecode }
}
const plain = Object.fromEntries(
  Object.entries(npm).map(([name, { abi, bytecode }]) => [
    name,
    { abi, bytecode: bytecode.startsWith('0x') ? bytecode : `0x${bytecode}` },
  ]),
)
writeFileSync(join(here, 'npm.json'), `${JSON.stringify(plain)}\n`)
console.log(
  Object.keys(own).length,
  Object.keys(npm)
    .map((name) => `${name} ${plain[name]?.bytecode.length}`)
    .join(', '),
)
