import type { Address } from '@countersign/base'
import { findMandate, scopeOf } from '../../mandates/findMandate.ts'
import { ofWrite } from '../../mandates/ledger/Sql.ts'
import { takeOver } from '../../mandates/ledger/takeOver.ts'
import { toCanonical } from '../../mandates/policy/canonical.ts'
import { digestOf, type Policy } from '../../mandates/policy/Policy.ts'
import type { Mandate } from '../../mandates/decide/Situation.ts'
import type { Write } from '../../store/openStore.ts'
import type { Gate } from '../Gate.ts'

/** Stands for what is not there: the mandate of an owner who has none, the bytes, and who holds them. */
export const DRY = 'dry'

/** The mandate in force with another policy, or one that is not there. */
export async function inPlaceOf(
  gate: Gate,
  { app, owner, policy: given }: { app: string; owner: Address.Address; policy: Policy },
): Promise<Mandate> {
  const current = await findMandate(gate.store.read, { app, owner })
  const policy: Policy = { ...given, owner }
  const digest = digestOf(toCanonical(policy))
  const { name } = policy
  return current === null
    ? { id: DRY, name, version: 1, state: 'active', digest, policy, owner }
    : { ...current, name, version: current.version + 1, digest, policy }
}

/** Puts the policy in force, for as long as this write lasts. */
export async function putDry(
  gate: Gate,
  write: Write,
  { app, mandate }: { app: string; mandate: Mandate },
): Promise<void> {
  const { id, owner, policy, digest } = mandate
  const { numUpdatedRows } = await write.db
    .updateTable('mandates')
    .set({ digest })
    .where('id', '=', id)
    .executeTakeFirst()
  if (numUpdatedRows === 0n)
    await write.db
      .insertInto('mandates')
      .values({
        ...{ id, app, owner, name: mandate.name, version: 1, state: 'active', policy: '{}', digest, signature: null },
        ...{ previous: null, valid_from_ms: policy.fromMs, valid_until_ms: policy.untilMs, created_ms: 0 },
        ...{ epoch: 0, frozen_because: null, worst: '' },
      })
      .execute()
  await takeOver(ofWrite(write), gate.ledgerTime, { scope: scopeOf({ app, owner }), policy })
}

/** Does work in a write that is undone. */
export async function undone<T>(gate: Gate, work: (write: Write) => Promise<T>): Promise<T> {
  let found: { readonly value: T } | null = null
  try {
    await gate.store.write(async (write) => {
      found = { value: await work(write) }
      throw new Undone()
    })
  } catch (error) {
    if (!(error instanceof Undone) || found === null) throw error
  }
  return (found as unknown as { readonly value: T }).value
}

class Undone extends Error {}
