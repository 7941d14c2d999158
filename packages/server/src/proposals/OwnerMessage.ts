import { Address, Clock, Wei } from '@countersign/base'
import { paymentOf } from '@countersign/simulator'
import type { ReportWire } from '@countersign/sdk'
import type { Chain } from '../chains/Chain.ts'
import { forModel } from '../provenance/forModel.ts'
import * as Document from './Document.ts'
import * as Remedy from './Remedy.ts'
import { isLevelOwed, type Proposal, type ProposalCall, type State } from './Proposal.ts'

/**
 * What the owner reads in a client that has no card. Written by the gate from numbers, addresses and registered names: a
 * model writes none of it, and neither does a contract or a token. What strangers wrote is left out (`forModel`).
 */

/** What the gate knows by name. */
export type Names = Pick<Chain, 'name' | 'nativeSymbol' | 'tokens' | 'contracts'>

/** A committed proposal: what leaves, what arrives, to whom, for what fee, what it leaves behind, and until when. */
export function committed(proposal: Proposal, chain: Names | undefined): string {
  const { report } = proposal
  const waiting = proposal.calls.filter((call) => call.status === 'waiting')
  const isDocument = Document.of(proposal) !== null
  const lines = [
    isDocument
      ? `A document to sign on ${chainText(proposal, chain)} with ${proposal.from}.`
      : `${idsOf(waiting)} to sign on ${chainText(proposal, chain)} with ${proposal.from}${waiting.length > 1 ? ', in this order' : ''}.`,
  ]
  if (report === null) return lines[0] as string
  const amounts = (sign: -1 | 1, of: string = proposal.from): string => {
    const moved = report.token_changes.filter(
      ({ account, delta }) =>
        account.toLowerCase() === of.toLowerCase() && (sign < 0 ? BigInt(delta) < 0n : BigInt(delta) > 0n),
    )
    return moved.length === 0 ? 'nothing' : moved.map((change) => amountText(change, chain)).join(', ')
  }
  for (const { account, by } of report.controlled ?? []) {
    const what = by === 'safe-owner' ? 'Safe' : 'account'
    lines.push(`Leaves your ${what} ${account}: ${amounts(-1, account)}. Arrives there: ${amounts(1, account)}.`)
  }
  lines.push(`Leaves: ${amounts(-1)}.`, `Arrives: ${amounts(1)}.`)
  if (!isDocument) {
    lines.push(...waiting.map((call) => destinationText(call, chain)))
    lines.push(
      `Network fee: at most ${Wei.format(BigInt(report.gas_estimate.max_fee_wei), 18)} ${nativeOf(chain)} (the wallet sets it).`,
    )
  } else lines.push('No network fee: one signature, and nothing is sent. Who has it can do what it allows.')
  lines.push(`Permissions left: ${permissionsOf(report, chain)}.`)
  const warnings = report.findings.filter(({ level }) => level === 'warn')
  lines.push(
    `Warnings: ${warnings.length === 0 ? 'none' : warnings.map(({ because }) => forModel(because)).join(' ')}${warnings.length === 0 ? '.' : ''}`,
  )
  if (isLevelOwed(proposal))
    lines.push('It cannot be signed yet: parts of it did not come from you. Type them on the card of the page first.')
  lines.push(
    `It expires at ${Clock.iso(proposal.expiresMs)} and is checked again before you sign. Nothing happens unless your own wallet signs it.`,
  )
  return lines.join('\n')
}

/**
 * What became of a proposal that clients had been asked to sign; null where there is nothing to say.
 *
 * @param source - The state it came from.
 * @param wasOffered - Whether it was signable once.
 */
