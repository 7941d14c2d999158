import { Address } from '@countersign/base'
import { encodeFunctionData, parseAbi } from 'viem'
import { DUMMY, EMPTY, STRANGER, word, type Draft, type SignatureContext } from '../SignatureRequest.ts'
import { reader, type Scheme } from '../Scheme.ts'
import type { TypedDocument } from '../TypedDocument.ts'
import { amountOf, finding, judgeExpiry, nameOf, timeOf } from '../wording.ts'

/** OpenZeppelin 4's MinimalForwarder (and what was copied from it), and OpenZeppelin 5's ERC2771Forwarder. */
const REQUEST = 'ForwardRequest(address from,address to,uint256 value,uint256 gas,uint256 nonce,bytes data)'
const DATED_REQUEST =
  'ForwardRequest(address from,address to,uint256 value,uint256 gas,uint256 nonce,uint48 deadline,bytes data)'
const ABI = parseAbi([
  'struct Request { address from; address to; uint256 value; uint256 gas; uint256 nonce; bytes data; }',
  'function execute(Request req, bytes signature) payable returns (bool, bytes)',
])
const DATED_ABI = parseAbi([
  'struct Request { address from; address to; uint256 value; uint256 gas; uint48 deadline; bytes data; bytes signature; }',
  'function execute(Request request) payable',
])
const NONCES = parseAbi([
  'function getNonce(address from) view returns (uint256)',
  'function nonces(address owner) view returns (uint256)',
])

/**
 * A call that somebody else sends and pays for (ERC-2771): the forwarder appends the signer, and contracts that trust it take
 * that account for the caller. What it does is judged by the run.
 */
export const forwarder: Scheme = { primaryTypes: ['ForwardRequest'], read }

function read(document: TypedDocument, at: SignatureContext): Draft | null {
  const through = document.domain.verifyingContract
  const isDated = document.encodedType === DATED_REQUEST
  if ((document.encodedType !== REQUEST && !isDated) || through === undefined) return null
  const message = reader(document.message)
  const [from, to, data] = [message.address('from'), message.address('to'), message.hex('data')]
  const [value, gas, nonce] = [message.uint('value'), message.uint('gas'), message.uint('nonce')]
  const deadline = isDated ? message.uint('deadline') : null
  const plain = { from, to, value, gas, nonce, data }
  const dated = { from, to, value, gas, deadline: Number(deadline ?? 0n), data, signature: DUMMY.bytes }
  const execute = isDated
    ? encodeFunctionData({ abi: DATED_ABI, functionName: 'execute', args: [dated] })
    : encodeFunctionData({ abi: ABI, functionName: 'execute', args: [plain, DUMMY.bytes] })
  return {
    ...EMPTY,
    kind: 'forward-request',
    title: `Call of ${nameOf(at, to)} in your name, sent by somebody else`,
    lines: [
      { label: 'Forwarder', value: nameOf(at, through) },
      { label: 'From', value: nameOf(at, from) },
      { label: 'Calls', value: nameOf(at, to) },
      { label: 'Paid by the sender', value: amountOf(at, null, value) },
      { label: 'Gas', value: gas.toString() },
      { label: 'Call data', value: data },
      { label: 'Nonce', value: nonce.toString() },
      { label: 'Can be sent until', value: deadline === null ? 'no end' : timeOf(deadline) },
    ],
    holderCalls: [
      { from: STRANGER, to: through, value, data: execute, label: 'Send the call in your name', purpose: 'use' },
    ],
    // That signer and domain fit, the run tells: the forwarder recovers the signer of exactly this document or reverts.
    expects: [
      {
        to: through,
        data: encodeFunctionData({ abi: NONCES, functionName: isDated ? 'nonces' : 'getNonce', args: [from] }),
        equals: word(nonce),
        what: `the forwarder’s nonce of ${from}`,
      },
    ],
    findings: [
      ...(at.known?.(through) === undefined
        ? [
            finding(
              'signature-forwarder-unknown',
              'warn',
              'Sent through an unverified forwarder',
              `${nameOf(at, through)} would send this call in your name, at a time that its sender chooses. Nobody vouches for it.`,
              through,
            ),
          ]
        : []),
      ...(Address.isEqual(from, at.from)
        ? []
        : [
            finding(
              'signature-owner-mismatch',
              'block',
              'Of another account',
              `The request is of ${from}, and ${at.from} signs.`,
              from,
            ),
          ]),
      ...(deadline === null ? [] : judgeExpiry(at, 'The request', deadline, false)),
    ],
  }
}
