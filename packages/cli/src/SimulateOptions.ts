/** Options of `countersign simulate`, as the command line gives them. */
export interface SimulateOptions {
  readonly rpcUrl?: string
  readonly server?: string
  readonly fallbackRpcUrl: readonly string[]
  readonly quorum: string
  readonly verifyProofs?: boolean
  readonly chainId?: string
  readonly from: string
  readonly tx: readonly string[]
  readonly block: string
  readonly known?: string
  readonly typedData?: string
  readonly intent?: string
  readonly descriptors?: string
  readonly stateOverrides?: string
  readonly lookAhead: boolean
  readonly dataDir: string
  readonly receiptTtl: string
  readonly receipt: boolean
  readonly json?: boolean
  readonly timings?: boolean
  /** A route of an atomic batch. */
  readonly enforce?: string
  readonly guard?: string
}

/** Exit codes of `countersign simulate`, beside those every error has. */
export const EXIT = { allow: 0, warn: 10, block: 11 } as const
