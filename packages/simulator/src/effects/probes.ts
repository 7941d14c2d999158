import { decodeAbiParameters } from 'viem'
import { safeText } from '../decode/safeText.ts'
import type { Probe, ProbeAnswer } from '../evm/ReadProbe.ts'

export type { Probe, ProbeAnswer }

/** Arguments of a getter: addresses and numbers, a word each. */
const words = (...values: readonly (string | bigint)[]): string =>
  values
    .map((value) => (typeof value === 'bigint' ? value.toString(16) : value.slice(2).toLowerCase()).padStart(64, '0'))
    .join('')

/** balanceOf(address) */
export const balanceOf = (token: string, account: string): Probe => ({
  to: token,
  data: `0x70a08231${words(account)}`,
})
/** balanceOf(address,uint256) */
export const balanceOfId = (token: string, account: string, id: bigint): Probe => ({
  to: token,
  data: `0x00fdd58e${words(account, id)}`,
})
/** allowance(address,address) */
export const allowance = (token: string, owner: string, spender: string): Probe => ({
  to: token,
  data: `0xdd62ed3e${words(owner, spender)}`,
})
/** Permit2's allowance(address,address,address): amount, expiration, nonce. */
export const permit2Allowance = (permit2: string, owner: string, token: string, spender: string): Probe => ({
  to: permit2,
  data: `0x927da105${words(owner, token, spender)}`,
})
/** isApprovedForAll(address,address) */
export const isApprovedForAll = (token: string, owner: string, operator: string): Probe => ({
  to: token,
  data: `0xe985e9c5${words(owner, operator)}`,
})
/** getApproved(uint256) */
export const getApproved = (token: string, id: bigint): Probe => ({ to: token, data: `0x081812fc${words(id)}` })
/** ownerOf(uint256) */
export const ownerOf = (token: string, id: bigint): Probe => ({ to: token, data: `0x6352211e${words(id)}` })
export const totalSupply = (token: string): Probe => ({ to: token, data: '0x18160ddd' })
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
