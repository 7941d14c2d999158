import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { Redacted } from '@countersign/base'
import type { Page } from 'playwright-core'
import type { Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test as always } from 'vitest'
import { browserPath, cardIn, connect, openStage, WAIT_MS, type Stage } from './harness.ts'
import { launchData, openMessengers, pushHere, startOf, USER, type Messengers } from './messengers.ts'
import { looks } from './states/look.ts'

/** The owner of a proposal that came through a door, on the page at its `url`. */
const BOB = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const SHOTS = join(import.meta.dirname, '..', '.scratch', 'shots')
let stage: Stage
let messengers: Messengers
let key = ''

const hasBrowser = (await browserPath()) !== null
const test = always.skipIf(!hasBrowser)

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true })
  if (!hasBrowser) return
  messengers = await openMessengers()
  stage = await openStage({ env: messengers.env })
  key = Redacted.reveal((await stage.server.issueKey({ app: 'trader', label: '', scopes: ['propose'] })).key)
})
afterAll(async () => {
  await stage?.close()
  messengers?.close()
})

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

test('an owner chooses mail, notifications and Telegram, and each page about messages is readable', async () => {
  const botUrl = messengers.env['COUNTERSIGN_TELEGRAM_URL'] ?? ''
  const { page, faults, context } = await stage.open({ initScript: pushHere(botUrl) })
  await context.grantPermissions(['notifications'])
  const response = await page.goto(`${stage.server.url}/reach`)
  // It starts one worker, for notifications, and no other script of a kind that a policy could let in.
  expect(response?.headers()['content-security-policy']).toMatch(/trusted-types countersign-push-worker$/)
  await page.getByText('Connect your wallet and sign in first', { exact: false }).waitFor()
  expect(await looks(page, 'reach-before', ['h2'])).toEqual([])
  await page.setViewportSize({ width: 1280, height: 900 })
  await connect(page)
  await signIn(page)
  await page.getByText('You are told on this page alone.').waitFor()

  await page.getByLabel('Mail address').fill('alice@example.invalid')
  await page.getByRole('button', { name: 'Send a confirmation' }).click()
  await page.getByText('Mail to a…@example.invalid').waitFor()
  await page.getByText('Not confirmed', { exact: false }).waitFor()
  await page.getByRole('button', { name: 'Notify me in this browser' }).click()
  await page.getByRole('listitem').filter({ hasText: 'Notification to' }).waitFor()
  await page.getByRole('button', { name: 'Connect Telegram' }).click()
  const link = page.getByRole('link', { name: 'Open @CountersignTestBot and press Start' })
  await link.waitFor()
  expect(await looks(page, 'reach', ['h2'])).toEqual([])

  messengers.bot.push(startOf((await link.getAttribute('href')) ?? ''))
  await expect.poll(() => messengers.bot.sentTo(USER).length, { timeout: WAIT_MS }).toBeGreaterThan(0)
  // The page names who opened the link, also where it was opened anew on the way back from Telegram.
  await page.getByText('Alice').waitFor()
  await page.reload()
  await page
    .getByRole('alert')
    .filter({ hasText: 'Alice' })
    .filter({ hasText: String(USER) })
    .waitFor()
  expect(await page.getByRole('listitem').filter({ hasText: 'Telegram to' }).count()).toBe(0)
  await page.getByRole('button', { name: 'This is me: connect' }).click()
  const telegram = page.getByRole('listitem').filter({ hasText: 'Telegram to' })
  await telegram.waitFor()
  await telegram.getByRole('checkbox', { name: 'Messages say amounts' }).click()
  await expect.poll(() => telegram.getByRole('checkbox').isChecked(), { timeout: WAIT_MS }).toBe(false)
  await telegram.getByRole('checkbox').click()
  await expect.poll(() => telegram.getByRole('checkbox').isChecked(), { timeout: WAIT_MS }).toBe(true)
  await page.getByRole('button', { name: /^Remove Notification/ }).click()
  await page.getByRole('listitem').filter({ hasText: 'Notification to' }).waitFor({ state: 'detached' })

  // The link of the mail: it asks before it does anything, and works without a wallet.
  await expect.poll(() => messengers.mails.length, { timeout: WAIT_MS }).toBeGreaterThan(0)
  const mail = (messengers.mails[0] ?? '').replace(/=\r\n/g, '').replace(/=3D/g, '=')
  const [hash] = /#confirm=channel_[0-9a-f]{32}\.[\w-]{43}/.exec(mail) ?? expect.fail(`no link in ${mail}`)
  const reader = await stage.open({ width: 390, height: 844 })
  await reader.page.goto(`${stage.server.url}/reach${hash}`)
  await reader.page.getByRole('button', { name: 'Agree to messages' }).waitFor()
  expect(await looks(reader.page, 'reach-link', ['h1', 'button'])).toEqual([])
  await reader.page.getByRole('button', { name: 'Agree to messages' }).click()
  await reader.page.getByText('Done. Messages are sent to this address from now on.').waitFor()
  expect([...faults, ...reader.faults]).toEqual([])
  await reader.context.close()

  // The mini app of the user who is connected now, without and with something that waits.
  const from = await accountOf(page)
  const app = await stage.open({ width: 390, height: 844 })
  const shown = await app.page.goto(`${stage.server.url}/telegram`)
  // Telegram in a browser shows it in a frame, and nobody else does.
  expect(shown?.headers()['content-security-policy']).toContain('frame-ancestors https://web.telegram.org;')
  await app.page.getByText('Open this page from the chat with the bot.').waitFor()
  expect(await looks(app.page, 'telegram-outside', ['h1'])).toEqual([])
  const { url } = await propose({ from, transactions: [{ to: BOB, value: '2500000000000000000', data: '0x' }] })
  await app.page.goto('about:blank')
  await app.page.goto(`${stage.server.url}/telegram#tgWebAppData=${encodeURIComponent(launchData())}`)
  const open = app.page.getByRole('button', { name: 'Open the card in my browser' })
  await open.waitFor()
  expect(await looks(app.page, 'telegram', ['h1', 'button'])).toEqual([])
  await app.page.getByText(BOB, { exact: false }).first().waitFor()
  const opened = app.context.waitForEvent('page')
  await open.click()
  expect((await opened).url()).toBe(url)
  expect(app.faults).toEqual([])
  await app.context.close()
  await context.close()
})
