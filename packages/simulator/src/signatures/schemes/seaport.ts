import { Address, type Hex, Table } from '@countersign/base'
import { concat, encodeFunctionData, keccak256, parseAbi } from 'viem'
import type { Finding, NotChecked } from '../../model/Finding.ts'
import type { TokenStandard } from '../../model/TokenChange.ts'
import { DUMMY, EMPTY, STRANGER, word, type Draft, type SignatureContext } from '../SignatureRequest.ts'
import type { HolderCall, Line, Movement } from '../../model/Document.ts'
import { domainShape, reader, type Scheme, type TypedReader } from '../Scheme.ts'
import { judgePayment, judgeTerms, movementText } from './orderTerms.ts'
import { structHash, type TypedDocument, type TypedStruct, type TypedValue } from '../TypedDocument.ts'
import { finding, judgeExpiry, judgeOwner, nameOf, timeOf } from '../wording.ts'

/** Seaport's canonical deployments by version (ProjectOpenSea/seaport, README "Deployments By EVM Chain"). */
const DEPLOYMENTS = Table.of<Address.Address>({
  '1.4': Address.parse('0x00000000000001ad428e4906aE43D8F9852d0dD6'),
  '1.5': Address.parse('0x00000000000000ADc04C56Bf30aC9d3c0aAF14dC'),
  '1.6': Address.parse('0x0000000000000068F116a894984e2DB1123eB395'),
})

// Seaport, ConsiderationStructs.sol; the same in 1.4, 1.5 and 1.6.
const ITEMS =
  'ConsiderationItem(uint8 itemType,address token,uint256 identifierOrCriteria,uint256 startAmount,uint256 endAmount,address recipient)' +
  'OfferItem(uint8 itemType,address token,uint256 identifierOrCriteria,uint256 startAmount,uint256 endAmount)'
const COMPONENTS =
  'OrderComponents(address offerer,address zone,OfferItem[] offer,ConsiderationItem[] consideration,uint8 orderType,uint256 startTime,uint256 endTime,bytes32 zoneHash,uint256 salt,bytes32 conduitKey,uint256 counter)'
const SINGLE = `${COMPONENTS}${ITEMS}`
/** A tree of 2 to 2^24 orders (Seaport 1.4, "bulk order creation"). */
const BULK = /^BulkOrder\(OrderComponents((?:\[2\]){1,24}) tree\)/

const ABI = parseAbi([
  'struct OfferItem { uint8 itemType; address token; uint256 identifierOrCriteria; uint256 startAmount; uint256 endAmount; }',
  'struct ConsiderationItem { uint8 itemType; address token; uint256 identifierOrCriteria; uint256 startAmount; uint256 endAmount; address recipient; }',
  'struct OrderParameters { address offerer; address zone; OfferItem[] offer; ConsiderationItem[] consideration; uint8 orderType; uint256 startTime; uint256 endTime; bytes32 zoneHash; uint256 salt; bytes32 conduitKey; uint256 totalOriginalConsiderationItems; }',
  'struct Order { OrderParameters parameters; bytes signature; }',
  'function fulfillOrder(Order order, bytes32 fulfillerConduitKey) payable returns (bool)',
  'function getCounter(address offerer) view returns (uint256)',
])

const STANDARDS: readonly TokenStandard[] = ['native', 'erc20', 'erc721', 'erc1155', 'erc721', 'erc1155']
/** ConsiderationEnums.sol: item types 4 and 5 name a set of ids instead of one. */
const CRITERIA_FROM = 4n
/** Seaport orders: what the signer gives, at worst, and what comes back, at worst (catalogue C14). */
export const seaport: Scheme = { primaryTypes: ['OrderComponents', 'BulkOrder'], read }

function read(document: TypedDocument, at: SignatureContext): Draft | null {
  const { domain } = document
  const contract = domain.verifyingContract
  if (domainShape(document) !== 'name,version,chainId,verifyingContract' || domain.name !== 'Seaport') return null
  const canonical = DEPLOYMENTS[domain.version ?? '']
  if (canonical === undefined || contract === undefined) return null
  const place =
    contract === canonical || at.known?.(contract) !== undefined
      ? []
      : [
          finding(
            'signature-unfamiliar-contract',
            'warn',
            'Not where Seaport lives',
            `${contract} calls itself Seaport ${domain.version ?? ''}, which lives at ${canonical}. What it does with an order is its own affair.`,
            contract,
          ),
        ]
  if (document.encodedType === SINGLE) {
    const order = readOrder(document, at, contract, document.message, '')
    return {
      ...EMPTY,
      kind: 'seaport-order',
      ...order,
      holderCalls: order.fulfil === null ? [] : [order.fulfil(DUMMY.bytes)],
      findings: [...place, ...order.findings],
    }
  }
  return readBulk(document, at, contract, place)
}

