import * as Window from '../policy/Window.ts'
import { mayRelease, type Kind, type Proof } from './Reservation.ts'
import { num, rowsOf, type Sql } from './Sql.ts'

/** What is not as it must be; empty on every sound ledger (mandates.md 4). */
export async function violations(
  sql: Sql,
  { nowMs = null }: { nowMs?: number | null } = {},
): Promise<readonly string[]> {
  const found: string[] = []
  const limits = await rowsOf<{
    id: string
    scope: string
    unit: string
    span: string
    cap: string
    open: string
    settled: string
    lifted: string | null
  }>(sql, 'select id, scope, unit, span, cap, open, settled, lifted from mandate_limits order by id', [])
  const lines = await rowsOf<{
    limit_id: string
    amount: string
    beyond: unknown
    settled: string | null
    settle_ms: unknown
    aged: unknown
    state: string
  }>(
    sql,
    'select l.limit_id, l.amount, l.beyond, l.settled, l.settle_ms, l.aged, r.state from reservation_lines l join reservations r on r.id = l.reservation',
    [],
  )
  const sums = new Map<string, { open: bigint; settled: bigint }>()
  for (const line of lines) {
    const sum = sums.get(line.limit_id) ?? { open: 0n, settled: 0n }
    sums.set(line.limit_id, sum)
    if ((line.state === 'open' || line.state === 'held') && line.settle_ms === null && num(line.beyond) !== 1)
      sum.open += BigInt(line.amount)
    if (line.settled !== null && num(line.aged) === 0) sum.settled += BigInt(line.settled)
  }
  for (const limit of limits) {
    const sum = sums.get(limit.id) ?? { open: 0n, settled: 0n }
    const name = `${limit.scope} ${limit.unit} ${limit.span}`
    if (sum.open !== BigInt(limit.open)) found.push(`1: ${name}: open is ${limit.open}, its lines are ${sum.open}`)
    if (sum.settled !== BigInt(limit.settled))
      found.push(`1: ${name}: settled is ${limit.settled}, its lines are ${sum.settled}`)
    if (BigInt(limit.open) < 0n || BigInt(limit.settled) < 0n) found.push(`1: ${name}: below zero`)
    if (
      limit.lifted === null &&
      nowMs !== null &&
      BigInt(limit.open) + settledAt(limit, lines, nowMs) > BigInt(limit.cap)
    )
      found.push(`6: ${name}: over its cap of ${limit.cap}`)
  }
  const reservations = await rowsOf<{
    id: string
    kind: Kind
    nonce_kind: string
    state: string
    account: string
    chain_id: unknown
    nonce: unknown
    proof: string | null
    handed_ms: unknown
  }>(sql, 'select id, kind, nonce_kind, state, account, chain_id, nonce, proof, handed_ms from reservations', [])
  const nonces = new Map<string, string>()
  for (const each of reservations) {
    const proof = each.proof === null ? null : (JSON.parse(each.proof) as Proof)
    const isClosed = each.state === 'settled' || each.state === 'released'
    if (isClosed !== (proof !== null))
      found.push(`2: ${each.id} is ${each.state} and has ${proof === null ? 'no' : 'a'} proof`)
    if (
      each.state === 'released' &&
      proof !== null &&
      !(each.handed_ms === null ? proof.kind === 'ended' : mayRelease(each.kind, each.nonce_kind, proof.kind))
    )
      found.push(`3: ${each.id} was released by ${proof.kind}`)
    if (each.nonce === null || each.kind === 'outside') continue
    if (each.state === 'held') found.push(`4: ${each.id} is held and has a nonce`)
    if (each.nonce_kind !== 'allocated') continue
    const key = `${num(each.chain_id)} ${each.account} ${num(each.nonce)}`
    const other = nonces.get(key)
    if (other !== undefined) found.push(`4: nonce ${key} has ${other} and ${each.id}`)
    nonces.set(key, each.id)
  }
  return found
}

/** Lines that left the window and were not taken out yet do not count. */
function settledAt(
  limit: { readonly id: string; readonly span: string; readonly settled: string },
  lines: readonly {
    readonly limit_id: string
    readonly settled: string | null
    readonly settle_ms: unknown
    readonly aged: unknown
  }[],
  nowMs: number,
): bigint {
  const startMs = Window.startMs(Window.fromKey(limit.span), nowMs)
  return lines
    .filter(
      (line) =>
        line.limit_id === limit.id && line.settled !== null && num(line.aged) === 0 && num(line.settle_ms) >= startMs,
    )
    .reduce((sum, line) => sum + BigInt(line.settled ?? '0'), 0n)
}
