import { Address, BaseError, Hex } from '@countersign/base'
import { hashDomain, hashStruct, hashTypedData } from 'viem'
import { SignatureError } from './SignatureRequest.ts'

export interface TypedField {
  readonly name: string
  readonly type: string
}

/** A value of a message, in the one form its type has. */
export type TypedValue = bigint | string | boolean | readonly TypedValue[] | TypedStruct
export interface TypedStruct {
  readonly [field: string]: TypedValue
}

/** `EIP712Domain`, with the fields that the document has and no others. */
export interface TypedDomain {
  readonly name?: string
  readonly version?: string
  readonly chainId?: bigint
  readonly verifyingContract?: Address.Address
  readonly salt?: Hex.Hex
}

/** An EIP-712 document that was read strictly: nothing in it can be understood in two ways. */
export interface TypedDocument {
  /** Without `EIP712Domain`. */
  readonly types: Readonly<Record<string, readonly TypedField[]>>
  readonly primaryType: string
  readonly domain: TypedDomain
  readonly domainFields: readonly TypedField[]
  /** False: the document leaves `EIP712Domain` out, and it follows from the domain's fields. */
  readonly isDomainTyped: boolean
  readonly message: TypedStruct
  /** `encodeType(primaryType)` of EIP-712. */
  readonly encodedType: string
  readonly domainSeparator: Hex.Hex
  readonly digest: Hex.Hex
}

/** EIP-712, "Definition of domainSeparator": these fields, in this order, any of them left out. */
const DOMAIN_FIELDS: readonly TypedField[] = [
  { name: 'name', type: 'string' },
  { name: 'version', type: 'string' },
  { name: 'chainId', type: 'uint256' },
  { name: 'verifyingContract', type: 'address' },
  { name: 'salt', type: 'bytes32' },
]

/** EIP-712, "Definition of typed structured data": no aliases `uint` and `int`, nothing but these. */
const ATOMIC =
  /^(?:address|bool|string|bytes|bytes(?:[1-9]|[12]\d|3[0-2])|u?int(?:8|16|24|32|40|48|56|64|72|80|88|96|104|112|120|128|136|144|152|160|168|176|184|192|200|208|216|224|232|240|248|256))$/
/** Names that Solidity and wallets take for something else; no struct may have one. */
const RESERVED = /^(?:address|bool|string|bytes\d*|u?int\d*|u?fixed\w*|function|tuple|mapping|EIP712Domain)$/
const IDENTIFIER = /^[A-Za-z_]\w{0,63}$/
/** Types in use are also named with a scope, such as Hyperliquid’s `HyperliquidTransaction:Withdraw`. */
const TYPE_NAME = /^[A-Za-z_]\w{0,63}(?::[A-Za-z_]\w{0,63})?$/
const ARRAYS = /^(\w+(?::\w+)?)((?:\[(?:[1-9]\d{0,4})?\]){0,24})$/

const MAX_TYPES = 64
const MAX_FIELDS = 64
const MAX_VALUES = 100_000
/** A type that contains lists of itself has no depth of its own. As deep as JSON texts are read. */
const MAX_DEPTH = 48

/**
 * Reads an EIP-712 document strictly. Wallets and libraries mend odd documents in different ways, and each difference
 * has been used to show one thing and sign another (MetaMask's test dapp, "PPOM bypasses": padded chain ids, integer
 * addresses); so nothing is mended here.
 *
 * @throws {SignatureError} `simulation:signature:unreadable`, naming the place.
 */
export function parseTypedDocument(value: unknown): TypedDocument {
  const document = readObject(value, 'The document', ['types', 'primaryType', 'domain', 'message'])
  const { types, declaredDomain } = readTypes(document['types'])
  const primaryType = document['primaryType']
  if (typeof primaryType !== 'string' || types[primaryType] === undefined) {
    throw new SignatureError('The primary type', 'the types do not define it')
  }
  const reached = reachFrom(primaryType, types)
  const unreached = Object.keys(types).find((name) => !reached.includes(name))
  if (unreached !== undefined)
    throw new SignatureError(`The type ${unreached}`, 'nothing that would be signed has this type')

  const { domain, domainFields } = readDomain(document['domain'], declaredDomain)
  const budget = { left: MAX_VALUES, depth: 0 }
  const message = readStruct(document['message'], primaryType, types, 'message', budget)
  const viemTypes: Record<string, TypedField[]> = { ...mutable(types), EIP712Domain: [...domainFields] }
  return {
    types,
    primaryType,
    domain,
    domainFields,
    isDomainTyped: declaredDomain !== null,
    message,
    encodedType: encodeType(primaryType, types),
    domainSeparator: hashDomain({ domain: domain as Record<string, unknown>, types: viemTypes }),
    digest: hashTypedData({ types: viemTypes, primaryType, domain, message } as unknown as Parameters<
      typeof hashTypedData
    >[0]),
  }
}

