// oxlint-disable no-underscore-dangle -- the library's own names, see RunState
import type { Common } from '@ethereumjs/common'
import { EVMError, type EVM } from '@ethereumjs/evm'
import type { Address } from '@ethereumjs/util'
import type { CallTrace } from './CallTrace.ts'
import { hexOf } from './hex.ts'
import type { OverlayState } from './OverlayState.ts'

/**
 * What we use of the library's interpreter beyond its published surface (`@ethereumjs/evm` 10.1.3, pinned). The
 * stock loop awaits each opcode and looks for jump destinations anew in each call; ours awaits only what is a
 * promise and analyses each code once. Handlers and gas rules stay the library's.
 */
export interface RunState {
  programCounter: number
  opCode: number
  readonly memory: {
    readonly _store: Uint8Array
    read(offset: number, size: number, avoidCopy?: boolean): Uint8Array
    extend(offset: number, size: number): void
  }
  memoryWordCount: bigint
  highestMemCost: bigint
  readonly stack: {
    peek(count: number): bigint[]
    pop(): bigint
    popN(count: number): bigint[]
    push(value: bigint): void
  }
  code: Uint8Array
  gasLeft: bigint
  readonly messageGasLimit?: bigint
  readonly env: { readonly address: Address; readonly contract: { readonly balance: bigint }; readonly depth: number }
  readonly interpreter: Interpreter
}

interface Interpreter {
  readonly _evm: { readonly _opcodeMap: readonly OpcodeEntry[] }
  readonly _runState: RunState
  readonly journal: EVM['journal']
  readonly _result: {
    readonly logs: readonly (readonly [address: Uint8Array, topics: Uint8Array[], data: Uint8Array])[]
  }
  readonly common: Common
}

type Handler = (runState: RunState, common: Common) => void | Promise<void>
type GasHandler = (runState: RunState, gas: bigint, common: Common) => bigint | Promise<bigint>

interface OpcodeEntry {
  readonly opcodeInfo: {
    readonly feeBigInt: bigint
    readonly dynamicGas: boolean
    readonly isInvalid: boolean
  }
  readonly opHandler: Handler
  readonly gasHandler: GasHandler
}

/** What is watched in the run under way. An EVM runs one thing at a time. */
export interface Watch {
  trace: CallTrace
  /** The opcode whose message is about to begin: a message does not say by itself what it was called by. */
  callType: string
  /** Null: nobody asked for environment reads and preimages. */
  seen: Seen | null
}

export interface Seen {
  readonly environment: Set<string>
  readonly preimages: Map<string, string>
  /** Bytes that preimages may still take. */
  preimageBytesLeft: number
  /** Something that was hashed was not kept, so a slot may stay closed that could be opened. */
  isPreimageLost: boolean
}

export function nothingSeen(): Seen {
  return {
    environment: new Set(),
    preimages: new Map(),
    preimageBytesLeft: PREIMAGE_BYTES.inAll,
    isPreimageLost: false,
  }
}

const ENVIRONMENT: readonly (readonly [code: number, name: string])[] = [
  [0x3a, 'GASPRICE'],
  [0x40, 'BLOCKHASH'],
  [0x41, 'COINBASE'],
  [0x42, 'TIMESTAMP'],
  [0x43, 'NUMBER'],
  [0x44, 'PREVRANDAO'],
  [0x45, 'GASLIMIT'],
  [0x46, 'CHAINID'],
  [0x48, 'BASEFEE'],
  [0x49, 'BLOBHASH'],
  [0x4a, 'BLOBBASEFEE'],
]

const KECCAK256 = 0x20
const MLOAD = 0x51
const MSTORE = 0x52
const MSTORE8 = 0x53
const SLOAD = 0x54
const JUMP = 0x56
const JUMPI = 0x57
const GAS = 0x5a
const JUMPDEST = 0x5b
const PUSH1 = 0x60
const PUSH32 = 0x7f
const LOG0 = 0xa0
const LOG4 = 0xa4
const RETURN = 0xf3
const REVERT = 0xfd
const SELFDESTRUCT = 0xff

