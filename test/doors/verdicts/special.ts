/** Requests that have no common form: each door that has such a request is asked in its own words. */
import { guard } from '@countersign/guard'
import * as ethers from 'ethers'
import { createWalletClient, http, parseEther, parseTransaction, serializeTransaction, toHex, type Hex } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import { authorizationOf, decide, FEES as OWS_FEES, goatOf, payerOf, providerOf as agentKitOf } from './adapters.ts'
import { DOORS, post } from './doors.ts'
import { viemChain } from './inProcess.ts'
import { keyOf } from './keys.ts'
import type { World } from './openWorld.ts'

/** `never`: a method that is refused by name (4200). `changed`: other bytes were signed than were judged. */
export type Outcome = 'allow' | 'refused' | 'never' | 'changed'
type Work = (world: World, owner: PrivateKeyAccount) => Promise<Outcome>

const FRIEND: Hex = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const HASH: Hex = `0x${'ab'.repeat(32)}`
const LIMITS = [{ native: true, per_call: '2' }] as const
const AUTHORIZATION = { address: FRIEND, chainId: 31_337, nonce: 0 } as const
const FEES = { gas: 100_000n, maxFeePerGas: 3_000_000_000n, maxPriorityFeePerGas: 0n } as const

async function outcome(work: () => Promise<unknown>): Promise<Outcome> {
  try {
    return (await work()) === 'changed' ? 'changed' : 'allow'
  } catch (error) {
    type Fault = { code?: unknown; info?: { code?: unknown }; cause?: unknown }
    for (let at = error as Fault | undefined; at != null; at = at.cause as Fault | undefined) {
      if (at.code === 4200 || at.info?.code === 4200) return 'never'
      if (at.code === 4001 || at.info?.code === 4001) return 'refused'
    }
    throw error
  }
}

const options = (world: World) => ({
  simulator: world.simulator,
  limits: [...LIMITS, { fee: true, per_call: '1' }] as never,
})
const accountOf = (world: World, owner: PrivateKeyAccount) => guard(owner, options(world))
const plain = (world: World, value: bigint, more: object = {}) =>
  ({ type: 'eip1559', chainId: world.chain.chainId, to: FRIEND, value, nonce: 0, ...FEES, ...more }) as never

function signerOf(world: World, owner: PrivateKeyAccount): ethers.Signer {
  const provider = new ethers.JsonRpcProvider(world.chain.rpcUrl, world.chain.chainId, { staticNetwork: true })
  return guard(new ethers.Wallet(keyOf(owner), provider) as never, options(world)) as unknown as ethers.Signer
}
const ofEthers = (world: World, value: bigint, more: object = {}) => ({
  ...{ type: 2, chainId: world.chain.chainId, to: FRIEND, value, nonce: 0, gasLimit: FEES.gas },
  ...{ maxFeePerGas: FEES.maxFeePerGas, maxPriorityFeePerGas: 0n, ...more },
})

/** A wallet that keeps what reached it and sends nothing. */
function providerOf(world: World, owner: PrivateKeyAccount) {
  const reached: { method: string; params: readonly unknown[] }[] = []
  const inner = {
    request: async ({ method, params = [] }: { method: string; params?: readonly unknown[] }): Promise<unknown> => {
      if (method === 'eth_accounts' || method === 'eth_requestAccounts') return [owner.address]
      if (!/send|[sS]ign/.test(method)) return world.chain.rpc(method, params)
      reached.push({ method, params })
      return '0x'
    },
    on: () => undefined,
    removeListener: () => undefined,
  }
  const provider = guard(inner, options(world))
  const request = (method: string, ...params: unknown[]) => provider.request({ method, params } as never)
  return { request, reached }
}

