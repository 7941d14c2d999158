import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { Redacted } from '@countersign/base'
import type { Page } from 'playwright-core'
import type { Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test as always } from 'vitest'
import { browserPath, cardIn, connect, openStage, type Stage } from './harness.ts'

/** The owner of a proposal that came through a door, on the page at its `url`. */
const BOB = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const SHOTS = join(import.meta.dirname, '..', '.scratch', 'shots')
let stage: Stage
let key = ''

const hasBrowser = (await browserPath()) !== null
const test = always.skipIf(!hasBrowser)

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true })
  if (!hasBrowser) return
  stage = await openStage()
  key = Redacted.reveal((await stage.server.issueKey({ app: 'trader', label: '', scopes: ['propose'] })).key)
})
afterAll(() => stage?.close())

const walletAnswer = (page: Page, name: 'Sign' | 'Reject in wallet') =>
  page.getByRole('button', { name, exact: true }).click()

async function propose(body: Record<string, unknown>): Promise<{ id: string; url: string; state: string }> {
  const response = await fetch(`${stage.server.url}/api/proposals`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'aomi-app-key': key },
    body: JSON.stringify({ chain_id: 31_337, client: { name: 'Treasury bot', version: '2.1' }, ...body }),
  })
  expect(response.status).toBe(201)
  return (await response.json()) as { id: string; url: string; state: string }
}
/** The account of the test wallet that this tab made. */
async function accountOf(page: Page): Promise<string> {
  const secret = await page.evaluate(() => sessionStorage.getItem('countersign.test-wallet'))
  return privateKeyToAccount(secret as Hex).address
}
async function signIn(page: Page): Promise<void> {
  // On a phone it stands in the menu.
  const menu = page.getByRole('button', { name: 'Menu' })
  await page.getByRole('button', { name: 'Sign in' }).or(menu).first().waitFor()
  if (await menu.isVisible()) await menu.click()
  await page.getByRole('button', { name: 'Sign in' }).click()
  await walletAnswer(page, 'Sign')
  await page.getByTestId('account-status').getByText('signed in', { exact: true }).waitFor({ state: 'attached' })
}

test('promise: nothing of a proposal shows before its wallet signed in; then the same card, and it settles', async () => {
  const { page, faults, context } = await stage.open()
  await connect(page)
  const from = await accountOf(page)
  const { url, id } = await propose({ from, transactions: [{ to: BOB, value: '1500000000000000000', data: '0x' }] })
  await page.goto(url)
  await page.getByRole('heading', { name: 'A program asks for your signature' }).waitFor()
  await page.screenshot({ path: join(SHOTS, 'door-before.png') })
  expect(await page.getByTestId('card').count()).toBe(0)
  expect(await page.content()).not.toContain(BOB)
  if ((await page.getByRole('button', { name: 'Connect wallet' }).count()) > 0) await connect(page)
  await signIn(page)
  await cardIn(page, 'pending')
  expect(await page.getByTestId('sender').textContent()).toContain(
    'It calls itself “Treasury bot 2.1”, which nobody checked.',
  )
  await page.getByRole('heading', { name: 'Send 1.5 ETH to 0x3C44…93BC' }).waitFor()
  await page.getByTestId('recipients').getByText(BOB).waitFor()
  await page.screenshot({ path: join(SHOTS, 'door-desktop.png'), fullPage: true })
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
  await page.getByRole('button', { name: 'Continue to wallet' }).click()
  await walletAnswer(page, 'Sign')
  await cardIn(page, 'settled')
  const response = await fetch(`${stage.server.url}/api/proposals/${id}`, { headers: { 'aomi-app-key': key } })
  expect(await response.json()).toMatchObject({ state: 'settled' })
  // A reload keeps the owner signed in.
  await page.reload()
  await cardIn(page, 'settled')
  expect(faults).toEqual([])
  await context.close()
})

test('a text on a phone: it is read, signed and verified; another wallet sees nothing', async () => {
  const { page, faults, context } = await stage.open({ width: 390, height: 844, colorScheme: 'dark' })
  await connect(page)
  const from = await accountOf(page)
  const { url } = await propose({ from, message: 'I agree to the terms of 1 January.\nNothing else.' })
  await page.goto(url)
  if ((await page.getByRole('button', { name: 'Connect wallet' }).count()) > 0) await connect(page)
  await signIn(page)
  await cardIn(page, 'pending')
  await page.getByTestId('document').getByText('I agree to the terms of 1 January.').waitFor()
  await page.screenshot({ path: join(SHOTS, 'door-phone.png'), fullPage: true })
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  expect(overflow).toBeLessThanOrEqual(0)
  await page.getByRole('button', { name: 'Continue to wallet' }).click()
  await walletAnswer(page, 'Sign')
  await cardIn(page, 'settled')
  expect(faults).toEqual([])
  await context.close()

  const stranger = await stage.open()
  await connect(stranger.page)
  await stranger.page.goto(url)
  if ((await stranger.page.getByRole('button', { name: 'Connect wallet' }).count()) > 0) await connect(stranger.page)
  await signIn(stranger.page)
  await stranger.page.getByText('There is no such proposal for').waitFor()
  expect(await stranger.page.getByTestId('card').count()).toBe(0)
  await stranger.context.close()
})

