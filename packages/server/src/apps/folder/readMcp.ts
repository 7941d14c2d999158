import * as InputSchema from '../InputSchema.ts'
import type { McpEntry, PinnedTool } from '../McpEntry.ts'
import type { AppReader } from './AppReader.ts'
import { MANNER_KEYS } from './readOpenApi.ts'
import { readAuth, readManner, TOOL_NAME } from './readTool.ts'

const PIN = /^sha256-[0-9a-f]{64}$/
const PIN_HELP = 'Write sha256- and 64 hex digits in small letters; `countersign app check --pins` prints them.'

/** Reads `tools.mcp`: servers of others, with the tools whose definitions were pinned. */
export function readMcp(reader: AppReader, node: unknown, secrets: readonly string[]): McpEntry[] {
  const { yaml } = reader
  const servers = yaml.list(node, '"tools.mcp"').flatMap((each) => readServer(reader, each, secrets) ?? [])
  for (const [i, { name }] of servers.entries())
    if (servers.findIndex((other) => other.name === name) !== i)
      reader.refuse(node, `There are two MCP servers named "${name}".`, 'Give each a name of its own.')
  return servers
}

function readServer(reader: AppReader, node: unknown, secrets: readonly string[]): McpEntry | null {
  const { yaml } = reader
  const entries = yaml.entries(node, 'an entry of "tools.mcp"', ['name', 'url', 'tools', 'auth', 'allow_private'])
  if (entries === null) return null
  for (const key of ['name', 'url', 'tools'])
    if (!entries.has(key))
      reader.refuse(
        node,
        `The key "${key}" is missing.`,
        "Write { name: research, url: 'https://mcp.example/mcp', tools: { search: sha256-… } }.",
      )
  const name = entries.has('name')
    ? reader.matching(entries.get('name'), '"name"', /^[a-z][a-z0-9-]{0,31}$/, {
        help: 'Write small letters, digits and "-", a letter first; at most 32.',
      })
    : null
  const url = entries.has('url') ? readUrl(reader, entries.get('url')) : null
  const auth = entries.has('auth') ? readAuth(reader, entries.get('auth'), secrets) : null
  const allowPrivate = entries.has('allow_private')
    ? yaml.flag(entries.get('allow_private'), '"allow_private"') === true
    : false
  const tools = entries.has('tools') && name !== null ? readTools(reader, entries.get('tools'), name) : []
  return name === null || url === null ? null : { name, url, auth, allowPrivate, tools }
}

function readUrl(reader: AppReader, node: unknown): string | null {
  const text = reader.yaml.text(node, '"url"', { max: 500 })
  if (text === null) return null
  const url = /^https?:\/\/[^\\]+$/i.test(text) && URL.canParse(text) ? new URL(text) : null
  if (url === null || url.username !== '' || url.password !== '' || url.hash !== '')
    return reader.refuse(
      node,
      `"url" cannot be "${text.slice(0, 80)}".`,
      "Write the address of the server, such as 'https://mcp.example/mcp'.",
    )
  return url.href
}

function readTools(reader: AppReader, node: unknown, server: string): PinnedTool[] {
  const { yaml } = reader
  const value = yaml.value(node)
  if (!InputSchema.isSchema(value)) {
    reader.refuse(
      node,
      '"tools" must name tools with their pins.',
      'Write { search: sha256-… }, or {} to see the pins first.',
    )
    return []
  }
  return Object.keys(value).flatMap((tool): PinnedTool[] => {
    const at = yaml.below(node, [tool])
    const isBare = typeof value[tool] === 'string'
    const entries = isBare
      ? new Map<string, unknown>([['pin', at]])
      : yaml.entries(at, `"${tool.slice(0, 60)}"`, ['pin', ...MANNER_KEYS])
    if (entries === null) return []
    const name = `${server}_${tool}`
    if (!TOOL_NAME.test(name)) {
      reader.refuse(
        at,
        `"${name.slice(0, 80)}" cannot be the name of a tool.`,
        'Use letters, digits, _ and -; at most 64 with the name of the server.',
      )
      return []
    }
    if (!entries.has('pin')) reader.refuse(at, `The tool "${tool.slice(0, 60)}" has no pin.`, PIN_HELP)
    const pin = entries.has('pin') ? reader.matching(entries.get('pin'), 'The pin', PIN, { help: PIN_HELP }) : null
    // A server's own hints are not believed: what nobody said is a read is a write.
    const manner = readManner(reader, { at, entries, input: null, kind: 'write' })
    return pin === null || manner === null ? [] : [{ tool, name, pin, ...manner }]
  })
}
