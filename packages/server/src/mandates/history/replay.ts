import { Address } from '@countersign/base'
import { decide } from '../decide/decide.ts'
import type { Moves } from '../decide/Moves.ts'
import { NAMED_LIFTS } from '../decide/namedLifts.ts'
import type { Asker, Balance, Mandate, Spoke } from '../decide/Situation.ts'
import { coverKey, newRecipients } from '../decide/units.ts'
import { mandateLayer } from '../findMandate.ts'
import { toCanonical } from '../policy/canonical.ts'
import { digestOf, type Answer, type Limit, type Policy } from '../policy/Policy.ts'
import * as Window from '../policy/Window.ts'

/** Something that an owner's account did, and what was decided about it then. */
export interface Past {
  readonly proposal: string
  readonly atMs: number
  readonly moves: Moves
  readonly asker: Asker
  /** What was asked by provenance. */
  readonly stepUp: readonly { readonly value: string; readonly because: string }[]
  /** What was answered then; `ask` where no mandate was in force. */
  readonly was: Answer
}

export interface Replayed {
  readonly past: Past
  readonly would: Answer
  readonly spoke: readonly Spoke[]
}

export interface Replay {
  readonly all: readonly Replayed[]
  /** What a replay cannot tell. */
  readonly notChecked: readonly string[]
}

/**
 * Decides about a history as a policy would have, in its own time, with the decision procedure itself and a ledger of its own.
 * What is asked counts as confirmed, because it happened; what is denied counts nowhere. Nothing is written.
 *
 * @param past - Oldest first.
 * @param of.isConfirmed - Whether the owner said yes to what would have asked.
 */
export function replay(
  policy: Policy,
  past: readonly Past[],
  { app, owner, isConfirmed = true }: { app: string; owner: Address.Address; isConfirmed?: boolean },
): Replay {
  const isDollars = ({ caps }: Limit): boolean =>
    caps.some(({ unit }) => unit.kind === 'usd' || unit.kind === 'usd.loss')
  // The history is older than the policy.
  const tried: Policy = {
    ...policy,
    ...{ owner, fromMs: null, untilMs: Number.MAX_SAFE_INTEGER },
    limits: policy.limits.filter((limit) => !isDollars(limit)),
  }
  const mandate: Mandate = {
    ...{ id: 'replay', name: policy.name, version: 0, state: 'active', owner, policy: tried },
    digest: digestOf(toCanonical(policy)),
  }
  const layers = [mandateLayer({ app, owner, policy: tried })]
  const rows = new Map<string, Sum>()
  const known = new Set<string>()
  const covered = new Map<string, bigint>()
  const all = past.map((each): Replayed => {
    const { moves, asker, stepUp, atMs } = each
    const decision = decide({
      ...{ moves, mandate, layers },
      ledger: (scope, unit, window) => rows.get(`${scope} ${unit} ${window}`)?.at(atMs) ?? null,
      situation: {
        ...{ nowMs: atMs, asker, stepUp, known, covered, prices: new Map(), openRecipients: new Set<string>() },
        namedLifts: NAMED_LIFTS,
      },
    })
    const { answer, spoke } = decision
    if (answer === 'deny' || (answer !== 'allow' && !isConfirmed)) return { past: each, would: answer, spoke }
    for (const { scope, unit, window, amount } of decision.lines) {
      const key = `${scope} ${unit} ${window}`
      const sum = rows.get(key) ?? new Sum(window)
      rows.set(key, sum)
      sum.add(atMs, amount)
    }
    for (const recipient of newRecipients(moves, { known })) known.add(recipient)
    cover(covered, moves)
    return { past: each, would: answer, spoke }
  })
  const usesDollars =
    tried.limits.length < policy.limits.length || policy.rules.some(({ when }) => when.usdOver !== undefined)
  return {
    all,
    notChecked: [
      ...(usesDollars ? ['Prices of that time are not kept: limits in dollars were left out.'] : []),
      'An allowance counts from when it was given, and no longer than its windows.',
    ],
  }
}

/** What a window of one limit holds as time goes on. */
class Sum {
  readonly #window: Window.Window
  readonly #lines: { readonly atMs: number; readonly amount: bigint }[] = []
  #first = 0
  #sum = 0n

  constructor(window: string) {
    this.#window = Window.fromKey(window)
  }

  add(atMs: number, amount: bigint): void {
    this.#lines.push({ atMs, amount })
    this.#sum += amount
  }

  at(nowMs: number): Balance {
    const startMs = Window.startMs(this.#window, nowMs)
    for (let line = this.#lines[this.#first]; line !== undefined && line.atMs < startMs;) {
      this.#sum -= line.amount
      line = this.#lines[(this.#first += 1)]
    }
    return { open: 0n, settled: this.#sum, freeAt: () => null }
  }
}

/** Allowances that stand after a request: what is taken through them later is not new. */
function cover(covered: Map<string, bigint>, { chainId, effects }: Moves): void {
  for (const { kind, token, counterparty, contract, amount } of effects) {
    if (token === null || amount === null) continue
    if (kind === 'authority' && counterparty !== null) covered.set(coverKey(chainId, token, counterparty), amount)
    if (kind !== 'outflow' || contract === null) continue
    const key = coverKey(chainId, token, contract)
    const left = (covered.get(key) ?? 0n) - amount
    if (left > 0n) covered.set(key, left)
    else covered.delete(key)
  }
}
