import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configuredChains } from './configuredChains.ts'
import { SETTINGS, unknownSettings } from './settings.ts'
import { suggestion } from './suggestion.ts'

const PACKAGES = join(import.meta.dirname, '..', '..')

test('the list holds every setting that the sources read, and no other', () => {
  const read = new Set<string>()
  for (const name of readdirSync(PACKAGES, { recursive: true, encoding: 'utf8' })) {
    if (!/\/src\/.*\.ts$/.test(name) || /node_modules|\.test\.ts$|\/settings\.ts$/.test(name)) continue
    for (const [setting] of readFileSync(join(PACKAGES, name), 'utf8').matchAll(/COUNTERSIGN_[A-Z_]*[A-Z]/g))
      read.add(setting)
  }
  // What stands before the id of a chain, and before the name of a secret.
  read.delete('COUNTERSIGN_RPC')
  read.delete('COUNTERSIGN_SECRET')
  expect([...SETTINGS]).toEqual([...read].sort())
})

test('promise: a setting that nothing reads is named', () => {
  const env = { COUNTERSIGN_QUORUMM: '2', COUNTERSIGN_RPC_1: 'x', COUNTERSIGN_PEPPER: 'x', COUNTERSIGN_: '', PATH: '' }
  expect(unknownSettings(env)).toEqual(['COUNTERSIGN_', 'COUNTERSIGN_QUORUMM'])
})

test.each([
  [{ COUNTERSIGN_RPC_MAINNET: 'https://a.invalid' }, 'cli:rpc-name:unreadable'],
  [{ COUNTERSIGN_RPC_0x1: 'https://a.invalid' }, 'cli:rpc-name:unreadable'],
  [{ COUNTERSIGN_RPC_01: 'https://a.invalid', COUNTERSIGN_RPC_1: 'https://b.invalid' }, 'cli:rpc-name:unreadable'],
  [{ COUNTERSIGN_QUORUM: '2' }, 'cli:quorum:impossible'],
  [{ COUNTERSIGN_QUORUM: '3' }, 'cli:setting:unreadable'],
  [{ COUNTERSIGN_VERIFY_PROOFS: 'yes' }, 'cli:setting:unreadable'],
  [{ COUNTERSIGN_RPC_1: 'https://a.invalid', COUNTERSIGN_QUORUM: '2' }, 'cli:quorum:impossible'],
  [{ COUNTERSIGN_RPC_1: 'ftp://a.invalid' }, 'cli:rpc-url:unreadable'],
])('promise: what cannot be meant is refused at start: %j', (env, code) => {
  expect(() => configuredChains(env)).toThrow(expect.objectContaining({ code }) as Error)
})

test('what is meant is taken', () => {
  expect(configuredChains({ COUNTERSIGN_RPC_URL: 'https://a.invalid', COUNTERSIGN_RPC_1: '' })).toEqual([])
  const env = { COUNTERSIGN_RPC_8453: 'https://a.invalid,https://b.invalid', COUNTERSIGN_QUORUM: '2' }
  expect(configuredChains(env)).toMatchObject([{ chainId: 8_453, quorum: 2 }])
})

test('the start line suggests what works on the configured chain', () => {
  const [base] = configuredChains({ COUNTERSIGN_RPC_8453: 'https://a.invalid' })
  const [mainnet] = configuredChains({ COUNTERSIGN_RPC_1: 'https://a.invalid' })
  const unknown = configuredChains({ COUNTERSIGN_RPC_987654: 'https://a.invalid' })
  expect(suggestion('u', unknown)).toBe('Try: open u, connect your wallet, and type "balance".')
  expect(suggestion('u', [base!])).toBe('Try: open u, connect your wallet, and type "swap 1 ETH for USDC".')
  expect(suggestion('u', [base!, mainnet!])).toBe('Try: open u, connect your wallet, and type "swap 1 ETH for USDC".')
  expect(suggestion('u', [{ ...mainnet!, isLocal: true }])).toContain(
    'connect the test wallet, and type "swap 1 ETH for USDC"',
  )
})
