import type { Node } from 'jsonc-parser'
import { parsers } from '../../parsers.ts'

/** What a key of an agent's settings does: lets it do more without asking, starts a program, or sends it elsewhere. */
export type Effect = 'widens' | 'starts' | 'redirects'

export interface Setting {
  readonly effect: Effect
  /** Dotted, as it stands: `permissions.defaultMode`. */
  readonly key: string
  readonly value: string
  /** Offset in the text, where it is known. */
  readonly offset: number
}

/**
 * Keys of agents' settings that widen what an agent may do without asking, by their dotted name and value. Narrowing is never
 * here. Which agent a key belongs to is in the second column, for people.
 */
const WIDENS: readonly (readonly [key: RegExp, agent: string, value: RegExp])[] = [
  [/(?:^|\.)permissions\.defaultMode$/, 'Claude', /^(?:bypassPermissions|dontAsk)$/],
  [/(?:^|\.)enableAllProjectMcpServers$/, 'Claude', /^true$/],
  [/(?:^|\.)skipDangerousModePermissionPrompt$/, 'Claude', /^true$/],
  [
    /(?:^|\.)permissions\.allow\.\d+$/,
    'Claude, Cursor',
    /^(?:\*|(?:Bash|Shell|Write|Edit|WebFetch|mcp__)(?:\(\*{1,2}(?::\*)?\)|\*)?)$/,
  ],
  [/(?:^|\.)sandbox\.enabled$/, 'Claude', /^false$/],
  [/(?:^|\.)approval_policy$/, 'Codex', /^never$/],
  [/(?:^|\.)sandbox_mode$/, 'Codex', /^danger-full-access$/],
  [/(?:^|\.)(?:tools\.)?autoAccept$/, 'Gemini', /^true$/],
  [/(?:^|\.)tools\.sandbox$/, 'Gemini', /^false$/],
  [/(?:^|\.)security\.(?:disableYoloMode|folderTrust\.enabled)$/, 'Gemini', /^false$/],
  [/(?:^|\.)mcpServers\.[^.]+\.trust$/, 'Gemini', /^true$/],
  [/(?:^|\.)tools\.(?:allowed|core)\.\d+$/, 'Gemini', /^(?:run_shell_command|ShellTool|\*)$/],
  [/(?:^|\.)general\.defaultApprovalMode$/, 'Gemini', /^(?:yolo|auto_edit)$/],
  [/(?:^|\.)security\.workspace\.trust\.enabled$/, 'VS Code', /^false$/],
  [/(?:^|\.)task\.allowAutomaticTasks$/, 'VS Code', /^on$/],
  [/(?:^|\.)disableBypassPermissionsMode$/, 'Claude', /^(?:false|never)$/],
  [/(?:^|\.)(?:yolo|auto_run|autoRun|alwaysAllowExecute|auto_approve)$/, 'others', /^true$/],
  [/(?:^|\.)(?:autoApprove|alwaysAllow|autoApproveTools)(?:\.\d+)?$/, 'Cursor, Cline and others', /^(?:\*|true)$/],
  [/(?:^|\.)permission(?:\.(?:bash|edit|webfetch|\*|bash\.\*))?$/, 'OpenCode', /^allow$/],
  [/(?:^|\.)chat\.tools\.(?:global\.)?autoApprove$/, 'Copilot', /^true$/],
  [/(?:^|\.)chat\.tools\.terminal\.autoApprove\.(?:\/\.\*\/|\*)$/, 'Copilot', /^true$/],
  [/(?:^|\.)(?:windsurf\.)?cascadeCommandsAllowList\.\d+$/, 'Windsurf', /^\*$/],
  [/(?:^|\.)cascade\w*AutoExecution\w*$/i, 'Windsurf', /^(?:turbo|always)$/i],
  [/(?:^|\.)tools\.exec\.(?:ask|security)$/, 'OpenClaw', /^(?:off|full)$/],
  [/(?:^|\.)sandbox\.mode$/, 'OpenClaw', /^(?:off|none)$/],
]

/** Keys whose value is a program that the host starts by itself. */
const STARTS: readonly RegExp[] = [
  /(?:^|\.)hooks\.[^\n]{0,120}\bcommand$/,
  /(?:^|\.)(?:statusLine\.command|apiKeyHelper|awsAuthRefresh|awsCredentialExport|otelHeadersHelper)$/,
  /(?:^|\.)(?:mcpServers|servers|mcp|mcp_servers|context_servers)\.[^.]{1,80}\.command(?:\.0)?$/,
  /(?:^|\.)notify\.0$/,
  /(?:^|\.)terminal\.integrated\.(?:env\.\w+\.(?:LD_PRELOAD|BASH_ENV|NODE_OPTIONS|PYTHONSTARTUP)|(?:automationProfile|profiles)\.\w+(?:\.\w+)?\.path)$/,
]

/** Keys that send what an agent says, or what it obeys, elsewhere. */
const REDIRECTS =
  /(?:^|\.)(?:ANTHROPIC_BASE_URL|OPENAI_BASE_URL|GEMINI_BASE_URL|GOOGLE_GEMINI_BASE_URL|HTTPS?_PROXY|ALL_PROXY|OTEL_EXPORTER_OTLP_(?:\w+_)?ENDPOINT|otlpEndpoint|OTEL_LOGS_EXPORTER_ENDPOINT|base_url|baseUrl|http\.proxy|openai_base_url)$/

/** Whether a text may hold any of them: asked first, as most settings are of something else. */
export const MAY_BE_SETTINGS =
  /permission|autoA|approv|enableAllProject|sandbox|hooks|mcp|trust|statusLine|Helper|otlpEndpoint|OTEL_|allowed|allowAutomatic|yolo|auto_run|autoRun|_PROXY|BASE_URL|base_url|Yolo|AllowList|AutoExecution|notify/