export function moved(
  proposal: Proposal,
  { source, wasOffered }: { source: State; wasOffered: boolean },
): string | null {
  const ids = idsOf(proposal.calls)
  const are = proposal.calls.length === 1 ? 'is' : 'are'
  if (proposal.state === 'settled')
    return Document.of(proposal) === null
      ? `${ids} ${are} on chain, in block ${proposal.settlement?.block_number ?? '?'}, exactly as shown.`
      : `The document ${ids} is signed.`
  if (!wasOffered) return null
  switch (proposal.state) {
    case 'superseded':
      return withdrawn(
        proposal,
        `a newer proposal took ${unsigned(proposal).length === 1 ? 'its' : 'their'} place.`,
        '',
      )
    case 'rejected':
      return withdrawn(proposal, 'rejected.', 'Nothing of it was sent through here.')
    case 'expired':
      return withdrawn(proposal, 'not signed in time.', 'Ask again if you still want it.')
    case 'mismatched':
      return `${ids}: ${forModel(proposal.reason ?? 'What is on chain differs from what was shown.')} ${halfDone(proposal) ?? ''}`.trim()
    case 'staged':
      return source === 'pending'
        ? withdrawn(proposal, forModel(proposal.reason ?? 'the chain moved since it was shown.'), '')
        : null
    case 'blocked': {
      const left = unsigned(proposal)
      return `${idsOf(left.length === 0 ? proposal.calls : left)} ${left.length > 1 ? 'are' : 'is'} blocked now: ${forModel(proposal.reason ?? 'the simulation says no.')} It cannot be signed.`
    }
    default:
      return null
  }
}

/** What its owner has not signed: only that can be withdrawn. */
function unsigned(proposal: Proposal): readonly ProposalCall[] {
  return proposal.calls.filter((call) => call.status === 'waiting')
}

/**
 * That nothing more is asked for. A step that was signed stays what it is, and is named as that.
 *
 * @param untouched - What is added where no step was signed.
 */
function withdrawn(proposal: Proposal, because: string, untouched: string): string {
  const left = unsigned(proposal)
  const sent = proposal.calls.filter((call) => call.status === 'submitted')
  return [
    left.length === 0
      ? `Nothing of ${idsOf(proposal.calls)} is left to sign: ${because}`
      : `${idsOf(left)} ${left.length === 1 ? 'is' : 'are'} withdrawn: ${because}`,
    sent.length === 0
      ? ''
      : `${idsOf(sent)} ${sent.length === 1 ? 'was' : 'were'} signed before and ${sent.length === 1 ? 'is' : 'are'} looked for on chain.`,
    halfDone(proposal) ?? (left.length === proposal.calls.length ? untouched : ''),
  ]
    .filter((line) => line !== '')
    .join(' ')
}

/** A step of several is confirmed. */
export function stepConfirmed(proposal: Proposal): string | null {
  const next = proposal.calls.find((call) => call.status === 'waiting')
  const done = proposal.calls.filter((call) => call.status === 'confirmed').length
  if (next === undefined || done === 0) return null
  return `${done} of ${proposal.calls.length} steps ${done === 1 ? 'is' : 'are'} on chain. Next to sign: tx-${next.txId}.`
}

/** That a batch is over with only its first steps on chain; what to do about it is simulated first. */
function halfDone(proposal: Proposal): string | null {
  if (!Remedy.isHalfDone(proposal)) return null
  const done = proposal.calls.filter((call) => call.status === 'confirmed')
  return `${idsOf(done)} ${done.length === 1 ? 'is' : 'are'} on chain, the rest is not. How to go on follows in a moment.`
}

/**
 * Both ways on from a batch that ended half done.
 *
 * @param left - Powers that the confirmed steps gave and that no one call takes back.
 */
