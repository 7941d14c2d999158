import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launch, type Launched } from 'countersign'
import chromium from '@sparticuz/chromium'
import { chromium as playwright, type Browser, type BrowserContext, type Page } from 'playwright-core'

/** A real server on a real local chain, and a real browser; shared by the journeys of one file. */
export interface Stage {
  readonly server: Launched
  readonly dataDir: string
  readonly browser: Browser
  /** A fresh profile with one page; fails the test on foreign requests, CSP violations and page errors. */
  open(options?: {
    colorScheme?: 'light' | 'dark'
    width?: number
    height?: number
    initScript?: string
  }): Promise<{ context: BrowserContext; page: Page; faults: string[] }>
  close(): Promise<void>
}

/** For what hangs, not for what is slow: machines are shared. */
export const WAIT_MS = 120_000

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--font-render-hinting=none',
  '--force-color-profile=srgb',
]

/** Where browsers live on machines for which no npm package carries one. */
const INSTALLED = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
]

/**
 * The browser to test with: the Chromium inside an npm package on Linux x64, `CHROME_PATH` or an installed Chrome
 * elsewhere, null where there is none.
 */
export async function browserPath(): Promise<string | null> {
  const named = process.env['CHROME_PATH']
  if (named !== undefined && named !== '') return named
  if (process.platform === 'linux' && process.arch === 'x64') return chromium.executablePath()
  return INSTALLED.find((path) => existsSync(path)) ?? null
}

/** Starts everything. Chromium comes inside an npm package, so nothing has to be installed on the machine. */
export async function openStage({
  env = {},
  webRoot,
}: { env?: Record<string, string>; webRoot?: string } = {}): Promise<Stage> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-browser-'))
  const server = await launch({
    port: 0,
    dataDir,
    env,
    logLevel: 'error',
    ...(webRoot === undefined ? {} : { webRoot }),
  })
  const browser = await playwright.launch({
    executablePath: (await browserPath()) ?? '',
    args: FLAGS,
    headless: true,
  })
  return {
    server,
    dataDir,
    browser,
    async open({ colorScheme = 'light', width = 1280, height = 900, initScript } = {}) {
      const context = await browser.newContext({ colorScheme, viewport: { width, height }, reducedMotion: 'reduce' })
      const page = await context.newPage()
      page.setDefaultTimeout(WAIT_MS)
      const faults: string[] = []
      page.on('request', (request) => {
        const { hostname, protocol } = new URL(request.url())
        if (protocol !== 'data:' && hostname !== '127.0.0.1') faults.push(`request to ${hostname}`)
      })
      page.on('pageerror', (error) => faults.push(`page error: ${error.message}`))
      page.on('console', (message) => {
        if (/content security policy|trusted type/i.test(message.text())) faults.push(message.text())
      })
      if (initScript !== undefined) await page.addInitScript({ content: initScript })
      await page.goto(server.url)
      return { context, page, faults }
    },
    async close() {
      await browser.close()
      await server.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

const TEST_WALLET = 'Countersign test wallet (local chain only)'

/** Connects the wallet with this name, and waits for the account to show, and of the test wallet to hold test money. */
export async function connect(page: Page, wallet = TEST_WALLET): Promise<void> {
  const funded = wallet === TEST_WALLET ? page.waitForResponse('**/api/faucet', { timeout: WAIT_MS }) : null
  await page.getByRole('button', { name: 'Connect wallet' }).click()
  await page.getByRole('button', { name: wallet }).click()
  await page.getByTestId('account').waitFor()
  await funded
}

/** Types a message and waits until the agent has answered. On a phone the chat may be folded behind a card. */
export async function say(page: Page, text: string): Promise<void> {
  const message = page.getByLabel('Message', { exact: true })
  const chat = page.getByRole('button', { name: 'Chat', exact: true })
  await message.or(chat).first().waitFor()
  if (await chat.isVisible()) await chat.click()
  await message.fill(text)
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  // A new card folds the chat on a phone.
  await page.getByRole('button', { name: 'Send', exact: true }).or(chat).first().waitFor()
  await page.getByText('The agent is working…').waitFor({ state: 'detached' })
}

/** Waits until the card shows a state. */
export async function cardIn(page: Page, state: string): Promise<void> {
  await page.locator(`[data-testid=card][data-state=${state}]`).waitFor()
}
