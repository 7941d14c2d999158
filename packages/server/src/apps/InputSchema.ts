import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { TOO_LONG, withinTime } from '../limits/withinTime.ts'

/** A JSON Schema (draft 2020-12) as an object. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** A scalar of a value, with its JSON pointer. */
export interface Scalar {
  readonly pointer: string
  readonly value: string | number | boolean | null
}

/** Schemas below a schema: one each, a list of them, or a map of them. */
const ONE = ['items', 'contains', 'not', 'if', 'then', 'else', 'propertyNames', 'unevaluatedItems', 'contentSchema']
const LIST = ['allOf', 'anyOf', 'oneOf', 'prefixItems']
const MAP = ['properties', '$defs', 'definitions', 'dependentSchemas']
/** Parts that are put together: each alone must not refuse what another one declares. */
const JOINED = ['allOf', 'anyOf', 'oneOf', 'if', 'then', 'else', 'dependentSchemas', '$ref']

export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a schema is put together of parts, each of which alone says less than the whole. */
export function isJoined(schema: JsonSchema): boolean {
  return JOINED.some((key) => Object.hasOwn(schema, key))
}

/** The same schema after a change to it and to every schema below it, from the inside out. */
export function rewrite(schema: JsonSchema, change: (schema: JsonSchema) => JsonSchema): JsonSchema {
  const deeper = (value: unknown): unknown => (isSchema(value) ? rewrite(value, change) : value)
  const below = Object.entries(schema).map(([key, value]) => {
    if (LIST.includes(key) && Array.isArray(value)) return [key, value.map(deeper)]
    if (MAP.includes(key) && isSchema(value))
      return [key, Object.fromEntries(Object.entries(value).map(([name, each]) => [name, deeper(each)]))]
    return [key, ONE.includes(key) || key === 'additionalProperties' ? deeper(value) : value]
  })
  return change(Object.fromEntries(below) as JsonSchema)
}

/** The same schema in which every object takes declared properties only, unless it says otherwise. */
export function close(schema: JsonSchema, { isPart = false }: { isPart?: boolean } = {}): JsonSchema {
  const closed: Record<string, unknown> = { ...schema }
  const deeper = (value: unknown, part: boolean): unknown => (isSchema(value) ? close(value, { isPart: part }) : value)
  for (const [key, value] of Object.entries(schema)) {
    const part = JOINED.includes(key)
    if (ONE.includes(key)) closed[key] = deeper(value, part || key === 'not')
    else if (LIST.includes(key) && Array.isArray(value)) closed[key] = value.map((each) => deeper(each, part))
    else if (MAP.includes(key) && isSchema(value))
      closed[key] = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, deeper(each, part)]))
  }
  const takesObjects = typesOf(schema).includes('object') || isSchema(schema['properties'])
  const saysSo = Object.hasOwn(schema, 'additionalProperties') || Object.hasOwn(schema, 'unevaluatedProperties')
  if (takesObjects && !saysSo && !isPart) {
    if (isJoined(schema)) closed['unevaluatedProperties'] = false
    else closed['additionalProperties'] = false
  }
  return closed
}

function typesOf(schema: JsonSchema): readonly unknown[] {
  return Array.isArray(schema['type']) ? schema['type'] : [schema['type']]
}

/** Where an object takes properties that nobody declared, as a path of keys; null where none does. */
export function openObject(
  schema: JsonSchema,
  path: readonly (string | number)[] = [],
): readonly (string | number)[] | null {
  for (const key of ['additionalProperties', 'unevaluatedProperties'])
    if (Object.hasOwn(schema, key) && schema[key] !== false) return [...path, key]
  if (Object.hasOwn(schema, 'patternProperties')) return [...path, 'patternProperties']
  for (const { path: below, schema: each } of partsOf(schema)) {
    const found = openObject(each, [...path, ...below])
    if (found !== null) return found
  }
  return null
}

function partsOf(schema: JsonSchema): { path: (string | number)[]; schema: JsonSchema }[] {
  const found: { path: (string | number)[]; schema: JsonSchema }[] = []
  for (const [key, value] of Object.entries(schema)) {
    if (ONE.includes(key) && isSchema(value)) found.push({ path: [key], schema: value })
    else if (LIST.includes(key) && Array.isArray(value))
      for (const [i, each] of value.entries()) if (isSchema(each)) found.push({ path: [key, i], schema: each })
    if (MAP.includes(key) && isSchema(value))
      for (const [name, each] of Object.entries(value))
        if (isSchema(each)) found.push({ path: [key, name], schema: each })
  }
  return found
}

