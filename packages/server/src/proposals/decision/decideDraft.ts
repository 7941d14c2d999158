import type { Address } from '@countersign/base'
import { toWire, type Decision } from '../../mandates/decide/Decision.ts'
import { findMandate, scopeOf } from '../../mandates/findMandate.ts'
import { reserve } from '../../mandates/ledger/reserve.ts'
import { ofWrite } from '../../mandates/ledger/Sql.ts'
import { takeOver } from '../../mandates/ledger/takeOver.ts'
import { toCanonical } from '../../mandates/policy/canonical.ts'
import { digestOf, type Policy } from '../../mandates/policy/Policy.ts'
import type { Mandate } from '../../mandates/decide/Situation.ts'
import type { Write } from '../../store/openStore.ts'
import type { Door } from '../Door.ts'
import type { Gate } from '../Gate.ts'
import { requestFor, simulateBatch, unsaved } from '../simulateBatch.ts'
import { chainOf, refuseSize, type StagedDraft } from '../stageProposal.ts'
import { prepare } from './prepareDecision.ts'
import { reserveInput } from './recordDecision.ts'

/** Stands for what is not there: the mandate of an owner who has none, the bytes, and who holds them. */
const DRY = 'dry'

/**
 * Decides about a draft as if it were proposed now, with the ledger as it is, and writes nothing: the write in which it is decided
 * is undone.
 *
 * @param of.policy - In the place of the one in force; null for that.
 */
export async function decideDraft(
  gate: Gate,
  { app, draft, door, policy }: { app: string; draft: StagedDraft; door: Door | null; policy: Policy | null },
): Promise<Decision> {
  const chain = chainOf(gate, draft.chainId)
  refuseSize(draft)
  const asked = unsaved({ app, door, draft })
  const request = await requestFor(gate.store.read, chain, asked, { nowMs: gate.clock.nowMs() })
  const simulated = await simulateBatch(chain, request)
  const mandate = policy === null ? undefined : await inPlaceOf(gate, { app, owner: draft.from, policy })
  const prepared = await prepare(gate, {
    ...{ asked, found: { request, simulated } },
    ...(mandate === undefined ? {} : { mandate: { ...mandate, app } }),
  })
  return undone(gate, async (write) => {
    if (mandate !== undefined) await putDry(gate, write, { app, mandate })
    const input = { ...reserveInput(prepared, { bytes: DRY, stepUp: [] }), holder: DRY }
    return (await reserve(ofWrite(write), gate.ledgerTime, input)).decision
  })
}

/** The mandate in force with another policy, or one that is not there. */
async function inPlaceOf(
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
async function putDry(gate: Gate, write: Write, { app, mandate }: { app: string; mandate: Mandate }): Promise<void> {
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
async function undone<T>(gate: Gate, work: (write: Write) => Promise<T>): Promise<T> {
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

/** As clients see it. */
export function decisionToWire(decision: Decision): Record<string, unknown> {
  const { code, reason, delayMs } = decision
  return { ...toWire(decision, { reservation: null }), code, reason, delay_ms: delayMs }
}
