import { UNLIMITED_FROM } from '../../model/Allowance.ts'
import { Address, type Hex } from '@countersign/base'
import { encodeFunctionData, maxUint160, parseAbi } from 'viem'
import { DUMMY, EMPTY, word, type Draft, type SignatureContext } from '../SignatureRequest.ts'
import type { BoundedWord, HolderCall } from '../../model/Document.ts'
import { domainShape, expectDomainSeparator, reader, type Scheme, type TypedReader } from '../Scheme.ts'
import { baseOf, structHash, type TypedDocument, type TypedStruct } from '../TypedDocument.ts'
import {
  amountOf,
  expiryMs,
  finding,
  isVouchedSpender,
  judgeAmount,
  judgeExpiry,
  judgeSpender,
  linesOf,
  nameOf,
  timeOf,
} from '../wording.ts'

/** Permit2's address, the same on every chain (Uniswap's deployment list), but for zkSync Era. */
const PERMIT2 = Address.parse('0x000000000022D473030F116dDEE9F6B43aC78BA3')
const PERMIT2_ZKSYNC = Address.parse('0x0000000000225e31D15943971F47aD3022F714Fa')
const ZKSYNC_ERA = 324

const ABI = parseAbi([
  'struct PermitDetails { address token; uint160 amount; uint48 expiration; uint48 nonce; }',
  'struct PermitSingle { PermitDetails details; address spender; uint256 sigDeadline; }',
  'struct PermitBatch { PermitDetails[] details; address spender; uint256 sigDeadline; }',
  'struct TokenPermissions { address token; uint256 amount; }',
  'struct PermitTransferFrom { TokenPermissions permitted; uint256 nonce; uint256 deadline; }',
  'struct PermitBatchTransferFrom { TokenPermissions[] permitted; uint256 nonce; uint256 deadline; }',
  'struct SignatureTransferDetails { address to; uint256 requestedAmount; }',
  'function permit(address owner, PermitSingle permitSingle, bytes signature)',
  'function permit(address owner, PermitBatch permitBatch, bytes signature)',
  'function transferFrom(address from, address to, uint160 amount, address token)',
  'function permitTransferFrom(PermitTransferFrom permit, SignatureTransferDetails transferDetails, address owner, bytes signature)',
  'function permitTransferFrom(PermitBatchTransferFrom permit, SignatureTransferDetails[] transferDetails, address owner, bytes signature)',
  'function permitWitnessTransferFrom(PermitTransferFrom permit, SignatureTransferDetails transferDetails, address owner, bytes32 witness, string witnessTypeString, bytes signature)',
  'function permitWitnessTransferFrom(PermitBatchTransferFrom permit, SignatureTransferDetails[] transferDetails, address owner, bytes32 witness, string witnessTypeString, bytes signature)',
  'function allowance(address owner, address token, address spender) view returns (uint160 amount, uint48 expiration, uint48 nonce)',
  'function nonceBitmap(address owner, uint256 wordPosition) view returns (uint256)',
])

// Permit2, src/libraries/PermitHash.sol.
const DETAILS = 'PermitDetails(address token,uint160 amount,uint48 expiration,uint48 nonce)'
const SINGLE = `PermitSingle(PermitDetails details,address spender,uint256 sigDeadline)${DETAILS}`
const BATCH = `PermitBatch(PermitDetails[] details,address spender,uint256 sigDeadline)${DETAILS}`
const PERMISSIONS = 'TokenPermissions(address token,uint256 amount)'
const TRANSFER = `PermitTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline)${PERMISSIONS}`
const BATCH_TRANSFER = `PermitBatchTransferFrom(TokenPermissions[] permitted,address spender,uint256 nonce,uint256 deadline)${PERMISSIONS}`
const WITNESS_STUB =
  'PermitWitnessTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,'
const BATCH_WITNESS_STUB =
  'PermitBatchWitnessTransferFrom(TokenPermissions[] permitted,address spender,uint256 nonce,uint256 deadline,'

/** Permit2: one approval, then signatures for everything (catalogue C12, C13). */
export const permit2: Scheme = {
  primaryTypes: [
    'PermitSingle',
    'PermitBatch',
    'PermitTransferFrom',
    'PermitBatchTransferFrom',
    'PermitWitnessTransferFrom',
    'PermitBatchWitnessTransferFrom',
  ],
  read,
}

