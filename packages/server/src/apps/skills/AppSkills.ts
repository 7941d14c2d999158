import { BaseError, Digest, type Clock } from '@countersign/base'
import type { Store } from '../../store/openStore.ts'
import type { App } from '../App.ts'
import type { AppFiles } from '../folder/AppReader.ts'
import type { SkillState } from './SkillState.ts'

/** What a scan says of a skill. */
export interface SkillVerdict {
  readonly isPass: boolean
  /** In our own words; null for a pass. */
  readonly because: string | null
}

export interface AppSkillsTools {
  readonly store: Store
  readonly clock: Clock.Clock
  /** Scans the files of one skill. @throws {BaseError} where there was no scan. */
  readonly scan: (files: readonly { readonly path: string; readonly text: string }[]) => Promise<SkillVerdict>
  /** The head of a SKILL.md as plain data, and its text below. */
  readonly read: (
    text: string,
  ) => Promise<{ readonly head: Readonly<Record<string, unknown>> | null; readonly body: string }>
  /** What scans: verdicts of another version do not count. */
  readonly scanner: () => Promise<string>
  /** Told of an app one of whose skills was scanned late. */
  readonly onChange: (app: string) => void
}

interface Found extends SkillState {
  readonly digest: string
  readonly text: string
  /** Tools that it declares to use; null where it declares none. */
  readonly tools: readonly string[] | null
}

/** How long after a scan that did not happen another one is tried, in milliseconds. */
const AGAIN_MS = 5_000
/** The most of a skill's text that stands in the instructions, in characters. */
const MAX_TEXT = 64_000

/**
 * The skills of all apps. Each is scanned when its app is loaded and whenever a file of it changes; the verdict is kept by the
 * digest of its files. One that does not pass stands in no instructions, and its app is loaded without it.
 */
export class AppSkills {
  readonly #tools: AppSkillsTools
  readonly #found = new Map<string, readonly Found[]>()
  readonly #timers = new Set<NodeJS.Timeout>()
  /** One scan at a time: a scan takes a thread. */
  #work: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(tools: AppSkillsTools) {
    this.#tools = tools
  }

  async load(app: App, files: AppFiles): Promise<void> {
    const before = this.#found.get(app.name) ?? []
    const found: Found[] = []
    for (const path of app.skills ?? []) {
      const name = path.split('/').at(-1) ?? path
      found.push(await this.#look(filesOf(files, path), { name, known: before.find((each) => each.name === name) }))
    }
    this.#found.set(app.name, found)
    if (found.some(({ state }) => state === 'unscanned' || state === 'changed')) this.#again(app, files)
  }

  /** An app with the texts of its loaded skills, and no more tools than each of them declares. */
  complete(app: App): App {
    const found = this.#found.get(app.name) ?? []
    if ((app.skills ?? []).length === 0) return app
    const loaded = found.filter(({ state }) => state === 'loaded')
    const texts = loaded.map(({ name, text }) => `Skill ${name}:\n\n${text}`)
    const lists = loaded.flatMap(({ tools }) => (tools === null ? [] : [tools]))
    return {
      ...app,
      preamble: texts.length === 0 ? app.preamble : [app.preamble ?? '', ...texts].join('\n\n').trim(),
      skillStates: found.map(({ name, state, because }) => ({ name, state, because })),
      ...(lists.length === 0 ? {} : { skillTools: lists.reduce((a, b) => a.filter((tool) => b.includes(tool))) }),
    }
  }

  close(): void {
    this.#isClosed = true
    for (const timer of this.#timers) clearTimeout(timer)
  }

  async #look(files: readonly File[], { name, known }: { name: string; known: Found | undefined }): Promise<Found> {
    const digest = Digest.ofJson(files.map(({ path, text }) => [path, text]))
    if (known?.digest === digest && (known.state === 'loaded' || known.state === 'failing')) return known
    const { head, body } = await this.#tools.read(files.find(({ path }) => path === 'SKILL.md')?.text ?? '')
    const found = { name, digest, text: body.slice(0, MAX_TEXT), tools: toolsIn(head) }
    try {
      const { isPass, because } = await this.#verdict(digest, files)
      return { ...found, state: isPass ? 'loaded' : 'failing', because }
    } catch (error) {
      if (!(error instanceof BaseError)) throw error
      // Nobody looked, so it does not load; what was known of other files says nothing of these.
      return { ...found, state: known === undefined ? 'unscanned' : 'changed', because: error.message }
    }
  }

  async #verdict(digest: string, files: readonly File[]): Promise<SkillVerdict> {
    const { store, scan, clock } = this.#tools
    const scanner = await this.#tools.scanner()
    const kept = await store.read
      .selectFrom('skill_verdicts')
      .select(['is_pass', 'because'])
      .where('digest', '=', digest)
      .where('scanner', '=', scanner)
      .executeTakeFirst()
    if (kept !== undefined) return { isPass: kept.is_pass === 1, because: kept.because }
    const unread = files.find(({ text }) => /^sha256:[0-9a-f]{64}$/.test(text))
    const work = this.#work.then(() =>
      unread === undefined
        ? scan(files)
        : { isPass: false, because: 'It holds a file that is not text, which cannot be scanned.' },
    )
    this.#work = work.catch(() => undefined)
    const verdict = await work
    await store.write(async (write) => {
      await write.db
        .insertInto('skill_verdicts')
        .values({ digest, scanner, is_pass: verdict.isPass ? 1 : 0, because: verdict.because, at_ms: clock.nowMs() })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    })
    return verdict
  }

  #again(app: App, files: AppFiles): void {
    if (this.#isClosed) return
    const digests = this.#found.get(app.name)
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      // Another version was loaded meanwhile, and looked for itself.
      if (this.#isClosed || this.#found.get(app.name) !== digests) return
      void this.load(app, files).then(
        () => this.#tools.onChange(app.name),
        () => undefined,
      )
    }, AGAIN_MS)
    timer.unref()
    this.#timers.add(timer)
  }
}

interface File {
  readonly path: string
  readonly text: string
}

/** The files of a skill by their path below it, in order. */
function filesOf(files: AppFiles, path: string): readonly File[] {
  return [...files]
    .filter(([at]) => at.startsWith(`${path}/`))
    .map(([at, text]) => ({ path: at.slice(path.length + 1), text }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/** `permissions.tools`: what is there and is no list of names declares nothing that could be allowed. */
function toolsIn(head: Readonly<Record<string, unknown>> | null): readonly string[] | null {
  const permissions = head?.['permissions']
  if (typeof permissions !== 'object' || permissions === null || !('tools' in permissions)) return null
  const { tools } = permissions
  return Array.isArray(tools) ? tools.filter((each) => typeof each === 'string') : []
}
