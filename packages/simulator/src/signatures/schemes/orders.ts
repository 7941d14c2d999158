import { Address } from '@countersign/base'
import type { NotChecked } from '../../model/Finding.ts'
import { EMPTY, type Draft, type SignatureContext } from '../SignatureRequest.ts'
import type { Line, Movement } from '../../model/Document.ts'
import { domainShape, reader, type Scheme, type TypedReader } from '../Scheme.ts'
import type { TypedDocument } from '../TypedDocument.ts'
import { finding, judgeExpiry, judgeOwner, nameOf, timeOf } from '../wording.ts'
import { judgePayment, judgeTerms, movementText } from './orderTerms.ts'

/** What any exchange's order for one token against another says, whatever it calls its fields. */
interface TokenOrder {
  /** Null where the order does not name the account: whoever signs gives. */
  readonly maker: Address.Address | null
  /** The zero address stands for the maker, in every exchange below. */
  readonly receiver: Address.Address
  readonly gives: { readonly token: Address.Address; readonly amount: bigint }
  /** The least that comes back. */
  readonly gets: { readonly token: Address.Address; readonly amount: bigint }
  /** Seconds since 1970; null: no end. */
  readonly untilS: bigint | null
  /** Who alone may fill it; null: anybody. */
  readonly taker: Address.Address | null
  readonly lines: readonly Line[]
  readonly notChecked: readonly NotChecked[]
  /** Why the amounts above may not be the amounts that are exchanged; null when they are. */
  readonly unsure: string | null
  /** What of its terms the exchange does not have; null when it may be an order of its. */
  readonly invalid: string | null
}

/** One exchange: how its orders are typed, where it lives, and how a field becomes a term. Data and one reader. */
interface Exchange {
  readonly name: string
  /** EIP-712 `encodeType`, letter by letter. */
  readonly encodedType: string
  readonly domain: { readonly name: string; readonly versions: readonly string[] }
  /** The same address on every chain that the exchange lists. */
  readonly deployment: Address.Address
  read(order: TypedReader): TokenOrder
}

/** What exchanges write for the chain's own coin in the place of a token. */
const COIN = Address.parse('0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE')
const UINT40 = (1n << 40n) - 1n

/**
 * Sources: CoW Protocol `GPv2Order.sol` and `networks.json` (contracts 1.6); 1inch `limit-order-protocol` 4.x `OrderLib.sol`,
 * `MakerTraitsLib.sol`, README "Deployments"; 0x protocol v4 `LibNativeOrder.sol` and `addresses.json`.
 */
