import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { BaseError, type Clock } from '@countersign/base'
import type { AppendAudit } from '../audit/appendAudit.ts'
import type { Store } from '../store/openStore.ts'
import { watchCommits } from '../store/watchCommits.ts'
import type { App } from './App.ts'
import { AppFolderError, format, type AppFault } from './folder/AppFault.ts'
import { staysInside, type AppFiles } from './folder/AppReader.ts'
import { checkFolders } from './folder/checkFolders.ts'
import { appFoldersIn, loadFolder } from './folder/loadFolder.ts'
import { readApp, type Offered, type ReadApp } from './folder/readApp.ts'

/** How often folders are looked at, and the store for what another process was pushed. Milliseconds. */
const LOOK_MS = 250

export interface AppRegistryTools {
  readonly store: Store
  readonly clock: Clock.Clock
  readonly audit: AppendAudit
  readonly offered: Offered
  /** What an app has beside its files, such as the tools that servers of others list now. */
  readonly parts?: {
    /** Reads it, before the app is used; ends in a bounded time. */
    load(app: App, files: AppFiles): Promise<void>
    complete(app: App): App
  }
  readonly log: { warn(facts: object, words: string): void; info(facts: object, words: string): void }
  readonly onError: (error: unknown) => void
}

/** A folder as it was last read. */
interface Watched {
  /** Sizes and times of all files, when it was last read. */
  signature: string
  /** The same at the last look: what is still being written is not read. */
  seen: string
}

/**
 * The apps of a server, as they are now: the built-in ones and those of the JSON file, the folders of the operator, and
 * what was pushed with a key. A folder that is edited is read again; where the edit is broken the last good version
 * stays.
 */
export class AppRegistry {
  readonly #tools: AppRegistryTools
  readonly #dir: string | null
  readonly #apps: Map<string, App>
  readonly #files = new Map<string, AppFiles>()
  /** Apps as their files say, without their other parts. */
  readonly #read = new Map<string, App>()
  readonly #watched = new Map<string, Watched>()
  readonly #warnings = new Map<string, readonly AppFault[]>()
  readonly #pushed
  #timer: NodeJS.Timeout | null = null
  #stopPushed: (() => void) | null = null
  #work: Promise<void> = Promise.resolve()

  /** Told of every app that is another version from now on. */
  onChange: ((app: string) => void) | null = null

