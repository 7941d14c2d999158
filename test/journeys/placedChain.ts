/**
 * A chain of others as far as a swap sees it: anvil under its id, with real contracts at the very addresses that the shipped
 * record of that chain names. Nothing is told to the server but where the node is.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRpc, deploy, loadArtifact, send, squareRoot, USDC_PER_ETH, type Rpc } from '@countersign/chain'
import { Chain, chainOf, spawnAnvil } from '@countersign/simulator'
import { encodeAbiParameters, encodeFunctionData, type Abi, type Address, type Hex } from 'viem'

const ETHER = 10n ** 18n
const DOLLAR = 10n ** 6n
const FAR_FUTURE = 2n ** 40n
/** Dollars that the pools ask for a coin of any chain. */
export const DOLLARS_PER_COIN = USDC_PER_ETH
/** A pool of Uniswap V3 at 0.05 %. */
const FEE = 500

export interface PlacedChain {
  readonly record: Chain.Chain
  readonly rpcUrl: string
  readonly rpc: Rpc
  readonly usdc: Address
  readonly dai: Address
  readonly close: () => Promise<void>
}

/**
 * Starts it: USDC has a pool on Uniswap V2 alone and DAI on Uniswap V3 alone, so that a swap has to take the one and the other.
 *
 * @throws {Error} A contract that the record does not name.
 */
export async function placeChain(id: number): Promise<PlacedChain> {
  const record = chainOf(id)
  const anvil = await spawnAnvil({ args: ['--chain-id', String(id), '--base-fee', '1000000000'] })
  try {
    const rpc = createRpc(anvil.url)
    const [from] = await rpc<readonly Address[]>('eth_accounts')
    if (from === undefined) throw new Error('anvil has no account')
    // A builder's address that is not zero: contracts tell simulators by that one.
    await rpc('anvil_setCoinbase', ['0x95222290DD7278Aa3Ddd389Cc1E1d165CC4BAfe5'])
    await rpc('anvil_setBalance', [from, `0x${(1_000_000n * ETHER).toString(16)}`])
    const at = new Placing(record, rpc, from)
    await at.placeTokens()
    await at.openV2()
    await at.openV3()
    return { record, rpcUrl: anvil.url, rpc, usdc: at.usdc, dai: at.dai, close: () => anvil.close() }
  } catch (error) {
    await anvil.close()
    throw error
  }
}

class Placing {
  readonly #record: Chain.Chain
  readonly #rpc: Rpc
  readonly #from: Address
  readonly #wrapped: Address
  readonly usdc: Address
  readonly dai: Address

  constructor(record: Chain.Chain, rpc: Rpc, from: Address) {
    this.#record = record
    this.#rpc = rpc
    this.#from = from
    this.#wrapped = named(record.coin?.wrapped, 'a wrapped coin')
    const token = (symbol: string): Address => {
      const found = Chain.tokenBySymbol(record, symbol)
      return named(found !== null && 'token' in found ? found.token.address : null, symbol)
    }
    this.usdc = token('USDC')
    this.dai = token('DAI')
  }

  async placeTokens(): Promise<void> {
    await this.#place(this.#wrapped, loadArtifact('WETH9').bytecode)
    await this.#call(this.#wrapped, 'WETH9', 'deposit', [], 10_000n * ETHER)
    await this.#place(this.usdc, loadArtifact('Usdc').bytecode)
    await this.#call(this.usdc, 'Usdc', 'initialize', ['USD Coin', 'USDC', this.#from])
    await this.#place(this.dai, loadArtifact('Dai').bytecode)
    await this.#call(this.usdc, 'Usdc', 'mint', [this.#from, 10_000_000n * DOLLAR])
    await this.#call(this.dai, 'Dai', 'mint', [this.#from, 10_000_000n * ETHER])
    // What Base and Optimism ask for the data of a transaction: a contract of theirs, here one that asks a fixed sum.
    const oracle = this.#record.l1Fee?.oracle
    if (oracle !== undefined) await this.#place(oracle, loadArtifact('GasPriceOracleFixture').bytecode)
  }

