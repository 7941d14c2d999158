/**
 * Every state of the card, in the browser that people use. A real proposal of a real server is changed in one way, and
 * the page is given that instead: no state exists only for the test, and none is drawn by other code than the page's.
 * `SCREENSHOTS=1` writes docs/screenshots, of every combination of size and scheme; `AXE=all` checks all of them.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Proposal, ReportWire } from '@countersign/sdk'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test as always } from 'vitest'
import { browserPath, cardIn, connect, openStage, say, type Stage } from './harness.ts'

const BOB = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const IS_FULL = process.env['SCREENSHOTS'] === '1'
/** `AXE=all`: every view is checked for accessibility, not only a light phone and a dark desktop. */
const IS_AXE_FULL = process.env['AXE'] === 'all'
const SHOTS = IS_FULL
  ? join(import.meta.dirname, '..', '..', 'docs', 'screenshots')
  : join(import.meta.dirname, '..', '.scratch', 'shots')

type View = readonly [name: string, width: number, height: number, colorScheme: 'light' | 'dark']
const VIEWS: readonly View[] = [
  ['phone-light', 390, 844, 'light'],
  ['desktop-dark', 1280, 800, 'dark'],
  ...(IS_FULL
    ? ([
        ['phone-dark', 390, 844, 'dark'],
        ['desktop-light', 1280, 800, 'light'],
      ] as const)
    : []),
]
/** Narrow, and 200 % zoom of 1280 × 800: looked at for their layout. */
const NARROW: readonly View[] = [
  ['narrow', 320, 640, 'light'],
  ['zoomed', 640, 400, 'light'],
]

const hasBrowser = (await browserPath()) !== null
const test = always.skipIf(!hasBrowser)
let stage: Stage
let page: Page
let context: BrowserContext
let faults: string[]
/** What the page is given as the only card; null: what the server has. */
let given: Proposal | null = null
const real: Record<string, Proposal> = {}
/** Every request of the page, with its headers and its body. */
const seen: string[] = []

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true })
  if (!hasBrowser) return
  stage = await openStage()
  ;({ page, context, faults } = await stage.open())
  page.on('request', (request) =>
    seen.push(`${request.url()} ${JSON.stringify(request.headers())} ${request.postData() ?? ''}`),
  )
  await connect(page)
  const router = stage.server.localChain?.addresses.uniswapV2Router ?? ''
  const made = {
    settled: ['swap 0.25 ETH for USDC', 'pending', /Swap 0.25/],
    blocked: [`approve unlimited USDC for ${BOB}`, 'blocked', /Allow 0x3C44/],
    reverts: [`send 99999999 USDC to ${BOB}`, 'blocked', /Send 99999999/],
    warn: [`approve unlimited USDC for ${router}`, 'pending', /Allow 0xA51c/],
    pay: [`send 1 ETH to ${BOB}`, 'pending', /Send 1 ETH/],
    swap: ['swap 1 ETH for USDC', 'pending', /Swap 1 ETH/],
  } as const
  for (const [name, [text, state, title]] of Object.entries(made)) {
    await say(page, text)
    await page.getByRole('heading', { name: title }).waitFor()
    await cardIn(page, state)
    if (name === 'settled') {
      await page.getByRole('button', { name: 'Continue to wallet' }).click()
      await page.getByRole('button', { name: 'Sign', exact: true }).click()
      await cardIn(page, 'settled')
    }
    real[name] = (await listed())[0] as Proposal
  }
  await context.route('**/api/proposals', (route) =>
    given === null ? route.continue() : route.fulfill({ json: [given] }),
  )
  // What the server sends about the real cards would replace the one that is looked at.
  await context.route('**/api/updates', () => undefined)
})
afterAll(() => stage?.close())

/** The cards as the page gets them, newest first. */
async function listed(): Promise<readonly Proposal[]> {
  const id = await page.evaluate(() => localStorage.getItem('countersign.session') ?? '')
  const answer = await page.evaluate(async (sessionId) => {
    const response = await fetch('/api/proposals', {
      headers: { 'x-session-id': sessionId, 'x-countersign-page': '1' },
    })
    return (await response.json()) as unknown
  }, id)
  // Before the first message there is no session, and the answer says so.
  const all = Array.isArray(answer) ? (answer as readonly Proposal[]) : []
  return all.toSorted((a, b) => (a.created_at < b.created_at ? 1 : -1))
}

const of = (name: string): Proposal => real[name] as Proposal
const report = (name: string): ReportWire => of(name).report as ReportWire
const agoIso = (seconds: number): string => new Date(Date.now() - seconds * 1_000).toISOString()
/** A card that waits, simulated just now. */
function waiting(name: string, changes: Partial<Proposal> = {}, more: Partial<ReportWire> = {}): Proposal {
  const block = { ...report(name).block, timestamp: agoIso(3) }
  return {
    ...of(name),
    state: 'pending',
    signable: true,
    reason: null,
    expires_at: agoIso(-840),
    report: { ...report(name), block, ...more },
    ...changes,
  }
}
const over = { signable: false } as const
const finding = (rule: string, title: string, because: string): ReportWire['findings'][number] => ({
  rule,
  level: 'block',
  title,
  because,
  step: null,
  subject: null,
  evidence: {},
})
const blockedBy = (...findings: ReportWire['findings']): Proposal =>
  waiting('swap', { ...over, state: 'blocked', reason: findings[0]?.because ?? null }, { verdict: 'block', findings })
