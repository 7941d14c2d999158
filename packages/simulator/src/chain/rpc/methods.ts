import * as answers from './answers.ts'

/**
 * How an answer is got where two providers must agree. `agree`: both say the same. `newest`: the newest block that both
 * have. `lagging`: as `agree`, but `null` from one means *not yet*. `names`: one is asked, only the names in its answer
 * count and their values are read from two. `one`: one is asked, because no verdict rests on it or it proves itself.
 * `all`: everyone is told, the first acceptance counts. `refused`: not available; so is every method without a row.
 */
export type Asked = 'agree' | 'newest' | 'lagging' | 'names' | 'one' | 'all' | 'refused'

export interface Method {
  readonly asked: Asked
  /** The largest honest answer, in bytes. */
  readonly maxBytes: number
  /** Where the block parameter of a state method stands. State is asked by block hash (EIP-1898). */
  readonly blockAt?: number
  /** The result, checked and without untrusted text. @throws {UnreadableAnswer} */
  read(result: unknown, params: readonly unknown[]): unknown
  /** The one spelling of results that mean the same. */
  canonical(result: unknown): string
}

const KIB = 2 ** 10
const MIB = 2 ** 20

const quantity = (asked: Asked, blockAt?: number): Method => ({
  asked,
  maxBytes: 4 * KIB,
  ...(blockAt === undefined ? {} : { blockAt }),
  read: (result) => {
    answers.check(answers.isQuantity(result), 'it is not a number')
    return result
  },
  canonical: (result) => BigInt(result as string).toString(16),
})

const bytes = (blockAt: number, maxBytes: number): Method => ({
  asked: 'agree',
  maxBytes,
  blockAt,
  read: (result) => {
    answers.check(answers.isBytes(result), 'it is not bytes')
    return result
  },
  canonical: (result) => (result as string).toLowerCase(),
})

/** A block is the one that was asked for. */
const block: Method = {
  asked: 'agree',
  maxBytes: 16 * MIB,
  read: (result, params) => {
    if (result === null) return null
    if (params[0] === 'pending') return answers.readPendingBlock(result)
    const read = answers.readBlock(result) as { hash: string; number: string }
    const [asked] = params
    if (answers.isHash(asked)) answers.check(read.hash.toLowerCase() === asked.toLowerCase(), 'it is another block')
    else if (answers.isQuantity(asked)) answers.check(BigInt(read.number) === BigInt(asked), 'it is another block')
    return read
  },
  canonical: answers.canonicalBlock,
}

/** What is looked up by the hash of a transaction is that transaction's. */
const lookup = (field: 'hash' | 'transactionHash'): Method => ({
  asked: 'lagging',
  maxBytes: 8 * MIB,
  read: (result, params) => {
    if (result === null) return null
    const read = (field === 'hash' ? answers.readTransaction(result) : answers.readReceipt(result)) as {
      readonly [name in typeof field]: string
    }
    const [asked] = params
    const isIt = typeof asked === 'string' && read[field].toLowerCase() === asked.toLowerCase()
    answers.check(isIt, 'it is another transaction')
    return read
  },
  canonical: field === 'hash' ? answers.canonicalTransaction : answers.canonicalReceipt,
})

const traceTransaction: Method = {
  asked: 'agree',
  maxBytes: 64 * MIB,
  read: (result, params) => (isStateDiff(params[1]) ? answers.readStateDiff(result) : answers.readFrame(result)),
  canonical: (result) =>
    isRecordOf(result, 'post') ? JSON.stringify(result).toLowerCase() : answers.canonicalFrame(result),
}

function isStateDiff(options: unknown): boolean {
  return (options as { tracer?: string } | undefined)?.tracer === 'prestateTracer'
}

function isRecordOf(result: unknown, key: string): boolean {
  return typeof result === 'object' && result !== null && Object.hasOwn(result, key)
}

/** Prestates and call trees, by the tracer that was asked for. */
const traceCall: Method = {
  asked: 'names',
  maxBytes: 64 * MIB,
  blockAt: 1,
  read: (result, params) => {
    const options = params[2] as { tracer?: string; tracerConfig?: { diffMode?: boolean } } | undefined
    if (options?.tracer !== 'prestateTracer') return answers.readFrame(result)
    return options.tracerConfig?.diffMode === true ? answers.readStateDiff(result) : answers.readPrestate(result)
  },
  canonical: (result) => JSON.stringify(result).toLowerCase(),
}

/**
 * What is asked for a program behind our door, of one provider also under a quorum: nothing of ours rests on it, and honest
 * providers spell logs and receipts in different ways.
 */