  async openV2(): Promise<void> {
    const { router, factory } = this.#exchange('uniswap-v2')
    await this.#place(factory, loadArtifact('UniswapV2Factory').bytecode, ['address'], [this.#from])
    const parts = [factory, this.#wrapped]
    await this.#place(router, loadArtifact('UniswapV2Router02').bytecode, ['address', 'address'], parts)
    const [coins, dollars] = [2_000n * ETHER, 2_000n * DOLLARS_PER_COIN * DOLLAR]
    await this.#call(this.#wrapped, 'WETH9', 'approve', [router, coins])
    await this.#call(this.usdc, 'Usdc', 'approve', [router, dollars])
    const pair = [this.#wrapped, this.usdc, coins, dollars, 0n, 0n, this.#from, FAR_FUTURE]
    await this.#call(router, 'UniswapV2Router02', 'addLiquidity', pair)
  }

  async openV3(): Promise<void> {
    const { router, factory, quoter } = this.#exchange('uniswap-v3')
    await this.#place(factory, loadArtifact('UniswapV3Factory').bytecode)
    const two = [factory, this.#wrapped]
    await this.#place(named(quoter, 'a quoter'), loadArtifact('QuoterV2').bytecode, ['address', 'address'], two)
    const positions = await deploy(this.#rpc, this.#from, 'NonfungiblePositionManager', [...two, this.#from])
    const v2 = this.#exchange('uniswap-v2').factory
    const four = [v2, factory, positions, this.#wrapped]
    await this.#place(router, swapRouter02(), ['address', 'address', 'address', 'address'], four)

    const [coins, dollars] = [1_000n * ETHER, 1_000n * DOLLARS_PER_COIN * ETHER]
    const isCoinFirst = BigInt(this.#wrapped) < BigInt(this.dai)
    const [token0, token1] = isCoinFirst ? [this.#wrapped, this.dai] : [this.dai, this.#wrapped]
    const [amount0Desired, amount1Desired] = isCoinFirst ? [coins, dollars] : [dollars, coins]
    await this.#call(this.#wrapped, 'WETH9', 'approve', [positions, coins])
    await this.#call(this.dai, 'Dai', 'approve', [positions, dollars])
    const sqrtPriceX96 = squareRoot((amount1Desired << 192n) / amount0Desired)
    const name = 'NonfungiblePositionManager'
    await this.#call(positions, name, 'createAndInitializePoolIfNecessary', [token0, token1, FEE, sqrtPriceX96])
    // The whole range, in steps of ten ticks as the pool has them.
    const range = { token0, token1, fee: FEE, tickLower: -887_270, tickUpper: 887_270 }
    const amounts = { amount0Desired, amount1Desired, amount0Min: 0n, amount1Min: 0n }
    await this.#call(positions, name, 'mint', [{ ...range, ...amounts, recipient: this.#from, deadline: FAR_FUTURE }])
  }

  #exchange(kind: 'uniswap-v2' | 'uniswap-v3') {
    const found = this.#record.exchanges.find((each) => each.kind === kind)
    return { ...found, router: named(found?.router, kind), factory: named(found?.factory, `${kind} factory`) }
  }

  /** Runs a creation at an address of our choice: what it writes stays there, and what it returns becomes the code. */
  async #place(address: string, creation: Hex, types: readonly string[] = [], values: readonly Address[] = []) {
    const to = address as Address
    const parameters = types.map((type) => ({ type }))
    const code = `${creation}${encodeAbiParameters(parameters, values).slice(2)}`
    await this.#rpc('anvil_setCode', [to, code])
    const runtime = await this.#rpc<Hex>('eth_call', [{ from: this.#from, to, gas: '0xe00000' }, 'latest'])
    await send(this.#rpc, { from: this.#from, to })
    await this.#rpc('anvil_setCode', [to, runtime])
  }

  async #call(to: string, artifact: string, functionName: string, args: readonly unknown[], value?: bigint) {
    const data = encodeFunctionData({ abi: loadArtifact(artifact).abi as Abi, functionName, args: args as unknown[] })
    await send(this.#rpc, { from: this.#from, to: to as Address, data, ...(value === undefined ? {} : { value }) })
  }
}

function swapRouter02(): Hex {
  const path = join(import.meta.dirname, 'contracts', 'SwapRouter02.json')
  return (JSON.parse(readFileSync(path, 'utf8')) as { bytecode: Hex }).bytecode
}

function named(address: string | null | undefined, what: string): Address {
  if (address === null || address === undefined) throw new Error(`The record names no ${what}.`)
  return address as Address
}
