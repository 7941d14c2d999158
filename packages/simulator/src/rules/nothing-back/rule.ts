import type { Finding } from '../../model/Finding.ts'
import { assetOf, isAnswered, sidesOf, type Unit } from '../../model/ValueFlow.ts'
import { Address } from '@countersign/base'
import { finding, framesOf, isAgentsChoice, madeIn, nameOf, type Rule, type RuleContext } from '../Rule.ts'

/**
 * Value goes into an unverified contract, and nothing comes back: no coin, no right, no entry under the user's
 * key. Four bytes of call data do not make a payment harmless. Asked of the whole batch and of each of its steps, of all
 * such contracts together.
 */
export const rule: Rule = {
  name: 'nothing-back',
  remediation: 'Do not sign it unless you mean to give this away.',
  about:
    'Unverified contracts are called and together keep most of what leaves you, over the whole batch or in one step of it; you get neither a coin nor a right nor an entry of your own for it.',
  levels:
    'warn when an agent chose the contract, unless taking it out was tried in the fork and pays you, and neither a stranger nor an account that the contract knows, and for a part that stays in an exchange’s router; else a note',
  check(context) {
    const [whole, ...steps] = context.units
    if (whole === undefined) return []
    const found = [
      ...keepers(context, whole, context.contracts),
      ...steps.flatMap((unit, i) =>
        keepers(context, unit, context.contracts.slice(i, i + 1)).filter(
          ({ account }) =>
            !isAnswered(account, { steps, contracts: context.contracts, unit, mine: context.mine }) &&
            whole.changes.some((change) => change.account === account && change.delta > 0n),
        ),
      ),
    ]
    const once = new Map(found.map((change) => [change.account, change]))
    const leftIn = (steps.length > 0 ? steps : [whole]).flatMap((unit, i) =>
      leftOver(context, unit, context.contracts[i]),
    )
    return [
      ...leftIn,
      ...[...once.values()].map((change): Finding => {
        const { account, token, delta } = change
        const isRefunded = isForUserAlone(context, account)
        const level = isAgentsChoice(context, account) && !isRefunded ? 'warn' : 'info'
        const because = `What leaves you stays in ${nameOf(context, account)}, an unverified contract. No coin, no right and no entry of yours comes back.${isRefunded ? ' You, and not somebody else, can take it out again: that was tried in the fork.' : ''}`
        return finding('nothing-back', level, 'You receive nothing for it', because, {
          subject: account,
          evidence: { token, amount: delta.toString() },
        })
      }),
    ]
  },
}

/** Whether the user can take it out, and neither anybody nor the people of the contract can: all of that was tried. */
function isForUserAlone({ ahead, tries }: RuleContext, contract: Address.Address): boolean {
  const isOpen = ahead.exits.some((exit) => exit.contract === contract && exit.status === 'open')
  return isOpen && tries.deposits.some((each) => each.contract === contract && each.isWhole && each.takers.length === 0)
}

/** From a twentieth on it is no fee of an exchange. */
const LEFT_SHARE = 20n

/**
 * What a called contract keeps although somebody else was paid for what the user gets: an exchange's router that was sent too
 * much and gives nothing back. It may be vouched for: what stays in a router is whoever's who asks first.
 */
