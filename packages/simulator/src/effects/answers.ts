import * as Probes from './probes.ts'

/** Who a getter names, read before and after. */
export type Owners = (key: string) => { readonly before: string | null; readonly after: string | null }
/** A number read before and after; null where the contract does not answer with one at either time. */
export type Pairs = (key: string, word?: number) => { readonly before: bigint; readonly after: bigint } | null

interface Asked {
  readonly probes: readonly { readonly key: string }[]
  readonly before: readonly Probes.ProbeAnswer[]
  readonly after: readonly Probes.ProbeAnswer[]
  /** Whether this batch makes the contract. */
  isCreated(contract: string): boolean
  /** Whether only storage names it: a getter that fails for it was never promised by anybody. */
  isDerived(key: string): boolean
}

/** Answers of getters at both times, by what was asked; `unreadable` grows as answers at one time only are met. */
export function readAnswers({ probes, before, after, isCreated, isDerived }: Asked) {
  const at = new Map(probes.map(({ key }, i) => [key, i]))
  const unreadable: string[] = []
  const pairOf: Pairs = (key, word = 0) => {
    const i = at.get(key)
    if (i === undefined) return null
    const was = Probes.asNumber(before[i], word) ?? (Probes.isEmpty(before[i]) ? 0n : null)
    const is = Probes.asNumber(after[i], word) ?? (Probes.isEmpty(after[i]) && Probes.isEmpty(before[i]) ? 0n : null)
    // Nobody held anything in a contract that this batch makes.
    const isMadeHere = is === null && Probes.isEmpty(before[i]) && isCreated(key.split('|')[1] ?? '')
    if ((was === null) !== (is === null) && !isMadeHere && !isDerived(key)) unreadable.push(key)
    return was === null || is === null ? null : { before: was, after: is }
  }
  // A token that is minted or burnt has an owner at one time only: nobody is an answer here.
  const ownersOf: Owners = (key) => {
    const i = at.get(key) ?? -1
    return { before: Probes.asOwner(before[i]), after: Probes.asOwner(after[i]) }
  }
  return { at, pairOf, ownersOf, unreadable }
}
