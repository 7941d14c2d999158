/** A description of the HTTP API as `GET /api/openapi.json` gives it. */
export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}
interface Operation {
  readonly deprecated?: boolean
  readonly security?: readonly object[]
  readonly 'x-scope'?: string | null
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>
}
type Content = Readonly<Record<string, { readonly schema?: Schema }>>
export interface Schema {
  readonly $ref?: string
  readonly deprecated?: boolean
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
}

/** Who writes the value: a program that was written for the earlier description, or this server. */
type Writer = 'client' | 'server'

/** Each end of a range: a later value beyond it shuts out what a client may send today. */
const LOWER = ['minimum', 'minLength', 'minItems'] as const
const UPPER = ['maximum', 'maxLength', 'maxItems'] as const

/**
 * What a program that was written for an earlier description could not do any more: a route, a field, a value or a way to sign
 * in that is gone, a field that is newly demanded, a field that may newly be missing or null. What the earlier description
 * marks `deprecated` may go. New routes, fields and values of answers are no breaks: clients pass over what they do not know.
 *
 * @returns one sentence for each, beginning with its place, such as `GET /api/state 200 .title: it may be null now`.
 */
export function breaksOf(before: Description, after: Description): string[] {
  const found: string[] = []
  const known = new Map<string, readonly string[]>()
  for (const [path, methods] of Object.entries(before.paths))
    for (const [method, operation] of Object.entries(methods)) {
      const place = `${method.toUpperCase()} ${path}`
      const now = after.paths[path]?.[method]
      if (now !== undefined) found.push(...operationBreaks(place, operation, now, { before, after, known }))
      else if (operation.deprecated !== true) found.push(`${place}: the route is gone`)
    }
  return [...new Set(found)]
}

interface Both extends Pick<Walk, 'known'> {
  readonly before: Description
  readonly after: Description
}

function operationBreaks(place: string, before: Operation, after: Operation, both: Both): string[] {
  const found: string[] = []
  const ways = (operation: Operation) =>
    (operation.security ?? []).map((each) => Object.keys(each).toSorted().join('+'))
  for (const way of ways(before))
    if (!ways(after).includes(way)) found.push(`${place}: ${way || 'nobody'} may not ask it now`)
  if ((after['x-scope'] ?? null) !== (before['x-scope'] ?? null))
    found.push(`${place}: it asks for the scope ${after['x-scope'] ?? 'none'} now`)
  const required = (operation: Operation) =>
    (operation.parameters ?? []).filter((each) => each.required === true).map((each) => `${each.in} ${each.name}`)
  for (const name of required(after))
    if (!required(before).includes(name)) found.push(`${place}: ${name} is demanded now`)
  for (const [type, { schema }] of Object.entries(before.requestBody?.content ?? {})) {
    const now = after.requestBody?.content[type]?.schema
    if (schema === undefined) continue
    if (now === undefined) found.push(`${place}: a body of ${type} is not taken now`)
    else found.push(...schemaBreaks(schema, now, { ...both, writer: 'client' }).map((each) => `${place} body${each}`))
  }
  for (const [status, { content = {} }] of Object.entries(before.responses)) {
    const answer = after.responses[status]
    if (answer === undefined && status.startsWith('2')) found.push(`${place}: it never answers ${status} now`)
    for (const [type, { schema }] of Object.entries(content)) {
      const now = answer?.content?.[type]?.schema
      if (schema === undefined || answer === undefined) continue
      if (now === undefined) found.push(`${place} ${status}: ${type} is gone`)
      else
        found.push(
          ...schemaBreaks(schema, now, { ...both, writer: 'server' }).map((each) => `${place} ${status}${each}`),
        )
    }
  }
  return found
}

interface Walk extends Both {
  readonly writer: Writer
  /** What is known of pairs of named types; empty while they are compared, so that a type that holds itself ends. */
  readonly known: Map<string, readonly string[]>
}

/** Breaks of one value, each as its place below the value and a sentence. */
function schemaBreaks(before: Schema, after: Schema, walk: Walk): readonly string[] {
  if (before.$ref === undefined && after.$ref === undefined) return shapeBreaks(before, after, walk)
  const pair = `${walk.writer} ${before.$ref ?? JSON.stringify(before)} ${after.$ref ?? JSON.stringify(after)}`
  const known = walk.known.get(pair)
  if (known !== undefined) return known
  walk.known.set(pair, [])
  const found = shapeBreaks(resolved(before, walk.before), resolved(after, walk.after), walk)
  walk.known.set(pair, found)
  return found
}