/**
 * The same keys with the values that widen, as code and prose spell them: `s["autoAccept"] = true`, `approval_policy = "never"`,
 * `.permissions.defaultMode = "bypassPermissions"`. A comparison (`==`) is none.
 */
const BETWEEN = '(?!\\W{0,6}[=!]==?)(?!\\W{0,6}!=)[^\\w*\\n]{1,12}'
const SPELLED = [
  ['defaultMode', '(?:bypassPermissions|dontAsk)\\b'],
  ['enableAllProjectMcpServers', 'true\\b'],
  ['skipDangerousModePermissionPrompt', 'true\\b'],
  ['approval_policy', 'never\\b'],
  ['sandbox_mode', 'danger-full-access\\b'],
  ['(?:tools\\W{1,6})?autoAccept', 'true\\b'],
  ['(?:autoApprove|alwaysAllow|autoApproveTools)', String.raw`(?:true\b|["']?\*)`],
  ['cascadeCommandsAllowList', '\\*'],
]
export const SPELLED_SETTING = new RegExp(SPELLED.map(([key, value]) => `\\b${key}${BETWEEN}${value}`).join('|'), 'gi')
/** Asked first: the names alone. */
export const MAY_BE_SPELLED =
  /defaultMode|enableAllProject|skipDangerous|approval_policy|sandbox_mode|autoAccept|autoApprove|alwaysAllow|cascadeCommands/i
/** In a sentence: "set `approval_policy` to `never`", in lower case. */
export const TOLD_SETTING = new RegExp(
  `\\b(?:set|change|switch|turn|put|flip|enable|configure|update|add)\\b[^\\n]{0,60}?\\b(?:${SPELLED.map(([key = '', value]) => `${key.toLowerCase()}\\W{1,6}(?:(?:to|as|on|is|key|setting|field|option|value|be)\\W{1,6}){0,4}${(value ?? '').toLowerCase()}`).join('|')})`,
  'g',
)

const NODES_MAX = 4_000

/** What a text of settings does to an agent, whatever the file is called. */
export function settingsIn(text: string, language: 'json' | 'toml'): Setting[] {
  if (!MAY_BE_SETTINGS.test(text)) return []
  const out: Setting[] = []
  const leaves = language === 'json' ? leavesOfJson(text) : leavesOfToml(text)
  for (const { key, value, offset, words } of leaves) {
    if (WIDENS.some(([pattern, , wanted]) => wanted.test(value) && pattern.test(key)))
      out.push({ effect: 'widens', key, value, offset })
    else if (STARTS.some((pattern) => pattern.test(key)))
      out.push({ effect: 'starts', key, value: [value, ...words].join(' '), offset })
    else if (REDIRECTS.test(key) && /^https?:/.test(value)) out.push({ effect: 'redirects', key, value, offset })
  }
  return out
}

interface Leaf {
  readonly key: string
  readonly value: string
  readonly offset: number
  /** For a command: the words after it, from its neighbour `args`. */
  readonly words: readonly string[]
}

function leavesOfJson(text: string): Leaf[] {
  const out: Leaf[] = []
  const root = parsers.json().parseTree(text)
  const queue: { node: Node; key: string }[] = root === undefined ? [] : [{ node: root, key: '' }]
  for (let next = queue.pop(); next !== undefined && out.length < NODES_MAX; next = queue.pop()) {
    const { node, key } = next
    if (node.type === 'object')
      for (const property of node.children ?? []) {
        const [name, value] = property.children ?? []
        if (name !== undefined && value !== undefined) queue.push({ node: value, key: `${key}.${String(name.value)}` })
      }
    else if (node.type === 'array')
      (node.children ?? []).forEach((child, i) => queue.push({ node: child, key: `${key}.${i}` }))
    else out.push({ key: key.slice(1), value: String(node.value), offset: node.offset, words: wordsBeside(node) })
  }
  return out
}

function wordsBeside(node: Node): string[] {
  const owner = node.parent?.parent
  const args = owner?.children?.find((property) => property.children?.[0]?.value === 'args')?.children?.[1]
  return (args?.children ?? []).map((each) => String(each.value))
}

function leavesOfToml(text: string): Leaf[] {
  let value: unknown
  try {
    value = parsers.toml().parse(text)
  } catch {
    return []
  }
  const out: Leaf[] = []
  const walk = (at: unknown, key: string, owner: unknown): void => {
    if (out.length >= NODES_MAX) return
    if (Array.isArray(at)) at.forEach((each, i) => walk(each, `${key}.${i}`, at))
    else if (typeof at === 'object' && at !== null && !(at instanceof Date))
      for (const [name, each] of Object.entries(at)) walk(each, `${key}.${name}`, at)
    else {
      const args: unknown =
        typeof owner === 'object' && owner !== null ? Object.getOwnPropertyDescriptor(owner, 'args')?.value : []
      const last = key.slice(key.lastIndexOf('.') + 1)
      out.push({
        key: key.slice(1),
        value: String(at),
        offset: Math.max(0, text.indexOf(last)),
        words: Array.isArray(args) ? args.map(String) : [],
      })
    }
  }
  walk(value, '', null)
  return out
}

/** Where agents look for their settings by themselves. */
export const IN_PLACE =
  /(?:^|\/)\.(?:claude|codex|gemini|cursor|vscode|windsurf|codeium|opencode|openclaw|cline|roo)\/|(?:^|\/)(?:\.mcp\.json|opencode\.jsonc?|claude_desktop_config\.json|mcp_config\.json)$/
