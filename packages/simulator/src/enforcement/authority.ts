import { Address, Digest } from '@countersign/base'
import { EMPTY_CODE_HASH } from '../model/Access.ts'
import type { AuthorityChange, AuthorityKind } from '../model/Authority.ts'
import type { Report } from '../model/Report.ts'
import type { Draft, OutcomeState, Reading } from './Draft.ts'
import { wordOf } from './Draft.ts'
import * as getters from './getters.ts'

/** Powers whose getters no standard fixes: the report shows them, no bound holds them. */
const WITHOUT_GETTER: Partial<Readonly<Record<AuthorityKind, string>>> = {
  module: 'no getter of a standard says which modules act for the account',
  account_code: 'an EIP-7702 authorization takes effect even when the transaction reverts',
  delegation: 'no getter of a standard says what was delegated',
  votes: 'votes move no assets, and are not bounded',
  unknown_grant: 'the contract offers no getter for it',
}

/** Layer C: allowances and operator flags stay at most what was simulated; owners and thresholds stay as they are. */
export function authority(draft: Draft): void {
  const { report, account } = draft
  const [tokens, spenders] = [tokensOf(draft), spendersOf(draft)]
  for (const token of tokens) {
    const known = draft.nameOf(token).symbol
    for (const spender of spenders) {
      if (spender === token) continue
      allowanceAtMost(draft, token, spender, known)
    }
  }
  for (const change of report.authorityChanges) {
    const why = WITHOUT_GETTER[change.kind]
    if (change.owner === account && why !== undefined) draft.cannot(`${change.kind} of ${change.subject}`, why)
  }
  const direct = [account, ...draft.state.calls.map(({ to }) => to)]
  for (const target of direct) unchangedOwner(draft, target)
  // A module acts for a Safe that no call of the user names.
  const others = contractsOf(report, draft.state.tokens).filter((each) => !direct.includes(each))
  for (const each of others.slice(0, MAX_OWNED)) if (isOwnedBy(draft, each, account)) unchangedOwner(draft, each)
  for (const each of others.slice(MAX_OWNED))
    draft.cannot(`who owns ${each}`, `only the first ${MAX_OWNED} contracts of a run are asked for their owners`)
}

/** Contracts of a run that are asked who owns them; each costs two reads. */
const MAX_OWNED = 16

/** Whether the account is the owner of a contract, or one of a Safe's. */
function isOwnedBy(draft: Draft, target: Address.Address, account: Address.Address): boolean {
  if (wordOf(draft.ask(target, getters.owner()).before) === BigInt(account)) return true
  const list = draft.ask(target, getters.getOwners()).before
  return (
    list !== null &&
    list.length >= 130 &&
    list.toLowerCase().includes(`${'0'.repeat(24)}${account.slice(2).toLowerCase()}`)
  )
}

/** Tokens that moved or were approved. */
function tokensOf({ report, account }: Draft): Address.Address[] {
  const moved = report.tokenChanges.filter((change) => change.account === account).flatMap(({ token }) => token ?? [])
  const approved = report.authorityChanges
    .filter(({ owner, kind }) => owner === account && TOKEN_RIGHTS.has(kind))
    .map(({ contract }) => contract)
  return [...new Set([...moved, ...approved])].toSorted()
}

const TOKEN_RIGHTS: ReadonlySet<AuthorityKind> = new Set(['erc20_allowance', 'operator', 'permit2_allowance'])

/** Direct call targets that are no vouched token, and everybody who gains or loses an authority. */
function spendersOf({ report, account, state }: Draft): Address.Address[] {
  const vouched = new Set(state.tokens.map(({ address }) => address))
  const targets = state.calls.map(({ to }) => to).filter((to) => !vouched.has(to))
  const subjects = report.authorityChanges
    .filter(({ owner, kind }) => owner === account && TOKEN_RIGHTS.has(kind))
    .map(({ subject }) => subject)
  return [...new Set([...targets, ...subjects])].filter((each) => each !== account && each !== Address.ZERO).toSorted()
}

