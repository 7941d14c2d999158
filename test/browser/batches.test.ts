/** Several steps in one prompt (EIP-5792): a real page, a real chain, and a wallet that makes batches by EIP-7702. */
import type { Page } from 'playwright-core'
import { encodeFunctionData, erc20Abi } from 'viem'
import { afterAll, beforeAll, expect, test as always } from 'vitest'
import { ALICE, openWithShim, shim } from './fakeWallet.ts'
import { browserPath, cardIn, openStage, say, WAIT_MS, type Stage } from './harness.ts'

const STEP_BY_STEP = '2 signatures, one after the other. The first stays if a later one fails.'
const AS_ONE = 'One signature for 2 steps, all or nothing.'

let stage: Stage
const hasBrowser = (await browserPath()) !== null
const test = always.skipIf(!hasBrowser)
beforeAll(async () => {
  if (!hasBrowser) return
  stage = await openStage()
  await stage.server.localChain?.fund(ALICE, { wei: 10n ** 20n, usdc: 10_000n * 10n ** 6n })
})
afterAll(() => stage?.close())

/** Each card asks for another amount: the same payment twice would be asked about first. */
let amountUsdc = 50
/** A card of approve and swap, in a wallet that says `atomic` of batches. */
async function card(
  atomic: 'supported' | 'ready' | 'unsupported',
  state: string = '',
): Promise<{ page: Page; faults: string[]; close: () => Promise<void>; proceed: () => Promise<void> }> {
  const { page, faults, context } = await openWithShim(stage, { height: 800 })
  await shim(page, `state.atomic = '${atomic}'`)
  if (state !== '') await shim(page, state)
  await say(page, `swap ${amountUsdc++} USDC for ETH`)
  await cardIn(page, 'pending')
  const proceed = () => page.getByRole('button', { name: 'Continue to wallet' }).click()
  return { page, faults, proceed, close: () => context.close() }
}
/** A larger permission that another test left would make this one's approval take something away instead of granting it. */
async function takeBackPermissions(): Promise<void> {
  const chain = stage.server.localChain
  if (chain === null) throw new Error('The stage has no chain.')
  const { usdc, uniswapV2Router } = chain.addresses
  const data = encodeFunctionData({ abi: erc20Abi, functionName: 'approve', args: [uniswapV2Router, 0n] })
  await chain.rpc('eth_sendTransaction', [{ from: ALICE, to: usdc, data }])
}
const counts = (page: Page) =>
  shim(page, 'state.batches.length').then(async (batches) => [batches, await shim(page, 'state.sent.length')])

test('approve and swap are one prompt, all or nothing, verified step by step on chain', async () => {
  const { page, faults, close, proceed } = await card('supported')
  await page.getByText(AS_ONE).waitFor()
  await proceed()
  await cardIn(page, 'settled')
  expect(await counts(page)).toEqual([1, 0])
  const [request] = (await shim(page, 'state.batches')) as {
    version: string
    atomicRequired: boolean
    calls: unknown[]
  }[]
  expect(request).toMatchObject({ version: '2.0.0', atomicRequired: true, from: ALICE, chainId: '0x7a69' })
  expect(request?.calls).toHaveLength(2)
  await page.getByTestId('rows').getByText('exactly as shown').waitFor()
  expect(await page.evaluate(() => localStorage.getItem('countersign.batches'))).toBe('[]')
  expect(faults).toEqual([])
  await close()
})

test('a wallet that has to upgrade the account first says so before its prompt', async () => {
  const { page, close } = await card('ready')
  await page.getByText(`${AS_ONE} Your wallet will ask first to upgrade this account (EIP-7702).`).waitFor()
  expect(await counts(page)).toEqual([0, 0])
  await close()
})

test('promise: nothing is signed before the wallet has said whether it makes batches', async () => {
  const { page, close, proceed } = await card('supported', 'state.isSlow = true')
  await page.getByText('Asking your wallet how it signs several steps…').waitFor()
  expect(await page.getByRole('button', { name: 'Continue to wallet' }).isDisabled()).toBe(true)
  await shim(page, 'state.isSlow = false')
  await page.getByText(AS_ONE).waitFor()
  await proceed()
  await cardIn(page, 'settled')
  expect(await counts(page)).toEqual([1, 0])
  await close()
})

