import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test as always } from 'vitest'
import { ALICE, BOB, openWithShim, shim } from './fakeWallet.ts'
import { browserPath, cardIn, connect, openStage, say, type Stage, WAIT_MS } from './harness.ts'

const SHOTS = join(import.meta.dirname, '..', '.scratch', 'shots')
let stage: Stage

const hasBrowser = (await browserPath()) !== null
if (!hasBrowser)
  console.log('No browser on this machine: the browser journeys are skipped. Install Chrome or set CHROME_PATH.')
const test = always.skipIf(!hasBrowser)

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true })
  if (hasBrowser) stage = await openStage()
})
afterAll(() => stage?.close())

const shot = (page: Page, name: string) => page.screenshot({ path: join(SHOTS, `${name}.png`) })
const proceed = async (page: Page) => {
  await page.getByRole('button', { name: 'Continue to wallet' }).click()
}
const walletAnswer = (page: Page, name: 'Sign' | 'Reject in wallet') =>
  page.getByRole('button', { name, exact: true }).click()

async function withShim(): Promise<{ page: Page; close: () => Promise<void> }> {
  const { page, context } = await openWithShim(stage)
  return { page, close: () => context.close() }
}

test('connect, swap, sign, settle; the key of the test wallet goes nowhere', async () => {
  const { page, faults, context } = await stage.open()
  const bodies: string[] = []
  page.on('request', (request) =>
    bodies.push(`${request.url()} ${JSON.stringify(request.headers())} ${request.postData() ?? ''}`),
  )
  await shot(page, 'start')
  await connect(page)
  await say(page, 'swap 1 ETH for USDC')
  await cardIn(page, 'pending')
  const card = page.getByTestId('card')
  for (const text of [
    'Leaves you',
    '−1 ETH',
    'Arrives',
    'USDC',
    'at least 2,478.80',
    'No objections',
    'Price impact',
    'Network fee',
    'Permissions left',
    'Valid for',
    'In other blocks',
    '5, all known by name',
    'not checked',
  ]) {
    expect(await card.getByText(text, { exact: false }).first().isVisible(), text).toBe(true)
  }
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H2')
  // Reject comes first for the keyboard.
  const order = await card.getByRole('button').allTextContents()
  expect(order).toEqual(['Reject', 'Continue to wallet'])
  await shot(page, 'card')
  await proceed(page)
  await page.getByText('Test wallet · local chain only').waitFor()
  await shot(page, 'wallet')
  await walletAnswer(page, 'Sign')
  await cardIn(page, 'settled')
  await page.getByText('verified on chain', { exact: false }).first().waitFor()
  expect(await page.getByRole('button', { name: 'Continue to wallet' }).count()).toBe(0)
  const key = await page.evaluate(() => sessionStorage.getItem('countersign.test-wallet'))
  expect(key).toMatch(/^0x[0-9a-f]{64}$/)
  expect(bodies.join('\n')).not.toContain(key?.slice(2))
  // Of the answer to a message the page reads what is new.
  expect(bodies.join('\n')).toMatch(/"messages_from":\d/)
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain(key?.slice(2))
  expect(faults).toEqual([])
  await context.close()
})

