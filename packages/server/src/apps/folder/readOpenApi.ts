import * as InputSchema from '../InputSchema.ts'
import type { ToolSpec } from '../ToolSpec.ts'
import type { AppFault } from './AppFault.ts'
import { AppReader, type AppFiles } from './AppReader.ts'
import { OpenApiFault, operationAt, operationIds } from './OpenApi.ts'
import { pathFault, readManner, readPlace, TOOL_NAME } from './readTool.ts'

export const MANNER_KEYS = ['kind', 'confirm', 'critical', 'roles', 'result']

/** Reads an entry of `tools.openapi`: operations of a document of the app become tools. */
export function readOpenApi(
  main: AppReader,
  node: unknown,
  { files, secrets }: { files: AppFiles; secrets: readonly string[] },
): { readonly specs: readonly ToolSpec[]; readonly faults: readonly AppFault[] } {
  const { yaml } = main
  const none = { specs: [], faults: [] }
  const entries = yaml.entries(node, 'an entry of "tools.openapi"', [
    'file',
    'origin',
    'operations',
    'auth',
    'allow_private',
  ])
  if (entries === null) return none
  for (const key of ['file', 'origin', 'operations'])
    if (!entries.has(key))
      main.refuse(
        node,
        `The key "${key}" is missing.`,
        "Write { file: tools/orders.openapi.json, origin: 'https://orders.example', operations: [createOrder] }.",
      )
  const place = readPlace(main, entries, secrets)
  const path = entries.has('file') ? yaml.text(entries.get('file'), '"file"', { max: 200 }) : null
  const text = path === null ? undefined : files.get(path)
  if (path !== null && text === undefined)
    main.refuse(
      entries.get('file'),
      `The file "${path.slice(0, 100)}" does not exist.`,
      'Name a file below the folder of the app.',
    )
  const wanted = entries.has('operations') ? readOperations(main, entries.get('operations')) : []
  if (path === null || text === undefined || place === null) return none

  const reader = new AppReader(path, text)
  const document = reader.yaml.value(reader.yaml.root)
  if (!InputSchema.isSchema(document)) return { specs: [], faults: reader.faults }
  if (!/^3\.[012]\.\d+$/.test(String(document['openapi']))) {
    reader.refuse(
      reader.yaml.below(reader.yaml.root, ['openapi']),
      'The document is not OpenAPI 3.',
      'Write openapi: 3.1.0.',
    )
    return { specs: [], faults: reader.faults }
  }
  const known = operationIds(document)
  const specs = wanted.flatMap(({ name, at, manner }): ToolSpec[] => {
    const places = known.get(name) ?? []
    const [first] = places
    if (first === undefined || places.length > 1) {
      const what =
        first === undefined ? `has no operation "${name.slice(0, 60)}"` : `has two operations "${name.slice(0, 60)}"`
      main.refuse(
        at,
        `${path} ${what}.`,
        first === undefined
          ? `It has: ${[...known.keys()].slice(0, 20).join(', ')}.`
          : 'Give each an operationId of its own.',
      )
      return []
    }
    if (!TOOL_NAME.test(name)) {
      main.refuse(
        at,
        `"${name.slice(0, 60)}" cannot be the name of a tool.`,
        'Write a letter, then letters, digits, _ or -; at most 64.',
      )
      return []
    }
    try {
      const { method, path: target, description, input: given, places: sent } = operationAt(document, first)
      const input = InputSchema.close(given)
      const fault = InputSchema.schemaFault(input)
      if (fault !== null)
        throw new OpenApiFault(first, `The input is not a JSON Schema: ${fault}.`, 'Correct the schemas.')
      const wrong = pathFault(target, input)
      if (wrong !== null) throw new OpenApiFault(first.slice(0, 2), ...wrong)
      const kind = method === 'GET' ? 'read' : 'write'
      const read = readManner(main, { at, entries: manner, input, kind, method })
      if (read === null) return []
      const call = { by: 'http', method, path: target.split('/').slice(1), places: sent, ...place } as const
      return [{ name, description, input, ...read, idempotencyHeader: null, examples: [], call }]
    } catch (error) {
      if (!(error instanceof OpenApiFault)) throw error
      reader.refuse(reader.yaml.below(reader.yaml.root, error.at), `${name}: ${error.message}`, error.help)
      return []
    }
  })
  return { specs, faults: reader.faults }
}

interface Wanted {
  readonly name: string
  readonly at: unknown
  /** What the entry says of kind, confirm, critical, roles and result. */
  readonly manner: ReadonlyMap<string, unknown>
}

/** A list of names, or names with what the tool says of itself. */
function readOperations(main: AppReader, node: unknown): readonly Wanted[] {
  const { yaml } = main
  const value = yaml.value(node)
  if (Array.isArray(value))
    return main.texts(node, '"operations"').map((name, i) => ({ name, at: yaml.below(node, [i]), manner: new Map() }))
  if (!InputSchema.isSchema(value)) {
    main.refuse(
      node,
      '"operations" must be a list of names, or names with keys.',
      'Write [createOrder], or { createOrder: { confirm: step-up } }.',
    )
    return []
  }
  return Object.keys(value).flatMap((name) => {
    const at = yaml.below(node, [name])
    const manner = yaml.entries(at, `"${name.slice(0, 60)}"`, MANNER_KEYS)
    return manner === null ? [] : [{ name, at, manner }]
  })
}