test('a wallet without batches signs step by step', async () => {
  const { page, close, proceed } = await card('unsupported')
  await page.getByText(STEP_BY_STEP).waitFor()
  await proceed()
  await cardIn(page, 'settled')
  expect(await counts(page)).toEqual([0, 2])
  await close()
})

test('promise: after a refused batch nothing is sent singly, until the owner asks for it', async () => {
  const { page, close, proceed } = await card('supported', 'state.refuses = 5760')
  await page.getByText(AS_ONE).waitFor()
  await proceed()
  await page.getByText('Your wallet cannot do these steps as one. Nothing was sent.', { exact: false }).waitFor()
  expect(await counts(page)).toEqual([0, 0])
  await page.getByText(STEP_BY_STEP).waitFor()
  await proceed()
  await cardIn(page, 'settled')
  expect(await counts(page)).toEqual([0, 2])
  await close()
})

test('promise: an error that nobody knows sends nothing, and the wallet is asked once', async () => {
  const { page, close, proceed } = await card('supported', 'state.refuses = -32603')
  await proceed()
  await page.getByRole('alert').waitFor()
  expect([await shim(page, 'state.asked'), ...(await counts(page))]).toEqual([1, 0, 0])
  await cardIn(page, 'pending')
  await close()
})

test('a rejection in the wallet ends the card', async () => {
  const { page, close, proceed } = await card('supported', 'state.refuses = 4001')
  await proceed()
  await cardIn(page, 'rejected')
  expect(await page.getByTestId('card-reason').textContent()).toBe('You rejected this in your wallet.')
  expect(await counts(page)).toEqual([0, 0])
  await close()
})

test('what the wallet did not send, or what failed as a whole, is said as that', async () => {
  const dropped = await card('supported', "state.habit = 'drops'")
  await dropped.proceed()
  await dropped.page.getByText('Your wallet did not send it. Nothing happened, and no fee was paid.').waitFor()
  await cardIn(dropped.page, 'pending')
  await dropped.close()

  const reverted = await card('supported', "state.habit = 'reverts'")
  await reverted.proceed()
  await reverted.page.locator('[data-card=failed]').waitFor()
  expect(await reverted.page.getByTestId('card-state').textContent()).toBe('Failed on the chain')
  await reverted.page.getByText('Nothing of it happened; only the network fee was paid.').waitFor()
  await reverted.close()
})

test('promise: a wallet that did another batch than the one shown is found out on chain', async () => {
  for (const habit of ['first-only', 'other-call']) {
    const { page, close, proceed } = await card('supported', `state.habit = '${habit}'`)
    await proceed()
    await cardIn(page, 'mismatched')
    expect([habit, await page.getByTestId('card-reason').textContent()]).toEqual([
      habit,
      expect.stringMatching(habit === 'first-only' ? /step 2 was not made/i : /step 1 is a different call/i),
    ])
    await close()
  }
})

test('a batch of which only a part happened says so, and the rest stays to be signed or rejected', async () => {
  await takeBackPermissions()
  const { page, close, proceed } = await card('supported', "state.habit = 'partly'")
  await proceed()
  await page.getByText('Your wallet did only a part of it', { exact: false }).waitFor()
  await page.getByText('verified on chain', { exact: false }).first().waitFor()
  await page.getByText('1 of 2 steps is done. One more signature.').waitFor()
  await page.getByRole('button', { name: 'Reject', exact: true }).click()
  await page.getByTestId('half-done').getByText('1 of 2 steps is on chain, the rest is not.').waitFor()
  await page.getByTestId('half-done').getByRole('button', { name: 'Take the permission back' }).waitFor()
  await close()
})

test('promise: a page that is reloaded while the batch is on its way follows it, and does not open the wallet again', async () => {
  const { page, close, proceed } = await card('supported')
  await stage.server.localChain?.rpc('evm_setAutomine', [false])
  try {
    await proceed()
    await expect
      .poll(() => page.evaluate(() => localStorage.getItem('countersign.batches')), { timeout: WAIT_MS })
      .toMatch(/batch-/)
    await page.reload()
    await page.getByTestId('card').waitFor()
    expect(await page.getByRole('button', { name: 'Continue to wallet' }).isEnabled()).toBe(false)
  } finally {
    await stage.server.localChain?.rpc('evm_setAutomine', [true])
    await stage.server.localChain?.rpc('evm_mine', [])
  }
  await cardIn(page, 'settled')
  await close()
})
