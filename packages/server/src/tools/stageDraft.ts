import { Digest, Json, type Address } from '@countersign/base'
import type { Action } from '../provenance/Action.ts'
import * as OwnWords from '../provenance/OwnWords.ts'
import * as Provenance from '../provenance/Provenance.ts'
import { forModel } from './forModel.ts'
import { ToolError } from './ToolError.ts'
import type { Draft, StagedAnswer, ToolHost } from './ToolHost.ts'

/** What was read in this turn that others wrote. */
export interface Turn extends ToolHost {
  readonly heard: Provenance.Heard[]
}

/**
 * Looks up where every value of a draft came from: once for all tools, from what it would do.
 *
 * @throws {ToolError} `tools:words:refused` for what the user said must not be dealt with.
 */
export async function assess(
  host: Turn,
  { actions, isDocument = false }: { actions: readonly Action[]; isDocument?: boolean },
): Promise<Pick<Required<Draft>, 'provenance' | 'level' | 'questions'>> {
  const words = Provenance.wordsOf(host.userTexts, host)
  const ledger = Provenance.pointsBack(words) ? ((await host.ledger?.()) ?? []) : []
  const found = Provenance.assess(words, { actions, registry: host, ledger, heard: host.heard, isDocument })
  if (found.refused !== null)
    throw new ToolError(
      found.refused,
      'tools:words:refused',
      'Ask the user to name the address in a message of its own.',
    )
  return { provenance: found.lines, level: found.level, questions: found.questions }
}

export async function stage(
  host: Turn,
  { actions, ...draft }: Omit<Draft, 'chainId' | 'from' | 'provenance'> & { actions: readonly Action[] },
): Promise<Record<string, unknown>> {
  const from = accountOf(host)
  const found = await assess(host, { actions })
  return { ...toResult(await host.stage({ ...draft, ...found, chainId: host.chainId, from })), ...asked(found) }
}

/** For the model: that the owner will be asked, and for what. */
export function asked({ level, questions }: Pick<Required<Draft>, 'level' | 'questions'>): Record<string, unknown> {
  if (level === 'ordinary') return {}
  return {
    level,
    questions: questions.map(({ argument, because }) => ({ argument, because: forModel(because) })),
  }
}

export function toResult(staged: StagedAnswer): Record<string, unknown> {
  return {
    proposal_id: staged.proposalId,
    state: staged.state,
    verdict: staged.verdict,
    reason: staged.reason,
    changes: staged.changes,
    findings: staged.findings,
    fee_wei: staged.feeWei,
  }
}

/** The account that would sign. @throws {ToolError} `tools:wallet:absent`. */
export function accountOf(host: ToolHost): Address.Address {
  if (host.account === null) {
    throw new ToolError('No wallet is connected.', 'tools:wallet:absent', 'Connect a wallet, then ask again.')
  }
  return host.account
}

/** Whether the user pasted this very document into this turn's message. */
export function isPasted(message: string, document: Readonly<Record<string, unknown>>): boolean {
  const pasted = OwnWords.read(message).borrowed.find(({ kind }) => kind === 'document')
  if (pasted === undefined) return false
  try {
    return Digest.canonicalJson(Json.parse(pasted.text)) === Digest.canonicalJson(document)
  } catch {
    return false
  }
}