export function remedies(
  half: Proposal,
  { rest, revoke, left }: { rest: Proposal; revoke: Proposal | null; left: readonly Remedy.Grant[] },
): string {
  const done = half.calls.filter((call) => call.status === 'confirmed')
  const isReady = (proposal: Proposal): boolean => proposal.state === 'receipted'
  return [
    `${idsOf(done)} ${done.length === 1 ? 'is' : 'are'} on chain, the rest is not.`,
    isReady(rest)
      ? `To sign the rest, say “continue”.`
      : `The rest cannot go on as it was: ${forModel(rest.reason ?? 'it could not be simulated.')} Ask again for what you want.`,
    revoke === null
      ? ''
      : `Left behind: ${revoke.calls.map(({ label }) => label).join('; ')}. ${
          isReady(revoke)
            ? 'To take that back, say “take the permission back”.'
            : `It cannot be taken back now: ${forModel(revoke.reason ?? 'it could not be simulated.')}`
        }`,
    left.length === 0
      ? ''
      : `Left behind, to be ended where it was given: ${left.map(({ kind, subject, contract }) => `${kind.replaceAll('_', ' ')} for ${subject} at ${contract}`).join('; ')}.`,
    revoke === null && left.length === 0 ? 'The steps on chain left no permission behind.' : '',
    'Nothing happens unless your own wallet signs it.',
  ]
    .filter((line) => line !== '')
    .join(' ')
}

/** What a revocation ends. */
export function revocationLabel({ kind, contract, subject, about, isSingle }: Remedy.Grant, chain: Names): string {
  const token = kind === 'permit2_allowance' && about !== null ? Address.fromWord(about.slice(2)) : contract
  const name = chain.tokens.find((each) => Address.isEqual(each.address, token))?.symbol ?? `token ${token}`
  if (isSingle && about !== null) return `${subject} may take number ${BigInt(about)} of ${name}`
  return kind === 'operator' ? `${subject} may move all your ${name}` : `${subject} may spend your ${name}`
}

function idsOf(calls: readonly ProposalCall[]): string {
  return calls.map((call) => `tx-${call.txId}`).join(', ')
}

function chainText(proposal: Proposal, chain: Names | undefined): string {
  return chain === undefined ? `chain ${proposal.chainId}` : `${chain.name} (${proposal.chainId})`
}

const nativeOf = (chain: Names | undefined): string => chain?.nativeSymbol ?? 'of the native coin'

function tokenText(token: string | null, chain: Names | undefined): string {
  if (token === null) return nativeOf(chain)
  return chain?.tokens.find((each) => Address.isEqual(each.address, token))?.symbol ?? `of the token ${token}`
}

function amountText(change: ReportWire['token_changes'][number], chain: Names | undefined): string {
  if (change.standard === 'erc721') return `token ${change.token_id ?? '?'} of ${change.token ?? '?'}`
  const delta = BigInt(change.delta)
  const amount = Wei.format(delta < 0n ? -delta : delta, change.decimals ?? (change.token === null ? 18 : 0))
  return `${amount} ${tokenText(change.token, chain)}`
}

function destinationText(call: ProposalCall, chain: Names | undefined): string {
  const payment = paymentOf(call)
  const named = (address: string): string => {
    const known = [...(chain?.contracts ?? []), ...(chain?.tokens ?? [])].find((each) =>
      Address.isEqual(each.address, address),
    )
    return known === undefined ? address : `${address} (${known.name})`
  }
  if (payment !== null) return `tx-${call.txId} pays ${named(payment.recipient)}.`
  return call.to === null
    ? `tx-${call.txId} creates a contract.`
    : `tx-${call.txId} calls ${named(call.to)}${call.value > 0n ? ` with ${Wei.format(call.value, 18)} ${nativeOf(chain)}` : ''}.`
}

/** Every power that is greater than it was. */
function permissionsOf(report: ReportWire, chain: Names | undefined): string {
  const left = report.authority_changes.filter(({ before, after }) => BigInt(after) > BigInt(before))
  if (left.length === 0) return 'none'
  return left
    .map((change) => {
      const until = change.expires === null ? '' : ` until ${change.expires}`
      if (change.kind !== 'erc20_allowance' && change.kind !== 'permit2_allowance')
        return `${change.kind.replaceAll('_', ' ')} for ${change.subject} at ${change.contract}${until}`
      const amount = change.unlimited ? 'without limit' : Wei.format(BigInt(change.after), change.decimals ?? 0)
      return `${change.subject} may spend ${amount} ${tokenText(change.contract, chain)}${until}`
    })
    .join('; ')
}
