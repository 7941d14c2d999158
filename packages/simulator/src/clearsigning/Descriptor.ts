import { BaseError, Digest } from '@countersign/base'
import { parseSignature, selectorOf, type Parameter } from './Abi.ts'

/**
 * ERC-7730 descriptors (clear signing): what the maker of a contract says its calls and documents mean. A stranger's
 * text: it may name things, it never vouches for anything, and nothing is left out of a report because of it.
 */
export interface DescriptorSet {
  /** By `chainId|address|selector`, lower case. */
  readonly calls: ReadonlyMap<string, Entry>
  /** By selector: descriptors without deployments, which describe an interface. They fit what the caller vouches for. */
  readonly interfaces: ReadonlyMap<string, readonly Entry[]>
  /** By `encodeType` of the primary type. */
  readonly documents: ReadonlyMap<string, readonly Entry[]>
  readonly size: number
}

/** How one function or one kind of document is shown. */
export interface Entry {
  /** The file it comes from. */
  readonly descriptor: string
  readonly intent: string | null
  readonly interpolatedIntent: string | null
  readonly owner: string | null
  readonly contractName: string | null
  readonly fields: readonly FieldSpec[]
  /** Parameters of the function; empty for documents. */
  readonly parameters: readonly Parameter[]
  readonly name: string
  /** For `$.` paths: the descriptor as it stands after its includes. */
  readonly root: Json
  readonly deployments: readonly Deployment[] | null
  readonly domain: Readonly<Record<string, unknown>> | null
  readonly domainSeparator: string | null
}

export interface Deployment {
  readonly chainId: number
  readonly address: string
}

/** A field, or a group of fields, as it stands in a descriptor once references are resolved. */
export interface FieldSpec {
  readonly path: string | null
  readonly value: unknown
  readonly label: string | null
  readonly format: string
  readonly params: Readonly<Record<string, unknown>>
  readonly visible: Visibility
  /** A group; null for a single field. */
  readonly fields: readonly FieldSpec[] | null
  readonly isBundled: boolean
}

export type Visibility =
  'always' | 'never' | { readonly ifNotIn: readonly unknown[] } | { readonly mustMatch: readonly unknown[] }

export type Json = { readonly [key: string]: unknown }

export const NO_DESCRIPTORS: DescriptorSet = { calls: new Map(), interfaces: new Map(), documents: new Map(), size: 0 }

const MAX_FILES = 5_000
const MAX_DEPTH = 12
const MAX_FIELDS = 256

/**
 * Reads descriptor files.
 *
 * @param files - File name (`folder/name.json`, as includes name it) → parsed JSON.
 * @throws {DescriptorError} `simulation:descriptor:unreadable`, naming the file.
 */
export function parseDescriptors(files: Readonly<Record<string, unknown>>): DescriptorSet {
  const names = Object.keys(files)
  if (names.length > MAX_FILES) throw new DescriptorError('The descriptors', `there are more than ${MAX_FILES}`)
  const calls = new Map<string, Entry>()
  const interfaces = new Map<string, Entry[]>()
  const documents = new Map<string, Entry[]>()
  let size = 0
  for (const name of names) {
    const root = resolve(files, name, [])
    const formats = objectAt(root, 'display', 'formats')
    const context = objectAt(root, 'context')
    if (formats === null || context === null) continue
    const contract = objectAt(context, 'contract')
    const eip712 = objectAt(context, 'eip712')
    for (const [key, spec] of Object.entries(formats)) {
      if (!isObject(spec)) throw new DescriptorError(name, `the format "${key.slice(0, 60)}" is not an object`)
      const entry = readEntry(name, key, spec, root, contract ?? eip712 ?? {}, contract !== null)
      size += 1
      if (contract !== null) {
        const selector = selectorOf(entry.name, entry.parameters)
        if (entry.deployments === null) push(interfaces, selector, entry)
        for (const { chainId, address } of entry.deployments ?? [])
          calls.set(`${chainId}|${address}|${selector}`, entry)
      } else if (eip712 !== null) push(documents, key.trim(), entry)
    }
  }
  return { calls, interfaces, documents, size }
}

