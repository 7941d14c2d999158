import type { PublicConfig } from '@countersign/sdk'
import { expect, test } from 'vitest'
import { suggestionsFor } from './suggestions.ts'
import { toolText } from './toolWords.ts'

const chain = (chainId: number, symbol: string | null): PublicConfig['chains'][number] => ({
  chain_id: chainId,
  name: `Chain ${chainId}`,
  native: symbol === null ? null : { symbol, decimals: 18 },
  native_symbol: symbol ?? 'coin',
  rpc_path: `/api/rpc/${chainId}`,
  local: false,
  explorer_url: null,
})
const usdcOn = (chainId: number) => ({ chain_id: chainId, address: '0x', symbol: 'USDC', decimals: 6 })

test('offers a swap only where the chain of the wallet lists the token', () => {
  const config = { chains: [chain(1, 'ETH'), chain(8453, 'ETH')], tokens: [usdcOn(1)] }
  expect(suggestionsFor(config, 1)[0]).toBe('swap 1 ETH for USDC')
  expect(suggestionsFor(config, 8453)).toEqual(['what is my balance?', 'help'])
})

test('names the coin of the chain, and offers no trade of a coin for itself', () => {
  expect(suggestionsFor({ chains: [chain(137, 'POL')], tokens: [usdcOn(137)] }, 137)).toContain('price of POL')
  expect(suggestionsFor({ chains: [chain(9, 'USDC')], tokens: [usdcOn(9)] }, 9)).toEqual([
    'what is my balance?',
    'help',
  ])
  expect(suggestionsFor({ chains: [chain(9, null)], tokens: [usdcOn(9)] }, 9)[0]).toBe('what is my balance?')
})

test('uses the first chain before a wallet is connected', () => {
  expect(suggestionsFor({ chains: [chain(1, 'ETH')], tokens: [usdcOn(1)] }, undefined)[0]).toBe('swap 1 ETH for USDC')
})

test('says in words what a tool did, and quotes the name of an unknown one', () => {
  expect(toolText('commit_tx')).toBe('Put it on the card, checked on a copy of the chain')
  expect(toolText('constructor')).toBe('Used the app’s tool “constructor”')
})
