import { Digest } from '@countersign/base'
import * as InputSchema from './InputSchema.ts'
import { unfits, type Auth, type ToolSpec } from './ToolSpec.ts'

/** A server of others, whose tools an app uses. */
export interface McpEntry {
  readonly name: string
  readonly url: string
  readonly auth: Auth | null
  readonly allowPrivate: boolean
  readonly tools: readonly PinnedTool[]
}

/** A tool of such a server, with the definition that somebody looked at. */
export interface PinnedTool extends Pick<ToolSpec, 'kind' | 'confirm' | 'critical' | 'roles' | 'result'> {
  /** As the server calls it. */
  readonly tool: string
  /** As the model calls it: `research_search`. */
  readonly name: string
  /** `sha256-` and hex. */
  readonly pin: string
}

/** A tool that is not offered, and why. */
export interface DisabledTool {
  readonly name: string
  readonly kind: ToolSpec['kind']
  readonly because: string
}

/** A definition as a server lists it. */
export type McpDefinition = Readonly<Record<string, unknown>>

const PINNED = ['name', 'title', 'description', 'inputSchema', 'outputSchema', 'annotations'] as const

/** SHA-256 of the RFC 8785 form of what a model and a person would read of a tool; absent members are left out. */
export function pinOf(definition: McpDefinition): string {
  const members = PINNED.filter((key) => Object.hasOwn(definition, key) && definition[key] !== undefined)
  return `sha256-${Digest.ofJson(Object.fromEntries(members.map((key) => [key, definition[key]]))).slice(2)}`
}

/** The tools of a server as they may be offered now: a definition that is missing, doubled or another one offers nothing. */
export function specsOf(
  entry: McpEntry,
  listed: readonly McpDefinition[] | null,
): { readonly specs: readonly ToolSpec[]; readonly disabled: readonly DisabledTool[] } {
  const specs: ToolSpec[] = []
  const disabled: DisabledTool[] = []
  for (const pinned of entry.tools) {
    const made = listed === null ? 'The server did not list its tools.' : specOf(entry, pinned, listed)
    if (typeof made === 'string') disabled.push({ name: pinned.name, kind: pinned.kind, because: made })
    else specs.push(made)
  }
  return { specs, disabled }
}

/** A tool, or why it cannot be offered. */
function specOf(entry: McpEntry, pinned: PinnedTool, listed: readonly McpDefinition[]): ToolSpec | string {
  const { tool, pin, ...rest } = pinned
  const found = listed.filter((each) => each['name'] === tool)
  const [definition] = found
  if (definition === undefined) return `The server ${entry.name} has no tool "${tool}".`
  if (found.length > 1) return `The server ${entry.name} has two tools named "${tool}".`
  if (pinOf(definition) !== pin) return `The definition of "${tool}" differs from the one that was pinned.`
  const { inputSchema, description } = definition
  if (!InputSchema.isSchema(inputSchema) || inputSchema['type'] !== 'object') return 'Its input is not an object.'
  const input = InputSchema.close(inputSchema)
  const fault = InputSchema.schemaFault(input) ?? unfits(rest, input)[0]?.message ?? null
  if (fault !== null) return fault
  const text = typeof description === 'string' ? description.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim() : ''
  const { name: server, url, auth, allowPrivate } = entry
  return {
    ...rest,
    description: (text === '' ? tool : text).slice(0, 2_000),
    input,
    idempotencyHeader: null,
    examples: [],
    call: { by: 'mcp', url, server, tool, pin, allowPrivate, auth },
  }
}
