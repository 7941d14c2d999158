/**
 * The part of the fake wallet that makes batches (EIP-5792), on the real chain: it gives the account the code of
 * `BatchExecutor.sol` by an authorization that the account's key signs (EIP-7702), and sends one transaction of the account to
 * itself. Its bad habits are chosen by the test.
 */
import type { LocalChain } from '@countersign/chain'
import type { Page } from 'playwright-core'
import { createWalletClient, custom, encodeFunctionData, parseAbi, type Address, type Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'

/** The public test key of anvil's second account, which every copy of anvil has. */
const ALICE = privateKeyToAccount('0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d')
const ABI = parseAbi([
  'struct Call { address to; uint256 value; bytes data; }',
  'function execute(Call[] calls) payable',
])
/** Creation code of `BatchExecutor.sol` by solc 0.8.30: optimizer 200 runs, cancun, no metadata. */
const CODE: Hex =
  '0x6080604052348015600e575f5ffd5b506102cb8061001c5f395ff3fe608060405260043610610020575f3560e01c80633f707e6b1461002b575f5ffd5b3661002757005b5f5ffd5b61003e6100393660046101a2565b610040565b005b3330146100935760405162461bcd60e51b815260206004820152601760248201527f6f6e6c7920746865206163636f756e7420697473656c66000000000000000000604482015260640160405180910390fd5b5f5b8181101561019d575f5f8484848181106100b1576100b1610213565b90506020028101906100c39190610227565b6100d1906020810190610245565b6001600160a01b03168585858181106100ec576100ec610213565b90506020028101906100fe9190610227565b6020013586868681811061011457610114610213565b90506020028101906101269190610227565b610134906040810190610272565b6040516101429291906102bc565b5f6040518083038185875af1925050503d805f811461017c576040519150601f19603f3d011682016040523d82523d5f602084013e610181565b606091505b50915091508161019357805160208201fd5b5050600101610095565b505050565b5f5f602083850312156101b3575f5ffd5b823567ffffffffffffffff8111156101c9575f5ffd5b8301601f810185136101d9575f5ffd5b803567ffffffffffffffff8111156101ef575f5ffd5b8560208260051b8401011115610203575f5ffd5b6020919091019590945092505050565b634e487b7160e01b5f52603260045260245ffd5b5f8235605e1983360301811261023b575f5ffd5b9190910192915050565b5f60208284031215610255575f5ffd5b81356001600160a01b038116811461026b575f5ffd5b9392505050565b5f5f8335601e19843603018112610287575f5ffd5b83018035915067ffffffffffffffff8211156102a1575f5ffd5b6020019150368190038213156102b5575f5ffd5b9250929050565b818382375f910190815291905056'

/**
 * What the wallet does with a batch: all of it in one transaction; only the first step, called all of it; a first step that is
 * another call; one that fails on the chain; nothing; or the first step alone, and says so.
 */
export type Habit = 'honest' | 'first-only' | 'other-call' | 'reverts' | 'drops' | 'partly'

interface Batch {
  readonly calls: readonly { readonly to: Address; readonly value?: Hex; readonly data?: Hex }[]
}

/** The executor of each chain: deployed once, since a deployment by the account while its card is open moves its nonce. */
const EXECUTORS = new WeakMap<LocalChain, Promise<Address>>()

/** Sends batches of `ALICE` as the habit says, and says what became of each. */
export function createAtomicWallet(chain: LocalChain): {
  /** Makes ready what no card may wait for. */
  prepare(): Promise<Address>
  sendCalls(batch: Batch, habit: Habit): Promise<string>
  status(id: string): Promise<{ status: number; receipts?: readonly { transactionHash: Hex }[] }>
} {
  const client = createWalletClient({
    account: ALICE,
    transport: custom({ request: ({ method, params }) => chain.rpc(method, params as unknown[]) }, { retryCount: 0 }),
  })
  const sent = new Map<string, { hash: Hex | null; habit: Habit }>()

  async function deploy(): Promise<Address> {
    const hash = await client.sendTransaction({ chain: null, data: CODE })
    const { contractAddress } = (await receiptOf(hash)) as { contractAddress: Address }
    return contractAddress
  }
  function prepare(): Promise<Address> {
    const made = EXECUTORS.get(chain) ?? deploy()
    EXECUTORS.set(chain, made)
    return made
  }
  /** A block may come a moment after its transaction was sent. */
  async function receiptOf(hash: Hex): Promise<unknown> {
    for (;;) {
      const receipt = await chain.rpc('eth_getTransactionReceipt', [hash])
      if (receipt !== null) return receipt
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }

  async function sendCalls({ calls }: Batch, habit: Habit): Promise<string> {
    const executor = await prepare()
    const id = `batch-${sent.size + 1}`
    const all = calls.map(({ to, value = '0x0', data = '0x' }) => ({ to, value: BigInt(value), data }))
    const [first] = all
    if (first === undefined) throw new Error('The batch is empty.')
    if (habit === 'drops') {
      sent.set(id, { hash: null, habit })
      return id
    }
    if (habit === 'partly') {
      sent.set(id, { hash: await client.sendTransaction({ chain: null, ...first }), habit })
      return id
    }
    const made = {
      honest: all,
      'first-only': [first],
      // More is approved than was shown: the call itself succeeds.
      'other-call': [{ ...first, data: moreOf(first.data) }, ...all.slice(1)],
      reverts: [...all, { to: executor, value: 0n, data: encodeFunctionData({ abi: ABI, args: [[]] }) }],
    }[habit]
    const authorization = await client.signAuthorization({ contractAddress: executor, executor: 'self' })
    const hash = await client.sendTransaction({
      chain: null,
      to: ALICE.address,
      data: encodeFunctionData({ abi: ABI, args: [made] }),
      authorizationList: [authorization],
      gas: 2_000_000n,
    })
    sent.set(id, { hash, habit })
    return id
  }

  async function status(id: string) {
    const batch = sent.get(id)
    if (batch === undefined) throw new Error('There is no such batch.')
    const base = { version: '2.0.0', id, chainId: `0x${chain.chainId.toString(16)}`, atomic: batch.habit !== 'partly' }
    if (batch.hash === null) return { ...base, status: 400 }
    type Receipt = { status: Hex; transactionHash: Hex }
    const receipt = (await chain.rpc('eth_getTransactionReceipt', [batch.hash])) as Receipt | null
    if (receipt === null) return { ...base, status: 100 }
    const code = receipt.status !== '0x1' ? 500 : batch.habit === 'partly' ? 600 : 200
    return { ...base, status: code, receipts: [receipt] }
  }
  return { prepare, sendCalls, status }
}

/** The call with a far larger number as its second argument. */
const moreOf = (data: Hex): Hex => `${data.slice(0, 104)}1${data.slice(105)}` as Hex

/** Offers the page's wallet two functions of this process: `sendCallsInNode` and `callsStatusInNode`. */
export async function exposeBatches(page: Page, chain: LocalChain): Promise<void> {
  const { prepare, sendCalls, status } = createAtomicWallet(chain)
  await prepare()
  await page.exposeFunction('sendCallsInNode', sendCalls)
  await page.exposeFunction('callsStatusInNode', status)
}
