import * as Amount from './Amount.ts'
import * as Hours from './Hours.ts'
import {
  BOUNDS,
  expand,
  unitKey,
  type ArgumentTest,
  type Limit,
  type PlainRule,
  type Policy,
  type When,
} from './Policy.ts'
import { kindsOf, namedValues } from './scope.ts'
import { toCanonical } from './canonical.ts'
import * as Window from './Window.ts'
import { Digest } from '@countersign/base'

/**
 * Why `next` is not proven narrower than `before`; empty when it is. Decided on the canonical form (`at_least` expanded) by
 * the edits of mandates.md 5 alone: an allow removed or restricted, a raise added or extended, a limit added or a cap
 * lowered, validity, tolerates, trusts and agents shortened, stricter `otherwise`, `over` and `bound`. Everything else is wider.
 */
export function whyWider(before: Policy, next: Policy): readonly string[] {
  const why: string[] = []
  const require = (holds: boolean, what: string): void => void (holds || why.push(what))
  require(before.name === next.name && before.owner === next.owner, 'name and owner')
  require(isSubset(next.chains, before.chains), 'chains')
  require((next.fromMs ?? 0) >= (before.fromMs ?? 0) && next.untilMs <= before.untilMs, 'validity')
  require(before.otherwise === next.otherwise || next.otherwise === 'deny', 'otherwise')
  require(BOUNDS.indexOf(next.bound) >= BOUNDS.indexOf(before.bound), 'bound')
  require(isSubset(next.tolerates, before.tolerates), 'tolerates')
  require(isSubset(next.trusts.map(trustKey), before.trusts.map(trustKey)), 'trusts')
  for (const part of ['keys', 'skills', 'doors'] as const)
    require(isSubsetOrAny<string>(next.agent[part], before.agent[part]), `agent.${part}`)
  require(isSame(parts(before), parts(next)), 'approvers, freeze_when or notify')
  require(areTokensKept(before, next), 'tokens')

  const [old, now] = [expand(before.rules), expand(next.rules)]
  for (const rule of now)
    if (rule.answer === 'allow')
      require(old.some((each) => each.answer === 'allow' && isRestricted(rule, each)), `rule ${rule.id}`)
  for (const rule of old)
    if (rule.answer !== 'allow') require(now.some((each) => isKept(rule, each)), `rule ${rule.id}`)

  for (const limit of before.limits) require(isLimitKept(limit, before, next), `limit ${limit.id}`)
  // A limit of fees takes them out of the limit of the coin.
  if (has(before, 'native') && !has(before, 'fee')) require(!has(next, 'fee'), 'a limit of fees')
  return why
}

/** Whether every request is answered by `next` at least as strictly as by `before`, proven by the edits alone. */
export function narrower(before: Policy, next: Policy): boolean {
  return whyWider(before, next).length === 0
}

/** What may not change at all. */
function parts(policy: Policy): unknown {
  const { approvers = null, freeze_when: freezeWhen = null, notify = null } = toCanonical(policy)
  return { approvers, freezeWhen, notify }
}

function trustKey({ contract, code }: Policy['trusts'][number]): string {
  return `${contract} ${code}`
}

/** A symbol that both use means the same contracts, but for chains that went. */
function areTokensKept(before: Policy, next: Policy): boolean {
  return Object.entries(next.tokens).every(([symbol, places]) => {
    const old = before.tokens[symbol]
    return (
      old === undefined ||
      isSame(
        old.filter(({ chainId }) => next.chains.includes(chainId)),
        places.filter(({ chainId }) => next.chains.includes(chainId)),
      )
    )
  })
}

/** An allow that stands is one that stood, or less of it. */
function isRestricted(next: PlainRule, before: PlainRule): boolean {
  return (
    isSubset(kindsOf(next.when), kindsOf(before.when)) &&
    // What a rule names counts as named by the owner (section 3, steps 2 and 4).
    isSubset(namedValues(next.when), namedValues(before.when)) &&
    implies(next.when, before.when)
  )
}

/** A raise that stood is still there, for as much or more. */
function isKept(before: PlainRule, next: PlainRule): boolean {
  return (
    next.answer === before.answer && (next.delayMs ?? 0) >= (before.delayMs ?? 0) && implies(before.when, next.when)
  )
}

/** Whether the first conditions can hold only where the second ones do. */
export function implies(narrow: When, wide: When): boolean {
  return (Object.keys(wide) as (keyof When)[]).every((key) => {
    const given = narrow[key]
    return given !== undefined && IMPLIES[key](narrow, wide)
  })
}

