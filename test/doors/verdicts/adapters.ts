/** The doors of other people's wallets: AgentKit (by its shape), GOAT, x402, and the policy program of the Open Wallet Standard. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { guard, type GuardOptions } from '@countersign/guard'
import { viem } from '@goat-sdk/wallet-viem'
import { createWalletClient, http, serializeTransaction, toHex, type Hex } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import { inProcess, viemChain, type Door, type Said } from './inProcess.ts'
import type { World } from './openWorld.ts'
import { WalletProvider } from './WalletProvider.ts'

const PROGRAM = join(import.meta.dirname, '..', '..', '..', 'packages', 'guard', 'src', 'owsPolicy.ts')
/** The program gives itself four seconds, of which a busy machine may need all to start it. */
const TRIES = 8
export const FEES = { gas: 3_000_000n, maxFeePerGas: 3_000_000_000n, maxPriorityFeePerGas: 0n } as const

const walletOf = (world: World, account: PrivateKeyAccount) =>
  createWalletClient({ account, chain: viemChain(world), transport: http(world.chain.rpcUrl), pollingInterval: 50 })

export const providerOf = (world: World, owner: PrivateKeyAccount, options: GuardOptions): WalletProvider =>
  guard(new WalletProvider(walletOf(world, owner), world.chain), options)

/** AgentKit's wallet provider. What it signs is not sent. */
export const walletProvider: Door = (world, owner, { transactions = [], typed_data: document, message }) =>
  transactions.length > 1
    ? Promise.resolve('none')
    : inProcess(world, async (options) => {
        const provider = providerOf(world, owner, options as never)
        if (message !== undefined) return provider.signMessage(message)
        if (document !== undefined) return provider.signTypedData(document as never)
        const [first] = transactions
        return provider.signTransaction({
          ...{ value: BigInt(first?.value ?? 0), ...(first?.data === undefined ? {} : { data: first.data }), ...FEES },
          ...(first?.to == null ? {} : { to: first.to }),
        })
      })

export const goatOf = (world: World, owner: PrivateKeyAccount, options: GuardOptions) =>
  guard(viem(walletOf(world, owner) as never), options)

/** GOAT's wallet, with the real library: it sends what it signs. It cannot deploy. */
export const goatWallet: Door = (world, owner, { transactions = [], typed_data: document, message }) => {
  const [first, ...more] = transactions
  if (more.length > 0 || first?.to === null) return Promise.resolve('none')
  return inProcess(world, async (options) => {
    const wallet = goatOf(world, owner, options as never)
    if (message !== undefined) return wallet.signMessage(message)
    if (document !== undefined) return wallet.signTypedData(document as never)
    const { to, value, data } = first as { to: Hex; value: string; data: Hex }
    return wallet.sendTransaction({ to, value: BigInt(value), data })
  })
}

/** What an x402 client signs: `amount` of the chain's USDC (6 decimals) to `to`, once, for two minutes. */
export async function authorizationOf(world: World, from: Hex, { to, amount }: { to: Hex; amount: bigint }) {
  const { timestamp } = (await world.chain.rpc('eth_getBlockByNumber', ['latest', false])) as { timestamp: Hex }
  const field = (name: string, type: string) => ({ name, type })
  return {
    domain: {
      name: 'USD Coin',
      version: '2',
      chainId: world.chain.chainId,
      verifyingContract: world.chain.addresses.usdc,
    },
    primaryType: 'TransferWithAuthorization',
    types: {
      TransferWithAuthorization: [
        ...[field('from', 'address'), field('to', 'address'), field('value', 'uint256')],
        ...[field('validAfter', 'uint256'), field('validBefore', 'uint256'), field('nonce', 'bytes32')],
      ],
    },
    message: {
      ...{ from, to, value: amount, validAfter: 0n, validBefore: BigInt(timestamp) + 120n },
      nonce: toHex(BigInt(from), { size: 32 }),
    },
  }
}

export const payerOf = (owner: PrivateKeyAccount, options: GuardOptions) =>
  guard({ address: owner.address, signTypedData: owner.signTypedData }, options)

/** x402's signer. Its one request is a payment: a plain payment of at most 1,000,000 wei is put to it as so many units of USDC. */
export const x402Signer: Door = async (world, owner, { transactions = [], typed_data: document }) => {
  const [first, ...more] = transactions
  const isPayment = first?.to != null && first.data === '0x' && BigInt(first.value) <= 1_000_000n && more.length === 0
  const isAuthorization = document?.['primaryType'] === 'TransferWithAuthorization'
  if (!isPayment && !isAuthorization) return 'none'
  const wanted =
    document ??
    (await authorizationOf(world, owner.address, { to: first?.to as Hex, amount: BigInt(first?.value ?? 0) }))
  // As its users set it up: a payment by signature is a warning unless a limit names what may be paid, and to whom.
  const limits = [{ token: world.chain.addresses.usdc, per_call: '1', payees: [first?.to ?? owner.address] }]
  return inProcess(world, async (options) =>
    payerOf(owner, { ...options, limits } as never).signTypedData(wanted as never),
  )
}

/** Asks the policy program about these bytes, as the wallet does. */
export async function decide(
  world: World,
  { from, raw, chainId = world.chain.chainId }: { from: Hex; raw: Hex; chainId?: number },
): Promise<{ allow: boolean; reason: string }> {
  const request = {
    ...{ api_key_id: 'k', wallet_id: 'w', chain_id: `eip155:${chainId}`, transaction: { raw_hex: raw.slice(2) } },
    policy_config: { server: world.server.url, from },
  }
  for (let i = 1; ; i += 1) {
    const answer = await runProgram(JSON.stringify(request), world.trustedKey)
    if (i === TRIES || !answer.reason.includes('did not answer in time')) return answer
  }
}

/** A process of its own: the server runs in this one. */
const runProgram = (input: string, key: string): Promise<{ allow: boolean; reason: string }> =>
  new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'], COUNTERSIGN_API_KEY: key }
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM], { env })
    let out = ''
    child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()))
    child.once('error', reject)
    child.once('close', () => resolve(JSON.parse(out) as { allow: boolean; reason: string }))
    child.stdin.end(input)
  })

/** A wallet of the Open Wallet Standard hands over one unsigned transaction; a document or a text reaches the program as bytes that it refuses. */
export const owsPolicy: Door = async (world, owner, { transactions = [] }) => {
  const [first, ...more] = transactions
  if (first === undefined || more.length > 0) return 'none'
  const nonce = Number(await world.chain.rpc('eth_getTransactionCount', [owner.address, 'latest']))
  const raw = serializeTransaction({
    ...{ type: 'eip1559', chainId: world.chain.chainId, nonce, value: BigInt(first.value), data: first.data, ...FEES },
    ...(first.to === null ? {} : { to: first.to }),
  })
  const { allow, reason } = await decide(world, { from: owner.address, raw })
  if (allow) return 'allow'
  const id = /prop_[\w-]+/.exec(reason)?.[0]
  // What waits for its owner is said with its page; what is blocked, with the reason alone.
  if (id === undefined) return reason.startsWith('Countersign refused: ') ? 'block' : `error: ${reason.slice(0, 200)}`
  const read = await fetch(`${world.server.url}/api/proposals/${id}`, { headers: { 'x-api-key': world.trustedKey } })
  const { verdict } = (await read.json()) as { verdict: Said }
  // A "no" with the verdict "allow" would be a difference: it is shown as one.
  return verdict === 'allow' ? `error: refused, with the verdict allow: ${reason.slice(0, 160)}` : verdict
}
