import { Address, Hex } from '@countersign/base'
import { decodeFunctionData, encodeFunctionData, parseAbi } from 'viem'
import type { Finding } from '../../model/Finding.ts'
import { DUMMY, EMPTY, STRANGER, word, type Draft, type SignatureContext } from '../SignatureRequest.ts'
import type { HolderCall } from '../../model/Document.ts'
import { joinMeanings, readInnerCall, type InnerCall, type InnerMeaning } from '../readInnerCall.ts'
import { domainShape, expectDomainSeparator, reader, type Scheme } from '../Scheme.ts'
import type { TypedDocument } from '../TypedDocument.ts'
import { amountOf, finding, nameOf } from '../wording.ts'

/** Safe 1.0.0 to 1.5.0, `SAFE_TX_TYPEHASH`. Older ones say `dataGas` and are left unknown. */
const SAFE_TX =
  'SafeTx(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,uint256 gasPrice,address gasToken,address refundReceiver,uint256 nonce)'

const ABI = parseAbi([
  'function execTransaction(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, bytes signatures) payable returns (bool success)',
  'function nonce() view returns (uint256)',
  'function isOwner(address owner) view returns (bool)',
  'function domainSeparator() view returns (bytes32)',
])
const MULTI_SEND = parseAbi(['function multiSend(bytes transactions)'])

/** safe-global/safe-deployments: MultiSendCallOnly and MultiSend, 1.3.0 (both spellings) and 1.4.1. */
const MULTI_SENDS = [
  '0x40A2aCCbd92BCA938b02010E17A5b8929b49130D',
  '0xA1dabEF33b3B82c7814B6D82A79e50F4AC44102B',
  '0x9641d764fc13c8B624c04430C7356C1C7C8102e2',
  '0xA238CBeb142c10Ef7Ad8442C6D1f9E89e07e7761',
  '0x998739BFdAAdde7C933B942a68053933098f9EDa',
  '0x38869bf66a61cF6bDB996A6aE40D5853Fd43B526',
].map((address) => Address.parse(address))

/** Safe transactions: one owner's signature, which counts with those of the others (catalogue C18). */
export const safeTx: Scheme = { primaryTypes: ['SafeTx'], read }

function read(document: TypedDocument, at: SignatureContext): Draft | null {
  const safe = document.domain.verifyingContract
  if (document.encodedType !== SAFE_TX || safe === undefined) return null
  // Before 1.3.0 the domain had no chain id.
  if (!['chainId,verifyingContract', 'verifyingContract'].includes(domainShape(document))) return null
  const message = reader(document.message)
  const [to, value, data] = [message.address('to'), message.uint('value'), message.hex('data')]
  const [operation, nonce] = [message.uint('operation'), message.uint('nonce')]
  const [safeTxGas, baseGas, gasPrice] = [message.uint('safeTxGas'), message.uint('baseGas'), message.uint('gasPrice')]
  const [gasToken, refundReceiver] = [message.address('gasToken'), message.address('refundReceiver')]
  const batch = operation === 1n && MULTI_SENDS.includes(to) ? readMultiSend(data) : null
  const meaning = meaningOf(at, safe, { to, value, data }, operation, batch)
  const expects = [
    expectDomainSeparator(document, safe, encodeFunctionData({ abi: ABI, functionName: 'domainSeparator' })),
    {
      to: safe,
      data: encodeFunctionData({ abi: ABI, functionName: 'nonce' }),
      equals: word(nonce),
      what: `the next nonce of the Safe ${safe}`,
    },
    {
      to: safe,
      data: encodeFunctionData({ abi: ABI, functionName: 'isOwner', args: [at.from] }),
      equals: word(1n),
      what: `that ${at.from} is an owner of the Safe`,
    },
  ]
  return {
    ...EMPTY,
    kind: 'safe-tx',
    title: `Transaction ${nonce} of the Safe ${nameOf(at, safe)}`,
    lines: [
      { label: 'Safe', value: nameOf(at, safe) },
      { label: 'Operation', value: operation === 0n ? 'call' : operation === 1n ? 'delegatecall' : `${operation}` },
      ...meaning.lines,
      { label: 'Nonce', value: nonce.toString() },
      { label: 'Gas for the call', value: safeTxGas.toString() },
      { label: 'Base gas', value: baseGas.toString() },
      {
        label: 'Refund',
        value:
          gasPrice === 0n
            ? 'none'
            : `${gasPrice} of ${gasToken === Address.ZERO ? 'wei' : nameOf(at, gasToken)} per gas to ${refundReceiver === Address.ZERO ? 'whoever sends it' : nameOf(at, refundReceiver)}`,
      },
    ],
    grants: meaning.grants,
    offers: meaning.offers,
    holderCalls: [
      {
        from: STRANGER,
        to: safe,
        value: 0n,
        data: encodeFunctionData({
          abi: ABI,
          functionName: 'execTransaction',
          args: [
            to,
            value,
            data,
            Number(operation),
            safeTxGas,
            baseGas,
            gasPrice,
            gasToken,
            refundReceiver,
            DUMMY.bytes,
          ],
        }),
        label: 'Execute the Safe transaction',
        purpose: 'use',
      },
    ],
    withoutSignature: asSafe(safe, operation, batch, { to, value, data }),
    expects,
    findings: [
      ...(document.domain.chainId === undefined
        ? [
            finding(
              'signature-no-chain',
              'warn',
              'Good on every chain',
              'The Safe is older than 1.3.0: the same signature works for a Safe at this address on any chain.',
              safe,
            ),
          ]
        : []),
      ...judgeOperation(at, to, operation, batch),
      ...judgeRefund(at, { gasPrice, gasToken, refundReceiver, baseGas, safeTxGas }),
      ...meaning.findings,
    ],
    notChecked: [
      {
        what: 'the other owners of the Safe',
        why: 'With a threshold above one their signatures are needed too; the effects are simulated as if they had signed.',
      },
      ...meaning.notChecked,
    ],
  }
}

