import { UNLIMITED_FROM } from '../../model/Allowance.ts'
import { Address, type Hex } from '@countersign/base'
import { encodeAbiParameters, encodeFunctionData, encodePacked, parseAbi, parseAbiParameters } from 'viem'
import type { Finding, NotChecked } from '../../model/Finding.ts'
import { DUMMY, EMPTY, STRANGER, word, type Draft, type SignatureContext } from '../SignatureRequest.ts'
import type { HolderCall, Line } from '../../model/Document.ts'
import { domainShape, expectDomainSeparator, reader, type Scheme } from '../Scheme.ts'
import { structHash, type TypedDocument } from '../TypedDocument.ts'
import { amountOf, expiryMs, finding, judgeExpiry, nameOf, timeOf } from '../wording.ts'

/** MetaMask delegation framework, utils/Constants.sol: the signature is not part of the hash. */
const DELEGATION =
  'Delegation(address delegate,address delegator,bytes32 authority,Caveat[] caveats,uint256 salt)Caveat(address enforcer,bytes terms)'
/** DelegationManager 1.3.0, the same on every chain (`@metamask/delegation-deployments` 2.0.0). */
const MANAGER = Address.parse('0xdb9B1e94B5b69Df7e401DDbedE43491141047dB3')
/** DelegationManager.sol: `ROOT_AUTHORITY` and `ANY_DELEGATE`. */
const ROOT_AUTHORITY = `0x${'ff'.repeat(32)}`
const ANY_DELEGATE = Address.parse('0x0000000000000000000000000000000000000a11')

/** Enforcers 1.3.0 (`@metamask/delegation-deployments` 2.0.0). The rest may restrict or not; nothing rests on them. */
const ENFORCERS = {
  allowedTargets: Address.parse('0x7F20f61b1f09b08D970938F6fa563634d65c4EeB'),
  allowedMethods: Address.parse('0x2c21fD0Cb9DC8445CB3fb0DC5E7Bb0Aca01842B5'),
  erc20Amount: Address.parse('0xf100b0819427117EcF76Ed94B358B1A5b5C6D2Fc'),
  nativeAmount: Address.parse('0xF71af580b9c3078fbc2BBF16FbB8EEd82b330320'),
  timestamp: Address.parse('0x1046bb45C8d673d4ea75321280DB34899413c069'),
  limitedCalls: Address.parse('0x04658B29F6b82ed55274221a06Fc97D318E25416'),
  redeemer: Address.parse('0xE144b0b2618071B4E56f746313528a669c7E65c5'),
  exactCalldata: Address.parse('0x99F2e9bF15ce5eC84685604836F71aB835DBBdED'),
  valueLte: Address.parse('0x92Bf12322527cAA612fd31a0e810472BBB106A8F'),
} as const

const ABI = parseAbi([
  'function redeemDelegations(bytes[] permissionContexts, bytes32[] modes, bytes[] executionCallDatas)',
  'function getDomainHash() view returns (bytes32)',
  'function disabledDelegations(bytes32 delegationHash) view returns (bool)',
  'function transfer(address to, uint256 amount)',
])
const CONTEXT = parseAbiParameters(
  '(address delegate, address delegator, bytes32 authority, (address enforcer, bytes terms, bytes args)[] caveats, uint256 salt, bytes signature)[]',
)

/** What a caveat says, where its terms are read exactly as its enforcer reads them. */
type Caveat =
  | { readonly kind: 'targets'; readonly targets: readonly Address.Address[] }
  | { readonly kind: 'methods'; readonly selectors: readonly Hex.Hex[] }
  | { readonly kind: 'erc20'; readonly token: Address.Address; readonly most: bigint }
  | { readonly kind: 'native'; readonly most: bigint }
  | { readonly kind: 'time'; readonly after: bigint; readonly before: bigint }
  | { readonly kind: 'calls'; readonly most: bigint }
  | { readonly kind: 'redeemers'; readonly redeemers: readonly Address.Address[] }
  | { readonly kind: 'value'; readonly most: bigint }
  | { readonly kind: 'calldata'; readonly data: Hex.Hex }
  | { readonly kind: 'unread' }

/** MetaMask delegations (ERC-7710): somebody may act as the account, as far as the caveats let them. */
export const delegation: Scheme = { primaryTypes: ['Delegation'], read }

