import { Address, Digest, Hex } from '@countersign/base'
import { isAddress, isHash, isQuantity, isRecord } from './rpc/answers.ts'
import type { Unmined } from '../model/Unmined.ts'
import { readUnmined } from './readUnmined.ts'
import type { RpcPool } from './rpc/openRpc.ts'
import {
  expectResult,
  isFailedCall,
  isRevert,
  lacksMethod,
  readBytes,
  readQuantity,
  UpstreamError,
  type RpcCall,
} from './rpc/Rpc.ts'

/** A block by which state is asked: its hash names it whoever answers. */
export interface BlockName {
  readonly hash: Hex.Hex
}

/** A block with its transactions. */
export interface Block extends BlockName {
  readonly number: bigint
  readonly parentHash: Hex.Hex
  readonly timestampS: bigint
  /** Null before EIP-1559, and on chains that have none. */
  readonly baseFeeWei: bigint | null
}

export interface FullBlock extends Block {
  readonly transactions: readonly ChainTransaction[]
}

/** What a transaction looks like on chain. Quantities as JSON-RPC spells them; `input` in lower case. */
export interface ChainTransaction {
  readonly hash: Hex.Hex
  readonly from: string
  readonly to: string | null
  readonly value: string
  readonly input: Hex.Hex
  readonly nonce: string
  readonly chainId?: string
  /** Null while it is not mined, or while one of two providers has not heard that it is. */
  readonly blockNumber: string | null
  readonly blockHash: Hex.Hex | null
  /** EIP-7702: what accounts signed over to code of others. Absent where there is none. Each may use a nonce of its account. */
  readonly authorizations?: readonly ChainAuthorization[]
}

/** One entry of an authorization list, as it stands in the block: whether it was applied is not said. */
export interface ChainAuthorization {
  readonly chainId: bigint
  readonly address: Hex.Hex
  readonly nonce: bigint
  readonly yParity: number
  readonly r: Hex.Hex
  readonly s: Hex.Hex
}

export interface ChainReceipt {
  readonly transactionHash: Hex.Hex
  readonly isSuccess: boolean
  readonly blockNumber: bigint
  readonly blockHash: Hex.Hex
  readonly gasUsed: bigint | null
  readonly logs: readonly { readonly address: string; readonly topics: readonly Hex.Hex[]; readonly data: Hex.Hex }[]
}

/** A frame of `callTracer`. `error` is in words of ours. */
export interface TraceFrame {
  readonly type: string
  readonly from: string
  readonly to?: string
  readonly value?: string
  readonly input?: string
  readonly output?: string
  readonly error?: string
  readonly calls?: readonly TraceFrame[]
}

/** What a call does. `failed`: it reverted or ran out; `data` is what the contract said, or null. */
export type CallOutcome =
  | { readonly status: 'returned'; readonly data: Hex.Hex }
  | { readonly status: 'failed'; readonly isRevert: boolean; readonly data: Hex.Hex | null }

export interface CallInput {
  /** Null runs `data` as the code of a contract that is made for this call. */
  readonly to: Address.Address | null
  readonly data: Hex.Hex
  readonly from?: Address.Address
}

/** State at one block. */
export interface StateReads {
  call(input: CallInput): Promise<CallOutcome>
  nonce(account: Address.Address): Promise<bigint>
  code(account: Address.Address): Promise<Hex.Hex>
  balance(account: Address.Address): Promise<bigint>
}

/** A transaction that waits to be mined. */
export interface WaitingTransaction extends ChainTransaction {
  /** All that its signature covers; null where that does not verify, or its type is not simulated. */
  readonly signed: Unmined | null
}

/** What an account has sent that is not mined. */
export interface Waiting {
  readonly transactions: readonly WaitingTransaction[]
  /** Whether every one that a provider counts is also shown. */
  readonly isComplete: boolean
}

/** As many nonces as are asked for one by one. No honest account has more waiting. */
const MAX_WAITING = 16n

/** What became of a transaction that was sent. */
export type Sent =
  | { readonly status: 'accepted'; readonly hash: Hex.Hex }
  | { readonly status: 'refused'; readonly reason: 'nonce' | 'fee' | 'funds' | 'other' }

