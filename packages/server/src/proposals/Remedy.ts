import { Address, Hex } from '@countersign/base'
import type { Report } from '@countersign/simulator'
import type * as Wire from '@countersign/sdk'

/** `continue`: the steps that are not on chain. `revoke`: takes back what the steps on chain permitted. */
export type Kind = Wire.RemedyKind

/** What the gate staged for a batch that ended half done. */
export interface Remedy {
  readonly kind: Kind
  /** Null where there was nothing to stage. */
  readonly proposalId: string | null
  readonly state: Wire.ProposalState | null
}

const OVER: readonly Wire.ProposalState[] = ['mismatched', 'rejected', 'expired', 'superseded', 'blocked']

/** Whether a batch is over with some of its steps on chain, and none on its way there. */
export function isHalfDone({
  state,
  calls,
}: {
  readonly state: Wire.ProposalState
  readonly calls: readonly { readonly status: Wire.ProposalCall['status'] }[]
}): boolean {
  return (
    OVER.includes(state) &&
    calls.some(({ status }) => status === 'confirmed') &&
    calls.some(({ status }) => status !== 'confirmed') &&
    calls.every(({ status }) => status !== 'submitted')
  )
}

/** A power that an owner gave, as a report has it. */
export interface Grant extends Pick<Report.Report['authorityChanges'][number], 'kind' | 'contract' | 'subject'> {
  /** The token of a Permit2 allowance, the number of an approved NFT: one word; null where it is about no such thing. */
  readonly about: Hex.Hex | null
  /** Whether it is about one token and not about all. */
  readonly isSingle: boolean
}

/** Every power of the owner's that grew. */
export function grantsOf(report: Pick<Report.Report, 'authorityChanges' | 'steps'>, owner: Address.Address): Grant[] {
  return report.authorityChanges
    .filter((change) => Address.isEqual(change.owner, owner) && change.after > change.before)
    .map((change) => ({
      kind: change.kind,
      contract: change.contract,
      subject: change.subject,
      about: aboutOf(report, change),
      isSingle: change.kind === 'operator' && !change.unlimited,
    }))
}

/** The word that stands beside owner and subject in what the contract logged about them. */
function aboutOf(
  { steps }: Pick<Report.Report, 'steps'>,
  { contract, owner, subject }: Report.Report['authorityChanges'][number],
): Hex.Hex | null {
  const parties = [word(owner), word(subject)]
  for (const { address, topics } of steps.flatMap(({ logs }) => logs)) {
    const words = topics.slice(1).map((topic) => topic.toLowerCase() as Hex.Hex)
    if (!Address.isEqual(address, contract) || words.length !== 3) continue
    if (parties.every((party) => words.includes(party))) return words.find((each) => !parties.includes(each)) ?? null
  }
  return null
}

const word = (value: string): Hex.Hex => `0x${value.slice(2).toLowerCase().padStart(64, '0')}`
const call = (selector: string, ...words: readonly string[]): Hex.Hex =>
  `0x${selector}${words.map((each) => word(each).slice(2)).join('')}`

/** A call as it is staged. */
export interface Revocation {
  readonly to: Address.Address
  readonly value: bigint
  readonly data: Hex.Hex
  readonly label: string
  readonly kind: string
}

/** The call that takes a power back; null where no one call does. */
export function revocation({ kind, contract, subject, about, isSingle }: Grant, label: string): Revocation | null {
  const made = (data: Hex.Hex, as = 'contract_call') => ({ to: contract, value: 0n, data, label, kind: as })
  switch (kind) {
    case 'erc20_allowance':
      // approve(address,uint256)
      return made(call('095ea7b3', subject, '0x0'), 'erc20_approve')
    case 'permit2_allowance':
      // lockdown((address,address)[]): a list of one.
      return about === null ? null : made(call('cc53287f', '0x20', '0x1', about, subject))
    case 'operator':
      // setApprovalForAll(address,bool), or approve(address,uint256) of the one token.
      if (!isSingle) return made(call('a22cb465', subject, '0x0'))
      return about === null ? null : made(call('095ea7b3', '0x0', about))
    default:
      return null
  }
}

/** Whether a simulated call takes this power away. */
export function takesBack({ authorityChanges }: Pick<Report.Report, 'authorityChanges'>, grant: Grant): boolean {
  return authorityChanges.some(
    (change) =>
      change.kind === grant.kind &&
      Address.isEqual(change.contract, grant.contract) &&
      Address.isEqual(change.subject, grant.subject) &&
      change.after < change.before,
  )
}
