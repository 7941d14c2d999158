import type { Node } from 'jsonc-parser'
import { readCommand } from './commands.ts'
import { member, members, readJsonTree, textOf, textsOf, type JsonTree } from './json.ts'
import { join, NOTHING, shown, type Hook, type Supplies } from '../Dependency.ts'

/**
 * MCP configurations (`.mcp.json`, `mcp.json`, `claude_desktop_config.json`, `settings.json`) and plugin manifests: the
 * commands that a host would start by itself, and the hooks that it would run.
 */
export function readAgentConfig(file: string, text: string): Supplies {
  const tree = readJsonTree(text)
  const servers = [
    ...['mcpServers', 'servers', 'context_servers'].flatMap((key) => members(member(tree.root, key))),
    ...members(member(member(tree.root, 'mcp'), 'servers')),
  ]
  const started = servers.map(({ value }) => readServer(file, tree, value))
  return join([
    ...started,
    { ...NOTHING, hooks: readHooks(file, tree, member(tree.root, 'hooks'), 0) },
    { ...NOTHING, problems: tree.error === null ? [] : [{ file, line: tree.error.line, why: 'is not JSON' }] },
  ])
}

function readServer(file: string, tree: JsonTree, server: Node): Supplies {
  const command = member(server, 'command')
  const words = command?.type === 'array' ? textsOf(command) : [textOf(command), ...textsOf(member(server, 'args'))]
  const [program = '', ...args] = words
  if (program === '') return NOTHING
  const line = tree.line(command)
  const found = readCommand({
    program: program.split(/[/\\]/).at(-1) ?? program,
    args,
    file,
    line,
    text: shown(words.join(' ')),
  })
  return { ...found, dependencies: found.dependencies.map((each) => ({ ...each, via: 'config' as const })) }
}

/** Hooks as Claude Code's settings and plugins write them: `{ event: [{ hooks: [{ type: 'command', command }] }] }`. */
function readHooks(file: string, tree: JsonTree, node: Node | undefined, depth: number, event = ''): Hook[] {
  if (node === undefined || depth > 6) return []
  if (node.type === 'array')
    return (node.children ?? []).flatMap((each) => readHooks(file, tree, each, depth + 1, event))
  if (node.type !== 'object') return []
  const command = member(node, 'command')
  if (command !== undefined && textOf(command) !== '') {
    const text = textOf(command)
    return [
      {
        when: 'session',
        name: event === '' ? 'hook' : event,
        command: text,
        file,
        line: tree.line(command),
        evidence: shown(text),
      },
    ]
  }
  return members(node).flatMap(({ key, value }) => readHooks(file, tree, value, depth + 1, depth === 0 ? key : event))
}
