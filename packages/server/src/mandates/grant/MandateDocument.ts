import { Address, type Hex } from '@countersign/base'
import { hashTypedData } from 'viem'
import { toCanonical } from '../policy/canonical.ts'
import { digestOf, type Policy } from '../policy/Policy.ts'
import { sentencesOf } from '../policy/sentences.ts'

/** The documents by which an owner grants, unfreezes, and says that nothing was signed. Complete for `eth_signTypedData_v4`. */
const DOMAIN = [
  { name: 'name', type: 'string' },
  { name: 'version', type: 'string' },
  { name: 'chainId', type: 'uint256' },
] as const
const RULE = [
  { name: 'id', type: 'string' },
  { name: 'answer', type: 'string' },
  { name: 'when', type: 'string' },
] as const
const LIMIT = [
  { name: 'id', type: 'string' },
  { name: 'cap', type: 'string' },
  { name: 'over', type: 'string' },
] as const
const MANDATE = [
  { name: 'mandate', type: 'string' },
  { name: 'app', type: 'string' },
  { name: 'owner', type: 'address' },
  { name: 'agent', type: 'string' },
  { name: 'version', type: 'uint64' },
  { name: 'previous', type: 'bytes32' },
  { name: 'from', type: 'uint64' },
  { name: 'until', type: 'uint64' },
  { name: 'otherwise', type: 'string' },
  { name: 'rules', type: 'Rule[]' },
  { name: 'limits', type: 'Limit[]' },
  { name: 'worst', type: 'string' },
  { name: 'policy', type: 'bytes32' },
] as const
const UNFREEZE = [
  { name: 'mandate', type: 'string' },
  { name: 'app', type: 'string' },
  { name: 'owner', type: 'address' },
  { name: 'version', type: 'uint64' },
  { name: 'epoch', type: 'uint64' },
] as const
const NOT_SIGNED = [
  { name: 'reservation', type: 'string' },
  { name: 'digest', type: 'bytes32' },
] as const
const APPROVE = [
  { name: 'proposal', type: 'string' },
  { name: 'digest', type: 'bytes32' },
  { name: 'decision', type: 'bytes32' },
] as const

/** One document, as a wallet takes it. */
export interface TypedData {
  readonly types: Readonly<Record<string, readonly { readonly name: string; readonly type: string }[]>>
  readonly primaryType: string
  readonly domain: { readonly name: 'Countersign mandate'; readonly version: '1'; readonly chainId: number }
  readonly message: Readonly<Record<string, unknown>>
}

const NO_DIGEST = `0x${'00'.repeat(32)}`

/** What an owner signs to grant a version: sentences that code renders from the policy, and the policy's digest. */
export function grantDocument({
  policy,
  app,
  owner,
  version,
  previous,
  worst,
}: {
  policy: Policy
  app: string
  owner: Address.Address
  version: number
  previous: string | null
  worst: string
}): TypedData {
  const { agent, otherwise, rules, limits } = sentencesOf(policy)
  return {
    types: { EIP712Domain: DOMAIN, Mandate: MANDATE, Rule: RULE, Limit: LIMIT },
    primaryType: 'Mandate',
    domain: domainOf(policy),
    message: {
      ...{ mandate: policy.name, app, owner, agent, version: String(version), previous: previous ?? NO_DIGEST },
      from: String(Math.floor((policy.fromMs ?? 0) / 1_000)),
      until: String(Math.floor(policy.untilMs / 1_000)),
      ...{ otherwise, rules, limits, worst },
      policy: digestOf(toCanonical(policy)),
    },
  }
}

export function unfreezeDocument({
  policy,
  app,
  owner,
  name,
  version,
  epoch,
}: {
  policy: Policy
  app: string
  owner: Address.Address
  name: string
  version: number
  epoch: number
}): TypedData {
  return {
    types: { EIP712Domain: DOMAIN, Unfreeze: UNFREEZE },
    primaryType: 'Unfreeze',
    domain: domainOf(policy),
    message: { mandate: name, app, owner, version: String(version), epoch: String(epoch) },
  }
}

/** What an owner signs to say that these bytes were never signed. */
export function notSignedDocument({
  chainId,
  reservation,
  digest,
}: {
  chainId: number
  reservation: string
  digest: string
}): TypedData {
  return {
    types: { EIP712Domain: DOMAIN, NotSigned: NOT_SIGNED },
    primaryType: 'NotSigned',
    domain: { name: 'Countersign mandate', version: '1', chainId },
    message: { reservation, digest: bytes32(digest) },
  }
}

/** What an approver signs: one proposal, its bytes, and one decision about it. */
export function approveDocument({
  policy,
  proposal,
  digest,
  decision,
}: {
  policy: Policy
  proposal: string
  digest: string
  decision: string
}): TypedData {
  return {
    types: { EIP712Domain: DOMAIN, Approve: APPROVE },
    primaryType: 'Approve',
    domain: domainOf(policy),
    message: { proposal, digest: bytes32(digest), decision: bytes32(decision) },
  }
}

function bytes32(digest: string): string {
  return digest.replace(/^sha256:/, '0x')
}

function domainOf({ chains }: Policy): TypedData['domain'] {
  return { name: 'Countersign mandate', version: '1', chainId: chains[0] ?? 1 }
}

/** What is signed. */
export function hashOf(document: TypedData): Hex.Hex {
  return hashTypedData(document as never)
}

/** The most that may leave within the mandate, as its limits have it; what no limit counts is said. */
export function worstOf(policy: Policy): string {
  const { limits } = sentencesOf(policy)
  return limits.length === 0
    ? 'No limit: everything that the rules allow may leave.'
    : `At most: ${limits.map(({ cap }) => cap).join('; ')}. What no limit counts may leave in full.`
}
