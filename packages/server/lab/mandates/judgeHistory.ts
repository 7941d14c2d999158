import { openReservations } from '../../src/mandates/ledger/close.ts'
import { rowsOf } from '../../src/mandates/ledger/Sql.ts'
import { unitKey, type Policy } from '../../src/mandates/policy/Policy.ts'
import type { ModelChain } from './ModelChain.ts'
import type { Database } from './openMemory.ts'

export interface History {
  readonly over: readonly string[]
  readonly stranded: number
  /** Limits of which the ledger's sum is not the chain's. */
  readonly different: readonly string[]
  readonly broken: readonly string[]
  readonly openedWhileFrozen: number
  /** Whether the ledger froze the mandate by itself. */
  readonly isStopped: boolean
  readonly counts: {
    readonly reserved: number
    readonly refused: number
    readonly reorgs: number
    readonly changedHands: number
  }
  readonly log: readonly string[]
}

/** What a history is judged by: the chain, and what the policy allowed. */
interface Ended {
  readonly chain: ModelChain
  readonly policy: Policy
  readonly mandateId: string
  /** What the owner confirmed beyond the limit for the whole life, in the smallest unit. */
  readonly beyond: bigint
  /** Length of the shortest window. */
  readonly seconds: number
  /** The cap for the whole life, in dollars. */
  readonly lifetime: number
  /** Whether the ledger is written with every payment, so that its sums must be the chain's. */
  readonly isExact: boolean
  readonly wasStopped: boolean
}

/** Holds what the chain moved against every cap, and the ledger against the chain. */
export async function judgeHistory(
  db: Database,
  { chain, policy, mandateId, beyond, seconds, lifetime, isExact, wasStopped }: Ended,
): Promise<Pick<History, 'over' | 'stranded' | 'different' | 'isStopped'>> {
  const usdc = chain.moved('usdc')
  const total = usdc.reduce((sum, { amount }) => sum + amount, 0n)
  const second = seconds * 1_000
  const over = [
    ...overIn(usdc, { name: 'short', ms: second, cap: 100_000_000n }),
    ...overIn(usdc, { name: 'long', ms: second * 5, cap: 300_000_000n }),
    ...overIn(chain.moved('fee'), { name: 'fees', ms: second * 2, cap: 60n }),
    // What the owner confirmed beyond the limit for the whole life is the owner's.
    ...(total > BigInt(lifetime) * 1_000_000n + beyond ? [`all: ${total}`] : []),
  ]
  const open = await db.write((sql) => openReservations(sql))
  return {
    over,
    stranded: open.filter(({ mandate }) => mandate === mandateId).length,
    different: isExact ? await differences(db, { chain, policy, total }) : [],
    isStopped: wasStopped || (await isStopped(db, mandateId)),
  }
}

function overIn(
  list: readonly { readonly atMs: number; readonly amount: bigint }[],
  { name, ms, cap }: { readonly name: string; readonly ms: number; readonly cap: bigint },
): string[] {
  const over: string[] = []
  let [sum, from] = [0n, 0]
  for (const each of list) {
    sum += each.amount
    while ((list[from]?.atMs ?? 0) <= each.atMs - ms) sum -= list[from++]?.amount ?? 0n
    if (sum > cap) over.push(`${name}: ${sum} over ${cap} at ${each.atMs}`)
  }
  return over
}

/** Whether the ledger froze the mandate by itself. */
export async function isStopped(db: Database, mandateId: string): Promise<boolean> {
  const [row] = await db.write((sql) =>
    rowsOf<{ because: string | null }>(sql, 'select frozen_because as because from mandates where id = ?', [mandateId]),
  )
  return row?.because === 'overrun' || row?.because === 'outside'
}

/** Whether the ledger's sums are the chain's. */
async function differences(
  db: Database,
  { chain, policy, total }: { readonly chain: ModelChain; readonly policy: Policy; readonly total: bigint },
): Promise<string[]> {
  const unit = unitKey(policy, { kind: 'token', token: 'USDC' })
  const lines = await db.write((sql) =>
    rowsOf<{ unit: string; span: string; settled: string }>(
      sql,
      'select m.unit, m.span, l.settled from reservation_lines l join mandate_limits m on m.id = l.limit_id where l.settled is not null',
      [],
    ),
  )
  const fees = chain.moved('fee').reduce((sum, { amount }) => sum + amount, 0n)
  const found: string[] = []
  for (const span of new Set(lines.map((line) => `${line.unit} ${line.span}`))) {
    const sum = lines
      .filter((line) => `${line.unit} ${line.span}` === span)
      .reduce((all, line) => all + BigInt(line.settled), 0n)
    const truth = span.startsWith(unit) ? total : fees
    if (sum !== truth) found.push(`${span}: ledger ${sum}, chain ${truth}`)
  }
  return found
}
