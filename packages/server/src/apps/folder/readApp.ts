import { Digest } from '@countersign/base'
import type { TurnLimits } from '../TurnLimits.ts'
import { DEFAULT_LIFETIME } from '../../sessions/Lifetime.ts'
import { APP_NAME } from '../../keys/ApiKey.ts'
import { DEFAULT_APP, type App, type SecretSlot, type SessionPolicy } from '../App.ts'
import type { NotifyTarget } from '../NotifyTarget.ts'
import type { McpEntry } from '../McpEntry.ts'
import { handlesIn, type ToolSpec } from '../ToolSpec.ts'
import type { Guards } from '../../mandates/guards/Guards.ts'
import { NONE, readGuardsIn } from '../../mandates/guards/readGuards.ts'
import { guardTools } from '../guardTools.ts'
import { DOCUMENT_TOOLS, TOOL_NAMES } from '../Tools.ts'
import { SECRET_NAME, variablesOf } from '../secrets/SecretName.ts'
import type { AppFault } from './AppFault.ts'
import { AppReader, staysInside, type AppFiles } from './AppReader.ts'
import { lintPreamble } from './lintPreamble.ts'
import { readNotify } from './readNotify.ts'
import { readMcp } from './readMcp.ts'
import { readOpenApi } from './readOpenApi.ts'
import { readToolFile } from './readTool.ts'

export interface AppSource {
  /** The name that the folder or the path of the request gives it. */
  readonly name: string
  readonly files: AppFiles
  /** Folders that are there, for entries that may name one. */
  readonly folders?: readonly string[]
  /** `operator`: from the operator's folder. `key`: pushed with a key. */
  readonly by: 'operator' | 'key'
}

/** What the server has, which an app may ask for. */
export interface Offered {
  readonly models: readonly string[]
  /** Whether a secret has a value. */
  readonly hasSecret: (app: string, by: 'operator' | 'key', name: string) => boolean
}

export interface ReadApp {
  readonly app: App
  readonly warnings: readonly AppFault[]
}

const KEYS =
  'name title chains model session tools values guards documents skills secrets limits notify enforcement'.split(' ')
const LIMITS = { steps_per_turn: 100, calls_per_tool: 100, turn_seconds: 600 } as const

/**
 * Reads an app from the files of its folder.
 *
 * @returns The app, or everything that is wrong with it, each with its place.
 */
export function readApp(source: AppSource, offered: Offered): ReadApp | { readonly faults: readonly AppFault[] } {
  const text = source.files.get('app.yaml')
  if (text === undefined) {
    const help = 'Write app.yaml with at least "name: …", or run `countersign app init`.'
    return { faults: [{ file: 'app.yaml', line: 1, column: 1, message: 'The file app.yaml is missing.', help }] }
  }
  const read = new FolderReader(source, offered, text)
  const app = read.app()
  return read.faults.length > 0 || app === null ? { faults: read.faults } : { app, warnings: read.warnings }
}

class FolderReader {
  readonly warnings: AppFault[] = []
  readonly #source: AppSource
  readonly #offered: Offered
  readonly #main: AppReader
  readonly #faults: AppFault[] = []

  constructor(source: AppSource, offered: Offered, text: string) {
    this.#source = source
    this.#offered = offered
    this.#main = new AppReader('app.yaml', text)
  }

