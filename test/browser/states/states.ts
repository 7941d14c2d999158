/**
 * Every state of a card, and how the page gets there. Where the server, the chain or the wallet can be brought into the
 * state they are; where they cannot (two simulators that disagree), the page is shown a real proposal of the server in
 * which only the fields that make the state were changed on their way.
 */
import type { Proposal } from '@countersign/sdk'
import type { Page } from 'playwright-core'
import type { Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { ALICE, BOB, openWithShim, shim } from '../fakeWallet.ts'
import { cardIn, connect, say, type Stage } from '../harness.ts'

export type Opened = Awaited<ReturnType<Stage['open']>>

export interface CardCase {
  /** Of the pictures and of the test. */
  readonly name: string
  /** `data-card` of the card, once the page is there. */
  readonly card: string
  /** What stands on the first screen, as selectors; the title and the state always do. */
  readonly first: readonly string[]
  /** The line over the title. */
  readonly says: RegExp
  /** Faults of the browser that this state is about. */
  readonly mayFail?: RegExp
  readonly reach: (stage: Stage) => Promise<Opened>
}

const AMOUNTS = '[aria-label^="What leaves and what arrives"]'
const VERDICT = '[data-testid=verdict]'
const RECIPIENT = '[data-testid=recipients]'
const PERMISSION = '[data-testid=permissions]'
const FEE = '[data-row=fee]'
const BUTTONS = '[data-testid=actions] button'
const OUTCOME = '[data-testid=outcome] .sides'

/** A page with the test wallet, which asked for something and shows its card. */
async function asked(stage: Stage, ...messages: readonly string[]): Promise<Opened> {
  const opened = await stage.open({ height: 800, initScript: stopped() })
  await connect(opened.page)
  for (const message of messages) await say(opened.page, message)
  return opened
}

/** The same with the fake wallet. */
async function askedWithShim(stage: Stage, message: string): Promise<Opened> {
  const opened = await openWithShim(stage, { height: 800, initScript: stopped() })
  await say(opened.page, message)
  await cardIn(opened.page, 'pending')
  return opened
}

const proceed = (page: Page) => page.getByRole('button', { name: 'Continue to wallet' }).click()
const sign = (page: Page) => page.getByRole('button', { name: 'Sign', exact: true }).click()

/** Shows the page the newest proposal as the server has it, but for what `change` says. */
async function changed(
  stage: Stage,
  message: string,
  change: (proposal: Proposal) => Record<string, unknown>,
): Promise<Opened> {
  const opened = await asked(stage, message)
  await opened.context.route(
    (url) => url.pathname === '/api/proposals',
    async (route) => {
      const response = await route.fetch()
      const [first, ...rest] = (await response.json()) as Proposal[]
      await route.fulfill({ response, json: first === undefined ? [] : [{ ...first, ...change(first) }, ...rest] })
    },
  )
  await opened.page.reload()
  return opened
}

/** The report with one more finding that blocks. */
function blockedBy(proposal: Proposal, rule: string, title: string, because: string): Record<string, unknown> {
  const finding = { rule, level: 'block', title, because, step: null, subject: null, evidence: {} }
  return {
    state: 'blocked',
    signable: false,
    reason: because,
    report: { ...proposal.report, verdict: 'block', findings: [finding] },
  }
}

/**
 * The clock of the page stands still, this long after now: the age of a card is the same on a slow machine. Timers run on.
 *
 * @param aheadMs - Milliseconds.
 */
const stopped = (aheadMs = 0): string => `Date.now = () => ${Date.now() + aheadMs}`

/** Lets the page's clock run ahead. */
async function later(opened: Opened, aheadMs: number): Promise<void> {
  await opened.page.addInitScript(stopped(aheadMs))
  await opened.page.reload()
}

/** As if less had been shown to leave: the last look before the wallet finds another outcome. */
async function showLess(stage: Stage, opened: Opened): Promise<void> {
  const id = await opened.page.evaluate(() => localStorage.getItem('countersign.session') ?? '')
  const { store } = stage.server
  await store.write(async ({ db }) => {
    const row = await db
      .selectFrom('proposals')
      .innerJoin('sessions', 'sessions.sid', 'proposals.sid')
      .select(['proposals.id', 'proposals.report'])
      .where('sessions.id_digest', '=', store.ids.digest(id))
      .executeTakeFirstOrThrow()
    const report = (row.report ?? '').replaceAll('-5000000', '-4000000')
    await db.updateTable('proposals').set({ report }).where('id', '=', row.id).execute()
  })
}

async function permit(stage: Stage, page: Page): Promise<string> {
  const key = await page.evaluate(() => sessionStorage.getItem('countersign.test-wallet'))
  const chain = stage.server.localChain
  if (chain === null) throw new Error('The page is on the local chain.')
  const fields = (text: string) =>
    text.split(',').map((field) => {
      const [type = '', name = ''] = field.trim().split(' ')
      return { name, type }
    })
  return `sign ${JSON.stringify({
    types: {
      EIP712Domain: fields('string name,string version,uint256 chainId,address verifyingContract'),
      Permit: fields('address owner,address spender,uint256 value,uint256 nonce,uint256 deadline'),
    },
    primaryType: 'Permit',
    domain: { name: 'USD Coin', version: '2', chainId: chain.chainId, verifyingContract: chain.addresses.usdc },
    message: {
      owner: privateKeyToAccount(key as Hex).address,
      spender: chain.addresses.uniswapV2Router,
      value: '5000000',
      nonce: '0',
      deadline: String(Math.floor(Date.now() / 1000) + 7_200),
    },
  })}`
}

const SWAP = 'swap 1 ETH for USDC'

export const CARDS: readonly CardCase[] = [
  {
    name: 'simulating',
    card: 'simulating',
    says: /^Simulating on a copy of the chain$/,
    first: ['[data-testid=skeleton]'],
    reach: (stage) => changed(stage, SWAP, () => ({ state: 'staged', report: null, signable: false, receipt: null })),
  },
  {
    name: 'allow',
    card: 'allow',
    says: /^Waiting for you$/,
    first: [AMOUNTS, VERDICT, FEE, BUTTONS],
    reach: (stage) => asked(stage, SWAP),
  },
  {
    name: 'first-payment',
    card: 'allow',
    says: /^Waiting for you$/,
    first: [AMOUNTS, VERDICT, RECIPIENT, FEE, BUTTONS],
    reach: (stage) => asked(stage, `send 1 ETH to ${BOB}`),
  },
  {
    name: 'warn',
    card: 'warn',
    says: /^Caution: /,
    first: [AMOUNTS, VERDICT, PERMISSION, FEE, BUTTONS],
    reach: (stage) =>
      asked(stage, `approve unlimited USDC for ${stage.server.localChain?.addresses.uniswapV2Router ?? ''}`),
  },
  {
    name: 'blocked',
    card: 'blocked',
    says: /^Blocked: this cannot be signed here$/,
    first: [AMOUNTS, VERDICT, PERMISSION],
    reach: (stage) => asked(stage, `approve unlimited USDC for ${BOB}`),
  },
  {
    name: 'would-revert',
    card: 'would-revert',
    says: /^Blocked: it would fail$/,
    first: [VERDICT],
    reach: (stage) => asked(stage, `send 99999999 USDC to ${BOB}`),
  },
  {
    name: 'not-simulated',
    card: 'not-simulated',
    says: /^Could not be simulated$/,
    first: [],
    reach: (stage) =>
      changed(stage, SWAP, () => ({
        ...{ state: 'staged', report: null, signable: false, receipt: null },
        reason: 'No provider of this chain answers.',
      })),
  },
  {
    name: 'incomplete',
    card: 'incomplete',
    says: /^Blocked: not simulated to its end$/,
    first: [VERDICT],
    reach: (stage) =>
      changed(stage, SWAP, (proposal) =>
        blockedBy(
          proposal,
          'engine-limit',
          'The simulation stopped at a limit',
          'The simulation ran out of time or memory.',
        ),
      ),
  },
  {
    name: 'engines-disagree',
    card: 'engines-disagree',
    says: /^Blocked: two simulators disagree$/,
    first: [VERDICT],
    reach: (stage) =>
      changed(stage, SWAP, (proposal) =>
        blockedBy(
          proposal,
          'engines-disagree',
          'The two simulators disagree',
          'One simulator shows 2,491.25 USDC arriving, the other shows nothing arriving.',
        ),
      ),
  },
  {
    name: 'mismatch',
    card: 'mismatch',
    says: /^Blocked: the bytes do not match this card$/,
    first: [],
    reach: (stage) =>
      changed(stage, `send 1 ETH to ${BOB}`, ({ calls }) => ({ calls: calls.map((call) => ({ ...call, to: ALICE })) })),
  },
  {
    name: 'question',
    card: 'question',
    says: /^Caution: the agent chose values that you did not name$/,
    first: [AMOUNTS],
    reach: (stage) => asked(stage, `Bob is ${BOB}`, 'send 0.1 ETH to Bob'),
  },
  {
    name: 'drifted',
    card: 'drifted',
    says: /^Changed since you looked$/,
    first: [AMOUNTS, RECIPIENT, FEE, BUTTONS],
    async reach(stage) {
      const opened = await asked(stage, `send 5 USDC to ${BOB}`)
      await cardIn(opened.page, 'pending')
      await showLess(stage, opened)
      await proceed(opened.page)
      return opened
    },
  },
  {
    name: 'stale',
    card: 'stale',
    says: /^Waiting for you$/,
    first: [AMOUNTS, VERDICT, FEE, BUTTONS],
    async reach(stage) {
      const opened = await asked(stage, SWAP)
      await later(opened, 300_000)
      return opened
    },
  },
  {
    name: 'expired',
    card: 'expired',
    says: /^Expired$/,
    first: [],
    async reach(stage) {
      const opened = await asked(stage, SWAP)
      await later(opened, 3_600_000)
      return opened
    },
  },
  {
    name: 'checking',
    card: 'checking',
    says: /^Checking the chain once more$/,
    first: [AMOUNTS, FEE, BUTTONS],
    async reach(stage) {
      const opened = await asked(stage, SWAP)
      await opened.context.route('**/recheck', () => undefined)
      await proceed(opened.page)
      return opened
    },
  },
  {
    name: 'wallet',
    card: 'wallet',
    says: /^Waiting in your wallet$/,
    first: [AMOUNTS, FEE, BUTTONS],
    async reach(stage) {
      const opened = await askedWithShim(stage, SWAP)
      await shim(opened.page, 'state.hangs = true')
      await proceed(opened.page)
      return opened
    },
  },
  {
    name: 'wrong-chain',
    card: 'allow',
    says: /^Waiting for you$/,
    first: [AMOUNTS, VERDICT, BUTTONS],
    async reach(stage) {
      const opened = await askedWithShim(stage, SWAP)
      await shim(opened.page, "switchChain('0x1')")
      await opened.page.getByText('The wallet is on chain 1', { exact: false }).waitFor()
      return opened
    },
  },
  {
    name: 'other-account',
    card: 'allow',
    says: /^Waiting for you$/,
    first: [AMOUNTS, VERDICT, BUTTONS],
    async reach(stage) {
      const opened = await askedWithShim(stage, SWAP)
      await shim(opened.page, `switchAccount('${BOB}')`)
      await opened.page.getByText(`This was made for ${ALICE}`, { exact: false }).waitFor()
      return opened
    },
  },
  {
    name: 'submitted',
    card: 'submitted',
    says: /^Sent, waiting for the chain$/,
    first: [AMOUNTS],
    async reach(stage) {
      const opened = await asked(stage, SWAP)
      await cardIn(opened.page, 'pending')
      await stage.server.localChain?.rpc('evm_setAutomine', [false])
      await proceed(opened.page)
      await sign(opened.page)
      await cardIn(opened.page, 'submitted')
      return opened
    },
  },
  {
    name: 'settled',
    card: 'settled',
    says: /^Done, verified on chain$/,
    first: [OUTCOME],
    async reach(stage) {
      const opened = await stage.open({ height: 800, initScript: stopped() })
      // As on a chain for which the operator named an explorer.
      await opened.context.route(
        (url) => url.pathname === '/api/config',
        async (route) => {
          const response = await route.fetch()
          const config = (await response.json()) as { chains: object[] }
          const chains = config.chains.map((chain) => ({ ...chain, explorer_url: 'https://explorer.invalid' }))
          await route.fulfill({ response, json: { ...config, chains } })
        },
      )
      await opened.page.reload()
      await connect(opened.page)
      await say(opened.page, SWAP)
      await proceed(opened.page)
      await sign(opened.page)
      await cardIn(opened.page, 'settled')
      await opened.page.getByRole('link', { name: 'View on explorer.invalid' }).waitFor()
      return opened
    },
  },
  {
    name: 'document',
    card: 'allow',
    says: /^Waiting for you$/,
    first: [BUTTONS, VERDICT],
    async reach(stage) {
      const opened = await asked(stage)
      await say(opened.page, await permit(stage, opened.page))
      return opened
    },
  },
  {
    name: 'signed',
    card: 'signed',
    says: /^Signed and verified$/,
    first: [],
    async reach(stage) {
      const opened = await asked(stage)
      await say(opened.page, await permit(stage, opened.page))
      await proceed(opened.page)
      await sign(opened.page)
      await cardIn(opened.page, 'settled')
      return opened
    },
  },
  {
    name: 'different',
    card: 'different',
    says: /^Does not match what you approved$/,
    first: ['[data-testid=card-reason]'],
    async reach(stage) {
      const opened = await askedWithShim(stage, `send 0.1 ETH to ${BOB}`)
      await shim(opened.page, "state.mutateTo = '0x00000000000000000000000000000000deadbeef'")
      await proceed(opened.page)
      await cardIn(opened.page, 'mismatched')
      return opened
    },
  },
  {
    name: 'half-done',
    card: 'rejected',
    says: /^Rejected$/,
    first: [],
    async reach(stage) {
      await stage.server.localChain?.fund(ALICE, { wei: 10n ** 18n, usdc: 50n * 10n ** 6n })
      const opened = await askedWithShim(stage, 'swap 50 USDC for ETH')
      await shim(opened.page, 'state.rejectsFrom = window.shim.state.sent.length + 1')
      await proceed(opened.page)
      await cardIn(opened.page, 'rejected')
      return opened
    },
  },
  {
    name: 'rejected',
    card: 'rejected',
    says: /^Rejected$/,
    first: ['[data-testid=card-reason]'],
    async reach(stage) {
      const opened = await asked(stage, SWAP)
      await proceed(opened.page)
      await opened.page.getByRole('button', { name: 'Reject in wallet' }).click()
      await cardIn(opened.page, 'rejected')
      return opened
    },
  },
  {
    name: 'replaced',
    card: 'replaced',
    says: /^Replaced by your newer request$/,
    first: [],
    async reach(stage) {
      const opened = await asked(stage, SWAP, 'swap 2 ETH for USDC')
      await opened.page.getByRole('heading', { name: /Swap 2 ETH/ }).waitFor()
      await opened.page.getByRole('button', { name: /1 ETH.*Replaced/ }).click()
      return opened
    },
  },
]
