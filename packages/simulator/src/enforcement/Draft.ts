import { Digest, type Address, type Hex } from '@countersign/base'
import { formatUnits } from 'viem'
import type { Intent } from '../model/Intent.ts'
import type { BatchCall, OutcomeBound } from '../model/OutcomeBound.ts'
import type { Report } from '../model/Report.ts'
import { encodeBounds } from './PackedBounds.ts'

/** What the chain answers to one question, before and after the user's calls; null: a revert, or no code. */
export interface Reading {
  readonly before: Hex.Hex | null
  readonly after: Hex.Hex | null
}

export interface Question {
  readonly target: Address.Address
  readonly data: Hex.Hex
}

/** Collections in which the account's events name a contract of the run as operator. */
export interface Operated {
  readonly collections: readonly Address.Address[]
  /** False where the provider did not answer for the whole chain. */
  readonly isListed: boolean
  /** Ids that ever arrived in them at the account, as their events tell (ERC-1155, ERC-6909), oldest first. */
  readonly pieces?: readonly { readonly collection: Address.Address; readonly id: bigint }[]
}

/** What the derivation needs beside report and intent. Pure data: asked of the chain by whoever calls. */
export interface OutcomeState {
  /** The user's calls. */
  readonly calls: readonly BatchCall[]
  /** Answers, by `questionKey`. A question that is not among them comes back in `Derivation.missing`. */
  readonly readings: ReadonlyMap<string, Reading>
  /** Hash of the code before the batch, by address in lower case; null: no code. */
  readonly codeHashes: ReadonlyMap<string, Hex.Hex | null>
  /** Fungible tokens that the account may hold, beside those of the report: what the registry vouches for. */
  readonly tokens: readonly { readonly address: Address.Address; readonly symbol: string; readonly decimals: number }[]
  /** Collections in which a contract of the run is an operator, as far as events tell. */
  readonly operated: Operated
  /** The most that a unit of gas may cost, as it is signed; null where somebody else sends the transaction. */
  readonly feeCapWei: bigint | null
  /** Seconds since 1970. */
  readonly expiresAtS: bigint
  /** 0 to 300; what an inflow may fall short by where the intent names no minimum. */
  readonly slippageBps: number
}

export interface Derivation {
  /** Those of `open` first; within a stage by their bytes. */
  readonly bounds: readonly OutcomeBound[]
  readonly notEnforced: readonly { readonly what: string; readonly why: string }[]
  /** What must be read before the derivation is complete. */
  readonly missing: readonly Question[]
  readonly missingCode: readonly Address.Address[]
  /** Whether every inflow that was shown has its bound. */
  readonly hasAllInflows: boolean
}

export function questionKey({ target, data }: Question): string {
  return `${target}|${data}`.toLowerCase()
}

/** A word of an answer as a number; null where the answer ends before it. */
export function wordOf(answer: Hex.Hex | null, index = 0): bigint | null {
  const digits = answer?.slice(2 + 64 * index, 66 + 64 * index) ?? ''
  return digits.length === 64 ? BigInt(`0x${digits}`) : null
}

/** What the layers write into: bounds, what cannot be bounded, and what is not known yet. */
export class Draft {
  readonly report: Report
  readonly intent: Intent | null
  readonly state: OutcomeState
  readonly account: Address.Address
  hasAllInflows = true
  readonly #bounds = new Map<string, OutcomeBound>()
  readonly #notEnforced = new Map<string, string>()
  readonly #missing = new Map<string, Question>()
  readonly #missingCode = new Set<Address.Address>()

  constructor(report: Report, intent: Intent | null, state: OutcomeState) {
    this.report = report
    this.intent = intent
    this.state = state
    this.account = report.from
  }

  /** What a question answers; nothing while it has not been asked. */
  ask(target: Address.Address, data: Hex.Hex): Reading {
    const known = this.state.readings.get(questionKey({ target, data }))
    if (known === undefined) this.#missing.set(questionKey({ target, data }), { target, data })
    return known ?? { before: null, after: null }
  }

  /** Hash of an account's code before the batch; null: none. */
  codeHash(account: Address.Address): Hex.Hex | null {
    const known = this.state.codeHashes.get(account.toLowerCase())
    if (known === undefined) this.#missingCode.add(account)
    return known ?? null
  }

  /** Adds a bound. Of two on the same reading with the same operator the tighter one stays. */
  add(fields: Partial<OutcomeBound> & Pick<OutcomeBound, 'source' | 'op' | 'value' | 'text'>): void {
    const bound: OutcomeBound = {
      stage: 'close',
      target: null,
      data: null,
      word: 0,
      derivesFrom: 'report',
      ...fields,
    }
    const key = [bound.stage, bound.source, bound.op, bound.target, bound.data, bound.word].join('|').toLowerCase()
    const other = this.#bounds.get(key)
    const isLower = bound.op === 'at_least' || bound.op === 'rises_at_least'
    if (other === undefined || (isLower ? bound.value > other.value : bound.value < other.value))
      this.#bounds.set(key, bound)
  }

  /** Names what no bound covers. */
  cannot(what: string, why: string): void {
    this.#notEnforced.set(what, why)
  }

  finish(): Derivation {
    const bounds = [...this.#bounds.values()]
      .map((bound) => ({ bound, bytes: encodeBounds([bound]) }))
      .toSorted((a, b) => order(a.bound.stage) - order(b.bound.stage) || (a.bytes < b.bytes ? -1 : 1))
      .map(({ bound }) => bound)
    return {
      bounds,
      notEnforced: [...this.#notEnforced].map(([what, why]) => ({ what, why })),
      missing: [...this.#missing.values()],
      missingCode: [...this.#missingCode],
      hasAllInflows: this.hasAllInflows,
    }
  }

  /** An amount of a token in words; its symbol stands in the report or the registry, else its address. */
  amount(token: Address.Address | null, amount: bigint): string {
    if (token === null) return `${formatUnits(amount, 18)} ${this.report.chain.coin ?? 'coin'}`
    const { symbol, decimals } = this.nameOf(token)
    return decimals === null ? `${amount} units of ${symbol}` : `${formatUnits(amount, decimals)} ${symbol}`
  }

  nameOf(token: Address.Address): { readonly symbol: string; readonly decimals: number | null } {
    const known = this.state.tokens.find(({ address }) => address === token)
    const shown = this.report.tokenChanges.find((change) => change.token === token)
    return {
      symbol: known?.symbol ?? shown?.symbol ?? token,
      decimals: known?.decimals ?? shown?.decimals ?? null,
    }
  }
}

function order(stage: OutcomeBound['stage']): number {
  return stage === 'open' ? 0 : 1
}

/** SHA-256 of the bounds' canonical JSON. The same report and intent give the same digest. */
export function boundsDigest(bounds: readonly OutcomeBound[]): Digest.Digest {
  return Digest.ofJson(
    bounds.map(({ stage, source, op, target, data, word, value, derivesFrom }) => ({
      stage,
      source,
      op,
      target,
      data,
      word,
      value: value.toString(),
      derives_from: derivesFrom,
    })),
  )
}
