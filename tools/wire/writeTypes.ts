/** A JSON Schema of the OpenAPI document, as far as the document uses the language. */
export type Schema = Readonly<Record<string, unknown>>

/** The parts of the document that types are made of. */
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

interface Operation {
  readonly summary: string
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>

const JSON_TYPE = 'application/json'
/** What a schema may say. Another word would be left out of the types in silence, so it is an error. */
const KNOWN = new Set(
  'type properties required additionalProperties patternProperties items anyOf oneOf enum const not description format $ref minItems maxItems minLength maxLength minimum'.split(
    ' ',
  ),
)

/** Declarations of every schema of the document, in the order of their names. */
export function typesOf(document: Document): string {
  return Object.entries(document.components.schemas)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, schema]) => `${comment(schema)}${declaration(name, schema)}`)
    .join('\n\n')
}

/** `Routes`: what each route takes and answers, for routes that answer JSON. */
export function routesOf(document: Document): string {
  const entries = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => {
      const answers = Object.entries(operation.responses).flatMap(([status, { content }]) =>
        status.startsWith('2') && content?.[JSON_TYPE] !== undefined ? [typeOf(content[JSON_TYPE].schema)] : [],
      )
      if (answers.length === 0) return []
      const params = operation.parameters
        .filter((each) => each.in === 'path')
        .map(({ name }) => `readonly ${name}: string`)
      const query = operation.parameters
        .filter((each) => each.in === 'query')
        .map(({ name, schema }) => `readonly ${name}?: ${typeOf(schema)}`)
      const body = operation.requestBody?.content[JSON_TYPE]?.schema
      return [
        `/** ${operation.summary} */\nreadonly '${method.toUpperCase()} ${path}': {\n${[
          `readonly params: ${params.length === 0 ? 'null' : `{ ${params.join('; ')} }`}`,
          `readonly query: ${query.length === 0 ? 'null' : `{ ${query.join('; ')} }`}`,
          `readonly body: ${body === undefined ? 'null' : typeOf(body)}`,
          `readonly answer: ${[...new Set(answers)].join(' | ')}`,
        ].join('\n')}\n}`,
      ]
    }),
  )
  return `/** Every route that answers JSON: what it takes and what it answers. */\nexport interface Routes {\n${entries.join('\n')}\n}`
}

function declaration(name: string, schema: Schema): string {
  const type = typeOf(schema)
  return type.startsWith('{') && !type.includes('} | ') && !type.includes('} & ')
    ? `export interface ${name} ${type}`
    : `export type ${name} = ${type}`
}

function comment({ description }: Schema): string {
  if (typeof description !== 'string') return ''
  return `/** ${description.replaceAll('*/', '*\\/')} */\n`
}

/** One schema as a type. @throws on words that are not known here. */
export function typeOf(schema: Schema): string {
  const unknown = Object.keys(schema).find((word) => !KNOWN.has(word))
  if (unknown !== undefined) throw new Error(`The schema word "${unknown}" has no type yet: add it to tools/wire.`)
  const { $ref, type } = schema
  if (typeof $ref === 'string') return $ref.replace('#/components/schemas/', '')
  if ('const' in schema) return JSON.stringify(schema['const'])
  if (Array.isArray(schema['enum'])) return union(schema['enum'].map((each) => JSON.stringify(each)))
  if (schema['properties'] === undefined)
    for (const word of ['anyOf', 'oneOf'] as const)
      if (Array.isArray(schema[word])) return union((schema[word] as Schema[]).map(typeOf))
  if (isNothing(schema)) return 'never'
  if (Array.isArray(type)) return union(type.map((each: unknown) => typeOf({ ...schema, type: each })))
  switch (type) {
    case 'string':
      return 'string'
    case 'integer':
    case 'number':
      return 'number'
    case 'boolean':
    case 'null':
      return type
    case 'array':
      return arrayOf(schema)
    case 'object':
      return objectOf(schema)
    default:
      return schema['properties'] === undefined ? 'unknown' : objectOf(schema)
  }
}

function isNothing({ not }: Schema): boolean {
  return typeof not === 'object' && not !== null && Object.keys(not).length === 0
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(' | ')
}

/** A list of a fixed length is a tuple. */
function arrayOf({ items = {}, minItems, maxItems }: Schema): string {
  const item = typeOf(items as Schema)
  if (typeof maxItems === 'number' && (minItems === maxItems || maxItems === 0))
    return `readonly [${Array.from({ length: maxItems }, () => item).join(', ')}]`
  return /[|&]/.test(item) ? `readonly (${item})[]` : `readonly ${item}[]`
}

function objectOf(schema: Schema): string {
  const { properties = {}, required = [], additionalProperties: more } = schema
  const fields = Object.entries(properties as Record<string, Schema>).map(
    ([name, each]) =>
      `${comment(each)}readonly ${/^\w+$/.test(name) ? name : JSON.stringify(name)}${(required as string[]).includes(name) ? '' : '?'}: ${typeOf(each)}`,
  )
  const isMap = typeof more === 'object' && more !== null
  if (fields.length === 0)
    return `Readonly<Record<string, ${isMap ? typeOf(more as Schema) : more === false ? 'never' : 'unknown'}>>`
  return `{\n${fields.join('\n')}\n}`
}
