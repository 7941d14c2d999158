import { Address } from '@countersign/base'
import type { Vocabulary } from '../../src/mandates/policy/readWhen.ts'

/** Made-up tokens and targets for tests and the laboratory. */
const TOKENS = [
  { chainId: 1, symbol: 'USDC', address: '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48', decimals: 6 },
  { chainId: 1, symbol: 'WETH', address: '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2', decimals: 18 },
  { chainId: 56, symbol: 'USDC', address: '0x8AC76a51cc950d9822D68b83fE1Ad97B32Cd580d', decimals: 18 },
].map((token) => ({ ...token, address: Address.parse(token.address) }))

export const VOCABULARY: Vocabulary = {
  token: (chainId, name) =>
    TOKENS.find((token) => token.chainId === chainId && (token.symbol === name || token.address === name)) ?? null,
  targets: new Map([
    ['ops', ['webhook']],
    ['owner', ['telegram', 'mail']],
  ]),
  tools: new Map([
    ['GetTokenPrice', { kind: 'read' }],
    ['ExecuteTrade', { kind: 'write' }],
  ]),
}

/** The example of the reference. */
export const EXAMPLE = `
mandate: daily-trading
owner: session
agent: { keys: [any], skills: [any], doors: [page, guard] }
chains: [1]
valid: { from: 2026-12-01T00:00:00Z, until: 2027-01-01T00:00:00Z }
otherwise: deny
bound: proven
trusts: [ { contract: '0x7a250d5630B4cF539739dF2C5dAcb4c659F2488D', code: '0x${'ab'.repeat(32)}' } ]
tolerates: [gas-high]
rules:
  - { id: swap, answer: allow, when: { contracts: ['0x7a250d5630B4cF539739dF2C5dAcb4c659F2488D'], selectors: ['swapExactTokensForTokens(uint256,uint256,address[],address,uint256)'],
      arguments: [ { at: /to, is: own } ], out: [USDC], in: [WETH] } }
  - { id: rent, answer: allow, when: { recipients: ['0x70997970C51812dc3A010C7d01b50e0d17dc79C8'], tokens: [USDC] } }
  - { id: approve, answer: allow, when: { spenders: ['0x7a250d5630B4cF539739dF2C5dAcb4c659F2488D'], allowance: exact } }
  - { id: large, answer: step-up, when: { usd: { over: 1000 } } }
  - { id: new, answer: allow, at_least: delay, delay: 12h, when: { recipients: [new], tokens: [USDC] } }
  - { id: night, answer: ask, when: { time: { outside: '08:00-20:00', days: mon-fri, tz: Europe/Berlin } } }
limits:
  - { id: usdc, token: USDC, per_call: '500', per_day: '2000', per_week: '5000', lifetime: '20000' }
  - { id: usd, usd: { per_day: 3000, loss_per_day: 60 }, prices: [ { tool: GetTokenPrice, argument: /symbol, value: /price, as_of: /as_of } ], max_age: 60s }
  - { id: eth, native: true, per_day: '0.5' }
  - { id: fees, fee: true, per_day: '0.05' }
  - { id: month, token: USDC, calendar: { month: '15000', tz: Europe/Berlin }, over: ask }
  - { id: burst, token: USDC, per: 6h, cap: '800' }
  - { id: pace, calls: { per_hour: 20 } }
  - { id: people, new_recipients_per_day: 2, over: step-up }
approvers: { of: ['0x70997970C51812dc3A010C7d01b50e0d17dc79C8', '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC', '0x90F79bf6EB2c4f870365E785982E1f101E93b906'], need: 2, when: { usd: { over: 10000 } } }
freeze_when: { mismatched: 1, refused_per_hour: 10 }
notify: [ { webhook: ops }, { telegram: owner }, { mail: owner } ]
`
