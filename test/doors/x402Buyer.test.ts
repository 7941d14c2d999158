/** Whether a purchase was paid is asked of a real chain, by the token's own record of used authorizations. */
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { createSimulator, type Simulator } from '@countersign/simulator'
import { toHex, type Hex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { Purchases } from '../../packages/guard/src/adapters/Purchases.ts'
import { isSpendable, spentOnChain } from '../../packages/guard/src/gate/AskSpent.ts'
import { calldata, creation, FIXTURES } from '../../packages/simulator/catalogue/variant.ts'

let chain: LocalChain
let simulator: Simulator
let token: Hex
beforeAll(async () => {
  chain = await startLocalChain()
  simulator = await createSimulator({ chainId: chain.chainId, rpcUrls: [chain.rpcUrl] })
  token = await deploy()
})
afterAll(async () => {
  vi.useRealTimers()
  await simulator.close()
  await chain.close()
})
const payer = privateKeyToAccount(generatePrivateKey())
const FRIEND: Hex = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'

async function mined(transaction: object): Promise<Record<string, string>> {
  const hash = await chain.rpc('eth_sendTransaction', [
    { from: chain.accounts[0]?.address, gas: '0x4c4b40', ...transaction },
  ])
  for (;;) {
    const found = (await chain.rpc('eth_getTransactionReceipt', [hash])) as Record<string, string> | null
    if (found !== null) return found
  }
}
async function deploy(): Promise<Hex> {
  return (await mined({ data: creation(FIXTURES, 'Authorized', []) }))['contractAddress'] as Hex
}
async function authorization(nonce: Hex, validBefore: bigint) {
  const message = { from: payer.address, to: FRIEND, value: 0n, validAfter: 0n, validBefore, nonce }
  const domain = { name: 'Authorized', version: '1', chainId: chain.chainId, verifyingContract: token }
  const fields = [
    ...([
      ['from', 'address'],
      ['to', 'address'],
      ['value', 'uint256'],
      ['validAfter', 'uint256'],
    ] as const),
    ...([
      ['validBefore', 'uint256'],
      ['nonce', 'bytes32'],
    ] as const),
  ].map(([name, type]) => ({ name, type }))
  const signature = await payer.signTypedData({
    ...{ domain, message, primaryType: 'TransferWithAuthorization' },
    types: { TransferWithAuthorization: fields },
  })
  return { message, signature }
}
/** Spends the authorization on the chain, as a facilitator does. */
async function settle(nonceOf: Hex, until: bigint): Promise<void> {
  const { message, signature } = await authorization(nonceOf, until)
  const [r, s, v] = [
    `0x${signature.slice(2, 66)}`,
    `0x${signature.slice(66, 130)}`,
    Number(`0x${signature.slice(130)}`),
  ]
  const { from, to, value, validAfter, validBefore, nonce } = message
  const args = [from, to, value, validAfter, validBefore, nonce, v, r, s]
  const data = calldata(FIXTURES, { name: 'Authorized', functionName: 'transferWithAuthorization', args })
  expect(await mined({ to: token, data })).toMatchObject({ status: '0x1' })
}

test('promise: the next purchase is signed when the chain shows the last one as paid, and not because the seller says so', async () => {
  const purchases = new Purchases(spentOnChain(async () => simulator))
  const key = purchases.keyOf('shop', { payTo: FRIEND, asset: token, amount: '1', chainId: chain.chainId })
  const nonce = toHex(3n, { size: 32 })
  const untilS = BigInt(Math.floor(Date.now() / 1_000)) + 600n
  purchases.note(key, {
    ...{ validBeforeMs: Number(untilS) * 1_000, nonce, asset: token, chainId: chain.chainId, from: payer.address },
  })
  await expect(purchases.refuseOpen(key)).rejects.toThrow(/may still be spent/)
  purchases.notePaid(key, nonce)
  await expect(purchases.refuseOpen(key)).rejects.toThrow(/may still be spent/)
  await settle(nonce, untilS)
  await purchases.refuseOpen(key)
})

test('promise: an authorization is void only when a block after its end says that it was not used', async () => {
  const ask = spentOnChain(async () => simulator)
  const nowS = BigInt(Math.floor(Date.now() / 1_000))
  const of = (nonce: Hex) => ({
    ...{ chainId: chain.chainId, asset: token, from: payer.address, nonce, validBeforeMs: Number(nowS + 60n) * 1_000 },
  })
  const [used, unused] = [toHex(1n, { size: 32 }), toHex(2n, { size: 32 })]
  await settle(used, nowS + 60n)
  expect(await isSpendable(ask, of(used))).toBe('open')
  // Its time passes here, and not on the chain: nothing is proven.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
  expect(await isSpendable(ask, of(used))).toBe('spent')
  expect(await isSpendable(ask, of(unused))).toBe('open')
  await chain.rpc('evm_increaseTime', [3_600])
  await chain.rpc('evm_mine', [])
  expect(await isSpendable(ask, of(unused))).toBe('void')
  expect(await isSpendable(ask, { ...of(used), asset: FRIEND }), 'no contract gives no answer').toBe('unknown')
  expect(await isSpendable(undefined, of(unused)), 'nobody can be asked').toBe('unknown')
  vi.useRealTimers()
})
