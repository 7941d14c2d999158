import type { AuthorityChange } from './Authority.ts'
import type { BlockEnv } from './Block.ts'
import type { Comparison, Outcome } from './Outcome.ts'
import type { Lookahead } from './Report.ts'
import { Address, type Hex } from '@countersign/base'

/** What a block could be like in which the transaction lands, beside the one that is expected. */
export interface EnvironmentPlan {
  /** `simulator:` and the factors that are as simulators have them, the others as the chain has them. */
  readonly name:
    'spec-default' | 'other-builder' | 'later' | 'min-gas' | 'least-gas' | 'busy-block' | `simulator:${string}`
  /** For people: "in …". */
  readonly words: string
  readonly env: BlockEnv
  /** False for the environment that only simulators have: what happens there happens to nobody. */
  readonly isRealistic: boolean
  /** Gas limits to run at, from the limits and uses of the expected run. */
  gasLimits(limits: readonly bigint[], used: readonly bigint[]): bigint[]
}

/** What one further environment did. */
export interface EnvironmentRun {
  readonly plan: EnvironmentPlan
  readonly comparison: Comparison
  /** What it did to the user, read in full where it is not the same. */
  readonly outcome: Outcome
  /** The opcodes whose value alone moves the outcome; empty when it is the same. */
  readonly decidedBy: readonly string[]
}

/** What `differs` says where an environment's effects could not all be read. */
export const UNREADABLE = 'its effects could not be read'

/** A stored yes-or-no that decides what the batch does to the user. */
export interface SwitchRun {
  readonly contract: Address.Address
  readonly slot: Hex.Hex
  readonly comparison: Comparison
}

/** Whether a bought token can be sold again, tried in the fork. */
export interface SellBack {
  readonly token: Address.Address
  /** Where it came from: the pool or the seller. */
  readonly source: Address.Address
  readonly amount: bigint
  /** What the source received when the token went back, now and an hour later; null when it failed. */
  readonly now: bigint | null
  readonly later: bigint | null
}

/** What is left of a token that arrives, an hour and a month later; null where it does not answer. */
export interface Melt {
  readonly token: Address.Address
  /** Right after the run. */
  readonly held: bigint
  readonly gained: bigint
  readonly left: bigint | null
  readonly leftLater: bigint | null
}

/** Whether what was put into a contract that nobody vouches for can be taken out, tried in the fork. */
export interface Exit {
  readonly contract: Address.Address
  /** Whose it is: the user's, or an account's that the user controls. */
  readonly account: Address.Address
  /**
   * `open`: now and a month later. `closing`: now, and no more at the later of two times. `later`: between two times from now. `asked`: it has to be asked for first. `shut`: the contract has functions
   * for it, and none of them pays half. `unknown`: it has none of a known name, and no other paid.
   */
  readonly status: 'open' | 'closing' | 'later' | 'asked' | 'shut' | 'unknown'
  /** Seconds from now: it failed at the first, and worked at the second; of `closing`, the other way round. */
  readonly betweenS: readonly [number, number] | null
  /** The most that came back, in basis points of what was given. */
  readonly paidBps: number
  /** Signatures that were tried. */
  readonly tried: readonly string[]
}

/** A number in the user's call that is the least that it accepts, tried in the fork: just below what arrives it goes through, just above it fails. */
export interface EnforcedMinimum {
  /** 1-based. */
  readonly step: number
  /** What is counted; null for the coin. */
  readonly token: Address.Address | null
  readonly amount: bigint
}

/** What a contract that nobody vouches for holds for an account of the user's since this batch. */
export interface Deposit {
  readonly contract: string
  readonly account: string
  /** In the contract's own unit. */
  readonly amount: bigint
  /** What the user's side gave for it, by token; null for the coin. */
  readonly given: readonly { readonly token: string | null; readonly amount: bigint }[]
  /** Small numbers that the user's calls name: a pool, a position or an account of the user's own may be told by one. */
  readonly ids: readonly bigint[]
  /** The token that it is counted in, which the contract may have to be allowed to take back; null: an entry. */
  readonly receipt: string | null
  /** Nothing is written down for it: a purse knows its owner without. */
  readonly isUnwritten?: true
}

/** What an account can do by an entry that nothing explains: it called every function of the contract in the fork. */
export interface GrantTrial {
  readonly contract: Address.Address
  readonly subject: Address.Address
  /** Where the entry stands. */
  readonly slot: Hex.Hex
  /** How many functions were tried. */
  readonly functions: number
  /**
   * `harmless`: nothing moves. `bounded`: exactly the number that the user's call wrote, and one more is refused. `open`: more,
   * or a function that asks for the entry could not be made to succeed.
   */
  readonly outcome: 'harmless' | 'bounded' | 'open'
  /** The most that moved; null: nothing. */
  readonly most: { readonly token: string | null; readonly amount: bigint } | null
}

/** Whether somebody else can take out what the batch puts into a contract, tried in the fork. */
export interface DepositTrial {
  readonly contract: Address.Address
  /** It is written down for the user, or the user got a receipt. */
  readonly isWritten: boolean
  /** Anybody, and all whom the contract knows, tried every function. */
  readonly isWhole: boolean
  /** Who took it, of those who tried; anybody first. */
  readonly takers: readonly {
    readonly actor: Address.Address
    readonly isAnybody: boolean
    /** Null for the coin. */
    readonly token: string | null
    readonly amount: bigint
  }[]
}

/** What anybody can take from a contract now, and nobody could before the batch. */
export interface Opening {
  readonly contract: Address.Address
  /** Null for the coin. */
  readonly token: string | null
  readonly amount: bigint
}

/** What others can do after the batch: they call all that there is to call, in the fork. */
export interface Tries {
  readonly grants: readonly GrantTrial[]
  readonly deposits: readonly DepositTrial[]
  readonly openings: readonly Opening[]
  /** What of these could not be tried: there is too much of it, or the engine had no more to spend on it. */
  readonly untried: { readonly grants: readonly AuthorityChange[]; readonly openings: readonly Address.Address[] }
}

/** What happens next: the best move of everybody who gained something, and the way back of everything that was bought. */
export interface Ahead {
  readonly moves: readonly (Lookahead & {
    readonly change: AuthorityChange
    /** An allowance that is as it was after all of it was used. */
    readonly isLasting: boolean
  })[]
  readonly sellBacks: readonly SellBack[]
  readonly exits: readonly Exit[]
  readonly melts: readonly Melt[]
  readonly minimums: readonly EnforcedMinimum[]
  /** What was put in where a way out was tried. */
  readonly deposits: readonly Deposit[]
  /** New authority whose next move is not known how to make. */
  readonly unplayed: readonly AuthorityChange[]
  /** How many more there were than are tried. */
  readonly leftOut: {
    readonly grants: number
    readonly bought: number
    readonly deposits: number
    readonly balances: number
  }
}