const forOthers: Method = {
  asked: 'one',
  maxBytes: 16 * MIB,
  read: (result) => answers.readForOthers(result),
  canonical: (result) => JSON.stringify(result),
}
const FOR_OTHERS = [
  'eth_blobBaseFee',
  'eth_createAccessList',
  'eth_getBlockReceipts',
  'eth_getBlockTransactionCountByHash',
  'eth_getBlockTransactionCountByNumber',
  'eth_getFilterChanges',
  'eth_getFilterLogs',
  'eth_getLogs',
  'eth_getTransactionByBlockHashAndIndex',
  'eth_getTransactionByBlockNumberAndIndex',
  'eth_newBlockFilter',
  'eth_newFilter',
  'eth_newPendingTransactionFilter',
  'eth_syncing',
  'eth_uninstallFilter',
]

/** Every method that this house asks of a provider. */
export const METHODS: Readonly<Record<string, Method>> = {
  ...Object.fromEntries(FOR_OTHERS.map((name) => [name, forOthers])),
  eth_chainId: quantity('agree'),
  eth_blockNumber: quantity('one'),
  eth_getBalance: quantity('agree', 1),
  eth_getTransactionCount: quantity('agree', 1),
  eth_getStorageAt: quantity('agree', 2),
  eth_getCode: bytes(1, 256 * KIB),
  eth_call: bytes(1, 4 * MIB),
  eth_getBlockByNumber: block,
  eth_getBlockByHash: block,
  eth_getTransactionByHash: lookup('hash'),
  eth_getTransactionReceipt: lookup('transactionHash'),
  debug_traceTransaction: traceTransaction,
  eth_sendRawTransaction: {
    asked: 'all',
    maxBytes: 4 * KIB,
    read: (result) => {
      answers.check(answers.isHash(result), 'it is not a hash')
      return result
    },
    canonical: (result) => (result as string).toLowerCase(),
  },
  // What waits stands on no chain: everyone is asked, and each transaction that anyone shows counts.
  txpool_contentFrom: {
    asked: 'all',
    maxBytes: 4 * MIB,
    read: answers.readPool,
    canonical: (result) => JSON.stringify(result).toLowerCase(),
  },
  eth_getTransactionBySenderAndNonce: {
    asked: 'all',
    maxBytes: MIB,
    read: (result) => (result === null ? null : answers.readTransaction(result)),
    canonical: (result) => JSON.stringify(result).toLowerCase(),
  },
  // No verdict rests on a suggested price.
  eth_maxPriorityFeePerGas: quantity('one'),
  eth_gasPrice: quantity('one'),
  eth_feeHistory: {
    asked: 'one',
    maxBytes: MIB,
    read: answers.readFeeHistory,
    canonical: (result) => JSON.stringify(result),
  },
  eth_estimateGas: { ...quantity('one'), blockAt: 1 },
  linea_estimateGas: {
    asked: 'one',
    maxBytes: 4 * KIB,
    read: answers.readLineaEstimate,
    canonical: (result) => JSON.stringify(result).toLowerCase(),
  },
  net_version: {
    asked: 'one',
    maxBytes: 4 * KIB,
    read: (result) => {
      answers.check(typeof result === 'string' && /^\d{1,20}$/.test(result), 'it is not a number')
      return result
    },
    canonical: String,
  },
  // Proofs prove themselves against the state root.
  eth_getProof: {
    asked: 'one',
    maxBytes: 16 * MIB,
    blockAt: 2,
    read: answers.readProof,
    canonical: (result) => JSON.stringify(result),
  },
  eth_simulateV1: {
    asked: 'agree',
    maxBytes: 64 * MIB,
    blockAt: 1,
    read: answers.readSimulated,
    canonical: answers.canonicalSimulated,
  },
  debug_traceCall: traceCall,
  // What one fails to name in a whole block could hide a change.
  debug_traceBlockByHash: {
    asked: 'refused',
    maxBytes: 64 * MIB,
    read: answers.readBlockTrace,
    canonical: (result) => JSON.stringify(result),
  },
}

export function methodOf(name: string): Method | null {
  return Object.hasOwn(METHODS, name) ? (METHODS[name] ?? null) : null
}

/** The largest answer to a batch that is read, in bytes: each call's own, and room for the envelopes. */
export function maxBytesOf(calls: readonly { readonly method: string }[]): number {
  const sum = calls.reduce((total, { method }) => total + (methodOf(method)?.maxBytes ?? MIB) + KIB, 64 * KIB)
  return Math.min(64 * MIB, sum)
}