/** `hashStruct` of a value of one of the document's types. */
export function structHash(document: TypedDocument, type: string, value: TypedStruct): Hex.Hex {
  return hashStruct({ data: value, primaryType: type, types: mutable(document.types) })
}

/** EIP-712's `encodeType`: the type itself, then what it refers to, sorted by name. */
export function encodeType(name: string, types: TypedDocument['types']): string {
  const [first, ...others] = reachFrom(name, types)
  return [first as string, ...others.sort()]
    .map((type) => `${type}(${(types[type] ?? []).map((field) => `${field.type} ${field.name}`).join(',')})`)
    .join('')
}

/** The name of a type without its array dimensions. */
export function baseOf(type: string): string {
  return ARRAYS.exec(type)?.[1] ?? type
}

/** All struct types that a type needs, itself first, each once: a type may contain lists of itself (EIP-712, `encodeType`). */
function reachFrom(name: string, types: TypedDocument['types']): string[] {
  const reached: string[] = []
  const visit = (type: string): void => {
    if (reached.includes(type)) return
    reached.push(type)
    for (const field of types[type] ?? []) {
      const base = baseOf(field.type)
      if (types[base] !== undefined) visit(base)
    }
  }
  visit(name)
  return reached
}

function readTypes(value: unknown): {
  types: Record<string, readonly TypedField[]>
  declaredDomain: readonly TypedField[] | null
} {
  const raw = readObject(value, 'The types')
  const names = Object.keys(raw)
  if (names.length > MAX_TYPES) throw new SignatureError('The types', 'there are too many')
  const types: Record<string, readonly TypedField[]> = Object.create(null) as Record<string, readonly TypedField[]>
  let declaredDomain: readonly TypedField[] | null = null
  for (const name of names) {
    if (name === 'EIP712Domain') {
      declaredDomain = readFields(raw[name], name)
      continue
    }
    if (!TYPE_NAME.test(name) || RESERVED.test(name) || name in Object.prototype) {
      throw new SignatureError('The types', `"${name.slice(0, 40)}" is no name for a type`)
    }
    types[name] = readFields(raw[name], name)
  }
  for (const [name, fields] of Object.entries(types)) {
    if (fields.length === 0) throw new SignatureError(`The type ${name}`, 'it has no fields')
    for (const field of fields) {
      const base = ARRAYS.exec(field.type)?.[1]
      if (base === undefined || (!ATOMIC.test(base) && types[base] === undefined)) {
        throw new SignatureError(`The type ${name}`, `"${field.type.slice(0, 40)}" is not a type`)
      }
    }
  }
  return { types, declaredDomain }
}

function readFields(value: unknown, type: string): readonly TypedField[] {
  const where = `The type ${type}`
  if (!Array.isArray(value) || value.length > MAX_FIELDS) throw new SignatureError(where, 'it is not a list of fields')
  const seen = new Set<string>()
  return value.map((entry: unknown) => {
    const { name, type: fieldType } = readObject(entry, where, ['name', 'type'])
    if (typeof name !== 'string' || !IDENTIFIER.test(name) || name in Object.prototype) {
      throw new SignatureError(where, 'a field has no proper name')
    }
    if (seen.has(name)) throw new SignatureError(where, `the field "${name}" stands there twice`)
    seen.add(name)
    if (typeof fieldType !== 'string') throw new SignatureError(where, `the field "${name}" has no type`)
    return { name, type: fieldType }
  })
}

function readDomain(
  value: unknown,
  declared: readonly TypedField[] | null,
): { domain: TypedDomain; domainFields: readonly TypedField[] } {
  const raw = readObject(value, 'The domain')
  const present = Object.keys(raw)
  const odd = present.find((key) => !DOMAIN_FIELDS.some((field) => field.name === key))
  if (odd !== undefined) throw new SignatureError('The domain', `the field "${odd.slice(0, 40)}" is not known`)
  const implied = DOMAIN_FIELDS.filter((field) => present.includes(field.name))
  if (declared !== null) {
    const spell = (fields: readonly TypedField[]): string =>
      fields.map((field) => `${field.type} ${field.name}`).join(', ')
    if (spell(declared) !== spell(implied)) {
      throw new SignatureError(
        'The domain',
        `its fields are (${spell(implied)}), but EIP712Domain says (${spell(declared).slice(0, 200)})`,
      )
    }
  }
  const domain: Record<string, TypedValue> = {}
  for (const field of implied) {
    const entry = raw[field.name]
    // Chain ids in hexadecimal are read differently by wallets (test dapp, "padded chainId").
    if (field.name === 'chainId' && typeof entry === 'string' && !/^(?:0|[1-9]\d*)$/.test(entry)) {
      throw new SignatureError('The domain', '"chainId" is not a plain decimal number')
    }
    domain[field.name] = readAtom(entry, field.type, `domain.${field.name}`)
  }
  return { domain: domain as TypedDomain, domainFields: implied }
}