  /** @param base - Gets every app that is added. */
  constructor(tools: AppRegistryTools, { base, dir }: { base: Map<string, App>; dir: string | null }) {
    this.#tools = tools
    this.#apps = base
    this.#dir = dir
    this.#pushed = tools.store.prepare<{ name: string; version: string; files: string; key_id: string }>(
      'select name, version, files, key_id from pushed_apps',
    )
  }

  get apps(): ReadonlyMap<string, App> {
    return this.#apps
  }

  /** The files of an app that is a folder or was pushed; null for all others. */
  filesOf(name: string): AppFiles | null {
    return this.#files.get(name) ?? null
  }

  /** What `check` would say of it beside errors. */
  warningsOf(name: string): readonly AppFault[] {
    return this.#warnings.get(name) ?? []
  }

  /**
   * Reads every folder and what was pushed.
   *
   * @throws {AppFolderError} `apps:config:invalid`, with every fault.
   */
  async open(): Promise<void> {
    if (this.#dir !== null) {
      const checked = checkFolders(this.#dir, this.#tools.offered)
      if (checked.faults.length > 0) throw new AppFolderError(checked.faults)
      for (const { app } of checked.apps)
        if (this.#apps.get(app.name)?.by === undefined && !BUILT_IN.has(app.name)) this.#refuseTwice(app.name)
      for (const name of this.#foldersHere()) this.#watched.set(name, { signature: this.#sign(name), seen: '' })
      for (const read of checked.apps) await this.#take(read, loadFolder(this.#folderOf(read.app.name)))
    }
    await this.#takePushed()
    this.#timer = setInterval(() => this.#later(() => this.#look()), LOOK_MS)
    this.#timer.unref()
    const watch = watchCommits(this.#tools.store, {
      intervalMs: LOOK_MS,
      look: () => (this.#later(() => this.#takePushed()), true),
    })
    watch.start()
    this.#stopPushed = () => watch.stop()
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#stopPushed?.()
    await this.#work
  }

  /**
   * Takes an app that is pushed with a key.
   *
   * @throws {AppOwnedError} 409 where the operator has an app of that name.
   * @throws {AppFolderError} `apps:config:invalid`.
   */
  async push({ name, files, keyId }: { name: string; files: AppFiles; keyId: string }): Promise<ReadApp> {
    const known = this.#apps.get(name)
    if (known !== undefined && known.by !== 'key' && !BUILT_IN.has(name)) throw new AppOwnedError(name)
    if (known?.by === 'operator') throw new AppOwnedError(name)
    const outside = [...files.keys()].filter((path) => !staysInside(path))
    if (outside.length > 0) {
      const help = 'Write paths below the folder of the app, without "..".'
      throw new AppFolderError(
        outside.map((file) => ({
          file: file.slice(0, 100),
          line: 1,
          column: 1,
          message: 'This is not a file of the app.',
          help,
        })),
      )
    }
    const read = readApp({ name, files, by: 'key' }, this.#tools.offered)
    if ('faults' in read) throw new AppFolderError(read.faults)
    const { store, clock } = this.#tools
    const row = {
      version: read.app.version ?? '',
      files: JSON.stringify(Object.fromEntries(files)),
      key_id: keyId,
      at_ms: clock.nowMs(),
    }
    await store.write(async (write) => {
      await write.db
        .insertInto('pushed_apps')
        .values({ name, ...row })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
        .execute()
    })
    await this.#record('apps.app.changed', name, { version: read.app.version, key: keyId })
    await this.#set(read, files, keyId)
    return read
  }

  #refuseTwice(name: string): void {
    if (!this.#apps.has(name)) return
    const help = 'Take it out of COUNTERSIGN_APPS, or rename the folder.'
    throw new AppFolderError([
      {
        file: `${name}/app.yaml`,
        line: 1,
        column: 1,
        message: `COUNTERSIGN_APPS has an app named "${name}" as well.`,
        help,
      },
    ])
  }

  #folderOf(name: string): string {
    const dir = this.#dir ?? ''
    return this.#isOneApp() ? dir : join(dir, name)
  }

  /** Whether the folder is an app's own, and not one that holds several. */
  #isOneApp(): boolean {
    try {
      return lstatSync(join(this.#dir ?? '', 'app.yaml')).isFile()
    } catch {
      return false
    }
  }

  #foldersHere(): readonly string[] {
    if (this.#dir === null) return []
    if (!this.#isOneApp()) return appFoldersIn(this.#dir)
    const source = loadFolder(this.#dir)
    return 'faults' in source ? [] : [source.name]
  }

  /** Sizes and times of everything below a folder, in one text. */
  #sign(name: string): string {
    const parts: string[] = []
    const walk = (path: string): void => {
      for (const entry of readdirSync(path).toSorted()) {
        const at = join(path, entry)
        const stat = lstatSync(at)
        parts.push(`${at} ${stat.ino} ${stat.size} ${stat.mtimeMs}`)
        if (stat.isDirectory()) walk(at)
      }
    }
    try {
      walk(this.#folderOf(name))
    } catch (error) {
      return `unreadable ${(error as NodeJS.ErrnoException).code ?? ''}`
    }
    return parts.join('\n')
  }

  #later(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch(this.#tools.onError)
  }

  /** Reads again the folders that changed and have come to rest. */
  async #look(): Promise<void> {
    if (this.#dir === null) return
    let names: readonly string[]
    try {
      names = [...new Set([...this.#foldersHere(), ...this.#watched.keys()])]
    } catch {
      return
    }
    for (const name of names) {
      const watched = this.#watched.get(name) ?? { signature: '', seen: '' }
      this.#watched.set(name, watched)
      const now = this.#sign(name)
      const isAtRest = now === watched.seen
      watched.seen = now
      if (now === watched.signature || !isAtRest) continue
      watched.signature = now
      await this.#reload(name)
    }
  }

  async #reload(name: string): Promise<void> {
    const source = loadFolder(this.#folderOf(name))
    const read = 'faults' in source ? source : readApp(source, this.#tools.offered)
    const known = this.#apps.get(name)
    const isTaken = known !== undefined && known.by === undefined && !BUILT_IN.has(name)
    const faults = 'faults' in read ? read.faults : []
    if (faults.length > 0 || 'faults' in read || isTaken) {
      const lines = faults.map((fault) => format({ ...fault, file: `${name}/${fault.file}` }))
      this.#tools.log.warn(
        { app: name, faults: lines },
        `apps: the edit of "${name}" cannot be used; the last good version stays`,
      )
      await this.#record('apps.app.refused', name, { faults: lines.slice(0, 20), kept: known?.version ?? null })
      return
    }
    await this.#take(read, source)
  }

  async #take(read: ReadApp, source: ReturnType<typeof loadFolder>): Promise<void> {
    const { app } = read
    // Recorded before it is used.
    if (this.#apps.get(app.name)?.version !== app.version) {
      await this.#record('apps.app.changed', app.name, { version: app.version })
      this.#tools.log.info({ app: app.name, version: app.version }, `apps: "${app.name}" is read`)
    }
    await this.#set(read, 'files' in source ? source.files : new Map(), null)
  }

  async #set({ app: read, warnings }: ReadApp, files: AppFiles, keyId: string | null): Promise<void> {
    const app = keyId === null ? read : { ...read, pushedBy: keyId }
    this.#files.set(app.name, files)
    await this.#tools.parts?.load(app, files)
    this.#read.set(app.name, app)
    this.#warnings.set(app.name, warnings)
    this.refresh(app.name)
  }

  /** Puts an app together again, after one of its parts has changed. */
  refresh(name: string): void {
    const app = this.#read.get(name)
    if (app === undefined) return
    this.#apps.set(name, this.#tools.parts?.complete(app) ?? app)
    this.onChange?.(name)
  }

  async #takePushed(): Promise<void> {
    for (const { name, version, files, key_id: keyId } of this.#pushed.all()) {
      const known = this.#apps.get(name)
      if (known?.version === version || known?.by === 'operator') continue
      if (known !== undefined && known.by === undefined && !BUILT_IN.has(name)) continue
      const texts = new Map(Object.entries(JSON.parse(files) as Record<string, string>))
      const read = readApp({ name, files: texts, by: 'key' }, this.#tools.offered)
      if ('faults' in read)
        this.#tools.log.warn(
          { app: name, faults: read.faults.map(format) },
          `apps: what was pushed as "${name}" cannot be used any more`,
        )
      else await this.#set(read, texts, keyId)
    }
  }

  /** Once a version, however many processes see it. */
  async #record(event: string, app: string, body: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#tools.store.write(async (write) => {
      const last = await write.db
        .selectFrom('audit')
        .select(['event', 'body'])
        .where('app', '=', app)
        .where('event', 'in', ['apps.app.changed', 'apps.app.refused'])
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirst()
      if (last !== undefined && last.event === event && last.body === JSON.stringify(body)) return
      await this.#tools.audit(write, { app, event, body })
    })
  }
}

/** Apps that are always there, which a folder or a key may configure. */
const BUILT_IN: ReadonlySet<string> = new Set(['default', 'demo'])

/** The app is the operator's. */
export class AppOwnedError extends BaseError {
  override readonly name = 'apps.AppOwnedError'
  constructor(app: string) {
    super(`The app "${app}" is the operator's.`, {
      code: 'apps:app:owned',
      kind: 'conflict',
      hint: 'Edit its folder in COUNTERSIGN_APPS_DIR, or push an app of another name with a key of its own.',
    })
  }
}
