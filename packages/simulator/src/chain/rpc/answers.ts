import { USED_HEADER_FIELDS } from '../../model/Block.ts'
import type { Hex } from '@countersign/base'

/** The result does not have the shape that its method promises. */
export class UnreadableAnswer extends Error {
  override readonly name = 'simulator.UnreadableAnswer'
}

/** Depth of a call tree: 1,024 calls (Yellow Paper, section 9.4.2) and some room. Deeper is no call tree. */
const MAX_FRAME_DEPTH = 1_100
/** Blocks hold transactions, which hold access lists, which hold keys. */
const MAX_DEPTH = 8

export function isHex(value: unknown): value is Hex.Hex {
  return typeof value === 'string' && /^0x[0-9a-f]*$/i.test(value)
}

export function isQuantity(value: unknown): value is Hex.Hex {
  return typeof value === 'string' && /^0x[0-9a-f]{1,64}$/i.test(value)
}

export function isBytes(value: unknown): value is Hex.Hex {
  return isHex(value) && value.length % 2 === 0
}

export function isHash(value: unknown): value is Hex.Hex {
  return isHex(value) && value.length === 66
}

export function isAddress(value: unknown): value is string {
  return isHex(value) && value.length === 42
}

/** @throws {UnreadableAnswer} */
export function check(isSo: boolean, what: string): asserts isSo {
  if (!isSo) throw new UnreadableAnswer(what)
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * The fields of blocks, transactions, receipts, logs and fee histories (ethereum/execution-apis; OP Stack and Arbitrum
 * add some). Everything else that a provider puts into an answer is dropped: it is untrusted text.
 */
const FIELDS: ReadonlySet<string> = new Set(
  `number hash parentHash sha3Uncles miner stateRoot transactionsRoot receiptsRoot logsBloom difficulty totalDifficulty
  gasLimit gasUsed timestamp extraData mixHash nonce baseFeePerGas withdrawalsRoot blobGasUsed excessBlobGas
  parentBeaconBlockRoot requestsHash size uncles transactions withdrawals index validatorIndex address amount
  l1BlockNumber sendCount sendRoot type from to value input gas gasPrice maxFeePerGas maxPriorityFeePerGas
  maxFeePerBlobGas blobVersionedHashes blockHash blockNumber transactionIndex chainId accessList storageKeys
  authorizationList yParity v r s sourceHash mint isSystemTx depositReceiptVersion depositNonce transactionHash
  cumulativeGasUsed effectiveGasPrice contractAddress logs status root blobGasPrice logIndex topics data removed
  blockTimestamp l1Fee l1GasPrice l1GasUsed l1FeeScalar l1BaseFeeScalar l1BlobBaseFee l1BlobBaseFeeScalar
  operatorFeeScalar operatorFeeConstant gasUsedForL1 oldestBlock gasUsedRatio reward baseFeePerBlobGas
  blobGasUsedRatio startingBlock currentBlock highestBlock`.split(/\s+/),
)

/** Numbers, hex, and known fields that hold such; no other text of the provider. @throws {UnreadableAnswer} */
function clean(value: unknown, depth = 0): unknown {
  check(depth <= MAX_DEPTH, 'it is nested too deep')
  if (value === null || typeof value === 'boolean' || isHex(value)) return value
  if (typeof value === 'number') {
    check(Number.isFinite(value), 'it is not a number')
    return value
  }
  if (Array.isArray(value)) return value.map((each) => clean(each, depth + 1))
  check(isRecord(value), 'it holds text')
  const kept: Record<string, unknown> = {}
  for (const [key, each] of Object.entries(value)) {
    if (FIELDS.has(key) && (typeof each !== 'string' || isHex(each))) kept[key] = clean(each, depth + 1)
  }
  return kept
}

/** What only a program behind our door reads: nothing of ours rests on it, and no text passes. @throws {UnreadableAnswer} */
export function readForOthers(result: unknown): unknown {
  check(result !== undefined, 'there is no answer')
  return clean(result)
}

/** A header as everything else rests on it, with the rest of the block. @throws {UnreadableAnswer} */
export function readBlock(result: unknown): unknown {
  const block = clean(result)
  check(isRecord(block), 'it is not a block')
  for (const field of ['number', 'timestamp', 'gasLimit', 'gasUsed'] as const) check(isQuantity(block[field]), field)
  for (const field of ['hash', 'parentHash', 'stateRoot'] as const) check(isHash(block[field]), field)
  check(isAddress(block['miner']), 'miner')
  if (block['mixHash'] !== undefined) check(isHash(block['mixHash']), 'mixHash')
  // Before EIP-1559, and on some chains, it is absent or null.
  const { baseFeePerGas, ...rest } = block
  const isPriced = baseFeePerGas !== undefined && baseFeePerGas !== null
  if (isPriced) check(isQuantity(baseFeePerGas), 'baseFeePerGas')
  const transactions = block['transactions'] ?? []
  check(Array.isArray(transactions), 'transactions')
  const withdrawals = block['withdrawals'] ?? []
  check(Array.isArray(withdrawals), 'withdrawals')
  for (const each of withdrawals) check(isRecord(each) && isAddress(each['address']), 'withdrawals')
  return {
    ...rest,
    ...(isPriced ? { baseFeePerGas } : {}),
    transactions: transactions.map((each: unknown) => (isHash(each) ? each : readTransaction(each))),
  }
}

/** What waits for the next block: of the block itself nodes leave hash, builder and number out. @throws {UnreadableAnswer} */
export function readPendingBlock(result: unknown): unknown {
  const block = clean(result)
  check(isRecord(block), 'it is not a block')
  const transactions = block['transactions'] ?? []
  check(Array.isArray(transactions), 'transactions')
  return {
    ...block,
    transactions: transactions.map((each: unknown) => (isHash(each) ? each : readTransaction(each))),
  }
}

/** @throws {UnreadableAnswer} */
export function readTransaction(result: unknown): unknown {
  const transaction = clean(result)
  check(isRecord(transaction), 'it is not a transaction')
  const { hash, from, to, value, nonce, input, data, blockHash, blockNumber, chainId } = transaction
  check(isHash(hash), 'hash')
  check(isAddress(from), 'from')
  check(to === null || to === undefined || isAddress(to), 'to')
  for (const [name, each] of Object.entries({ value, nonce })) check(isQuantity(each), name)
  const bytes = input ?? data
  check(isBytes(bytes), 'input')
  const isMined = blockHash !== null && blockHash !== undefined
  check(isMined ? isHash(blockHash) && isQuantity(blockNumber) : true, 'blockHash')
  check(chainId === undefined || chainId === null || isQuantity(chainId), 'chainId')
  const { chainId: _, data: __, ...rest } = transaction
  return {
    ...rest,
    ...(isQuantity(chainId) ? { chainId } : {}),
    to: to ?? null,
    input: bytes,
    blockHash: isMined ? blockHash : null,
    blockNumber: isMined ? blockNumber : null,
  }
}

/** The transactions that wait, of one account, by nonce. @throws {UnreadableAnswer} */
export function readPool(result: unknown): readonly unknown[] {
  check(isRecord(result), 'it is not a pool')
  return ['pending', 'queued'].flatMap((name) => {
    const byNonce = result[name] ?? {}
    check(isRecord(byNonce), name)
    return Object.values(byNonce).map((each) => readTransaction(each))
  })
}

/** @throws {UnreadableAnswer} */
export function readReceipt(result: unknown): unknown {
  const receipt = clean(result)
  check(isRecord(receipt), 'it is not a receipt')
  const { transactionHash, blockHash, blockNumber, status, from, to, contractAddress, logs } = receipt
  check(isHash(transactionHash), 'transactionHash')
  check(isHash(blockHash) && isQuantity(blockNumber), 'blockHash')
  check(isQuantity(status) && BigInt(status) <= 1n, 'status')
  check(isAddress(from), 'from')
  for (const each of [to, contractAddress])
    check(each === null || each === undefined || isAddress(each), 'to or contractAddress')
  check(Array.isArray(logs), 'logs')
  return { ...receipt, to: to ?? null, contractAddress: contractAddress ?? null, logs: readLogs(logs) }
}

function readLogs(logs: readonly unknown[]): readonly unknown[] {
  for (const log of logs) {
    check(isRecord(log), 'logs')
    const { address, topics, data } = log
    check(isAddress(address) && isBytes(data) && Array.isArray(topics) && topics.every(isHash), 'logs')
  }
  return logs
}

/** Gas and prices as Linea's own estimate has them. @throws {UnreadableAnswer} */
export function readLineaEstimate(result: unknown): unknown {
  check(isRecord(result), 'it is not an estimate')
  const { gasLimit, baseFeePerGas, priorityFeePerGas } = result
  for (const each of [gasLimit, baseFeePerGas, priorityFeePerGas]) check(isQuantity(each), 'a quantity')
  return { gasLimit, baseFeePerGas, priorityFeePerGas }
}

/** Why a call failed, in words of ours: a node's own text is untrusted. */
export function haltOf(error: string): string {
  if (/revert/i.test(error)) return 'execution reverted'
  if (/out ?of ?gas/i.test(error)) return 'out of gas'
  if (/invalid ?opcode|InvalidFEOpcode|OpcodeNotFound/i.test(error)) return 'invalid opcode'
  if (/stack/i.test(error)) return 'stack limit reached'
  if (/invalid ?jump/i.test(error)) return 'invalid jump destination'
  if (/insufficient (balance|funds)|out ?of ?funds/i.test(error)) return 'insufficient balance for transfer'
  if (/write protection|static/i.test(error)) return 'write protection'
  return 'execution failed'
}

/** A frame of `callTracer` with all below it. @throws {UnreadableAnswer} */
export function readFrame(value: unknown, depth = 0): Record<string, unknown> {
  check(depth <= MAX_FRAME_DEPTH, 'the call tree is too deep')
  check(isRecord(value), 'it is not a call')
  const { type, from, to, value: sent, gas, gasUsed, input, output, error, calls, logs } = value
  check(typeof type === 'string' && /^[A-Z][A-Z0-9]{1,15}$/.test(type), 'type')
  check(isAddress(from), 'from')
  check(to === undefined || to === null || isAddress(to), 'to')
  for (const each of [sent, gas, gasUsed]) check(each === undefined || each === null || isQuantity(each), 'a quantity')
  for (const each of [input, output]) check(each === undefined || each === null || isBytes(each), 'input or output')
  check(error === undefined || error === null || typeof error === 'string', 'error')
  check(calls === undefined || calls === null || Array.isArray(calls), 'calls')
  check(logs === undefined || logs === null || Array.isArray(logs), 'logs')
  return {
    type,
    from,
    ...present({ to, value: sent, gas, gasUsed, input, output }),
    ...(typeof error === 'string' ? { error: haltOf(error) } : {}),
    ...(Array.isArray(logs) ? { logs: readLogs(clean(logs) as unknown[]) } : {}),
    ...(Array.isArray(calls) ? { calls: calls.map((call) => readFrame(call, depth + 1)) } : {}),
  }
}

function present(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null))
}

