import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { deploy, send, startLocalChain, type LocalChain } from '@countersign/chain'
import { Chain, createSimulator, type Simulator } from '@countersign/simulator'
import { launch, type Launched } from 'countersign'
import { createPublicClient, encodeFunctionData, getAddress, http, parseAbi, parseEther, toHex, type Hex } from 'viem'
import { privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { keepKey } from './keys.ts'
import { fill, type Quote, type Request, type Sample } from './Sample.ts'

const FRIEND = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
/** An account without code that nothing was ever sent to. */
const STRANGER = getAddress('0x7ac3e0b1d59f42866d0e9b3a81f6c25d90b47e1f')
const ABI = parseAbi([
  'function transferFrom(address,address,uint256)',
  'function ownerOf(uint256) view returns (address)',
  'function mint(address,uint256)',
  'function mint(address)',
  'function deposit() payable',
  'function nonces(address) view returns (uint256)',
  'function name() view returns (string)',
  'function getAmountsOut(uint256,address[]) view returns (uint256[])',
  'function getAmountsIn(uint256,address[]) view returns (uint256[])',
])

/** Of the token's EIP-712 domain (chain/contracts/Usdc.sol). */
const USDC_VERSION = '2'

/** One chain, one server and one simulator, for every door. */
export interface World {
  readonly chain: LocalChain
  readonly server: Launched
  readonly simulator: Simulator
  /** With the scopes read, simulate and propose. */
  readonly key: string
  /** With the scopes read, propose and guard: what is allowed gets its grant without a question. */
  readonly trustedKey: string
  /** An account that no other request has: queues and limits belong to accounts. Holds ether, USDC, WETH and the safe token. */
  newOwner(): Promise<PrivateKeyAccount>
  /** The request of a sample for this account, as the chain is now. */
  requestOf(sample: Sample, owner: PrivateKeyAccount): Promise<Request>
  close(): Promise<void>
}

export async function openWorld(): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-verdicts-'))
  const chain = await startLocalChain()
  const server = await launch({ port: 0, dataDir, env: {}, localChain: chain, logLevel: 'silent' })
  // The same record of the chain as the server has.
  const place = { file: 'test', line: 1 } as never
  const record: Chain.Chain = {
    ...Chain.unknown(chain.chainId),
    tokens: chain.tokens.map((token) => ({ ...token, isCanonical: true, usd: null, at: place })),
    contracts: chain.contracts.map((contract) => ({ ...contract, codeHash: null, at: place })),
  }
  const simulator = await createSimulator({ chain: record, chainId: chain.chainId, rpcUrls: [chain.rpcUrl] })
  const open = createPublicClient({ transport: http(chain.rpcUrl) })
  const { usdc, weth, nft, uniswapV2Router: router } = chain.addresses
  const deployer = chain.accounts[0]?.address as Hex
  const safeToken = await deploy(chain.rpc, deployer, 'PlainToken')
  const issued = await server.issueKey({ app: 'trader', label: 'doors', scopes: ['read', 'simulate', 'propose'] })
  const trusted = await server.issueKey({ app: 'trader', label: 'guard', scopes: ['read', 'propose', 'guard'] })
  let made = 0
  // The collection numbers its tokens from 0.
  for (let i = 0; i < 2; i += 1) {
    const data = encodeFunctionData({ abi: ABI, functionName: 'mint', args: [deployer] })
    await send(chain.rpc, { from: deployer, to: nft as Hex, data })
  }
  /** One account sets everything up, so one thing happens at a time. */
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work)
    turn = done.catch(() => undefined)
    return done
  }

  const quote: Quote = async ({ abi, args, value }) => {
    const path = args.find(Array.isArray) as Hex[]
    const isExactOut = abi.startsWith('swapETHForExactTokens')
    const amount = isExactOut || !abi.startsWith('swapExactETH') ? BigInt(args[0] as string) : BigInt(value ?? '0')
    const functionName = isExactOut ? 'getAmountsIn' : 'getAmountsOut'
    const amounts = await open.readContract({ abi: ABI, address: router as Hex, functionName, args: [amount, path] })
    return isExactOut ? ((amounts[0] ?? 0n) * 101n) / 100n : ((amounts.at(-1) ?? 0n) * 99n) / 100n
  }
  async function giveCollectible(owner: Hex): Promise<void> {
    const holder = await open.readContract({ abi: ABI, address: nft as Hex, functionName: 'ownerOf', args: [1n] })
    await chain.rpc('anvil_impersonateAccount', [holder])
    await chain.rpc('anvil_setBalance', [holder, toHex(parseEther('1000'))])
    const data = encodeFunctionData({ abi: ABI, functionName: 'transferFrom', args: [holder, owner, 1n] })
    await send(chain.rpc, { from: holder, to: nft as Hex, data })
    await chain.rpc('anvil_stopImpersonatingAccount', [holder])
  }

  return {
    chain,
    server,
    simulator,
    key: Redacted.reveal(issued.key),
    trustedKey: Redacted.reveal(trusted.key),
    newOwner: () =>
      inTurn(async () => {
        made += 1
        const secret = toHex(BigInt(`0x${'6b'.repeat(30)}`) + BigInt(made), { size: 32 })
        const owner = keepKey(privateKeyToAccount(secret), secret)
        await chain.fund(owner.address, { wei: parseEther('1000'), usdc: 100_000n * 10n ** 6n })
        await chain.rpc('anvil_impersonateAccount', [owner.address])
        const deposit = encodeFunctionData({ abi: ABI, functionName: 'deposit' })
        await send(chain.rpc, { from: owner.address, to: weth as Hex, data: deposit, value: parseEther('10') })
        await chain.rpc('anvil_stopImpersonatingAccount', [owner.address])
        const mint = encodeFunctionData({ abi: ABI, functionName: 'mint', args: [owner.address, parseEther('100')] })
        await send(chain.rpc, { from: deployer, to: safeToken, data: mint })
        return owner
      }),
    async requestOf(sample, owner) {
      const written = JSON.stringify(sample.request)
      if (written.includes('$NFT')) await inTurn(() => giveCollectible(owner.address))
      const nonce = await open.readContract({
        ...{ abi: ABI, address: usdc as Hex, functionName: 'nonces' },
        args: [owner.address],
      })
      const { timestamp } = await open.getBlock()
      const middle = FRIEND.slice(6, -4).replace(/./g, (digit) => ((Number.parseInt(digit, 16) + 5) % 16).toString(16))
      return fill(
        sample.request,
        {
          OWNER: owner.address,
          FRIEND,
          STRANGER,
          USDC: usdc,
          WETH: weth,
          ROUTER: router,
          NFT: nft,
          SAFE_TOKEN: safeToken,
          STRANGER_HEX: STRANGER.slice(2).toLowerCase(),
          FRIEND_LOOKALIKE: getAddress(`${FRIEND.slice(0, 6)}${middle}${FRIEND.slice(-4)}`.toLowerCase()),
          USDC_NAME: await open.readContract({ abi: ABI, address: usdc as Hex, functionName: 'name' }),
          USDC_VERSION,
          USDC_NONCE: nonce.toString(),
          SOON: (timestamp + 1_200n).toString(),
          ISO_NOW: new Date().toISOString(),
          ISO_SOON: new Date(Date.now() + 600_000).toISOString(),
        },
        quote,
      )
    },
    async close() {
      await server.close()
      await simulator.close()
      await chain.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
