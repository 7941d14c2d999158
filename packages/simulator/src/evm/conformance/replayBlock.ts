import type { Clock } from '@countersign/base'
import { Address } from '@countersign/base'
import type { Profile } from '../../chain/Chain.ts'
import type { RpcEndpoint } from '../../chain/rpc/Rpc.ts'
import { StateCache, type CodeStore } from '../../chain/state/StateCache.ts'
import { addAccess, EMPTY_CODE_HASH, sizeOf, word, type AccessSet } from '../../model/Access.ts'
import type { BlockEnv } from '../../model/Block.ts'
import type { Coin } from '../../model/Coin.ts'
import type { StateDiff, StepRun } from '../../model/Run.ts'
import type { RawFrame } from '../../model/Trace.ts'
import { EngineLimitError } from '../EngineLimitError.ts'
import { openLane } from '../Lane.ts'
import type { EnginePool } from '../anvil/EnginePool.ts'
import { EngineRefusedError, type EthereumjsEngine } from '../ethereumjs/createEthereumjsEngine.ts'
import { workerEngine } from '../FirstEngine.ts'
import * as Overlay from '../Overlay.ts'
import { execute, type Fork } from '../runBatch.ts'
import { callOf, type MinedBlock, type MinedReceipt, type MinedTransaction } from './readTransactions.ts'

/** What a replay needs of the world. */
export interface ReplayTools {
  readonly upstream: RpcEndpoint
  readonly pool: EnginePool | null
  readonly second: EthereumjsEngine
  readonly codes: CodeStore
  readonly clock: Clock.Clock
  readonly chainId: number
  readonly coin: Coin
  readonly profile: Profile
}

/** Where the chain and the local engine part. */
export interface Difference {
  readonly field: string
  readonly transaction: string | null
  readonly chain_says: string
  readonly engine_says: string
}

/** Types of Ethereum, and the deposits of the OP Stack and of Scroll. Blobs cannot be had from a node's state. */
const KNOWN_TYPES: ReadonlySet<bigint> = new Set([0n, 1n, 2n, 3n, 4n])
const DEPOSIT = 0x7en
const BLOB = 3n
/** EIP-4788 and EIP-2935: what the system writes before the first transaction. */
const BEACON_ROOTS = '0x000f3df6d732807ef1319fb7b8bb8522d0beac02'
const BLOCK_HASHES = '0x0000f90827f1c53a10cb7a02335b175320002935'
const RING = 8191n
const MAX_ROUNDS = 40
const MAX_READS = 2_000

/**
 * Replays the beginning of a block in the local engine, on the state of its parent, and compares each transaction with
 * what the chain recorded: type, status, gas, logs, and, where the node traces transactions, the state it left.
 *
 * @param of.most - How many transactions at most.
 * @returns How many were compared, and the first difference.
 */
export async function replayBlock(
  tools: ReplayTools,
  { block, receipts, most }: { block: MinedBlock; receipts: readonly MinedReceipt[]; most: number },
): Promise<{ readonly replayed: number; readonly difference: Difference | null }> {
  const env = envOf(block)
  const cache = new StateCache(block.parentHash, tools.codes)
  const after = systemWrites(block)
  const access: AccessSet = new Map([[env.coinbase.toLowerCase(), new Set<string>()]])
  const byHash = new Map(receipts.map((receipt) => [receipt.transactionHash.toLowerCase(), receipt]))
  let replayed = 0
  for (const transaction of block.transactions.slice(0, most)) {
    const type = BigInt(transaction.type ?? '0x0')
    const isDeposit = type === DEPOSIT && (tools.profile === 'op' || tools.profile === 'scroll')
    if (!KNOWN_TYPES.has(type) && !isDeposit)
      return { replayed, difference: differ('transaction type', transaction, `0x${type.toString(16)}`, 'no such type') }
    const receipt = byHash.get(transaction.hash.toLowerCase())
    if (receipt === undefined)
      return { replayed, difference: differ('receipt', transaction, 'no receipt of the transaction', 'one is needed') }
    if (type === BLOB) break
    const run = await replay(tools, { cache, access, after, env, transaction, receipt, isDeposit })
    // Too heavy for the time that an engine has, or not known to it: what follows it cannot be replayed either.
    if (run === null) break
    const difference = compareRun(transaction, receipt, run) ?? (await compareState(tools, { transaction, run, env }))
    if (difference !== null) return { replayed, difference }
    replayed += 1
    Overlay.apply(after, run.diff)
    payForData(after, transaction, receipt)
    if (run.trace.error !== undefined) keepFee(after, cache, { transaction, run, env })
  }
  return { replayed, difference: null }
}

function differ(field: string, transaction: MinedTransaction | null, chain: string, engine: string): Difference {
  return { field, transaction: transaction?.hash ?? null, chain_says: chain, engine_says: engine }
}

