import type { Finding } from '../../model/Finding.ts'
import { sidesOf, type Proceeds, type Unit } from '../../model/ValueFlow.ts'
import { Address, Wei } from '@countersign/base'
import {
  finding,
  framesOf,
  isAgentsChoice,
  isArgument,
  isVouchedFor,
  nameOf,
  paymentOf,
  tokenName,
  type Rule,
  type RuleContext,
} from '../Rule.ts'

/**
 * The user's side gives something (coins, pieces, an entry that falls), and what was to come for it ends with an account
 * that is neither the user's nor vouched for: in any asset, through any contract. `recipient-inside` speaks of the same
 * asset that leaves.
 */
export const rule: Rule = {
  name: 'proceeds-elsewhere',
  about:
    'You give something, or it is withdrawn, redeemed or claimed for you, and half or more of what comes for it ends with somebody nobody vouches for.',
  levels:
    'block when an agent chose that and you get nothing; warn, also where an agent names an unverified account to a contract that pays out elsewhere; a note for an address that you named as the recipient, and for somebody paid beside what you get; warn for somebody whom an agent’s call names and whom the contract writes down for what you pay, or in a record that you set up',
  remediation:
    'Name your own account as the recipient. If somebody else is to receive it, type the address yourself or add a contact.',
  check(context) {
    const found = [...context.proceeds.flatMap((each) => judge(context, each)), ...paidFarAway(context)]
    return [...found, ...writtenBeside(context, new Set(found.map(({ subject }) => subject)))]
  },
}

/**
 * A contract that the app names takes what the user gives and answers nothing here, as bridges and payment services do, and
 * the call names no account of the user's but one that nobody vouches for.
 */
function paidFarAway(context: RuleContext): Finding[] {
  const { request, units, mine, steps } = context
  const [whole, ...each] = units
  return request.calls.flatMap((call, i): Finding[] => {
    const unit = each[i] ?? (steps.length === 1 ? whole : undefined)
    if (unit === undefined || call.to === null || !isVouchedFor(context, call.to) || paymentOf(call) !== null) return []
    const { gives, gets, own } = sidesOf(unit, mine)
    if (gives.length === 0 || gets.length > 0 || own.some(({ direction }) => direction === 'grew')) return []
    const named = accountsIn(call.data)
    if (named.some((account) => mine.has(account))) return []
    const isSaid = (account: Address.Address) => context.isMeantRecipient(account) || isSaidRecipient(context, account)
    // Tokens and whoever is paid here are told of by what moves.
    const here = new Set(unit.changes.flatMap(({ account, token }) => [account, token]))
    const strangers = named.filter(
      (account) => context.known(account) === undefined && !isSaid(account) && !here.has(account),
    )
    const [account] = strangers
    if (account === undefined) return []
    return [
      finding(
        'proceeds-elsewhere',
        request.isAgentProposed === true ? 'warn' : 'info',
        'It may be paid out to somebody else',
        `What you give goes into ${nameOf(context, call.to)}, and nothing arrives here. The call names ${account}, which is unverified, and no account of yours.`,
        { step: i + 1, subject: account, evidence: { kind: 'far-away', contract: call.to } },
      ),
    ]
  })
}

/** Accounts that stand as words in call data: to the right of twelve zero bytes, with more than a number's bytes. */
function accountsIn(data: string): readonly Address.Address[] {
  const words = data.slice(10).match(/.{64}/g) ?? []
  return words.flatMap((word) => (/^0{24}(?!0{8})/.test(word) ? [Address.fromWord(word)] : []))
}

function judge(context: RuleContext, proceeds: Proceeds): Finding[] {
  const { account, kind, contract, share, token, tokenId, amount } = proceeds
  if (isVouchedFor(context, account) || context.isMeantRecipient(account) || context.known(account) !== undefined)
    return []
  const hasCode = context.account(account)?.hasCode === true
  const calls = calledWithWork(context)
  const isAgents = isAgentsChoice(context, account)
  const isSaid = context.request.isAgentProposed === true ? !isAgents : isSaidRecipient(context, account)
  // Whoever gives the user something else may keep what it works with; a person has no use for it.
  if (share === 'beside' && (hasCode || isPaidByKnown(context))) return []
  if (kind === 'entry' && !isForSomebody(context, proceeds, hasCode)) return []
  const level: Finding['level'] =
    isSaid || (share === 'beside' && !isAgents)
      ? 'info'
      : isAgents && share === 'all' && kind === 'coin' && !calls.has(account)
        ? 'block'
        : 'warn'
  const change = context.tokenChanges.find((each) => each.token === token && each.tokenId === tokenId)
  const what =
    kind === 'entry'
      ? `What you give is written down for ${account} at ${nameOf(context, contract ?? account)}`
      : `${tokenId === null && change?.decimals != null ? `${Wei.format(amount, change.decimals)} ` : ''}${tokenName(context, token, change?.symbol)}${tokenId === null ? '' : ` #${tokenId}`} would end at ${account}`
  const rest = {
    all: 'You receive nothing for what you give.',
    most: 'You receive the smaller part.',
    beside: 'You receive something else, which may be worth less.',
  }[share]
  return [
    finding(
      'proceeds-elsewhere',
      level,
      'Somebody else gets what it brings',
      `${what}. ${rest} The account is unverified.`,
      {
        subject: account,
        evidence: { kind, token, contract, amount: amount.toString(), share },
      },
    ),
  ]
}

