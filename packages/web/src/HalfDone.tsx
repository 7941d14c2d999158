import type { Proposal, RemedyKind } from '@countersign/sdk'
import { useState } from 'react'
import { problemText, type SessionView } from './useSession.ts'
import { t } from './text/text.ts'

/** A batch that is over with only its first steps on chain: both ways on, each a card of its own once it is chosen. */
export function HalfDone({ proposal, session }: { proposal: Proposal; session: SessionView }) {
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const half = proposal.half_done
  if (half === null) return null
  const taken = half.remedies.find(({ state }) => state === 'pending' || state === 'submitted' || state === 'settled')
  // Until the gate has staged them, either may be chosen; after that, what is blocked or nothing is not offered.
  const isOffered = (kind: RemedyKind): boolean => {
    const remedy = half.remedies.find((each) => each.kind === kind)
    return remedy === undefined || (remedy.proposal_id !== null && remedy.state !== 'blocked')
  }
  const kinds = (['continue', 'revoke'] as const).filter(isOffered)

  async function choose(kind: RemedyKind): Promise<void> {
    setBusy(true)
    setProblem(null)
    try {
      await session.client.remedy(proposal.id, kind)
    } catch (error) {
      setProblem(problemText(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <section aria-label={t().halfDone.label} className="border-b border-line px-4 py-3 md:px-5" data-testid="half-done">
      <p>
        {t().halfDone.stands(half.confirmed, proposal.calls.length)}
        {taken === undefined ? '' : ` ${t().halfDone.chose(t().halfDone[taken.kind])}`}
      </p>
      {taken === undefined && kinds.length > 0 && (
        <div className="mt-3 flex flex-wrap gap-3">
          {kinds.map((kind) => (
            <button
              key={kind}
              type="button"
              className="button min-w-40 flex-1"
              disabled={isBusy}
              onClick={() => void choose(kind)}
            >
              {t().halfDone[kind]}
            </button>
          ))}
        </div>
      )}
      {problem !== null && (
        <p role="alert" className="mt-2 text-bad">
          {problem}
        </p>
      )}
    </section>
  )
}

/** The newest proposal that is not merely offered: an offer is shown once it is chosen. */
export function newestShown(proposals: readonly Proposal[]): Proposal | undefined {
  const offers = new Set(
    proposals.flatMap(({ half_done: half }) =>
      (half?.remedies ?? []).flatMap(({ proposal_id: id, state }) =>
        id !== null && state !== 'pending' && state !== 'submitted' && state !== 'settled' ? [id] : [],
      ),
    ),
  )
  return proposals.find(({ id }) => !offers.has(id))
}