/** Accounts as `prestateTracer` names them. @throws {UnreadableAnswer} */
export function readPrestate(value: unknown): unknown {
  check(isRecord(value), 'it does not name accounts')
  for (const [address, account] of Object.entries(value)) {
    check(isAddress(address), 'an account has no address')
    check(isRecord(account), 'an account is missing')
    const { balance, nonce, code, storage } = account
    check(balance === undefined || isQuantity(balance), 'balance')
    check(nonce === undefined || isQuantity(nonce) || Number.isSafeInteger(nonce), 'nonce')
    check(code === undefined || isBytes(code), 'code')
    check(storage === undefined || isRecord(storage), 'storage')
    for (const [slot, word] of Object.entries(storage ?? {})) check(isQuantity(slot) && isQuantity(word), 'storage')
  }
  return value
}

/** @throws {UnreadableAnswer} */
export function readStateDiff(value: unknown): unknown {
  check(isRecord(value), 'it is not a state diff')
  return { pre: readPrestate(value['pre']), post: readPrestate(value['post']) }
}

/** Answer of `debug_traceBlockByHash`: one entry a transaction. @throws {UnreadableAnswer} */
export function readBlockTrace(value: unknown): unknown {
  check(Array.isArray(value), 'it is not a list')
  return value.map((each: unknown) => {
    check(isRecord(each), 'a transaction is missing')
    const { txHash, result } = each
    check(txHash === undefined || isHash(txHash), 'txHash')
    return { ...present({ txHash }), ...(isRecord(result) ? { result: readStateDiff(result) } : {}) }
  })
}