function read(document: TypedDocument, at: SignatureContext): Draft | null {
  const { domain, encodedType } = document
  const contract = domain.verifyingContract
  // Permit2's EIP712.sol: name, chain and contract, no version.
  if (domainShape(document) !== 'name,chainId,verifyingContract' || domain.name !== 'Permit2') return null
  if (contract !== (at.chainId === ZKSYNC_ERA ? PERMIT2_ZKSYNC : PERMIT2)) return null
  if (encodedType === SINGLE || encodedType === BATCH) return readAllowance(document, at, contract)
  if (encodedType === TRANSFER || encodedType === BATCH_TRANSFER) return readTransfer(document, at, contract, null)
  const stub = [WITNESS_STUB, BATCH_WITNESS_STUB].find((text) => encodedType.startsWith(text))
  const fields = document.types[document.primaryType] ?? []
  // Permit2 hashes its own TokenPermissions: a document whose type of that name has other fields is not Permit2's.
  const isOwnType = encodedType.includes(')TokenPermissions(address token,uint256 amount)')
  if (stub === undefined || fields.length !== 5 || !isOwnType) return null
  return readTransfer(document, at, contract, {
    field: fields[4]?.name ?? '',
    type: fields[4]?.type ?? '',
    typeString: encodedType.slice(stub.length),
  })
}

/** PermitSingle and PermitBatch: an allowance inside Permit2, with an end. */
function readAllowance(document: TypedDocument, at: SignatureContext, contract: Address.Address): Draft {
  const message = reader(document.message)
  const isBatch = document.encodedType === BATCH
  const spender = message.address('spender')
  const sigDeadline = message.uint('sigDeadline')
  const owner = at.from
  const details = (isBatch ? message.structs('details') : [message.struct('details')]).map((entry) => ({
    token: entry.address('token'),
    amount: entry.uint('amount'),
    expiration: entry.uint('expiration'),
    nonce: entry.uint('nonce'),
  }))
  // AllowanceTransfer.sol: an expiration of 0 means "this block only".
  const endOf = (expiration: bigint): bigint =>
    expiration === 0n ? BigInt(Math.ceil(at.nowMs / 1000)) + 60n : expiration
  const structs = details.map((entry) => ({
    ...entry,
    expiration: Number(entry.expiration),
    nonce: Number(entry.nonce),
  }))
  const [first] = structs
  const isGrave = !isVouchedSpender(at, spender)
  return {
    ...EMPTY,
    kind: isBatch ? 'permit2-batch' : 'permit2-single',
    title: `Permission to spend ${details.length === 1 ? nameOf(at, details[0]?.token ?? contract) : `${details.length} tokens`} through Permit2`,
    lines: [
      { label: 'Owner', value: nameOf(at, owner) },
      { label: 'Spender', value: nameOf(at, spender) },
      ...details.flatMap((entry, i) => {
        const prefix = isBatch ? `${i + 1}. ` : ''
        return [
          { label: `${prefix}Token`, value: nameOf(at, entry.token) },
          { label: `${prefix}Amount`, value: amountOf(at, entry.token, entry.amount) },
          {
            label: `${prefix}Allowance ends`,
            value: entry.expiration === 0n ? 'in the same block (0)' : timeOf(entry.expiration),
          },
          { label: `${prefix}Nonce`, value: entry.nonce.toString() },
        ]
      }),
      { label: 'Can be presented until', value: timeOf(sigDeadline) },
    ],
    grants: details.map((entry) => ({
      kind: 'permit2_allowance' as const,
      owner,
      contract,
      subject: spender,
      token: entry.token,
      amount: entry.amount,
      unlimited: entry.amount >= UNLIMITED_FROM,
      expiresMs: expiryMs(endOf(entry.expiration)),
    })),
    holderCalls: [
      {
        from: spender,
        to: contract,
        value: 0n,
        data: isBatch
          ? encodeFunctionData({
              abi: ABI,
              functionName: 'permit',
              args: [owner, { details: structs, spender, sigDeadline }, DUMMY.bytes],
            })
          : encodeFunctionData({
              abi: ABI,
              functionName: 'permit',
              args: [owner, { details: first as (typeof structs)[number], spender, sigDeadline }, DUMMY.bytes],
            }),
        label: 'Present the permit',
        purpose: 'use',
      },
      ...details
        .filter((entry) => entry.amount > 0n)
        .map((entry): HolderCall => ({
          from: spender,
          to: contract,
          value: 0n,
          data: encodeFunctionData({
            abi: ABI,
            functionName: 'transferFrom',
            args: [owner, spender, entry.amount, entry.token],
          }),
          label: `Take what the permit allows of ${entry.token}`,
          purpose: 'exploit',
          bounded: [{ offset: 4 + 64, token: entry.token, owner, granted: entry.amount }],
        })),
    ],
    expects: [
      expectDomainSeparator(document, contract),
      ...details.map((entry) => ({
        to: contract,
        data: encodeFunctionData({ abi: ABI, functionName: 'allowance', args: [owner, entry.token, spender] }),
        equals: word(entry.nonce),
        word: 2,
        what: `Permit2's nonce for ${entry.token}`,
      })),
    ],
    findings: [
      ...emptyBatch(details.length),
      ...(details.some((entry) => entry.amount > 0n) ? judgeSpender(at, spender, 'The permit') : []),
      ...details.flatMap((entry) =>
        entry.amount === 0n
          ? []
          : [
              ...judgeAmount(at, spender, entry.token, entry.amount, maxUint160),
              ...judgeExpiry(at, `The allowance for ${nameOf(at, entry.token)}`, endOf(entry.expiration), isGrave),
            ],
      ),
      ...judgeExpiry(at, 'The signature', sigDeadline, isGrave),
    ],
  }
}

