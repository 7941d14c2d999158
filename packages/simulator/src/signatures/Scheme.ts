import type { Address, Hex } from '@countersign/base'
import { assert } from '@countersign/base'
import { encodeFunctionData, parseAbi } from 'viem'
import type { Draft, SignatureContext } from './SignatureRequest.ts'
import type { Expectation } from '../model/Document.ts'
import type { TypedDocument, TypedStruct, TypedValue } from './TypedDocument.ts'

/**
 * One kind of document. `read` answers null for everything whose `encodeType`, domain fields or addresses are not
 * exactly the scheme's: a name alone proves nothing.
 */
export interface Scheme {
  /** Names that a look-alike would carry. */
  readonly primaryTypes: readonly string[]
  read(document: TypedDocument, at: SignatureContext): Draft | null
}

/** Typed access to fields whose types `encodeType` has already proven. */
export interface TypedReader {
  uint(field: string): bigint
  address(field: string): Address.Address
  hex(field: string): Hex.Hex
  text(field: string): string
  bool(field: string): boolean
  struct(field: string): TypedReader
  structs(field: string): readonly TypedReader[]
  readonly value: TypedStruct
}

/** Reads the fields of a struct. A wrong kind is a bug: the type was matched before. */
export function reader(value: TypedStruct): TypedReader {
  const get = (field: string): TypedValue => {
    const found = value[field]
    assert(found !== undefined, `encodeType promises the field ${field}`)
    return found
  }
  const text = (field: string): string => {
    const found = get(field)
    assert(typeof found === 'string', `encodeType promises text in ${field}`)
    return found
  }
  return {
    value,
    uint: (field) => {
      const found = get(field)
      assert(typeof found === 'bigint', `encodeType promises a number in ${field}`)
      return found
    },
    address: (field) => text(field) as Address.Address,
    hex: (field) => text(field) as Hex.Hex,
    text,
    bool: (field) => get(field) === true,
    struct: (field) => reader(get(field) as TypedStruct),
    structs: (field) => (get(field) as readonly TypedStruct[]).map(reader),
  }
}

const READS = parseAbi([
  'function DOMAIN_SEPARATOR() view returns (bytes32)',
  'function nonces(address owner) view returns (uint256)',
])

/** What a contract is asked for, in words. */
export const DOMAIN = 'the domain separator'

/** The token must hash with the same domain, or the document is meant for something else. */
export function expectDomainSeparator(
  document: TypedDocument,
  to: Address.Address,
  data: Hex.Hex = encodeFunctionData({ abi: READS, functionName: 'DOMAIN_SEPARATOR' }),
): Expectation {
  return { to, data, equals: document.domainSeparator, what: DOMAIN }
}

/** EIP-2612's and DAI's counter. */
export function expectNonce(to: Address.Address, owner: Address.Address, nonce: Hex.Hex): Expectation {
  return {
    to,
    data: encodeFunctionData({ abi: READS, functionName: 'nonces', args: [owner] }),
    equals: nonce,
    what: `the permit nonce of ${owner}`,
  }
}

/** `name:type` of the domain's fields, in order. */
export function domainShape(document: TypedDocument): string {
  return document.domainFields.map((field) => field.name).join(',')
}