  get faults(): readonly AppFault[] {
    return [...this.#main.faults, ...this.#faults]
  }

  app(): App | null {
    const { yaml } = this.#main
    if (yaml.root === null) return null
    const root = yaml.entries(yaml.root, 'app.yaml', KEYS) ?? new Map<string, unknown>()
    const given = <T>(key: string, take: (node: unknown) => T, none: T): T =>
      root.has(key) ? take(root.get(key)) : none
    const name = this.#name(root.get('name'))
    const secrets = given('secrets', (node) => this.#secrets(node), [])
    const tools = given('tools', (node) => this.#tools(node, secrets), { builtin: [], declared: [], mcp: [] })
    const session = given('session', (node) => this.#session(node), {
      policy: 'key' as const,
      lifetime: DEFAULT_LIFETIME,
    })
    const preamble = this.#source.files.get('preamble.md') ?? null
    this.warnings.push(...lintPreamble('preamble.md', preamble ?? ''))
    const app: App = {
      ...DEFAULT_APP,
      name: name ?? '',
      title: given('title', (node) => yaml.text(node, '"title"', { max: 100 }), null) ?? name ?? '',
      preamble,
      tools: tools.builtin,
      declared: tools.declared,
      mcp: tools.mcp,
      sessionPolicy: session.policy,
      lifetime: session.lifetime,
      model: given('model', (node) => this.#model(node), null),
      chains: given('chains', (node) => this.#chains(node), null),
      values: given('values', (node) => this.#values(node), {}),
      guards: root.has('guards') ? this.#guards(tools.declared) : NONE,
      secrets,
      notify: given('notify', (node) => this.#notify(node), {}),
      limits: given('limits', (node) => this.#limits(node), {}),
      documents: given('documents', (node) => this.#paths(node, 'documents'), []),
      skills: given('skills', (node) => this.#paths(node, 'skills'), []),
      enforcement: given('enforcement', (node) => this.#enforcement(node), {
        ...{ mode: 'preferred' as const, slippageBps: 50, maxGas: 60_000 },
      }),
      by: this.#source.by,
      version: versionOf(this.#source.files),
    }
    this.#warnOfSecrets(app)
    this.#warnOfWebhooks(app)
    return name === null ? null : app
  }

  #name(node: unknown): string | null {
    const { name: folder } = this.#source
    if (node === undefined)
      return this.#main.refuse(this.#main.yaml.root, 'The key "name" is missing.', `Write name: ${folder}`)
    const name = this.#main.matching(node, '"name"', APP_NAME, {
      help: 'Write small letters, digits and "-", a letter first.',
    })
    if (name !== null && name !== folder)
      this.#main.refuse(node, `The app is named "${name}", and its folder "${folder}".`, `Write name: ${folder}`)
    return name
  }

  #model(node: unknown): string | null {
    const model = this.#main.yaml.text(node, '"model"', { max: 100 })
    if (model === null || this.#offered.models.includes(model)) return model
    return this.#main.refuse(
      node,
      `The model "${model}" is not available.`,
      `Use one of: ${this.#offered.models.join(', ')}.`,
    )
  }

  #chains(node: unknown): number[] {
    const { yaml } = this.#main
    return yaml
      .list(node, '"chains"')
      .flatMap((each) => yaml.number(each, 'A chain', { least: 1, most: Number.MAX_SAFE_INTEGER }) ?? [])
  }

  #session(node: unknown): { policy: SessionPolicy; lifetime: App['lifetime'] } {
    const { yaml } = this.#main
    const entries = yaml.entries(node, '"session"', ['policy', 'idle', 'absolute'])
    const policy = entries?.has('policy')
      ? yaml.oneOf(entries.get('policy'), '"session.policy"', ['key', 'proof', 'id'] as const)
      : null
    const time = (key: 'idle' | 'absolute'): number | null =>
      entries?.has(key) === true ? yaml.duration(entries.get(key), `"session.${key}"`) : null
    return {
      policy: policy ?? 'key',
      lifetime: {
        idleMs: time('idle') ?? DEFAULT_LIFETIME.idleMs,
        absoluteMs: time('absolute') ?? DEFAULT_LIFETIME.absoluteMs,
      },
    }
  }

  #values(node: unknown): Record<string, string> {
    const { yaml } = this.#main
    const value = yaml.value(node)
    const values: Record<string, string> = {}
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.#main.refuse(node, '"values" must hold keys and values.', "Write { treasury: '0x…' }.")
      return values
    }
    for (const [name, each] of Object.entries(value)) {
      if (typeof each === 'string' && each.length <= 1_000) values[name] = each
      else if (typeof each === 'number') {
        this.#main.refuse(yaml.below(node, [name]), `The value "${name}" must be a text.`, 'Put it in quotation marks.')
      } else
        this.#main.refuse(yaml.below(node, [name]), `The value "${name}" must be a text of at most 1000 characters.`)
    }
    return values
  }

  #limits(node: unknown): Partial<TurnLimits> {
    const { yaml } = this.#main
    const entries = yaml.entries(node, '"limits"', Object.keys(LIMITS))
    const limit = (key: keyof typeof LIMITS): number | null =>
      entries?.has(key) === true
        ? yaml.number(entries.get(key), `"limits.${key}"`, { least: 1, most: LIMITS[key] })
        : null
    const [steps, calls, seconds] = [limit('steps_per_turn'), limit('calls_per_tool'), limit('turn_seconds')]
    return {
      ...(steps === null ? {} : { stepsPerTurn: steps }),
      ...(calls === null ? {} : { callsPerTool: calls }),
      ...(seconds === null ? {} : { turnMs: seconds * 1_000 }),
    }
  }

