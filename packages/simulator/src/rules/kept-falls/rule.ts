import type { Address } from '@countersign/base'
import type { KeptForYou } from '../../model/KeptForYou.ts'
import type { TokenChange } from '../../model/TokenChange.ts'
import { finding, nameOf, type Rule, type RuleContext } from '../Rule.ts'

/** Below a hundredth it is a moving price or a rounding. */
const SMALL_SHARE = 100n
/** From a twentieth on it is a loss whatever the price did. */
const LARGE_SHARE = 20n
/** Less than a millionth of a coin is no return for anything. */
const GRAIN_DECIMALS = 6
/** Part of what fell that must leave the user for the fall to be a debt that is paid. */
const PAID_SHARE = 4n

/** What a contract keeps for the user falls, or a debt rises, and nothing of the user's grows for it. */
export const rule: Rule = {
  name: 'kept-falls',
  remediation: 'Do not sign it unless you meant to give up what the contract keeps for you.',
  about:
    'A number that a contract keeps under your account falls (a stake, shares, a position) or a debt of yours rises, and nothing comes back for it.',
  levels:
    'block from 5 % on when an agent proposed it, unless it counts few pieces and something of yours turns on in their place; else warn',
  check(context) {
    const worse = context.keptForYou.filter((entry) => isWorse(entry))
    if (worse.length === 0 || isMatched(context, worse) || isMeant(context, worse)) return []
    return worse.map((entry) => {
      const { contract, slot, before, after, meaning, isDebt } = entry
      const what = meaning ?? 'an entry'
      return finding(
        'kept-falls',
        levelOf(context, entry) === 'block' && isSwapped(context, entry) ? 'warn' : levelOf(context, entry),
        isDebt ? 'You owe more' : 'Less is kept for you',
        isDebt
          ? `${nameOf(context, contract)} counts ${after} as your debt instead of ${before} (${what}), and nothing arrives for it.`
          : `${nameOf(context, contract)} keeps ${after} for you instead of ${before} (${what}), and nothing arrives for it.`,
        { subject: contract, evidence: { slot, before: before.toString(), after: after.toString() } },
      )
    })
  },
}

/**
 * Whether all that was taken out ends where the user meant it to, or with somebody whom the app names: as coins, as entries of
 * theirs, or as rights that they gain in the contract that counts less for the user, such as wages that they may draw.
 */
function isMeant(context: RuleContext, worse: readonly KeptForYou[]): boolean {
  const { proceeds, authorityChanges, request, isMeantRecipient, known } = context
  const isNamed = (account: Address.Address) =>
    isMeantRecipient(account) || known(account) !== undefined || (request.saidRecipients ?? []).includes(account)
  const grantees = authorityChanges.flatMap(({ contract, subject, before, after }) =>
    after > before && worse.some((entry) => entry.contract === contract) ? [subject] : [],
  )
  const gainers = [...proceeds.map(({ account }) => account), ...grantees]
  return gainers.length > 0 && gainers.every(isNamed)
}

function isWorse({ before, after, isDebt }: KeptForYou): boolean {
  const lost = isDebt ? after - before : before - after
  // Whether somebody is a member or has voted is no amount, and one less of few is a counter.
  return lost > 1n && lost * SMALL_SHARE >= before
}

/** Up to here a number counts pieces, tickets or seats, and is no amount. */
const MOST_PIECES = 255n

/** Whether few pieces go while something of the user's turns on in the same contract: what they are changed into, maybe. */
function isSwapped({ marks }: RuleContext, { contract, before, isDebt }: KeptForYou): boolean {
  return !isDebt && before <= MOST_PIECES && marks.some((mark) => mark.contract === contract)
}

function levelOf({ request }: RuleContext, { before, after, isDebt }: KeptForYou): 'block' | 'warn' | 'info' {
  const lost = isDebt ? after - before : before - after
  return request.isAgentProposed === true && lost * LARGE_SHARE >= before ? 'block' : 'warn'
}

/**
 * Whether something of the user's stands against it: a coin or a piece that arrives, an entry of the user's that grows
 * elsewhere, or a payment about as large as the number that fell, which pays a debt off.
 */
function isMatched({ mine: own, tokenChanges, keptForYou }: RuleContext, worse: readonly KeptForYou[]): boolean {
  const mine = tokenChanges.filter(({ account }) => own.has(account))
  if (mine.some(isMaterial)) return true
  const lost = worse.map(({ before, after }) => (before > after ? before - after : after - before))
  const least = lost.reduce((a, b) => (a < b ? a : b))
  const grown = keptForYou.some(
    ({ before, after, isDebt }) => !isDebt && after > before && (after - before) * SMALL_SHARE >= least,
  )
  if (grown) return true
  const isPaid = (fell: bigint): boolean =>
    mine.some(({ delta }) => delta < 0n && -delta * PAID_SHARE >= fell && -delta <= fell * PAID_SHARE)
  return worse.every(({ meaning }, i) => meaning === null && isPaid(lost[i] ?? 0n))
}

function isMaterial({ delta, decimals }: TokenChange): boolean {
  if (delta <= 0n) return false
  const unit = 10n ** BigInt(Math.max(0, (decimals ?? 0) - GRAIN_DECIMALS))
  return delta >= unit
}