function readStruct(
  value: unknown,
  type: string,
  types: TypedDocument['types'],
  where: string,
  budget: { left: number; depth: number },
): TypedStruct {
  const fields = types[type] ?? []
  if (budget.depth >= MAX_DEPTH) throw new SignatureError('The message', 'it is nested too deeply')
  budget.depth += 1
  const raw = readObject(
    value,
    where,
    fields.map((field) => field.name),
  )
  const struct = Object.fromEntries(
    fields.map((field) => [
      field.name,
      readTyped(raw[field.name], field.type, types, `${where}.${field.name}`, budget),
    ]),
  )
  budget.depth -= 1
  return struct
}

function readTyped(
  value: unknown,
  type: string,
  types: TypedDocument['types'],
  where: string,
  budget: { left: number; depth: number },
): TypedValue {
  if (budget.left-- <= 0) throw new SignatureError(where, 'the message is too large')
  const array = /^(.+)\[(\d*)\]$/.exec(type)
  if (array !== null) {
    const [, element = '', length = ''] = array
    if (!Array.isArray(value)) throw new SignatureError(where, 'it is not a list')
    if (length !== '' && value.length !== Number(length))
      throw new SignatureError(where, `it has not ${length} entries`)
    if (value.length > budget.left) throw new SignatureError(where, 'the message is too large')
    return Array.from(value, (entry: unknown, i) => readTyped(entry, element, types, `${where}[${i}]`, budget))
  }
  return types[type] === undefined ? readAtom(value, type, where) : readStruct(value, type, types, where, budget)
}

function readAtom(value: unknown, type: string, where: string): TypedValue {
  if (type === 'string') {
    if (typeof value !== 'string') throw new SignatureError(where, 'it is not text')
    // Half a character is encoded differently by different libraries.
    if (!value.isWellFormed()) throw new SignatureError(where, 'its text has half a character')
    return value
  }
  if (type === 'bool') {
    if (typeof value !== 'boolean') throw new SignatureError(where, 'it is not true or false')
    return value
  }
  if (type === 'address') {
    if (typeof value !== 'string') throw new SignatureError(where, 'an address is written as 0x and 40 digits')
    return readBase(where, () => Address.parse(value))
  }
  const bytes = /^bytes(\d*)$/.exec(type)
  if (bytes !== null) {
    if (typeof value !== 'string') throw new SignatureError(where, 'bytes are written as 0x-hex')
    const hex = readBase(where, () => Hex.parse(value))
    if (bytes[1] !== '' && Hex.size(hex) !== Number(bytes[1])) {
      throw new SignatureError(where, `it has not exactly ${bytes[1] ?? ''} bytes`)
    }
    return hex
  }
  const integer = /^(u?)int(\d+)$/.exec(type)
  if (integer === null) throw new SignatureError(where, `the type "${type}" is not known`)
  const number = readInteger(value, where)
  const bits = BigInt(integer[2] ?? '0')
  const [lowest, highest] =
    integer[1] === 'u' ? [0n, (1n << bits) - 1n] : [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n]
  if (number < lowest || number > highest) throw new SignatureError(where, `it does not fit ${type}`)
  return number
}

/** Decimal digits or minimal hexadecimal: no sign on zero, no leading zeros, no white space, no rounding. */
function readInteger(value: unknown, where: string): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0)) return BigInt(value)
  if (typeof value === 'string' && value.length <= 80) {
    if (/^(?:0|-?[1-9]\d*)$/.test(value) || /^0x(?:0|[1-9a-fA-F][0-9a-fA-F]*)$/.test(value)) return BigInt(value)
  }
  throw new SignatureError(where, 'it is not a plain integer')
}

function readBase<T>(where: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof BaseError) throw new SignatureError(where, error.message)
    throw error
  }
}

/** A plain object with own fields only; with `fields`, exactly those. */
function readObject(value: unknown, where: string, fields?: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SignatureError(where, 'it is not an object')
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw new SignatureError(where, 'it is not a plain object')
  const object = value as Record<string, unknown>
  if (fields === undefined) return object
  const missing = fields.find((field) => !Object.hasOwn(object, field))
  if (missing !== undefined) throw new SignatureError(where, `the field "${missing}" is missing`)
  const extra = Object.keys(object).find((key) => !fields.includes(key))
  if (extra !== undefined) {
    throw new SignatureError(where, `the field "${extra.slice(0, 40)}" is in no type, so it would not be signed`)
  }
  return object
}

/** viem's types ask for lists that could be changed. */
function mutable(types: TypedDocument['types']): Record<string, TypedField[]> {
  return Object.fromEntries(Object.entries(types).map(([name, fields]) => [name, [...fields]]))
}
