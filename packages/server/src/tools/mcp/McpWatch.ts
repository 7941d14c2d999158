import type { App } from '../../apps/App.ts'
import { specsOf, type McpDefinition, type McpEntry } from '../../apps/McpEntry.ts'
import * as Gcra from '../../limits/Gcra.ts'
import { limited } from '../http/callOrigin.ts'
import type { OriginTools } from '../http/connect.ts'
import { fill, type Secrets } from '../http/Masked.ts'
import { openMcp, type McpConnection } from './openMcp.ts'

/** How long a server that did not answer is left alone, in milliseconds: doubled at each failure. */
const BACK_OFF_MS = 1_000
const MAX_BACK_OFF_MS = 5 * 60_000
/** A connection that held for so long was a good one: what ends it is a first failure. Milliseconds. */
const STEADY_MS = 60_000
/** How often the list is read because the server says that it changed: so many times at once, and then once in five seconds. */
const NOTICES: Gcra.Window = { name: 'notices', limit: 20, windowMs: 100_000 }

export interface McpWatchTools {
  readonly origin: OriginTools
  /** The operator's secrets of an app. */
  readonly secretsOf: (app: App) => Secrets
  /** Told of every app whose tools may be others from now on. */
  readonly onChange: (app: string) => void
  readonly log: { warn(facts: object, words: string): void }
}

/** One server of one app. */
export class McpWatch {
  readonly entry: McpEntry
  /** Null: the server did not answer with a list. */
  listed: readonly McpDefinition[] | null = null
  readonly #tools: McpWatchTools
  readonly #app: App
  #connection: McpConnection | null = null
  #timer: NodeJS.Timeout | null = null
  #failures = 0
  #openedMs = -Infinity
  /** When the window of notices is empty again. */
  #noticesMs = -Infinity
  #noticed: NodeJS.Timeout | null = null
  #isClosed = false
  #work: Promise<void> = Promise.resolve()

  constructor(tools: McpWatchTools, { app, entry }: { app: App; entry: McpEntry }) {
    this.#tools = tools
    this.#app = app
    this.entry = entry
  }

  start(): Promise<void> {
    return this.#later(() => this.#open())
  }

  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (this.#noticed !== null) clearTimeout(this.#noticed)
    await this.#later(() => this.#drop())
  }

  #later(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work).catch(() => undefined)
    return this.#work
  }

  async #drop(): Promise<void> {
    const connection = this.#connection
    this.#connection = null
    await connection?.close()
  }

  async #open(): Promise<void> {
    if (this.#isClosed) return
    const { origin, secretsOf } = this.#tools
    const { url, allowPrivate, auth } = this.entry
    const { signal, stop } = limited(origin, undefined)
    try {
      const headers = auth === null ? {} : { [auth.header.toLowerCase()]: fill(auth.value, secretsOf(this.#app)) }
      this.#connection = await openMcp(
        origin,
        { url, allowPrivate, headers },
        {
          signal,
          onChanged: () => this.#notice(),
          onLost: () => this.#retry(),
        },
      )
      this.#openedMs = performance.now()
      await this.#read({ isKept: true })
    } catch {
      this.#retry()
    } finally {
      stop()
    }
  }

  /** The server says that its list changed. However often it does, one read waits at most; each call reads the list by itself. */
  #notice(): void {
    if (this.#noticed !== null || this.#isClosed) return
    const nowMs = performance.now()
    const filledMs = Gcra.fill(Math.max(0, this.#noticesMs - nowMs), NOTICES, 1)
    this.#noticesMs = nowMs + filledMs
    const waitMs = Math.max(0, filledMs - NOTICES.windowMs)
    this.#noticed = setTimeout(() => {
      void this.#later(() => {
        // What is said from here on may not be in what is read now.
        this.#noticed = null
        return this.#read({ isKept: false })
      })
    }, waitMs)
    this.#noticed.unref()
  }

  /** @param isKept - What was listed before still counts where there is no answer: each call reads the list again by itself. */
  async #read({ isKept }: { isKept: boolean }): Promise<void> {
    if (this.#isClosed || this.#connection === null) return
    const { signal, stop } = limited(this.#tools.origin, undefined)
    try {
      const listed = await this.#connection.list(signal)
      this.#take(listed)
    } catch {
      if (!isKept) this.#take(null)
      this.#retry()
    } finally {
      stop()
    }
  }

  #take(listed: readonly McpDefinition[] | null): void {
    const before = JSON.stringify(this.listed)
    this.listed = listed
    if (before === JSON.stringify(listed) || this.#isClosed) return
    const { disabled } = specsOf(this.entry, listed)
    if (disabled.length > 0)
      this.#tools.log.warn(
        { app: this.#app.name, server: this.entry.name, disabled },
        `apps: tools of the MCP server "${this.entry.name}" are not offered`,
      )
    this.#tools.onChange(this.#app.name)
  }

  /** Connects again later, and reads the list again then. */
  #retry(): void {
    if (this.#timer !== null || this.#isClosed) return
    // That it answered once is no sign: a server may list its tools and hang up, for ever.
    if (performance.now() - this.#openedMs >= STEADY_MS) this.#failures = 0
    const waitMs = Math.min(MAX_BACK_OFF_MS, BACK_OFF_MS * 2 ** this.#failures)
    this.#failures += 1
    this.#timer = setTimeout(() => {
      this.#timer = null
      void this.#later(async () => {
        await this.#drop()
        await this.#open()
      })
    }, waitMs)
    this.#timer.unref()
  }
}
