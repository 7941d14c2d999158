/** Which chain, which model, and which title: what its owner chooses around a conversation, in a real browser. */
import type { PublicConfig } from '@countersign/sdk'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test as always } from 'vitest'
import { NAME, openWithShim } from './fakeWallet.ts'
import { browserPath, connect, openStage, say, type Stage } from './harness.ts'
import { looks } from './states/look.ts'

let stage: Stage
const hasBrowser = (await browserPath()) !== null
const test = always.skipIf(!hasBrowser)

beforeAll(async () => {
  // A model that nobody serves: only another choice is answered.
  const env = { COUNTERSIGN_MODEL_BASE_URL: 'http://127.0.0.1:9/v1', COUNTERSIGN_MODEL: 'model-elsewhere' }
  if (hasBrowser) stage = await openStage({ env })
})
afterAll(() => stage?.close())

const setup = (page: Page) => page.getByRole('dialog', { name: 'Chain and model' })

test('the model of a conversation is chosen on the page, answers the next message, and is still chosen after a reload', async () => {
  const { page, faults, context } = await stage.open({ width: 390, height: 844 })
  await page.getByRole('button', { name: 'Local chain' }).click()
  await setup(page).getByRole('button', { name: 'model-elsewhere in use' }).waitFor()
  expect(await looks(page, 'page-setup', ['dialog[open] h2', 'dialog[open] > :last-child button'])).toEqual([])
  await setup(page).getByRole('button', { name: 'intent-grammar-1' }).click()
  await setup(page).getByRole('button', { name: 'intent-grammar-1 in use' }).waitFor()
  await setup(page).getByRole('button', { name: 'Close' }).click()
  await page.setViewportSize({ width: 390, height: 844 })
  await say(page, 'help')
  await page.getByRole('log').getByText('swap', { exact: false }).first().waitFor()
  await page.reload()
  await page.getByRole('button', { name: 'Local chain' }).click()
  await setup(page).getByRole('button', { name: 'intent-grammar-1 in use' }).waitFor()
  await setup(page).getByRole('button', { name: 'Close' }).click()

  await page.getByRole('button', { name: 'Menu' }).click()
  await page.getByRole('button', { name: 'Sessions', exact: true }).click()
  const sessions = page.getByRole('dialog', { name: 'Your sessions' })
  await sessions.getByRole('button', { name: /^Rename / }).click()
  await sessions.getByLabel('New title').fill('Holiday money')
  await sessions.getByRole('button', { name: 'Save' }).click()
  await sessions.getByText('Holiday money').waitFor()
  expect(await looks(page, 'page-sessions-renamed', ['dialog[open] h2', 'dialog[open] > :last-child button'])).toEqual(
    [],
  )
  expect(faults).toEqual([])
  await context.close()
})

test('of several chains each is offered by its name, and the wallet is asked to switch', async () => {
  const { page, context } = await openWithShim(stage)
  await page.route('**/api/config*', async (route) => {
    const response = await route.fetch()
    const config = (await response.json()) as PublicConfig
    const [local] = config.chains
    const second = { ...local, chain_id: 8453, name: 'Base', local: false }
    await route.fulfill({ response, json: { ...config, chains: [...config.chains, second] } })
  })
  await page.reload()
  await connect(page, NAME)
  await page.getByRole('button', { name: 'Local chain' }).click()
  await setup(page).getByRole('button', { name: 'Local chain in use' }).waitFor()
  await setup(page).getByRole('button', { name: 'Base' }).click()
  await setup(page).getByRole('button', { name: 'Base in use' }).waitFor()
  await setup(page).getByRole('button', { name: 'Close' }).click()
  await page.getByRole('banner').getByRole('button', { name: 'Base' }).waitFor()
  await context.close()
})