function envOf(block: MinedBlock): BlockEnv {
  const number = BigInt(block.number)
  return {
    number,
    timestampS: BigInt(block.timestamp),
    baseFeeWei: BigInt(block.baseFeePerGas ?? '0x0'),
    tipWei: 0n,
    coinbase: Address.parse(block.miner),
    prevRandao: (block.mixHash ?? `0x${'00'.repeat(32)}`) as BlockEnv['prevRandao'],
    gasLimit: BigInt(block.gasLimit),
    blockHashes: new Map([[number - 1n, block.parentHash]]),
    isFree: false,
  }
}

function systemWrites(block: MinedBlock): Overlay.Overlay {
  const after = Overlay.empty()
  const [time, number] = [BigInt(block.timestamp), BigInt(block.number)]
  const slot = (index: bigint): string => word(`0x${index.toString(16)}`)
  if (block.parentBeaconBlockRoot !== undefined)
    after.slots.set(
      BEACON_ROOTS,
      new Map([
        [slot(time % RING), word(block.timestamp)],
        [slot((time % RING) + RING), word(block.parentBeaconBlockRoot)],
      ]),
    )
  after.slots.set(BLOCK_HASHES, new Map([[slot((number - 1n) % RING), word(block.parentHash)]]))
  return after
}

/** One transaction, again and again until all state that it reads had been handed over; null when it cannot be run. */
async function replay(
  tools: ReplayTools,
  {
    cache,
    access,
    after,
    env,
    transaction,
    receipt,
    isDeposit,
  }: {
    cache: StateCache
    access: AccessSet
    after: Overlay.Overlay
    env: BlockEnv
    transaction: MinedTransaction
    receipt: MinedReceipt
    isDeposit: boolean
  },
): Promise<StepRun | null> {
  const { upstream, pool, second, codes, chainId, coin } = tools
  const sender = transaction.from.toLowerCase()
  const call = callOf(transaction)
  addAccess(
    access,
    new Map([sender, ...(call.to === null ? [] : [call.to.toLowerCase()])].map((a) => [a, new Set<string>()])),
  )
  for (let round = 0; round < MAX_ROUNDS && sizeOf(access) <= MAX_READS; round += 1) {
    const missing = cache.missing(access)
    if (missing.size > 0) await cache.read(upstream, missing)
    const worker = pool?.pick() ?? null
    if (pool !== null && worker !== null)
      await pool.install(
        worker,
        [...access.keys()].flatMap((address) => {
          const hash = cache.accounts.get(address)?.codeHash
          return hash === undefined || hash === EMPTY_CODE_HASH ? [] : [{ address, hash, code: codes.get(hash) }]
        }),
      )
    const isOnSecond = pool === null || call.authorizationList !== undefined
    const fork: Fork = {
      chainId,
      coin,
      first: pool === null || worker === null ? null : workerEngine(pool, worker),
      cache,
      codes,
      env,
      isClosureChecked: true,
      pieces: Overlay.noPieces(),
      lane: openLane({ isOnSecond }),
      second,
      isOnSecond,
    }
    const before = Overlay.copy(after)
    const minted = BigInt(transaction.mint ?? '0x0')
    if (minted > 0n) addBalance(before, cache, sender, minted)
    const touched: AccessSet = new Map()
    try {
      const price = isDeposit ? 0n : BigInt(receipt.effectiveGasPrice ?? '0x0')
      const gasLimit = BigInt(transaction.gas)
      const run = await execute(fork, access, before, { sender, call, gasLimit, price, touched, isLean: false })
      const handedOver = sizeOf(access)
      addAccess(access, touched)
      if (sizeOf(access) === handedOver) return run
    } catch (error) {
      if (!(error instanceof EngineLimitError) && !(error instanceof EngineRefusedError)) throw error
      return null
    }
  }
  return null
}

function compareRun(transaction: MinedTransaction, receipt: MinedReceipt, run: StepRun): Difference | null {
  const isSuccess = run.trace.error === undefined
  if (receipt.status !== undefined && (BigInt(receipt.status) === 1n) !== isSuccess)
    return differ('status', transaction, receipt.status, isSuccess ? 'it succeeds' : `it fails: ${run.trace.error}`)
  if (BigInt(receipt.gasUsed) !== run.gasUsed)
    return differ('gas used', transaction, String(BigInt(receipt.gasUsed)), String(run.gasUsed))
  const spell = (logs: MinedReceipt['logs']): string[] =>
    logs.map(({ address, topics, data }) => [address, ...topics, data].join().toLowerCase())
  const [theirs, ours] = [spell(receipt.logs), spell(survivingLogs(run.trace))]
  const at = Array.from({ length: Math.max(theirs.length, ours.length) }, (_, i) => i).find(
    (i) => theirs[i] !== ours[i],
  )
  if (at === undefined) return null
  return differ(`log ${at + 1}`, transaction, theirs[at]?.slice(0, 200) ?? 'none', ours[at]?.slice(0, 200) ?? 'none')
}

