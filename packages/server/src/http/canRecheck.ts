import type { Chain } from '../chains/Chain.ts'
import type { Proposal } from '../proposals/Proposal.ts'
import type { Context } from './context.ts'

/** How long an answer about a chain is good, in milliseconds: clients poll twice a second. */
const GOOD_MS = 1_000
/** How long a chain that answered before may take to say where it is, in milliseconds. A busy machine is no outage. */
const PATIENCE_MS = 10_000
/** The same for a chain that did not answer the last time: polls go on meanwhile, and see it when it is back. */
const PATIENCE_AFTER_SILENCE_MS = 500

interface Known {
  readonly atMs: number
  readonly isAnswering: boolean
}

interface Question {
  readonly atMs: number
  readonly answer: Promise<boolean>
}

/** What is known of a chain. It decides what is listed, never what is signed. */
class Answering {
  #known: Known | null = null
  #asking: Question | null = null

  async now(chain: Pick<Chain, 'head'>): Promise<boolean> {
    const known = this.#known
    if (known !== null && performance.now() - known.atMs < GOOD_MS) return known.isAnswering
    const patienceMs = known?.isAnswering === false ? PATIENCE_AFTER_SILENCE_MS : PATIENCE_MS
    const silence = new Promise<null>((resolve) => setTimeout(resolve, patienceMs, null).unref())
    const answer = await Promise.race([this.#ask(chain).answer, silence])
    return answer ?? this.#note(false)
  }

  /** One question at a time, however many poll; one that is never answered gives way to another. */
  #ask(chain: Pick<Chain, 'head'>): Question {
    const nowMs = performance.now()
    if (this.#asking !== null && nowMs - this.#asking.atMs < PATIENCE_MS) return this.#asking
    const noteLast = (isAnswering: boolean): boolean => {
      // What was given up says nothing about the chain as it is now.
      if (this.#asking !== question) return isAnswering
      this.#asking = null
      return this.#note(isAnswering)
    }
    const question: Question = {
      atMs: nowMs,
      answer: chain.head().then(
        () => noteLast(true),
        () => noteLast(false),
      ),
    }
    this.#asking = question
    return question
  }

  #note(isAnswering: boolean): boolean {
    this.#known = { atMs: performance.now(), isAnswering }
    return isAnswering
  }
}

const chains = new WeakMap<Pick<Chain, 'head'>, Answering>()

/**
 * Whether the look before signing could be made now. What cannot be looked at is not in the wallet queue: a client that
 * reads it there may sign it without asking.
 */
export async function canRecheck(context: Pick<Context, 'gate'>, proposal: Proposal): Promise<boolean> {
  // The next step is simulated on what the one before leaves behind.
  if (proposal.calls.some((call) => call.status === 'submitted')) return false
  const chain = context.gate.chains.get(proposal.chainId)
  return chain !== undefined && isAnswering(chain)
}

/** Whether a chain says where it is. The first silence is waited for; while it lasts, nothing is. */
export function isAnswering(chain: Pick<Chain, 'head'>): Promise<boolean> {
  const answering = chains.get(chain) ?? new Answering()
  chains.set(chain, answering)
  return answering.now(chain)
}
