import type { Address } from '@countersign/base'
import { likenessOf, markDifference, type Likeness } from '../../names/Lookalike.ts'
import type { Assertion } from '../../model/Intent.ts'
import { finding, nameOf, paymentOf, type Rule, type RuleContext } from '../Rule.ts'

const RECEIVES = 'would receive what leaves you'

/** What an address is about to get: the gravest reason is the one told. */
type Role = 'would receive what leaves you' | 'would gain power over what is yours' | 'is called' | 'is a token you get'

/**
 * An address that plays a part looks like one that is known, and is not it (catalogue F01). What counts as known was said
 * by somebody accountable: the app, the user, the intent, the wallet's own settled payments. The chain's history is not
 * asked, so a transfer of nothing that somebody else put there makes no address known.
 */
export const rule: Rule = {
  name: 'address-lookalike',
  remediation: 'Compare the whole address with its source, character by character, and use the one that you know.',
  about:
    'A recipient, spender, contract or token has an address that looks like a known one where wallets show it, and is another.',
  levels: 'block: four digits equal at both ends; warn: three at both ends, or eight at one',
  check(context) {
    const known = comparable(context)
    // One of two recipients that look alike is a mistake, whoever put it there. Only the later one is told.
    const earlier: Comparable[] = []
    return [...partsOf(context)].flatMap(([address, role]) => {
      const alike = role === RECEIVES ? twinOf(address, earlier) : null
      if (role === RECEIVES) earlier.push({ other: address, lower: address.toLowerCase() })
      // The app says who this is; that it resembles something else is then no secret.
      // Typed by the user or named by the intent is not enough: the wrong one of two is what gets pasted.
      if (context.known(address) !== undefined) return []
      const nearest = nearestOf(address, known) ?? alike
      if (nearest === null) return []
      const { likeness, other } = nearest
      const isSame = likeness.kind === 'same-ends'
      const told =
        other === context.request.from
          ? `your own account ${other}`
          : nearest === alike
            ? `${other}, which receives as well`
            : nameOf(context, other)
      return [
        finding(
          'address-lookalike',
          isSame ? 'block' : 'warn',
          nearest === alike
            ? 'Two recipients look alike'
            : isSame
              ? 'Looks like an address you know'
              : 'Resembles an address you know',
          `${address} ${role}. It is not ${told}, but looks like it: ${markDifference(address, likeness)} against ${markDifference(other, likeness)}. Addresses are made to look alike so that one is taken for the other.`,
          {
            subject: address,
            evidence: {
              resembles: other,
              resembles_name: context.known(other)?.name ?? null,
              same_start: likeness.start,
              same_end: likeness.end,
            },
          },
        ),
      ]
    })
  },
}

/** An earlier recipient of the same request with the same ends. Nearly the same is not enough: nobody vouches for either. */
function twinOf(address: Address.Address, earlier: readonly Comparable[]): ReturnType<typeof nearestOf> {
  const nearest = nearestOf(address, earlier)
  return nearest?.likeness.kind === 'same-ends' ? nearest : null
}

/** Everybody who gets something from the batch, in the order of how bad a mistake would be. */
function partsOf(context: RuleContext): ReadonlyMap<Address.Address, Role> {
  const { request, tokenChanges, authorityChanges } = context
  const parts = new Map<Address.Address, Role>()
  const add = (address: Address.Address | null, role: Role): void => {
    if (address !== null && address !== request.from && !parts.has(address) && parts.size < MAX_PARTS)
      parts.set(address, role)
  }
  for (const call of request.calls) add(paymentOf(call)?.recipient ?? null, 'would receive what leaves you')
  for (const { to } of request.signature?.considerations ?? []) add(to, 'would receive what leaves you')
  for (const { to } of request.signature?.offers ?? []) add(to, 'would receive what leaves you')
  for (const change of tokenChanges) if (change.delta > 0n) add(change.account, 'would receive what leaves you')
  for (const change of authorityChanges)
    if (change.after > change.before) add(change.subject, 'would gain power over what is yours')
  for (const { subject } of request.signature?.grants ?? []) add(subject, 'would gain power over what is yours')
  for (const call of request.calls) add(call.to, 'is called')
  for (const change of tokenChanges)
    if (change.account === request.from && change.delta > 0n) add(change.token, 'is a token you get')
  return parts
}

/** A multisend of fifty payments is looked at in full. */
const MAX_PARTS = 128

interface Comparable {
  readonly other: Address.Address
  readonly lower: string
}

function comparable({ request }: RuleContext): readonly Comparable[] {
  return [
    ...new Set([
      request.from,
      ...request.known.map(({ address }) => address),
      ...(request.counterparties ?? []),
      ...(request.intent?.assertions ?? []).flatMap(named),
    ]),
  ].map((other) => ({ other, lower: other.toLowerCase() }))
}

/** Addresses that an assertion names. */
function named(assertion: Assertion): readonly Address.Address[] {
  switch (assertion.name) {
    case 'allowed_recipients':
      return assertion.recipients
    case 'recipient_receives':
      return [assertion.account]
    case 'bridge_recipient':
      return [assertion.recipient]
    case 'allowed_delegate':
      return [assertion.delegate]
    case 'allowed_authority':
      return [assertion.subject, assertion.contract]
    default:
      return []
  }
}

function nearestOf(
  address: Address.Address,
  known: readonly Comparable[],
): { readonly other: Address.Address; readonly likeness: Likeness } | null {
  let nearest: { other: Address.Address; likeness: Likeness } | null = null
  const digits = address.toLowerCase()
  const [start, end] = [digits.slice(0, 5), digits.slice(-8)]
  for (const { other, lower } of known) {
    // Most share neither end; those that could be alike are compared digit by digit.
    if (!lower.startsWith(start) && !lower.endsWith(end)) continue
    const likeness = likenessOf(address, other)
    if (likeness === null) continue
    const isCloser =
      nearest === null ||
      (likeness.kind === 'same-ends' && nearest.likeness.kind === 'near') ||
      (likeness.kind === nearest.likeness.kind &&
        likeness.start + likeness.end > nearest.likeness.start + nearest.likeness.end)
    if (isCloser) nearest = { other, likeness }
  }
  return nearest
}