/** Answer of `eth_simulateV1`: blocks with calls. @throws {UnreadableAnswer} */
export function readSimulated(value: unknown): unknown {
  check(Array.isArray(value), 'it is not a list of blocks')
  return value.map((block: unknown) => {
    check(isRecord(block), 'a block is missing')
    const calls = block['calls'] ?? []
    check(Array.isArray(calls), 'calls')
    return {
      calls: calls.map((call: unknown) => {
        check(isRecord(call), 'a call is missing')
        const { status, gasUsed, returnData, logs = [], error } = call
        check(isQuantity(status) && isQuantity(gasUsed) && isBytes(returnData), 'status, gasUsed or returnData')
        check(Array.isArray(logs), 'logs')
        const read = { status, gasUsed, returnData, logs: readLogs(clean(logs) as unknown[]) }
        if (!isRecord(error)) return read
        const { code, message, data } = error
        return {
          ...read,
          error: {
            ...(Number.isSafeInteger(code) ? { code } : {}),
            message: haltOf(typeof message === 'string' ? message : ''),
            ...(isBytes(data) ? { data } : {}),
          },
        }
      }),
    }
  })
}

/** Answer of `eth_getProof` (EIP-1186). @throws {UnreadableAnswer} */
export function readProof(value: unknown): unknown {
  check(isRecord(value), 'it is not a proof')
  const { accountProof, storageProof } = value
  check(Array.isArray(accountProof) && accountProof.every(isBytes), 'accountProof')
  check(Array.isArray(storageProof), 'storageProof')
  for (const each of storageProof) {
    check(isRecord(each) && isHex(each['key']) && Array.isArray(each['proof']), 'storageProof')
    check((each['proof'] as unknown[]).every(isBytes), 'storageProof')
  }
  return value
}

