import { assert } from '@countersign/base'
import type { AccessSet } from '../model/Access.ts'
import type { NotChecked } from '../model/Finding.ts'
import type { FoundBy, Result, StageName, Stop } from './FoundBy.ts'

/** What the stages found out, each when it last looked, by name, and what they say they could not look at. */
export class Found {
  readonly #values: { -readonly [N in StageName]?: FoundBy[N] } = {}
  readonly #lines = new Map<StageName, readonly NotChecked[]>()
  readonly #told = new Map<StageName, 'done' | 'skipped' | 'not-applicable' | 'unseen'>()
  /** What they read: all that the report rests on, whatever else was handed to the fork. */
  readonly seen: AccessSet = new Map()
  /** Why nothing that ran can be trusted; null when it can. */
  stop: Stop | null = null

  /** What a stage found; null when it did not look. */
  get<N extends StageName>(name: N): FoundBy[N] | null {
    return this.#values[name] ?? null
  }

  /** What a stage found that always looks before this one. */
  need<N extends StageName>(name: N): FoundBy[N] {
    const value = this.#values[name]
    assert(value !== undefined, `the stage "${name}" has run`)
    return value
  }

  add<N extends StageName>(name: N, result: Result<FoundBy[N]>): void {
    if (result.status === 'done') this.#values[name] = result.value
    this.#told.set(name, result.status)
    this.#lines.set(name, result.notChecked ?? [])
  }

  skip(name: StageName, why: 'not-applicable' | readonly NotChecked[]): void {
    this.#told.set(name, why === 'not-applicable' ? why : 'skipped')
    this.#lines.set(name, why === 'not-applicable' ? [] : why)
  }

  /** Nothing that was run counts: not the run, nor what it did. */
  stopped(stop: Stop): this {
    this.stop = stop
    delete this.#values.execute
    delete this.#values.effects
    delete this.#values.flow
    return this
  }

  get notChecked(): readonly NotChecked[] {
    return [...this.#lines.values()].flat()
  }

  /** What each stage came to; a stage that is not in here never had its turn. */
  get told(): ReadonlyMap<StageName, string> {
    return this.#told
  }
}
