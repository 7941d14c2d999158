import { Address, BaseError, type Hex } from '@countersign/base'
import { encodeFunctionData, parseAbi, zeroAddress } from 'viem'
import type { Approval } from './listApprovals.ts'

/** What is to be taken back: the parts of a listed approval that name it. */
export type Revocation = Pick<Approval, 'kind' | 'contract' | 'token' | 'spender' | 'tokenId'>

/** The most that one proposal takes back: as many transactions as one holds. */
export const MAX_REVOCATIONS = 16

const ABI = parseAbi([
  'function approve(address spender, uint256 value)',
  'function setApprovalForAll(address operator, bool approved)',
  'function lockdown((address token, address spender)[] approvals)',
])

/** The call by which the account takes it back. It grants nothing, whatever stands now. */
export function callOf({ kind, contract, token, spender, tokenId }: Revocation): {
  readonly to: Address.Address
  readonly value: '0'
  readonly data: Hex.Hex
} {
  switch (kind) {
    case 'erc20_allowance':
      return call(contract, encodeFunctionData({ abi: ABI, functionName: 'approve', args: [spender, 0n] }))
    case 'operator':
      return call(contract, encodeFunctionData({ abi: ABI, functionName: 'setApprovalForAll', args: [spender, false] }))
    case 'nft':
      return call(
        contract,
        encodeFunctionData({ abi: ABI, functionName: 'approve', args: [zeroAddress, tokenId ?? 0n] }),
      )
    case 'permit2_allowance': {
      const pair = { token: token ?? contract, spender }
      return call(contract, encodeFunctionData({ abi: ABI, functionName: 'lockdown', args: [[pair]] }))
    }
  }
}

function call(to: Address.Address, data: Hex.Hex) {
  return { to, value: '0', data } as const
}

/** Fields of an entry: those that name it, and those that a listed one has besides, so that it can be sent as it came. */
const KNOWN = ['kind', 'contract', 'token', 'spender', 'token_id', 'amount', 'unlimited', 'expires_at', 'revoke']
const KINDS: readonly Approval['kind'][] = ['erc20_allowance', 'permit2_allowance', 'operator', 'nft']

/**
 * Reads a list of approvals as they are listed.
 *
 * @throws {RevocationError} `chains:revocation:unreadable`, naming the entry.
 */
export function parse(value: unknown): readonly Revocation[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_REVOCATIONS)
    throw new RevocationError(`"approvals" must list 1 to ${MAX_REVOCATIONS} approvals.`)
  return value.map((entry: unknown, i) => {
    const wrong = (why: string): RevocationError => new RevocationError(`Approval ${i + 1}: ${why}.`)
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) throw wrong('it is not an object')
    const fields = entry as Readonly<Record<string, unknown>>
    const unknown = Object.keys(fields).find((name) => !KNOWN.includes(name))
    if (unknown !== undefined) throw wrong(`the field "${unknown.slice(0, 40)}" is not known`)
    const kind = KINDS.find((each) => each === fields['kind'])
    if (kind === undefined) throw wrong(`"kind" must be one of ${KINDS.join(', ')}`)
    const address = (name: string): Address.Address => {
      if (!Address.isAddress(fields[name])) throw wrong(`"${name}" must be an address`)
      return Address.parse(fields[name])
    }
    const id = fields['token_id']
    if (kind === 'nft' && (typeof id !== 'string' || !/^\d{1,78}$/.test(id)))
      throw wrong('"token_id" must be a number as text')
    return {
      kind,
      contract: address('contract'),
      spender: address('spender'),
      token: kind === 'permit2_allowance' ? address('token') : null,
      tokenId: kind === 'nft' ? BigInt(id as string) : null,
    }
  })
}

export class RevocationError extends BaseError {
  override readonly name = 'chains.RevocationError'
  constructor(message: string) {
    super(message, {
      code: 'chains:revocation:unreadable',
      kind: 'invalid',
      hint: 'Send entries of GET /api/approvals: {"kind": "erc20_allowance", "contract": "0x…", "spender": "0x…"}.',
    })
  }
}
