import { Address, BaseError, Hex, Table, Wei } from '@countersign/base'
import type { SignedAuthorization, AccessListEntry, Call, TransactionType } from '../model/Call.ts'
import type { KnownAddress } from '../model/KnownAddress.ts'
import type { SimulationRequest } from '../model/Request.ts'

/** A call as it was written: it may state its sender and chain, which have to be the batch's. */
export interface StatedCall extends Call {
  readonly from?: Address.Address
  readonly chainId?: bigint
}

/** Spellings of each field: ours, and those of JSON-RPC and of wallet libraries. */
const SPELLINGS = {
  to: ['to'],
  value: ['value'],
  data: ['data', 'input'],
  gas: ['gas', 'gas_limit', 'gasLimit'],
  maxFee: ['max_fee_per_gas', 'maxFeePerGas'],
  priorityFee: ['max_priority_fee_per_gas', 'maxPriorityFeePerGas'],
  gasPrice: ['gas_price', 'gasPrice'],
  nonce: ['nonce'],
  type: ['type'],
  accessList: ['access_list', 'accessList'],
  authorizationList: ['authorization_list', 'authorizationList'],
  chainId: ['chain_id', 'chainId'],
  from: ['from'],
  label: ['label'],
} as const satisfies Record<string, readonly string[]>

type Field = keyof typeof SPELLINGS
/** Every spelling that a call may use. */
export const CALL_FIELDS: ReadonlySet<string> = new Set<string>(Object.values(SPELLINGS).flat())

/** Types of transactions as JSON spells them (EIP-2718, viem). */
const TYPES = Table.of<TransactionType>({
  '0': 0,
  '0x0': 0,
  legacy: 0,
  '1': 1,
  '0x1': 1,
  eip2930: 1,
  '2': 2,
  '0x2': 2,
  eip1559: 2,
  '4': 4,
  '0x4': 4,
  eip7702: 4,
})
const BLOB_FIELDS = ['blobs', 'blobVersionedHashes', 'maxFeePerBlobGas', 'sidecars', 'kzg']

/**
 * Reads one call strictly, as we spell it or as a wallet library prepares it: `{to?, value?, data?, gas?, max_fee_per_gas?,
 * max_priority_fee_per_gas?, gas_price?, nonce?, type?, access_list?, authorization_list?, chain_id?, from?, label?}`. Every
 * field that is accepted counts: it changes what is simulated, or has to agree with it (`requestOf`). Odd hex, a wrong
 * checksum, negative or fractional amounts, two spellings with different values and unknown fields are refused.
 *
 * @throws {CallError} `simulation:call:unreadable`, naming the field.
 */
export function parseCall(value: unknown, where: string): StatedCall {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CallError(where, 'it is not an object')
  const raw = value as Record<string, unknown>
  const unknown = Object.keys(raw).find((key) => !CALL_FIELDS.has(key))
  if (unknown !== undefined) {
    if (BLOB_FIELDS.includes(unknown) || raw['type'] === '0x3' || raw['type'] === 'eip4844')
      throw new CallError(where, 'blob transactions (EIP-4844) are not simulated')
    throw new CallError(where, `the field "${unknown.slice(0, 40)}" is not known`)
  }
  const given = (field: Field): unknown => {
    const found = SPELLINGS[field].filter((name) => raw[name] !== undefined && raw[name] !== null)
    const [first] = found
    if (first === undefined) return undefined
    const other = found.find((name) => JSON.stringify(raw[name]) !== JSON.stringify(raw[first]))
    if (other !== undefined) throw new CallError(where, `"${first}" and "${other}" differ`)
    return raw[first]
  }
  const number = (field: Field): bigint | null => {
    const found = given(field)
    return found === undefined ? null : read(where, SPELLINGS[field][0], () => Wei.parse(found))
  }
  const to =
    given('to') === undefined || given('to') === '' ? null : read(where, 'to', () => Address.parse(text(given('to'))))
  const bytes = given('data') ?? '0x'
  const data = read(where, 'data', () => Hex.parse(text(bytes)))
  if (to === null && data === '0x')
    throw new CallError(where, 'it has neither a recipient nor code to create a contract from')
  const authorizationList =
    given('authorizationList') === undefined ? [] : parseAuthorizations(given('authorizationList'), where)
  if (authorizationList.length > 0 && to === null)
    throw new CallError(where, 'a transaction with authorizations cannot create a contract (EIP-7702)')
  const label = given('label')
  if (label !== undefined && typeof label !== 'string') throw new CallError(where, '"label" is not text')
  const from = given('from')
  const nonce = number('nonce')
  const chainId = number('chainId')
  const accessList = given('accessList') === undefined ? [] : parseAccessList(given('accessList'), where)
  return {
    to,
    value: number('value') ?? 0n,
    data,
    gasLimit: number('gas'),
    ...feesOf(where, { gasPrice: number('gasPrice'), maxFee: number('maxFee'), priorityFee: number('priorityFee') }),
    ...typeOf(where, given, { hasAuthorizations: authorizationList.length > 0, hasAccessList: accessList.length > 0 }),
    label: typeof label === 'string' && label !== '' ? label.slice(0, 120) : null,
    ...(nonce === null ? {} : { nonce }),
    ...(accessList.length === 0 ? {} : { accessList }),
    ...(authorizationList.length === 0 ? {} : { authorizationList }),
    ...(from === undefined ? {} : { from: read(where, 'from', () => Address.parse(text(from))) }),
    ...(chainId === null ? {} : { chainId }),
  }
}

