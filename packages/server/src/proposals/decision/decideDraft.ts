import { toWire, type Decision } from '../../mandates/decide/Decision.ts'
import { reserve } from '../../mandates/ledger/reserve.ts'
import { ofWrite } from '../../mandates/ledger/Sql.ts'
import type { Policy } from '../../mandates/policy/Policy.ts'
import type { Door } from '../Door.ts'
import type { Gate } from '../Gate.ts'
import { requestFor, simulateBatch, unsaved } from '../simulateBatch.ts'
import { chainOf, refuseSize, type StagedDraft } from '../stageProposal.ts'
import { DRY, inPlaceOf, putDry, undone } from './dryWrite.ts'
import { prepare } from './prepareDecision.ts'
import { reserveInput } from './recordDecision.ts'

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

/** As clients see it. */
export function decisionToWire(decision: Decision): Record<string, unknown> {
  const { code, reason, delayMs } = decision
  return { ...toWire(decision, { reservation: null }), code, reason, delay_ms: delayMs }
}
