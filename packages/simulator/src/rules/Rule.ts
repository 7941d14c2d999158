import { Address } from '@countersign/base'
import { safeText } from '../decode/safeText.ts'
import type { AuthorityChange, Finding, Step, TokenChange } from '../Report.ts'
import type { Call, KnownAddress, SimulationRequest } from '../Request.ts'

/** What a rule may look at: everything that was found out, nothing that has to be fetched. */
export interface RuleContext {
  readonly request: SimulationRequest
  readonly steps: readonly Step[]
  readonly tokenChanges: readonly TokenChange[]
  readonly authorityChanges: readonly AuthorityChange[]
  /** Net movement that events announced, by `token|account` in lower case. */
  readonly announced: ReadonlyMap<string, bigint>
  /** An account at the block; undefined when it was not read. */
  account(
    address: Address.Address,
  ): { readonly hasCode: boolean; readonly nonce: bigint; readonly balance: bigint } | undefined
  known(address: Address.Address): KnownAddress | undefined
}

/** One rule: pure, named, never throwing. */
export interface Rule {
  readonly name: string
  check(context: RuleContext): readonly Finding[]
}

/** How a rule names an address to people: the registry's name, and always the address in full. */
export function nameOf(context: Pick<RuleContext, 'known'>, address: Address.Address): string {
  const known = context.known(address)
  // That somebody typed an address is no name for it.
  return known === undefined || known.kind === 'user' ? address : `${safeText(known.name, 48)} (${address})`
}

/** A plain payment that a call makes: who gets it and in what. Null for anything else. */
export function paymentOf(
  call: Call,
): { readonly recipient: Address.Address; readonly token: Address.Address | null } | null {
  if (call.to === null) return null
  if (call.data === '0x') return call.value > 0n ? { recipient: call.to, token: null } : null
  const word = (i: number): Address.Address => Address.fromWord(call.data.slice(10 + 64 * i, 74 + 64 * i))
  const selector = call.data.slice(0, 10)
  // transfer(address,uint256)
  if (selector === '0xa9059cbb' && call.data.length >= 138) return { recipient: word(0), token: call.to }
  // transferFrom and safeTransferFrom(address,address,uint256[,bytes]) and ERC-1155's safeTransferFrom
  if (['0x23b872dd', '0x42842e0e', '0xb88d4fde', '0xf242432a'].includes(selector) && call.data.length >= 202) {
    return { recipient: word(1), token: call.to }
  }
  return null
}
