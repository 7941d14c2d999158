import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Address } from '@countersign/base'
import { spawnAnvil } from '@countersign/simulator'
import { encodeFunctionData, type Abi, type Hex } from 'viem'
import { loadArtifact } from './artifacts.ts'
import { deployAll, type Addresses } from './deployments.ts'
import { createRpc, send, type Rpc } from './rpc.ts'

/** The id that anvil and every wallet know as "local". */
export const LOCAL_CHAIN_ID = 31_337

/**
 * Anvil's published development keys (its default mnemonic). Everybody has them: they hold test money on this
 * chain and must never hold anything else.
 */
const DEV_KEYS: readonly { readonly address: Address.Address; readonly privateKey: Hex }[] = [
  {
    address: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
    privateKey: '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
  },
  {
    address: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
    privateKey: '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d',
  },
  {
    address: '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC',
    privateKey: '0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a',
  },
]

export interface LocalToken {
  readonly address: Address.Address
  readonly symbol: string
  readonly name: string
  readonly decimals: number
}

export interface LocalChain {
  readonly rpcUrl: string
  readonly chainId: number
  readonly port: number
  readonly pid: number
  readonly addresses: Addresses
  readonly tokens: readonly LocalToken[]
  /** Contracts by name; `spender` may be approved by our own tools. */
  readonly contracts: readonly {
    readonly address: Address.Address
    readonly name: string
    readonly kind: 'spender' | 'infrastructure'
  }[]
  /** Funded accounts with keys that everybody knows, for tests and demos. The first deployed everything. */
  readonly accounts: readonly { readonly address: Address.Address; readonly privateKey: Hex }[]
  readonly rpc: Rpc
  /** Gives test money: ether by setting the balance, tokens from the deployer. Amounts in the smallest unit. */
  fund(
    account: Address.Address,
    amounts: { readonly wei?: bigint; readonly usdc?: bigint; readonly dai?: bigint; readonly link?: bigint },
  ): Promise<void>
  /** Resolves with the last words if the process ends by itself. */
  readonly exited: Promise<string>
  close(): Promise<void>
}

export interface LocalChainOptions {
  readonly chainId?: number
  /** 0, the default, picks a free port. */
  readonly port?: number
  /** Blocks also come by the clock, as on a real chain, and the base fee stays an ordinary one. Milliseconds. */
  readonly blockTimeMs?: number
  /** Where the deployed state is kept between starts; null deploys every time. */
  readonly cacheDir?: string | null
}

/** One gwei: an ordinary base fee. */
const BASE_FEE_WEI = 1_000_000_000

/** A builder's address that is not zero, because contracts tell simulators by that (simulation.md, A01). */
const COINBASE = '0x95222290DD7278Aa3Ddd389Cc1E1d165CC4BAfe5'

/**
 * Starts the local chain: anvil with real contracts deployed. The first start deploys (about a second and a half);
 * later ones load the saved state. For the demo, the tests and the benches alike.
 *
 * @throws {BaseError} `simulation:engine:missing` or `simulation:engine:failed`.
 */
export async function startLocalChain(options: LocalChainOptions = {}): Promise<LocalChain> {
  const chainId = options.chainId ?? LOCAL_CHAIN_ID
  const anvil = await spawnAnvil({
    port: options.port ?? 0,
    args: [
      ...[
        '--chain-id',
        String(chainId),
        '--hardfork',
        'osaka',
        '--accounts',
        String(DEV_KEYS.length),
        '--balance',
        '1000000',
      ],
      // 36 M gas, an ordinary block.
      ...['--base-fee', String(BASE_FEE_WEI), '--gas-limit', '36000000', '--no-request-size-limit'],
      // Blocks by the clock, and one at once when somebody sends a transaction.
      ...(options.blockTimeMs === undefined
        ? []
        : ['--block-time', String(options.blockTimeMs / 1000), '--mixed-mining']),
    ],
  })
  const rpc = createRpc(anvil.url)
  const deployer = DEV_KEYS[0]?.address as Address.Address
  let addresses: Addresses
  try {
    await rpc('anvil_setCoinbase', [COINBASE])
    addresses = await restoreOrDeploy(
      rpc,
      deployer,
      options.cacheDir === undefined ? defaultCacheDir() : options.cacheDir,
    )
    await rpc('anvil_setCoinbase', [COINBASE])
    await rpc('anvil_setNextBlockBaseFeePerGas', [`0x${BASE_FEE_WEI.toString(16)}`])
  } catch (error) {
    await anvil.close()
    throw error
  }

  const holding = options.blockTimeMs === undefined ? null : holdBaseFee(rpc, options.blockTimeMs)

  return {
    rpcUrl: anvil.url,
    chainId,
    port: anvil.port,
    pid: anvil.pid,
    addresses,
    tokens: [
      { address: addresses.weth, symbol: 'WETH', name: 'Wrapped Ether', decimals: 18 },
      { address: addresses.usdc, symbol: 'USDC', name: 'USD Coin', decimals: 6 },
      { address: addresses.dai, symbol: 'DAI', name: 'Dai Stablecoin', decimals: 18 },
      { address: addresses.usdt, symbol: 'USDT', name: 'Tether USD', decimals: 6 },
      { address: addresses.link, symbol: 'LINK', name: 'ChainLink Token', decimals: 18 },
    ],
    contracts: [
      { address: addresses.uniswapV2Router, name: 'Uniswap V2 router', kind: 'spender' },
      { address: addresses.uniswapV3Router, name: 'Uniswap V3 router', kind: 'spender' },
      { address: addresses.permit2, name: 'Permit2', kind: 'spender' },
      { address: addresses.uniswapV2Factory, name: 'Uniswap V2 factory', kind: 'infrastructure' },
      { address: addresses.uniswapV3Factory, name: 'Uniswap V3 factory', kind: 'infrastructure' },
      { address: addresses.uniswapV3PositionManager, name: 'Uniswap V3 positions', kind: 'infrastructure' },
      { address: addresses.uniswapV3Quoter, name: 'Uniswap V3 quoter', kind: 'infrastructure' },
      { address: addresses.multicall3, name: 'Multicall3', kind: 'infrastructure' },
      { address: addresses.outcomeGuard, name: 'Outcome guard', kind: 'infrastructure' },
    ],
    accounts: DEV_KEYS,
    rpc,
    exited: anvil.exited,
    async fund(account, amounts) {
      if (amounts.wei !== undefined) await rpc('anvil_setBalance', [account, `0x${amounts.wei.toString(16)}`])
      for (const [token, amount] of [
        [addresses.usdc, amounts.usdc],
        [addresses.dai, amounts.dai],
        [addresses.link, amounts.link],
      ] as const) {
        if (amount === undefined || amount === 0n) continue
        const data = encodeFunctionData({
          abi: loadArtifact('Dai').abi as Abi,
          functionName: 'transfer',
          args: [account, amount],
        })
        await send(rpc, { from: deployer, to: token, data })
      }
    },
    async close() {
      if (holding !== null) clearInterval(holding)
      await anvil.close()
    },
  }
}