interface ReadOrder {
  readonly title: string
  readonly lines: readonly Line[]
  readonly offers: readonly Movement[]
  readonly considerations: readonly Movement[]
  readonly expects: Draft['expects']
  readonly findings: readonly Finding[]
  readonly notChecked: readonly NotChecked[]
  /** Null: somebody has to pick the tokens first. */
  readonly fulfil: ((signature: Hex.Hex) => HolderCall) | null
}

interface Item {
  readonly standard: TokenStandard
  readonly token: Address.Address | null
  readonly id: bigint
  readonly isCriteria: boolean
  readonly isValid: boolean
  readonly least: bigint
  readonly most: bigint
  readonly recipient: Address.Address | null
}

function readOrder(
  document: TypedDocument,
  at: SignatureContext,
  contract: Address.Address,
  struct: TypedStruct,
  prefix: string,
): ReadOrder {
  const order = reader(struct)
  const offerer = order.address('offerer')
  const offer = order.structs('offer').map((entry) => readItem(entry, null))
  const consideration = order.structs('consideration').map((entry) => readItem(entry, entry.address('recipient')))
  const [startTime, endTime, orderType] = [order.uint('startTime'), order.uint('endTime'), order.uint('orderType')]
  const zone = order.address('zone')
  // What is worse for the signer: the most that leaves, the least that comes in.
  const offers = offer.map((item): Movement => movementOf(item, item.most, null))
  const considerations = consideration.map((item): Movement =>
    movementOf(item, item.recipient === offerer ? item.least : item.most, item.recipient),
  )
  const describe = (movement: Movement): string => movementText(at, movement)
  const findings: Finding[] = [
    ...judgeOwner(at, offerer, 'offerer'),
    ...judgeExpiry(at, 'The order', endTime, false),
    ...judgeTerms(at, offerer, offers, considerations),
    ...judgePayment(at, offerer, considerations),
    ...judgeItems(at, { offer, consideration, orderType, startTime }),
  ]
  return {
    title: `${prefix}Order: you give ${offers.length > 0 ? offers.map(describe).join(', ') : 'nothing'}`,
    lines: [
      { label: `${prefix}Offerer`, value: nameOf(at, offerer) },
      ...offers.map((movement) => ({ label: `${prefix}You give`, value: describe(movement) })),
      ...considerations.map((movement) => ({
        label: `${prefix}${movement.to === offerer ? 'You receive' : `${movement.to ?? ''} receives`}`,
        value: describe(movement),
      })),
      ...(considerations.some((movement) => movement.to === offerer)
        ? []
        : [{ label: `${prefix}You receive`, value: 'nothing' }]),
      { label: `${prefix}From`, value: timeOf(startTime) },
      { label: `${prefix}Until`, value: timeOf(endTime) },
      { label: `${prefix}Order type`, value: orderType.toString() },
      { label: `${prefix}Zone`, value: nameOf(at, zone) },
      { label: `${prefix}Zone hash`, value: order.hex('zoneHash') },
      { label: `${prefix}Conduit key`, value: order.hex('conduitKey') },
      { label: `${prefix}Counter`, value: order.uint('counter').toString() },
      { label: `${prefix}Salt`, value: order.uint('salt').toString() },
    ],
    offers,
    considerations,
    expects: [
      {
        to: contract,
        data: encodeFunctionData({ abi: ABI, functionName: 'getCounter', args: [offerer] }),
        equals: word(order.uint('counter')),
        what: `the order counter of ${offerer}`,
      },
    ],
    findings,
    notChecked: unchecked({ consideration, orderType, zone }),
    fulfil: isFilledByAnyone(offer, consideration) ? fulfilmentOf({ order, contract, consideration, prefix }) : null,
  }
}

