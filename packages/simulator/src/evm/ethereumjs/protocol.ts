import type { SignedAuthorization } from '../../model/Call.ts'
import type { Hex } from '@countersign/base'
import type { RawFrame } from '../../model/Trace.ts'
import type { AccessSet } from '../../model/Access.ts'
import type { BlockEnv } from '../../model/Block.ts'
import type { StateDiff } from '../../model/Run.ts'

/** The transaction to run. There is no nonce: it is always the sender's next. */
export interface EngineTransaction {
  readonly from: string
  /** `null` creates a contract. */
  readonly to: string | null
  readonly value: bigint
  readonly data: Hex.Hex
  readonly gasLimit: bigint
  /** What each unit of gas costs, base fee included. */
  readonly gasPriceWei: bigint
  /** Present and not empty: a type-4 transaction. */
  readonly authorizationList?: readonly SignedAuthorization[]
  /** EIP-2930. */
  readonly accessList?: readonly { readonly address: string; readonly storageKeys: readonly Hex.Hex[] }[]
}

/** What an account holds before the run; what is missing is empty. Slots and balances are hex. */
export interface AccountOverride {
  readonly balance?: string
  readonly nonce?: string
  readonly code?: string
  readonly stateDiff?: Readonly<Record<string, string>>
}

/** Everything a run depends on. The same input always gives the same result. */
export interface ExecuteInput {
  readonly chainId: number
  readonly env: BlockEnv & { readonly blobBaseFeeWei?: bigint }
  readonly transaction: EngineTransaction
  /** Address in lower case → account. The whole world of the run: nothing is fetched. */
  readonly state: Readonly<Record<string, AccountOverride>>
  /** Answers for BLOCKHASH. A block that is not here is answered 0 and named in `blockHashesAsked`. */
  readonly blockHashes?: ReadonlyMap<bigint, Hex.Hex>
  /** Digests in lower case that the ecrecover precompile answers with the address, whatever the signature. */
  readonly recovers?: ReadonlyMap<Hex.Hex, string>
  /**
   * A probe, not a transaction: nothing is paid, and fee, balance and intrinsic gas are not checked. All of the gas
   * limit, 2^27 at most, is for the run itself. The sender's nonce still goes up by one.
   */
  readonly isFree?: boolean
  /** Also collect `environmentReads` and `preimages`. */
  readonly watch?: boolean
}

/** What the run did. */
export interface ExecuteResult {
  /** As geth's `callTracer` with `withLog` gives it. */
  readonly trace: RawFrame
  /** As geth's `prestateTracer` gives it in `diffMode`. */
  readonly diff: StateDiff
  /** Every account and slot that was read or written. */
  readonly touched: AccessSet
  readonly gasUsed: bigint
  /**
   * Opcodes that read the block or the gas, by name; empty without `watch`. GAS counts only where CALL, CALLCODE,
   * DELEGATECALL or STATICCALL does not follow at once: there compilers mean "all of it", elsewhere the number is used.
   */
  readonly environmentReads: readonly string[]
  /** What was hashed, 20 to 8,192 bytes each, once each; empty without `watch`. Mapping slots are made of these. */
  readonly preimages: readonly { readonly hash: Hex.Hex; readonly preimage: Hex.Hex }[]
  /** Something longer, or beyond two mebibytes in all, was hashed and is not in `preimages`. */
  readonly isPreimageLost: boolean
  readonly blockHashesAsked: readonly bigint[]
}

/** `ExecuteInput` on its way to the worker: code goes over once and is then named by number. */
export interface WireInput extends Omit<ExecuteInput, 'state'> {
  readonly state: readonly (readonly [
    address: string,
    balance: string | undefined,
    nonce: string | undefined,
    codeId: number,
    /** Slot, value, slot, value: names of properties are dear to send. */
    slots: readonly string[],
  ])[]
  /** Code that the worker has not seen yet. Number 0 is no code. */
  readonly codes: readonly (readonly [codeId: number, code: string])[]
}

/** What comes back: an outcome, a refusal (the transaction is not valid), or the run's own limits. */
export type WireResult =
  | { readonly result: ExecuteResult }
  | { readonly refused: string }
  | { readonly limit: string }
  | { readonly failed: string }