test('a document is read out, simulated as its holder could use it, signed in the wallet and verified', async () => {
  const { page, faults, context } = await stage.open()
  await connect(page)
  const key = await page.evaluate(() => sessionStorage.getItem('countersign.test-wallet'))
  const owner = privateKeyToAccount(key as Hex).address
  const chain = stage.server.localChain
  if (chain === null) throw new Error('the page is on the local chain')
  const fields = (text: string) =>
    text.split(',').map((field) => {
      const [type = '', name = ''] = field.trim().split(' ')
      return { name, type }
    })
  const permit = {
    types: {
      EIP712Domain: fields('string name,string version,uint256 chainId,address verifyingContract'),
      Permit: fields('address owner,address spender,uint256 value,uint256 nonce,uint256 deadline'),
    },
    primaryType: 'Permit',
    domain: { name: 'USD Coin', version: '2', chainId: chain.chainId, verifyingContract: chain.addresses.usdc },
    message: {
      owner,
      spender: chain.addresses.uniswapV2Router,
      value: '5000000',
      nonce: '0',
      deadline: String(Math.floor(Date.now() / 1000) + 7_200),
    },
  }
  await say(page, `sign ${JSON.stringify(permit)}`)
  await cardIn(page, 'pending')
  const card = page.getByTestId('card')
  for (const text of ['To be signed', 'Spender', 'May spend', '5 USDC', 'nothing is sent', 'digest']) {
    expect(await card.getByText(text, { exact: false }).first().isVisible(), text).toBe(true)
  }
  await shot(page, 'document')
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
  await proceed(page)
  await page.getByText('Sign this Permit?').waitFor()
  await shot(page, 'document-wallet')
  await walletAnswer(page, 'Sign')
  await cardIn(page, 'settled')
  expect(await card.getByText('Signed and verified', { exact: false }).first().isVisible()).toBe(true)
  expect(faults).toEqual([])
  await context.close()
})

test('the page is known by a cookie that no script reads; signing in proves the wallet and changes the id', async () => {
  const { page, faults, context } = await stage.open()
  await page.getByRole('button', { name: 'Connect wallet' }).waitFor()
  const [cookie] = await context.cookies()
  expect(cookie).toMatchObject({
    name: '__Host-countersign',
    httpOnly: true,
    secure: true,
    sameSite: 'Strict',
    path: '/',
  })
  expect(await page.evaluate(() => document.cookie)).toBe('')
  await connect(page)
  expect(await page.getByTestId('account-status').textContent()).toBe('not signed in')
  await say(page, 'help')
  const id = () => page.evaluate(() => localStorage.getItem('countersign.session') ?? '')
  const before = await id()
  // Whoever learns the id has nothing: not from another program, and not from another browser.
  const asked = async (sessionId: string) =>
    (
      (await (await fetch(`${stage.server.url}/api/state`, { headers: { 'x-session-id': sessionId } })).json()) as {
        session_exists?: boolean
      }
    ).session_exists
  expect(await asked(before)).toBe(false)
  const second = await context.newPage()
  second.setDefaultTimeout(WAIT_MS)
  await second.goto(stage.server.url)
  await second.getByRole('log').getByText('You: help').waitFor()

  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('It moves no funds and approves nothing.', { exact: false }).waitFor()
  await shot(page, 'sign-in')
  await walletAnswer(page, 'Sign')
  await page.getByText('signed in', { exact: true }).waitFor()
  const after = await id()
  expect(after).not.toBe(before)
  const [renewed] = await context.cookies()
  expect(renewed?.value).not.toBe(cookie?.value)
  // The conversation goes on, here, after a reload, and in the other tab.
  await say(page, 'swap 0.1 ETH for USDC')
  await cardIn(page, 'pending')
  await cardIn(second, 'pending')
  await page.reload()
  await cardIn(page, 'pending')
  await page.getByText('signed in', { exact: true }).waitFor()
  // No credential in any place that a script reads.
  const kept = await page.evaluate(() => JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)]))
  expect(kept).not.toContain(renewed?.value ?? 'no cookie')

  // A second conversation; both are seen, the other is ended.
  await page.getByRole('button', { name: 'New chat' }).click()
  await say(page, 'price of ETH')
  await page.getByRole('button', { name: 'Sessions' }).click()
  const dialog = page.getByRole('dialog', { name: 'Your sessions' })
  await dialog.getByText('price of ETH').waitFor()
  await dialog.getByText('(signed in)', { exact: false }).waitFor()
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag22aa']).analyze()
  expect(violations.map((violation) => violation.id)).toEqual([])
  await shot(page, 'sessions')
  await dialog.getByRole('button', { name: 'End all others' }).click()
  await dialog.getByText('(signed in)', { exact: false }).waitFor({ state: 'detached' })
  expect(faults).toEqual([])
  await context.close()
})