/** Call opcodes, and where on the stack the ether stands and the input begins; -1 where none is sent. */
const CALLS: readonly (readonly [code: number, type: string, value: number, input: number])[] = [
  [0xf0, 'CREATE', 0, 1],
  [0xf1, 'CALL', 2, 3],
  [0xf2, 'CALLCODE', 2, 3],
  [0xf4, 'DELEGATECALL', -1, 2],
  [0xf5, 'CREATE2', 0, 1],
  [0xfa, 'STATICCALL', -1, 2],
]
/** Gas asked for right before one of these means "all of it". */
const TAKES_ALL_GAS = new Set<number | undefined>([0xf1, 0xf2, 0xf4, 0xfa])
/** Yellow Paper, §9: how deep calls may go. */
const MAX_DEPTH = 1024
/** Yellow Paper, G_callstipend: what a call that sends ether gets on top. */
const CALL_STIPEND = 2_300n
/** Keys are hashed from an account up, with texts, purposes and parties. What is beyond the budget is told as lost. */
const MAX_PREIMAGES = 10_000
const PREIMAGE_BYTES = { min: 20n, max: 8_192n, inAll: 2 ** 21 }

/**
 * Puts our loop and our watching into an EVM. Instead of a hook on each step only the opcodes concerned are
 * wrapped, so that a run pays for what it does.
 */
export async function instrument(evm: EVM, state: OverlayState, watch: Watch): Promise<void> {
  const entries = (evm as unknown as { readonly _opcodeMap: OpcodeEntry[] })._opcodeMap
  const wrap = (code: number, make: (original: Handler) => Handler): void => {
    const entry = entries[code]
    // A code that the fork does not know shares the entry of INVALID, which must stay as it is.
    if (entry === undefined || entry.opcodeInfo.isInvalid) return
    entries[code] = { ...entry, opHandler: make(entry.opHandler) }
  }

  await replaceLoop(evm, entries)
  wrap(JUMP, () => (runState) => jump(runState, runState.stack.pop()))
  wrap(JUMPI, () => (runState) => {
    const target = runState.stack.pop()
    if (runState.stack.pop() !== 0n) jump(runState, target)
  })
  wrap(MLOAD, () => (runState) => runState.stack.push(readWord(runState, Number(runState.stack.pop()))))
  wrap(MSTORE, () => (runState) => {
    const offset = Number(runState.stack.pop())
    writeWord(runState, offset, runState.stack.pop())
  })
  wrap(SLOAD, () => (runState) => {
    const slot = hexOf(wordBytes(runState.stack.pop()))
    runState.stack.push(numberOf(state.readSlot(runState.env.address.toString(), slot)))
  })
  for (const [code, gasHandler] of SYNC_GAS) {
    const entry = entries[code]
    if (entry !== undefined) entries[code] = { ...entry, gasHandler }
  }
  for (let code = PUSH1; code <= PUSH32; code += 1) wrap(code, () => pushOf(code - PUSH1 + 1))

  for (const [code, name] of ENVIRONMENT) {
    wrap(code, (original) => (runState, common) => {
      watch.seen?.environment.add(name)
      return original(runState, common)
    })
  }
  wrap(GAS, (original) => (runState, common) => {
    const next = runState.code[runState.programCounter]
    if (watch.seen !== null && !TAKES_ALL_GAS.has(next)) watch.seen.environment.add('GAS')
    return original(runState, common)
  })
  wrap(KECCAK256, (original) => (runState, common) => {
    if (watch.seen === null) return original(runState, common)
    const [offset = 0n, length = 0n] = runState.stack.peek(2)
    if (length < PREIMAGE_BYTES.min) return original(runState, common)
    const isKept =
      length <= PREIMAGE_BYTES.max &&
      Number(length) <= watch.seen.preimageBytesLeft &&
      watch.seen.preimages.size < MAX_PREIMAGES
    if (!isKept) {
      watch.seen.isPreimageLost = true
      return original(runState, common)
    }
    watch.seen.preimageBytesLeft -= Number(length)
    const preimage = hexOf(runState.memory.read(Number(offset), Number(length), true))
    void original(runState, common)
    const [hash = 0n] = runState.stack.peek(1)
    watch.seen.preimages.set(`0x${hash.toString(16).padStart(64, '0')}`, preimage)
  })
  for (let code = LOG0; code <= LOG4; code += 1) {
    wrap(code, (original) => (runState, common) => {
      void original(runState, common)
      const log = runState.interpreter._result.logs.at(-1)
      if (log !== undefined) watch.trace.log(hexOf(log[0]), log[1], log[2])
    })
  }
  for (const [code, type, value, input] of CALLS) {
    wrap(code, (original) => (runState, common) => {
      watch.callType = type
      const { address, contract, depth } = runState.env
      const operands = runState.stack.peek(value < 0 ? input + 2 : Math.max(value, input + 1) + 1)
      const sent = value < 0 ? 0n : (operands[value] ?? 0n)
      if (depth >= MAX_DEPTH || contract.balance < sent) {
        // The library answers these without a message; nodes show them as calls that failed.
        const [offset = 0n, length = 0n] = operands.slice(input)
        watch.trace.failed(
          {
            type,
            from: address.toString(),
            to: type.startsWith('CREATE') ? null : wordAddress(operands[1] ?? 0n),
            value: value < 0 ? null : sent,
            gas: (runState.messageGasLimit ?? 0n) + (sent > 0n && !type.startsWith('CREATE') ? CALL_STIPEND : 0n),
            input: runState.memory.read(Number(offset), Number(length), true),
          },
          depth >= MAX_DEPTH ? 'max call depth exceeded' : INSUFFICIENT_BALANCE,
        )
      }
      return original(runState, common)
    })
  }
  wrap(SELFDESTRUCT, (original) => (runState, common) => {
    const { address, contract } = runState.env
    watch.trace.enter({
      type: 'SELFDESTRUCT',
      from: address.toString(),
      to: wordAddress(runState.stack.peek(1)[0] ?? 0n),
      value: contract.balance,
      gas: 0n,
      input: NOTHING,
    })
    watch.trace.exit({ gasUsed: 0n, output: NOTHING, error: null, created: null })
    return original(runState, common)
  })
}

