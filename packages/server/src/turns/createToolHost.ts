import { BaseError, Digest, Wei, type Address } from '@countersign/base'
import { decodeRevert, readTypedData, type Block } from '@countersign/simulator'
import type { Chain } from '../chains/Chain.ts'
import { commitProposal } from '../proposals/commitProposal.ts'
import * as Document from '../proposals/Document.ts'
import type { Gate } from '../proposals/Gate.ts'
import type { Proposal } from '../proposals/Proposal.ts'
import { listProposals } from '../proposals/rows.ts'
import { listLedger } from '../proposals/listLedger.ts'
import { findHalfDone, RemedyError, takeRemedy } from '../proposals/remedies.ts'
import { knownAddresses } from '../proposals/simulateBatch.ts'
import { stageProposal } from '../proposals/stageProposal.ts'
import type { Session } from '../sessions/Session.ts'
import { forModel } from '../provenance/forModel.ts'
import * as StepUp from '../proposals/StepUp.ts'
import type { ToolHost } from '../tools/ToolHost.ts'
import type { StagedAnswer } from '../proposals/Draft.ts'
import type { Confirmation } from '../provenance/Provenance.ts'

/**
 * What the tools of one turn may touch: reads on one chain, and staging and committing in one session. Nothing here
 * leads to a signature.
 */
export function createToolHost(
  gate: Gate,
  {
    session,
    chain,
    userTexts,
    maxProposals,
    turnId,
  }: { session: Session; chain: Chain; userTexts: readonly string[]; maxProposals: number; turnId?: string },
): ToolHost {
  const refuseMore = (): Promise<void> => refuseMoreProposals(gate, { session, maxProposals })
  /** What every draft of this turn has. */
  const ofTurn = (draft: Partial<Confirmation>) => ({
    ...(turnId === undefined ? {} : { turnId }),
    stepUp: StepUp.walletFor(draft.questions ?? [], session.signedIn),
  })
  let asking: Promise<Block> | null = null
  /** State at the newest block. Reads that are made together stand on one block. */
  async function newest() {
    asking ??= chain.head().finally(() => (asking = null))
    return chain.at(await asking)
  }

  return {
    chainId: chain.chainId,
    // What the wallet says of itself helps the agent; whether it may be a sender is decided where it is staged.
    account: session.wallet.isConnected ? session.wallet.address : (session.signedIn?.address ?? null),
    nativeSymbol: chain.nativeSymbol,
    tokens: chain.tokens,
    contracts: chain.contracts,
    exchanges: chain.exchanges,
    userTexts,
    ledger: () => listLedger(gate.store.read, session),
    nativeBalance: async (account) => (await newest()).balance(account),
    code: async (account) => (await newest()).code(account),
    async read(call) {
      const outcome = await (await newest()).call(call)
      if (outcome.status === 'returned') return { data: outcome.data }
      // What the contract said; the provider's own words are not handed on.
      return {
        reverted: outcome.data === null ? 'execution reverted' : decodeRevert(outcome.data).reason.slice(0, 200),
      }
    },
    async stage(draft) {
      await refuseMore()
      const staged = await stageProposal(gate, { session, draft: { ...draft, ...ofTurn(draft) }, userTexts })
      return toAnswer(staged, chain, session.wallet.address)
    },
    readDocument({ from, document }) {
      const known = knownAddresses(chain, userTexts)
      return readTypedData(Digest.canonicalJson(document), {
        chainId: chain.chainId,
        from,
        nowMs: gate.clock.nowMs(),
        known: (address) => known.find((entry) => entry.address === address),
      })
    },
    async stageDocument({ signature, ...draft }) {
      await refuseMore()
      const call = { ...Document.callOf(signature), label: signature.title }
      return toAnswer(
        await stageProposal(gate, {
          session,
          draft: { ...draft, ...ofTurn(draft), chainId: chain.chainId, calls: [call] },
          userTexts,
        }),
        chain,
        draft.from,
      )
    },
    async finish(kind) {
      const half = await findHalfDone(gate, { sid: session.sid })
      if (half === null) throw new RemedyError('refused')
      await refuseMore()
      const { id, state, reason, calls } = await takeRemedy(gate, { id: half.id, sid: session.sid, kind })
      return {
        proposalId: id,
        txIds: calls.filter((call) => call.status === 'waiting').map((call) => call.txId),
        state,
        reason: reason === null ? null : forModel(reason),
      }
    },
    async commit(proposalId) {
      // What the runtime asks about at the end of the turn needs no commit, and waits behind what is asked about.
      if (turnId !== undefined && (await waitsInLine(gate, { id: proposalId, session, turnId })))
        return { proposalId, txIds: [] }
      const proposal = await commitProposal(gate, { id: proposalId, sid: session.sid })
      return { proposalId, txIds: proposal.calls.filter((call) => call.status === 'waiting').map((call) => call.txId) }
    },
    proposals: async () =>
      (await listProposals(gate.store.read, { sid: session.sid, limit: 20 })).map(({ id, state, summary }) => ({
        id,
        state,
        summary,
      })),
  }
}

