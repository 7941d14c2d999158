import { Common, Hardfork, Mainnet } from '@ethereumjs/common'
import {
  createEVM,
  EVMError,
  getActivePrecompiles,
  type EVM,
  type Message,
  type PrecompileFunc,
  type PrecompileInput,
} from '@ethereumjs/evm'
import { Address } from '@ethereumjs/util'
import { applyAuthorizations } from './applyAuthorizations.ts'
import { CallTrace, REVERTED, TraceLimit, type OpenFrame } from './CallTrace.ts'
import { bytesOf, hexOf, trimmed } from './hex.ts'
import { INSUFFICIENT_BALANCE, instrument, nothingSeen, type Watch } from './interpreter.ts'
import { intrinsicGas, invalidity } from './intrinsicGas.ts'
import { codeOf, NO_CODE, OverlayState, type AccountState, type Code } from './OverlayState.ts'
import type { WireInput, WireResult } from './protocol.ts'
import { word } from '../../model/Access.ts'

/** EIP-3529: at most this part of the gas used comes back. */
const REFUND_DIVISOR = 5n
/** EIP-4844, MIN_BASE_FEE_PER_BLOB_GAS. */
const MIN_BLOB_BASE_FEE_WEI = 1n
/** Four full blocks. Memory is bounded by gas and by nothing else: this much buys 8 MB at most. */
const MAX_FREE_GAS = 2n ** 27n
/** Chains that one worker is ready for at once; each takes about 100 KB. */
const MAX_MACHINES = 16
const ECRECOVER = '0000000000000000000000000000000000000001'

/** An EVM for one chain, kept between runs: building it costs more than a run. */
interface Machine {
  readonly evm: EVM
  readonly state: OverlayState
  readonly watch: Watch
  readonly precompiles: readonly string[]
  recovers: ReadonlyMap<string, string> | undefined
  blockHash: (number: bigint) => Uint8Array
}

/**
 * Runs transactions on ethereumjs, one after another, each on a state of its own. This is the worker's inside: it
 * knows neither threads nor clocks.
 */
export function createRunner(): (input: WireInput) => Promise<WireResult> {
  const machines = new Map<number, Promise<Machine>>()
  const codes = new Map<number, Code>([[0, NO_CODE]])

  return async (input) => {
    for (const [id, code] of input.codes) codes.set(id, codeOf(bytesOf(code)))
    let machine = machines.get(input.chainId)
    if (machine === undefined) {
      if (machines.size >= MAX_MACHINES) machines.clear()
      machines.set(input.chainId, (machine = createMachine(input.chainId)))
    }
    try {
      return await run(await machine, codes, input)
    } catch (error) {
      // The EVM may have been left in the middle of things.
      machines.delete(input.chainId)
      if (error instanceof TraceLimit || error instanceof RangeError) return { limit: error.message }
      return { failed: error instanceof Error ? error.message : 'the EVM failed' }
    }
  }
}

async function createMachine(chainId: number): Promise<Machine> {
  const common = new Common({ chain: { ...Mainnet, chainId }, hardfork: Hardfork.Osaka })
  const watch: Watch = { trace: new CallTrace(), callType: 'CALL', seen: null }
  const recover = getActivePrecompiles(common).get(ECRECOVER)
  if (recover === undefined) throw new Error('every fork knows ecrecover')
  const state = new OverlayState()
  const evm = await createEVM({
    common,
    stateManager: state,
    customPrecompiles: [
      {
        address: new Address(bytesOf(`0x${ECRECOVER}`)),
        function: (input) => recoverAs(recover, machine.recovers, input),
      },
    ],
    blockchain: {
      getBlock: (number) => Promise.resolve({ hash: () => machine.blockHash(BigInt(number)) }),
      putBlock: () => Promise.resolve(),
      shallowCopy: () => {
        throw new Error('nobody copies an EVM here')
      },
    },
  })
  const machine: Machine = {
    evm,
    state,
    watch,
    precompiles: [...evm.precompiles.keys()],
    recovers: undefined,
    blockHash: () => new Uint8Array(32),
  }
  memoize(common)
  await instrument(evm, state, watch)
  const messages: Message[] = []
  evm.events.on('beforeMessage', (message) => {
    if (message.depth === 0) messages.length = 0
    messages.push(message)
    watch.trace.enter(frameOf(message, watch.callType))
  })
  evm.events.on('afterMessage', ({ execResult, createdAddress }) => {
    const isPrecompile = messages.pop()?.isCompiled === true
    watch.trace.exit({
      gasUsed: execResult.executionGasUsed,
      output: execResult.returnValue,
      error: errorText(execResult.exceptionError, isPrecompile),
      created: execResult.exceptionError === undefined ? (createdAddress?.toString() ?? null) : null,
    })
  })
  return machine
}

