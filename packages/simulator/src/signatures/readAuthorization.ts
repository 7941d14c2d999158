import { Address, BaseError, Hex, Table } from '@countersign/base'
import { recoverAddress } from 'viem'
import { hashAuthorization } from 'viem/utils'
import { asJson, EMPTY, SignatureError, withoutMentions, type SignatureContext } from './SignatureRequest.ts'
import type { Line, SignatureRequest } from '../model/Document.ts'
import { finding, nameOf } from './wording.ts'

/** An EIP-7702 authorization that was read strictly. */
export interface Authorization {
  /** 0: every chain. */
  readonly chainId: bigint
  /** Whose code the account takes on; the zero address takes it off. */
  readonly address: Address.Address
  readonly nonce: bigint
  /** Null: not signed yet. */
  readonly signature: { readonly yParity: 0 | 1; readonly r: Hex.Hex; readonly s: Hex.Hex } | null
}

/**
 * Account code that its authors published for all chains and that others have looked at: MetaMask's
 * EIP7702StatelessDeleGator 1.3.0 (`@metamask/delegation-deployments` 2.0.0). Whether the code at the address is really
 * theirs is for the simulator to compare (catalogue D04).
 */
const REVIEWED = [Address.parse('0x63c0c19a282a1B52b07dD5a65b58948A07DAE32B')]

/** EIP-7702: half of secp256k1's order; a larger `s` makes the authorization invalid. */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n
/** EIP-7702: an authorization with this nonce is invalid. */
const LAST_NONCE = (1n << 64n) - 1n

const FIELDS = ['chain_id', 'address', 'nonce', 'y_parity', 'r', 's', 'v'] as const
const SPELLINGS = Table.of<(typeof FIELDS)[number]>({
  chainId: 'chain_id',
  yParity: 'y_parity',
  contractAddress: 'address',
})

/** Reads an authorization: `{chain_id, address, nonce, y_parity?, r?, s?}`, or as JSON-RPC spells it. */
export function parseAuthorization(value: unknown): Authorization {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail('it is not an object')
  const raw: Partial<Record<(typeof FIELDS)[number], unknown>> = {}
  for (const [key, entry] of Object.entries(value as Record<string, unknown>)) {
    const field = SPELLINGS[key] ?? FIELDS.find((name) => name === key)
    if (field === undefined) fail(`the field "${key.slice(0, 40)}" is not known`)
    else if (field in raw) fail(`the field "${field}" stands there twice`)
    else raw[field] = entry
  }
  const address = raw.address
  if (typeof address !== 'string') fail('"address" is missing')
  const isSigned = raw.r !== undefined || raw.s !== undefined || raw.y_parity !== undefined
  const chainId = readNumber(raw.chain_id, 'chain_id')
  const nonce = readNumber(raw.nonce, 'nonce')
  if (nonce >= LAST_NONCE) fail('"nonce" is too large')
  return {
    chainId,
    nonce,
    address: readBase('address', () => Address.parse(address as string)),
    signature: isSigned ? readSignature(raw) : null,
  }
}

/**
 * What an EIP-7702 authorization means: the account runs foreign code from now on, whoever calls it (catalogue D01,
 * D03). A signature that is there must be the account's own.
 *
 * @throws {SignatureError} `simulation:signature:unreadable`.
 */