test('a conversation that is over is said to be, and a new one begins', async () => {
  const { page, context } = await stage.open()
  await say(page, 'help')
  const id = await page.evaluate(() => localStorage.getItem('countersign.session') ?? '')
  await stage.server.store.write(({ db }) =>
    db
      .updateTable('sessions')
      .set({ used_ms: 1, created_ms: 1, turn_ended_ms: 1 })
      .where('id_digest', '=', stage.server.store.ids.digest(id))
      .execute(),
  )
  await page.reload()
  await page.getByText('Your last conversation has ended; this is a new one.').waitFor()
  await say(page, 'price of ETH')
  expect(await page.evaluate(() => localStorage.getItem('countersign.session'))).not.toBe(id)
  await context.close()
})

test('promise: what the owner did not name is typed before the wallet opens, and nothing is filled in', async () => {
  const { page, faults, context } = await stage.open()
  await connect(page)
  // Named in an earlier message: the address does not stand in the words that ask.
  await say(page, `Bob is ${BOB}`)
  await say(page, 'send 0.1 ETH to Bob')
  await cardIn(page, 'pending')
  const form = page.getByTestId('step-up')
  await form.waitFor()
  expect(await page.getByRole('button', { name: 'Continue to wallet' }).count()).toBe(0)
  const inputs = form.getByRole('textbox')
  expect(await inputs.count()).toBe(1)
  expect(await inputs.first().inputValue()).toBe('')
  const confirm = page.getByRole('button', { name: 'Confirm these values' })
  expect(await confirm.isDisabled()).toBe(true)
  // What has to be typed is in sight, beside what it is compared with.
  const inSight = () =>
    inputs.first().evaluate((input) => {
      const { top, bottom } = input.getBoundingClientRect()
      return top >= 0 && bottom <= window.innerHeight
    })
  expect(await inSight()).toBe(true)
  await shot(page, 'step-up')
  await page.setViewportSize({ width: 390, height: 844 })
  await page.getByTestId('card-state').scrollIntoViewIfNeeded()
  await shot(page, 'step-up-390')
  await page.getByRole('button', { name: 'Type the values' }).click()
  expect(await inputs.first().evaluate((input) => input === document.activeElement)).toBe(true)
  expect(await inSight()).toBe(true)
  await shot(page, 'step-up-390-form')
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag22aa']).analyze()
  expect(violations.map(({ id }) => id)).toEqual([])
  await page.setViewportSize({ width: 1280, height: 900 })
  await inputs.first().fill(`${BOB.slice(0, -1)}0`)
  await confirm.click()
  await page.getByRole('alert').getByText('A value is wrong or missing', { exact: false }).waitFor()
  expect(await page.getByRole('button', { name: 'Continue to wallet' }).count()).toBe(0)
  await inputs.first().fill(BOB)
  await confirm.click()
  await page.getByRole('button', { name: 'Continue to wallet' }).waitFor()
  expect(await form.count()).toBe(0)
  await shot(page, 'step-up-given')
  await page.setViewportSize({ width: 390, height: 844 })
  await page.getByRole('button', { name: 'Continue to wallet' }).scrollIntoViewIfNeeded()
  await shot(page, 'step-up-given-390')
  // The browser itself reports the refused answer; the page has no other fault.
  expect(faults.filter((fault) => !fault.includes('403'))).toEqual([])
  await context.close()
})

test('the wallet that signed in may sign what was not named, in place of typing it; a no of the wallet gives nothing', async () => {
  const { page, faults, context } = await stage.open()
  await connect(page)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await walletAnswer(page, 'Sign')
  await page.getByRole('button', { name: 'Sign in' }).waitFor({ state: 'detached' })
  await say(page, `Bob is ${BOB}`)
  await say(page, 'send 0.1 ETH to Bob')
  await cardIn(page, 'pending')
  const form = page.getByTestId('step-up')
  const button = form.getByRole('button', { name: 'Sign these values with the wallet' })
  await button.click()
  await walletAnswer(page, 'Reject in wallet')
  await page.getByRole('alert').waitFor()
  expect(await page.getByRole('button', { name: 'Continue to wallet' }).count()).toBe(0)
  await shot(page, 'step-up-wallet')
  await button.click()
  const asked = page.getByRole('dialog').filter({ hasText: 'Sign this StepUp?' })
  expect(await asked.textContent()).toContain(BOB)
  await walletAnswer(page, 'Sign')
  await page.getByRole('button', { name: 'Continue to wallet' }).waitFor()
  expect(await form.count()).toBe(0)
  expect(faults).toEqual([])
  await context.close()
})

