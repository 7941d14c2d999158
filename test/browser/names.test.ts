/** Names of recipients in a real browser, with a chain 1 that this test answers for: nothing of the server reads a name. */
import {
  decodeFunctionData,
  encodeAbiParameters,
  encodeErrorResult,
  encodeFunctionResult,
  namehash,
  parseAbi,
  type Hex,
} from 'viem'
import { toCoinType } from 'viem/ens'
import { afterAll, beforeAll, expect, test as always } from 'vitest'
import type { Page } from 'playwright-core'
import { ALICE } from './fakeWallet.ts'
import { browserPath, cardIn, connect, openStage, type Stage } from './harness.ts'
import { looks } from './states/look.ts'

let stage: Stage
const hasBrowser = (await browserPath()) !== null
const test = always.skipIf(!hasBrowser)

beforeAll(async () => {
  if (hasBrowser) stage = await openStage()
})
afterAll(() => stage?.close())

const RESOLVER = parseAbi([
  'function resolveWithGateways(bytes name, bytes data, string[] gateways) view returns (bytes, address)',
  'function reverseWithGateways(bytes lookupAddress, uint256 coinType, string[] gateways) view returns (string, address, address)',
  'error ResolverNotFound(bytes name)',
])
const ADDR = parseAbi(['function addr(bytes32 node, uint256 coinType) view returns (bytes)'])
const LOCAL = toCoinType(31_337)
const FRIEND = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'

/** What the universal resolver answers: names to addresses on the local chain, and what each address calls itself. */
function resolver(forward: Readonly<Record<string, string>>, reverse: Readonly<Record<string, string>>) {
  return (data: Hex): object => {
    const call = decodeFunctionData({ abi: RESOLVER, data })
    if (call.functionName === 'reverseWithGateways') {
      const name = reverse[call.args[0]] ?? ''
      return {
        result: encodeFunctionResult({ abi: RESOLVER, functionName: call.functionName, result: [name, ALICE, ALICE] }),
      }
    }
    const [node, coinType] = decodeFunctionData({ abi: ADDR, data: call.args[1] }).args
    const name = Object.keys(forward).find((each) => namehash(each) === node)
    if (name === undefined || coinType !== LOCAL) {
      const data = encodeErrorResult({ abi: RESOLVER, errorName: 'ResolverNotFound', args: ['0x'] })
      return { error: { code: 3, message: 'execution reverted', data } }
    }
    const own = encodeAbiParameters([{ type: 'bytes' }], [forward[name] as Hex])
    return { result: encodeFunctionResult({ abi: RESOLVER, functionName: call.functionName, result: [own, ALICE] }) }
  }
}

/** Adds Ethereum to the chains of the page, and answers for it. */
async function withEthereum(page: Page, answer: (data: Hex) => object): Promise<void> {
  await page.route('**/api/config?*', async (route) => {
    const response = await route.fetch()
    const config = (await response.json()) as { chains: object[] }
    const ethereum = { ...config.chains[0], chain_id: 1, name: 'Ethereum', rpc_path: '/api/rpc/1', local: false }
    await route.fulfill({ json: { ...config, chains: [...config.chains, ethereum] } })
  })
  await page.route('**/api/rpc/1', (route) => {
    const { params, id } = route.request().postDataJSON() as { params: [{ data: Hex }]; id: number }
    return route.fulfill({ json: { jsonrpc: '2.0', id, ...answer(params[0].data) } })
  })
  await page.reload()
}

async function type(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(text)
  await page.getByRole('button', { name: 'Send', exact: true }).click()
}

test('promise: a name is shown with its address before anything is sent, and lowers nothing on the card', async () => {
  const { page, faults, context } = await stage.open({ width: 390, height: 844 })
  const forward = { 'friend.eth': FRIEND, 'fr1end.eth': ALICE }
  await withEthereum(page, resolver(forward, { [FRIEND.toLowerCase()]: 'friend.eth' }))
  await connect(page)
  const chats: string[] = []
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/chat') chats.push(request.postData() ?? '')
  })

  // One that reads like another, whose address does not call itself so.
  await type(page, 'send 0.1 ETH to fr1end.eth')
  const names = page.getByTestId('names')
  await names.getByText('a 0 or a 1 that can look like a letter', { exact: false }).waitFor()
  await names.getByText('The address does not call itself fr1end.eth.', { exact: false }).waitFor()
  await names.getByText(ALICE).waitFor()
  expect(await looks(page, 'page-name-warning', [])).toEqual([])
  expect(chats).toEqual([])
  await names.getByRole('button', { name: 'Change it' }).click()

  await page.setViewportSize({ width: 390, height: 844 })
  await type(page, 'send 0.1 ETH to friend.eth')
  await names.getByText(FRIEND).waitFor()
  expect(await names.getByTestId('name-warning').count()).toBe(0)
  await names.getByRole('button', { name: 'Send with this address' }).click()
  await cardIn(page, 'pending')
  expect(chats.join(' ')).toContain(FRIEND)
  expect(chats.join(' ')).not.toContain('friend.eth')
  // The card names the recipient by what this page looked up, and says of it what it says of every stranger.
  const recipients = page.getByTestId('recipients')
  await recipients.getByTestId('recipient-name').getByText('friend.eth').waitFor()
  await recipients.getByText('Anyone can register a name', { exact: false }).waitFor()
  await recipients.getByText(FRIEND).waitFor()
  await recipients.getByText('First payment to this address', { exact: false }).waitFor()
  expect(await looks(page, 'card-named-recipient', ['[data-testid=card-state]', '.title'])).toEqual([])
  expect(faults).toEqual([])
  await context.close()
})

test('where no name can be looked up, the page says why, and the message stays', async () => {
  const { page, faults, context } = await stage.open({ width: 390, height: 844 })
  await connect(page)
  // The local chain alone: there is nobody to ask.
  await type(page, 'send 0.1 ETH to friend.eth')
  await page.getByText('names stand on Ethereum, and this server has no provider of it', { exact: false }).waitFor()
  expect(await page.getByRole('button', { name: 'Send with this address' }).count()).toBe(0)
  expect(await page.getByLabel('Message', { exact: true }).inputValue()).toBe('send 0.1 ETH to friend.eth')

  await withEthereum(page, resolver({}, {}))
  await page.getByTestId('account').waitFor()
  await type(page, 'send 0.1 ETH to friend.eth')
  await page.getByText('friend.eth has no address for Local chain.', { exact: false }).waitFor()
  expect(faults).toEqual([])
  await context.close()
})