function read(document: TypedDocument, at: SignatureContext): Draft | null {
  const { domain } = document
  const manager = domain.verifyingContract
  if (document.encodedType !== DELEGATION || manager === undefined) return null
  if (domainShape(document) !== 'name,version,chainId,verifyingContract') return null
  if (domain.name !== 'DelegationManager' || domain.version !== '1') return null
  const message = reader(document.message)
  const [delegate, delegator] = [message.address('delegate'), message.address('delegator')]
  const [authority, salt] = [message.hex('authority'), message.uint('salt')]
  const caveats = message.structs('caveats').map((entry) => {
    const [enforcer, terms] = [entry.address('enforcer'), entry.hex('terms')]
    return { enforcer, terms, meaning: readCaveat(enforcer, terms) }
  })
  const meanings = caveats.map((caveat) => caveat.meaning)
  // All limits hold at once, so the earliest end counts.
  const ends = meanings.flatMap((meaning) => (meaning.kind === 'time' && meaning.before > 0n ? [meaning.before] : []))
  const end = ends.reduce<bigint | null>((least, next) => (least === null || next < least ? next : least), null)
  const erc20 = meanings.find((meaning) => meaning.kind === 'erc20')
  const native = meanings.find((meaning) => meaning.kind === 'native')
  const redeemers = meanings.find((meaning) => meaning.kind === 'redeemers')
  const holder =
    delegate !== ANY_DELEGATE
      ? delegate
      : redeemers?.kind === 'redeemers'
        ? (redeemers.redeemers[0] ?? STRANGER)
        : STRANGER
  const isRoot = authority === ROOT_AUTHORITY
  const redeem = (to: Address.Address, value: bigint, data: Hex.Hex): Hex.Hex =>
    encodeFunctionData({
      abi: ABI,
      functionName: 'redeemDelegations',
      args: [
        [
          encodeAbiParameters(CONTEXT, [
            [
              {
                delegate,
                delegator,
                authority,
                caveats: caveats.map(({ enforcer, terms }) => ({ enforcer, terms, args: '0x' as const })),
                salt,
                signature: DUMMY.bytes,
              },
            ],
          ]),
        ],
        // ERC-7579: a single call that reverts as a whole.
        [word(0n)],
        [encodePacked(['address', 'uint256', 'bytes'], [to, value, data])],
      ],
    })
  const holderCalls: HolderCall[] = !isRoot ? [] : takes(holder, manager, delegator, erc20, native, meanings, redeem)
  return {
    ...EMPTY,
    kind: 'delegation',
    title: `Permission to act as ${nameOf(at, delegator)}`,
    lines: [
      { label: 'Acts as', value: nameOf(at, delegator) },
      {
        label: 'Who may act',
        value: delegate === ANY_DELEGATE ? `anybody (${delegate})` : nameOf(at, delegate),
      },
      { label: 'Authority', value: isRoot ? 'the account itself' : `passed on from ${authority}` },
      ...(caveats.length === 0 ? [{ label: 'Limits', value: 'none' }] : []),
      ...caveats.map((caveat, i): Line => ({ label: `Limit ${i + 1}`, value: describe(at, caveat) })),
      { label: 'Manager', value: nameOf(at, manager) },
      { label: 'Salt', value: salt.toString() },
    ],
    grants: [
      {
        kind: 'delegation',
        owner: delegator,
        contract: manager,
        subject: delegate,
        token: erc20?.kind === 'erc20' ? erc20.token : null,
        amount: erc20?.kind === 'erc20' ? erc20.most : native?.kind === 'native' ? native.most : 0n,
        unlimited: !isBounded(meanings),
        expiresMs: end === null ? null : expiryMs(end),
      },
    ],
    holderCalls,
    expects: [
      expectDomainSeparator(document, manager, encodeFunctionData({ abi: ABI, functionName: 'getDomainHash' })),
      {
        to: manager,
        data: encodeFunctionData({
          abi: ABI,
          functionName: 'disabledDelegations',
          args: [structHash(document, 'Delegation', document.message)],
        }),
        equals: word(0n),
        what: 'that the delegation is not disabled',
      },
    ],
    findings: [
      ...judgePlace(at, manager),
      ...judgeDelegate(at, delegate, delegator, redeemers?.kind === 'redeemers'),
      ...judgeLimits(at, delegate, meanings),
      ...judgeExpiry(at, 'The delegation', end ?? 1n << 255n, !isBounded(meanings)),
    ],
    notChecked: [
      ...caveats
        .filter((caveat) => caveat.meaning.kind === 'unread')
        .map((caveat): NotChecked => ({
          what: `the limit ${caveat.enforcer} with terms ${caveat.terms}`,
          why: 'This enforcer is not one whose terms are read here, so it counts as no limit.',
        })),
      ...(isRoot
        ? []
        : [{ what: `the delegation ${authority} that is passed on`, why: 'Only its hash is in the document.' }]),
      ...(holderCalls.length === 0
        ? [{ what: 'what the delegate would do first', why: 'The limits leave room that no single call stands for.' }]
        : []),
    ],
  }
}