/** What is wrong with the items of an order, whoever signs it. */
function judgeItems(
  at: SignatureContext,
  {
    offer,
    consideration,
    orderType,
    startTime,
  }: {
    readonly offer: readonly Item[]
    readonly consideration: readonly Item[]
    readonly orderType: bigint
    readonly startTime: bigint
  },
): Finding[] {
  const findings: Finding[] = []
  if ([...offer, ...consideration].some((item) => !item.isValid) || orderType > 3n) {
    findings.push(
      finding(
        'signature-order-unreadable',
        'block',
        'An order of an unknown kind',
        `It has an item or an order type (${orderType}) that no published Seaport has for signed orders, or an item that contradicts itself.`,
      ),
    )
  }
  if (offer.some((item) => item.isCriteria)) {
    findings.push(
      finding(
        'signature-order-gives-any',
        'block',
        'You give any token that the buyer picks',
        'The order offers tokens by a criterion instead of by id: the buyer chooses which of yours to take.',
      ),
    )
  }
  if (startTime * 1000n > BigInt(at.nowMs) + 86_400_000n) {
    findings.push(
      finding('signature-postdated', 'warn', 'An order for later', `It becomes good only at ${timeOf(startTime)}.`),
    )
  }
  return findings
}

function unchecked({
  consideration,
  orderType,
  zone,
}: {
  readonly consideration: readonly Item[]
  readonly orderType: bigint
  readonly zone: Address.Address
}): NotChecked[] {
  const notChecked: NotChecked[] = []
  if (consideration.some((item) => item.isCriteria)) {
    notChecked.push({
      what: 'which token the order brings',
      why: 'It asks for any token that fits a criterion; the worst of them is what you may get.',
    })
  }
  if (orderType >= 2n && orderType <= 3n) {
    notChecked.push({
      what: `the zone ${zone}`,
      why: 'A restricted order is filled only when this contract agrees, by rules of its own.',
    })
  }
  return notChecked
}

/** Whether whoever holds the signature can fill the order as it is: nothing of it is chosen later. */
const isFilledByAnyone = (offer: readonly Item[], consideration: readonly Item[]): boolean =>
  ![...offer, ...consideration].some((item) => item.isCriteria)

/** The call that fills the order, and what its sender must hold. */
function fulfilmentOf({
  order,
  contract,
  consideration,
  prefix,
}: {
  readonly order: ReturnType<typeof reader>
  readonly contract: Address.Address
  readonly consideration: readonly Item[]
  readonly prefix: string
}): ReadOrder['fulfil'] {
  const needs = consideration.map((item) => movementOf(item, item.most, item.recipient))
  return (signature) => ({
    from: STRANGER,
    to: contract,
    value: needs.reduce((sum, item) => (item.standard === 'native' ? sum + item.amount : sum), 0n),
    data: encodeFunctionData({
      abi: ABI,
      functionName: 'fulfillOrder',
      args: [
        {
          parameters: {
            offerer: order.address('offerer'),
            zone: order.address('zone'),
            offer: order.structs('offer').map(itemOf),
            consideration: order
              .structs('consideration')
              .map((entry) => ({ ...itemOf(entry), recipient: entry.address('recipient') })),
            orderType: Number(order.uint('orderType')),
            startTime: order.uint('startTime'),
            endTime: order.uint('endTime'),
            zoneHash: order.hex('zoneHash'),
            salt: order.uint('salt'),
            conduitKey: order.hex('conduitKey'),
            totalOriginalConsiderationItems: BigInt(consideration.length),
          },
          signature,
        },
        word(0n),
      ],
    }),
    label: `${prefix}Fill the order`,
    purpose: 'use',
    needs,
  })
}

function readItem(entry: TypedReader, recipient: Address.Address | null): Item {
  const itemType = entry.uint('itemType')
  const token = entry.address('token')
  const id = entry.uint('identifierOrCriteria')
  const amounts = [entry.uint('startAmount'), entry.uint('endAmount')] as const
  const least = amounts[0] < amounts[1] ? amounts[0] : amounts[1]
  const most = amounts[0] < amounts[1] ? amounts[1] : amounts[0]
  const standard = STANDARDS[Number(itemType)]
  // Native items name no token and no id, ERC-20 items no id (Seaport's UnusedItemParameters).
  const isConsistent =
    itemType === 0n ? token === Address.ZERO && id === 0n : itemType === 1n ? id === 0n : token !== Address.ZERO
  return {
    standard: standard ?? 'erc721',
    token: itemType === 0n ? null : token,
    id,
    isCriteria: itemType >= CRITERIA_FROM,
    isValid: standard !== undefined && isConsistent,
    least,
    most,
    recipient,
  }
}

