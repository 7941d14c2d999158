import * as InputSchema from '../InputSchema.ts'

/** An operation of an OpenAPI document, as a tool needs it. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Such as `/orders/{id}`. */
  readonly path: string
  readonly description: string
  /** Parameters and the members of the body, in one object. */
  readonly input: InputSchema.JsonSchema
  /** Where an argument goes that is not in the path. */
  readonly places: Readonly<Record<string, 'query' | 'body'>>
}

/** What is wrong with a document or an operation, and where: a path of keys. */
export class OpenApiFault extends Error {
  override readonly name = 'apps.OpenApiFault'
  readonly at: readonly (string | number)[]
  readonly help: string
  constructor(at: readonly (string | number)[], message: string, help: string) {
    super(message)
    this.at = at
    this.help = help
  }
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace', 'query'] as const
/** The most schemas that one operation may have once every reference is written out, and how deep they may lie. */
const MAX_NODES = 20_000
const MAX_DEPTH = 64

type Json = Readonly<Record<string, unknown>>
type Path = readonly (string | number)[]
const isObject = InputSchema.isSchema

/** The operations of a document by `operationId`; two of one id are both kept. */
export function operationIds(document: unknown): ReadonlyMap<string, readonly Path[]> {
  const found = new Map<string, Path[]>()
  for (const [path, item] of Object.entries(isObject(document) && isObject(document['paths']) ? document['paths'] : {}))
    for (const method of METHODS) {
      const operation = isObject(item) ? item[method] : undefined
      const id = isObject(operation) ? operation['operationId'] : undefined
      if (typeof id === 'string') found.set(id, [...(found.get(id) ?? []), ['paths', path, method]])
    }
  return found
}

/**
 * Reads one operation. `servers` is ignored, and so are headers and cookies that the operation could take; one that it must have
 * is a fault.
 *
 * @throws {OpenApiFault}
 */
export function operationAt(document: Json, at: Path): Operation {
  const [, path = '', method = ''] = at.map(String)
  const refuse = (message: string, help: string, below: Path = []): never => {
    throw new OpenApiFault([...at, ...below], message, help)
  }
  const verb = (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).find((each) => each === method.toUpperCase())
  if (verb === undefined)
    return refuse(`A tool cannot use ${method.toUpperCase()}.`, 'Use GET, POST, PUT, PATCH or DELETE.')
  const read = new Dereference(document, at)
  const item = (document['paths'] as Json)[path] as Json
  const operation = item[method] as Json
  const parameters = joined(read.list(item['parameters']), read.list(operation['parameters']))
  const properties: Record<string, InputSchema.JsonSchema> = {}
  const required: string[] = []
  const places: Record<string, 'query' | 'body'> = {}
  const isOld = String(document['openapi']).startsWith('3.0')
  const schemaOf = (value: unknown): InputSchema.JsonSchema =>
    InputSchema.rewrite(isObject(value) ? value : {}, isOld ? fromOld : asItIs)

  for (const parameter of parameters) {
    const { name, in: place } = parameter as { name?: unknown; in?: unknown }
    if (typeof name !== 'string' || name === '') return refuse('A parameter has no name.', 'Name it.')
    const isRequired = parameter['required'] === true || place === 'path'
    if (place === 'header' || place === 'cookie') {
      if (isRequired && !/^(?:accept|content-type|authorization)$/i.test(name))
        return refuse(`The operation needs the ${place} "${name.slice(0, 60)}".`, 'Only "auth" sets a header.')
      continue
    }
    if (place !== 'path' && place !== 'query')
      return refuse(`The parameter "${name.slice(0, 60)}" stands in an unknown place.`, 'Use path or query.')
    const schema = schemaOf(parameter['schema'] ?? jsonSchemaIn(parameter['content']))
    const isPlain = place === 'path' ? ['simple', undefined] : ['form', undefined]
    if (
      !isPlain.includes(parameter['style'] as string | undefined) ||
      (parameter['explode'] === false && takes(schema, 'array'))
    )
      return refuse(
        `The parameter "${name.slice(0, 60)}" is written in a way that tools do not have.`,
        'Leave style and explode out.',
      )
    const described = typeof parameter['description'] === 'string' ? { description: parameter['description'] } : {}
    properties[name] = { ...described, ...schema }
    if (isRequired) required.push(name)
    if (place === 'query') places[name] = 'query'
  }

  const body = bodyOf(read, operation, refuse)
  if (body !== null && (verb === 'GET' || verb === 'DELETE'))
    return refuse(`A ${verb} with a body cannot be a tool.`, 'Use parameters, or another method.', ['requestBody'])
  const input = withBody(
    { properties, required, places },
    body === null ? null : { ...body, schema: schemaOf(body.schema) },
    refuse,
  )
  return { method: verb, path, description: describe(operation), input, places }
}

interface Body {
  readonly schema: InputSchema.JsonSchema
  readonly isRequired: boolean
}
type Refuse = (message: string, help: string, below?: Path) => never

function bodyOf(read: Dereference, operation: Json, refuse: Refuse): Body | null {
  const body = read.follow(operation['requestBody'])
  if (!isObject(body)) return null
  const schema = jsonSchemaIn(body['content'])
  if (schema === undefined) return refuse('The body is not JSON.', 'Declare application/json.', ['requestBody'])
  return { schema: isObject(schema) ? schema : {}, isRequired: body['required'] === true }
}

function withBody(
  {
    properties,
    required,
    places,
  }: {
    properties: Record<string, InputSchema.JsonSchema>
    required: string[]
    places: Record<string, 'query' | 'body'>
  },
  body: Body | null,
  refuse: Refuse,
): InputSchema.JsonSchema {
  const own = { type: 'object', properties, ...(required.length === 0 ? {} : { required }) }
  if (body === null) return own
  const { schema } = body
  const members = InputSchema.properties(schema)
  const isObjectBody = takes(schema, 'object') || Object.keys(members).length > 0
  if (!isObjectBody) return refuse('The body is not an object.', 'A tool sends named arguments.', ['requestBody'])
  const both = Object.keys(members).find((name) => Object.hasOwn(properties, name))
  if (both !== undefined)
    return refuse(`"${both.slice(0, 60)}" is a parameter and a member of the body.`, 'Rename one of the two.', [
      'requestBody',
    ])
  for (const name of Object.keys(members)) places[name] = 'body'
  if (InputSchema.isJoined(schema)) return { ...own, allOf: [schema] }
  const needed = body.isRequired && Array.isArray(schema['required']) ? (schema['required'] as string[]) : []
  const all = [...required, ...needed]
  const { properties: _members, required: _needed, type: _type, ...rest } = schema
  return {
    ...rest,
    type: 'object',
    properties: { ...properties, ...members },
    ...(all.length === 0 ? {} : { required: all }),
  }
}

function describe({ summary, description, operationId }: Json): string {
  const text = [summary, description].filter((each) => typeof each === 'string' && each.trim() !== '').join('. ')
  const clean = text
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .replaceAll('.. ', '. ')
    .trim()
  return (clean === '' ? String(operationId) : clean).slice(0, 2_000)
}

function takes(schema: InputSchema.JsonSchema, type: string): boolean {
  return [schema['type']].flat().includes(type)
}

function jsonSchemaIn(content: unknown): unknown {
  if (!isObject(content)) return undefined
  const media = Object.entries(content).find(([type]) =>
    /^application\/(?:json|[\w.+-]+\+json)\s*(?:;|$)/i.test(type),
  )?.[1]
  return isObject(media) ? (media['schema'] ?? {}) : undefined
}

/** Parameters of the path, then those of the operation: one of the same name and place takes the other's. */
function joined(outer: readonly Json[], inner: readonly Json[]): readonly Json[] {
  const isSame = (a: Json, b: Json): boolean => a['name'] === b['name'] && a['in'] === b['in']
  return [...outer.filter((each) => !inner.some((other) => isSame(each, other))), ...inner]
}

/** What a caller may not send is no argument. */
function asItIs(schema: InputSchema.JsonSchema): InputSchema.JsonSchema {
  const members = schema['properties']
  if (!isObject(members)) return schema
  const readOnly = Object.entries(members).flatMap(([name, each]) =>
    isObject(each) && each['readOnly'] === true ? [name] : [],
  )
  if (readOnly.length === 0) return schema
  const kept = Object.fromEntries(Object.entries(members).filter(([name]) => !readOnly.includes(name)))
  const required = Array.isArray(schema['required'])
    ? schema['required'].filter((name) => !readOnly.includes(String(name)))
    : null
  return { ...schema, properties: kept, ...(required === null ? {} : { required }) }
}

/** OpenAPI 3.0 has words of its own where JSON Schema has others. */
function fromOld(given: InputSchema.JsonSchema): InputSchema.JsonSchema {
  const { nullable, exclusiveMinimum, exclusiveMaximum, example: _example, xml: _xml, ...schema } = asItIs(given)
  const changed: Record<string, unknown> = { ...schema }
  for (const [bound, flag] of [
    ['minimum', exclusiveMinimum],
    ['maximum', exclusiveMaximum],
  ] as const) {
    const word = bound === 'minimum' ? 'exclusiveMinimum' : 'exclusiveMaximum'
    if (typeof flag === 'number') changed[word] = flag
    if (flag !== true || typeof changed[bound] !== 'number') continue
    changed[word] = changed[bound]
    delete changed[bound]
  }
  if (nullable === true && typeof changed['type'] === 'string') {
    changed['type'] = [changed['type'], 'null']
    if (Array.isArray(changed['enum'])) changed['enum'] = [...new Set([...(changed['enum'] as unknown[]), null])]
  }
  return changed
}

/** Writes references within the document out. */
class Dereference {
  readonly #document: Json
  readonly #at: Path
  #nodes = 0