const sent = (name: string) =>
  of(name).calls.map((call) => ({ ...call, status: 'submitted' as const, tx_hash: `0x${'ab'.repeat(32)}` }))

const STATES: Readonly<Record<string, () => Proposal>> = {
  simulating: () => ({ ...waiting('swap', { ...over, state: 'staged' }), report: null, receipt: null }),
  'not-simulated': () => ({
    ...waiting('swap', { ...over, state: 'staged', reason: 'The provider of the chain did not answer.' }),
    report: null,
    receipt: null,
  }),
  allow: () => waiting('swap'),
  'first-payment': () => waiting('pay'),
  warn: () => waiting('warn'),
  blocked: () => of('blocked'),
  'would-revert': () => of('reverts'),
  'engines-disagree': () =>
    blockedBy(finding('engines-disagree', 'Two simulators disagree', 'The second engine says that step 1 fails.')),
  incomplete: () =>
    blockedBy(finding('engine-limit', 'Not simulated to its end', 'The simulation ran out of time or memory.')),
  mismatch: () =>
    waiting('swap', { calls: of('swap').calls.map((call) => ({ ...call, value: '2000000000000000000' })) }),
  stale: () => {
    const block = { ...report('swap').block, timestamp: agoIso(300) }
    return waiting('swap', {}, { block })
  },
  question: () =>
    waiting('pay', {
      ...over,
      level: 'step-up',
      questions: [
        { argument: 'recipient', value: BOB, source: 'user-earlier', because: 'It stands in an earlier message only.' },
      ],
      step_up: { methods: ['retype'] },
    }),
  submitted: () => waiting('swap', { ...over, state: 'submitted', calls: sent('swap') }),
  settled: () => of('settled'),
  different: () =>
    waiting('swap', {
      ...over,
      state: 'mismatched',
      calls: sent('swap'),
      reason:
        'sent to 0x00000000000000000000000000000000DeaDBeef instead of 0xA51c1fc2f0D1a1b8494Ed1FE312d7C3a78Ed91C0',
    }),
  rejected: () => waiting('swap', { ...over, state: 'rejected', reason: 'Rejected in the wallet.' }),
  replaced: () => waiting('swap', { ...over, state: 'superseded', reason: 'A newer proposal took its place.' }),
  expired: () => waiting('swap', { ...over, state: 'expired', expires_at: agoIso(60) }),
}
/** Names of states that are another state of the card with something more on it. */
const SHOWN_AS: Readonly<Record<string, string>> = { 'first-payment': 'allow' }

async function show(proposal: Proposal): Promise<void> {
  given = proposal
  await page.reload()
  await page.getByTestId('card').waitFor()
}

/** Puts the page into a view, and waits until it is laid out for it. */
async function look([, width, height, colorScheme]: View): Promise<void> {
  await page.setViewportSize({ width, height })
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
}

/** What holds in every view: nothing wider than the page, a low header, whole digits, buttons in sight. */
async function checkLayout(what: string): Promise<void> {
  const found = await page.evaluate(() => {
    const faults: string[] = []
    if (document.documentElement.scrollWidth > window.innerWidth)
      faults.push(`scrolls sideways: ${document.documentElement.scrollWidth} > ${window.innerWidth}`)
    const header = document.querySelector('header')?.getBoundingClientRect().height ?? 0
    if (header > 56) faults.push(`header of ${header} px`)
    for (const figure of document.querySelectorAll('.figure'))
      if (figure.getClientRects().length > 1) faults.push(`an amount breaks inside its digits: ${figure.textContent}`)
    for (const button of document.querySelectorAll('[data-testid=actions] button')) {
      const { top, bottom } = button.getBoundingClientRect()
      if (top < 0 || bottom > window.innerHeight + 0.5) faults.push(`${button.textContent} is out of sight`)
    }
    return faults
  })
  expect(found, what).toEqual([])
}

async function checkAxe(what: string): Promise<void> {
  if (!IS_AXE_FULL && !/phone-light|desktop-dark/.test(what)) return
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze()
  expect(violations.map(({ id, nodes }) => `${what}: ${id} ${nodes[0]?.html ?? ''}`)).toEqual([])
}

/** What decides stands above the buttons, or above the edge of the screen, without a click. */
async function checkFirstScreen(what: string): Promise<void> {
  const found = await page.evaluate(() => {
    const edge = document.querySelector('[data-testid=actions]')?.getBoundingClientRect().top ?? window.innerHeight
    return ['card-state', 'verdict', 'recipients', 'permissions', 'rows'].flatMap((id) => {
      const box = document.querySelector(`[data-testid=${id}]`)?.getBoundingClientRect()
      return box !== undefined && box.bottom > edge + 1 ? [`${id} ends at ${box.bottom}, the edge is at ${edge}`] : []
    })
  })
  expect(found, what).toEqual([])
}

