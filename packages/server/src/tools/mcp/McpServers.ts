import type { App } from '../../apps/App.ts'
import { specsOf, type McpEntry } from '../../apps/McpEntry.ts'
import { McpWatch, type McpWatchTools } from './McpWatch.ts'

/** The MCP servers of all apps: what each lists now, read when the app is loaded and whenever the server says that it changed. */
export class McpServers {
  readonly #tools: McpWatchTools
  readonly #watches = new Map<string, { readonly key: string; readonly watches: readonly McpWatch[] }>()

  constructor(tools: McpWatchTools) {
    this.#tools = tools
  }

  /** Reads the lists of an app's servers; ends when each has answered or has had its time. */
  async load(app: App): Promise<void> {
    const key = JSON.stringify([app.version, app.mcp ?? []])
    const known = this.#watches.get(app.name)
    if (known?.key === key) return
    const entries = app.mcp ?? []
    const watches = entries.map((entry) => new McpWatch(this.#tools, { app, entry }))
    this.#watches.set(app.name, { key, watches })
    await Promise.all(watches.map((watch) => watch.start()))
    await Promise.all((known?.watches ?? []).map((watch) => watch.close()))
  }

  /** An app with the tools that its servers list now, and those that they do not. */
  complete(app: App): App {
    const watches = this.#watches.get(app.name)?.watches ?? []
    const all = (app.mcp ?? []).map((entry) =>
      specsOf(entry, watches.find((watch) => watch.entry === entry || isSame(watch.entry, entry))?.listed ?? null),
    )
    if (all.length === 0) return app
    return {
      ...app,
      declared: [...(app.declared ?? []), ...all.flatMap(({ specs }) => specs)],
      disabled: all.flatMap(({ disabled }) => disabled),
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#watches.values()].flatMap(({ watches }) => watches.map((watch) => watch.close())))
  }
}

const isSame = (a: McpEntry, b: McpEntry): boolean => JSON.stringify(a) === JSON.stringify(b)
