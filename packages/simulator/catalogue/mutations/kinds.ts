import type { Address } from '@countersign/base'
import type { Rpc } from '@countersign/chain'
import { putProxy } from '../moves.ts'
import type { Edits } from './compile.ts'
import { HASHED, LISTED, PACKED, RECORD, SEEDED, SLOT_FIRST, storeAs, SWAPPED, type Layout } from './mappings.ts'
import { crowd, flag, namespace, shift } from './variables.ts'
import { noisy, otherSigns, quiet } from './words.ts'

/** One kind of change that leaves what happens to the user as it is. */
export interface Mutation {
  readonly name: string
  readonly title: string
  /** Edits of the sources, one after another. */
  readonly edits?: readonly Edits[]
  /** Other names of functions. */
  readonly renames?: true
  afterDeploy?(rpc: Rpc, address: Address.Address): Promise<void>
  amount?(value: bigint): bigint
  /** How the calls of a scene are sent. */
  readonly calls?: 'one-by-one' | 'in-one'
  /** Where an event is what deceives, or silence is what is wrong, the change would change the truth. */
  readonly isOnlyForAttacks?: true
  /** The single changes that it is made of. */
  readonly parts?: readonly string[]
}

const stored =
  (layout: Layout): Edits =>
  (files) =>
    storeAs(files, layout)

export const MUTATIONS: readonly Mutation[] = [
  { name: 'hashed', title: 'mappings under one hashed key', edits: [stored(HASHED)] },
  { name: 'record', title: 'values as members of records', edits: [stored(RECORD)] },
  { name: 'packed', title: 'small values inside words', edits: [stored(PACKED), crowd] },
  { name: 'swapped', title: 'keys in another order', edits: [stored(SWAPPED)] },
  { name: 'slot-first', title: 'hashed as Vyper hashes', edits: [stored(SLOT_FIRST)] },
  { name: 'seeded', title: 'hashed side by side with a seed', edits: [stored(SEEDED)] },
  { name: 'listed', title: 'entries in a list, found by an index', edits: [stored(LISTED)] },
  { name: 'shifted', title: '300 unused words first', edits: [shift] },
  { name: 'namespace', title: 'all variables in a namespace (ERC-7201)', edits: [namespace] },
  { name: 'flag', title: 'flags as numbers', edits: [flag] },
  { name: 'quiet', title: 'no events', edits: [quiet], isOnlyForAttacks: true },
  { name: 'noisy', title: 'one more event', edits: [noisy] },
  { name: 'names', title: 'other names and selectors', renames: true },
  { name: 'signs', title: 'another sign of a simulator', edits: [(files) => otherSigns(files, 1)] },
  { name: 'signs-2', title: 'yet another sign of a simulator', edits: [(files) => otherSigns(files, 3)] },
  {
    name: 'proxy-1167',
    title: 'a minimal proxy in front',
    afterDeploy: (rpc, at) => putProxy({ chain: { rpc } }, at, 'ERC-1167'),
  },
  {
    name: 'proxy-1967',
    title: 'a proxy with a stored implementation in front',
    afterDeploy: (rpc, at) => putProxy({ chain: { rpc } }, at, 'ERC-1967'),
  },
  {
    name: 'amount',
    title: 'three fifths of every amount',
    amount: (value) => (value >= 10_000n && value < 2n ** 100n ? (value * 3n) / 5n : value),
  },
  { name: 'one-by-one', title: 'split over transactions', calls: 'one-by-one' },
  { name: 'in-one', title: 'put together in a batch of the account', calls: 'in-one' },
  { name: 'names+hashed', title: 'two at once', edits: [stored(HASHED)], renames: true, parts: ['names', 'hashed'] },
  {
    name: 'namespace+proxy',
    title: 'two at once',
    parts: ['namespace', 'proxy-1967'],
    edits: [namespace],
    afterDeploy: (rpc, at) => putProxy({ chain: { rpc } }, at, 'ERC-1967'),
  },
  { name: 'packed+noisy', title: 'two at once', parts: ['packed', 'noisy'], edits: [stored(PACKED), crowd, noisy] },
]