/** Several sets as one; what comes later wins where both describe the same. */
export function mergeDescriptors(sets: readonly DescriptorSet[]): DescriptorSet {
  const merge = (pick: (set: DescriptorSet) => ReadonlyMap<string, readonly Entry[]>) => {
    const all = new Map<string, readonly Entry[]>()
    for (const set of sets) for (const [key, entries] of pick(set)) all.set(key, [...entries, ...(all.get(key) ?? [])])
    return all
  }
  return {
    calls: new Map(sets.flatMap((set) => [...set.calls])),
    interfaces: merge((set) => set.interfaces),
    documents: merge((set) => set.documents),
    size: sets.reduce((sum, set) => sum + set.size, 0),
  }
}

/** What the set is made of, for receipts and reports: the same descriptors have the same digest. */
export function digestOfFiles(files: Readonly<Record<string, unknown>>): Digest.Digest {
  return Digest.ofJson(files)
}

function readEntry(descriptor: string, key: string, spec: Json, root: Json, binding: Json, isCall: boolean): Entry {
  const metadata = objectAt(root, 'metadata') ?? {}
  const { name, parameters } = isCall
    ? read(descriptor, () => parseSignature(key))
    : { name: key.slice(0, key.indexOf('(')), parameters: [] }
  const budget = { left: MAX_FIELDS }
  return {
    descriptor,
    name,
    parameters,
    root,
    intent: intentOf(spec['intent']),
    interpolatedIntent: text(spec['interpolatedIntent']),
    owner: text(metadata['owner']),
    contractName: text(metadata['contractName']),
    fields: readFields(descriptor, spec['fields'], root, budget, 0),
    deployments: readDeployments(descriptor, binding['deployments']),
    domain: objectAt(binding, 'domain'),
    domainSeparator: text(binding['domainSeparator']),
  }
}

function readFields(
  descriptor: string,
  value: unknown,
  root: Json,
  budget: { left: number },
  depth: number,
): FieldSpec[] {
  if (value === undefined) return []
  if (!Array.isArray(value) || depth > MAX_DEPTH) throw new DescriptorError(descriptor, 'its fields are not a list')
  return value.map((entry: unknown): FieldSpec => {
    if (budget.left-- <= 0) throw new DescriptorError(descriptor, 'it has too many fields')
    if (!isObject(entry)) throw new DescriptorError(descriptor, 'a field is not an object')
    const referred = entry['$ref']
    let field = entry
    if (typeof referred === 'string' && referred.startsWith('$.')) {
      const definition = lookUp(root, referred)
      if (!isObject(definition)) throw new DescriptorError(descriptor, `"${referred.slice(0, 60)}" is not defined`)
      field = {
        ...definition,
        ...entry,
        params: { ...objectAt(definition, 'params'), ...objectAt(entry, 'params') },
      }
    }
    return {
      path: text(field['path']),
      value: field['value'],
      label: text(field['label']),
      format: text(field['format']) ?? 'raw',
      params: objectAt(field, 'params') ?? {},
      visible: readVisibility(field['visible']),
      fields: field['fields'] === undefined ? null : readFields(descriptor, field['fields'], root, budget, depth + 1),
      isBundled: field['iteration'] === 'bundled',
    }
  })
}

/** `optional` means "if the wallet can": it can. What is not understood is shown. */
function readVisibility(value: unknown): Visibility {
  if (value === 'never') return 'never'
  if (isObject(value) && Array.isArray(value['ifNotIn'])) return { ifNotIn: value['ifNotIn'] }
  if (isObject(value) && Array.isArray(value['mustMatch'])) return { mustMatch: value['mustMatch'] }
  return 'always'
}