export const INSUFFICIENT_BALANCE = 'insufficient balance for transfer'
const NOTHING = new Uint8Array(0)

function wordAddress(word: bigint): string {
  return `0x${BigInt.asUintN(160, word).toString(16).padStart(40, '0')}`
}

/** What is known of a code, found once and kept as long as the code itself. */
interface Analysis {
  /** 1 where a jump may go. */
  readonly targets: Uint8Array
  /** What the PUSH before this position pushes, filled in as it is come to. */
  readonly pushes: (bigint | undefined)[]
}

const analyses = new WeakMap<Uint8Array, Analysis>()

function analysisOf(code: Uint8Array): Analysis {
  const known = analyses.get(code)
  if (known !== undefined) return known
  const targets = new Uint8Array(code.length)
  for (let i = 0; i < code.length; i += 1) {
    const opcode = code[i] as number
    if (opcode === JUMPDEST) targets[i] = 1
    else if (opcode >= PUSH1 && opcode <= PUSH32) i += opcode - PUSH1 + 1
  }
  const analysis = { targets, pushes: [] }
  analyses.set(code, analysis)
  return analysis
}

function jump(runState: RunState, target: bigint): void {
  const { code } = runState
  if (target >= code.length || analysisOf(code).targets[Number(target)] !== 1) {
    // The stock handler hashes the whole code for its message: a millisecond for each failing call.
    throw new EVMError(EVMError.errorMessages.INVALID_JUMP)
  }
  runState.programCounter = Number(target)
}

function pushOf(size: number): Handler {
  return (runState) => {
    const { code, programCounter } = runState
    const { pushes } = analysisOf(code)
    let value = pushes[programCounter]
    if (value === undefined) {
      value = 0n
      for (let i = 0; i < size; i += 1) value = (value << 8n) | BigInt(code[programCounter + i] ?? 0)
      pushes[programCounter] = value
    }
    runState.programCounter = programCounter + size
    runState.stack.push(value)
  }
}

/**
 * What memory costs. The stock handlers are async functions throughout, which is a promise for each load and store;
 * these, and SLOAD's (EIP-2929), are the ones that programs do most.
 * Yellow Paper, appendix H: 3 for each word and the square of the words over 512, as far as memory grows.
 */
function memoryGas(runState: RunState, offset: bigint, length: bigint): bigint {
  if (length === 0n) return 0n
  const words = (offset + length + 31n) / 32n
  if (words <= runState.memoryWordCount) return 0n
  const cost = words * 3n + (words * words) / 512n
  const more = cost - runState.highestMemCost
  runState.highestMemCost = cost
  runState.memoryWordCount = words
  return more
}