function leftOver(context: RuleContext, unit: Unit, called: ReadonlySet<string> | undefined): Finding[] {
  const { mine } = context
  const { gives, gets, own } = sidesOf(unit, mine)
  const [given, more] = gives
  if (given === undefined || more !== undefined || gets.length === 0 || called === undefined) return []
  const isGiven = (change: Unit['changes'][number]) => assetOf(change) === assetOf(given) && !mine.has(change.account)
  const got = new Set(gets.map(assetOf))
  const payers = new Set(
    unit.changes.filter((each) => each.delta < 0n && got.has(assetOf(each))).map((each) => each.account),
  )
  const gained = unit.changes.filter((change) => isGiven(change) && change.delta > 0n)
  // Somebody who pays the user was paid, in this asset or in what it was changed into: the rest was not the price.
  if (!unit.changes.some(({ account, delta }) => delta > 0n && payers.has(account))) return []
  const losers = new Set(unit.changes.filter(({ delta }) => delta < 0n).map(({ account }) => account))
  // Who is only paid, a house or an artist, passes nothing on.
  const working = new Set([...framesOf(context)].flatMap(({ frame }) => (frame.selector === null ? [] : [frame.to])))
  // A wrapped coin holds what it stands for.
  const tokens = new Set(unit.changes.map(({ token }) => token))
  return gained.flatMap(({ account, token, delta }) => {
    const isKept =
      called.has(account.toLowerCase()) && working.has(account) && !tokens.has(account) && !losers.has(account)
    if (!isKept || delta * LEFT_SHARE < -given.delta || context.isMeantRecipient(account)) return []
    if (own.some(({ contract, direction }) => direction === 'grew' && contract === account.toLowerCase())) return []
    const because = `A part of what leaves you stays in ${nameOf(context, account)}, which only passes things on: whoever asks it first may take it. Nothing of yours is written down for it.`
    return [
      finding('nothing-back', 'warn', 'A part stays behind', because, {
        subject: account,
        evidence: { token, amount: delta.toString() },
      }),
    ]
  })
}

/** Unverified contracts that are called and keep most of what leaves the user's side, where nothing comes back. */
function keepers(
  context: RuleContext,
  unit: Unit,
  contracts: readonly ReadonlySet<string>[],
): readonly Unit['changes'][number][] {
  const { gives, gets, own } = sidesOf(unit, context.mine)
  if (gives.length === 0 || gets.length > 0) return []
  const given = new Set(gives.map(({ token }) => token?.toLowerCase()))
  // A collection that moves its list of the user's tokens up credits nothing.
  const isHere = (contract: string) => !given.has(contract) && contracts.some((called) => called.has(contract))
  if (
    [...context.credits].some(isHere) ||
    own.some(({ contract, direction }) => direction === 'grew' && isHere(contract))
  )
    return []
  // A right of the user's own, such as a position that somebody else administers.
  if (context.authorityChanges.some(({ subject, after }) => context.mine.has(subject) && after > 0n)) return []
  const called = new Set([...framesOf(context)].flatMap(({ frame }) => (frame.to === null ? [] : [frame.to])))
  const made = madeIn(context)
  const kept = unit.changes.filter((change) => {
    const { account, token, delta } = change
    if (delta <= 0n || !gives.some((each) => assetOf(each) === assetOf(change)) || context.mine.has(account))
      return false
    const hasCode = context.account(account)?.hasCode === true || made.has(account)
    if (!hasCode || !called.has(account) || account === token) return false
    return (
      context.known(account) === undefined && !context.isMeantRecipient(account) && !isAccounted(context, unit, change)
    )
  })
  return kept.filter((change) => {
    const loss = -(gives.find((each) => assetOf(each) === assetOf(change))?.delta ?? 0n)
    const all = kept.filter((each) => assetOf(each) === assetOf(change)).reduce((sum, { delta }) => sum + delta, 0n)
    return all * 2n >= loss
  })
}

/** Whether the contract's books say what it was for: a debt of the user's that falls by it, an entry for whom the user meant. */
function isAccounted(context: RuleContext, { entries }: Unit, { account, delta }: Unit['changes'][number]): boolean {
  const said = context.request.saidRecipients ?? []
  return entries.some((entry) => {
    if (entry.contract !== account.toLowerCase()) return false
    const who = Address.parse(entry.account)
    const isMeant = context.known(who) !== undefined || context.isMeantRecipient(who) || said.includes(who)
    if (entry.direction === 'grew') return isMeant
    // A debt's own unit may be the coin's: what is paid is what it falls by.
    const amount = entry.amount ?? 0n
    return context.mine.has(who) && amount * 100n >= delta * 95n && amount * 95n <= delta * 100n
  })
}