/** An answer for somebody else: nothing of ours rests on it. Texts are ours; `data` is what a contract said. */
export type Passed =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: number; readonly message: string; readonly data: Hex.Hex | null }

/**
 * The one door through which anything but a simulation reads a chain. With a quorum of two every answer is one that two
 * providers gave alike; state is asked at the hash of a block. An answer that cannot be had is an error, never a value.
 *
 * Each method throws {UpstreamError} `simulation:upstream:unreachable`, {UpstreamDisagreementError}
 * `simulation:upstream:disagreement`, or {ChainMismatchError} `simulation:chain:mismatch`.
 */
export interface ChainReads {
  /** The newest block, or the newest that two providers both have. */
  head(): Promise<Block>
  at(block: BlockName): StateReads
  /** Null: not known (yet) to one of those asked. */
  transaction(hash: Hex.Hex): Promise<ChainTransaction | null>
  /** Null: not mined (yet) as far as one of those asked knows. */
  receipt(hash: Hex.Hex): Promise<ChainReceipt | null>
  /** Null when there is no such block. */
  block(ref: bigint | Hex.Hex | 'latest'): Promise<FullBlock | null>
  /** A block without its transactions; null when there is no such block. */
  header(number: bigint): Promise<Block | null>
  /**
   * What an account has sent that is not mined, as far as any of the providers shows it. Each is asked: nobody can say
   * that nothing waits, and one that shows a transaction is enough to take care.
   *
   * @param fromNonce - The account's nonce at the newest block.
   */
  waiting(account: Address.Address, fromNonce: bigint): Promise<Waiting>
  /** The calls of a mined transaction; null when a provider that is needed cannot trace, so that nothing is known. */
  trace(hash: Hex.Hex): Promise<TraceFrame | null>
  /** Sends a signed transaction to every provider. The first acceptance counts; the hash is computed from the bytes. */
  send(raw: Hex.Hex): Promise<Sent>
  /** Asks one provider for somebody else, at whatever block they name. */
  pass(method: string, params: readonly unknown[]): Promise<Passed>
}

/** How long one read may take with all its failovers, in milliseconds. */
const DEADLINE_MS = 20_000

