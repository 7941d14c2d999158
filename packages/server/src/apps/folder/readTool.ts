import * as InputSchema from '../InputSchema.ts'
import {
  DEFAULT_MAX_BYTES,
  handlesIn,
  ROLES,
  unfits,
  type Auth,
  type HttpCall,
  type Role,
  type ToolSpec,
  type Trust,
} from '../ToolSpec.ts'
import { AppReader } from './AppReader.ts'

/** A name that a model may call a tool by. */
export const TOOL_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/
const TOOL_KEYS = 'name kind request description input result confirm critical roles idempotency examples'.split(' ')
/** Headers that say where a request goes or how it is framed. */
const OWN_HEADERS =
  /^(?:host|connection|content-length|content-type|transfer-encoding|te|trailer|upgrade|expect|proxy-.*|keep-alive|accept-encoding)$/i

/** Where the requests of an entry go. */
export interface Place {
  readonly origin: string
  readonly allowPrivate: boolean
  readonly auth: Auth | null
}

/** Reads a file of HTTP tools. What is wrong stands in the reader's faults. */
export function readToolFile(reader: AppReader, secrets: readonly string[]): ToolSpec[] {
  const { yaml } = reader
  if (yaml.root === null) return []
  const root = yaml.entries(yaml.root, 'the file', ['origin', 'allow_private', 'auth', 'tools'])
  if (root === null) return []
  const place = readPlace(reader, root, secrets)
  if (!root.has('origin')) reader.refuse(yaml.root, 'The key "origin" is missing.', ORIGIN_HELP)
  if (!root.has('tools')) reader.refuse(yaml.root, 'The key "tools" is missing.', 'List at least one tool.')
  const nodes = root.has('tools') ? yaml.list(root.get('tools'), '"tools"') : []
  return nodes.flatMap((node) => readTool(reader, node, place ?? { origin: '', allowPrivate: false, auth: null }) ?? [])
}

const ORIGIN_HELP = 'Write scheme and host, such as https://api.example, without a path.'

/** `origin`, `allow_private` and `auth` of a tool file or an entry. */
export function readPlace(
  reader: AppReader,
  entries: ReadonlyMap<string, unknown>,
  secrets: readonly string[],
): Place | null {
  const { yaml } = reader
  const origin = entries.has('origin') ? readOrigin(reader, entries.get('origin')) : ''
  const allowPrivate = entries.has('allow_private')
    ? yaml.flag(entries.get('allow_private'), '"allow_private"') === true
    : false
  const auth = entries.has('auth') ? readAuth(reader, entries.get('auth'), secrets) : null
  return origin === null ? null : { origin, allowPrivate, auth }
}