  constructor(document: Json, at: Path) {
    this.#document = document
    this.#at = at
  }

  list(value: unknown): readonly Json[] {
    return (Array.isArray(value) ? value : []).map((each) => this.follow(each)).filter(isObject)
  }

  follow(value: unknown, trail: readonly string[] = [], depth = 0): unknown {
    this.#nodes += 1
    if (this.#nodes > MAX_NODES || depth > MAX_DEPTH)
      throw new OpenApiFault(
        this.#at,
        'The operation is too large once its references are written out.',
        'Simplify it.',
      )
    if (Array.isArray(value)) return value.map((each) => this.follow(each, trail, depth + 1))
    if (!isObject(value)) return value
    const { $ref: ref, ...rest } = value
    if (typeof ref !== 'string')
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.follow(each, trail, depth + 1)]))
    if (trail.includes(ref))
      throw new OpenApiFault(
        this.#at,
        `"${ref.slice(0, 100)}" refers to itself.`,
        'A tool needs arguments of a fixed depth.',
      )
    const target = this.follow(this.#target(ref), [...trail, ref], depth + 1)
    return isObject(target) ? { ...target, ...(this.follow(rest, trail, depth + 1) as Json) } : target
  }

  #target(ref: string): unknown {
    const steps = ref.startsWith('#/')
      ? ref
          .slice(2)
          .split('/')
          .map((step) => InputSchema.unescaped(decode(step)))
      : null
    let at: unknown = steps === null ? undefined : this.#document
    for (const step of steps ?? []) at = isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined
    if (at === undefined)
      throw new OpenApiFault(
        this.#at,
        `The reference "${ref.slice(0, 100)}" leads nowhere in this document.`,
        'Put what it means into the same document.',
      )
    return at
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
