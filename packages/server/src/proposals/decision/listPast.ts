import { Address } from '@countersign/base'
import type { ReportWire } from '@countersign/sdk'
import { readMoves } from '../../mandates/decide/readMoves.ts'
import * as MovesText from '../../mandates/history/MovesText.ts'
import type { Past } from '../../mandates/history/replay.ts'
import type { Answer } from '../../mandates/policy/Policy.ts'
import type { Gate } from '../Gate.ts'
import type { Proposal } from '../Proposal.ts'
import { listSettled } from '../rows.ts'
import { isOthers } from './raisedLevel.ts'

/** As many actions as one look back reads: each has a report. */
export const MAX_PAST = 500

export interface Listed {
  /** Oldest first. */
  readonly past: readonly Past[]
  readonly notChecked: readonly string[]
}

/** What an account did through an app and was settled, as a policy would have had to decide about it. */
export async function listPast(
  { store, chains }: Pick<Gate, 'store' | 'chains'>,
  {
    app,
    owner,
    fromMs,
    untilMs,
    chainId,
  }: {
    app: string
    owner: Address.Address
    fromMs: number | null
    untilMs: number | null
    /** On this chain alone; absent: on all. */
    chainId?: number
  },
): Promise<Listed> {
  const found = await listSettled(store.read, { app, sender: owner, fromMs, untilMs, limit: MAX_PAST + 1 })
  const past: Past[] = []
  let unread = 0
  for (const { proposal, decided } of found.slice(0, MAX_PAST).toReversed()) {
    if (chainId !== undefined && proposal.chainId !== chainId) continue
    const asked = decided === null ? readAgain(chains, proposal) : MovesText.read(decided)
    if (asked === null) {
      unread += 1
      continue
    }
    past.push({
      ...asked,
      proposal: proposal.id,
      atMs: proposal.createdMs,
      stepUp: proposal.door === null ? proposal.questions.filter(isOthers) : [],
      was: (proposal.decided?.answer ?? 'ask') satisfies Answer,
    })
  }
  return {
    past,
    notChecked: [
      ...(found.length > MAX_PAST ? [`Only the newest ${MAX_PAST} actions were looked at.`] : []),
      ...(unread === 0
        ? []
        : [`${unread} actions of several steps were left out: no decision kept what each step moved.`]),
    ],
  }
}

/** From the report, where no decision was made: enough for one step, and nothing is known of allowances that stood. */
function readAgain(chains: Gate['chains'], proposal: Proposal): MovesText.Asked | null {
  const chain = chains.get(proposal.chainId)
  if (chain === undefined || proposal.report === null || proposal.calls.length !== 1) return null
  const moves = readMoves({
    owner: proposal.from,
    calls: proposal.calls.map(({ to, value, data }) => ({ to, value, data })),
    prefixes: [proposal.report as ReportWire],
    standing: [],
    token: (address) => chain.tokens.find((token) => Address.isEqual(token.address, address)) ?? null,
    coin: chain.nativeSymbol,
    trusts: new Map(),
    enforced: null,
  })
  const { door } = proposal
  return {
    moves,
    asker: { door: door?.name ?? 'page', key: door?.keyId ?? null, skill: null, session: null },
  }
}
