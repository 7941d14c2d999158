/** An optional wallet in its frame, in a real browser: the build of WalletConnect's frame with a fake of its package. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test as always } from 'vitest'
import { oneDocument } from '../../tools/oneDocument.ts'
import { browserPath, cardIn, openStage, say, type Stage } from './harness.ts'
import { looks } from './states/look.ts'

const web = join(import.meta.dirname, '../../packages/web')
const webRoot = mkdtempSync(join(tmpdir(), 'countersign-web-'))
let stage: Stage
const hasBrowser = (await browserPath()) !== null
const test = always.skipIf(!hasBrowser)

beforeAll(async () => {
  if (!hasBrowser) return
  cpSync(join(web, 'dist'), webRoot, { recursive: true })
  const html = await oneDocument(web, {
    title: 'walletconnect',
    entry: 'wallets/walletconnect/frame.js',
    style: 'src/wallets/inside/frame.css',
    alias: {
      '@walletconnect/sign-client': join(import.meta.dirname, 'fakeSignClient.ts'),
      qr: join(import.meta.dirname, 'fakeQr.ts'),
    },
  })
  mkdirSync(join(webRoot, 'wallets'), { recursive: true })
  writeFileSync(join(webRoot, 'wallets', 'walletconnect.html'), html)
  stage = await openStage({ env: { COUNTERSIGN_WALLETCONNECT_PROJECT_ID: 'project-1234' }, webRoot })
})
afterAll(async () => {
  await stage?.close()
  rmSync(webRoot, { recursive: true, force: true })
})

test('promise: a wallet that the operator installed is offered, loaded when it is pressed, and sees nothing of the page', async () => {
  const { page, faults, context } = await stage.open({ width: 390, height: 844 })
  const frames: string[] = []
  page.on('request', (request) => request.url().includes('/wallet/') && frames.push(request.url()))
  await page.getByRole('button', { name: 'Connect wallet' }).click()
  await page.getByRole('button', { name: 'WalletConnect' }).waitFor()
  expect(frames).toEqual([])
  await page.getByRole('button', { name: 'WalletConnect' }).click()
  const frame = page.frameLocator('iframe[title=WalletConnect]')
  await frame.getByText('Scan this code').waitFor()
  expect(await looks(page, 'page-walletconnect', ['dialog[open] iframe'])).toEqual([])
  const inside = page.frames().find((each) => each.url().includes('/wallet/'))
  const reached = await inside?.evaluate(() => {
    const tried = (what: () => unknown): string => {
      try {
        return String(what())
      } catch (error) {
        return (error as Error).name
      }
    }
    return {
      page: tried(() => window.parent.document.title),
      storage: tried(() => localStorage.length),
      cookie: tried(() => document.cookie),
      origin: window.origin,
    }
  })
  expect(reached).toEqual({ page: 'SecurityError', storage: 'SecurityError', cookie: 'SecurityError', origin: 'null' })
  expect(
    await inside?.evaluate(() =>
      fetch('/api/config').then(
        () => 'reached',
        () => 'refused',
      ),
    ),
  ).toBe('refused')
  await frame.getByRole('button', { name: 'Agree on the phone' }).click()
  await page.getByTestId('account').waitFor()
  expect(await page.getByTestId('account').getAttribute('title')).toBe('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
  // What it refuses is a rejection like that of any wallet.
  await say(page, 'send 1 ETH to 0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')
  await cardIn(page, 'pending')
  // The one that was tried from inside of the frame.
  expect(faults.filter((each) => !each.includes('/api/config'))).toEqual([])
  await context.close()
})

test('a frame that is closed connects nothing, and can be opened again', async () => {
  const { page, context } = await stage.open()
  for (const _ of [1, 2]) {
    await page.getByRole('button', { name: 'Connect wallet' }).click()
    await page.getByRole('button', { name: 'WalletConnect' }).click()
    await page.frameLocator('iframe[title=WalletConnect]').getByText('Scan this code').waitFor()
    await page.getByRole('dialog', { name: 'WalletConnect' }).getByRole('button', { name: 'Close' }).click()
    await page.getByText('You rejected it in the wallet. Nothing was sent.').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
  }
  expect(await page.getByTestId('account').count()).toBe(0)
  await context.close()
})