/** Opens the door on a pool of providers. */
export function openReads(
  rpc: RpcPool,
  { chainId, deadlineMs = DEADLINE_MS }: { chainId: number; deadlineMs?: number },
): ChainReads {
  async function ask<T>(method: string, params: readonly unknown[]): Promise<T> {
    const [answer] = await rpc.batch([{ method, params }], { signal: AbortSignal.timeout(deadlineMs) })
    return expectResult<T>(answer, method)
  }

  async function fullBlock(ref: bigint | Hex.Hex | 'latest', isFull: boolean): Promise<FullBlock | null> {
    const method = typeof ref === 'string' && isHash(ref) ? 'eth_getBlockByHash' : 'eth_getBlockByNumber'
    const name = typeof ref === 'bigint' ? `0x${ref.toString(16)}` : ref
    const [answer] = await rpc.batch([{ method, params: [name, isFull] }], { signal: AbortSignal.timeout(deadlineMs) })
    const result = expectResult<WireBlock | null>(answer, method)
    return result === null ? null : toBlock(result)
  }

  const hashed = (hash: Hex.Hex): readonly [Hex.Hex] => [hash]
  return {
    async head() {
      const block = await fullBlock('latest', false)
      if (block === null) throw new UpstreamError('', 'block', { method: 'eth_getBlockByNumber' })
      const { transactions: _, ...head } = block
      return head
    },
    at({ hash: blockHash }) {
      const at = { blockHash }
      return {
        async call({ to, data, from }) {
          const tx = { ...(to === null ? {} : { to }), data, ...(from === undefined ? {} : { from }) }
          const call: RpcCall = { method: 'eth_call', params: [tx, at] }
          const [answer] = await rpc.batch([call], { signal: AbortSignal.timeout(deadlineMs) })
          if (answer?.ok === false && isFailedCall(answer))
            return { status: 'failed', isRevert: isRevert(answer), data: answer.data as Hex.Hex | null }
          return { status: 'returned', data: readBytes(expectResult(answer, 'eth_call'), 'eth_call') }
        },
        nonce: async (account) =>
          readQuantity(await ask('eth_getTransactionCount', [account, at]), 'eth_getTransactionCount'),
        code: async (account) => readBytes(await ask('eth_getCode', [account, at]), 'eth_getCode'),
        balance: async (account) => readQuantity(await ask('eth_getBalance', [account, at]), 'eth_getBalance'),
      }
    },
    async transaction(hash) {
      const found = await ask<WireTransaction | null>('eth_getTransactionByHash', hashed(hash))
      return found === null ? null : toTransaction(found)
    },
    async receipt(hash) {
      const found = await ask<WireReceipt | null>('eth_getTransactionReceipt', hashed(hash))
      if (found === null) return null
      return {
        transactionHash: lower(found.transactionHash),
        isSuccess: BigInt(found.status) === 1n,
        blockNumber: BigInt(found.blockNumber),
        blockHash: lower(found.blockHash),
        gasUsed: typeof found.gasUsed === 'string' ? BigInt(found.gasUsed) : null,
        logs: found.logs,
      }
    },
    block: (ref) => fullBlock(ref, true),
    async header(number) {
      const block = await fullBlock(number, false)
      if (block === null) return null
      const { transactions: _, ...header } = block
      return header
    },
    waiting: (account, fromNonce) => readWaiting(rpc, { account, fromNonce, chainId, deadlineMs }),
    async trace(hash) {
      const call: RpcCall = { method: 'debug_traceTransaction', params: [hash, { tracer: 'callTracer' }] }
      const [answer] = await rpc.batch([call], { signal: AbortSignal.timeout(deadlineMs) })
      if (answer?.ok === false && lacksMethod(answer)) return null
      return expectResult<TraceFrame>(answer, call.method)
    },
    async send(raw) {
      const call: RpcCall = { method: 'eth_sendRawTransaction', params: [raw] }
      const answers = await rpc.tell(call, { signal: AbortSignal.timeout(deadlineMs) })
      // What a provider says the hash is counts for nothing: the bytes say it.
      const hash = Digest.keccak256(raw)
      const isAccepted = answers.some(
        (answer) => answer.ok || /already (known|imported)|known tx/i.test(answer.message),
      )
      if (isAccepted) return { status: 'accepted', hash }
      return { status: 'refused', reason: answers.map(reasonOf).find((reason) => reason !== 'other') ?? 'other' }
    },
    async pass(method, params) {
      const answer = await rpc.pass({ method, params }, { signal: AbortSignal.timeout(deadlineMs) })
      if (answer.ok) return answer
      if (isFailedCall(answer))
        return {
          ok: false,
          code: 3,
          message: isRevert(answer) ? 'execution reverted' : 'execution failed',
          data: answer.data as Hex.Hex | null,
        }
      return { ok: false, code: answer.code, message: 'The provider refused this call.', data: null }
    },
  }
}

