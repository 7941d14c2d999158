import { reserve } from '../../src/mandates/ledger/reserve.ts'
import { num, rowsOf, type Sql } from '../../src/mandates/ledger/Sql.ts'
import type { Time } from '../../src/mandates/ledger/Time.ts'

/** A rule of the ledger turned off: each must let something over, or a run says nothing. */
export const CONTROLS = [
  'counter after sending',
  'given back without an answer',
  'wall clock',
  'depth 0',
  'open ages out',
] as const
export type Control = (typeof CONTROLS)[number]

export class Looked extends Error {
  readonly answer: string
  constructor(answer: string) {
    super('looked')
    this.answer = answer
  }
}

/** Decides on the rows as they are, and writes nothing. */
export async function looked(sql: Sql, time: Time, input: Parameters<typeof reserve>[2]): Promise<never> {
  const { decision } = await reserve(sql, time, input)
  throw new Looked(decision.answer)
}

/** A rule turned off: what was handed out is given back because nobody answered. */
export async function forceRelease(sql: Sql, id: string, nowMs: number): Promise<void> {
  const lines = await rowsOf<{ limit_id: string; amount: string; beyond: unknown; open: string }>(
    sql,
    'select l.limit_id, l.amount, l.beyond, m.open from reservation_lines l join mandate_limits m on m.id = l.limit_id where l.reservation = ? and l.settle_ms is null',
    [id],
  )
  for (const line of lines) {
    if (num(line.beyond) !== 1)
      await sql.run('update mandate_limits set open = ? where id = ?', [
        (BigInt(line.open) - BigInt(line.amount)).toString(),
        line.limit_id,
      ])
  }
  await sql.run(
    'update reservation_lines set settled = ?, settle_ms = ?, aged = 1 where reservation = ? and settle_ms is null',
    ['0', nowMs, id],
  )
  await sql.run(
    `update reservations set state = 'released', proof = '{"kind":"replaced"}' where id = ? and state = 'open'`,
    [id],
  )
}

/** A rule turned off: an open reservation leaves the window when it is old. */
export async function ageOpen(sql: Sql, beforeMs: number): Promise<void> {
  const old = await rowsOf<{ id: string }>(sql, `select id from reservations where state = 'open' and opened_ms < ?`, [
    beforeMs,
  ])
  for (const { id } of old) {
    const lines = await rowsOf<{ limit_id: string; amount: string; open: string }>(
      sql,
      `select l.limit_id, l.amount, m.open from reservation_lines l join mandate_limits m on m.id = l.limit_id where l.reservation = ? and l.settle_ms is null and m.span like 'rolling%' and l.beyond = 0 and l.amount <> '0'`,
      [id],
    )
    for (const line of lines) {
      await sql.run('update mandate_limits set open = ? where id = ?', [
        (BigInt(line.open) - BigInt(line.amount)).toString(),
        line.limit_id,
      ])
      await sql.run(`update reservation_lines set amount = '0' where reservation = ? and limit_id = ?`, [
        id,
        line.limit_id,
      ])
    }
  }
}
