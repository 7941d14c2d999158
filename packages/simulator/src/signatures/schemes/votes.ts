import { encodeFunctionData, parseAbi } from 'viem'
import { DUMMY, EMPTY, word, type Draft, type SignatureContext } from '../SignatureRequest.ts'
import { expectDomainSeparator, expectNonce, reader, type Scheme } from '../Scheme.ts'
import type { TypedDocument } from '../TypedDocument.ts'
import { expiryMs, judgeExpiry, nameOf, timeOf } from '../wording.ts'

/** ERC-5805, the same in OpenZeppelin's ERC20Votes, Compound's COMP and Uniswap's UNI. */
const DELEGATION = 'Delegation(address delegatee,uint256 nonce,uint256 expiry)'
const ABI = parseAbi([
  'function delegateBySig(address delegatee, uint256 nonce, uint256 expiry, uint8 v, bytes32 r, bytes32 s)',
])

/** Votes for somebody else by a signature. What it does is judged by the run, as the call `delegate` is. */
export const votes: Scheme = { primaryTypes: ['Delegation'], read }

function read(document: TypedDocument, at: SignatureContext): Draft | null {
  const token = document.domain.verifyingContract
  if (document.encodedType !== DELEGATION || token === undefined) return null
  const message = reader(document.message)
  const [delegatee, nonce, expiry] = [message.address('delegatee'), message.uint('nonce'), message.uint('expiry')]
  return {
    ...EMPTY,
    kind: 'vote-delegation',
    title: `Votes of your ${nameOf(at, token)}`,
    lines: [
      { label: 'Token', value: nameOf(at, token) },
      { label: 'Who votes', value: nameOf(at, delegatee) },
      { label: 'Can be presented until', value: timeOf(expiry) },
      { label: 'Nonce', value: nonce.toString() },
    ],
    grants:
      delegatee === at.from
        ? []
        : [
            {
              ...{ kind: 'votes' as const, owner: at.from, contract: token, subject: delegatee, token },
              ...{ amount: 0n, unlimited: true, expiresMs: expiryMs(expiry) },
            },
          ],
    holderCalls: [
      {
        from: delegatee,
        to: token,
        value: 0n,
        data: encodeFunctionData({
          abi: ABI,
          functionName: 'delegateBySig',
          args: [delegatee, nonce, expiry, DUMMY.v, DUMMY.r, DUMMY.s],
        }),
        label: 'Present the delegation of votes',
        purpose: 'use',
      },
    ],
    expects: [expectDomainSeparator(document, token), expectNonce(token, at.from, word(nonce))],
    findings: judgeExpiry(at, 'The delegation of votes', expiry, false),
  }
}