test('promise: the words of a call’s maker stand in a block of their own, below what decides', async () => {
  const { page, context } = await stage.open()
  await connect(page)
  await say(page, `send 5 USDC to ${BOB}`)
  await cardIn(page, 'pending')
  const text = (await page.getByTestId('card').textContent()) ?? ''
  const at = (words: string) => text.indexOf(words)
  expect(at('What the contract says of itself')).toBeGreaterThan(at('Leaves you'))
  expect(at('What the contract says of itself')).toBeGreaterThan(at('Permissions left'))
  expect(at('Leaves you')).toBeGreaterThanOrEqual(0)
  expect(await page.locator('blockquote[data-testid=explained]').count()).toBe(1)
  await context.close()
})

test('reject on the card, and reject in the wallet', async () => {
  const { page, faults, context } = await stage.open()
  await connect(page)
  await say(page, `send 5 USDC to ${BOB}`)
  await cardIn(page, 'pending')
  await page.getByRole('button', { name: 'Reject', exact: true }).click()
  await cardIn(page, 'rejected')
  await say(page, `send 6 USDC to ${BOB}`)
  await page.getByRole('heading', { name: /Send 6 USDC/ }).waitFor()
  await proceed(page)
  await walletAnswer(page, 'Reject in wallet')
  await cardIn(page, 'rejected')
  expect(await page.getByTestId('card-reason').textContent()).toBe('You rejected this in your wallet.')
  expect(faults).toEqual([])
  await context.close()
})

test('what would fail and what is blocked has no button, but a reason', async () => {
  const { page, faults, context } = await stage.open()
  await connect(page)
  await say(page, `send 99999999 USDC to ${BOB}`)
  await cardIn(page, 'blocked')
  expect(await page.getByTestId('card-state').textContent()).toBe('Blocked: it would fail')
  expect(await page.getByTestId('verdict').textContent()).toMatch(/exceeds balance/)
  await shot(page, 'reverts')
  await say(page, `approve unlimited USDC for ${BOB}`)
  await page.getByRole('heading', { name: /unlimited USDC/ }).waitFor()
  await cardIn(page, 'blocked')
  expect(await page.getByTestId('verdict').getByText('Unlimited approval').isVisible()).toBe(true)
  expect(await page.getByRole('button', { name: 'Continue to wallet' }).count()).toBe(0)
  // In the words of the token's interface, too.
  expect(await page.getByTestId('explained').textContent()).toMatch(/“Approve”.*Unlimited USDC/s)
  await shot(page, 'blocked')
  const key = await page.evaluate(() => sessionStorage.getItem('countersign.test-wallet'))
  const owner = privateKeyToAccount(key as Hex).address
  // A digit that the wallet's own address has at neither edge of the difference: the wallet is another one each time.
  const digit = ['0', '1', '2'].find((each) => each !== owner[6] && each !== owner[37]) as string
  const lookalike = `${owner.slice(0, 6)}${digit.repeat(32)}${owner.slice(-4)}`.toLowerCase()
  await say(page, `send 1 ETH to ${lookalike}`)
  await page.getByRole('heading', { name: /Send 1 ETH/ }).waitFor()
  await cardIn(page, 'blocked')
  expect(await page.getByTestId('lookalike').locator('mark').allTextContents()).toEqual([
    digit.repeat(32),
    owner.slice(6, 38),
  ])
  await shot(page, 'lookalike')
  expect(faults).toEqual([])
  await context.close()
})

