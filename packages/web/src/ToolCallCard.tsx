import type { ToolCallProposal } from '@countersign/sdk'
import { useRef, useState } from 'react'
import { Origin, StepUp } from './StepUp.tsx'
import { problemText, type SessionView } from './useSession.ts'
import { serverLang, t } from './text/text.ts'
import { stateText } from './words.ts'

/** A call of a tool of the app's own: what would be sent, and a person's yes or no. No wallet opens for it. */
export function ToolCallCard({ proposal, session }: { proposal: ToolCallProposal; session: SessionView }) {
  const form = useRef<HTMLFormElement>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const isOpen = proposal.state === 'pending' && proposal.digest !== null
  const answer = async (how: 'confirm' | 'reject'): Promise<void> => {
    setProblem(null)
    const { client } = session
    await (how === 'confirm' ? client.confirm(proposal.id, proposal.digest ?? '') : client.reject(proposal.id)).then(
      session.accept,
      (error: unknown) => setProblem(problemText(error)),
    )
  }
  return (
    <section className="rounded-xl border border-line bg-sheet" aria-label={t().toolCall.label} data-testid="tool-call">
      <div className="px-5 py-4">
        <h2 className="text-lg font-semibold [overflow-wrap:anywhere]" lang={serverLang()}>
          {proposal.summary}
        </h2>
        <p className="text-sm text-quiet">
          {proposal.tool} · {stateText(proposal.state)}
        </p>
        <dl className="mt-3 text-sm">
          {Object.entries(proposal.args).map(([name, value]) => (
            <div key={name} className="flex flex-wrap gap-x-2">
              <dt className="text-quiet">{name}</dt>
              <dd className="font-mono [overflow-wrap:anywhere]">{JSON.stringify(value)}</dd>
            </div>
          ))}
        </dl>
        <div className="mt-3">
          <Origin proposal={proposal} />
        </div>
        {proposal.reason !== null && (
          <p className="mt-3 text-sm text-care" lang={serverLang()}>
            {proposal.reason}
          </p>
        )}
        {problem !== null && (
          <p role="alert" className="mt-3 text-sm text-care">
            {problem}
          </p>
        )}
      </div>
      {isOpen && proposal.level === 'step-up' && (
        <StepUp proposal={proposal} session={session} setProblem={setProblem} form={form} />
      )}
      {isOpen && proposal.level === 'ordinary' && (
        <div className="flex flex-wrap gap-3 border-t border-line px-5 py-4">
          <button type="button" className="button min-w-40 flex-1" onClick={() => void answer('reject')}>
            {t().buttons.reject}
          </button>
          <button
            type="button"
            className="button min-w-40 flex-1 border-transparent bg-accent text-on-accent"
            onClick={() => void answer('confirm')}
          >
            {t().toolCall.confirm}
          </button>
        </div>
      )}
    </section>
  )
}