/** What is staged is kept, simulated and listed: one session holds so many, and no more. */
export async function refuseMoreProposals(
  gate: Pick<Gate, 'store'>,
  { session, maxProposals }: { session: Pick<Session, 'sid'>; maxProposals: number },
): Promise<void> {
  const { count } = await gate.store.read
    .selectFrom('proposals')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('sid', '=', session.sid)
    .executeTakeFirstOrThrow()
  if (count >= maxProposals) throw new ProposalLimitError(maxProposals)
}

/** Whether a proposal of this turn is a call, or another one of the turn is asked about already. */
async function waitsInLine(
  gate: Pick<Gate, 'store'>,
  { id, session, turnId }: { id: string; session: Pick<Session, 'sid'>; turnId: string },
): Promise<boolean> {
  const rows = await gate.store.read
    .selectFrom('proposals')
    .select(['id', 'kind', 'state'])
    .where('sid', '=', session.sid)
    .where('turn_id', '=', turnId)
    .execute()
  const own = rows.find((row) => row.id === id)
  if (own === undefined) return false
  return own.kind === 'tool_call' || rows.some((row) => row.id !== id && row.state === 'pending')
}

/** For a model: what strangers wrote, names of unknown tokens and reasons of contracts, is not in it. */
function toAnswer(proposal: Proposal, chain: Chain, account: Address.Address | null): StagedAnswer {
  const report = proposal.report
  if (report === null) throw new UnsimulatedError()
  return {
    proposalId: proposal.id,
    digest: proposal.digest,
    state: proposal.state === 'blocked' ? 'blocked' : 'receipted',
    verdict: report.verdict,
    findings: report.findings
      .filter(({ level }) => level !== 'info')
      .map(({ rule, level, because }) => ({ rule, level, because: forModel(because) })),
    reason: proposal.reason === null ? null : forModel(proposal.reason),
    changes: report.token_changes
      .filter((change) => change.account === account)
      .map((change) => {
        const amount = Wei.format(BigInt(change.delta), change.decimals ?? 0)
        const registered = chain.tokens.find((token) => token.address === change.token)
        const name = change.token === null ? chain.nativeSymbol : (registered?.symbol ?? `of the token ${change.token}`)
        return `${amount.startsWith('-') ? '' : '+'}${amount} ${name}`
      }),
    feeWei: report.gas_estimate.expected_fee_wei,
  }
}

class UnsimulatedError extends BaseError {
  constructor() {
    super('It was not simulated.', { code: 'proposals:receipt:absent', kind: 'conflict', hint: 'Ask again.' })
  }
}

/** The session holds as many proposals as it may. */
class ProposalLimitError extends BaseError {
  constructor(max: number) {
    super(`This session holds ${max} proposals, and may hold no more.`, {
      code: 'proposals:limit:reached',
      kind: 'spent',
      hint: 'Start a new session.',
    })
  }
}
