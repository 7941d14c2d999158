import type { Hex } from '@countersign/base'
import { decodeAbiParameters, encodeAbiParameters, encodeFunctionData, parseAbi } from 'viem'
import { safeText } from '../decode/safeText.ts'

/** A read made inside the fork, as the user, before and after. */
export interface Probe {
  readonly to: string
  readonly data: Hex.Hex
}

/** What a contract answered to a probe. */
export interface ProbeAnswer {
  readonly success: boolean
  readonly data: Hex.Hex
}

const CALLS = [
  {
    type: 'tuple[]',
    components: [{ type: 'bool' }, { type: 'address' }, { type: 'uint256' }, { type: 'bytes' }],
  },
] as const
const ANSWERS = [{ type: 'tuple[]', components: [{ type: 'bool' }, { type: 'bytes' }] }] as const

/** Call data for `BatchProbe`. */
export function encodeBatch(calls: readonly { to: string | null; value: bigint; data: Hex.Hex }[]): Hex.Hex {
  return encodeAbiParameters(CALLS, [
    calls.map(
      (call) => [call.to === null, (call.to ?? `0x${'00'.repeat(20)}`) as Hex.Hex, call.value, call.data] as const,
    ),
  ])
}

/** What `BatchProbe` returned. */
export function decodeBatch(data: Hex.Hex): ProbeAnswer[] {
  return decodeAbiParameters(ANSWERS, data)[0].map(([success, answer]) => ({ success, data: answer }))
}

const READS = parseAbi([
  'function balanceOf(address account) view returns (uint256)',
  'function balanceOf(address account, uint256 id) view returns (uint256)',
  'function allowance(address owner, address spender) view returns (uint256)',
  'function allowance(address owner, address token, address spender) view returns (uint160 amount, uint48 expiration, uint48 nonce)',
  'function isApprovedForAll(address owner, address operator) view returns (bool)',
  'function getApproved(uint256 tokenId) view returns (address)',
  'function ownerOf(uint256 tokenId) view returns (address)',
  'function symbol() view returns (string)',
  'function decimals() view returns (uint8)',
])

const address = (text: string) => text as Hex.Hex

export const balanceOf = (token: string, account: string): Probe => ({
  to: token,
  data: encodeFunctionData({ abi: READS, functionName: 'balanceOf', args: [address(account)] }),
})
export const balanceOfId = (token: string, account: string, id: bigint): Probe => ({
  to: token,
  data: encodeFunctionData({ abi: READS, functionName: 'balanceOf', args: [address(account), id] }),
})
export const allowance = (token: string, owner: string, spender: string): Probe => ({
  to: token,
  data: encodeFunctionData({ abi: READS, functionName: 'allowance', args: [address(owner), address(spender)] }),
})
export const permit2Allowance = (permit2: string, owner: string, token: string, spender: string): Probe => ({
  to: permit2,
  data: encodeFunctionData({
    abi: READS,
    functionName: 'allowance',
    args: [address(owner), address(token), address(spender)],
  }),
})
export const isApprovedForAll = (token: string, owner: string, operator: string): Probe => ({
  to: token,
  data: encodeFunctionData({ abi: READS, functionName: 'isApprovedForAll', args: [address(owner), address(operator)] }),
})
export const getApproved = (token: string, id: bigint): Probe => ({
  to: token,
  data: encodeFunctionData({ abi: READS, functionName: 'getApproved', args: [id] }),
})
export const ownerOf = (token: string, id: bigint): Probe => ({
  to: token,
  data: encodeFunctionData({ abi: READS, functionName: 'ownerOf', args: [id] }),
})
export const symbol = (token: string): Probe => ({ to: token, data: '0x95d89b41' })
export const decimals = (token: string): Probe => ({ to: token, data: '0x313ce567' })

/** A word as a number; null when the contract did not answer with one. */
export function asNumber(answer: ProbeAnswer | undefined, word = 0): bigint | null {
  if (answer === undefined || !answer.success || answer.data.length < 2 + 64 * (word + 1)) return null
  return BigInt(`0x${answer.data.slice(2 + 64 * word, 66 + 64 * word)}`)
}

/** Whether the call went through and said nothing: there was no contract yet. */
export function isEmpty(answer: ProbeAnswer | undefined): boolean {
  return answer?.success === true && answer.data === '0x'
}

/** An owner, lower case; null for nobody. */
export function asOwner(answer: ProbeAnswer | undefined): string | null {
  const word = asNumber(answer)
  return word === null || word === 0n ? null : `0x${word.toString(16).padStart(40, '0').slice(-40)}`
}

/** A symbol, whether the token says it as a string or, as old ones do, as bytes32. Escaped for people. */
export function asText(answer: ProbeAnswer | undefined): string | null {
  if (answer === undefined || !answer.success || answer.data === '0x') return null
  try {
    if (answer.data.length === 66) {
      const bytes = Buffer.from(answer.data.slice(2), 'hex')
      const end = bytes.indexOf(0)
      return safeText(bytes.subarray(0, end < 0 ? 32 : end).toString('utf8'), 32)
    }
    return safeText(decodeAbiParameters([{ type: 'string' }], answer.data)[0], 32)
  } catch {
    return null
  }
}
