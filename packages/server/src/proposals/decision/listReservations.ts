import type { Reader } from '../../store/openStore.ts'
import { heldOf, type Held } from '../../mandates/ledger/close.ts'
import type { State } from '../../mandates/ledger/Reservation.ts'

/** The most that one list answers. */
const MAX_LISTED = 500

/** What one limit holds for a reservation. Amounts in the smallest unit of the limit's row. */
export interface ListedLine {
  readonly limit: string
  readonly unit: string
  readonly window: string
  readonly decimals: number
  readonly amount: bigint
  readonly isBeyond: boolean
  readonly settled: bigint | null
}

export interface Listed {
  readonly held: Held
  readonly lines: readonly ListedLine[]
}

/**
 * Reservations of an app, the newest first.
 *
 * @param of.owner - Only those of this wallet; null for all of the app.
 * @param of.id - Only this one.
 */
export async function listReservations(
  read: Reader,
  {
    app,
    owner,
    state = null,
    id = null,
  }: { app: string; owner: string | null; state?: State | null; id?: string | null },
): Promise<readonly Listed[]> {
  let query = read
    .selectFrom('reservations')
    .leftJoin('mandates', 'mandates.id', 'reservations.mandate')
    .leftJoin('proposals', 'proposals.id', 'reservations.proposal')
    .selectAll('reservations')
    .where((eb) => eb(eb.fn.coalesce('mandates.app', 'proposals.app'), '=', app))
    .orderBy('reservations.opened_ms', 'desc')
    .orderBy('reservations.id')
    .limit(MAX_LISTED)
  if (owner !== null) query = query.where('reservations.account', '=', owner)
  if (state !== null) query = query.where('reservations.state', '=', state)
  if (id !== null) query = query.where('reservations.id', '=', id)
  const rows = await query.execute()
  return Promise.all(rows.map(async (row) => ({ held: heldOf({ ...row }), lines: await linesOf(read, row.id) })))
}

async function linesOf(read: Reader, reservation: string): Promise<readonly ListedLine[]> {
  const rows = await read
    .selectFrom('reservation_lines')
    .innerJoin('mandate_limits', 'mandate_limits.id', 'reservation_lines.limit_id')
    .select(['mandate_limits.id as limit', 'unit', 'span', 'decimals', 'amount', 'beyond', 'reservation_lines.settled'])
    .where('reservation', '=', reservation)
    .orderBy('mandate_limits.id')
    .execute()
  return rows.map(({ limit, unit, span, decimals, amount, beyond, settled }) => ({
    ...{ limit, unit, window: span, decimals, amount: BigInt(amount), isBeyond: beyond === 1 },
    settled: settled === null ? null : BigInt(settled),
  }))
}
