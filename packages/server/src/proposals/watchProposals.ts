import type { Address } from '@countersign/base'
import { advanceQueue } from './advanceQueue.ts'
import { endOrphans, reconcileReservations } from './decision/reconcileReservations.ts'
import type { Gate } from './Gate.ts'
import { expireProposals } from './rejectProposal.ts'
import { serveDelays } from './serveDelays.ts'
import { lookAgain, settleSender } from './settleProposal.ts'

export interface Watcher {
  close(): Promise<void>
}

/** How many accounts of one chain are looked at beside each other. */
const MAX_BESIDE = 8
/** The longest time between two looks at an account, in milliseconds. */
const MAX_WAIT_MS = 60_000
/** The same where a transaction is on its way. */
const MAX_WAIT_UNDER_WAY_MS = 5_000

/**
 * Looks at the chain for everything that may have been signed, whether or not a client reported it, until it is
 * accounted for; and ends proposals that nobody signed. What to look for is read from the store, so that a restart
 * forgets nothing. Each chain has its own round: while one is under way no other of that chain begins, so that looks
 * never queue behind a slow provider.
 *
 * @param intervalMs - How often the chain is asked. An account where nothing happens is asked less and less often.
 */
export function watchProposals(
  gate: Gate,
  { intervalMs, onError }: { intervalMs: number; onError: (error: unknown) => void },
): Watcher {
  let isClosed = false
  const running = new Map<string, Promise<void>>()
  const looked = new Map<string, number>()
  const heads = new Map<number, bigint>()

  function begin(name: string, round: () => Promise<void>): void {
    if (isClosed || running.has(name)) return
    const work = round()
      .catch(onError)
      .finally(() => running.delete(name))
    running.set(name, work)
  }

  async function lookAtChain(chainId: number): Promise<void> {
    const nowMs = gate.clock.nowMs()
    const senders = await sendersOf(gate, { chainId, nowMs })
    for (const key of looked.keys()) {
      if (key.startsWith(`${chainId}|`) && !senders.some(({ sender }) => key === `${chainId}|${sender}`))
        looked.delete(key)
    }
    const due = senders.filter(({ sender, changedMs, isUnderWay }) => {
      const maxMs = isUnderWay ? MAX_WAIT_UNDER_WAY_MS : MAX_WAIT_MS
      const waitMs = Math.min(maxMs, Math.max(0, nowMs - changedMs) / 10)
      return performance.now() - (looked.get(`${chainId}|${sender}`) ?? -Infinity) >= waitMs
    })
    const queue = [...due]
    await Promise.all(
      Array.from({ length: Math.min(MAX_BESIDE, queue.length) }, async () => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          if (isClosed) return
          looked.set(`${chainId}|${next.sender}`, performance.now())
          await settleSender(gate, { chainId, sender: next.sender }).catch(onError)
        }
      }),
    )
    if (isClosed || !(await hasSettledLately(gate, chainId))) return
    const chain = gate.chains.get(chainId)
    if (chain === undefined) return
    const { number: head } = await chain.head()
    if (heads.get(chainId) === head) return
    await lookAgain(gate, { chainId, head })
    heads.set(chainId, head)
  }

  const timer = setInterval(() => {
    for (const chainId of gate.chains.keys()) begin(`chain ${chainId}`, () => lookAtChain(chainId))
    for (const chainId of gate.chains.keys()) begin(`ledger ${chainId}`, () => reconcileReservations(gate, { chainId }))
    begin('orphans', () => endOrphans(gate))
    begin('expiry', () => expireProposals(gate))
    begin('queue', () => advanceAll(gate))
    begin('delays', () => serveDelays(gate))
  }, intervalMs)
  timer.unref()

  return {
    async close() {
      isClosed = true
      clearInterval(timer)
      await Promise.all(running.values())
    },
  }
}

/** Sessions in which something waits to be asked about, and nothing is asked: after a restart, or an answer that was late. */
async function advanceAll(gate: Gate): Promise<void> {
  const rows = await gate.store.read
    .selectFrom('proposals')
    .select('sid')
    .distinct()
    .where('state', 'in', ['staged', 'receipted'])
    .where('queued_ms', 'is not', null)
    .where('expires_ms', '>', gate.clock.nowMs())
    .limit(100)
    .execute()
  for (const { sid } of rows) await advanceQueue(gate, { sid })
}

interface Sender {
  readonly sender: Address.Address
  /** When something last happened to one of its cards. */
  readonly changedMs: number
  /** Whether one of its cards waits for a transaction to be mined. */
  readonly isUnderWay: boolean
}

/** The accounts with cards that may be signed, or may have been. */
async function sendersOf(gate: Gate, { chainId, nowMs }: { chainId: number; nowMs: number }): Promise<Sender[]> {
  const rows = await gate.store.read
    .selectFrom('proposals')
    .leftJoin('proposal_calls', (join) =>
      join.onRef('proposal_calls.proposal_id', '=', 'proposals.id').on('proposal_calls.status', '=', 'submitted'),
    )
    .select((eb) => [
      'proposals.sender',
      eb.fn.max('proposals.updated_ms').as('updated_ms'),
      eb.fn.max('proposals.wallet_opened_ms').as('opened_ms'),
      eb.fn.max('proposal_calls.submitted_ms').as('submitted_ms'),
    ])
    .where('proposals.chain_id', '=', chainId)
    .where('proposals.watch_until_ms', 'is not', null)
    .where('proposals.state', '!=', 'settled')
    .where((eb) =>
      eb.or([eb('proposals.watch_until_ms', '>', nowMs), eb('proposals.state', 'in', ['pending', 'submitted'])]),
    )
    .groupBy('proposals.sender')
    .execute()
  return rows.map((row) => ({
    sender: row.sender as Address.Address,
    changedMs: Math.max(row.updated_ms, row.opened_ms ?? 0, row.submitted_ms ?? 0),
    isUnderWay: row.submitted_ms !== null,
  }))
}

async function hasSettledLately(gate: Gate, chainId: number): Promise<boolean> {
  const row = await gate.store.read
    .selectFrom('proposal_calls')
    .innerJoin('proposals', 'proposals.id', 'proposal_calls.proposal_id')
    .select('proposals.id')
    .where('proposals.chain_id', '=', chainId)
    .where('proposal_calls.tx_block', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
