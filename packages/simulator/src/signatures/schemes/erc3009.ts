import { UNLIMITED_FROM } from '../../model/Allowance.ts'
import { Address, type Hex } from '@countersign/base'
import { encodeFunctionData, parseAbi } from 'viem'
import { DUMMY, EMPTY, STRANGER, word, type Draft, type SignatureContext } from '../SignatureRequest.ts'
import { expectDomainSeparator, reader, type Scheme } from '../Scheme.ts'
import type { TypedDocument } from '../TypedDocument.ts'
import { amountOf, finding, judgeExpiry, judgeOwner, nameOf, timeOf } from '../wording.ts'

const ABI = parseAbi([
  'function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, uint8 v, bytes32 r, bytes32 s)',
  'function receiveWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, uint8 v, bytes32 r, bytes32 s)',
  'function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s)',
  'function authorizationState(address authorizer, bytes32 nonce) view returns (bool)',
])

const FIELDS = '(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)'
/** ERC-3009, "Specification": the three type strings. */
const TRANSFER = `TransferWithAuthorization${FIELDS}`
const RECEIVE = `ReceiveWithAuthorization${FIELDS}`
const CANCEL = 'CancelAuthorization(address authorizer,bytes32 nonce)'

/** ERC-3009: a payment that somebody else sends; what x402 payments are made of (catalogue C15). */
export const erc3009: Scheme = {
  primaryTypes: ['TransferWithAuthorization', 'ReceiveWithAuthorization', 'CancelAuthorization'],
  read,
}

function read(document: TypedDocument, at: SignatureContext): Draft | null {
  const token = document.domain.verifyingContract
  if (token === undefined) return null
  if (document.encodedType === CANCEL) return readCancel(document, at, token)
  if (document.encodedType !== TRANSFER && document.encodedType !== RECEIVE) return null
  const message = reader(document.message)
  const [from, to, value] = [message.address('from'), message.address('to'), message.uint('value')]
  const [validAfter, validBefore] = [message.uint('validAfter'), message.uint('validBefore')]
  const nonce = message.hex('nonce')
  const isReceive = document.encodedType === RECEIVE
  const recipient = at.known?.(to)
  return {
    ...EMPTY,
    kind: 'erc3009',
    title: `Payment of ${nameOf(at, token)} that ${isReceive ? 'the recipient collects' : 'anybody can deliver'}`,
    lines: [
      { label: 'Token', value: nameOf(at, token) },
      { label: 'From', value: nameOf(at, from) },
      { label: 'To', value: nameOf(at, to) },
      { label: 'Amount', value: amountOf(at, token, value) },
      { label: 'Not before', value: timeOf(validAfter) },
      { label: 'Not after', value: timeOf(validBefore) },
      { label: 'Nonce', value: nonce },
    ],
    offers: [{ standard: 'erc20', token, tokenId: null, amount: value, to }],
    holderCalls: [
      {
        // Only the payee may call receiveWithAuthorization; anybody may call the other.
        from: isReceive ? to : STRANGER,
        to: token,
        value: 0n,
        data: encodeFunctionData({
          abi: ABI,
          functionName: isReceive ? 'receiveWithAuthorization' : 'transferWithAuthorization',
          args: [from, to, value, validAfter, validBefore, nonce, DUMMY.v, DUMMY.r, DUMMY.s],
        }),
        label: 'Collect the payment',
        purpose: 'use',
      },
    ],
    expects: [expectDomainSeparator(document, token), expectUnused(token, from, nonce)],
    findings: [
      ...judgeOwner(at, from, 'payer'),
      ...(to === Address.ZERO || to === token
        ? [finding('signature-recipient-sink', 'block', 'The payment is lost', `${to} cannot give anything back.`, to)]
        : recipient === undefined && to !== from
          ? [
              finding(
                'signature-recipient-unknown',
                'warn',
                'Nobody vouches for the recipient',
                `${amountOf(at, token, value)} would go to ${to}.`,
                to,
                { token, amount: value.toString() },
              ),
            ]
          : []),
      ...(value >= UNLIMITED_FROM
        ? [
            finding(
              'signature-unlimited',
              'block',
              'An impossible amount',
              `No balance is as large as ${value}: this is no payment.`,
              to,
            ),
          ]
        : []),
      ...judgeExpiry(at, 'The payment', validBefore, recipient === undefined),
      ...(validAfter * 1000n > BigInt(at.nowMs) + 86_400_000n
        ? [
            finding(
              'signature-postdated',
              'warn',
              'A payment for later',
              `It becomes good only at ${timeOf(validAfter)}, when you may have forgotten it.`,
              to,
            ),
          ]
        : []),
    ],
  }
}

function readCancel(document: TypedDocument, at: SignatureContext, token: Address.Address): Draft {
  const message = reader(document.message)
  const [authorizer, nonce] = [message.address('authorizer'), message.hex('nonce')]
  return {
    ...EMPTY,
    kind: 'erc3009',
    title: `Cancellation of a payment of ${nameOf(at, token)}`,
    lines: [
      { label: 'Token', value: nameOf(at, token) },
      { label: 'Payer', value: nameOf(at, authorizer) },
      { label: 'Nonce', value: nonce },
    ],
    holderCalls: [
      {
        from: STRANGER,
        to: token,
        value: 0n,
        data: encodeFunctionData({
          abi: ABI,
          functionName: 'cancelAuthorization',
          args: [authorizer, nonce, DUMMY.v, DUMMY.r, DUMMY.s],
        }),
        label: 'Cancel the payment',
        purpose: 'use',
      },
    ],
    expects: [expectDomainSeparator(document, token), expectUnused(token, authorizer, nonce)],
    findings: judgeOwner(at, authorizer, 'payer'),
  }
}

function expectUnused(token: Address.Address, from: Address.Address, nonce: Hex.Hex): Draft['expects'][number] {
  return {
    to: token,
    data: encodeFunctionData({ abi: ABI, functionName: 'authorizationState', args: [from, nonce] }),
    equals: word(0n),
    what: 'that the payment was neither used nor cancelled',
  }
}
