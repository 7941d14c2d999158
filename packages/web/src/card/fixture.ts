/** A proposal for the tests of the card's words: a swap of 1 ETH for 2,491.258107 USDC that waits. */
import type { Proposal, ReportWire } from '@countersign/sdk'

export const ME = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
export const BOB = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
export const USDC = '0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0'
export const ROUTER = '0xA51c1fc2f0D1a1b8494Ed1FE312d7C3a78Ed91C0'
export const POOL = '0x39fBCbe2be1814bDccFb69c29763EeE8c9F2EA5a'
export const NOW_MS = Date.parse('2026-11-30T11:14:40.000Z')

type Change = ReportWire['token_changes'][number]
type Finding = ReportWire['findings'][number]

export function change(account: string, delta: string, more: Partial<Change> = {}): Change {
  const standard = more.token === undefined || more.token === null ? 'native' : 'erc20'
  const base = { account, delta, standard, token: null, token_id: null, symbol: null, decimals: null } as const
  return { ...base, before: '0', after: '0', proven_by: 'storage', ...more }
}
export const usdc = { token: USDC, symbol: 'USDC', decimals: 6 } as const

export function finding(level: Finding['level'], rule: string, more: Partial<Finding> = {}): Finding {
  return { rule, level, title: 'A title', because: 'A reason.', step: null, subject: null, evidence: {}, ...more }
}

export function proposal(changes: object = {}, report: object = {}): Proposal {
  return {
    kind: 'transactions',
    state: 'pending',
    level: 'ordinary',
    level_given: false,
    chain_id: 31_337,
    from: ME,
    summary: 'Swap 1 ETH for at least 2478.801816 USDC',
    expires_at: '2026-11-30T11:29:40.000Z',
    reason: null,
    half_done: null,
    settlement: null,
    provenance: [],
    calls: [{ step: 1, to: ROUTER, value: '1000000000000000000', data: SWAP, status: 'waiting', tx_hash: null }],
    ...changes,
    report: {
      chain_id: 31_337,
      from: ME,
      block: { number: '41', hash: '0x', state_root: '0x', timestamp: '2026-11-30T11:14:32.000Z' },
      verdict: 'allow',
      will_revert: false,
      steps: [{ status: 'success' }],
      contract_calls: [],
      token_changes: [change(ME, '-1000000000000000000'), change(ME, '2491258107', usdc)],
      authority_changes: [],
      controlled: [],
      gas_estimate: { max_fee_wei: '228774154500000', expected_fee_wei: '166228565050460' },
      environments: ['next-block', 'later'].map((name) => ({
        name,
        agrees: true,
        differs: [],
        decided_by: [],
        token_changes: [],
      })),
      findings: [],
      signature: null,
      ...report,
    },
  } as unknown as Proposal
}

/** `swapExactETHForTokens` with a minimum of 2,478.801816 USDC, until 2026-11-30T11:34:27Z. */
const SWAP = `0x7ff36ab5${[
  '93bf8398',
  '80',
  ME.slice(2).toLowerCase(),
  '6b0d5f43',
  '2',
  '5fbdb2315678afecb367f032d93f642f64180aa3',
  USDC.slice(2).toLowerCase(),
]
  .map((word) => word.padStart(64, '0'))
  .join('')}`