const list =
  (
    key:
      | 'chains'
      | 'contracts'
      | 'recipients'
      | 'spenders'
      | 'tokens'
      | 'out'
      | 'in'
      | 'authority'
      | 'documents'
      | 'doors'
      | 'keys'
      | 'skills'
      | 'sessions',
  ) =>
  (narrow: When, wide: When): boolean =>
    isSubset<unknown>(narrow[key] ?? [], wide[key] ?? [])
const atLeast =
  (key: 'amountOver' | 'usdOver' | 'feeOver') =>
  (narrow: When, wide: When): boolean =>
    Amount.compare(narrow[key] ?? '0', wide[key] ?? '0') >= 0
const same =
  (key: keyof When) =>
  (narrow: When, wide: When): boolean =>
    narrow[key] === wide[key]

const IMPLIES: Readonly<Record<keyof When, (narrow: When, wide: When) => boolean>> = {
  chains: list('chains'),
  contracts: list('contracts'),
  // Other names of parameters are another reading of the call.
  selectors: (narrow, wide) =>
    isSubset((narrow.selectors ?? []).map(selectorKey), (wide.selectors ?? []).map(selectorKey)),
  arguments: (narrow, wide) =>
    (wide.arguments ?? []).every((test) => (narrow.arguments ?? []).some((each) => isTestWithin(each, test))),
  recipients: list('recipients'),
  spenders: list('spenders'),
  allowance: same('allowance'),
  tokens: list('tokens'),
  out: list('out'),
  in: list('in'),
  amountOver: (narrow, wide) => isSame(narrow.tokens, wide.tokens) && atLeast('amountOver')(narrow, wide),
  usdOver: atLeast('usdOver'),
  feeOver: atLeast('feeOver'),
  authority: list('authority'),
  documents: list('documents'),
  time: (narrow, wide) =>
    narrow.time !== undefined && wide.time !== undefined && Hours.isWithin(narrow.time, wide.time),
  doors: list('doors'),
  keys: list('keys'),
  skills: list('skills'),
  sessions: list('sessions'),
  tool: same('tool'),
  argument: (narrow, wide) =>
    narrow.argument === wide.argument && Amount.compare(narrow.max ?? '0', wide.max ?? '0') <= 0,
  max: (narrow, wide) => Amount.compare(narrow.max ?? '0', wide.max ?? '0') <= 0,
}

function selectorKey({ selector, signature }: { selector: string; signature: string | null }): string {
  return signature ?? selector
}

function isTestWithin(narrow: ArgumentTest, wide: ArgumentTest): boolean {
  if (narrow.at !== wide.at) return false
  if (wide.in !== undefined && (narrow.in === undefined || !isSubset(narrow.in, wide.in))) return false
  if (wide.min !== undefined && (narrow.min === undefined || BigInt(narrow.min) < BigInt(wide.min))) return false
  return wide.max === undefined || (narrow.max !== undefined && BigInt(narrow.max) <= BigInt(wide.max))
}

/** Every cap of a limit stands in the next policy, no higher and no looser. */
function isLimitKept(limit: Limit, before: Policy, next: Policy): boolean {
  const old = onChains(before, next.chains)
  return limit.caps.every(
    (cap) =>
      (cap.unit.kind === 'token' && old.tokens[cap.unit.token]?.length === 0) ||
      next.limits.some(
        (other) =>
          isOverKept(limit, other) &&
          (limit.pricing === null || isSame(limit.pricing, other.pricing)) &&
          other.caps.some(
            (each) =>
              unitKey(next, each.unit) === unitKey(old, cap.unit) &&
              Window.key(each.window) === Window.key(cap.window) &&
              Amount.compare(each.cap, cap.cap) <= 0,
          ),
      ),
  )
}

/** A policy's tokens on these chains only. */
function onChains({ tokens }: Policy, chains: readonly number[]): Pick<Policy, 'tokens'> {
  return {
    tokens: Object.fromEntries(
      Object.entries(tokens).map(([symbol, places]) => [
        symbol,
        places.filter(({ chainId }) => chains.includes(chainId)),
      ]),
    ),
  }
}

const OVERS = ['ask', 'step-up', 'deny'] as const
function isOverKept(before: Limit, next: Limit): boolean {
  return OVERS.indexOf(next.over) >= OVERS.indexOf(before.over)
}

function has(policy: Policy, kind: string): boolean {
  return policy.limits.some(({ caps }) => caps.some(({ unit }) => unit.kind === kind))
}

function isSubset<T>(narrow: readonly T[], wide: readonly T[]): boolean {
  return narrow.every((each) => wide.includes(each))
}

function isSubsetOrAny<T>(narrow: readonly T[] | null, wide: readonly T[] | null): boolean {
  return wide === null || (narrow !== null && isSubset(narrow, wide))
}

function isSame(left: unknown, right: unknown): boolean {
  return Digest.canonicalJson(left ?? null) === Digest.canonicalJson(right ?? null)
}
