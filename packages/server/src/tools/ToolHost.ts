import type { Address, Hex } from '@countersign/base'
import type { SignatureRequest } from '@countersign/simulator'
import type { Exchange, RegistryContract, RegistryToken } from '../chains/Registry.ts'
import type { Draft, StagedAnswer } from '../proposals/Draft.ts'
import type { ArgumentProvenance, Confirmation, LedgerEntry } from '../provenance/Provenance.ts'

/**
 * Everything a tool may touch, for one turn of one session. There is no way from here to a signature: `stage`
 * simulates and receipts, `commit` queues receipted bytes for the owner's wallet.
 */
export interface ToolHost {
  readonly chainId: number
  /** The connected wallet as the client claims it; null when none is. It grants nothing. */
  readonly account: Address.Address | null
  readonly nativeSymbol: string
  readonly tokens: readonly RegistryToken[]
  readonly contracts: readonly RegistryContract[]
  /** The first that has a pool for a pair is used. */
  readonly exchanges: readonly Exchange[]
  /** Everything the user typed in this session, oldest first, for provenance. The last is this turn's, empty where the user said nothing in it. */
  readonly userTexts: readonly string[]
  /** What the user did before and what is settled, newest first: for words such as "again". */
  ledger?(): Promise<readonly LedgerEntry[]>
  nativeBalance(account: Address.Address): Promise<bigint>
  code(account: Address.Address): Promise<Hex.Hex>
  /** A read-only call at the latest block. Reverts are returned as `{ reverted: reason }`. */
  read(call: {
    to: Address.Address
    data: Hex.Hex
    from?: Address.Address
  }): Promise<{ data: Hex.Hex } | { reverted: string }>
  stage(draft: Draft): Promise<StagedAnswer>
  /**
   * Reads an EIP-712 document strictly.
   * @throws {BaseError} `simulation:signature:unreadable`.
   */
  readDocument(input: {
    readonly from: Address.Address
    readonly document: Readonly<Record<string, unknown>>
  }): SignatureRequest
  /** Stages a document for the owner to sign: what its holder could do is simulated. */
  stageDocument(
    draft: Partial<Confirmation> & {
      readonly from: Address.Address
      readonly signature: SignatureRequest
      readonly summary: string
      readonly provenance: readonly ArgumentProvenance[]
    },
  ): Promise<StagedAnswer>
  /**
   * Hands receipted proposals to the wallet queue.
   * @throws {BaseError} `proposals:…` when there is no live receipt for exactly these bytes.
   */
  /** Chooses a way on from the newest batch that ended half done, which the gate staged. */
  finish(how: 'continue' | 'revoke'): Promise<{
    readonly proposalId: string
    readonly txIds: readonly number[]
    readonly state: string
    /** Why it is blocked; null otherwise. */
    readonly reason: string | null
  }>
  commit(proposalId: string): Promise<{ readonly proposalId: string; readonly txIds: readonly number[] }>
  /** This session's proposals, newest first. */
  proposals(): Promise<readonly { readonly id: string; readonly state: string; readonly summary: string }[]>
}