/** The fork never changes here, but the library looks its rules up in lists, several times for each opcode. */
function memoize(common: Common): void {
  const params = new Map<string, bigint>()
  const eips = new Map<number, boolean>()
  common.param = (name) => {
    let value = params.get(name)
    if (value === undefined) params.set(name, (value = Common.prototype.param.call(common, name)))
    return value
  }
  common.isActivatedEIP = (eip) => {
    let isActive = eips.get(eip)
    if (isActive === undefined) eips.set(eip, (isActive = Common.prototype.isActivatedEIP.call(common, eip)))
    return isActive
  }
}

async function run(machine: Machine, codes: ReadonlyMap<number, Code>, input: WireInput): Promise<WireResult> {
  const { transaction, env, isFree = false } = input
  const { evm, state, watch, precompiles } = machine
  fill(state, input, codes)
  const sender = transaction.from.toLowerCase()
  const coinbase = env.coinbase.toLowerCase()
  const target = transaction.to?.toLowerCase() ?? null
  const authorizations = transaction.authorizationList ?? []
  const intrinsic = intrinsicGas(transaction)
  const { gasLimit, gasPriceWei, value } = transaction
  const account = state.read(sender)
  if (!isFree) {
    const invalid =
      invalidity(transaction, { blockGasLimit: env.gasLimit }) ??
      (gasPriceWei < env.baseFeeWei ? 'the gas price is below the base fee' : null) ??
      (account.balance < gasLimit * gasPriceWei + value
        ? `the account holds ${account.balance} wei, but needs ${gasLimit * gasPriceWei + value}`
        : null)
    if (invalid !== null) return { refused: invalid }
  }
  if (isFree && gasLimit > MAX_FREE_GAS) return { refused: `a probe may have ${MAX_FREE_GAS} gas at most` }
  if (authorizations.length > 0 && target === null) return { refused: 'a type-4 transaction cannot create a contract' }

  const asked = new Set<bigint>()
  machine.recovers = input.recovers
  machine.blockHash = (number) => {
    const hash = input.blockHashes?.get(number)
    if (hash === undefined) asked.add(number)
    return hash === undefined ? new Uint8Array(32) : bytesOf(hash)
  }
  const trace = new CallTrace()
  watch.trace = trace
  watch.callType = target === null ? 'CREATE' : 'CALL'
  watch.seen = input.watch === true ? nothingSeen() : null

  // Nonce, fee and authorizations stay, whatever becomes of the call (EIP-1559, EIP-7702).
  const balance = isFree ? account.balance : account.balance - gasLimit * gasPriceWei
  state.write(sender, { balance, nonce: account.nonce + 1n, code: account.code })
  const delegations = applyAuthorizations(state, { chainId: BigInt(input.chainId), list: authorizations })

  evm.journal.cleanJournal()
  evm.transientStorage.clear()
  state.touch(coinbase)
  for (const address of [...precompiles, sender, coinbase, ...(target === null ? [] : [target]), ...delegations.warm])
    evm.journal.addAlwaysWarmAddress(address)
  for (const { address, storageKeys } of transaction.accessList ?? []) {
    evm.journal.addAlwaysWarmAddress(address.toLowerCase())
    for (const key of storageKeys) evm.journal.addAlwaysWarmSlot(address.toLowerCase(), key.toLowerCase())
  }

  // A probe has all of its limit for the run itself; what it used is told with the intrinsic gas, to be comparable.
  const gas = isFree ? gasLimit : gasLimit - intrinsic.gas
  const message = {
    caller: addressOf(sender),
    ...(target === null ? {} : { to: addressOf(target) }),
    value,
    data: bytesOf(transaction.data),
    gasLimit: gas,
    gasPrice: gasPriceWei,
    skipNonceIncrement: true,
    block: {
      header: {
        number: env.number,
        coinbase: addressOf(coinbase),
        timestamp: env.timestampS,
        difficulty: 0n,
        prevRandao: bytesOf(env.prevRandao),
        gasLimit: env.gasLimit,
        baseFeePerGas: env.baseFeeWei,
        slotNumber: 0n,
        getBlobGasPrice: () => env.blobBaseFeeWei ?? MIN_BLOB_BASE_FEE_WEI,
      },
    },
  }
  let spent = 0n
  let refund = delegations.refund
  if (state.read(sender).balance < value) {
    // Only a probe comes here; the library would throw for a creation.
    trace.failed({ ...outermost(transaction, sender, target), gas }, INSUFFICIENT_BALANCE)
  } else {
    const { execResult } = await evm.runCall(message)
    spent = execResult.executionGasUsed
    refund += execResult.gasRefund ?? 0n
    // EIP-6780: only what was created in this very transaction goes away.
    for (const address of execResult.selfdestruct?.keys() ?? [])
      if (execResult.createdAddresses?.has(address) === true) await state.deleteAccount(addressOf(address))
  }

  const used = intrinsic.gas + spent
  const refunded = used - min(refund, used / REFUND_DIVISOR)
  const gasUsed = refunded > intrinsic.floor ? refunded : intrinsic.floor
  if (!isFree) {
    credit(state, sender, (gasLimit - gasUsed) * gasPriceWei)
    credit(state, coinbase, gasUsed * (gasPriceWei - env.baseFeeWei))
  }
  return {
    result: {
      trace: trace.finish(gasUsed),
      diff: state.diff(),
      touched: state.touched,
      gasUsed,
      environmentReads: [...(watch.seen?.environment ?? [])],
      preimages: [...(watch.seen?.preimages ?? [])].map(([hash, preimage]) => ({
        hash: asHex(hash),
        preimage: asHex(preimage),
      })),
      isPreimageLost: watch.seen?.isPreimageLost ?? false,
      blockHashesAsked: [...asked],
    },
  }
}

