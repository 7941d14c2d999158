/** Which optional wallets are offered, and what their frames may do. */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { signingHeaders } from './pages.ts'
import { readWallets } from './wallets.ts'

const webRoot = mkdtempSync(join(tmpdir(), 'countersign-wallets-'))
afterAll(() => rmSync(webRoot, { recursive: true, force: true }))
mkdirSync(join(webRoot, 'wallets'))
const SCRIPT = 'start("<\\/script>")'
writeFileSync(
  join(webRoot, 'wallets', 'walletconnect.html'),
  `<!doctype html>\n<style>\nbody {}</style>\n<body></body>\n<script>${SCRIPT}</script>\n`,
)

test('without a setting no wallet is offered, and the policy of the page is as it was', () => {
  expect(readWallets(webRoot, {})).toEqual([])
  expect(signingHeaders(false)['content-security-policy']).not.toContain('frame-src')
})

test('promise: a frame may run its own script, reach its own service, and nothing else; it has no origin', () => {
  const [wallet] = readWallets(webRoot, { COUNTERSIGN_WALLETCONNECT_PROJECT_ID: 'project-1234' })
  expect(wallet?.offered).toEqual({ id: 'walletconnect', key: 'project-1234', environment: null })
  const clauses = wallet?.policy.split('; ') ?? []
  expect(clauses).toContain(`script-src 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`)
  expect(clauses).toContain('connect-src wss://relay.walletconnect.org wss://relay.walletconnect.com')
  expect(clauses).toContain('sandbox allow-scripts')
  expect(clauses).toContain("frame-ancestors 'self'")
  expect(wallet?.policy).not.toContain('allow-same-origin')
  expect(wallet?.policy).not.toContain('unsafe-inline')
})

test('promise: with a wallet the page may show frames of its own origin, and connects to no other all the same', () => {
  const policy = signingHeaders(true)['content-security-policy']?.split('; ') ?? []
  expect(policy).toContain("frame-src 'self'")
  expect(policy).toContain("connect-src 'self'")
  expect(policy).toContain("script-src 'self'")
})

test('a setting that does not fit, or whose wallet is not installed, stops the start and says what to do', () => {
  const start = (env: NodeJS.ProcessEnv) => () => readWallets(webRoot, env)
  expect(start({ COUNTERSIGN_WALLETCONNECT_PROJECT_ID: "x'; script-src *" })).toThrow(
    expect.objectContaining({ code: 'wallets:setting:invalid' }),
  )
  expect(start({ COUNTERSIGN_PARA_API_KEY: 'beta_12345678' })).toThrow(
    expect.objectContaining({ code: 'wallets:frame:absent', hint: expect.stringContaining('npm ci --prefix') }),
  )
  expect(start({ COUNTERSIGN_PARA_API_KEY: 'beta_12345678', COUNTERSIGN_PARA_ENVIRONMENT: 'DEV' })).toThrow(
    expect.objectContaining({ code: 'wallets:setting:invalid' }),
  )
})