function allowanceAtMost(draft: Draft, token: Address.Address, spender: Address.Address, symbol: string): void {
  const { account, report } = draft
  const erc20 = getters.allowance(account, spender)
  const operator = getters.isApprovedForAll(account, spender)
  const shown = (kind: AuthorityKind): AuthorityChange | undefined =>
    report.authorityChanges.find(
      (change) =>
        change.owner === account && change.kind === kind && change.contract === token && change.subject === spender,
    )
  const asks = [
    [erc20, shown('erc20_allowance')],
    [operator, shown('operator')],
  ] as const
  for (const [data, change] of asks) {
    const value = wordOf(draft.ask(token, data).after)
    if (value !== null) {
      const text =
        value === 0n
          ? `No permission of ${spender} over ${symbol} is left behind`
          : `The permission of ${spender} over ${symbol} is at most what was shown`
      draft.add({ source: 'call', op: 'at_most', target: token, data, value, text })
    } else if (change !== undefined)
      draft.cannot(`the permission of ${spender} over ${symbol}`, 'the contract does not answer it')
  }
  const isPermit2Used = report.contractCalls.some(({ address }) => address === getters.PERMIT2)
  if (!isPermit2Used || spender === getters.PERMIT2) return
  const data = getters.permit2Allowance(account, token, spender)
  const { after } = draft.ask(getters.PERMIT2, data)
  for (const [word, what] of [
    [0, 'amount'],
    [1, 'expiry'],
  ] as const) {
    const value = wordOf(after, word)
    if (value === null) continue
    const text = `The ${what} of the Permit2 permission of ${spender} over ${symbol} is at most ${value}`
    draft.add({ source: 'call', op: 'at_most', target: getters.PERMIT2, data, word, value, text })
  }
}

/** Owner, Safe owners, threshold and implementation of a target stay as they are, unless the intent names the change. */
function unchangedOwner(draft: Draft, target: Address.Address): void {
  const isAllowed = (kinds: readonly AuthorityKind[]): boolean =>
    draft.intent?.assertions.some(
      (assertion) =>
        assertion.name === 'allowed_authority' && assertion.contract === target && kinds.includes(assertion.kind),
    ) === true
  const [ownerKinds, codeKinds] = [['ownership', 'module'] as const, ['proxy_implementation'] as const]
  for (const [data, kinds, what] of [
    [getters.owner(), ownerKinds, 'owner'],
    [getters.getThreshold(), ownerKinds, 'signature threshold'],
    [getters.implementation(), codeKinds, 'implementation'],
  ] as const) {
    const { before, after } = draft.ask(target, data)
    const value = wordOf(isAllowed(kinds) ? after : before)
    if (value === null || before?.length !== 66) continue
    draft.add({ source: 'call', op: 'equals', target, data, value, text: `The ${what} of ${target} stays as shown` })
  }
  const data = getters.getOwners()
  const answers = draft.ask(target, data)
  const list = isAllowed(ownerKinds) ? answers.after : answers.before
  if (list === null || list.length < 130 || !isSafe(draft.ask(target, getters.getThreshold()))) return
  const value = BigInt(Digest.keccak256(list))
  draft.add({ source: 'call_hash', op: 'equals', target, data, value, text: `The owners of ${target} stay as shown` })
}

function isSafe({ before }: Reading): boolean {
  return (wordOf(before) ?? 0n) > 0n
}

/** Contracts of the run that may have a right over what the account holds: those with code that are no vouched tokens. */
export function contractsOf(
  { contractCalls, from }: Pick<Report, 'contractCalls' | 'from'>,
  vouched: OutcomeState['tokens'],
): Address.Address[] {
  const tokens = new Set(vouched.map(({ address }) => address))
  const called = contractCalls.filter(({ codeHash }) => codeHash !== EMPTY_CODE_HASH).map(({ address }) => address)
  return [...new Set(called)].filter((each) => !tokens.has(each) && each !== from)
}

/** Whether a contract of the run has a right over a token of the account that did not move. */
export function hasRight(draft: Draft): (token: Address.Address) => boolean {
  const { report, account, state } = draft
  const all = contractsOf(report, state.tokens)
  const contracts = all.slice(0, MAX_RIGHTS)
  for (const contract of all.slice(MAX_RIGHTS))
    draft.cannot(`what ${contract} may take of you`, `only the first ${MAX_RIGHTS} contracts of a run are asked about`)
  return (token) => {
    if ((wordOf(draft.ask(token, getters.balanceOf(account)).before) ?? 0n) === 0n) return false
    const rights = contracts.map((contract) => {
      const direct = wordOf(draft.ask(token, getters.allowance(account, contract)).before) ?? 0n
      const operator = wordOf(draft.ask(token, getters.isApprovedForAll(account, contract)).before) ?? 0n
      return direct > 0n || operator > 0n
    })
    const viaPermit2 = (wordOf(draft.ask(token, getters.allowance(account, getters.PERMIT2)).before) ?? 0n) > 0n
    const permits = !viaPermit2
      ? []
      : contracts.map((contract) => {
          const answer = draft.ask(getters.PERMIT2, getters.permit2Allowance(account, token, contract)).before
          return (wordOf(answer) ?? 0n) > 0n
        })
    return [...rights, ...permits].some(Boolean)
  }
}

/** Contracts of a run whose rights are asked for; each costs a read for every token that is held. */
const MAX_RIGHTS = 8
