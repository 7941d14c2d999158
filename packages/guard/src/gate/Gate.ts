import type { Frozen } from '../Frozen.ts'
import type { AskSpent } from './AskSpent.ts'

/** What stands between a request and a signature. */
export interface Gate {
  /**
   * Judges, and signs only what passed. One request of an account and chain at a time, signing included: what one request
   * uses up is used up before the next one is judged.
   *
   * @param sign - Called at most once. When it fails nothing was signed, and what was reserved is given back.
   * @throws {GuardRefusedError}
   */
  run<T>(request: Frozen, sign: () => Promise<T>): Promise<T>
  readonly allow: ReadonlySet<string>
  /** Paymasters that a user operation may name, in lower case. */
  readonly paymasters: ReadonlySet<string>
  /** Asks the chain whether an authorization was spent; absent where nobody can be asked. */
  readonly isSpent?: AskSpent
}
