import type { ClearSigning } from './ClearSigning.ts'
import type { Address, Hex } from '@countersign/base'

export interface Step {
  /** 1-based position in the batch. */
  readonly step: number
  readonly label: string | null
  /** `halt` is an exceptional stop (out of gas, invalid opcode); `skipped` follows a failed step. */
  readonly status: 'success' | 'revert' | 'halt' | 'skipped'
  readonly revert: { readonly reason: string; readonly error: string | null; readonly data: Hex.Hex } | null
  readonly gasUsed: bigint
  readonly gasLimit: bigint
  readonly returnData: Hex.Hex
  readonly calls: CallFrame | null
  readonly logs: readonly Log[]
  /** The call in the words of its ERC-7730 descriptor, which explain it and vouch for nothing; null without one. */
  readonly clearSigning: ClearSigning | null
}

export interface CallFrame {
  readonly type: 'CALL' | 'STATICCALL' | 'DELEGATECALL' | 'CALLCODE' | 'CREATE' | 'CREATE2' | 'SELFDESTRUCT'
  readonly from: Address.Address
  readonly to: Address.Address | null
  readonly value: bigint
  readonly selector: Hex.Hex | null
  readonly signature: string | null
  readonly args: readonly unknown[] | null
  readonly gasUsed: bigint
  readonly status: 'success' | 'revert' | 'halt'
  /** Why it failed, escaped; left out where it did not. */
  readonly reason?: string
  readonly calls: readonly CallFrame[]
}

export interface Log {
  readonly address: Address.Address
  readonly topics: readonly Hex.Hex[]
  readonly data: Hex.Hex
  readonly event: string | null
  readonly args: Readonly<Record<string, unknown>> | null
}

/** One contract call, flattened from the call tree in execution order. */
export interface ContractCall {
  readonly address: Address.Address
  /** A name from the caller's registry of known contracts, never from the chain. */
  readonly name: string | null
  readonly signature: string | null
  readonly step: number
  /** 0 is the transaction itself. */
  readonly depth: number
  readonly value: bigint
  readonly codeHash: Hex.Hex
}
