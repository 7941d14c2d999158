import type { Address } from '@countersign/base'
import type { Effect, Moves } from '../../src/mandates/decide/Moves.ts'
import type { Layer } from '../../src/mandates/decide/Situation.ts'
import { expand, type Policy } from '../../src/mandates/policy/Policy.ts'
import { parsePolicy } from '../../src/mandates/policy/readPolicy.ts'
import { OWNER } from './randomPolicies.ts'
import { VOCABULARY } from './samples.ts'

const USDC = VOCABULARY.token(1, 'USDC')?.address as Address.Address
export const SCOPE = `mandate:lab:${OWNER}`
const policies = new Map<string, Policy>()

/** Four limits: two rolling, one for the whole life that asks, one of fees. */
export function policyOf(seconds: number, lifetime: number, version: number): Policy {
  const key = `${seconds} ${lifetime} ${version}`
  let found = policies.get(key)
  if (found === undefined) {
    found = parsePolicy(
      JSON.stringify({
        mandate: 'lab',
        owner: OWNER,
        chains: [1],
        valid: { until: '2100-01-01T00:00:00Z' },
        rules: [{ id: 'pay', answer: 'allow', when: { tokens: ['USDC'] } }],
        limits: [
          { id: 'short', token: 'USDC', per: `${seconds}s`, cap: String(100 - version) },
          { id: 'long', token: 'USDC', per: `${seconds * 5}s`, cap: '300' },
          { id: 'all', token: 'USDC', lifetime: String(lifetime), over: 'ask' },
          { id: 'fees', fee: true, per: `${seconds * 2}s`, cap: '0.00000000000000006' },
        ],
      }),
      { format: 'json', vocabulary: VOCABULARY },
    )
    if (policies.size > 500) policies.clear()
    policies.set(key, found)
  }
  return found
}

/** A payment of so much USDC with such a fee. */
export function movesOf(usdc: bigint, feeWei: bigint): Moves {
  const effect: Effect = {
    kind: 'outflow',
    step: 1,
    chainId: 1,
    asset: 'USDC',
    token: USDC,
    isNative: false,
    counterparty: OWNER,
    contract: USDC,
    selector: null,
    amount: usdc,
    isUnlimited: false,
    decimals: 6,
    grade: 'proven',
    because: '',
    detail: null,
    isExact: false,
  }
  return {
    chainId: 1,
    owner: OWNER,
    steps: [{ step: 1, to: USDC, data: '0x', value: 0n, isSingle: true, arrives: [], leaves: [] }],
    effects: [effect],
    totals: [{ token: USDC, isNative: false, amount: usdc, decimals: 6, isUnlimited: false, grade: 'proven' }],
    arrivals: [],
    feeWei,
    document: null,
    tool: null,
    verdict: 'allow',
    findings: [],
    unreadable: [],
    isEnforced: false,
  }
}

export function layerFor(policy: Policy): Layer {
  return {
    layer: 'mandate',
    scope: SCOPE,
    tokens: policy.tokens,
    limits: policy.limits,
    rules: expand(policy.rules),
    otherwise: policy.otherwise,
    allowed: null,
    maxima: [],
  }
}