function movementOf(item: Item, amount: bigint, to: Address.Address | null): Movement {
  const hasId = item.standard === 'erc721' || item.standard === 'erc1155'
  return {
    standard: item.standard,
    token: item.token,
    tokenId: hasId && !item.isCriteria ? item.id : null,
    amount,
    to,
  }
}

function itemOf(entry: TypedReader) {
  return {
    itemType: Number(entry.uint('itemType')),
    token: entry.address('token'),
    identifierOrCriteria: entry.uint('identifierOrCriteria'),
    startAmount: entry.uint('startAmount'),
    endAmount: entry.uint('endAmount'),
  }
}

/** One signature for a tree of orders: every order in it is read and judged, none is taken on trust. */
function readBulk(
  document: TypedDocument,
  at: SignatureContext,
  contract: Address.Address,
  place: readonly Finding[],
): Draft | null {
  const dimensions = BULK.exec(document.encodedType)?.[1]
  if (dimensions === undefined) return null
  const tree = `BulkOrder(OrderComponents${dimensions} tree)`
  const [items, offers] = [ITEMS.slice(0, ITEMS.indexOf('OfferItem(')), ITEMS.slice(ITEMS.indexOf('OfferItem('))]
  if (document.encodedType !== `${tree}${items}${offers}${COMPONENTS}`) return null
  const height = dimensions.length / 3
  const leaves = flatten(document.message['tree'] as readonly TypedValue[], height)
  const hashes = leaves.map((leaf) => structHash(document, 'OrderComponents', leaf))
  const orders = leaves
    .map((leaf, i) => ({ leaf, i }))
    // Clients fill the tree up with orders of nobody, which nobody can sign for.
    .filter(({ leaf }) => !isPadding(leaf))
    .map(({ leaf, i }) => ({ i, order: readOrder(document, at, contract, leaf, `Order ${i + 1}: `) }))
  const calls = orders.flatMap(({ i, order }) =>
    order.fulfil === null ? [] : [order.fulfil(bulkSignature(hashes, i, height))],
  )
  return {
    ...EMPTY,
    kind: 'seaport-order',
    title: `${orders.length} orders in one signature`,
    lines: orders.flatMap(({ order }) => order.lines),
    offers: orders.flatMap(({ order }) => order.offers),
    considerations: orders.flatMap(({ order }) => order.considerations),
    holderCalls: calls,
    expects: orders.flatMap(({ order }) => order.expects),
    findings: [
      ...place,
      ...orders.flatMap(({ order, i }) =>
        order.findings.map((entry) => ({ ...entry, because: `Order ${i + 1}: ${entry.because}` })),
      ),
    ],
    notChecked: orders.flatMap(({ order }) => order.notChecked),
  }
}

function flatten(value: readonly TypedValue[], height: number): TypedStruct[] {
  return height === 1
    ? (value as readonly TypedStruct[]).slice()
    : (value as readonly (readonly TypedValue[])[]).flatMap((half) => flatten(half, height - 1))
}

function isPadding(leaf: TypedStruct): boolean {
  const order = reader(leaf)
  return (
    order.address('offerer') === Address.ZERO &&
    order.structs('offer').length === 0 &&
    order.structs('consideration').length === 0
  )
}

/** Signature, three bytes of position, then the Merkle path (Seaport's Verifiers.sol, `_computeBulkOrderProof`). */
function bulkSignature(hashes: readonly Hex.Hex[], index: number, height: number): Hex.Hex {
  const path: Hex.Hex[] = []
  let level = hashes
  let position = index
  for (let i = 0; i < height; i++) {
    path.push(level[position ^ 1] as Hex.Hex)
    const next: Hex.Hex[] = []
    for (let j = 0; j < level.length; j += 2) {
      next.push(keccak256(concat([level[j] as Hex.Hex, level[j + 1] as Hex.Hex])))
    }
    level = next
    position >>= 1
  }
  return concat([DUMMY.bytes, `0x${index.toString(16).padStart(6, '0')}`, ...path])
}