async function rpc(world: World, method: string, params: readonly unknown[], owner?: Hex): Promise<unknown> {
  const url = `${world.server.url}/rpc/${world.chain.chainId}`
  const headers: Record<string, string> = owner === undefined ? {} : { 'x-countersign-owner': owner }
  const answer = await post(url, world.key, { jsonrpc: '2.0', id: 1, method, params }, headers)
  if (answer.error !== undefined) throw Object.assign(new Error('refused'), answer.error)
  return answer['result']
}
const propose = async (world: World, body: object): Promise<unknown> => {
  const answer = await post(`${world.server.url}/api/proposals`, world.key, { chain_id: world.chain.chainId, ...body })
  if (answer['verdict'] === 'allow') return answer
  throw Object.assign(new Error(JSON.stringify(answer)), { code: 4001 })
}
const overMcp = async (world: World, owner: PrivateKeyAccount, request: object): Promise<Outcome> => {
  const said = await DOORS['MCP propose']?.(world, owner, request)
  return said === 'allow' ? 'allow' : 'refused'
}
/** The nonce of an account that has sent one transaction. */
const sent = (world: World, owner: PrivateKeyAccount, more: object = {}) =>
  owner.signTransaction(plain(world, 1_000n, { nonce: 1, ...more }))
/** A value that is another one each time it is read. */
const shifting = (first: bigint, later: bigint) => {
  let reads = 0
  return () => (reads++ === 0 ? first : later)
}

/** What the policy program of the Open Wallet Standard says of these bytes. */
async function overOws(world: World, owner: PrivateKeyAccount, raw: Hex, chainId?: number): Promise<Outcome> {
  const { allow } = await decide(world, { from: owner.address, raw, ...(chainId === undefined ? {} : { chainId }) })
  return allow ? 'allow' : 'refused'
}
const owsBytes = (world: World, more: object = {}): Hex =>
  serializeTransaction({
    ...{ type: 'eip1559', chainId: world.chain.chainId, nonce: 1, to: FRIEND, value: 1n, ...OWS_FEES, ...more },
  } as never)
/** In USDC: 2 may be paid at once. */
const payer = (world: World, owner: PrivateKeyAccount) =>
  payerOf(owner, {
    simulator: world.simulator,
    limits: [{ token: world.chain.addresses.usdc, per_call: '2', payees: [FRIEND] }],
  } as never)
const USDC_3 = 3_000_000n