function readDeployments(descriptor: string, value: unknown): readonly Deployment[] | null {
  if (!Array.isArray(value)) return null
  return value.map((entry: unknown) => {
    const { chainId, address } = isObject(entry) ? entry : {}
    if (typeof chainId !== 'number' || typeof address !== 'string' || !/^0x[0-9a-fA-F]{40}$/.test(address))
      throw new DescriptorError(descriptor, 'a deployment has no chain id or no address')
    return { chainId, address: address.toLowerCase() }
  })
}

function intentOf(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (!isObject(value)) return null
  return Object.entries(value)
    .map(([key, entry]) => `${key}: ${String(entry)}`)
    .join(', ')
}

/** A descriptor with what it includes beneath it: its own words win, fields of a format by their path. */
function resolve(files: Readonly<Record<string, unknown>>, name: string, above: readonly string[]): Json {
  const own = files[name]
  if (!isObject(own)) throw new DescriptorError(name, 'it is not an object')
  if (above.includes(name) || above.length > MAX_DEPTH) throw new DescriptorError(name, 'it includes itself')
  const includes = Array.isArray(own['includes']) ? own['includes'] : [own['includes']]
  let merged: Json = {}
  for (const include of includes) {
    if (typeof include !== 'string') continue
    const target = files[include] === undefined ? relative(name, include) : include
    if (files[target] === undefined)
      throw new DescriptorError(name, `it includes ${include.slice(0, 80)}, which is not here`)
    merged = overlay(merged, resolve(files, target, [...above, name]), [])
  }
  return overlay(merged, own, [])
}

function relative(from: string, include: string): string {
  const parts = from.split('/').slice(0, -1)
  for (const part of include.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

/** ERC-7730, "Organizing files": objects are merged, lists of fields by path, everything else replaced. */
function overlay(under: Json, over: Json, path: readonly string[]): Json {
  const merged: Record<string, unknown> = { ...under }
  for (const [key, value] of Object.entries(over)) {
    if (key === 'includes' || key === '__proto__') continue
    const below = merged[key]
    if (key === 'fields' && Array.isArray(below) && Array.isArray(value)) merged[key] = mergeFields(below, value)
    else if (isObject(below) && isObject(value) && path.length < MAX_DEPTH)
      merged[key] = overlay(below, value, [...path, key])
    else merged[key] = value
  }
  return merged
}

function mergeFields(under: readonly unknown[], over: readonly unknown[]): unknown[] {
  const pathOf = (field: unknown) => (isObject(field) ? field['path'] : undefined)
  const rest = [...over]
  const merged = under.map((field) => {
    const i = rest.findIndex((other) => pathOf(other) !== undefined && pathOf(other) === pathOf(field))
    if (i < 0) return field
    const [other] = rest.splice(i, 1)
    return { ...(field as Json), ...(other as Json) }
  })
  return [...merged, ...rest]
}

/** The value at a `$.a.b` path of a descriptor. */
export function lookUp(root: Json, path: string): unknown {
  let at: unknown = root
  for (const part of path.replace(/^\$\./, '').split('.')) {
    if (!isObject(at) || !Object.hasOwn(at, part)) return undefined
    at = at[part]
  }
  return at
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function objectAt(value: Json, ...path: readonly string[]): Json | null {
  let at: unknown = value
  for (const key of path) at = isObject(at) ? at[key] : undefined
  return isObject(at) ? at : null
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function read<T>(descriptor: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof DescriptorError) throw error
    throw new DescriptorError(descriptor, error instanceof Error ? error.message : 'it cannot be read')
  }
}

export class DescriptorError extends BaseError {
  override readonly name = 'simulator.DescriptorError'
  constructor(where: string, reason: string) {
    super(`The descriptor ${where.slice(0, 120)} cannot be used: ${reason.replace(/\.$/, '')}.`, {
      code: 'simulation:descriptor:unreadable',
      kind: 'invalid',
      hint: 'Give ERC-7730 files as their registry has them, with the files that they include beside them.',
    })
  }
}
