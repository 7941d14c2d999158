import { Address, type Clock } from '@countersign/base'
import type { Amount } from '../outbox/Notice.ts'
import type { Reader, Write } from '../store/openStore.ts'
import { fromRow, type Row } from './findMandate.ts'

/** What a mandate tells its targets, but for where its owner reads more. */
export interface Told {
  readonly app: string
  /** `kind:name`, such as `webhook:ops`. */
  readonly targets: readonly string[]
  readonly event: string
  readonly mandate: string
  /** Whose mandate it is, and on which chains: the owner is told by channels of their own. */
  readonly owner: string
  readonly chains: readonly number[]
  readonly proposal: { readonly id: string; readonly state: string } | null
  readonly sentence: string
  readonly amounts: readonly Amount[]
}

/** Puts messages into the outbox, in the transaction of what they report. */
export type Tell = (write: Write, told: Told) => Promise<void>

export interface Teller {
  readonly clock: Clock.Clock
  /** Null or absent: nothing is sent. */
  readonly tellTargets?: Tell | undefined
}

/** At most one message in this time for each mandate, in milliseconds. */
const QUIET_MS = 60_000

/** Never held back: money may be leaving, nothing works any more, or somebody has until a time to say no. */
const URGENT: ReadonlySet<string> = new Set([
  'mandates.mandate.frozen',
  'mandates.reservation.overrun',
  'mandates.reservation.outside',
  'mandates.decision.delayed',
])

/**
 * Tells the targets of a mandate what happened, in the caller's write. At most one message a minute goes out for each mandate: the rest
 * are counted in the next one. A freeze, an overrun, a transaction from outside and the start of a delay are never held back.
 *
 * @param of.what - A sentence without the mandate's name, such as `was frozen (outside).`
 */
export async function tellTargets(
  { clock, tellTargets: tell }: Teller,
  write: Write,
  {
    mandate: id,
    event,
    what,
    proposal = null,
    amounts = [],
  }: {
    mandate: string
    event: string
    what: string
    proposal?: Told['proposal']
    amounts?: readonly Amount[]
  },
): Promise<void> {
  if (tell === undefined) return
  const row = await write.db.selectFrom('mandates').selectAll().where('id', '=', id).executeTakeFirst()
  const targets = row === undefined ? [] : targetsOf(row)
  // Its owner hears of what is urgent, whatever targets the mandate names.
  if (row === undefined || (targets.length === 0 && !URGENT.has(event))) return
  const nowMs = clock.nowMs()
  const before = await noticesOf(write.db, id)
  const isQuiet = before !== null && nowMs - before.last_ms < QUIET_MS && nowMs >= before.last_ms
  if (isQuiet && !URGENT.has(event)) {
    await write.db
      .updateTable('mandate_notices')
      .set((eb) => ({ kept_back: eb('kept_back', '+', 1) }))
      .where('mandate', '=', id)
      .execute()
    return
  }
  const more = before === null || before.kept_back === 0 ? '' : ` And ${before.kept_back} more since the last message.`
  await write.db
    .insertInto('mandate_notices')
    .values({ mandate: id, last_ms: nowMs, kept_back: 0 })
    .onConflict((conflict) => conflict.column('mandate').doUpdateSet({ last_ms: nowMs, kept_back: 0 }))
    .execute()
  await tell(write, {
    ...{ app: row.app, targets, event, mandate: id, proposal, amounts },
    ...{ owner: row.owner, chains: fromRow(row).policy.chains },
    sentence: `The mandate "${row.name}" of ${Address.parse(row.owner)}: ${what}${more}`,
  })
}

function targetsOf(row: Row): readonly string[] {
  return fromRow(row).policy.notify.map(({ kind, target }) => `${kind}:${target}`)
}

async function noticesOf(read: Reader, mandate: string) {
  return (
    (await read.selectFrom('mandate_notices').selectAll().where('mandate', '=', mandate).executeTakeFirst()) ?? null
  )
}