/** A gas price is a cap and a tip in one (EIP-1559: legacy transactions pay it whole). */
function feesOf(
  where: string,
  { gasPrice, maxFee, priorityFee }: { gasPrice: bigint | null; maxFee: bigint | null; priorityFee: bigint | null },
): Pick<Call, 'maxFeePerGasWei' | 'maxPriorityFeePerGasWei'> {
  if (gasPrice !== null && (maxFee !== null || priorityFee !== null))
    throw new CallError(where, '"gas_price" cannot stand beside "max_fee_per_gas" or "max_priority_fee_per_gas"')
  if (gasPrice !== null) return { maxFeePerGasWei: gasPrice, maxPriorityFeePerGasWei: gasPrice }
  return { maxFeePerGasWei: maxFee, ...(priorityFee === null ? {} : { maxPriorityFeePerGasWei: priorityFee }) }
}

/** The type, if one is stated: it has to fit the fields beside it. */
function typeOf(
  where: string,
  given: (field: Field) => unknown,
  { hasAuthorizations, hasAccessList }: { hasAuthorizations: boolean; hasAccessList: boolean },
): Pick<Call, 'type'> {
  const stated = given('type')
  if (stated === undefined) return {}
  if (['3', '0x3', 'eip4844', 3].includes(stated as string | number))
    throw new CallError(where, 'blob transactions (EIP-4844) are not simulated')
  const type = typeof stated === 'string' || typeof stated === 'number' ? TYPES[stated] : undefined
  if (type === undefined) throw new CallError(where, '"type" is none of 0x0, 0x1, 0x2 and 0x4')
  const hasGasPrice = given('gasPrice') !== undefined
  const hasTwoFees = given('maxFee') !== undefined || given('priorityFee') !== undefined
  const misfit =
    (hasTwoFees && type < 2 && 'two fees need type 0x2 or 0x4') ||
    (hasGasPrice && type >= 2 && '"gas_price" needs type 0x0 or 0x1') ||
    (hasAccessList && type === 0 && 'an access list needs type 0x1 or later') ||
    (hasAuthorizations && type !== 4 && 'authorizations need type 0x4')
  if (misfit !== false) throw new CallError(where, `"type" does not fit: ${misfit}`)
  return { type }
}

/** More than any honest transaction lists. */
const MAX_LISTED = 1_000

/** `[{address, storageKeys}]`, as JSON-RPC has it; `storage_keys` is taken as well. */
function parseAccessList(value: unknown, where: string): readonly AccessListEntry[] {
  if (!Array.isArray(value)) throw new CallError(where, '"access_list" is not a list')
  let listed = 0
  return value.map((entry: unknown, i): AccessListEntry => {
    const here = `${where}, access list entry ${i + 1}`
    if (typeof entry !== 'object' || entry === null) throw new CallError(here, 'it is not an object')
    const { address, storageKeys, storage_keys: other, ...rest } = entry as Record<string, unknown>
    const unknown = Object.keys(rest)[0]
    if (unknown !== undefined) throw new CallError(here, `the field "${unknown.slice(0, 40)}" is not known`)
    const keys = storageKeys ?? other ?? []
    if (!Array.isArray(keys)) throw new CallError(here, '"storageKeys" is not a list')
    listed += 1 + keys.length
    if (listed > MAX_LISTED)
      throw new CallError(where, `its access list names more than ${MAX_LISTED} accounts and slots`)
    return {
      address: read(here, 'address', () => Address.parse(text(address))),
      storageKeys: keys.map((key: unknown) => {
        const hex = read(here, 'storageKeys', () => Hex.parse(text(key)))
        if (Hex.size(hex) !== 32) throw new CallError(here, 'a storage key has 32 bytes')
        return hex
      }),
    }
  })
}

/** The most authorizations one transaction carries here; an honest one has one or two. */
const MAX_AUTHORIZATIONS = 16
const AUTHORIZATION_FIELDS = new Set(['chain_id', 'chainId', 'address', 'nonce', 'y_parity', 'yParity', 'v', 'r', 's'])