export async function readAuthorization(
  authorization: unknown,
  context: SignatureContext,
): Promise<SignatureRequest & { readonly authorization: Authorization; readonly signer: Address.Address | null }> {
  const at = withoutMentions({ ...context, from: Address.parse(context.from) })
  const parsed = parseAuthorization(authorization)
  const digest = hashAuthorization({
    chainId: Number(parsed.chainId),
    address: parsed.address,
    nonce: Number(parsed.nonce),
  })
  const signer = parsed.signature === null ? null : await recover(digest, parsed.signature)
  const owner = signer ?? at.from
  const isRemoval = parsed.address === Address.ZERO
  const isReviewed = REVIEWED.includes(parsed.address) || at.known?.(parsed.address)?.kind === 'infrastructure'
  const lines: Line[] = [
    { label: 'Account', value: nameOf(at, owner) },
    {
      label: 'Code',
      value: isRemoval ? 'none: the account becomes an ordinary one again' : nameOf(at, parsed.address),
    },
    { label: 'Chain', value: parsed.chainId === 0n ? 'every chain (0)' : parsed.chainId.toString() },
    { label: 'Nonce', value: parsed.nonce.toString() },
    {
      label: 'Signed',
      value: parsed.signature === null ? 'not yet' : `by ${signer ?? 'nobody that can be recovered'}`,
    },
  ]
  return {
    ...EMPTY,
    authorization: parsed,
    signer,
    digest,
    source: { authorization: asJson(authorization) },
    primaryType: 'Authorization',
    verifyingContract: null,
    kind: 'authorization-7702',
    title: isRemoval ? `Removal of the code of ${nameOf(at, owner)}` : `Foreign code for ${nameOf(at, owner)}`,
    lines,
    grants: isRemoval
      ? []
      : [
          {
            kind: 'account_code',
            owner,
            contract: owner,
            subject: parsed.address,
            token: null,
            amount: 0n,
            unlimited: true,
            expiresMs: null,
          },
        ],
    findings: [
      ...(isRemoval
        ? []
        : [
            finding(
              'signature-account-code',
              isReviewed ? 'warn' : 'block',
              'The account would run foreign code',
              `${nameOf(at, parsed.address)} becomes the code of ${owner}, with power over everything it holds, until it is replaced.${isReviewed ? '' : ' Nobody vouches for this code.'}`,
              parsed.address,
            ),
          ]),
      ...(parsed.chainId === 0n
        ? [
            finding(
              'signature-every-chain',
              'block',
              'Good on every chain',
              'The chain id is 0: the same authorization works on every chain where the nonce fits, and what lives at the address there is not known.',
              parsed.address,
            ),
          ]
        : parsed.chainId !== BigInt(at.chainId)
          ? [
              finding(
                'signature-wrong-chain',
                'block',
                'For another chain',
                `The authorization is for chain ${parsed.chainId}, but you are on ${at.chainId}.`,
                parsed.address,
              ),
            ]
          : []),
      ...(parsed.signature !== null && signer !== at.from
        ? [
            finding(
              'signature-owner-mismatch',
              signer === null ? 'block' : 'warn',
              signer === null ? 'A broken signature' : 'For another account',
              signer === null
                ? 'The signature of the authorization belongs to nobody.'
                : `The authorization is of ${signer}, not of ${at.from}.`,
              signer,
            ),
          ]
        : []),
    ],
    notChecked: isRemoval
      ? []
      : [
          {
            what: `the code at ${parsed.address}`,
            why: 'The document names an address; its code is compared on the chain.',
          },
        ],
  }
}

async function recover(
  digest: Hex.Hex,
  signature: NonNullable<Authorization['signature']>,
): Promise<Address.Address | null> {
  try {
    return Address.parse(
      await recoverAddress({ hash: digest, signature: { r: signature.r, s: signature.s, yParity: signature.yParity } }),
    )
  } catch {
    return null
  }
}

function readSignature(raw: Partial<Record<(typeof FIELDS)[number], unknown>>): Authorization['signature'] {
  const [yParity, r, s] = [readNumber(raw.y_parity, 'y_parity'), readScalar(raw.r, 'r'), readScalar(raw.s, 's')]
  if (yParity > 1n) fail('"y_parity" is 0 or 1')
  // viem writes both; they must not disagree.
  if (raw.v !== undefined && ![yParity, yParity + 27n].includes(readNumber(raw.v, 'v')))
    fail('"v" and "y_parity" differ')
  if (BigInt(s) > HALF_ORDER) fail('"s" is in the upper half of the curve order, which EIP-7702 does not accept')
  return { yParity: yParity === 1n ? 1 : 0, r, s }
}

/** JSON-RPC writes quantities without leading zeros, our own files as full words; both mean one number. */
function readScalar(value: unknown, field: string): Hex.Hex {
  if (typeof value !== 'string' || !/^0x[0-9a-fA-F]{1,64}$/.test(value))
    return fail(`"${field}" is not a 32-byte number`)
  return `0x${value.slice(2).toLowerCase().padStart(64, '0')}`
}

function readNumber(value: unknown, field: string): bigint {
  if (typeof value === 'bigint' && value >= 0n && value < 1n << 64n) return value
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value)
  if (
    typeof value === 'string' &&
    (/^(?:0|[1-9]\d{0,19})$/.test(value) || /^0x(?:0|[1-9a-fA-F][0-9a-fA-F]{0,15})$/.test(value))
  ) {
    const number = BigInt(value)
    // viem hashes them as JavaScript numbers.
    if (number <= BigInt(Number.MAX_SAFE_INTEGER)) return number
  }
  return fail(`"${field}" is not a plain number`)
}

function readBase<T>(field: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    return fail(`"${field}": ${error instanceof BaseError ? error.message : 'it cannot be read'}`)
  }
}

function fail(reason: string): never {
  throw new SignatureError('The authorization', reason)
}