/** @throws {UnreadableAnswer} */
export function readFeeHistory(value: unknown): unknown {
  const history = clean(value)
  check(isRecord(history) && isQuantity(history['oldestBlock']), 'oldestBlock')
  return history
}

/** Letter case and leading zeros aside. */
export function spelled(value: unknown): string | null {
  return typeof value === 'string' ? value.toLowerCase().replace(/^0x0+(?=.)/, '0x') : null
}

/** What the chain decides of a block; nodes add the rest. */
export function canonicalBlock(result: unknown): string {
  if (!isRecord(result)) return 'null'
  const transactions = (result['transactions'] ?? []) as readonly unknown[]
  return JSON.stringify([
    USED_HEADER_FIELDS.map((field) => spelled(result[field])),
    transactions.map((each) => (typeof each === 'string' ? spelled(each) : canonicalTransaction(each))),
  ])
}

/** The bytes of a transaction. Where it stands is told apart: of two honest nodes one may not have its block yet. */
export function canonicalTransaction(result: unknown): string {
  if (!isRecord(result)) return 'null'
  return JSON.stringify(['hash', 'from', 'to', 'value', 'input', 'nonce'].map((field) => canonicalField(result, field)))
}

export function canonicalReceipt(result: unknown): string {
  if (!isRecord(result)) return 'null'
  const fields = ['transactionHash', 'blockHash', 'blockNumber', 'status', 'from', 'to', 'contractAddress', 'gasUsed']
  return JSON.stringify([fields.map((field) => canonicalField(result, field)), canonicalLogs(result['logs'])])
}

function canonicalField(result: Readonly<Record<string, unknown>>, field: string): string | null {
  const value = result[field]
  // Input is bytes: its leading zeros count.
  if (field === 'input') return typeof value === 'string' ? value.toLowerCase() : null
  return spelled(value)
}

function canonicalLogs(logs: unknown): string[][] {
  return ((logs ?? []) as { address: string; topics: string[]; data: string }[]).map(({ address, topics, data }) =>
    [address, ...topics, data].map((part) => part.toLowerCase()),
  )
}

export function canonicalSimulated(result: unknown): string {
  return JSON.stringify(
    (result as { calls: Record<string, unknown>[] }[]).map(({ calls }) =>
      calls.map(({ status, gasUsed, returnData, logs }) => [
        spelled(status),
        spelled(gasUsed),
        (returnData as string).toLowerCase(),
        canonicalLogs(logs),
      ]),
    ),
  )
}

/** The calls of a trace: who called whom with what, and which failed. Gas and words differ between nodes. */
export function canonicalFrame(result: unknown): string {
  const lines: unknown[] = []
  const walk = (frame: unknown, depth: number): void => {
    if (!isRecord(frame)) return
    const { type, from, to, value, input, error, calls } = frame
    const bytes = typeof input === 'string' ? input.toLowerCase() : '0x'
    lines.push([depth, type, spelled(from), spelled(to), spelled(value) ?? '0x0', bytes, error !== undefined])
    for (const call of (calls ?? []) as unknown[]) walk(call, depth + 1)
  }
  walk(result, 0)
  return JSON.stringify(lines)
}