test('a caution has to be read: the button waits for the tick', async () => {
  const { page, context } = await stage.open()
  await connect(page)
  const router = stage.server.localChain?.addresses.uniswapV2Router ?? ''
  await say(page, `approve unlimited USDC for ${router}`)
  await cardIn(page, 'pending')
  const button = page.getByRole('button', { name: 'Continue to wallet' })
  const tick = page.getByRole('checkbox')
  expect(await button.isDisabled()).toBe(true)
  await tick.check()
  // The time in which no press counts is over once the tick alone decides.
  await expect.poll(() => button.isEnabled(), { timeout: WAIT_MS }).toBe(true)
  await tick.uncheck()
  expect(await button.isDisabled()).toBe(true)
  await tick.check()
  await shot(page, 'caution')
  await context.close()
})

test('a reload in the middle resumes, and a second tab sees the same and cannot sign it twice', async () => {
  const { page, context } = await stage.open()
  await connect(page)
  await say(page, 'swap 0.5 ETH for USDC')
  await cardIn(page, 'pending')
  await page.reload()
  await cardIn(page, 'pending')
  await page.getByRole('button', { name: 'Disconnect' }).waitFor()
  expect(await page.getByText('swap 0.5 ETH for USDC').first().isVisible()).toBe(true)
  const second = await context.newPage()
  second.setDefaultTimeout(WAIT_MS)
  await second.goto(stage.server.url)
  await cardIn(second, 'pending')
  await proceed(page)
  await walletAnswer(page, 'Sign')
  await cardIn(page, 'settled')
  await cardIn(second, 'settled')
  expect(await second.getByRole('button', { name: 'Continue to wallet' }).count()).toBe(0)
  await context.close()
})

test('promise: a hash that could not be reported is kept across a reload, and the wallet is not opened again', async () => {
  const { page, context } = await stage.open()
  await connect(page)
  await say(page, `send 3 USDC to ${BOB}`)
  await cardIn(page, 'pending')
  let tried = 0
  // The server is away for reports, and for what the page would learn from it; the card is read before.
  let isListed = true
  const away = (url: URL): boolean => /\/api\/(proposals|updates)/.test(url.pathname)
  await context.route(away, (route) => {
    const { pathname } = new URL(route.request().url())
    if (pathname.endsWith('/recheck') || (isListed && pathname === '/api/proposals')) return route.continue()
    if (pathname.endsWith('/submitted')) tried += 1
    return route.abort()
  })
  await page.reload()
  await cardIn(page, 'pending')
  isListed = false
  await proceed(page)
  await walletAnswer(page, 'Sign')
  await expect.poll(() => tried, { timeout: WAIT_MS }).toBeGreaterThan(1)
  const kept = () => page.evaluate(() => localStorage.getItem('countersign.unreported'))
  expect(JSON.parse((await kept()) ?? '[]')).toMatchObject([
    { step: 1, hash: expect.stringMatching(/^0x[0-9a-f]{64}$/) },
  ])
  const button = page.getByRole('button', { name: 'Continue to wallet' })
  expect((await button.count()) > 0 && (await button.isEnabled())).toBe(false)
  await page.reload()
  await page.getByRole('main').waitFor()
  expect(JSON.parse((await kept()) ?? '[]')).toHaveLength(1)
  await context.unroute(away)
  await page.reload()
  await cardIn(page, 'settled')
  await expect.poll(async () => JSON.parse((await kept()) ?? '[]') as unknown, { timeout: WAIT_MS }).toEqual([])
  expect(await page.getByRole('button', { name: 'Continue to wallet' }).count()).toBe(0)
  await context.close()
})