const EXCHANGES: readonly Exchange[] = [
  {
    name: 'CoW Protocol',
    encodedType:
      'Order(address sellToken,address buyToken,address receiver,uint256 sellAmount,uint256 buyAmount,uint32 validTo,bytes32 appData,uint256 feeAmount,string kind,bool partiallyFillable,string sellTokenBalance,string buyTokenBalance)',
    domain: { name: 'Gnosis Protocol', versions: ['v2'] },
    deployment: Address.parse('0x9008D19f58AAbD9eD0D60971565AA8510560ab41'),
    read(order) {
      const kind = order.text('kind')
      const balances = [order.text('sellTokenBalance'), order.text('buyTokenBalance')]
      const isUsual =
        (kind === 'sell' || kind === 'buy') &&
        ['erc20', 'external', 'internal'].includes(balances[0] ?? '') &&
        ['erc20', 'internal'].includes(balances[1] ?? '')
      return {
        maker: null,
        receiver: order.address('receiver'),
        gives: { token: order.address('sellToken'), amount: order.uint('sellAmount') + order.uint('feeAmount') },
        gets: { token: order.address('buyToken'), amount: order.uint('buyAmount') },
        untilS: order.uint('validTo'),
        taker: null,
        lines: [
          { label: 'Kind', value: kind === 'buy' ? 'buy: you give at most this' : 'sell: you receive at least this' },
          { label: 'May be filled in parts', value: order.bool('partiallyFillable') ? 'yes' : 'no' },
          { label: 'Application data', value: order.hex('appData') },
        ],
        notChecked: [
          {
            what: `the application data ${order.hex('appData')}`,
            why: 'It is the hash of a text that may ask for calls before or after the trade; they cannot make it worse than the amounts of the order.',
          },
        ],
        unsure: null,
        invalid: isUsual ? null : 'its kind, or the place of its balances',
      }
    },
  },
  {
    name: '1inch Limit Order Protocol',
    encodedType:
      'Order(uint256 salt,address maker,address receiver,address makerAsset,address takerAsset,uint256 makingAmount,uint256 takingAmount,uint256 makerTraits)',
    domain: { name: '1inch Aggregation Router', versions: ['6'] },
    deployment: Address.parse('0x111111125421cA6dc452d289314280a0f8842A65'),
    read(order) {
      const traits = order.uint('makerTraits')
      const bit = (at: bigint): boolean => ((traits >> at) & 1n) === 1n
      const untilS = (traits >> 80n) & UINT40
      const hasExtension = bit(249n)
      return {
        maker: order.address('maker'),
        receiver: order.address('receiver'),
        gives: { token: order.address('makerAsset'), amount: order.uint('makingAmount') },
        gets: { token: order.address('takerAsset'), amount: order.uint('takingAmount') },
        untilS: untilS === 0n ? null : untilS,
        taker: null,
        lines: [
          { label: 'May be filled in parts', value: bit(255n) ? 'no' : 'yes' },
          { label: 'Taker', value: (traits & ((1n << 80n) - 1n)) === 0n ? 'anybody' : 'one account' },
          { label: 'Maker traits', value: `0x${traits.toString(16)}` },
          { label: 'Salt', value: order.uint('salt').toString() },
        ],
        notChecked: hasExtension
          ? [
              {
                what: 'the extension of the order',
                why: 'The document holds its hash only; it is handed in with the fill.',
              },
            ]
          : [],
        unsure: hasExtension
          ? 'an extension, of which only the hash is signed, may compute other amounts and run code before and after'
          : null,
        invalid: null,
      }
    },
  },
  ...(
    [
      {
        encodedType:
          'LimitOrder(address makerToken,address takerToken,uint128 makerAmount,uint128 takerAmount,uint128 takerTokenFeeAmount,address maker,address taker,address sender,address feeRecipient,bytes32 pool,uint64 expiry,uint256 salt)',
        expiry: (order) => order.uint('expiry'),
      },
      {
        encodedType:
          'RfqOrder(address makerToken,address takerToken,uint128 makerAmount,uint128 takerAmount,address maker,address taker,address txOrigin,bytes32 pool,uint64 expiry,uint256 salt)',
        expiry: (order) => order.uint('expiry'),
      },
      {
        encodedType:
          'OtcOrder(address makerToken,address takerToken,uint128 makerAmount,uint128 takerAmount,address maker,address taker,address txOrigin,uint256 expiryAndNonce)',
        // LibNativeOrder.sol: the upper 64 bits are the expiry.
        expiry: (order) => order.uint('expiryAndNonce') >> 192n,
      },
    ] as const satisfies readonly { encodedType: string; expiry: (order: TypedReader) => bigint }[]
  ).map(({ encodedType, expiry }): Exchange => ({
    name: '0x Exchange Proxy',
    encodedType,
    domain: { name: 'ZeroEx', versions: ['1.0.0'] },
    deployment: Address.parse('0xDef1C0ded9bec7F1a1670819833240f027b25EfF'),
    read: (order) => ({
      maker: order.address('maker'),
      receiver: Address.ZERO,
      gives: { token: order.address('makerToken'), amount: order.uint('makerAmount') },
      gets: { token: order.address('takerToken'), amount: order.uint('takerAmount') },
      untilS: expiry(order),
      taker: order.address('taker') === Address.ZERO ? null : order.address('taker'),
      lines: [{ label: 'May be filled in parts', value: 'yes' }],
      notChecked: [],
      unsure: null,
      invalid: null,
    }),
  })),
]