/** The first move of somebody who may act as the account: its coin, or the token that is named. */
function takes(
  holder: Address.Address,
  manager: Address.Address,
  delegator: Address.Address,
  erc20: Caveat | undefined,
  native: Caveat | undefined,
  meanings: readonly Caveat[],
  redeem: (to: Address.Address, value: bigint, data: Hex.Hex) => Hex.Hex,
): HolderCall[] {
  const call = (data: Hex.Hex, label: string, granted: bigint, token: Address.Address | null): HolderCall => ({
    from: holder,
    to: manager,
    value: 0n,
    data,
    label,
    purpose: 'exploit',
    bounded: [{ offset: amountOffset(data, granted), token, owner: delegator, granted }],
  })
  if (erc20?.kind === 'erc20') {
    const transfer = encodeFunctionData({ abi: ABI, functionName: 'transfer', args: [holder, erc20.most] })
    return [
      call(redeem(erc20.token, 0n, transfer), 'Take the tokens that the delegation allows', erc20.most, erc20.token),
    ]
  }
  // Anything else narrows what may be called; a plain payment is then no fair example.
  if (meanings.some((meaning) => ['targets', 'methods', 'unread', 'value'].includes(meaning.kind))) return []
  if (meanings.some((meaning) => meaning.kind === 'calldata' && meaning.data !== '0x')) return []
  const most = native?.kind === 'native' ? native.most : ALL_COIN
  return [call(redeem(holder, most, '0x'), "Take the account's coin", most, null)]
}

/** More of the chain's coin than there is; `bounded` cuts it down to the balance. */
const ALL_COIN = (1n << 200n) | 0x5eed1e55n

/** Where the amount stands in the call data: the last place, since the execution comes last. */
function amountOffset(data: Hex.Hex, amount: bigint): number {
  return (data.lastIndexOf(amount.toString(16).padStart(64, '0')) - 2) / 2
}

function readCaveat(enforcer: Address.Address, terms: Hex.Hex): Caveat {
  const body = terms.slice(2)
  const size = body.length / 2
  const number = (start: number, bytes: number): bigint => BigInt(`0x${body.slice(2 * start, 2 * (start + bytes))}`)
  const pieces = (bytes: number): string[] =>
    Array.from({ length: size / bytes }, (_, i) => body.slice(2 * bytes * i, 2 * bytes * (i + 1)))
  switch (enforcer) {
    case ENFORCERS.allowedTargets:
      return size > 0 && size % 20 === 0
        ? { kind: 'targets', targets: pieces(20).map((piece) => Address.fromWord(piece)) }
        : { kind: 'unread' }
    case ENFORCERS.allowedMethods:
      return size > 0 && size % 4 === 0
        ? { kind: 'methods', selectors: pieces(4).map((piece): Hex.Hex => `0x${piece}`) }
        : { kind: 'unread' }
    case ENFORCERS.erc20Amount:
      // token (20), amount (32)
      return size === 52
        ? { kind: 'erc20', token: Address.fromWord(body.slice(0, 40)), most: number(20, 32) }
        : { kind: 'unread' }
    case ENFORCERS.nativeAmount:
      return size === 32 ? { kind: 'native', most: number(0, 32) } : { kind: 'unread' }
    case ENFORCERS.timestamp:
      // after (16), before (16); 0 is no bound
      return size === 32 ? { kind: 'time', after: number(0, 16), before: number(16, 16) } : { kind: 'unread' }
    case ENFORCERS.limitedCalls:
      return size === 32 ? { kind: 'calls', most: number(0, 32) } : { kind: 'unread' }
    case ENFORCERS.redeemer:
      return size > 0 && size % 20 === 0
        ? { kind: 'redeemers', redeemers: pieces(20).map((piece) => Address.fromWord(piece)) }
        : { kind: 'unread' }
    case ENFORCERS.exactCalldata:
      return { kind: 'calldata', data: terms }
    case ENFORCERS.valueLte:
      return size === 32 ? { kind: 'value', most: number(0, 32) } : { kind: 'unread' }
    default:
      return { kind: 'unread' }
  }
}