/** The state that was handed in. Of code only the number comes along; the code itself is kept from run to run. */
function fill(state: OverlayState, input: WireInput, codes: ReadonlyMap<number, Code>): void {
  const accounts = new Map<string, AccountState>()
  const slots = new Map<string, Map<string, Uint8Array>>()
  for (const [address, balance, nonce, codeId, stored] of input.state) {
    const code = codes.get(codeId)
    if (code === undefined) throw new Error('a code is sent before its number is used')
    accounts.set(address, { balance: BigInt(balance ?? '0x0'), nonce: BigInt(nonce ?? '0x0'), code })
    const values = new Map<string, Uint8Array>()
    for (let i = 0; i < stored.length; i += 2) {
      const bytes = trimmed(stored[i + 1] ?? '0x')
      if (bytes.length > 0) values.set(word(stored[i] ?? '0x'), bytes)
    }
    slots.set(address, values)
  }
  state.begin(accounts, slots)
}

function credit(state: OverlayState, address: string, amount: bigint): void {
  if (amount === 0n) return
  const account = state.read(address)
  state.write(address, { ...account, balance: account.balance + amount })
}

/** Answers for the digests that are said to be signed, and lets the library answer for the rest. */
function recoverAs(
  original: PrecompileFunc,
  recovers: ReadonlyMap<string, string> | undefined,
  input: PrecompileInput,
): ReturnType<PrecompileFunc> {
  const address = recovers === undefined ? undefined : recovers.get(hexOf(padded(input.data, 32)))
  if (address === undefined) return original(input)
  const executionGasUsed = input.common.param('ecRecoverGas')
  if (input.gasLimit < executionGasUsed) return original(input)
  return { executionGasUsed, returnValue: bytesOf(word(address)) }
}

function padded(data: Uint8Array, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  bytes.set(data.subarray(0, length))
  return bytes
}

function frameOf(message: Message, callType: string): OpenFrame {
  const to = message.to?.toString() ?? null
  // A delegated call runs in its caller's place, so the caller is where it runs.
  const isBorrowed = callType === 'DELEGATECALL' || callType === 'CALLCODE'
  return {
    type: callType,
    from: message.delegatecall ? (to ?? '') : message.caller.toString(),
    to: isBorrowed ? message.codeAddress.toString() : to,
    value: callType === 'STATICCALL' ? null : message.value,
    gas: message.gasLimit,
    input: message.data,
  }
}

function outermost(transaction: WireInput['transaction'], from: string, to: string | null): Omit<OpenFrame, 'gas'> {
  const type = to === null ? 'CREATE' : 'CALL'
  return { type, from, to, value: transaction.value, input: bytesOf(transaction.data) }
}

/** The words of geth, which people and `Trace.ts` know. */
function errorText(error: EVMError | undefined, isPrecompile: boolean): string | null {
  if (error === undefined) return null
  // A precompile takes all the gas when it fails, which is no revert whatever the library calls it.
  if (isPrecompile) return error.error === errorMessages.OUT_OF_GAS ? error.error : 'precompile failed'
  return ERROR_TEXTS[error.error] ?? error.error
}

const { errorMessages } = EVMError
const ERROR_TEXTS: Readonly<Record<string, string>> = {
  [errorMessages.REVERT]: REVERTED,
  [errorMessages.INVALID_JUMP]: 'invalid jump destination',
  [errorMessages.STATIC_STATE_CHANGE]: 'write protection',
  [errorMessages.CREATE_COLLISION]: 'contract address collision',
  [errorMessages.CODESIZE_EXCEEDS_MAXIMUM]: 'max code size exceeded',
  [errorMessages.INITCODE_SIZE_VIOLATION]: 'max initcode size exceeded',
  [errorMessages.INVALID_BYTECODE_RESULT]: 'invalid code: must not begin with 0xef',
  [errorMessages.INSUFFICIENT_BALANCE]: INSUFFICIENT_BALANCE,
}

function addressOf(address: string): Address {
  return new Address(bytesOf(address))
}

function asHex(text: string): `0x${string}` {
  return `0x${text.slice(2)}`
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
