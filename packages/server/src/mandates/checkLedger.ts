import type { AppendAudit } from '../audit/appendAudit.ts'
import type { Store } from '../store/openStore.ts'
import { freeze } from './ledger/close.ts'
import { violations } from './ledger/invariants.ts'
import { ofWrite } from './ledger/Sql.ts'
import type { Time } from './ledger/Time.ts'
import { handle } from '../audit/Audit.ts'

/**
 * Checks the ledger's invariants, at every start, before anything is decided. Where one does not hold no sum can be trusted, so
 * every mandate is frozen: each owner unfreezes their own by a signature.
 *
 * @returns A sentence for each invariant that does not hold.
 */
export async function checkLedger({
  store,
  audit,
  ledgerTime,
  log,
}: {
  readonly store: Store
  readonly audit: AppendAudit
  readonly ledgerTime: Time
  readonly log: { error(facts: object, message: string): void }
}): Promise<readonly string[]> {
  return store.write(async (write) => {
    const sql = ofWrite(write)
    const found = await violations(sql, { nowMs: await ledgerTime(sql) })
    if (found.length === 0) return found
    log.error({ violations: found }, 'The ledger of mandates does not hold: every mandate is frozen.')
    const rows = await write.db.selectFrom('mandates').select(['id', 'app']).where('state', '=', 'active').execute()
    for (const { id, app } of rows)
      if (await freeze(sql, { mandate: id, because: 'ledger' }))
        await audit(write, {
          app,
          event: 'mandates.mandate.frozen',
          body: { mandate: handle(id), because: 'ledger' },
        })
    // The sentences name wallets; the record has their numbers alone.
    const invariants = [...new Set(found.map((sentence) => sentence.split(':')[0] ?? ''))].toSorted()
    for (const app of new Set(['default', ...rows.map((row) => row.app)]))
      await audit(write, { app, event: 'mandates.ledger.violated', body: { count: found.length, invariants } })
    return found
  })
}