/**
 * The user pays, and beside what comes back a contract writes down somebody whom the call names: the holder of a loan's
 * position, of an option, of a ticket. Or nothing moves yet, and somebody is named in a record that the user sets up: who is
 * paid for a piece that is listed. What that account may do with it later is not known.
 */
function writtenBeside(context: RuleContext, judged: ReadonlySet<string | null>): Finding[] {
  const { units, mine, authorityChanges, request } = context
  const [whole] = units
  if (whole === undefined || request.isAgentProposed !== true) return []
  const isPaying = sidesOf(whole, mine).gives.length > 0
  const told = new Set<string | null>([...judged, ...authorityChanges.map(({ subject }) => subject)])
  const tokens = new Set(whole.changes.map(({ token }) => token))
  const minted = (isPaying ? whole.movements : []).flatMap(({ from, to, token, tokenId }) =>
    from === Address.ZERO && token !== null && tokenId !== null ? [{ account: to, contract: token }] : [],
  )
  const isWritten = ({ direction, isInUsersRecord }: Unit['entries'][number]) =>
    direction === 'grew' && (isPaying || isInUsersRecord === true)
  const written = [...whole.entries.filter(isWritten), ...minted].map(({ account, contract }) => ({
    account: Address.parse(account),
    contract: Address.parse(contract),
  }))
  const strangers = written.filter(
    ({ account }) =>
      !mine.has(account) &&
      !told.has(account) &&
      !tokens.has(account) &&
      // A vault that puts it into another is called itself.
      !context.contracts.some((called) => called.has(account.toLowerCase())) &&
      context.known(account) === undefined &&
      isAgentsChoice(context, account) &&
      isArgument(context, account),
  )
  return [...new Map(strangers.map((each) => [each.account, each])).values()].map(({ account, contract }) =>
    finding(
      'proceeds-elsewhere',
      'warn',
      'Somebody else is written down with it',
      isPaying
        ? `${nameOf(context, contract)} writes down ${account} for what you pay, beside what you get. The call names the account, and it is unverified; what it may do with it later is not known.`
        : `${nameOf(context, contract)} writes down ${account} in a record of yours, such as who is paid for what you list. The call names the account, and it is unverified; what it may take later is not known.`,
      { subject: account, evidence: { contract } },
    ),
  )
}

/** Contracts that are called for more than a payment: they may know what they got it for. */
function calledWithWork(context: RuleContext): ReadonlySet<string> {
  const found = new Set<string>()
  for (const { frame } of framesOf(context))
    if (frame.to !== null && frame.selector !== null && frame.type === 'CALL') found.add(frame.to)
  return found
}

/**
 * Whether the user's own words name the address as a recipient, or a plain payment of the user's goes to it, which
 * `recipient-unverified` judges: wrapping first makes no other payment of it. That they hold it anywhere is no reason to say less.
 */
function isSaidRecipient({ request }: RuleContext, account: string): boolean {
  return (
    (request.saidRecipients ?? []).some((said) => said === account) ||
    (request.isAgentProposed !== true && request.calls.some((call) => paymentOf(call)?.recipient === account))
  )
}

/** Whether what the user's side gets is known to the app, so that its worth is what the user sees. */
function isPaidByKnown({ tokenChanges, mine, known }: RuleContext): boolean {
  return tokenChanges.some(
    ({ account, delta, token }) => mine.has(account) && delta > 0n && (token === null || known(token) !== undefined),
  )
}

/** Whether an entry is a person's, or of somebody whom the call names, and not a part of the contract's own books. */
function isForSomebody(context: RuleContext, { account, contract }: Proceeds, hasCode: boolean): boolean {
  const said = context.request.saidRecipients ?? []
  if (contract !== null && (said.includes(contract) || context.known(contract)?.kind === 'contact')) return false
  const digits = account.slice(2).toLowerCase()
  return !hasCode || context.request.calls.some(({ data }) => data.toLowerCase().includes(digits))
}