/**
 * Whether the limits that are read leave less than the whole account. All of them hold at once. A cap on the coin alone
 * is none: tokens move in calls that pay nothing, unless the call data must be empty.
 */
function isBounded(meanings: readonly Caveat[]): boolean {
  const isPaymentOnly = meanings.some((meaning) => meaning.kind === 'calldata' && meaning.data === '0x')
  return meanings.some(
    (meaning) =>
      (meaning.kind === 'erc20' && meaning.most < UNLIMITED_FROM) ||
      (meaning.kind === 'native' && meaning.most < UNLIMITED_FROM && isPaymentOnly),
  )
}

function describe(
  at: SignatureContext,
  caveat: { enforcer: Address.Address; terms: Hex.Hex; meaning: Caveat },
): string {
  const { meaning } = caveat
  switch (meaning.kind) {
    case 'targets':
      return `only calls to ${meaning.targets.map((target) => nameOf(at, target)).join(', ')}`
    case 'methods':
      return `only the functions ${meaning.selectors.join(', ')}`
    case 'erc20':
      return `only transfers of up to ${amountOf(at, meaning.token, meaning.most)}`
    case 'native':
      return `at most ${amountOf(at, null, meaning.most)}`
    case 'time':
      return `from ${meaning.after === 0n ? 'now' : timeOf(meaning.after)} until ${meaning.before === 0n ? 'ever' : timeOf(meaning.before)}`
    case 'calls':
      return `at most ${meaning.most} times`
    case 'redeemers':
      return `used only by ${meaning.redeemers.map((redeemer) => nameOf(at, redeemer)).join(', ')}`
    case 'value':
      return `each call pays at most ${amountOf(at, null, meaning.most)}`
    case 'calldata':
      return meaning.data === '0x' ? 'only plain payments' : `only with the call data ${meaning.data}`
    case 'unread':
      return `${caveat.enforcer} with terms ${caveat.terms} (not read)`
  }
}

function judgePlace(at: SignatureContext, manager: Address.Address): Finding[] {
  return manager === MANAGER || at.known?.(manager) !== undefined
    ? []
    : [
        finding(
          'signature-unfamiliar-contract',
          'warn',
          "Not MetaMask's delegation manager",
          `${manager} calls itself DelegationManager, which lives at ${MANAGER}.`,
          manager,
        ),
      ]
}

function judgeDelegate(
  at: SignatureContext,
  delegate: Address.Address,
  delegator: Address.Address,
  hasRedeemers: boolean,
): Finding[] {
  return [
    ...(delegate === ANY_DELEGATE && !hasRedeemers
      ? [
          finding(
            'signature-delegation-to-any',
            'block',
            'Anybody may act as you',
            `The delegate is ${ANY_DELEGATE}, which stands for everybody who gets hold of the signature.`,
            delegate,
          ),
        ]
      : at.known?.(delegate) === undefined
        ? [
            finding(
              'signature-delegate-unknown',
              'warn',
              'Nobody vouches for the delegate',
              `${delegate} could act as ${delegator}.`,
              delegate,
            ),
          ]
        : []),
    ...(delegator === at.from
      ? []
      : [
          finding(
            'signature-other-account',
            'warn',
            'For another account',
            `The delegation is of ${delegator}, for which ${at.from} would sign as an owner.`,
            delegator,
          ),
        ]),
  ]
}

function judgeLimits(at: SignatureContext, delegate: Address.Address, meanings: readonly Caveat[]): Finding[] {
  if (isBounded(meanings)) return []
  const isNarrowed = meanings.some((meaning) => meaning.kind === 'targets' || meaning.kind === 'methods')
  const isVouched = at.known?.(delegate) !== undefined
  return [
    finding(
      'signature-delegation-unlimited',
      isNarrowed && isVouched ? 'warn' : 'block',
      'Power over the whole account',
      isNarrowed
        ? 'The limits name contracts or functions, but no amount: everything that can be moved that way may be moved.'
        : meanings.length === 0
          ? 'The delegation has no limits: everything may be moved, now and later.'
          : 'No limit that is read here caps what may be moved.',
      delegate,
    ),
  ]
}
