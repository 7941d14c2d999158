import type { Hex } from '@countersign/base'
import type { ReportWire } from '@countersign/sdk'
import type { Gate } from '../proposals/Gate.ts'
import * as Document from '../proposals/Document.ts'
import type { Proposal } from '../proposals/Proposal.ts'
import { RpcError, type RefusalData } from './RpcError.ts'
import type { Signatures } from './Signatures.ts'

/** What the JSON-RPC door needs beside the method. */
export interface RpcTools {
  readonly gate: Gate
  readonly signatures: Signatures
  urlOf(proposal: Proposal): string
}

/** What a refusal tells beside its sentence: rules by name, and where its owner finds it. */
export function dataOf(
  report: ReportWire | null,
  at: { readonly id: string; readonly url: string } | null,
): RefusalData {
  return {
    verdict: report?.verdict ?? null,
    findings: (report?.findings ?? [])
      .filter(({ level }) => level !== 'info')
      .map(({ rule, level, title }) => ({ rule, level, title })),
    proposal: at?.id ?? null,
    url: at?.url ?? null,
  }
}

/** What a proposal answers to the program that waits for it: a hash, a signature, or why there is none. */
export function outcomeOf(tools: RpcTools, proposal: Proposal): Hex.Hex | RpcError {
  const url = tools.urlOf(proposal)
  const data = dataOf(proposal.report, { id: proposal.id, url })
  const isSigned = Document.of(proposal) !== null
  switch (proposal.state) {
    case 'staged':
    case 'receipted':
    case 'pending':
      return RpcError.waiting(url, data)
    case 'submitted':
    case 'settled': {
      if (isSigned) {
        const signature = tools.signatures.take(proposal.id)
        return (
          signature ?? RpcError.refused('it was signed, and its signature was handed out already or is lost.', data)
        )
      }
      const hash = proposal.calls.at(-1)?.txHash ?? null
      return hash ?? RpcError.waiting(url, data)
    }
    case 'blocked': {
      const title = data.findings.find(({ level }) => level === 'block')?.title ?? 'The simulation blocked it'
      return RpcError.refused(`${title}.`, data)
    }
    case 'mismatched':
    case 'rejected':
    case 'expired':
    case 'superseded':
      return RpcError.refused(`the proposal is ${proposal.state}.`, data)
    default:
      // A call of a tool comes through no door.
      return RpcError.refused(`the proposal is ${proposal.state}.`, data)
  }
}
