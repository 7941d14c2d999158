import { handle } from '../audit/Audit.ts'
import type { AppendAudit } from '../audit/appendAudit.ts'
import type { Write } from '../store/openStore.ts'
import { fromRow } from './findMandate.ts'
import { freeze } from './ledger/close.ts'
import { ofWrite } from './ledger/Sql.ts'
import { tellTargets, type Teller } from './tellTargets.ts'

/** Which mark of a proposal counts: it did not match what was committed, or the mandate refused it. */
export type Mark = 'mismatched' | 'refused'

const HOUR_MS = 3_600_000

/**
 * Counts what `freeze_when` of a mandate names, once a proposal, and freezes the mandate in the caller's write when there are enough:
 * mismatched ones since it was last unfrozen, refused ones in the last hour.
 */
export async function countMark(
  { audit, ...teller }: Teller & { readonly audit: AppendAudit },
  write: Write,
  { mandate, mark, proposal }: { mandate: string; mark: Mark; proposal: string },
): Promise<void> {
  const row = await write.db.selectFrom('mandates').selectAll().where('id', '=', mandate).executeTakeFirst()
  if (row === undefined || row.state !== 'active') return
  const { mismatched, refusedPerHour } = fromRow(row).policy.freezeWhen
  const most = mark === 'mismatched' ? mismatched : refusedPerHour
  if (most === null) return
  const nowMs = teller.clock.nowMs()
  const own = () => write.db.selectFrom('mandate_marks').where('mandate', '=', mandate).where('kind', '=', mark)
  await write.db
    .insertInto('mandate_marks')
    .values({ mandate, kind: mark, proposal, at_ms: nowMs })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  let query = own().select((eb) => eb.fn.countAll<number | string>().as('count'))
  if (mark === 'refused') query = query.where('at_ms', '>', nowMs - HOUR_MS)
  const { count } = await query.executeTakeFirstOrThrow()
  if (Number(count) < most) return
  const because = mark === 'mismatched' ? 'mismatched' : 'refused_per_hour'
  await freezeIn({ audit, ...teller }, write, { mandate, because })
}

/** Freezes one mandate in the caller's write; nothing where it is frozen already. */
export async function freezeIn(
  { audit, ...teller }: Teller & { readonly audit: AppendAudit },
  write: Write,
  { mandate, because }: { mandate: string; because: string },
): Promise<boolean> {
  if (!(await freeze(ofWrite(write), { mandate, because }))) return false
  await noteFrozen({ audit, ...teller }, write, { mandate, because })
  return true
}

/** Records that a mandate is frozen, and tells its targets. */
export async function noteFrozen(
  { audit, ...teller }: Teller & { readonly audit: AppendAudit },
  write: Write,
  { mandate, because }: { mandate: string; because: string },
): Promise<void> {
  const row = await write.db
    .selectFrom('mandates')
    .select(['app', 'owner'])
    .where('id', '=', mandate)
    .executeTakeFirstOrThrow()
  const event = 'mandates.mandate.frozen'
  await audit(write, { app: row.app, event, body: { mandate: handle(mandate), owner: handle(row.owner), because } })
  await tellTargets(teller, write, {
    ...{ mandate, event },
    what: `it was frozen (${because}). Nothing is signed under it until its owner unfreezes it by a signature.`,
  })
}
