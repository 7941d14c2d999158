/** Chat and card in the pages of others: a page with one script tag under a strict policy, in a real browser. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { createClient } from '@countersign/sdk'
import type { FrameLocator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test as always } from 'vitest'
import { browserPath, openStage, WAIT_MS, type Stage } from './harness.ts'
import { layoutFaults, picture, violationsOf } from './states/look.ts'

/** A page that shows the frame. `localhost` is another site than the server's 127.0.0.1. */
interface Host {
  readonly origin: string
  readonly server: Server
}

let stage: Stage
let shop: Host
let stranger: Host
let scratch: string
const hasBrowser = (await browserPath()) !== null
const test = always.skipIf(!hasBrowser)

async function openHost(): Promise<Host> {
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const own = stage.server.url
    response.writeHead(200, {
      'content-type': 'text/html',
      // Nothing inline, nothing from elsewhere: the one tag has to do.
      'content-security-policy': `default-src 'none'; script-src ${own}; frame-src ${own}; require-trusted-types-for 'script'; trusted-types 'none'`,
    })
    const look = ['theme', 'code', 'id']
      .map((name) => [name, searchParams.get(name)] as const)
      .flatMap(([name, value]) => (value === null ? [] : [` data-${name}="${value.replaceAll('"', '&quot;')}"`]))
      .join('')
    response.end(
      `<!doctype html><html lang="en"><title>A shop</title><main aria-label="A shop"><h1>A shop</h1><script src="${own}/embed.js" data-app="${searchParams.get('app') ?? 'shop'}"${look} async></script></main></html>`,
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, origin: `http://localhost:${(server.address() as AddressInfo).port}` }
}

beforeAll(async () => {
  if (!hasBrowser) return
  ;[shop, stranger] = [await openHost(), await openHost()]
  scratch = mkdtempSync(join(tmpdir(), 'countersign-embed-'))
  const apps = join(scratch, 'apps.json')
  writeFileSync(
    apps,
    JSON.stringify([
      { name: 'shop', session_policy: 'id', origins: [shop.origin] },
      { name: 'closed', session_policy: 'id' },
    ]),
  )
  stage = await openStage({ env: { COUNTERSIGN_APPS: apps } })
})
afterAll(async () => {
  await stage?.close()
  for (const host of [shop, stranger]) host?.server.close()
  if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true })
})

/** Opens a page of a host, which has a wallet of its own that counts what it is asked. */
async function visit(
  url: string,
): Promise<{ page: Page; frame: FrameLocator; faults: string[]; close: () => Promise<void> }> {
  const context = await stage.browser.newContext({ viewport: { width: 900, height: 760 }, reducedMotion: 'reduce' })
  const page = await context.newPage()
  page.setDefaultTimeout(WAIT_MS)
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(`page error: ${error.message}`))
  page.on('console', (message) => {
    if (/content security policy|trusted type/i.test(message.text())) faults.push(message.text())
  })
  await page.addInitScript({
    content: `if (window.parent === window) {
      window.asked = []
      window.ethereum = { request: (what) => { window.asked.push(what.method); return Promise.resolve(['0x0000000000000000000000000000000000000001']) }, on() {}, removeListener() {} }
      const detail = Object.freeze({ info: { uuid: 'a', name: 'Wallet of the shop', icon: 'data:,', rdns: 'invalid.shop' }, provider: window.ethereum })
      const announce = () => window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }))
      window.addEventListener('eip6963:requestProvider', announce)
      announce()
    }`,
  })
  await page.goto(url)
  return { page, frame: page.frameLocator('iframe'), faults, close: () => context.close() }
}

/** The address of the shop's page for a session that its server began. */
async function withSession(): Promise<string> {
  const { key } = await stage.server.issueKey({ app: 'shop', label: 'backend' })
  const backend = createClient({
    ...{ baseUrl: stage.server.url, sessionId: randomUUID(), apiKey: Redacted.reveal(key), app: 'shop' },
  })
  await backend.start()
  const { code, publishable_id: id } = await backend.sessionCode(stage.server.url)
  return `${shop.origin}/?${new URLSearchParams({ code, id }).toString()}`
}

test('promise: one tag shows chat and card in a frame that is handed no wallet of the page around it', async () => {
  const { page, frame, faults, close } = await visit(await withSession())
  await frame.getByRole('button', { name: 'Connect wallet' }).click()
  // The wallets of the frame alone, and none before its user presses it.
  await frame.getByRole('button', { name: 'Countersign test wallet' }).waitFor()
  expect(await frame.getByText('Wallet of the shop').count()).toBe(0)
  const funded = page.waitForResponse('**/api/faucet')
  await frame.getByRole('button', { name: 'Countersign test wallet' }).click()
  await frame.getByTestId('account').waitFor()
  await funded
  await frame.getByLabel('Message', { exact: true }).fill('swap 1 ETH for USDC')
  await frame.getByRole('button', { name: 'Send', exact: true }).click()
  await frame.locator('[data-testid=card][data-state=pending]').waitFor()
  await frame.getByRole('button', { name: 'Continue to wallet' }).waitFor()
  await picture(page, 'page-embed', { name: 'desktop', isShown: true })
  expect(await layoutFaults(page)).toEqual([])
  expect(await violationsOf(page)).toEqual([])
  // The page around it was asked for nothing, and reads nothing of the frame.
  expect(await page.evaluate(() => (window as unknown as { asked: string[] }).asked)).toEqual([])
  expect(await page.evaluate(() => document.querySelector('iframe')?.contentDocument ?? null)).toBeNull()
  expect(faults).toEqual([])
  await close()
})

test.each([
  ['a page that the app does not name', () => `${stranger.origin}/`],
  ['an app that names no page', () => `${shop.origin}/?app=closed`],
  ['an app that does not exist', () => `${shop.origin}/?app=nowhere`],
])('promise: no frame is shown in %s', async (_, url) => {
  const { page, faults, close } = await visit(url())
  await expect.poll(() => faults.join(' '), { timeout: WAIT_MS }).toContain('frame-ancestors')
  expect(await page.frameLocator('iframe').getByRole('button').count()).toBe(0)
  await close()
})

test('promise: only the frame of an app may be framed, and by its own pages alone', async () => {
  const policyOf = async (path: string) =>
    (await fetch(`${stage.server.url}${path}`)).headers.get('content-security-policy') ?? ''
  expect(await policyOf('/embed/shop')).toContain(`frame-ancestors ${shop.origin};`)
  for (const path of [
    '/',
    '/embed/closed',
    '/embed/nowhere',
    '/embed/default',
    '/p/prop_00000000-0000-4000-8000-000000000000',
    '/admin',
    '/reach',
    '/index.html',
  ])
    expect([path, await policyOf(path)]).toEqual([path, expect.stringContaining("frame-ancestors 'none'")])
})

test('a theme of the page around it is worn, and one that would hide a text is not', async () => {
  const accentOf = async (theme: object): Promise<string> => {
    const { frame, faults, close } = await visit(`${shop.origin}/?theme=${encodeURIComponent(JSON.stringify(theme))}`)
    const colour = await frame
      .getByRole('button', { name: 'Connect wallet' })
      .evaluate((button) => getComputedStyle(button).backgroundColor)
    expect(faults).toEqual([])
    await close()
    return colour
  }
  expect(await accentOf({ scheme: 'light', '--color-accent': '#7a1fa2' })).toBe('rgb(122, 31, 162)')
  expect(await accentOf({ scheme: 'light', '--color-accent': '#f5f5ff' })).toBe('rgb(31, 79, 216)')
})