/** EIP-7702 authorizations, in our spelling or JSON-RPC's: `{chain_id, address, nonce, y_parity, r, s}`. */
function parseAuthorizations(value: unknown, where: string): readonly SignedAuthorization[] {
  if (!Array.isArray(value)) throw new CallError(where, '"authorization_list" is not a list')
  if (value.length > MAX_AUTHORIZATIONS)
    throw new CallError(where, `it has more than ${MAX_AUTHORIZATIONS} authorizations`)
  return value.map((entry: unknown, i): SignedAuthorization => {
    const here = `${where}, authorization ${i + 1}`
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
      throw new CallError(here, 'it is not an object')
    const raw = entry as Record<string, unknown>
    const unknown = Object.keys(raw).find((key) => !AUTHORIZATION_FIELDS.has(key))
    if (unknown !== undefined) throw new CallError(here, `the field "${unknown.slice(0, 40)}" is not known`)
    const number = (field: string, given: unknown): bigint => {
      if (given === undefined) throw new CallError(here, `"${field}" is missing`)
      return read(here, field, () => Wei.parse(given))
    }
    const yParity = number('y_parity', raw['y_parity'] ?? raw['yParity'] ?? raw['v'])
    if (yParity > 1n) throw new CallError(here, '"y_parity" is neither 0 nor 1')
    return {
      chainId: number('chain_id', raw['chain_id'] ?? raw['chainId']),
      address: read(here, 'address', () => Address.parse(text(raw['address']))),
      nonce: number('nonce', raw['nonce']),
      yParity: Number(yParity),
      r: number('r', raw['r']),
      s: number('s', raw['s']),
    }
  })
}

/**
 * Reads a registry file: `[{address, name, kind, symbol?, decimals?}]`, kind one of `token`, `spender`,
 * `infrastructure`, `contact`.
 *
 * @throws {CallError} `simulation:call:unreadable`.
 */
export function parseKnown(value: unknown): KnownAddress[] {
  if (!Array.isArray(value)) throw new CallError('the registry', 'it is not an array', KNOWN_HINT)
  return value.map((entry: unknown, i): KnownAddress => {
    const where = `registry entry ${i + 1}`
    if (typeof entry !== 'object' || entry === null) throw new CallError(where, 'it is not an object', KNOWN_HINT)
    const { address, name, kind, symbol, decimals } = entry as Record<string, unknown>
    if (typeof name !== 'string') throw new CallError(where, '"name" is missing', KNOWN_HINT)
    if (kind !== 'token' && kind !== 'spender' && kind !== 'infrastructure' && kind !== 'contact') {
      throw new CallError(where, '"kind" is token, spender, infrastructure or contact', KNOWN_HINT)
    }
    return {
      address: read(where, 'address', () => Address.parse(text(address))),
      name,
      kind,
      ...(typeof symbol === 'string' ? { symbol } : {}),
      ...(typeof decimals === 'number' && Number.isInteger(decimals) && decimals >= 0 && decimals <= 255
        ? { decimals }
        : {}),
    }
  })
}

/** The most calls one simulation takes. */
const MAX_CALLS = 32

/**
 * Puts parsed parts together.
 *
 * @throws {CallError} when there is nothing to simulate, too much, or a call that states another sender or chain.
 */
export function requestOf(
  parts: Omit<SimulationRequest, 'known' | 'calls'> & {
    readonly known?: readonly KnownAddress[]
    readonly calls: readonly StatedCall[]
  },
): SimulationRequest {
  if (parts.calls.length === 0 && parts.signature == null) throw new CallError('the batch', 'it has no transaction')
  if (parts.calls.length > MAX_CALLS) throw new CallError('the batch', `it has more than ${MAX_CALLS} transactions`)
  const calls = parts.calls.map(({ from, chainId, ...call }, i): Call => {
    const where = `transaction ${i + 1}`
    if (from !== undefined && from !== parts.from)
      throw new CallError(where, `its "from" is ${from}, but the sender of the batch is ${parts.from}`)
    if (chainId !== undefined && chainId !== BigInt(parts.chainId))
      throw new CallError(where, `its "chain_id" is ${chainId}, but the batch is for chain ${parts.chainId}`)
    return call
  })
  return { ...parts, calls, known: parts.known ?? [] }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function read<T>(where: string, field: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof BaseError) throw new CallError(where, `"${field}": ${error.message}`, error.hint)
    throw error
  }
}

const CALL_HINT =
  'Write {"to": "0x…", "value": "0", "data": "0x…"}: amounts in wei as decimal or 0x text, bytes as even 0x-hex.'
const KNOWN_HINT = 'Write [{"address": "0x…", "name": "…", "kind": "contact"}].'

export class CallError extends BaseError {
  override readonly name = 'simulator.CallError'
  constructor(where: string, reason: string, hint = CALL_HINT) {
    super(`${where} cannot be simulated: ${reason.replace(/\.$/, '')}.`, {
      code: 'simulation:call:unreadable',
      kind: 'invalid',
      hint,
    })
  }
}