interface Witness {
  readonly field: string
  readonly type: string
  readonly typeString: string
}

/**
 * SignatureTransfer: whoever is named as spender sends the tokens where they like, once. The signed struct names no
 * recipient; only the spender's own code, and a witness that it checks, bind them.
 */
function readTransfer(
  document: TypedDocument,
  at: SignatureContext,
  contract: Address.Address,
  witness: Witness | null,
): Draft | null {
  const message = reader(document.message)
  const isBatch = document.encodedType.startsWith('PermitBatch')
  const spender = message.address('spender')
  const [nonce, deadline] = [message.uint('nonce'), message.uint('deadline')]
  const owner = at.from
  const permitted = (isBatch ? message.structs('permitted') : [message.struct('permitted')]).map((entry) => ({
    token: entry.address('token'),
    amount: entry.uint('amount'),
  }))
  const witnessHash = witness === null ? null : hashWitness(document, message, witness)
  if (witness !== null && witnessHash === null) return null
  const isVouched = isVouchedSpender(at, spender)
  const call = encodeTransfer({ isBatch, permitted, nonce, deadline, owner, spender, witness, witnessHash })
  return {
    ...EMPTY,
    kind: witness !== null ? 'permit2-witness' : isBatch ? 'permit2-batch-transfer' : 'permit2-transfer',
    title: `Transfer of ${permitted.length === 1 ? nameOf(at, permitted[0]?.token ?? contract) : `${permitted.length} tokens`} through Permit2, to wherever the spender decides`,
    lines: [
      { label: 'Owner', value: nameOf(at, owner) },
      { label: 'Spender, who decides where to', value: nameOf(at, spender) },
      ...permitted.flatMap((entry, i) => [
        { label: `${isBatch ? `${i + 1}. ` : ''}Token`, value: nameOf(at, entry.token) },
        { label: `${isBatch ? `${i + 1}. ` : ''}Up to`, value: amountOf(at, entry.token, entry.amount) },
      ]),
      { label: 'Not after', value: timeOf(deadline) },
      { label: 'Nonce', value: nonce.toString() },
      ...(witness === null ? [] : linesOf(document.message[witness.field], witness.field)),
    ],
    offers: permitted.map((entry) => ({
      standard: 'erc20' as const,
      token: entry.token,
      tokenId: null,
      amount: entry.amount,
      to: null,
    })),
    holderCalls: [
      {
        from: spender,
        to: contract,
        value: 0n,
        data: call.data,
        label: 'Take what the signature allows',
        purpose: 'use',
        bounded: permitted.map((entry, i) => ({
          offset: call.offsets[i] ?? 0,
          token: entry.token,
          owner,
          granted: entry.amount,
        })),
      },
    ],
    expects: [
      expectDomainSeparator(document, contract),
      {
        to: contract,
        data: encodeFunctionData({ abi: ABI, functionName: 'nonceBitmap', args: [owner, nonce >> 8n] }),
        equals: word(0n),
        mask: word(1n << (nonce & 255n)),
        what: 'that the transfer was not made before',
      },
    ],
    // With terms that its code can hold it to, as with an exact approval that a transaction gives it; a person is held to none.
    ...(witness === null
      ? {}
      : { milderForCode: { account: spender, rules: ['signature-taker-chooses', 'signature-witness-unread'] } }),
    findings: [
      ...emptyBatch(permitted.length),
      finding(
        'signature-taker-chooses',
        isVouched ? 'info' : 'block',
        'The spender decides where the tokens go',
        `${nameOf(at, spender)} could send ${permitted.map((entry) => amountOf(at, entry.token, entry.amount)).join(', ')} anywhere, itself included. Nothing that you sign binds it${isVouched ? '; its own code does' : ', and nobody vouches for it'}.`,
        spender,
        { tokens: permitted.map((entry) => entry.token) },
      ),
      ...permitted.flatMap((entry) => judgeAmount(at, spender, entry.token, entry.amount)),
      ...judgeExpiry(at, 'The signature', deadline, !isVouched),
      ...(witness === null
        ? []
        : [
            finding(
              'signature-witness-unread',
              isVouched ? 'warn' : 'block',
              'Terms that only the spender understands',
              `The signature binds ${baseOf(witness.type)}, whose meaning is the spender's own. Its fields are shown as they are.`,
              spender,
              { type: witness.type },
            ),
          ]),
    ],
    notChecked:
      witness === null
        ? []
        : linesOf(document.message[witness.field], witness.field).map((line) => ({
            what: `typed-data witness: ${line.label} = ${line.value}`,
            why: `${spender} alone gives this field its meaning.`,
          })),
  }
}

