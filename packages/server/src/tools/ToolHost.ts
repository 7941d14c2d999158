import type { Address, Hex } from '@countersign/base'
import type { SignatureRequest } from '@countersign/simulator'
import type { LedgerEntry, Line, Question } from '../provenance/Provenance.ts'

/** A token that the app's configuration vouches for. Symbols are resolved here and nowhere else. */
export interface RegistryToken {
  readonly chainId: number
  readonly address: Address.Address
  readonly symbol: string
  readonly name: string
  readonly decimals: number
  /** Whether the symbol alone means this token. Default true; a symbol that only others bear is asked about. */
  readonly isCanonical?: boolean
}

/** A contract that the app's configuration vouches for. `spender`: may be approved by our own tools. */
export interface RegistryContract {
  readonly chainId: number
  readonly address: Address.Address
  readonly name: string
  readonly kind: 'token' | 'spender' | 'infrastructure' | 'contact'
}

/** Where our swap tool trades on one chain. */
export interface Exchange {
  readonly kind: 'uniswap-v2' | 'uniswap-v3'
  readonly router: Address.Address
  readonly wrappedNative: Address.Address
  /** Of Uniswap V3: what quotes, and how it answers; null where nobody knows. */
  readonly quoter?: Address.Address | null
  readonly quoterAbi?: 'v1' | 'v2' | null
  /** Of Uniswap V3: pool fees in hundredths of a basis point, in the order in which they are tried. */
  readonly fees?: readonly number[]
}

/** Where an argument came from, looked up and never believed. Not found anywhere means `model`. */
export type ArgumentProvenance = Line

/** What a draft's provenance asks of the owner before a wallet may open. */
export interface Confirmation {
  readonly level: 'ordinary' | 'step-up'
  readonly questions: readonly Question[]
}

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