/** As {@link ChainReads.waiting}. */
async function readWaiting(
  rpc: RpcPool,
  {
    account,
    fromNonce,
    chainId,
    deadlineMs,
  }: { account: Address.Address; fromNonce: bigint; chainId: number; deadlineMs: number },
): Promise<Waiting> {
  const everyone = async (method: string, params: readonly unknown[]): Promise<readonly unknown[]> => {
    const answers = await rpc.tell({ method, params }, { signal: AbortSignal.timeout(deadlineMs) })
    return answers.flatMap((answer) => (answer.ok ? [answer.result] : []))
  }
  const counts = await everyone('eth_getTransactionCount', [account, 'pending'])
  const count = counts
    .map((each) => readQuantity(each, 'eth_getTransactionCount'))
    .reduce((most, each) => (each > most ? each : most), fromNonce)
  const found = new Map<string, ChainTransaction>()
  const wires = new Map<string, Readonly<Record<string, unknown>>>()
  const take = (each: unknown): void => {
    if (each === null) return
    const { blockNumber: _, blockHash: __, ...waiting } = toTransaction(each as WireTransaction)
    const isOwn = waiting.from.toLowerCase() === account.toLowerCase() && BigInt(waiting.nonce) >= fromNonce
    if (!isOwn) return
    found.set(waiting.hash, { ...waiting, blockNumber: null, blockHash: null })
    wires.set(waiting.hash, each as Readonly<Record<string, unknown>>)
  }
  for (const pool of await everyone('txpool_contentFrom', [account])) (pool as unknown[]).forEach(take)
  const isShown = (nonce: bigint): boolean => [...found.values()].some((each) => BigInt(each.nonce) === nonce)
  const nonces = Array.from({ length: Number(least(count - fromNonce, MAX_WAITING)) }, (_, i) => fromNonce + BigInt(i))
  for (const nonce of nonces.filter((each) => !isShown(each))) {
    const name = `0x${nonce.toString(16)}`
    for (const each of await everyone('eth_getTransactionBySenderAndNonce', [account, name])) take(each)
  }
  if (!nonces.every(isShown)) {
    for (const block of await everyone('eth_getBlockByNumber', ['pending', true]))
      (block as Pick<WireBlock, 'transactions'>).transactions.filter((each) => isRecord(each)).forEach(take)
  }
  return {
    transactions: await Promise.all(
      [...found.values()].map(async (each) => ({
        ...each,
        signed: await readUnmined(wires.get(each.hash) ?? {}, chainId),
      })),
    ),
    isComplete: nonces.every(isShown) && count - fromNonce <= MAX_WAITING,
  }
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function reasonOf(answer: { readonly ok: boolean; readonly message?: string }): 'nonce' | 'fee' | 'funds' | 'other' {
  const message = answer.message ?? ''
  if (/nonce/i.test(message)) return 'nonce'
  if (/insufficient (funds|balance)/i.test(message)) return 'funds'
  return /underpriced|fee|gas price/i.test(message) ? 'fee' : 'other'
}

const lower = (hash: string): Hex.Hex => hash.toLowerCase() as Hex.Hex

/** As `answers.ts` reads them: every field below was checked there. */
interface WireTransaction {
  readonly hash: string
  readonly from: string
  readonly to: string | null
  readonly value: string
  readonly input: string
  readonly nonce: string
  readonly chainId?: string
  readonly blockNumber: string | null
  readonly blockHash: string | null
  readonly authorizationList?: unknown
}

interface WireReceipt {
  readonly transactionHash: string
  readonly status: string
  readonly blockNumber: string
  readonly blockHash: string
  readonly gasUsed?: unknown
  readonly logs: ChainReceipt['logs']
}

interface WireBlock {
  readonly number: string
  readonly hash: string
  readonly parentHash: string
  readonly timestamp: string
  readonly baseFeePerGas?: string
  readonly transactions: readonly unknown[]
}

/** The entries that can be read; one that cannot explains no nonce. */
function authorizationsIn(list: unknown): readonly ChainAuthorization[] {
  if (!Array.isArray(list)) return []
  return list.flatMap((each: unknown): ChainAuthorization[] => {
    if (!isRecord(each)) return []
    const { address, chainId, nonce, yParity, r, s } = each
    if (!isAddress(address)) return []
    if (!isQuantity(chainId) || !isQuantity(nonce) || !isQuantity(yParity) || !isQuantity(r) || !isQuantity(s))
      return []
    const entry = { chainId: BigInt(chainId), address: lower(address), nonce: BigInt(nonce) }
    return [{ ...entry, yParity: Number(yParity), r, s }]
  })
}

function toTransaction(found: WireTransaction): ChainTransaction {
  const authorizations = authorizationsIn(found.authorizationList)
  return {
    hash: lower(found.hash),
    from: found.from,
    to: found.to,
    value: found.value,
    input: lower(found.input),
    nonce: found.nonce,
    ...(found.chainId === undefined ? {} : { chainId: found.chainId }),
    blockNumber: found.blockNumber,
    blockHash: found.blockHash === null ? null : lower(found.blockHash),
    ...(authorizations.length === 0 ? {} : { authorizations }),
  }
}

function toBlock(found: WireBlock): FullBlock {
  return {
    number: BigInt(found.number),
    hash: lower(found.hash),
    parentHash: lower(found.parentHash),
    timestampS: BigInt(found.timestamp),
    baseFeeWei: found.baseFeePerGas === undefined ? null : BigInt(found.baseFeePerGas),
    transactions: found.transactions
      .filter((each) => isRecord(each) && isAddress(each['from']))
      .map((each) => toTransaction(each as unknown as WireTransaction)),
  }
}
