import { Address, Digest, type Hex } from '@countersign/base'
import {
  ReadSet,
  type ChainTransaction,
  type Lease,
  type Report,
  type SimulationRequest,
  type WaitingTransaction,
} from '@countersign/simulator'
import type { Chain } from '../../src/chains/Chain.ts'

export const CHAIN_ID = 31_337
/** The account whose wallet signs. */
export const ALICE = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const BOB = Address.parse('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')
/** What every card of the model asks for. */
export const PAYMENT = { to: BOB, value: 5n, data: '0x' as Hex.Hex, label: 'pay', kind: 'native_transfer' }

const FIRST_BLOCK = 100
const EMPTY_CODE = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'

/** A transaction of the account. */
export interface ModelTx {
  readonly hash: Hex.Hex
  readonly nonce: number
  /** Whether it has the bytes of the cards; one that cancels has others. */
  readonly isPayment: boolean
}

/** One account on a chain, as plain data: a state of it can be kept, compared and put back. */
export interface ModelState {
  /** One transaction, or none, in each block after the first. */
  readonly blocks: readonly (ModelTx | null)[]
  readonly mempool: readonly ModelTx[]
  /** How often a block was replaced: blocks after it have other hashes. */
  readonly forks: number
}

export const EMPTY: ModelState = { blocks: [], mempool: [], forks: 0 }

/** The account's next nonce by what is mined. */
export function nonceOf({ blocks }: ModelState): number {
  return blocks.filter((each) => each !== null).length
}

/** The next nonce that a wallet gives. */
export function pendingNonceOf(state: ModelState): number {
  return nonceOf(state) + state.mempool.length
}

export function labelled(label: string): Hex.Hex {
  return Digest.sha256(`transaction ${label}`)
}

function blockHash({ blocks, forks }: ModelState, number: number): Hex.Hex {
  const held = blocks.slice(0, number - FIRST_BLOCK).map((each) => each?.hash ?? '')
  return Digest.sha256(`block ${number} ${number > FIRST_BLOCK ? forks : 0} ${held.join()}`)
}

/** The block that holds a transaction now; null where none does. */
export function placeIn(state: ModelState, hash: string): { readonly number: number; readonly hash: Hex.Hex } | null {
  const at = state.blocks.findIndex((each) => each?.hash === hash)
  if (at === -1) return null
  const number = FIRST_BLOCK + at + 1
  return { number, hash: blockHash(state, number) }
}

function onWire(tx: ModelTx, at: { number: number; hash: Hex.Hex } | null): ChainTransaction {
  return {
    hash: tx.hash,
    from: ALICE,
    to: tx.isPayment ? BOB : ALICE,
    value: tx.isPayment ? '0x5' : '0x0',
    input: '0x',
    nonce: `0x${tx.nonce.toString(16)}`,
    chainId: `0x${CHAIN_ID.toString(16)}`,
    blockNumber: at === null ? null : `0x${at.number.toString(16)}`,
    blockHash: at === null ? null : at.hash,
  }
}

/**
 * The chain as the server reads it. Simulations answer what a plain payment does; what was read is the account's nonce, so that the
 * check of a lease finds what moved by the same rule as the real one.
 */
