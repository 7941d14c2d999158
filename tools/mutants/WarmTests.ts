import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** Where a probe writes the places that were reached; set before the first run. */
export const REACHED = 'COUNTERSIGN_REACHED'

/**
 * Runs the promises of test files in one process that keeps vitest ready: starting it anew takes longer than most tests. A run that
 * takes too long is killed with the process, and the next one gets another.
 */
export class WarmTests {
  readonly #root: string
  readonly #env: NodeJS.ProcessEnv
  #child: ChildProcess | null = null
  #hear: (line: string) => void = () => undefined

  constructor(root: string, env: Readonly<Record<string, string>>) {
    this.#root = root
    this.#env = { ...process.env, ...env }
  }

  /** Whether the promises of a test file hold. A mutant that never ends breaks them. */
  async hold({ test, source }: { test: string; source: string }, limitMs: number): Promise<boolean> {
    const child = this.#child ?? (await this.#start())
    const answer = this.#next(child, limitMs)
    child.stdin?.write(`${JSON.stringify({ test: join(this.#root, test), source: join(this.#root, source) })}\n`)
    return (await answer) === 'held'
  }

  stop(): void {
    const pid = this.#child?.pid
    this.#child = null
    if (pid === undefined) return
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }

  async #start(): Promise<ChildProcess> {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'serveTests.ts')], {
      ...{ cwd: this.#root, env: this.#env, detached: true },
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    child.stdin.on('error', () => undefined)
    createInterface({ input: child.stdout }).on('line', (line) => this.#hear(line))
    this.#child = child
    if ((await this.#next(child, 300_000)) !== 'ready') throw new RangeError('vitest did not start')
    return child
  }

  /** The next line that it answers; null where it ends or takes too long. */
  #next(child: ChildProcess, limitMs: number): Promise<string | null> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.stop()
        done(null)
      }
      const timer = setTimeout(end, limitMs)
      const done = (line: string | null): void => {
        clearTimeout(timer)
        child.off('exit', end)
        this.#hear = () => undefined
        resolve(line)
      }
      child.once('exit', end)
      this.#hear = (line) => {
        if (line === 'ready' || line === 'held' || line === 'broken') done(line)
      }
    })
  }
}
