import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { browserPath } from '../browser/harness.ts'

/** The card as a client shows it: a frame without an origin, under the policy that MCP Apps prescribe. */
const PATH = join(import.meta.dirname, '..', '..', 'packages', 'web', 'dist', 'mcp-card.html')
const POLICY =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; media-src 'self' data:; connect-src 'none'"
const PROPOSAL = {
  id: 'prop_1',
  state: 'pending',
  verdict: 'warn',
  url: 'https://gateway.invalid/p/prop_1',
  from: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  chain_id: 1,
  untrusted_summary: '<img src=x onerror="document.title=1">',
  report: {
    findings: [{ level: 'warn', title: 'Unlimited approval', untrusted_because: '<b>words</b>' }],
    changes: [{ is_yours: true, token: null, delta: '-1500000000000000000', decimals: 18, untrusted_symbol: null }],
    authority: [],
  },
}
const path = await browserPath()
let browser: Browser

beforeAll(async () => {
  if (path !== null) browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-gpu'] })
})
afterAll(async () => {
  await browser?.close()
})

test('is one document of at most 60 kB that loads nothing', () => {
  expect(existsSync(PATH), 'npm ci builds it').toBe(true)
  const html = readFileSync(PATH, 'utf8')
  expect(html.length).toBeLessThanOrEqual(60_000)
  expect(html).not.toMatch(/\bsrc=|\bhref=|import\(|fetch\(|react/i)
})

test.skipIf(path === null)(
  'promise: it shows a proposal as text, offers its page, and sends no answer for the owner',
  async () => {
    const page = await browser.newPage()
    const html = readFileSync(PATH, 'utf8').replace(
      '<meta charset="utf-8">',
      `<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    )
    await page.setContent('<!doctype html><body></body>')
    await page.evaluate(
      ({ source, result }) => {
        const frame = document.createElement('iframe')
        frame.sandbox.add('allow-scripts')
        const seen: unknown[] = []
        Object.assign(window, { seen })
        window.addEventListener('message', ({ data }: MessageEvent<{ id?: number; method?: string }>) => {
          seen.push(data)
          if (data.method === 'ui/initialize') {
            frame.contentWindow?.postMessage({ jsonrpc: '2.0', id: data.id, result: {} }, '*')
            frame.contentWindow?.postMessage(
              { jsonrpc: '2.0', method: 'ui/notifications/tool-result', params: { structuredContent: result } },
              '*',
            )
          }
        })
        frame.srcdoc = source
        document.body.append(frame)
      },
      { source: html, result: PROPOSAL },
    )
    const card = page.frameLocator('iframe')
    await card.getByText('Waiting for you').waitFor()
    const text = await card.locator('body').innerText()
    expect(text).toContain('Read the findings first')
    expect(text).toContain('−1.5 of the coin')
    expect(text).toContain('<b>words</b>')
    expect(await card.locator('img, b').count()).toBe(0)
    const buttons = await card.getByRole('button').allInnerTexts()
    expect(buttons).toEqual(['Answer it on its page', 'Look again'])
    await card.getByRole('button', { name: 'Answer it on its page' }).click()
    await card.getByRole('button', { name: 'Look again' }).click()
    // The frame's messages arrive as tasks of their own: a click has returned before the last of them is here.
    await page.waitForFunction(() =>
      (window as unknown as { seen: { method?: string }[] }).seen.some(({ method }) => method === 'tools/call'),
    )
    const seen = await page.evaluate(
      () => (window as unknown as { seen: { method?: string; params?: unknown }[] }).seen,
    )
    expect(seen.find(({ method }) => method === 'ui/open-link')?.params).toEqual({ url: PROPOSAL.url })
    expect(seen.filter(({ method }) => method === 'tools/call').map(({ params }) => params)).toEqual([
      { name: 'proposal', arguments: { id: 'prop_1' } },
    ])
    await page.close()
  },
)