test('what the owner rejects is over, and a blocked one offers no wallet', async () => {
  const { page, context } = await stage.open()
  await connect(page)
  const from = await accountOf(page)
  const first = await propose({ from, transactions: [{ to: BOB, value: '1', data: '0x' }] })
  await page.goto(first.url)
  if ((await page.getByRole('button', { name: 'Connect wallet' }).count()) > 0) await connect(page)
  await signIn(page)
  await cardIn(page, 'pending')
  await page.getByRole('button', { name: 'Reject', exact: true }).click()
  await cardIn(page, 'rejected')
  const blocked = await propose({ from, message: `0x${'ab'.repeat(32)}` })
  expect(blocked.state).toBe('blocked')
  await page.goto(blocked.url)
  await cardIn(page, 'blocked')
  expect(await page.getByRole('button', { name: 'Continue to wallet' }).count()).toBe(0)
  await context.close()
})

test('promise: the owner releases a proposal on its page, and only then does its program get a grant, once', async () => {
  const { page, faults, context } = await stage.open()
  await connect(page)
  const from = await accountOf(page)
  const { url, id } = await propose({ from, transactions: [{ to: BOB, value: '70000', data: '0x' }] })
  const grant = async () => {
    const response = await fetch(`${stage.server.url}/api/proposals/${id}/grant`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'aomi-app-key': key },
      body: JSON.stringify({ from, chain_id: 31_337 }),
    })
    return { status: response.status, ...((await response.json()) as { code?: string; grant?: string }) }
  }
  await page.goto(url)
  if ((await page.getByRole('button', { name: 'Connect wallet' }).count()) > 0) await connect(page)
  await signIn(page)
  await cardIn(page, 'pending')
  expect(await grant()).toMatchObject({ status: 409, code: 'proposals:grant:waiting' })
  await page.getByRole('button', { name: 'Release to the program' }).click()
  await page.getByTestId('released').waitFor()
  expect(await page.getByRole('button', { name: 'Release to the program' }).count()).toBe(0)
  expect(await grant()).toMatchObject({ status: 200, grant: expect.stringMatching(/^ey/) as string })
  expect(await grant()).toMatchObject({ status: 409, code: 'proposals:grant:used' })
  expect(faults).toEqual([])
  await context.close()
})

test('promise: the owner freezes every mandate from the account dialog, and only a signature of the wallet unfreezes', async () => {
  const { page, faults, context } = await stage.open({ width: 390, height: 844 })
  await connect(page)
  const secret = await page.evaluate(() => sessionStorage.getItem('countersign.test-wallet'))
  const owner = privateKeyToAccount(secret as Hex)
  const open = async () => {
    await page.getByRole('button', { name: 'Menu' }).click()
    await page.getByRole('button', { name: 'Account', exact: true }).click()
  }
  await open()
  const dialog = page.getByRole('dialog', { name: 'Your account' })
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await walletAnswer(page, 'Sign')
  await dialog.getByText('No mandate is active', { exact: false }).waitFor()
  await dialog.getByRole('button', { name: 'Close' }).click()

  // The session of the page, as the page speaks for it.
  const putMandate = (body: unknown) =>
    page.evaluate(async (text) => {
      const headers = {
        'content-type': 'application/json',
        'x-session-id': localStorage.getItem('countersign.session') ?? '',
        'x-countersign-page': '1',
      }
      const response = await fetch('/api/mandates', { method: 'PUT', headers, body: text })
      return (await response.json()) as Record<string, never>
    }, JSON.stringify(body))
  const policy = {
    mandate: 'rent',
    owner: 'session',
    chains: [31_337],
    valid: { until: new Date(Date.now() + 86_400_000).toISOString().replace(/\.\d+Z/, 'Z') },
    rules: [{ id: 'rent', answer: 'allow', when: { recipients: [BOB], tokens: ['USDC'] } }],
    limits: [{ id: 'usdc', token: 'USDC', per_day: '100' }],
  }
  const drafted = await putMandate({ policy })
  const signature = await owner.signTypedData(drafted['typed_data'] as never)
  expect(await putMandate({ draft: drafted['draft'], signature })).toMatchObject({
    state: 'active',
  })

  await open()
  const active = dialog.getByText('1 mandate lets agents act without asking you: rent.')
  await active.waitFor()
  const asked: string[] = []
  page.on('request', (request) => {
    if (request.url().endsWith('/api/freeze')) asked.push(request.postData() ?? '')
  })
  await dialog.getByRole('button', { name: 'Freeze all mandates' }).click()
  const question = dialog.getByRole('group', { name: 'Freeze all mandates?' })
  await question.getByText('Agents can get nothing more signed', { exact: false }).waitFor()
  await question.scrollIntoViewIfNeeded()
  await page.screenshot({ path: join(SHOTS, 'freeze-asked.png') })
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
  await question.getByRole('button', { name: 'Cancel' }).click()
  expect(asked).toEqual([])
  await dialog.getByRole('button', { name: 'Freeze all mandates' }).click()
  await question.getByRole('button', { name: 'Freeze now' }).click()
  await dialog.getByText('1 mandate is frozen. 1 of 1 running server confirmed it.').waitFor()
  expect(asked.map((body) => JSON.parse(body) as unknown)).toMatchObject([{ all: true }])
  await dialog.getByText('No mandate is active', { exact: false }).waitFor()
  const unfreeze = dialog.getByRole('button', { name: 'Unfreeze rent' })
  await unfreeze.scrollIntoViewIfNeeded()
  await page.screenshot({ path: join(SHOTS, 'freeze-done.png') })
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
  await unfreeze.click()
  await walletAnswer(page, 'Reject in wallet')
  await dialog.getByText('You rejected it in the wallet', { exact: false }).waitFor()
  await unfreeze.click()
  await walletAnswer(page, 'Sign')
  await active.waitFor()
  expect(await unfreeze.count()).toBe(0)
  expect(faults).toEqual([])
  await context.close()
})
