import type { ReportWire } from '@countersign/sdk'
import type { Address } from '@countersign/base'
import { readDraft, type DraftTools } from '../proposals/readDraft.ts'
import { requestWith, simulateBatch, unsaved } from '../proposals/simulateBatch.ts'
import { chainOf, type StagedDraft } from '../proposals/stageProposal.ts'

/**
 * Simulates what a door was handed, and writes nothing down. The verdict is the one that the same words get as a proposal.
 *
 * @param counterpartiesOf - Whom the account has paid before; left out where there is no store.
 */
export async function judgeDraft(
  tools: DraftTools & {
    counterpartiesOf?(draft: StagedDraft): Promise<readonly Address.Address[]>
  },
  body: Readonly<Record<string, unknown>>,
): Promise<ReportWire> {
  const draft = readDraft(tools, body)
  const chain = chainOf(tools, draft.chainId)
  const door = { name: 'mcp', keyId: '', family: '', client: null } as const
  const counterparties = (await tools.counterpartiesOf?.(draft)) ?? []
  const request = requestWith(chain, unsaved({ app: '', door, draft }), { nowMs: tools.nowMs(), counterparties })
  return (await simulateBatch(chain, request)).wire
}
