import { Address, type Hex } from '@countersign/base'
import { toFunctionSignature, type AbiFunction } from 'viem'
import type { Policy } from '../policy/Policy.ts'
import type { Part, Parts } from './Part.ts'

/** A caveat by its name in MetaMask's delegation framework (ERC-7710). Amounts are decimal text in the smallest unit. */
type Caveat = { readonly type: string } & Readonly<Record<string, unknown>>

export interface Delegation {
  readonly chain_id: number
  readonly rule: string
  readonly caveats: readonly Caveat[]
}

const TRANSFER = 'transfer(address,uint256)'

/**
 * One delegation for each payee or function: caveats only add up, so what the rules allow side by side needs one each. Each counts
 * for itself.
 */
export function toCaveats(
  policy: Policy,
  { parts, capsOf }: Parts,
  { owner, nowMs }: { owner: Address.Address; nowMs: number },
): { readonly terms: readonly Delegation[]; readonly notExpressed: readonly string[] } {
  const startDate = Math.floor((policy.fromMs ?? nowMs) / 1_000)
  const timestamp: Caveat = {
    type: 'timestamp',
    afterThreshold: startDate,
    beforeThreshold: Math.floor(policy.untilMs / 1_000),
  }
  const lost = new Set<string>()
  const terms = parts.flatMap((part): Delegation[] => {
    const at = { chain_id: part.chainId, rule: part.rule }
    if (part.kind === 'payment')
      return (part.recipients ?? [null]).map((recipient) => ({
        ...at,
        caveats: [timestamp, ...paymentOf(part, recipient), ...countedBy(part, { capsOf, startDate, lost })],
      }))
    return part.selectors.flatMap(({ selector, abi }) => {
      const own = argumentsOf(part, abi, owner)
      if (own === null) {
        lost.add(`Rule "${part.rule}": an argument cannot be compared as bytes at a fixed place, so it is left out.`)
        return []
      }
      lost.add(`Rule "${part.rule}": what the calls move is not counted.`)
      const method = abi === null ? selector : toFunctionSignature(abi)
      const targets: Caveat[] = [
        { type: 'allowedTargets', targets: part.contracts },
        { type: 'allowedMethods', selectors: [method] },
        { type: 'valueLte', maxValue: '0' },
      ]
      return [{ ...at, caveats: [timestamp, ...targets, ...own] }]
    })
  })
  for (const asset of new Set(
    terms.flatMap(() => parts.flatMap((part) => (part.kind === 'payment' ? [part.asset] : []))),
  ))
    if (terms.length > 1) lost.add(`Limits of ${asset}: each delegation counts for itself, not all together.`)
  return { terms, notExpressed: [...lost] }
}

function paymentOf({ token }: Part & { kind: 'payment' }, recipient: Address.Address | null): Caveat[] {
  if (token === null)
    return [
      ...(recipient === null ? [] : [{ type: 'allowedTargets', targets: [recipient] }]),
      { type: 'exactCalldata', calldata: '0x' },
    ]
  return [
    { type: 'allowedTargets', targets: [token.address] },
    { type: 'allowedMethods', selectors: [TRANSFER] },
    { type: 'valueLte', maxValue: '0' },
    ...(recipient === null ? [] : [{ type: 'allowedCalldata', startIndex: 4, value: wordOf(recipient) }]),
  ]
}

function countedBy(
  part: Part & { kind: 'payment' },
  { capsOf, startDate, lost }: { capsOf: Parts['capsOf']; startDate: number; lost: Set<string> },
): Caveat[] {
  const caps = capsOf(part.asset, part.chainId)
  const asset = part.token === null ? {} : { tokenAddress: part.token.address }
  const [period, whole] =
    part.token === null
      ? ['nativeTokenPeriodTransfer', 'nativeTokenTransferAmount']
      : ['erc20PeriodTransfer', 'erc20TransferAmount']
  const caveats = caps.flatMap(({ limit, window, amount }): Caveat[] => {
    if (window.kind === 'rolling') {
      const periodDuration = Math.ceil(window.ms / 1_000)
      return [{ type: period, ...asset, periodAmount: amount.toString(), periodDuration, startDate }]
    }
    if (window.kind === 'lifetime') return [{ type: whole, ...asset, maxAmount: amount.toString() }]
    lost.add(`Limit "${limit}": the cap of one request is not known on chain.`)
    return []
  })
  if (caveats.length === 0) lost.add(`Rule "${part.rule}": nothing counts ${part.asset} on chain.`)
  return caveats
}

/** Tests as bytes at a fixed place: one value each, of a type that stands in the head. Null where one is not. */
function argumentsOf(
  { tests }: Part & { kind: 'call' },
  abi: AbiFunction | null,
  owner: Address.Address,
): Caveat[] | null {
  const caveats = tests.map(({ at, in: values, min, max }): Caveat | null => {
    const name = at.slice(1)
    const i = abi?.inputs.findIndex((input, k) => input.name === name || String(k) === name) ?? -1
    // Tuples and fixed arrays before it would move it.
    const isPlain = abi?.inputs.slice(0, i + 1).every(({ type }) => !type.startsWith('tuple') && !/\[\d+\]/.test(type))
    const [value] = values ?? []
    const given = value === 'own' ? owner : value
    if (i === -1 || isPlain !== true || abi?.inputs[i]?.type !== 'address' || values?.length !== 1) return null
    if (min !== undefined || max !== undefined || !Address.isAddress(given)) return null
    return { type: 'allowedCalldata', startIndex: 4 + 32 * i, value: wordOf(given) }
  })
  return caveats.includes(null) ? null : (caveats as Caveat[])
}

function wordOf(address: string): Hex.Hex {
  return `0x${address.slice(2).toLowerCase().padStart(64, '0')}`
}