/** Empty blocks let the base fee fall by an eighth each (EIP-1559), to nothing within minutes; real chains are not empty. */
function holdBaseFee(rpc: Rpc, blockTimeMs: number): NodeJS.Timeout {
  const hold = (): void => {
    rpc('anvil_setNextBlockBaseFeePerGas', [`0x${BASE_FEE_WEI.toString(16)}`]).catch(() => undefined)
  }
  return setInterval(hold, blockTimeMs).unref()
}

interface SavedState {
  readonly addresses: Addresses
  readonly state: Hex
}

async function restoreOrDeploy(rpc: Rpc, deployer: Address.Address, cacheDir: string | null): Promise<Addresses> {
  const path = cacheDir === null ? null : join(cacheDir, `local-chain-${cacheKey()}.json`)
  if (path !== null && existsSync(path)) {
    try {
      const saved = JSON.parse(readFileSync(path, 'utf8')) as SavedState
      await rpc('anvil_loadState', [saved.state])
      // Half a file or a foreign one must never become a chain with holes in it.
      for (const address of Object.values(saved.addresses) as Hex[]) {
        if ((await rpc<Hex>('eth_getCode', [address, 'latest'])).length <= 2) throw new Error(`no code at ${address}`)
      }
      return saved.addresses
    } catch {
      // Deployed anew below, on whatever came of the load: the addresses depend on the deployer's nonce, so start clean.
      await rpc('anvil_reset', [])
    }
  }
  const addresses = await deployAll(rpc, deployer)
  if (path !== null && cacheDir !== null) {
    try {
      mkdirSync(cacheDir, { recursive: true })
      const temporary = `${path}.${randomUUID()}`
      writeFileSync(
        temporary,
        JSON.stringify({ addresses, state: await rpc<Hex>('anvil_dumpState') } satisfies SavedState),
      )
      renameSync(temporary, path)
    } catch {
      // A read-only installation deploys at every start; nothing else depends on the cache.
    }
  }
  return addresses
}

/** Changes with the contracts, with how they are deployed, and with the engine. */
function cacheKey(): string {
  const hash = createHash('sha256').update('anvil 1.7.1')
  const artifacts = join(import.meta.dirname, '..', 'artifacts')
  for (const name of readdirSync(artifacts).sort()) hash.update(readFileSync(join(artifacts, name)))
  const sources = ['deployments.ts', 'artifacts.ts'].map((name) => join(import.meta.dirname, name))
  // In the published command they are one file with this one.
  for (const path of isBundled ? [import.meta.filename] : sources) hash.update(readFileSync(path))
  return hash.digest('hex').slice(0, 16)
}

const isBundled = !import.meta.filename.endsWith('.ts')

/** `COUNTERSIGN_CACHE_DIR`; or `node_modules/.cache/countersign` of this checkout; or the user's cache directory. */
function defaultCacheDir(): string {
  const userCache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  return (
    process.env['COUNTERSIGN_CACHE_DIR'] ??
    (isBundled
      ? join(userCache, 'countersign')
      : join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'countersign'))
  )
}