/** Logs in the order in which they were emitted, as far as the tracer tells it by `position`; nothing of what was undone. */
function survivingLogs(frame: RawFrame): MinedReceipt['logs'] {
  if (frame.error !== undefined) return []
  const calls = frame.calls ?? []
  const logs = [...(frame.logs ?? [])] as (MinedReceipt['logs'][number] & { position?: string | number })[]
  const found: MinedReceipt['logs'][number][] = []
  for (const [i, call] of calls.entries()) {
    while (logs.length > 0 && Number(logs[0]?.position ?? 0) <= i) found.push(logs.shift() as (typeof logs)[number])
    found.push(...survivingLogs(call))
  }
  return [...found, ...logs]
}

/**
 * The state that the transaction left, by the node's own trace of it; null where they agree or the node traces none.
 * Who is paid fees is left out: how they are shared out is each chain's own.
 */
async function compareState(
  { upstream, profile }: ReplayTools,
  { transaction, run, env }: { transaction: MinedTransaction; run: StepRun; env: BlockEnv },
): Promise<Difference | null> {
  const [answer] = await upstream.batch([
    {
      method: 'debug_traceTransaction',
      params: [transaction.hash, { tracer: 'prestateTracer', tracerConfig: { diffMode: true } }],
    },
  ])
  if (answer?.ok !== true) return null
  const theirs = answer.result as StateDiff
  const paid = new Set([
    env.coinbase.toLowerCase(),
    ...(profile === 'ethereum' ? [] : [transaction.from.toLowerCase()]),
  ])
  const isFeeVault = (address: string): boolean => /^0x(?:42|53)0{34}/.test(address)
  for (const address of new Set(
    [...Object.keys(theirs.post), ...Object.keys(run.diff.post)].map((a) => a.toLowerCase()),
  )) {
    if (isFeeVault(address)) continue
    const [node, own] = [pick(theirs.post, address), pick(run.diff.post, address)]
    if (
      !paid.has(address) &&
      node?.balance !== own?.balance &&
      BigInt(node?.balance ?? 0) !== BigInt(own?.balance ?? 0)
    )
      return differ(`balance of ${address}`, transaction, node?.balance ?? 'unchanged', own?.balance ?? 'unchanged')
    for (const slot of new Set(
      [...Object.keys(node?.storage ?? {}), ...Object.keys(own?.storage ?? {})].map((s) => word(s)),
    )) {
      const [is, was] = [valueAt(node?.storage, slot), valueAt(own?.storage, slot)]
      if (is !== was) return differ(`slot ${slot} of ${address}`, transaction, is ?? 'unchanged', was ?? 'unchanged')
    }
  }
  return null
}

type Entry = StateDiff['post'][string]

function pick(accounts: StateDiff['post'], address: string): Entry | undefined {
  return accounts[address] ?? Object.entries(accounts).find(([key]) => key.toLowerCase() === address)?.[1]
}

function valueAt(storage: Readonly<Record<string, string>> | undefined, slot: string): string | undefined {
  const found = Object.entries(storage ?? {}).find(([key]) => word(key) === slot)?.[1]
  return found === undefined ? undefined : word(found)
}

/** What the layer below cost is taken from the sender beside gas times price. */
function payForData(after: Overlay.Overlay, transaction: MinedTransaction, { l1Fee }: MinedReceipt): void {
  const account = after.accounts.get(transaction.from.toLowerCase())
  if (l1Fee !== undefined && account?.balance !== undefined)
    account.balance = account.balance > BigInt(l1Fee) ? account.balance - BigInt(l1Fee) : 0n
}

/** A failed transaction still pays and uses its nonce; its trace's diff may leave both out. */
function keepFee(
  after: Overlay.Overlay,
  cache: StateCache,
  { transaction, run, env }: { transaction: MinedTransaction; run: StepRun; env: BlockEnv },
): void {
  const sender = transaction.from.toLowerCase()
  if (run.diff.post[sender]?.nonce !== undefined) return
  addBalance(after, cache, sender, -run.gasUsed * run.gasPriceWei)
  addBalance(after, cache, env.coinbase.toLowerCase(), run.gasUsed * (run.gasPriceWei - env.baseFeeWei))
  const account = after.accounts.get(sender)
  if (account !== undefined) account.nonce = (account.nonce ?? cache.accounts.get(sender)?.nonce ?? 0n) + 1n
}

function addBalance(after: Overlay.Overlay, cache: StateCache, address: string, change: bigint): void {
  const account = after.accounts.get(address) ?? {}
  const before = account.balance ?? cache.accounts.get(address)?.balance ?? 0n
  account.balance = before + change > 0n ? before + change : 0n
  after.accounts.set(address, account)
}
