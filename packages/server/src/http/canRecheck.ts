import { setTimeout as sleep } from 'node:timers/promises'
import type { Chain } from '../chains/Chain.ts'
import type { Proposal } from '../proposals/Proposal.ts'
import type { Context } from './context.ts'

/** How long an answer about a chain is good, in milliseconds: clients poll twice a second. */
const GOOD_MS = 1_000
/** How long a provider may take to say where the chain is, in milliseconds. */
const PATIENCE_MS = 1_500

/** By chain: whether it answered, and when it was asked. It decides what is listed, never what is signed. */
const answers = new WeakMap<Chain, { readonly atMs: number; readonly isAnswering: Promise<boolean> }>()

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

function isAnswering(chain: Chain): Promise<boolean> {
  const nowMs = performance.now()
  const known = answers.get(chain)
  if (known !== undefined && nowMs - known.atMs < GOOD_MS) return known.isAnswering
  const asked = chain.head().then(
    () => true,
    () => false,
  )
  const answer = Promise.race([asked, sleep(PATIENCE_MS, false, { ref: false })])
  answers.set(chain, { atMs: nowMs, isAnswering: answer })
  return answer
}