/** By request and door. A door that has no such request is not named: it has no words for it. */
export const SPECIAL: Readonly<Record<string, Readonly<Record<string, Work>>>> = {
  'payment too large for the limit': {
    'viem account': (world, owner) =>
      outcome(() => accountOf(world, owner).signTransaction(plain(world, parseEther('3'), { nonce: 1 }))),
    'ethers signer': (world, owner) =>
      outcome(() => signerOf(world, owner).signTransaction(ofEthers(world, parseEther('3'), { nonce: 1 }))),
    'EIP-1193 provider': (world, owner) =>
      outcome(() =>
        providerOf(world, owner).request('eth_sendTransaction', {
          ...{ from: owner.address, to: FRIEND, value: toHex(parseEther('3')) },
        }),
      ),
    'AgentKit provider': (world, owner) =>
      outcome(() => agentKitOf(world, owner, options(world)).sendTransaction({ to: FRIEND, value: parseEther('3') })),
    'GOAT wallet': (world, owner) =>
      outcome(() => goatOf(world, owner, options(world)).sendTransaction({ to: FRIEND, value: parseEther('3') })),
    'x402 signer': (world, owner) =>
      outcome(async () =>
        payer(world, owner).signTypedData(
          (await authorizationOf(world, owner.address, { to: FRIEND, amount: USDC_3 })) as never,
        ),
      ),
  },
  'bare hash': {
    'POST /api/proposals': (world, owner) => outcome(() => propose(world, { from: owner.address, message: HASH })),
    'MCP propose': (world, owner) => overMcp(world, owner, { message: HASH }),
    'JSON-RPC owner': (world, owner) => outcome(() => rpc(world, 'eth_sign', [owner.address, HASH], owner.address)),
    'JSON-RPC raw': (world, owner) => outcome(() => rpc(world, 'eth_sign', [owner.address, HASH])),
    'viem account': (world, owner) => outcome(async () => accountOf(world, owner).sign({ hash: HASH })),
    'ethers signer': (world, owner) => outcome(() => signerOf(world, owner).signMessage(ethers.getBytes(HASH))),
    'EIP-1193 provider': (world, owner) =>
      outcome(() => providerOf(world, owner).request('eth_sign', owner.address, HASH)),
    'AgentKit provider': (world, owner) =>
      outcome(() => agentKitOf(world, owner, options(world)).sign(HASH) as Promise<unknown>),
    'GOAT wallet': (world, owner) => outcome(() => goatOf(world, owner, options(world)).signMessage(HASH)),
    'Open Wallet Standard policy': (world, owner) => overOws(world, owner, HASH),
  },
  '7702 authorization': {
    'POST /api/proposals': (world, owner) =>
      outcome(() =>
        propose(world, {
          from: owner.address,
          transactions: [{ to: FRIEND, value: '0', data: '0x', authorization_list: [AUTHORIZATION] }],
        }),
      ),
    'JSON-RPC owner': (world, owner) =>
      outcome(() => rpc(world, 'eth_sign7702Authorization', [AUTHORIZATION], owner.address)),
    'JSON-RPC raw': (world, owner) =>
      outcome(async () => {
        const authorization = await owner.signAuthorization(AUTHORIZATION)
        const bytes = {
          ...FEES,
          type: 'eip7702',
          chainId: world.chain.chainId,
          to: FRIEND,
          value: 0n,
          nonce: 1,
        } as const
        const raw = await owner.signTransaction({ ...bytes, authorizationList: [authorization] })
        return rpc(world, 'eth_sendRawTransaction', [raw])
      }),
    'viem account': (world, owner) => outcome(async () => accountOf(world, owner).signAuthorization(AUTHORIZATION)),
    'ethers signer': (world, owner) =>
      outcome(async () => signerOf(world, owner).authorize({ address: FRIEND, chainId: 31_337n, nonce: 0n })),
    'EIP-1193 provider': (world, owner) =>
      outcome(() => providerOf(world, owner).request('eth_sign7702Authorization', AUTHORIZATION)),
    'Open Wallet Standard policy': async (world, owner) => {
      const authorization = await owner.signAuthorization(AUTHORIZATION)
      return overOws(world, owner, owsBytes(world, { type: 'eip7702', authorizationList: [authorization] }))
    },
  },
  'raw bytes of a good payment': {
    'JSON-RPC owner': (world, owner) =>
      outcome(async () => rpc(world, 'eth_sendRawTransaction', [await sent(world, owner)], owner.address)),
    'JSON-RPC raw': (world, owner) =>
      outcome(async () => rpc(world, 'eth_sendRawTransaction', [await sent(world, owner)])),
    'EIP-1193 provider': (world, owner) =>
      outcome(async () => providerOf(world, owner).request('eth_sendRawTransaction', await sent(world, owner))),
  },
  'another chain': {
    'POST /api/proposals': (world, owner) =>
      outcome(() =>
        propose(world, { from: owner.address, chain_id: 1, transactions: [{ to: FRIEND, value: '1', data: '0x' }] }),
      ),
    'JSON-RPC owner': (world, owner) =>
      outcome(async () =>
        rpc(world, 'eth_sendRawTransaction', [await sent(world, owner, { chainId: 1 })], owner.address),
      ),
    'JSON-RPC raw': (world, owner) =>
      outcome(async () => rpc(world, 'eth_sendRawTransaction', [await sent(world, owner, { chainId: 1 })])),
    'viem account': (world, owner) =>
      outcome(() => accountOf(world, owner).signTransaction(plain(world, 1n, { chainId: 1 }))),
    'ethers signer': (world, owner) =>
      outcome(() => signerOf(world, owner).signTransaction(ofEthers(world, 1n, { chainId: 1 }))),
    'EIP-1193 provider': (world, owner) =>
      outcome(() =>
        providerOf(world, owner).request('eth_sendTransaction', {
          ...{ from: owner.address, to: FRIEND, value: '0x1', chainId: '0x1' },
        }),
      ),
    'AgentKit provider': (world, owner) =>
      outcome(() =>
        agentKitOf(world, owner, options(world)).sendTransaction({ to: FRIEND, value: 1n, chainId: 1 } as never),
      ),
    'x402 signer': (world, owner) =>
      outcome(async () => {
        const document = await authorizationOf(world, owner.address, { to: FRIEND, amount: 1n })
        return payer(world, owner).signTypedData({ ...document, domain: { ...document.domain, chainId: 1 } } as never)
      }),
    'Open Wallet Standard policy': (world, owner) => overOws(world, owner, owsBytes(world, { chainId: 1 }), 1),
  },
  'value changed after the check': {
    'viem account': (world, owner) =>
      outcome(async () => {
        const value = shifting(1n, parseEther('50'))
        const wallet = createWalletClient({
          ...{ account: accountOf(world, owner), chain: viemChain(world), transport: http(world.chain.rpcUrl) },
        })
        const transaction = Object.defineProperty({ ...(plain(world, 1n, { nonce: 1 }) as object) }, 'value', {
          ...{ get: value, enumerable: true },
        })
        const raw = await wallet.account.signTransaction(transaction as never)
        return (parseTransaction(raw).value ?? 0n) > parseEther('1') ? 'changed' : raw
      }),
    'ethers signer': (world, owner) =>
      outcome(async () => {
        const value = shifting(1n, parseEther('50'))
        const transaction = Object.defineProperty(ofEthers(world, 1n, { nonce: 1 }), 'value', {
          get: value,
          enumerable: true,
        })
        const raw = await signerOf(world, owner).signTransaction(transaction)
        return ethers.Transaction.from(raw).value > parseEther('1') ? 'changed' : raw
      }),
    'EIP-1193 provider': (world, owner) =>
      outcome(async () => {
        const value = shifting(1n, parseEther('50'))
        const { request, reached } = providerOf(world, owner)
        await request('eth_sendTransaction', {
          from: owner.address,
          to: FRIEND,
          get value() {
            return toHex(value())
          },
        })
        const [call] = reached.at(-1)?.params as [{ value: Hex }]
        return BigInt(call.value) > parseEther('1') ? 'changed' : call
      }),
    'AgentKit provider': (world, owner) =>
      outcome(async () => {
        const value = shifting(1n, parseEther('50'))
        const transaction = Object.defineProperty({ to: FRIEND }, 'value', { get: value, enumerable: true })
        const raw = await agentKitOf(world, owner, options(world)).signTransaction(transaction)
        return (parseTransaction(raw).value ?? 0n) > parseEther('1') ? 'changed' : raw
      }),
    'GOAT wallet': (world, owner) =>
      outcome(async () => {
        const value = shifting(1n, parseEther('50'))
        const transaction = Object.defineProperty({ to: FRIEND }, 'value', { get: value, enumerable: true })
        const before = BigInt((await world.chain.rpc('eth_getBalance', [owner.address, 'latest'])) as Hex)
        await goatOf(world, owner, options(world)).sendTransaction(transaction as never)
        const after = BigInt((await world.chain.rpc('eth_getBalance', [owner.address, 'latest'])) as Hex)
        return before - after > parseEther('1') ? 'changed' : after
      }),
    'x402 signer': (world, owner) =>
      outcome(async () => {
        const value = shifting(1n, USDC_3)
        const document = await authorizationOf(world, owner.address, { to: FRIEND, amount: 1n })
        const message = Object.defineProperty({ ...document.message }, 'value', { get: value, enumerable: true })
        const signature = await payer(world, owner).signTypedData({ ...document, message } as never)
        const { message: asChecked } = document
        return (await owner.signTypedData({ ...document, message: asChecked } as never)) === signature
          ? signature
          : 'changed'
      }),
  },
}
