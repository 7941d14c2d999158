import { isGrain } from '../../model/ValueFlow.ts'
import { finding, nameOf, type Rule, type RuleContext } from '../Rule.ts'

/** Nothing moves, and a contract with something in reach writes a word about the user that nothing explains. */
export const rule: Rule = {
  name: 'unexplained-record',
  remediation: 'Do not sign it unless you know what this record decides.',
  about:
    'A contract that holds coins or tokens, or may take yours, changes a record under your account in a step in which nothing of yours moves, and no getter and no event explains it.',
  levels: 'warn when an agent proposed it; else info',
  check(context) {
    const { keptForYou, unexplained, marks, reach, request, grantSlots, authorityChanges } = context
    // A power that is reported by name says more.
    const told = new Set(authorityChanges.map((change) => placeOf(change.contract, grantSlots.get(change))))
    const records = [
      ...unexplained.filter(({ isOwn }) => isOwn !== true),
      ...marks,
      ...keptForYou.filter((entry) => entry.meaning === null && entry.after > entry.before && !isMoved(context, entry)),
    ].filter(({ contract, slot }) => !told.has(placeOf(contract, slot)))
    const contracts = [...new Set(records.map(({ contract }) => contract))].filter(
      (contract) => reach.has(contract.toLowerCase()) && isQuiet(context, contract.toLowerCase()),
    )
    return contracts.map((contract) =>
      finding(
        'unexplained-record',
        request.isAgentProposed === true ? 'warn' : 'info',
        'Unexplained record',
        `${nameOf(context, contract)} has coins or tokens in reach and changes a record under your account. Nothing moves with it; what the record allows later is not known.`,
        {
          subject: contract,
          evidence: { slots: records.filter((each) => each.contract === contract).map(({ slot }) => slot) },
        },
      ),
    )
  },
}

const placeOf = (contract: string, slot: string | undefined): string => `${contract.toLowerCase()}|${slot ?? ''}`

/**
 * Whether nothing of the user's moves in one of the steps that call the contract. Less than a millionth of a coin is no
 * movement; where the steps cannot be told apart, each may be the one.
 */
function isQuiet({ units, contracts, mine }: RuleContext, contract: string): boolean {
  const [whole, ...steps] = units
  const isStill = (unit: typeof whole) =>
    (unit?.changes ?? []).every((change) => !mine.has(change.account) || isGrain(change))
  if (isStill(whole)) return true
  if (contracts.length < 2) return false
  return contracts.some((called, i) => called.has(contract) && (steps[i] === undefined || isStill(steps[i])))
}

/** Whether the number goes up by about as much as something moves, or as another number of the user's falls there. */
function isMoved(
  { tokenChanges, mine, keptForYou }: RuleContext,
  { contract, before, after }: RuleContext['keptForYou'][number],
): boolean {
  const grown = after - before
  const isNear = (amount: bigint) => grown * 20n >= amount * 19n && grown * 19n <= amount * 20n
  const moved = tokenChanges.flatMap(({ account, delta }) => (mine.has(account) ? [delta < 0n ? -delta : delta] : []))
  const fallen = keptForYou.flatMap((entry) =>
    entry.contract === contract && entry.after < entry.before ? [entry.before - entry.after] : [],
  )
  return moved.some(isNear) || fallen.some((fell) => grown * 19n <= fell * 20n)
}