export function chainOn(stateOf: () => ModelState): Chain {
  const readSets = new Map<string, ReadSet.ReadSet>()
  const headNumber = (): number => FIRST_BLOCK + stateOf().blocks.length
  const blockOf = (number: number) => ({
    number: BigInt(number),
    hash: blockHash(stateOf(), number),
    parentHash: blockHash(stateOf(), number - 1),
    timestampS: 1_700_000_000n + BigInt(number),
    baseFeeWei: 1n,
  })
  const nonceAt = (number: number): number =>
    nonceOf({ ...stateOf(), blocks: stateOf().blocks.slice(0, number - FIRST_BLOCK) })
  const numberOf = (hash: string): number => {
    for (let number = headNumber(); number >= FIRST_BLOCK; number -= 1)
      if (blockHash(stateOf(), number) === hash) return number
    return FIRST_BLOCK
  }
  const placeOf = (hash: string) => placeIn(stateOf(), hash)
  const known = (hash: string): ModelTx | null =>
    [...stateOf().blocks, ...stateOf().mempool].find((each) => each?.hash === hash) ?? null

  const checkLease = async (
    bound: { readonly nonce: string },
    readSet: ReadSet.ReadSet | null,
    { transactions: sent, waiting }: { readonly transactions: number; readonly waiting: ReadonlySet<string> | null },
  ): Promise<Lease> => {
    const { number, hash } = blockOf(headNumber())
    const block = { number, hash, stateRoot: hash, timestampMs: 0 }
    const broken =
      BigInt(nonceAt(Number(number))) !== BigInt(bound.nonce) + BigInt(sent) || (waiting?.size ?? 0) > 0
        ? [{ kind: 'nonce' as const, because: 'the account has sent another transaction' }]
        : []
    const because = broken.length > 0 ? broken.map((each) => each.because) : readSet === null ? ['not kept'] : []
    const state = broken.length > 0 ? 'broken' : readSet === null ? 'open' : 'held'
    return { block, state, because, broken, moved: [] }
  }
  const simulate = async (request: SimulationRequest): Promise<Report.Report> => {
    const number = headNumber()
    const readSet: ReadSet.ReadSet = {
      version: 1,
      builders: [],
      entries: [[ALICE.toLowerCase(), '1000000', String(nonceAt(number)), EMPTY_CODE]],
    }
    const digest = ReadSet.digest(readSet)
    readSets.set(digest, readSet)
    return reportOf(request, { digest, block: { number: BigInt(number), hash: blockHash(stateOf(), number) } })
  }
  return {
    ...{ chainId: CHAIN_ID, name: 'Model', nativeSymbol: 'ETH', isLocal: true, explorerUrl: null, faucet: null },
    ...{ tokens: [], contracts: [], exchanges: [] },
    simulator: {
      simulate,
      readSet: (digest: string) => readSets.get(digest) ?? null,
      checkLease: (
        bound: { readonly nonce: string },
        readSet: ReadSet.ReadSet | null,
        { sent, waiting }: { sent: number; waiting: ReadonlySet<string> },
      ) => checkLease(bound, readSet, { transactions: sent, waiting }),
    },
    head: async () => blockOf(headNumber()),
    at: ({ hash }: { hash: string }) => ({
      nonce: async () => BigInt(nonceAt(numberOf(hash))),
      code: async () => '0x',
      balance: async () => 1_000_000n,
    }),
    header: async (number: bigint) => (number > BigInt(headNumber()) ? null : blockOf(Number(number))),
    block: async (number: bigint) => {
      if (number > BigInt(headNumber())) return null
      const block = blockOf(Number(number))
      const tx = stateOf().blocks[Number(number) - FIRST_BLOCK - 1] ?? null
      const at = { number: Number(number), hash: block.hash }
      return { ...block, transactions: tx === null ? [] : [onWire(tx, at)] }
    },
    transaction: async (hash: string) => {
      const tx = known(hash)
      return tx === null ? null : onWire(tx, placeOf(hash))
    },
    receipt: async (hash: string) => {
      const at = placeOf(hash)
      if (at === null) return null
      const place = { blockNumber: BigInt(at.number), blockHash: at.hash }
      return { ...place, transactionHash: hash, isSuccess: true, gasUsed: 21_000n, logs: [] }
    },
    waiting: async () => ({
      transactions: stateOf().mempool.map((tx): WaitingTransaction => ({ ...onWire(tx, null), signed: null })),
      isComplete: true,
    }),
    trace: async () => null,
  } as unknown as Chain
}

function reportOf(
  request: SimulationRequest,
  { digest, block }: { digest: Digest.Digest; block: { number: bigint; hash: Hex.Hex } },
): Report.Report {
  const { signature = null } = request
  const frame = { type: 'CALL', from: ALICE, to: BOB, value: 5n, selector: null, signature: null, args: null }
  const steps = request.calls.map((call, i) => ({
    ...{ step: i + 1, label: call.label, status: 'success', revert: null, gasUsed: 21_000n, gasLimit: 38_000n },
    ...{ returnData: '0x', calls: { ...frame, gasUsed: 21_000n, status: 'success', calls: [] }, logs: [] },
    clearSigning: null,
  }))
  const fees = steps.length === 0 ? 0n : 38_000n
  const chain = { id: CHAIN_ID, name: 'Model', coin: 'ETH', engine: 'local', modelled: true, probe: 'not-asked' }
  return {
    ...{ version: 1, chainId: CHAIN_ID, chain: { ...chain, record: null }, from: request.from },
    block: { ...block, stateRoot: block.hash, timestampMs: 1_700_000_000_000 },
    ...{ verdict: 'allow', willRevert: false, steps, contractCalls: [], tokenChanges: [], controlled: [] },
    ...{ authorityChanges: [], keptForYou: [], environments: [], environmentReads: [], lookahead: [], intent: null },
    gasEstimate: { gasLimit: fees, gasUsed: fees, maxFeeWei: fees, expectedFeeWei: fees, l1FeeWei: null },
    signature: signature === null ? null : { ...signature, clearSigning: null },
    ...{ findings: [], notChecked: [], readSet: { digest, slots: 0, accounts: 1 }, receipt: null },
  } as unknown as Report.Report
}