/** The witness's hash as Permit2 gets it: a struct's hash, or a 32-byte value itself. */
function hashWitness(document: TypedDocument, message: TypedReader, witness: Witness): Hex.Hex | null {
  if (document.types[witness.type] !== undefined) {
    return structHash(document, witness.type, message.struct(witness.field).value satisfies TypedStruct)
  }
  return witness.type === 'bytes32' ? message.hex(witness.field) : null
}

function encodeTransfer({
  isBatch,
  permitted,
  nonce,
  deadline,
  owner,
  spender,
  witness,
  witnessHash,
}: {
  isBatch: boolean
  permitted: readonly { token: Address.Address; amount: bigint }[]
  nonce: bigint
  deadline: bigint
  owner: Address.Address
  spender: Address.Address
  witness: Witness | null
  witnessHash: Hex.Hex | null
}): { data: Hex.Hex; offsets: readonly BoundedWord['offset'][] } {
  const [first] = permitted
  if (!isBatch && first !== undefined) {
    const permit = { permitted: first, nonce, deadline }
    const details = { to: spender, requestedAmount: first.amount }
    // Head: the permit takes four words, then `to`, then the amount.
    const offsets = [4 + 32 * 5]
    return witness === null || witnessHash === null
      ? {
          data: encodeFunctionData({
            abi: ABI,
            functionName: 'permitTransferFrom',
            args: [permit, details, owner, DUMMY.bytes],
          }),
          offsets,
        }
      : {
          data: encodeFunctionData({
            abi: ABI,
            functionName: 'permitWitnessTransferFrom',
            args: [permit, details, owner, witnessHash, witness.typeString, DUMMY.bytes],
          }),
          offsets,
        }
  }
  const permit = { permitted: [...permitted], nonce, deadline }
  const details = permitted.map((entry) => ({ to: spender, requestedAmount: entry.amount }))
  const data =
    witness === null || witnessHash === null
      ? encodeFunctionData({
          abi: ABI,
          functionName: 'permitTransferFrom',
          args: [permit, details, owner, DUMMY.bytes],
        })
      : encodeFunctionData({
          abi: ABI,
          functionName: 'permitWitnessTransferFrom',
          args: [permit, details, owner, witnessHash, witness.typeString, DUMMY.bytes],
        })
  // The second head word says where the list of details starts; there is its length, then (to, amount) pairs.
  const start = Number(BigInt(`0x${data.slice(10 + 64, 10 + 128)}`))
  return { data, offsets: permitted.map((_, i) => 4 + start + 32 + 64 * i + 32) }
}

function emptyBatch(length: number): Draft['findings'] {
  return length > 0
    ? []
    : [
        finding(
          'signature-empty',
          'block',
          'An empty permission',
          'The list of tokens is empty: this has no honest use.',
        ),
      ]
}
