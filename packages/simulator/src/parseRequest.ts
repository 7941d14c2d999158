import { Address, BaseError, Hex, Wei } from '@countersign/base'
import type { SignedAuthorization } from './engine/ethereumjs/protocol.ts'
import type { Call, KnownAddress, SimulationRequest } from './Request.ts'

/** Fields of a call as JSON carries them; everything else that could change its meaning is refused by name. */
const CALL_FIELDS = new Set([
  'to',
  'value',
  'data',
  'input',
  'gas',
  'gas_limit',
  'gasLimit',
  'max_fee_per_gas',
  'maxFeePerGas',
  'label',
  'chain_id',
  'chainId',
  'from',
  'authorization_list',
  'authorizationList',
])

/**
 * Reads one call strictly: `{to?, value?, data?, gas?, max_fee_per_gas?, label?}`. Odd hex, a wrong checksum,
 * negative or fractional amounts and unknown fields are refused, never mended.
 *
 * @throws {CallError} `simulation:call:unreadable`, naming the field.
 */
export function parseCall(value: unknown, where: string): Call {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CallError(where, 'it is not an object')
  const raw = value as Record<string, unknown>
  const unknown = Object.keys(raw).find((key) => !CALL_FIELDS.has(key))
  if (unknown !== undefined) throw new CallError(where, `the field "${unknown.slice(0, 40)}" is not known`)
  if (raw['data'] !== undefined && raw['input'] !== undefined && raw['data'] !== raw['input']) {
    throw new CallError(where, '"data" and "input" differ')
  }
  const to =
    raw['to'] === undefined || raw['to'] === null || raw['to'] === ''
      ? null
      : read(where, 'to', () => Address.parse(text(raw['to'])))
  const data = read(where, 'data', () => Hex.parse(text(raw['data'] ?? raw['input'] ?? '0x')))
  if (to === null && data === '0x')
    throw new CallError(where, 'it has neither a recipient nor code to create a contract from')
  const gas = raw['gas'] ?? raw['gas_limit'] ?? raw['gasLimit']
  const maxFee = raw['max_fee_per_gas'] ?? raw['maxFeePerGas']
  const authorizations = raw['authorization_list'] ?? raw['authorizationList']
  const authorizationList = authorizations == null ? [] : parseAuthorizations(authorizations, where)
  if (authorizationList.length > 0 && to === null)
    throw new CallError(where, 'a transaction with authorizations cannot create a contract (EIP-7702)')
  const label = raw['label']
  if (label !== undefined && label !== null && typeof label !== 'string')
    throw new CallError(where, '"label" is not text')
  return {
    to,
    value: read(where, 'value', () => Wei.parse(raw['value'] ?? 0)),
    data,
    gasLimit: gas === undefined || gas === null ? null : read(where, 'gas', () => Wei.parse(gas)),
    maxFeePerGasWei:
      maxFee === undefined || maxFee === null ? null : read(where, 'max_fee_per_gas', () => Wei.parse(maxFee)),
    label: typeof label === 'string' && label !== '' ? label.slice(0, 120) : null,
    ...(authorizationList.length === 0 ? {} : { authorizationList }),
  }
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
  if (!Array.isArray(value)) throw new CallError('the registry', 'it is not an array')
  return value.map((entry: unknown, i): KnownAddress => {
    const where = `registry entry ${i + 1}`
    if (typeof entry !== 'object' || entry === null) throw new CallError(where, 'it is not an object')
    const { address, name, kind, symbol, decimals } = entry as Record<string, unknown>
    if (typeof name !== 'string') throw new CallError(where, '"name" is missing')
    if (kind !== 'token' && kind !== 'spender' && kind !== 'infrastructure' && kind !== 'contact') {
      throw new CallError(where, '"kind" is token, spender, infrastructure or contact')
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

/** Puts parsed parts together. @throws {CallError} when there is nothing to simulate, or too much. */
export function requestOf(
  parts: Omit<SimulationRequest, 'known'> & { readonly known?: readonly KnownAddress[] },
): SimulationRequest {
  if (parts.calls.length === 0 && parts.signature == null) throw new CallError('the batch', 'it has no transaction')
  if (parts.calls.length > MAX_CALLS) throw new CallError('the batch', `it has more than ${MAX_CALLS} transactions`)
  return { ...parts, known: parts.known ?? [] }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function read<T>(where: string, field: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof BaseError) throw new CallError(where, `"${field}": ${error.message} ${error.hint}`)
    throw error
  }
}

export class CallError extends BaseError {
  override readonly name = 'simulator.CallError'
  constructor(where: string, reason: string) {
    super(`${where} cannot be simulated: ${reason.replace(/\.$/, '')}.`, {
      code: 'simulation:call:unreadable',
      kind: 'invalid',
      hint: 'Write {"to": "0x…", "value": "0", "data": "0x…"}: amounts in wei as decimal or 0x text, bytes as even 0x-hex.',
    })
  }
}