/** Orders of exchanges that settle one token against another, read as data: what leaves, what comes, to whom, until when. */
export const orders: Scheme = {
  primaryTypes: [...new Set(EXCHANGES.map(({ encodedType }) => encodedType.slice(0, encodedType.indexOf('('))))],
  read(document, at) {
    const exchange = EXCHANGES.find((each) => each.encodedType === document.encodedType && isItsDomain(each, document))
    const contract = document.domain.verifyingContract
    if (exchange === undefined || contract === undefined) return null
    return draftOf(exchange, contract, exchange.read(reader(document.message)), at)
  },
}

function isItsDomain({ domain }: Exchange, document: TypedDocument): boolean {
  const { name, version } = document.domain
  return (
    domainShape(document) === 'name,version,chainId,verifyingContract' &&
    name === domain.name &&
    domain.versions.includes(version ?? '')
  )
}

function draftOf(
  { name, deployment }: Exchange,
  contract: Address.Address,
  order: TokenOrder,
  at: SignatureContext,
): Draft {
  const maker = order.maker ?? at.from
  const receiver = order.receiver === Address.ZERO ? maker : order.receiver
  const offers = [movementOf(order.gives, null)]
  const considerations = [movementOf(order.gets, receiver)]
  const isVouched = contract === deployment && at.known?.(contract)?.kind === 'spender'
  const [given, received] = [offers, considerations].map((each) => each.map((one) => movementText(at, one)).join(', '))
  return {
    ...EMPTY,
    kind: 'token-order',
    title: `Order on ${name}: you give ${given ?? ''} for at least ${received ?? ''}`,
    lines: [
      { label: 'Exchange', value: nameOf(at, contract) },
      { label: 'You give at most', value: given ?? '' },
      { label: receiver === maker ? 'You receive at least' : `${receiver} receives at least`, value: received ?? '' },
      ...(receiver === maker ? [] : [{ label: 'You receive', value: 'nothing' }]),
      { label: 'Until', value: order.untilS === null ? 'no end' : timeOf(order.untilS) },
      ...(order.taker === null ? [] : [{ label: 'Taker', value: nameOf(at, order.taker) }]),
      ...order.lines,
    ],
    offers,
    considerations,
    findings: [
      ...(contract === deployment
        ? []
        : [
            finding(
              'signature-unfamiliar-contract',
              at.known?.(contract)?.kind === 'spender' ? 'warn' : 'block',
              `Not where ${name} lives`,
              `${contract} calls itself ${name}, which lives at ${deployment}. What it does with an order is not known.`,
              contract,
            ),
          ]),
      ...judgeOwner(at, maker, 'maker'),
      ...judgeExpiry(at, 'The order', order.untilS ?? 2n ** 63n, !isVouched),
      ...judgeTerms(at, maker, offers, considerations),
      ...judgePayment(at, maker, considerations),
      ...(order.invalid === null
        ? []
        : [
            finding(
              'signature-order-unreadable',
              'block',
              'An order of an unknown kind',
              `${name} has no order with such terms: ${order.invalid}.`,
              contract,
            ),
          ]),
      ...(order.unsure === null
        ? []
        : [
            finding(
              'signature-order-unreadable',
              isVouched ? 'warn' : 'block',
              'The amounts may be others',
              `What is exchanged may differ from the amounts of the order: ${order.unsure}.`,
              contract,
            ),
          ]),
    ],
    notChecked: [
      {
        what: 'the fill of the order',
        why: 'Whoever fills it chooses the way. It takes at most what you give and brings at least what the order names.',
      },
      ...order.notChecked,
    ],
  }
}

function movementOf({ token, amount }: TokenOrder['gives'], to: Address.Address | null): Movement {
  const isCoin = token === COIN
  return { standard: isCoin ? 'native' : 'erc20', token: isCoin ? null : token, tokenId: null, amount, to }
}
