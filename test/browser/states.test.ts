/** Every state of a card in a real browser: phone and desktop, light and dark, 320 px, 200 % zoom. `npm run screenshots` keeps the pictures. */
import { afterAll, beforeAll, expect, test as always } from 'vitest'
import { browserPath, cardIn, connect, openStage, say, type Stage } from './harness.ts'
import { layoutFaults, looks } from './states/look.ts'
import { CARDS } from './states/states.ts'

let stage: Stage
const hasBrowser = (await browserPath()) !== null
const test = always.skipIf(!hasBrowser)

beforeAll(async () => {
  if (hasBrowser) stage = await openStage()
})
afterAll(() => stage?.close())

test.each(CARDS)('the card is readable and complete: $name', async ({ name, card, says, first, mayFail, reach }) => {
  const { page, faults, context } = await reach(stage)
  try {
    await page.locator(`[data-testid=card][data-card=${card}]`).waitFor()
    expect(await page.getByTestId('card-state').textContent()).toMatch(says)
    // A button that may be pressed after half a second is judged as it stands then.
    await page.waitForTimeout(600)
    expect(await looks(page, `card-${name}`, ['[data-testid=card-state]', '.title', ...first])).toEqual([])
    expect(faults.filter((fault) => mayFail?.test(fault) !== true)).toEqual([])
  } finally {
    await stage.server.localChain?.rpc('evm_setAutomine', [true])
    await context.close()
  }
})

test('promise: a page that becomes a phone fits it before any script hears of the new width', async () => {
  // What a script does on a new width comes late on a busy phone: here it never comes.
  const initScript = 'MediaQueryList.prototype.addEventListener = () => undefined'
  const { page, context } = await stage.open({ width: 1280, height: 800, initScript })
  try {
    await page.getByRole('button', { name: 'Connect wallet' }).waitFor()
    for (const width of [390, 320]) {
      await page.setViewportSize({ width, height: 844 })
      expect([width, await layoutFaults(page)]).toEqual([width, []])
    }
  } finally {
    await context.close()
  }
})

test('the card speaks the language that its owner chose, and says which words are the server’s', async () => {
  const { page, faults, context } = await stage.open({ height: 800 })
  await connect(page)
  await say(page, `approve unlimited USDC for ${stage.server.localChain?.addresses.uniswapV2Router ?? ''}`)
  await cardIn(page, 'pending')
  await page.getByLabel('Language').selectOption('de')
  await page.getByRole('button', { name: 'Weiter zur Wallet' }).waitFor()
  expect(await page.locator('html').getAttribute('lang')).toBe('de')
  expect(await page.getByTestId('verdict').locator('p').first().getAttribute('lang')).toBe('en')
  await page.getByTestId('verdict').getByText('Die Prüfungen schreibt der Server auf Englisch.').waitFor()
  expect(await looks(page, 'card-german', ['[data-testid=card-state]', '.title', '[data-row=fee]'])).toEqual([])
  // The choice outlives the page.
  await page.reload()
  await page.getByRole('button', { name: 'Ablehnen' }).waitFor()
  expect(faults).toEqual([])
  await context.close()

  const asked = await stage.browser.newContext({ locale: 'de-AT' })
  const other = await asked.newPage()
  await other.goto(stage.server.url)
  await other.getByRole('button', { name: 'Wallet verbinden' }).waitFor()
  await asked.close()
})