/** The properties that an input declares at its top, those of joined parts included. */
export function properties(schema: JsonSchema): Readonly<Record<string, JsonSchema>> {
  const own = isSchema(schema['properties']) ? schema['properties'] : {}
  const joined = ['allOf', 'anyOf', 'oneOf'].flatMap((key) =>
    Array.isArray(schema[key]) ? (schema[key] as unknown[]) : [],
  )
  const found: Record<string, JsonSchema> = {}
  for (const part of joined) if (isSchema(part)) Object.assign(found, properties(part))
  for (const [name, each] of Object.entries(own)) found[name] = isSchema(each) ? each : {}
  return found
}

/** Every value that a schema itself gives: `const` and `default`, at any depth, as text. */
export function givenValues(schema: JsonSchema): readonly string[] {
  const own = ['const', 'default'].flatMap((key) => (Object.hasOwn(schema, key) ? scalarsOf(schema[key]) : []))
  return [...own.map(({ value }) => textOf(value)), ...partsOf(schema).flatMap((part) => givenValues(part.schema))]
}

/** Every scalar of a value by its JSON pointer (RFC 6901), in order. */
export function scalarsOf(value: unknown, pointer = ''): readonly Scalar[] {
  if (Array.isArray(value)) return value.flatMap((each, i) => scalarsOf(each, `${pointer}/${i}`))
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, each]) => scalarsOf(each, `${pointer}/${escaped(key)}`))
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null)
    return [{ pointer, value }]
  return []
}

export function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}

export function unescaped(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}

/** A scalar as a proposal shows it and as a tool is sent it: a text as it is, all else as its JSON text. */
export function textOf(value: Scalar['value']): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/**
 * The most time that a schema may take, in milliseconds: to be compiled, and for one value. Whoever writes an app or lists a tool
 * writes schemas, and a pattern or a recursion of theirs can take years. Honest ones take far less than one.
 */
const COMPILE_MS = 2_000
const CHECK_MS = 100

const fresh = (): Ajv2020 =>
  new Ajv2020({ strict: false, allErrors: false, validateFormats: false, logger: false, ownProperties: true })
let ajv = fresh()
const compiled = new WeakMap<JsonSchema, ValidateFunction>()
/**
 * How often a schema took too long for some value. After the third time it is not tried again, because each try costs everybody that
 * time; once may be a moment in which the machine was busy.
 */
const slow = new WeakMap<JsonSchema, number>()
const MOST_SLOW = 3
const TAKES_TOO_LONG = 'it takes too long to check'

/** Why a schema cannot be used; null where it can. */
export function schemaFault(schema: JsonSchema): string | null {
  try {
    compile(schema)
    return null
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '').slice(0, 200) : 'it cannot be compiled'
  }
}

/** Why a value does not fit, as a short sentence; null where it fits. What cannot be checked in time does not fit. */
export function misfit(schema: JsonSchema, value: unknown): string | null {
  const validate = compile(schema)
  const timesSlow = slow.get(schema) ?? 0
  if (timesSlow >= MOST_SLOW) return TAKES_TOO_LONG
  const fits = withinTime(() => validate(value), { maxMs: CHECK_MS })
  if (fits === TOO_LONG) {
    slow.set(schema, timesSlow + 1)
    return TAKES_TOO_LONG
  }
  if (fits) return null
  const [first] = validate.errors ?? []
  return `${first?.instancePath === undefined || first.instancePath === '' ? 'it' : first.instancePath} ${first?.message ?? 'does not fit'}`.slice(
    0,
    200,
  )
}

function compile(schema: JsonSchema): ValidateFunction {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  const { $id: _id, $schema: _dialect, ...anonymous } = schema
  const made = withinTime(() => ajv.compile(anonymous), { maxMs: COMPILE_MS })
  if (made === TOO_LONG) {
    // It was cut off in the middle of its work.
    ajv = fresh()
    throw new RangeError(TAKES_TOO_LONG)
  }
  // The library would keep every schema of every version of every app.
  ajv.removeSchema(anonymous)
  compiled.set(schema, made)
  return made
}