  #secrets(node: unknown): SecretSlot[] {
    const { yaml } = this.#main
    const slots = yaml.list(node, '"secrets"').flatMap((each): SecretSlot[] => {
      const isMap = yaml.value(each) !== null && typeof yaml.value(each) === 'object'
      const entries = isMap ? yaml.entries(each, 'a secret', ['name', 'from']) : null
      const from = entries?.has('from') === true ? yaml.oneOf(entries.get('from'), '"from"', ['user'] as const) : null
      const name = this.#main.matching(
        isMap ? (entries?.get('name') ?? each) : each,
        'The name of a secret',
        SECRET_NAME,
        {
          help: 'Write capitals, digits and "_", such as ORDERS_TOKEN. A value never stands here.',
        },
      )
      return name === null ? [] : [{ name, from: from === 'user' ? 'user' : 'operator' }]
    })
    for (const [i, { name }] of slots.entries())
      if (slots.findIndex((each) => each.name === name) !== i)
        this.#main.refuse(node, `"secrets" holds "${name}" twice.`, 'Keep one of the two.')
    return slots
  }

  /** The operator's alone: a secret of an app that was pushed has no value, so nothing could be signed. */
  #notify(node: unknown): Record<string, NotifyTarget> {
    if (this.#source.by !== 'key') return readNotify(this.#main, node)
    this.#main.refuse(
      node,
      '"notify" cannot be pushed with a key.',
      'Ask the operator to put the app into COUNTERSIGN_APPS_DIR.',
    )
    return {}
  }

  #tools(
    node: unknown,
    secrets: readonly SecretSlot[],
  ): { builtin: string[]; declared: ToolSpec[]; mcp: readonly McpEntry[] } {
    const { yaml } = this.#main
    const entries = yaml.entries(node, '"tools"', ['builtin', 'http', 'openapi', 'mcp'])
    const builtin = entries?.has('builtin') === true ? this.#main.texts(entries.get('builtin'), '"tools.builtin"') : []
    const unknown = builtin.find((name) => !(TOOL_NAMES as readonly string[]).includes(name))
    if (unknown !== undefined)
      this.#main.refuse(
        entries?.get('builtin'),
        `There is no built-in tool "${unknown.slice(0, 60)}".`,
        `There are ${TOOL_NAMES.join(', ')}.`,
      )
    const declared: ToolSpec[] = []
    const names = new Set<string>([...TOOL_NAMES, ...DOCUMENT_TOOLS])
    const take = (reader: AppReader, at: unknown, name: string): void => {
      if (names.has(name))
        reader.refuse(at, `There are two tools named "${name}".`, 'Give each tool a name of its own.')
      names.add(name)
    }
    const secretNames = secrets.map(({ name }) => name)
    for (const path of entries?.has('http') === true ? this.#paths(entries.get('http'), 'tools.http') : []) {
      const text = this.#source.files.get(path)
      if (text === undefined) continue
      const reader = new AppReader(path, text)
      const specs = readToolFile(reader, secretNames)
      for (const { name } of specs) take(reader, reader.yaml.root, name)
      declared.push(...specs)
      this.#refusePrivate(reader, reader.yaml.root)
      this.#faults.push(...reader.faults)
    }
    const openapi = entries?.has('openapi') === true ? yaml.list(entries.get('openapi'), '"tools.openapi"') : []
    for (const each of openapi) {
      const { specs, faults } = readOpenApi(this.#main, each, { files: this.#source.files, secrets: secretNames })
      for (const { name } of specs) take(this.#main, each, name)
      declared.push(...specs)
      this.#refusePrivate(this.#main, each)
      this.#faults.push(...faults)
    }
    const mcp = entries?.has('mcp') === true ? this.#mcp(entries.get('mcp'), secretNames) : []
    for (const { name } of mcp.flatMap((each) => each.tools)) take(this.#main, entries?.get('mcp'), name)
    return { builtin, declared, mcp }
  }

  /** The operator's alone: what a server of others answers is as good as its origin. */
  #mcp(node: unknown, secrets: readonly string[]): readonly McpEntry[] {
    if (this.#source.by !== 'key') return readMcp(this.#main, node, secrets)
    this.#main.refuse(
      node,
      '"mcp" cannot be pushed with a key.',
      'Ask the operator to put the app into COUNTERSIGN_APPS_DIR.',
    )
    return []
  }

  /** What reaches loopback or a private range is the operator's to allow. */
  #refusePrivate(reader: AppReader, entry: unknown): void {
    const node = reader.yaml.below(entry, ['allow_private'])
    if (this.#source.by === 'key' && node !== entry && reader.yaml.value(node) === true)
      reader.refuse(
        node,
        '"allow_private" cannot be pushed with a key.',
        'Ask the operator to put the app into COUNTERSIGN_APPS_DIR.',
      )
  }

  /** Files or folders of the app, by paths below its folder. */
  #paths(node: unknown, key: string): string[] {
    const paths = this.#main.texts(node, `"${key}"`)
    return paths.filter((path, i) => {
      const at = this.#main.yaml.below(node, [i])
      if (!staysInside(path)) {
        this.#main.refuse(
          at,
          `"${path.slice(0, 100)}" is not a file of the app.`,
          'Write a path below the folder of the app, without "..".',
        )
        return false
      }
      const isThere =
        this.#source.files.has(path) ||
        this.#source.folders?.includes(path) === true ||
        [...this.#source.files.keys()].some((file) => file.startsWith(`${path}/`))
      if (!isThere)
        this.#main.refuse(at, `The file "${path.slice(0, 100)}" does not exist.`, 'Correct the path, or add the file.')
      return isThere
    })
  }

  /** Guards are read by their own reader, which knows conditions and limits. */
  #guards(declared: readonly ToolSpec[]): Guards {
    const { guards, faults } = readGuardsIn(this.#source.files.get('app.yaml') ?? '', guardTools(declared))
    this.#faults.push(
      ...faults.map(({ line, column, because }) => ({
        ...{ file: 'app.yaml', line, column, message: because },
        help: 'docs/reference/apps.md lists what a guard may say.',
      })),
    )
    return guards
  }

  #enforcement(node: unknown): NonNullable<App['enforcement']> {
    const { yaml } = this.#main
    const entries = yaml.entries(node, '"enforcement"', ['mode', 'slippage_bps', 'max_gas'])
    const mode = entries?.has('mode')
      ? yaml.oneOf(entries.get('mode'), '"enforcement.mode"', ['preferred', 'required', 'off'] as const)
      : 'preferred'
    const slippageBps = entries?.has('slippage_bps')
      ? yaml.number(entries.get('slippage_bps'), '"enforcement.slippage_bps"', { least: 0, most: 300 })
      : 50
    const maxGas = entries?.has('max_gas')
      ? yaml.number(entries.get('max_gas'), '"enforcement.max_gas"', { least: 0, most: 1_000_000 })
      : 60_000
    // What cannot be read is a fault, and no app is made of it.
    return { mode: mode ?? 'required', slippageBps: slippageBps ?? 0, maxGas: maxGas ?? 0 }
  }

  #warnOfWebhooks(app: App): void {
    for (const [target, { webhook }] of Object.entries(app.notify ?? {}))
      for (const name of webhook?.secrets ?? [])
        if (!this.#offered.hasSecret(app.name, this.#source.by, name))
          this.warnings.push({
            file: 'app.yaml',
            line: this.#main.yaml.lineOf(this.#main.yaml.below(this.#main.yaml.root, ['notify', target])),
            column: 1,
            message: `The secret "${name}" has no value, so nothing is sent to the webhook "${target}".`,
            help: this.#howToSet(app, name),
          })
  }

  #howToSet(app: App, name: string): string {
    const command = `Run \`countersign secrets set ${name} --app ${app.name}\``
    const variables = variablesOf(app.name, name).join(' or ')
    return this.#source.by === 'key'
      ? `${command}, or send PUT /api/admin/secrets/${name}.`
      : `${command}, or set ${variables} in the environment of the server.`
  }

  #warnOfSecrets(app: App): void {
    const needed = new Set(
      (app.declared ?? []).flatMap(({ call }) => (call.auth === null ? [] : handlesIn(call.auth.value))),
    )
    for (const { name, from } of app.secrets ?? []) {
      if (from === 'user' || !needed.has(name) || this.#offered.hasSecret(app.name, this.#source.by, name)) continue
      const tools = (app.declared ?? []).filter(
        ({ call }) => call.auth !== null && handlesIn(call.auth.value).includes(name),
      )
      this.warnings.push({
        file: 'app.yaml',
        line: this.#main.yaml.lineOf(this.#main.yaml.below(this.#main.yaml.root, ['secrets'])),
        column: 1,
        message: `The secret "${name}" has no value, so these tools are not offered: ${tools.map((each) => each.name).join(', ')}.`,
        help: this.#howToSet(app, name),
      })
    }
  }
}

/** Every file counts: `sha256-` and hex. */
function versionOf(files: AppFiles): string {
  return `sha256-${Digest.ofJson(Object.fromEntries(files)).slice(2)}`
}