const SYNC_GAS: readonly (readonly [code: number, gas: GasHandler])[] = [
  [MLOAD, (runState, gas) => gas + memoryGas(runState, runState.stack.peek(1)[0] as bigint, 32n)],
  [MSTORE, (runState, gas) => gas + memoryGas(runState, runState.stack.peek(1)[0] as bigint, 32n)],
  [MSTORE8, (runState, gas) => gas + memoryGas(runState, runState.stack.peek(1)[0] as bigint, 1n)],
  [
    SLOAD,
    (runState, gas, common) => {
      const { journal } = runState.interpreter
      const address = runState.env.address.bytes
      const slot = wordBytes(runState.stack.peek(1)[0] as bigint)
      if (journal.isWarmedStorage(address, slot)) return gas + common.param('warmstoragereadGas')
      journal.addWarmedStorage(address, slot)
      return gas + common.param('coldsloadGas')
    },
  ],
  [RETURN, rangeGas],
  [REVERT, rangeGas],
  [
    KECCAK256,
    (runState, gas) => {
      const [offset = 0n, length = 0n] = runState.stack.peek(2)
      // 6 for each word (Yellow Paper, G_keccak256word).
      return gas + memoryGas(runState, offset, length) + 6n * ((length + 31n) / 32n)
    },
  ],
]

function rangeGas(runState: RunState, gas: bigint): bigint {
  const [offset = 0n, length = 0n] = runState.stack.peek(2)
  return gas + memoryGas(runState, offset, length)
}

function readWord({ memory }: RunState, offset: number): bigint {
  memory.extend(offset, 32)
  const store = memory._store
  const view = new DataView(store.buffer, store.byteOffset + offset, 32)
  return (
    (view.getBigUint64(0) << 192n) |
    (view.getBigUint64(8) << 128n) |
    (view.getBigUint64(16) << 64n) |
    view.getBigUint64(24)
  )
}

function wordBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32)
  putWord(new DataView(bytes.buffer), value)
  return bytes
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(hexOf(bytes))
}

function putWord(view: DataView, value: bigint): void {
  // What is too large for a part is cut to 64 bits by the view itself.
  view.setBigUint64(0, value >> 192n)
  view.setBigUint64(8, value >> 128n)
  view.setBigUint64(16, value >> 64n)
  view.setBigUint64(24, value)
}

function writeWord({ memory }: RunState, offset: number, value: bigint): void {
  memory.extend(offset, 32)
  const store = memory._store
  putWord(new DataView(store.buffer, store.byteOffset + offset, 32), value)
}

let isReplaced = false

/**
 * The library does not export its interpreter, so the class is taken from a first run of one STOP. All EVMs of the
 * thread share it, and each keeps its own opcodes.
 */
async function replaceLoop(evm: EVM, entries: OpcodeEntry[]): Promise<void> {
  if (isReplaced) return
  const stop = entries[0]
  if (stop === undefined) throw new Error('every fork knows STOP')
  let prototype: { run: typeof run } | null = null
  entries[0] = {
    ...stop,
    opHandler: (runState, common) => {
      prototype = Object.getPrototypeOf(runState.interpreter) as { run: typeof run }
      return stop.opHandler(runState, common)
    },
  }
  await evm.runCode({ code: Uint8Array.of(0), gasLimit: 1n })
  entries[0] = stop
  if (prototype === null) throw new Error('a STOP that is run reaches its handler')
  ;(prototype as { run: typeof run }).run = run
  isReplaced = true
}

async function run(this: Interpreter, code: Uint8Array): Promise<{ runState: RunState; exceptionError?: unknown }> {
  const runState = this._runState
  const { common } = this
  const entries = this._evm._opcodeMap
  runState.code = code
  try {
    while (runState.programCounter < code.length) {
      const opcode = code[runState.programCounter] as number
      runState.opCode = opcode
      const { opcodeInfo, opHandler, gasHandler } = entries[opcode] as OpcodeEntry
      let gas = opcodeInfo.feeBigInt
      if (opcodeInfo.dynamicGas) {
        const asked = gasHandler(runState, gas, common)
        gas = typeof asked === 'bigint' ? asked : await asked
      }
      if (opcodeInfo.isInvalid) throw new EVMError(EVMError.errorMessages.INVALID_OPCODE)
      runState.gasLeft -= gas
      if (runState.gasLeft < 0n) {
        runState.gasLeft = 0n
        throw new EVMError(EVMError.errorMessages.OUT_OF_GAS)
      }
      runState.programCounter += 1
      const under = opHandler(runState, common)
      if (under !== undefined) await under
    }
  } catch (error) {
    if (!(error instanceof EVMError)) throw error
    // STOP, RETURN and SELFDESTRUCT end a run by throwing, too.
    if (error.error !== EVMError.errorMessages.STOP) return { runState, exceptionError: error }
  }
  return { runState }
}
