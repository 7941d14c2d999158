import type { Address } from '@countersign/base'
import type { Call, Report } from '../src/index.ts'
import type { Scene, World } from './World.ts'

/** The families of the attack catalogue (simulation notes, Part 3), by the letter of their ids. */
export const FAMILIES = {
  A: 'environment detection',
  B: 'state changes before execution',
  C: 'authority grants',
  D: 'account code',
  E: 'token semantics',
  F: 'recipients and agents',
} as const

export type Family = keyof typeof FAMILIES

/** What really happens to the user on the chain: the truth that any simulator's answer is held against. */
export interface Harm {
  /** Balances of the user that go down by at least this much, without a fair return. `null`: ether. */
  readonly loses?: readonly (readonly [token: Address.Address | null, atLeast: bigint])[]
  /** Who gains a power over the user's assets, and where it stands. */
  readonly grants?: readonly {
    readonly contract: Address.Address
    readonly subject: Address.Address
    /** What the subject may do with it, where no getter of a standard tells. */
    readonly use?: Call
  }[]
  /** The user does not get this, whatever is said or shown. `null`: ether. */
  readonly neverArrives?: Address.Address | null
  /** What arrives at somebody falls short of what was sent. */
  readonly shortfall?: { readonly account: Address.Address; readonly token: Address.Address; readonly received: bigint }
  /** A step fails, and what came before it stands. */
  readonly fails?: true
  /** The harm is a fee of this much gas and more. */
  readonly gas?: bigint
  /** What no balance, event or failure of this transaction shows, in words: a later theft, another recipient than meant. */
  readonly hidden?: string
}

/** A scene with the truth about it, and the facts that the report must show. */
export interface Staged extends Scene {
  readonly harm: Harm
  /** Each must be true of the report. */
  shows(report: Report.Report, card: string): Readonly<Record<string, boolean>>
}

/** An attack that a request or a document makes by itself. */
export interface Attack {
  readonly id: string
  readonly title: string
  /** `allow`: nothing is there to be fooled by; the loss is told as it is. */
  readonly verdict: 'allow' | 'warn' | 'block'
  /** Rules that must be among the findings; the worst of them makes the verdict. */
  readonly rules: readonly string[]
  stage(world: World): Staged | Promise<Staged>
}

/** An attack that is met somewhere else than in one simulation, with the test that shows it. */
export interface Elsewhere {
  readonly id: string
  readonly title: string
  /** Relative to the repository. */
  readonly covered: readonly { readonly file: string; readonly test: string }[]
}

/** An open case: listed, and not claimed. */
export interface Open {
  readonly id: string
  readonly title: string
  readonly why: string
}

/** Something honest that looks like an attack. */
export interface Benign {
  /** The family it looks like. */
  readonly family: Family
  readonly title: string
  /** `warn`: an owner should look twice, and the reason is honest; anything above it is a false block. */
  stage(world: World): Scene | Promise<Scene>
}