function meaningOf(
  at: SignatureContext,
  safe: Address.Address,
  call: InnerCall,
  operation: bigint,
  batch: readonly (InnerCall & { readonly operation: number })[] | null,
): InnerMeaning {
  if (batch !== null) {
    return joinMeanings(batch.map((inner, i) => readInnerCall(at, safe, inner, `Call ${i + 1} of ${batch.length}`)))
  }
  const meaning = readInnerCall(at, safe, call, operation === 1n ? 'Borrowed code' : 'Call')
  // Call data of a delegatecall is for the borrowed code: nothing in it is a token's.
  return operation === 0n ? meaning : { ...meaning, grants: [], offers: [], findings: [] }
}

function judgeOperation(
  at: SignatureContext,
  to: Address.Address,
  operation: bigint,
  batch: readonly (InnerCall & { readonly operation: number })[] | null,
): Finding[] {
  if (operation === 0n) return []
  if (operation > 1n) {
    return [finding('signature-safe-operation', 'block', 'An impossible operation', `${operation} is no operation.`)]
  }
  if (batch !== null && batch.every((call) => call.operation === 0)) return []
  return [
    finding(
      'signature-safe-delegatecall',
      'block',
      'Foreign code would run as the Safe',
      batch === null
        ? `${nameOf(at, to)} would run with all the powers of the Safe: it can change owners, modules and code, and move everything.`
        : 'One of the calls in the batch is a delegatecall, which has all the powers of the Safe.',
      to,
    ),
  ]
}

function judgeRefund(
  at: SignatureContext,
  refund: {
    gasPrice: bigint
    gasToken: Address.Address
    refundReceiver: Address.Address
    baseGas: bigint
    safeTxGas: bigint
  },
): Finding[] {
  if (refund.gasPrice === 0n) return []
  const token = refund.gasToken === Address.ZERO ? null : refund.gasToken
  return [
    finding(
      'signature-safe-refund',
      refund.refundReceiver === at.from ? 'warn' : 'block',
      'The Safe pays for gas',
      `Beside the transaction itself, the Safe pays ${amountOf(at, token, refund.gasPrice * (refund.baseGas + refund.safeTxGas))} and more to ${refund.refundReceiver === Address.ZERO ? 'whoever sends it' : refund.refundReceiver}.`,
      refund.refundReceiver,
      { gas_price: refund.gasPrice.toString(), base_gas: refund.baseGas.toString() },
    ),
  ]
}

/** The calls that the Safe would make, sent as the Safe. A delegatecall cannot be sent that way. */
function asSafe(
  safe: Address.Address,
  operation: bigint,
  batch: readonly (InnerCall & { readonly operation: number })[] | null,
  call: InnerCall,
): HolderCall[] {
  const calls = batch ?? (operation === 0n ? [call] : [])
  if (batch?.some((inner) => inner.operation !== 0) === true) return []
  return calls.map((inner) => ({
    from: safe,
    to: inner.to,
    value: inner.value,
    data: inner.data,
    label: 'What the Safe does',
    purpose: 'use',
  }))
}

/**
 * MultiSend's packed list: operation (1), to (20), value (32), length (32), data (Safe, libraries/MultiSend.sol). Null
 * when anything is left over or missing.
 */
export function readMultiSend(data: Hex.Hex): (InnerCall & { readonly operation: number })[] | null {
  let packed: string
  try {
    packed = decodeFunctionData({ abi: MULTI_SEND, data }).args[0].slice(2)
  } catch {
    return null
  }
  const calls: (InnerCall & { readonly operation: number })[] = []
  while (packed !== '') {
    const length = Number.parseInt(packed.slice(2 + 40 + 64, 2 + 40 + 128), 16)
    const end = 2 + 40 + 128 + 2 * length
    if (!Number.isSafeInteger(length) || packed.length < end || calls.length >= 256) return null
    calls.push({
      operation: Number.parseInt(packed.slice(0, 2), 16),
      to: Address.fromWord(packed.slice(2, 42)),
      value: BigInt(`0x${packed.slice(42, 106)}`),
      data: Hex.parse(`0x${packed.slice(170, end)}`),
    })
    packed = packed.slice(end)
  }
  return calls
}
