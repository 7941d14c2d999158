import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { createClient, type Client } from '@countersign/sdk'
import type { Page } from 'playwright-core'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, expect, test as always } from 'vitest'
import { browserPath, openStage, WAIT_MS, type Stage } from './harness.ts'

/** The React hooks of the SDK in a real browser, on a page at another origin, against a real server. */
const scratch = mkdtempSync(join(tmpdir(), 'countersign-hooks-'))
const FRIEND = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const hasBrowser = (await browserPath()) !== null
const test = always.skipIf(!hasBrowser)
let stage: Stage
let pages: Server
let origin = ''
let client: Client

beforeAll(async () => {
  if (!hasBrowser) return
  const bundle = await rolldown({
    input: join(import.meta.dirname, 'hooksPage.ts'),
    platform: 'browser',
    logLevel: 'silent',
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
  })
  const { output } = await bundle.generate({ format: 'esm' })
  await bundle.close()
  pages = createServer((request, response) => {
    const isScript = request.url === '/page.js'
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' })
    response.end(isScript ? output[0].code : '<!doctype html><body><script type="module" src="/page.js"></script>')
  })
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`
  writeFileSync(
    join(scratch, 'apps.json'),
    JSON.stringify([{ name: 'shop', session_policy: 'key', origins: [origin] }]),
  )
  stage = await openStage({ env: { COUNTERSIGN_APPS: join(scratch, 'apps.json') } })
  const { key } = await stage.server.issueKey({ app: 'shop', label: 'backend' })
  client = createClient({
    ...{ baseUrl: stage.server.url, sessionId: randomUUID(), apiKey: Redacted.reveal(key), app: 'shop' },
  })
  await client.start()
})
afterAll(async () => {
  await stage?.close()
  pages?.close()
  rmSync(scratch, { recursive: true, force: true })
})

const text = (page: Page, id: string) => page.locator(`#${id}`).textContent()
const poll = (read: () => Promise<unknown>) => expect.poll(read, { timeout: WAIT_MS })

test('useSession and useProposal follow a conversation and its proposal to its end', async () => {
  const { code, publishable_id: publishable } = await client.sessionCode(origin)
  const { page } = await stage.open()
  const query = new URLSearchParams({ server: stage.server.url, code, publishable: publishable ?? '' })
  await page.goto(`${origin}/?${query.toString()}`)
  await poll(() => text(page, 'connection')).toBe('connected')
  expect(await text(page, 'lost')).toBe('proposals:proposal:absent')

  await page.locator('input').fill('hello')
  await page.click('#send')
  await poll(() => page.locator('li').allTextContents()).toEqual(['user: hello', expect.stringMatching(/^agent: ./)])

  // The backend speaks in the same conversation: the page hears of it by its stream.
  const account = stage.server.localChain?.accounts[1]?.address ?? ''
  const wallet = { address: account, chain_id: 31_337, is_connected: true }
  await client.chatAndWait(`send 1 ETH to ${FRIEND}`, { wallet })
  await poll(() => text(page, 'followed')).toBe('pending')
  await poll(() => text(page, 'proposal')).toMatch(/^pending: Send 1 ETH/)

  // A stream that breaks goes on after the last event.
  await page.context().setOffline(true)
  await client.chatAndWait('hello again')
  await page.context().setOffline(false)
  await poll(() => page.locator('li').allTextContents()).toContainEqual('user: hello again')

  await page.click('#reject')
  await poll(() => text(page, 'followed')).toBe('rejected')
  await poll(() => text(page, 'proposal')).toMatch(/^rejected: /)

  await client.endSession(client.sessionId)
  await poll(() => text(page, 'connection')).toBe('ended')
})