function readOrigin(reader: AppReader, node: unknown): string | null {
  const text = reader.yaml.text(node, '"origin"', { max: 300 })
  if (text === null) return null
  const url = /^https?:\/\/[^/?#@\\]+\/?$/i.test(text) && URL.canParse(text) ? new URL(text) : null
  if (url === null || url.username !== '' || url.password !== '')
    return reader.refuse(node, `"origin" cannot be "${text.slice(0, 80)}".`, ORIGIN_HELP)
  return url.origin
}

export function readAuth(reader: AppReader, node: unknown, secrets: readonly string[]): Auth | null {
  const { yaml } = reader
  const entries = yaml.entries(node, '"auth"', ['header', 'value'])
  if (entries === null) return null
  if (!entries.has('header') || !entries.has('value'))
    return reader.refuse(
      node,
      '"auth" needs "header" and "value".',
      "Write { header: Authorization, value: 'Bearer $SECRET:NAME' }.",
    )
  const header = reader.matching(entries.get('header'), '"auth.header"', /^[A-Za-z0-9-]{1,100}$/, {
    help: 'Write the name of a header, such as Authorization.',
  })
  if (header !== null && OWN_HEADERS.test(header))
    return reader.refuse(
      entries.get('header'),
      `"auth.header" cannot be "${header}".`,
      'Use a header of the API, such as Authorization.',
    )
  const value = reader.matching(entries.get('value'), '"auth.value"', /^[\x20-\x7e]{1,1000}$/, {
    help: "Write plain text with a handle, such as 'Bearer $SECRET:NAME'.",
    max: 1_000,
  })
  if (header === null || value === null) return null
  const unknown = handlesIn(value).find((name) => !secrets.includes(name))
  if (unknown !== undefined)
    return reader.refuse(
      entries.get('value'),
      `The secret "${unknown}" is not listed in "secrets" of app.yaml.`,
      `Add it: secrets: [${unknown}].`,
    )
  if (/\$SECRET(?!:[A-Z][A-Z0-9_]*)/.test(value))
    return reader.refuse(
      entries.get('value'),
      'The handle in "auth.value" is not complete.',
      'Write $SECRET:NAME, in capitals.',
    )
  return { header, value }
}

/** What says how a tool is confirmed and read, wherever it comes from. */
export type Manner = Pick<ToolSpec, 'kind' | 'confirm' | 'critical' | 'roles' | 'result'>

/** `kind`, `confirm`, `critical`, `roles` and `result` of a tool whose input is known. */
export function readManner(
  reader: AppReader,
  {
    at,
    entries,
    input,
    kind: fixed = null,
    method = null,
  }: {
    at: unknown
    entries: ReadonlyMap<string, unknown>
    input: InputSchema.JsonSchema | null
    /** The kind where the entry names none. */
    kind?: ToolSpec['kind'] | null
    method?: HttpCall['method'] | null
  },
): Manner | null {
  const { yaml } = reader
  const kind = entries.has('kind')
    ? yaml.oneOf(entries.get('kind'), '"kind"', ['read', 'write', 'transaction'] as const)
    : fixed
  if (kind === null) {
    if (!entries.has('kind')) reader.refuse(at, 'The key "kind" is missing.', 'Write read, write or transaction.')
    return null
  }
  if (kind !== 'write' && method !== null && method !== 'GET' && method !== 'POST')
    reader.refuse(
      entries.get('request') ?? at,
      `A ${kind} cannot use ${method}.`,
      'Use GET or POST, or make it a write.',
    )
  const confirm = entries.has('confirm')
    ? yaml.oneOf(entries.get('confirm'), '"confirm"', ['ordinary', 'step-up'] as const)
    : null
  if (entries.has('confirm') && kind === 'read')
    reader.refuse(entries.get('confirm'), '"confirm" is for tools of kind write and transaction.', 'Take it out.')
  if (kind === 'write' && method === 'DELETE' && !entries.has('confirm'))
    reader.refuse(at, 'A DELETE must say how it is confirmed.', 'Add confirm: ordinary or confirm: step-up.')
  const critical = entries.has('critical') ? reader.texts(entries.get('critical'), '"critical"') : null
  const roles = entries.has('roles') ? readRoles(reader, entries.get('roles')) : {}
  for (const { key, at: place, message, help } of input === null ? [] : unfits({ kind, critical, roles }, input))
    reader.refuse(key === 'input' ? yaml.below(entries.get('input') ?? at, place) : entries.get(key), message, help)
  return { kind, confirm: confirm ?? 'ordinary', critical, roles, result: readResult(reader, entries.get('result')) }
}

function readRoles(reader: AppReader, node: unknown): Record<string, Role> {
  const value = reader.yaml.value(node)
  if (!InputSchema.isSchema(value)) {
    reader.refuse(node, '"roles" must hold keys and values.', 'Write { amount: amount, to: recipient }.')
    return {}
  }
  const roles: Record<string, Role> = {}
  for (const [name, role] of Object.entries(value)) {
    if (ROLES.includes(role as Role)) roles[name] = role as Role
    else
      reader.refuse(
        reader.yaml.below(node, [name]),
        `"${String(role).slice(0, 40)}" is not a role.`,
        `The roles are: ${ROLES.join(', ')}.`,
      )
  }
  return roles
}

function readResult(reader: AppReader, node: unknown): ToolSpec['result'] {
  const { yaml } = reader
  const none = { trust: 'untrusted', maxBytes: DEFAULT_MAX_BYTES, schema: null } as const
  if (node === undefined) return none
  const entries = yaml.entries(node, '"result"', ['trust', 'max_bytes', 'schema'])
  if (entries === null) return none
  return {
    trust: entries.has('trust') ? readTrust(reader, entries.get('trust')) : 'untrusted',
    maxBytes: entries.has('max_bytes')
      ? (yaml.number(entries.get('max_bytes'), '"max_bytes"', { least: 1, most: 1_048_576 }) ?? DEFAULT_MAX_BYTES)
      : DEFAULT_MAX_BYTES,
    schema: entries.has('schema') ? readSchema(reader, entries.get('schema'), '"result.schema"') : null,
  }
}

function readTrust(reader: AppReader, node: unknown): Trust {
  const value = reader.yaml.value(node)
  if (value === 'untrusted' || value === 'data') return value
  if (Array.isArray(value)) {
    const pointers = reader.texts(node, '"trust"')
    const wrong = pointers.find((pointer) => !/^(?:\/(?:[^~/]|~[01])*)+$/.test(pointer))
    if (wrong === undefined) return pointers
  }
  reader.refuse(
    node,
    '"trust" is not valid.',
    'Write untrusted, data, or a list of JSON pointers such as [/usd, /items/*/iban].',
  )
  return 'untrusted'
}

/** A JSON Schema, as it stands. */
export function readSchema(reader: AppReader, node: unknown, what: string): InputSchema.JsonSchema | null {
  const value = reader.yaml.value(node)
  if (!InputSchema.isSchema(value))
    return reader.refuse(node, `${what} must be a JSON Schema.`, 'Write { type: object, properties: {…} }.')
  const fault = InputSchema.schemaFault(value)
  return fault === null
    ? value
    : reader.refuse(node, `${what} is not a JSON Schema: ${fault}.`, 'Use JSON Schema, draft 2020-12.')
}

function readTool(reader: AppReader, node: unknown, place: Place): ToolSpec | null {
  const { yaml } = reader
  const entries = yaml.entries(node, 'a tool', TOOL_KEYS)
  if (entries === null) return null
  for (const key of ['name', 'kind', 'request', 'description', 'input'])
    if (!entries.has(key))
      reader.refuse(
        node,
        `The key "${key}" of a tool is missing.`,
        `Every tool needs name, kind, request, description and input.`,
      )
  const name = entries.has('name')
    ? reader.matching(entries.get('name'), '"name"', TOOL_NAME, {
        help: 'Write a letter, then letters, digits, _ or -; at most 64.',
      })
    : null
  const given = entries.has('input') ? readSchema(reader, entries.get('input'), '"input"') : null
  const input = given === null ? null : InputSchema.close(given)
  if (input !== null && input['type'] !== 'object')
    reader.refuse(entries.get('input'), '"input" must be of type object.', 'Write { type: object, properties: {…} }.')
  const request = entries.has('request') ? readRequest(reader, entries.get('request'), input) : null
  const manner = entries.has('kind')
    ? readManner(reader, { at: node, entries, input, method: request?.method ?? null })
    : null
  const description = entries.has('description') ? readDescription(reader, entries.get('description')) : null
  const idempotencyHeader = entries.has('idempotency') ? readIdempotency(reader, entries.get('idempotency')) : null
  const examples = entries.has('examples') ? readExamples(reader, entries.get('examples'), input) : []
  if (name === null || input === null || request === null || manner === null || description === null) return null
  const call = { by: 'http', ...request, ...place } as const
  return { name, description, input, ...manner, idempotencyHeader, examples, call }
}

export function readDescription(reader: AppReader, node: unknown): string | null {
  return reader.yaml.text(node, '"description"', { max: 2_000 })
}

function readIdempotency(reader: AppReader, node: unknown): string | null {
  const entries = reader.yaml.entries(node, '"idempotency"', ['header'])
  if (entries === null || !entries.has('header')) return null
  const header = reader.matching(entries.get('header'), '"idempotency.header"', /^[A-Za-z0-9-]{1,100}$/, {
    help: 'Write the name of a header, such as Idempotency-Key.',
  })
  if (header !== null && OWN_HEADERS.test(header))
    return reader.refuse(node, `"idempotency.header" cannot be "${header}".`, 'Write Idempotency-Key.')
  return header
}

function readExamples(reader: AppReader, node: unknown, input: InputSchema.JsonSchema | null): string[] {
  const examples = reader.texts(node, '"examples"', { max: 300 })
  const known = input === null ? {} : InputSchema.properties(input)
  for (const example of examples)
    for (const [, slot = ''] of example.matchAll(/\{([^}]*)\}/g))
      if (input !== null && !Object.hasOwn(known, slot))
        reader.refuse(
          node,
          `The example names {${slot.slice(0, 40)}}, which "input" does not declare.`,
          `Use one of: ${Object.keys(known).join(', ')}.`,
        )
  return examples
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

function readRequest(
  reader: AppReader,
  node: unknown,
  input: InputSchema.JsonSchema | null,
): Pick<HttpCall, 'method' | 'path'> | null {
  const text = reader.yaml.text(node, '"request"', { max: 500 })
  if (text === null) return null
  const [, verb = '', target = ''] = /^(\S+) (\S+)$/.exec(text) ?? []
  const method = METHODS.find((each) => each === verb)
  if (method === undefined)
    return reader.refuse(
      node,
      `"request" cannot be "${text.slice(0, 80)}".`,
      `Write a method and a path, such as GET /prices/{symbol}; the methods are ${METHODS.join(', ')}.`,
    )
  const fault = pathFault(target, input)
  if (fault !== null) return reader.refuse(node, ...fault)
  return { method, path: target.split('/').slice(1) }
}

/** Why a path cannot be used, and what to write; null where it can. */
export function pathFault(target: string, input: InputSchema.JsonSchema | null): [string, string] | null {
  if (!target.startsWith('/'))
    return [`The path "${target.slice(0, 80)}" does not begin with "/".`, 'Write a path below the origin.']
  if (/[?#]/.test(target))
    return ['A path holds no query and no fragment.', 'What is not in the path goes to the query of a GET by itself.']
  if (/\*|\{\+|\+\}|\{[^}]*\*/.test(target))
    return ['A path holds no wildcard.', 'Name each parameter, as in /prices/{symbol}: it is one whole segment.']
  const segments = target.split('/').slice(1)
  const seen: string[] = []
  for (const [i, segment] of segments.entries()) {
    const parameter = /^\{([A-Za-z_][A-Za-z0-9_-]*)\}$/.exec(segment)?.[1]
    if (parameter === undefined) {
      const isLastEmpty = segment === '' && i === segments.length - 1
      if (!isLastEmpty && (!/^[A-Za-z0-9._~!$&'(),;=:@-]+$/.test(segment) || segment === '.' || segment === '..'))
        return [
          `The path segment "${segment.slice(0, 60)}" cannot be used.`,
          'A parameter is one whole segment; all else is plain text without "%", "." and "..".',
        ]
      continue
    }
    if (seen.includes(parameter)) return [`The path names {${parameter}} twice.`, 'Name each parameter once.']
    seen.push(parameter)
    if (input === null) continue
    const declared = InputSchema.properties(input)[parameter]
    const required = input['required']
    if (declared === undefined)
      return [`The path names {${parameter}}, which "input" does not declare.`, 'Declare it in properties of "input".']
    if (!Array.isArray(required) || !required.includes(parameter))
      return [`The path parameter "${parameter}" is not required by "input".`, `Add it: required: [${parameter}].`]
    if (['object', 'array', 'null'].includes(String(declared['type'])))
      return [
        `The path parameter "${parameter}" must be a text or a number.`,
        'Give it type string, number or integer.',
      ]
  }
  return null
}