function shapeBreaks(was: Schema, is: Schema, walk: Walk): readonly string[] {
  const [oldKinds, newKinds] = [kindsOf(was, walk.before), kindsOf(is, walk.after)]
  // The one that reads has to know every kind that the other may write.
  const [written, read] = walk.writer === 'server' ? [newKinds, oldKinds] : [oldKinds, newKinds]
  const unknown = read === null ? [] : (written ?? ['anything']).filter((kind) => !isAmong(kind, read))
  if (unknown.length > 0) return [`: it may ${walk.writer === 'server' ? 'be' : 'not be'} ${unknown.join(' or ')} now`]
  const items = was.items !== undefined && is.items !== undefined ? schemaBreaks(was.items, is.items, walk) : []
  return [
    ...valueBreaks(was, is, walk.writer),
    ...choiceBreaks(was, is, walk),
    ...fieldBreaks(was, is, walk),
    ...items.map((each) => `[]${each}`),
    ...entryBreaks(was, is, walk).map((each) => ` .*${each}`),
  ]
}

/** Values that a client may send and that are not taken any more. New values of an answer are no break. */
function valueBreaks(before: Schema, after: Schema, writer: Writer): string[] {
  if (writer === 'server') return []
  const found: string[] = []
  const values = ({ enum: list, const: one }: Schema) => list ?? (one === undefined ? null : [one])
  const [was, is] = [values(before), values(after)]
  const gone = is === null ? [] : (was ?? ['any other value']).filter((value) => !is.includes(value))
  if (gone.length > 0) found.push(`: ${gone.map(String).join(', ')} is not taken now`)
  for (const key of LOWER)
    if ((after[key] ?? -Infinity) > (before[key] ?? -Infinity)) found.push(`: its ${key} is ${after[key]} now`)
  for (const key of UPPER)
    if ((after[key] ?? Infinity) < (before[key] ?? Infinity)) found.push(`: its ${key} is ${after[key]} now`)
  return found
}

/** Each shape that was one of several has to be the shape of its name now, or the one that is nearest to it. */
function choiceBreaks(before: Schema, after: Schema, walk: Walk): string[] {
  const choices = (schema: Schema) => schema.anyOf ?? schema.oneOf ?? [schema]
  if (choices(before)[0] === before && choices(after)[0] === after) return []
  return choices(before).flatMap((choice) => {
    const namesakes = choices(after).filter(({ $ref }) => $ref !== undefined && $ref === choice.$ref)
    const others = namesakes.length > 0 ? namesakes : choices(after)
    const ways = others.map((other) => schemaBreaks(choice, other, walk))
    return ways.toSorted((a, b) => a.length - b.length)[0] ?? []
  })
}

/** Of an object whose keys nobody lists: the values. */
function entryBreaks(before: Schema, after: Schema, walk: Walk): readonly string[] {
  const [was, is] = [before.additionalProperties, after.additionalProperties]
  return typeof was === 'object' && typeof is === 'object' ? schemaBreaks(was, is, walk) : []
}

function fieldBreaks(before: Schema, after: Schema, walk: Walk): string[] {
  const found: string[] = []
  const isOpen = after.additionalProperties !== false
  for (const [name, field] of Object.entries(before.properties ?? {})) {
    if (resolved(field, walk.before).deprecated === true || field.deprecated === true) continue
    const now = after.properties?.[name]
    const at = ` .${name}`
    if (now === undefined) {
      if (walk.writer === 'server' || !isOpen) found.push(`${at}: the field is gone`)
      continue
    }
    if (walk.writer === 'server' && before.required?.includes(name) === true && after.required?.includes(name) !== true)
      found.push(`${at}: it may be missing now`)
    found.push(...schemaBreaks(field, now, walk).map((each) => `${at}${each}`))
  }
  if (walk.writer === 'client')
    for (const name of after.required ?? [])
      if (before.required?.includes(name) !== true) found.push(` .${name}: it is demanded now`)
  return found
}

function resolved(schema: Schema, { components }: Description): Schema {
  let here = schema
  for (let name = here.$ref; name !== undefined; name = here.$ref) {
    const next = components.schemas[name.split('/').at(-1) ?? '']
    if (next === undefined) throw new TypeError(`The description names ${name} and does not hold it.`)
    here = next
  }
  return here
}

/** The JSON types that a schema admits; null where it admits all. */
function kindsOf(schema: Schema, description: Description): readonly string[] | null {
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) {
    const all = choices.map((choice) => kindsOf(resolved(choice, description), description))
    return all.some((each) => each === null) ? null : [...new Set(all.flatMap((each) => each ?? []))]
  }
  if (schema.type !== undefined) return [schema.type].flat()
  const values = schema.enum ?? (schema.const === undefined ? null : [schema.const])
  return values === null ? null : [...new Set(values.map(kindOfValue))]
}

function kindOfValue(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}

function isAmong(kind: string, read: readonly string[]): boolean {
  return read.includes(kind) || (kind === 'integer' && read.includes('number'))
}
