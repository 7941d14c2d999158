import { UNLIMITED_FROM } from '../../model/Allowance.ts'
import { encodeFunctionData, maxUint256, parseAbi } from 'viem'
import { DUMMY, EMPTY, word, type Draft, type SignatureContext } from '../SignatureRequest.ts'
import { expectDomainSeparator, expectNonce, reader, type Scheme } from '../Scheme.ts'
import type { TypedDocument } from '../TypedDocument.ts'
import { amountOf, judgeAmount, judgeExpiry, judgeOwner, judgeSpender, nameOf, timeOf } from '../wording.ts'

const ABI = parseAbi([
  'function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)',
  'function permit(address holder, address spender, uint256 nonce, uint256 expiry, bool allowed, uint8 v, bytes32 r, bytes32 s)',
  'function transferFrom(address from, address to, uint256 amount) returns (bool)',
])

/** EIP-2612, "Specification". */
const EIP2612 = 'Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)'
/** MakerDAO's dai.sol, `PERMIT_TYPEHASH`. */
const DAI = 'Permit(address holder,address spender,uint256 nonce,uint256 expiry,bool allowed)'

/** EIP-2612: a spender may take an amount of a token, without the owner sending anything. */
export const eip2612: Scheme = { primaryTypes: ['Permit'], read: readEip2612 }

/** DAI's permit: yes or no, for everything, and with expiry 0 for ever (catalogue C11). */
export const daiPermit: Scheme = { primaryTypes: ['Permit'], read: readDaiPermit }

function readEip2612(document: TypedDocument, at: SignatureContext): Draft | null {
  const token = document.domain.verifyingContract
  if (document.encodedType !== EIP2612 || token === undefined) return null
  const message = reader(document.message)
  const [owner, spender] = [message.address('owner'), message.address('spender')]
  const [value, nonce, deadline] = [message.uint('value'), message.uint('nonce'), message.uint('deadline')]
  const isUnlimited = value >= UNLIMITED_FROM
  return {
    ...EMPTY,
    kind: 'eip2612',
    title: `${value === 0n ? 'Withdrawal of a permission' : 'Permission'} to spend ${nameOf(at, token)}`,
    lines: [
      { label: 'Token', value: nameOf(at, token) },
      { label: 'Owner', value: nameOf(at, owner) },
      { label: 'Spender', value: nameOf(at, spender) },
      { label: 'Amount', value: amountOf(at, token, value) },
      { label: 'Can be presented until', value: timeOf(deadline) },
      { label: 'Nonce', value: nonce.toString() },
    ],
    // The deadline is for presenting the signature; the allowance it leaves behind has no end.
    grants: [
      {
        kind: 'erc20_allowance',
        owner,
        contract: token,
        subject: spender,
        token,
        amount: value,
        unlimited: isUnlimited,
        expiresMs: null,
      },
    ],
    holderCalls: [
      {
        from: spender,
        to: token,
        value: 0n,
        data: encodeFunctionData({
          abi: ABI,
          functionName: 'permit',
          args: [owner, spender, value, deadline, DUMMY.v, DUMMY.r, DUMMY.s],
        }),
        label: 'Present the permit',
        purpose: 'use',
      },
      ...(value === 0n ? [] : [takeAll(token, owner, spender, value)]),
    ],
    expects: [expectDomainSeparator(document, token), expectNonce(token, owner, word(nonce))],
    findings: [
      ...judgeOwner(at, owner, 'owner'),
      ...(value === 0n
        ? []
        : [
            ...judgeSpender(at, spender, 'The permit'),
            ...judgeAmount(at, spender, token, value),
            ...judgeExpiry(at, 'The permit', deadline, at.known?.(spender)?.kind !== 'spender'),
          ]),
    ],
  }
}

function readDaiPermit(document: TypedDocument, at: SignatureContext): Draft | null {
  const token = document.domain.verifyingContract
  if (document.encodedType !== DAI || token === undefined) return null
  const message = reader(document.message)
  const [holder, spender] = [message.address('holder'), message.address('spender')]
  const [nonce, expiry, allowed] = [message.uint('nonce'), message.uint('expiry'), message.bool('allowed')]
  const amount = allowed ? maxUint256 : 0n
  // dai.sol: `require(expiry == 0 || now <= expiry)`.
  const lasts = expiry === 0n ? maxUint256 : expiry
  return {
    ...EMPTY,
    kind: 'dai-permit',
    title: `${allowed ? 'Permission' : 'Withdrawal of a permission'} to spend ${nameOf(at, token)}`,
    lines: [
      { label: 'Token', value: nameOf(at, token) },
      { label: 'Owner', value: nameOf(at, holder) },
      { label: 'Spender', value: nameOf(at, spender) },
      { label: 'Amount', value: allowed ? 'everything, without limit' : 'nothing' },
      { label: 'Can be presented until', value: expiry === 0n ? 'never ends (0)' : timeOf(expiry) },
      { label: 'Nonce', value: nonce.toString() },
    ],
    grants: [
      {
        kind: 'erc20_allowance',
        owner: holder,
        contract: token,
        subject: spender,
        token,
        amount,
        unlimited: allowed,
        expiresMs: null,
      },
    ],
    holderCalls: [
      {
        from: spender,
        to: token,
        value: 0n,
        data: encodeFunctionData({
          abi: ABI,
          functionName: 'permit',
          args: [holder, spender, nonce, expiry, allowed, DUMMY.v, DUMMY.r, DUMMY.s],
        }),
        label: 'Present the permit',
        purpose: 'use',
      },
      ...(allowed ? [takeAll(token, holder, spender, amount)] : []),
    ],
    expects: [expectDomainSeparator(document, token), expectNonce(token, holder, word(nonce))],
    findings: [
      ...judgeOwner(at, holder, 'holder'),
      ...(allowed
        ? [
            ...judgeSpender(at, spender, 'The permit'),
            ...judgeAmount(at, spender, token, amount),
            ...judgeExpiry(at, 'The permit', lasts, at.known?.(spender)?.kind !== 'spender'),
          ]
        : []),
    ],
  }
}

function takeAll(
  token: `0x${string}`,
  owner: `0x${string}`,
  spender: `0x${string}`,
  granted: bigint,
): Draft['holderCalls'][number] {
  return {
    from: spender,
    to: token,
    value: 0n,
    data: encodeFunctionData({ abi: ABI, functionName: 'transferFrom', args: [owner, spender, granted] }),
    label: 'Take what the permit allows',
    purpose: 'exploit',
    // transferFrom(address,address,uint256): selector, then three words.
    bounded: [{ offset: 4 + 64, token, owner, granted }],
  }
}