test.each(Object.keys(STATES))('the state %s is readable everywhere', async (name) => {
  await show(STATES[name]?.() as Proposal)
  const card = SHOWN_AS[name] ?? name
  await page.locator(`[data-testid=card][data-card=${card}]`).waitFor()
  if (name === 'settled') await page.getByText('exactly as shown').waitFor()
  for (const view of VIEWS) {
    await look(view)
    await checkLayout(`${name} ${view[0]}`)
    if (['allow', 'first-payment', 'warn', 'stale', 'blocked'].includes(name))
      await checkFirstScreen(`${name} ${view[0]}`)
    await checkAxe(`${name} ${view[0]}`)
    await page.screenshot({ path: join(SHOTS, `${name}-${view[0]}.png`), animations: 'disabled' })
  }
  for (const view of NARROW) {
    await look(view)
    await checkLayout(`${name} ${view[0]}`)
    if (IS_AXE_FULL) await checkAxe(`${name} ${view[0]}`)
  }
  const canSign = ['allow', 'first-payment', 'warn', 'stale'].includes(name)
  expect(await page.getByRole('button', { name: 'Continue to wallet' }).count()).toBe(canSign ? 1 : 0)
})

test('amounts of any size and a hostile symbol stay inside the card, and no digit is split', async () => {
  const long = `1${'234567890'.repeat(4)}`
  const changes = report('swap').token_changes.map((change) =>
    change.account === of('swap').from
      ? {
          ...change,
          standard: 'erc20' as const,
          decimals: 2,
          symbol: 'W\u202eIDE'.repeat(3),
          delta: change.delta.startsWith('-') ? `-${long}` : long,
        }
      : change,
  )
  await show(waiting('swap', {}, { token_changes: changes }))
  for (const view of [...VIEWS, ...NARROW]) {
    await look(view)
    await checkLayout(`huge ${view[0]}`)
  }
})

test('a card that changed at the last look is read again before the wallet opens', async () => {
  const proposal = waiting('swap')
  await show(proposal)
  await look(['desktop', 1280, 800, 'light'])
  await page.route('**/recheck', (route) =>
    route.fulfill({
      json: {
        ...proposal,
        recheck: 'drifted',
        opened: null,
        receipt: { ...proposal.receipt, digest: `0x${'cd'.repeat(32)}` },
        reason: 'The chain moved since you looked: you would get 12 USDC less. Read it again before you sign.',
      },
    }),
  )
  await page.getByRole('button', { name: 'Continue to wallet' }).click()
  await page.locator('[data-testid=card][data-card=drifted]').waitFor()
  expect(await page.getByRole('dialog').count()).toBe(0)
  for (const view of VIEWS) {
    await look(view)
    await checkLayout(`drifted ${view[0]}`)
    await checkAxe(`drifted ${view[0]}`)
    await page.screenshot({ path: join(SHOTS, `drifted-${view[0]}.png`), animations: 'disabled' })
  }
  await page.unroute('**/recheck')
  // The test ends with no fault of the page: no foreign request, no violation of the content security policy.
  expect(faults).toEqual([])
})

test('promise: no key is in a request, in a storage or on the page, and every page has its content security policy', async () => {
  given = null
  const kept = await page.evaluate(async () => ({
    local: Object.entries(localStorage),
    session: Object.entries(sessionStorage),
    databases: (await indexedDB.databases()).length,
    cookie: document.cookie,
    text: document.documentElement.outerHTML,
  }))
  const secret = kept.session.find(([name]) => name === 'countersign.test-wallet')?.[1] ?? ''
  expect(secret).toMatch(/^0x[0-9a-f]{64}$/)
  expect(seen.length).toBeGreaterThan(20)
  const elsewhere = [...seen, kept.text, JSON.stringify(kept.local), kept.cookie].join('\n')
  expect(elsewhere).not.toContain(secret.slice(2))
  expect(elsewhere).not.toMatch(/\bsk-[a-z0-9-]+-[0-9a-f]{16,}/)
  // What a page may keep, by name: a new slot is looked at before it is added here.
  const names = [...kept.local, ...kept.session].map(([name]) => name.replace(/^wagmi\..*/, 'wagmi'))
  expect([...new Set(names)].toSorted()).toEqual(
    expect.arrayContaining(['countersign.session', 'countersign.test-wallet', 'countersign.test-wallet.allowed']),
  )
  for (const name of names)
    expect([
      'countersign.draft',
      'countersign.session',
      'countersign.test-wallet',
      'countersign.test-wallet.allowed',
      'countersign.unreported',
      'countersign.window',
      'wagmi',
    ]).toContain(name)
  expect([kept.databases, kept.cookie]).toEqual([0, ''])
  for (const path of ['/', '/p/prop_00000000-0000-4000-8000-000000000000']) {
    const { headers } = await fetch(`${stage.server.url}${path}`)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("require-trusted-types-for 'script'")
    expect(policy).not.toMatch(/unsafe-inline|unsafe-eval|https?:|\*/)
  }
})
