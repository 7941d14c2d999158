import { Address, type Hex } from '@countersign/base'
import { knownFunction } from '@countersign/simulator'
import {
  decodeFunctionData,
  encodeFunctionData,
  parseAbiItem,
  toFunctionSelector,
  type AbiFunction,
  type AbiParameter,
} from 'viem'
import type { Selector } from './Policy.ts'

/** Reads a full signature or 4 bytes. `null` where it is neither; three dots are neither. */
export function parseSelector(text: string): Selector | null {
  if (/^0x[0-9a-fA-F]{8}$/.test(text)) {
    const selector = text.toLowerCase() as Hex.Hex
    return { selector, signature: null, abi: null }
  }
  const abi = parseSignature(text)
  if (abi === null) return null
  const selector = toFunctionSelector(abi)
  // Names that the signature leaves out are those of a function that is the same everywhere.
  const known = abi.inputs.every(({ name }) => name === undefined || name === '') ? knownFunction(selector) : null
  const named = known ?? abi
  return { selector, signature: signatureOf(named), abi: named }
}

function parseSignature(text: string): AbiFunction | null {
  if (!/^[A-Za-z_$][\w$]*\([\w$,[\]() ]*\)$/.test(text)) return null
  try {
    const item = parseAbiItem(`function ${text}` as string) as AbiFunction
    return item.type === 'function' ? item : null
  } catch {
    return null
  }
}

/** `transfer(address to,uint256 amount)`: one spelling, which `parseSelector` reads again. */
function signatureOf({ name, inputs }: AbiFunction): string {
  return `${name}(${inputs.map(parameterText).join(',')})`
}

function parameterText(parameter: AbiParameter): string {
  const { name, type } = parameter
  const shape =
    'components' in parameter
      ? `(${componentsOf(parameter).map(parameterText).join(',')})${type.slice('tuple'.length)}`
      : type
  return name === undefined || name === '' ? shape : `${shape} ${name}`
}

/** Whether a pointer leads to a single value of the call, whatever the lengths of its lists. */
export function hasPlace(abi: AbiFunction, pointer: string): boolean {
  let parameters: readonly AbiParameter[] = abi.inputs
  let type = ''
  let found: AbiParameter | undefined
  for (const part of partsOf(pointer)) {
    if (type.endsWith(']')) {
      if (!/^(?:0|[1-9]\d*)$/.test(part)) return false
      type = type.replace(/\[\d*\]$/, '')
    } else {
      found =
        parameters.find(({ name }) => name === part) ??
        (/^(?:0|[1-9]\d*)$/.test(part) ? parameters[Number(part)] : undefined)
      if (found === undefined) return false
      type = found.type
    }
    parameters = type === 'tuple' && found !== undefined ? componentsOf(found) : []
  }
  return found !== undefined && !type.endsWith(']') && type !== 'tuple'
}

/**
 * The value at a pointer of call data, as policies spell values: addresses in EIP-55, numbers in decimals, bytes in lower case.
 * `null` where the data does not decode exactly, or the pointer leads nowhere.
 */
export function valueAt({ selector, abi }: Selector, data: Hex.Hex, pointer: string): string | null {
  if (abi === null || data.slice(0, 10).toLowerCase() !== selector) return null
  let value: unknown
  try {
    const { args } = decodeFunctionData({ abi: [abi], data })
    // Another spelling of the same arguments may be read in another way by the contract.
    if (encodeFunctionData({ abi: [abi], args }) !== data.toLowerCase()) return null
    value = args
  } catch {
    return null
  }
  let parameters: readonly AbiParameter[] = abi.inputs
  let type = ''
  for (const part of partsOf(pointer)) {
    if (type.endsWith(']')) {
      type = type.replace(/\[\d*\]$/, '')
      value = Array.isArray(value) ? (value as unknown[])[Number(part)] : undefined
      continue
    }
    const found = parameters.find(({ name }) => name === part) ?? parameters[Number(part)]
    if (found === undefined || value === undefined || value === null) return null
    value = Array.isArray(value)
      ? (value as unknown[])[parameters.indexOf(found)]
      : (value as Record<string, unknown>)[found.name ?? '']
    type = found.type
    parameters = componentsOf(found)
  }
  return spell(value)
}

function spell(value: unknown): string | null {
  if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'string') return null
  if (/^0x[0-9a-fA-F]{40}$/.test(value)) return Address.parse(value.toLowerCase())
  return value.startsWith('0x') ? value.toLowerCase() : value
}

function componentsOf(parameter: AbiParameter): readonly AbiParameter[] {
  return 'components' in parameter ? (parameter.components as readonly AbiParameter[]) : []
}

function partsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}
