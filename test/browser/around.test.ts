/** What stands around the card, in a real browser: start, chat, menu and dialogs, in every look. */
import { afterAll, beforeAll, expect, test as always } from 'vitest'
import type { Page } from 'playwright-core'
import { browserPath, cardIn, connect, openStage, say, type Stage } from './harness.ts'
import { looks } from './states/look.ts'

let stage: Stage
const hasBrowser = (await browserPath()) !== null
const test = always.skipIf(!hasBrowser)

beforeAll(async () => {
  if (hasBrowser) stage = await openStage()
})
afterAll(() => stage?.close())

/** Presses something of the header, which a phone has in its menu. */
async function fromHeader(page: Page, name: string): Promise<void> {
  const menu = page.getByRole('button', { name: 'Menu' })
  const wanted = page.getByRole('button', { name, exact: true })
  if (!(await wanted.isVisible())) await menu.click()
  await wanted.click()
}

async function signedIn(): Promise<{ page: Page; faults: string[]; close: () => Promise<void> }> {
  const { page, faults, context } = await stage.open({ width: 390, height: 844 })
  await connect(page)
  await fromHeader(page, 'Sign in')
  await page.getByRole('button', { name: 'Sign', exact: true }).click()
  await page.getByRole('button', { name: 'Sign', exact: true }).waitFor({ state: 'detached' })
  return { page, faults, close: () => context.close() }
}

test('before anything: the start, and the wallets that announced themselves', async () => {
  const { page, faults, context } = await stage.open({ width: 390, height: 844 })
  await page.getByRole('button', { name: 'Connect wallet' }).waitFor()
  expect(await looks(page, 'page-start', ['#message'])).toEqual([])
  await page.getByRole('button', { name: 'Connect wallet' }).click()
  expect(await looks(page, 'page-connect', ['dialog[open] h2'])).toEqual([])
  expect(faults).toEqual([])
  await context.close()
})

test('promise: after sign-in nothing in the header is cut, and every dialog can be closed without scrolling', async () => {
  const { page, faults, close } = await signedIn()
  // A long list: permissions, activity and a mandate's texts fill more than a phone.
  for (const amount of ['5', '6', '7', '8', '9', '10'])
    await say(page, `approve ${amount} USDC for ${stage.server.localChain?.addresses.uniswapV2Router ?? ''}`)
  await cardIn(page, 'pending')
  expect(await looks(page, 'page-signed-in', ['[data-testid=card-state]'])).toEqual([])
  await page.setViewportSize({ width: 390, height: 844 })
  await fromHeader(page, 'Account')
  await page.getByTestId('activity').locator('li').nth(5).waitFor()
  expect(await looks(page, 'page-account', ['dialog[open] h2', 'dialog[open] > :last-child button'])).toEqual([])
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
  await page.setViewportSize({ width: 390, height: 844 })
  await fromHeader(page, 'Sessions')
  await page.getByRole('dialog').getByText('this one').waitFor()
  expect(await looks(page, 'page-sessions', ['dialog[open] h2', 'dialog[open] > :last-child button'])).toEqual([])
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
  await page.setViewportSize({ width: 390, height: 844 })
  await page.getByRole('button', { name: 'Chat', exact: true }).click()
  expect(await looks(page, 'page-chat', ['#message'])).toEqual([])
  expect(faults).toEqual([])
  await close()
})

test('around the card the page speaks the language that its owner chose', async () => {
  const { page, faults, close } = await signedIn()
  await say(page, 'what is my balance?')
  await page.getByRole('button', { name: 'Menu' }).click()
  await page.getByLabel('Language').selectOption('de')
  await page.getByRole('button', { name: 'Senden', exact: true }).waitFor()
  await page.getByText('Hat deine Guthaben gelesen').waitFor()
  // What the server wrote stays in its language, and says so.
  expect(await page.getByRole('log').locator('[lang=en]').count()).toBeGreaterThan(0)
  // The menu is still open: who chooses a language looks on.
  await page.getByRole('button', { name: 'Konto', exact: true }).click()
  await page.getByRole('dialog', { name: 'Dein Konto' }).getByText('Guthaben', { exact: true }).waitFor()
  await page.getByText('Kein Mandat gilt: Nichts ist im Voraus erlaubt.').waitFor()
  expect(await looks(page, 'page-account-german', ['dialog[open] > :last-child button'])).toEqual([])
  expect(faults).toEqual([])
  await close()
})

test('promise: a message that is typed and sent while the sign-in is on its way is answered', async () => {
  const { page, faults, context } = await stage.open({ width: 390, height: 844 })
  await connect(page)
  // The server has signed the wallet in, and its answer is slow: by now the id that the page knows is dead.
  const released = Promise.withResolvers<void>()
  const answered = Promise.withResolvers<void>()
  await page.route('**/api/sign-in', async (route) => {
    const response = await route.fetch()
    answered.resolve()
    await released.promise
    await route.fulfill({ response })
  })
  await fromHeader(page, 'Sign in')
  await page.getByRole('button', { name: 'Sign', exact: true }).click()
  await answered.promise
  await page.getByLabel('Message', { exact: true }).fill('what is my balance?')
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await page.getByRole('button', { name: 'Stop' }).waitFor()
  // Longer than the page waits before it opens its stream again.
  await page.waitForTimeout(1_000)
  released.resolve()
  await page.getByText('Read your balances').waitFor()
  expect(await page.getByLabel('Message', { exact: true }).inputValue()).toBe('')
  expect(await page.getByRole('alert').count()).toBe(0)
  expect(faults).toEqual([])
  await context.close()
})
