import { Address, type Hex } from '@countersign/base'
import type { TypedDocument, TypedStruct, TypedValue } from '../signatures/TypedDocument.ts'
import { decodeAbiParameters, toFunctionSelector, type AbiParameter } from 'viem'

/** A parameter of a function, or a member of a struct. */
export interface Parameter {
  /** Canonical, `tuple` for structs, with its array dimensions. */
  readonly type: string
  readonly name: string
  readonly components: readonly Parameter[]
}

/** A decoded value that still knows its type. */
export type Node =
  | { readonly kind: 'atom'; readonly type: string; readonly value: bigint | string | boolean }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'struct'; readonly fields: ReadonlyMap<string, Node> }

const MAX_SIGNATURE = 8_000

/** Reads a human-readable signature with parameter names: `swap((address to, uint256 amount) params, bytes[] data)`. */
export function parseSignature(text: string): { readonly name: string; readonly parameters: readonly Parameter[] } {
  if (text.length > MAX_SIGNATURE) throw new Error('a signature is too long')
  const head = /^\s*([A-Za-z_$][\w$]*)\s*\(/.exec(text)
  const close = head === null ? -1 : closing(text, head[0].length - 1)
  if (head === null || close < 0 || text.slice(close + 1).trim() !== '')
    throw new Error(`"${text.slice(0, 60)}" is not a function signature`)
  return { name: head[1] as string, parameters: parseList(text.slice(head[0].length, close)) }
}

function parseList(text: string): Parameter[] {
  return split(text).map((part): Parameter => {
    const tuple = /^(?:tuple\s*)?\(/.exec(part)
    if (tuple !== null) {
      const open = tuple[0].length - 1
      const close = closing(part, open)
      const rest = /^((?:\[\d*\])*)\s*(?:(?:calldata|memory|indexed)\s+)?([A-Za-z_$][\w$]*)?$/.exec(
        part.slice(close + 1).trim(),
      )
      if (close < 0 || rest === null) throw new Error(`"${part.slice(0, 60)}" is not a parameter`)
      return { type: `tuple${rest[1]}`, name: rest[2] ?? '', components: parseList(part.slice(open + 1, close)) }
    }
    const atom = /^([a-z]\w*)((?:\[\d*\])*)(?:\s+(?:calldata|memory|payable))?(?:\s+([A-Za-z_$][\w$]*))?$/.exec(part)
    if (atom === null) throw new Error(`"${part.slice(0, 60)}" is not a parameter`)
    const base = atom[1] === 'uint' ? 'uint256' : atom[1] === 'int' ? 'int256' : (atom[1] as string)
    return { type: `${base}${atom[2]}`, name: atom[3] ?? '', components: [] }
  })
}

/** The parts between commas at the outermost level. */
function split(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let last = 0
  for (let i = 0; i <= text.length; i += 1) {
    const character = text[i]
    if (character === '(') depth += 1
    if (character === ')') depth -= 1
    if (i < text.length && (character !== ',' || depth > 0)) continue
    parts.push(text.slice(last, i).trim())
    last = i + 1
  }
  return parts.filter((part) => part !== '')
}

/** Where the bracket that opens at `open` closes; -1 where it does not. */
function closing(text: string, open: number): number {
  let depth = 0
  for (let i = open; i < text.length; i += 1) {
    if (text[i] === '(') depth += 1
    if (text[i] === ')' && (depth -= 1) === 0) return i
  }
  return -1
}

/** A parameter's type as selectors are made of it. */
function canonical({ type, components }: Parameter): string {
  return type.startsWith('tuple') ? `(${components.map(canonical).join(',')})${type.slice(5)}` : type
}

export function selectorOf(name: string, parameters: readonly Parameter[]): Hex.Hex {
  return toFunctionSelector(`${name}(${parameters.map(canonical).join(',')})`)
}

/** The arguments of call data, and how many bytes stand behind the last of them. @throws where it does not decode. */
export function decodeArguments(parameters: readonly Parameter[], data: Hex.Hex): Node {
  const values: readonly unknown[] =
    parameters.length === 0 ? [] : decodeAbiParameters(parameters.map(unnamed), `0x${data.slice(10)}`)
  return structOf(parameters, values)
}

/** Without names every struct decodes to a list, so two members of one name cannot hide each other. */
function unnamed({ type, components }: Parameter): AbiParameter {
  return components.length === 0 ? { type } : { type, components: components.map(unnamed) }
}

function structOf(parameters: readonly Parameter[], values: readonly unknown[]): Node {
  const fields = new Map<string, Node>()
  parameters.forEach((parameter, i) => {
    const key = parameter.name === '' || fields.has(parameter.name) ? String(i) : parameter.name
    fields.set(key, nodeOf(parameter, parameter.type, values[i]))
  })
  return { kind: 'struct', fields }
}

function nodeOf(parameter: Parameter, type: string, value: unknown): Node {
  const array = /^(.*)\[\d*\]$/.exec(type)
  if (array !== null) {
    const items = (value as readonly unknown[]).map((entry) => nodeOf(parameter, array[1] as string, entry))
    return { kind: 'list', items }
  }
  if (type === 'tuple') return structOf(parameter.components, value as readonly unknown[])
  if (type === 'address') return { kind: 'atom', type, value: Address.parse((value as string).toLowerCase()) }
  return { kind: 'atom', type, value: typeof value === 'number' ? BigInt(value) : (value as bigint | string | boolean) }
}

/** The message of an EIP-712 document that was read strictly. */
export function messageNode({ types, primaryType, message }: TypedDocument): Node {
  const struct = (type: string, value: TypedStruct): Node => ({
    kind: 'struct',
    fields: new Map(
      (types[type] ?? []).map((field) => [field.name, node(field.type, value[field.name] as TypedValue)]),
    ),
  })
  const node = (type: string, value: TypedValue): Node => {
    const array = /^(.*)\[\d*\]$/.exec(type)
    if (array !== null)
      return { kind: 'list', items: (value as readonly TypedValue[]).map((entry) => node(array[1] as string, entry)) }
    if (types[type] !== undefined) return struct(type, value as TypedStruct)
    return { kind: 'atom', type, value: value as bigint | string | boolean }
  }
  return struct(primaryType, message)
}
