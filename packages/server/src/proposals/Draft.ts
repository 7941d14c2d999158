import type { Address, Hex } from '@countersign/base'
import type { ArgumentProvenance, Confirmation } from '../provenance/Provenance.ts'

/** One transaction a tool wants staged. Gas and fees are not the tool's business: the simulation binds them. */
export interface DraftCall {
  readonly to: Address.Address | null
  readonly value: bigint
  readonly data: Hex.Hex
  readonly label: string
  /** `native_transfer`, `erc20_transfer`, `erc20_approve`, `swap`, `contract_call`, `contract_creation`. */
  readonly kind: string
}

export interface Draft extends Partial<Confirmation> {
  readonly chainId: number
  readonly from: Address.Address
  readonly calls: readonly DraftCall[]
  /** One sentence made by code from typed arguments. A model never writes it. */
  readonly summary: string
  readonly provenance: readonly ArgumentProvenance[]
  /** A tool of the app answered with it: one answer is one proposal. */
  readonly isAnswer?: boolean
  /** The turn that stages it. */
  readonly turnId?: string
  /** JSON of the wallet whose signature does in place of typed values. */
  readonly stepUp?: string | null
}

/** What the gate answers to a tool: never bytes to sign, only what became of the draft. */
export interface StagedAnswer {
  readonly proposalId: string
  readonly digest: string
  readonly state: 'receipted' | 'blocked'
  readonly verdict: 'allow' | 'warn' | 'block'
  /** Block and warn findings, worst first; texts are escaped and safe to quote to people. */
  readonly findings: readonly { readonly rule: string; readonly level: string; readonly because: string }[]
  /** Why it was blocked, in a sentence; null otherwise. */
  readonly reason: string | null
  /** What leaves and arrives for the sender, for the reply text, e.g. "-1 ETH", "+2480.12 USDC". */
  readonly changes: readonly string[]
  readonly feeWei: string
}
