import { Address, Wei, type Hex } from '@countersign/base'
import { decodeFunctionData, erc20Abi } from 'viem'
import type { Chain } from '../chains/Chain.ts'

/** A call as it was asked for. */
export interface AskedCall {
  readonly to: Address.Address | null
  readonly value: bigint
  readonly data: Hex.Hex
}

/** What a step is called on the card. */
export interface Described {
  readonly label: string
  readonly kind: string
}

/** What is known by name on a chain. */
type Names = Pick<Chain, 'nativeSymbol' | 'tokens' | 'contracts'>

/**
 * Names a call by its bytes and by what the app vouches for. The words of whoever asks stand on no card: they could call
 * a drain a refund.
 */
export function describeCall(names: Names, { to, value, data }: AskedCall): Described {
  if (to === null) return { label: 'Create a contract', kind: 'contract_creation' }
  const native = (amount: bigint): string => `${Wei.format(amount, 18)} ${names.nativeSymbol}`
  if (data === '0x') return { label: `Send ${native(value)} to ${to}`, kind: 'native_transfer' }
  const token = names.tokens.find((each) => each.address === to)
  const amountOf = (amount: bigint): string =>
    token === undefined ? `${amount} of the token ${to}` : `${Wei.format(amount, token.decimals)} ${token.symbol}`
  const transfer = value === 0n ? transferOf(data) : null
  if (transfer !== null)
    return { label: `Send ${amountOf(transfer.amount)} to ${transfer.recipient}`, kind: 'erc20_transfer' }
  const approval = value === 0n ? approvalOf(data) : null
  if (approval !== null) {
    const { spender, amount } = approval
    const what =
      amount >= 2n ** 255n ? `an unlimited amount of ${token?.symbol ?? `the token ${to}`}` : amountOf(amount)
    return { label: `Let ${nameOf(names, spender)} spend ${what}`, kind: 'erc20_approve' }
  }
  const beside = value === 0n ? '' : ` with ${native(value)}`
  return { label: `Call ${data.slice(0, 10)} of ${nameOf(names, to)}${beside}`, kind: 'contract_call' }
}

/** One sentence for a whole proposal. */
export function describeDraft(calls: readonly Described[]): string {
  const [first, ...more] = calls
  if (first === undefined) return ''
  if (more.length === 0) return first.label
  return `${calls.length} transactions: ${calls.map(({ label }) => label).join('; ')}`.slice(0, 500)
}

function nameOf({ tokens, contracts }: Names, address: Address.Address): string {
  const found = [...contracts, ...tokens].find((each) => each.address === address)
  return found === undefined ? address : `${found.name} (${address})`
}

function transferOf(data: Hex.Hex): { recipient: Address.Address; amount: bigint } | null {
  const decoded = decode(data)
  if (decoded?.functionName !== 'transfer') return null
  return { recipient: Address.parse(decoded.args[0]), amount: decoded.args[1] }
}

function approvalOf(data: Hex.Hex): { spender: Address.Address; amount: bigint } | null {
  const decoded = decode(data)
  if (decoded?.functionName !== 'approve') return null
  return { spender: Address.parse(decoded.args[0]), amount: decoded.args[1] }
}

function decode(data: Hex.Hex) {
  try {
    return decodeFunctionData({ abi: erc20Abi, data })
  } catch {
    return null
  }
}