test('promise: a duplicated tab has a name of its own, and a reload keeps the old one', async () => {
  const { page, context } = await stage.open()
  await connect(page)
  await say(page, `send 4 USDC to ${BOB}`)
  await cardIn(page, 'pending')
  const names: string[] = []
  await context.route('**/recheck', (route) => {
    names.push(String((JSON.parse(route.request().postData() ?? '{}') as { window?: string }).window))
    return route.continue()
  })
  await proceed(page)
  await page.getByText('Test wallet · local chain only').waitFor()
  // What "Duplicate tab" copies: all of sessionStorage.
  const copied = await page.evaluate(() => JSON.stringify(sessionStorage))
  const second = await context.newPage()
  second.setDefaultTimeout(WAIT_MS)
  await second.addInitScript((stored) => {
    if (sessionStorage.length === 0) Object.assign(sessionStorage, JSON.parse(stored))
  }, copied)
  await second.goto(stage.server.url)
  await cardIn(second, 'pending')
  // A copied tab may be connected already.
  const button = second.getByRole('button', { name: 'Connect wallet' })
  await button.or(second.getByTestId('account')).first().waitFor()
  if (await button.isVisible()) await connect(second)
  await proceed(second)
  await second
    .getByText(/A wallet was asked for these bytes a moment ago/)
    .first()
    .waitFor()
  expect(new Set(names).size).toBe(2)
  await page.reload()
  await cardIn(page, 'pending')
  await proceed(page)
  await expect.poll(() => names.length, { timeout: WAIT_MS }).toBe(3)
  expect(names[2]).toBe(names[0])
  await context.close()
})

test('a wallet on another chain is asked to switch, and signs nothing before', async () => {
  const { page, close } = await withShim()
  await say(page, `send 0.1 ETH to ${BOB}`)
  await cardIn(page, 'pending')
  await shim(page, "switchChain('0x1')")
  await page.getByText('The wallet is on chain 1', { exact: false }).waitFor()
  expect(await page.getByRole('button', { name: 'Continue to wallet' }).isDisabled()).toBe(true)
  await shot(page, 'wrong-chain')
  await page.getByRole('button', { name: 'Switch network' }).click()
  await proceed(page)
  await cardIn(page, 'settled')
  expect(await shim(page, 'state.sent.length')).toBe(1)
  await close()
})

test('an account that was switched before signing signs nothing', async () => {
  const { page, close } = await withShim()
  await say(page, `send 0.1 ETH to ${BOB}`)
  await cardIn(page, 'pending')
  await shim(page, `switchAccount('${BOB}')`)
  await page.getByText(`This was made for ${ALICE}`, { exact: false }).waitFor()
  expect(await page.getByRole('button', { name: 'Continue to wallet' }).isDisabled()).toBe(true)
  expect(await shim(page, 'state.sent.length')).toBe(0)
  await close()
})

test('a wallet that signs something else is found out on chain', async () => {
  const { page, close } = await withShim()
  await say(page, `send 0.1 ETH to ${BOB}`)
  await cardIn(page, 'pending')
  await shim(page, "state.mutateTo = '0x00000000000000000000000000000000deadbeef'")
  await proceed(page)
  await cardIn(page, 'mismatched')
  expect(await page.getByTestId('card-reason').textContent()).toMatch(/sent to 0x0+deadbeef instead of/i)
  await shot(page, 'mismatched')
  await close()
})

test.each([
  ['light', 1280, 900],
  ['dark', 1280, 900],
  ['light', 390, 844],
  ['dark', 390, 844],
] as const)('readable for everybody: %s at %i px', async (colorScheme, width, height) => {
  const { page, faults, context } = await stage.open({ colorScheme, width, height })
  const check = async (view: string) => {
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
      .analyze()
    expect(violations.map((violation) => `${view}: ${violation.id} ${violation.nodes[0]?.html ?? ''}`)).toEqual([])
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
      `${view} scrolls sideways`,
    ).toBe(true)
  }
  await page.getByRole('main').waitFor()
  await check('start')
  await connect(page)
  await say(page, 'swap 1 ETH for USDC')
  await cardIn(page, 'pending')
  // As it stands once it can be pressed: a disabled button is not judged for its contrast.
  await expect
    .poll(() => page.getByRole('button', { name: 'Continue to wallet' }).isEnabled(), { timeout: WAIT_MS })
    .toBe(true)
  await check('card')
  await shot(page, `card-${colorScheme}-${width}`)
  await say(page, `approve unlimited USDC for ${BOB}`)
  await cardIn(page, 'blocked')
  await check('blocked')
  await shot(page, `blocked-${colorScheme}-${width}`)
  expect(faults).toEqual([])
  await context.close()
})
