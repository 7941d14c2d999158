import { batchDigest, type Proposal, type PublicConfig } from '@countersign/sdk'
import { lazy, Suspense, useEffect, useId, useRef, useState, type Ref, type RefObject } from 'react'
import { Actions } from './card/Actions.tsx'
import { mismatches } from './card/Bytes.ts'
import {
  coinOf,
  ownTitle,
  recipientsOf,
  rowsOf,
  sidesOf,
  titleOf,
  verdictOf,
  worstOf,
  type PaidBefore,
} from './card/Card.ts'
import { isReliable, reasonText, stateOf, type CardState, type Phase, type Tone } from './card/CardState.ts'
import { Details } from './card/Details.tsx'
import { Document, KeptForYou } from './card/Document.tsx'
import { Movements } from './card/Movements.tsx'
import { Permissions, Recipients, Rows, VerdictBox } from './card/FirstScreen.tsx'
import { HalfDone } from './HalfDone.tsx'
import { StepUp } from './StepUp.tsx'
import type { SessionView } from './useSession.ts'
import { ageText } from './words.ts'
import { serverLang, t } from './text/text.ts'
import { useLanguage } from './text/useLanguage.ts'

// What only some cards show, or show later.
const Settled = lazy(() => import('./card/Settled.tsx').then((own) => ({ default: own.Settled })))
const RecipientName = lazy(() => import('./names/RecipientName.tsx').then((own) => ({ default: own.RecipientName })))

const NOBODY: PaidBefore = new Map()
const TONES: Readonly<Record<Tone, string>> = {
  plain: 'text-accent',
  good: 'bg-good-soft text-good',
  care: 'bg-care-soft text-care',
  bad: 'bg-bad-soft text-bad',
}

/**
 * Everything the owner needs to decide, and the two buttons: the decision on the first screen, everything else folded
 * below it. What it shows comes from the simulation and from the bytes, never from the model.
 */
export function ApprovalCard({
  proposal,
  session,
  config,
  paidBefore = NOBODY,
}: {
  proposal: Proposal
  session: SessionView
  config: PublicConfig
  paidBefore?: PaidBefore
}) {
  const headingId = useId()
  const heading = useRef<HTMLHeadingElement>(null)
  const stepUp = useRef<HTMLFormElement>(null)
  const [phase, setPhase] = useState<Phase>({ kind: 'idle' })
  const [problem, setProblem] = useState<string | null>(null)
  const [hasDrifted, setDrifted] = useState(false)
  // Kept here: each look at the chain draws the buttons anew, and what the wallet refused must outlive that.
  const [isBatchRefused, setBatchRefused] = useState(false)
  const nowMs = useNow()
  useLanguage()
  const wrong = useMismatches(proposal)
  const { report } = proposal
  const coin = coinOf(proposal, config)
  const state = stateOf(proposal, { nowMs, phase, mismatches: wrong ?? [], hasDrifted })
  const isOwed = proposal.state === 'pending' && proposal.level === 'step-up' && !proposal.level_given
  const isOver =
    state.name === 'expired' || ['settled', 'mismatched', 'rejected', 'superseded'].includes(proposal.state)
  // Until the bytes were compared here, nothing can be signed.
  const canSign =
    proposal.signable && report !== null && wrong !== null && wrong.length === 0 && state.name !== 'expired'

  useInSight(heading, { id: proposal.id, state, isOver })

  return (
    <article
      aria-labelledby={headingId}
      className="card border-line bg-sheet md:rounded-xl md:border md:shadow-sm"
      data-testid="card"
      data-state={proposal.state}
      data-card={state.name}
    >
      <CardHeader
        proposal={proposal}
        state={state}
        coin={coin}
        nowMs={nowMs}
        heading={heading}
        headingId={headingId}
        onType={isOwed ? () => stepUp.current?.querySelector('input')?.focus() : null}
      />

      <HalfDone proposal={proposal} session={session} />
      {report === null ? (
        <Skeleton isWaiting={state.name === 'simulating'} />
      ) : (
        <>
          {proposal.state === 'settled' && proposal.kind === 'transactions' && (
            <Suspense fallback={null}>
              <Settled proposal={proposal} config={config} />
            </Suspense>
          )}
          {/* What was simulated is not what would be signed: no verdict of it is shown. */}
          {!isReliable(state) && state.name !== 'mismatch' && (
            <div className="pb-2.5">
              <VerdictBox verdict={verdictOf(proposal, coin)} finding={worstOf(proposal)} />
            </div>
          )}
          {/* Half of it happened: what the whole would have done is no longer to be read here. */}
          {isReliable(state) && proposal.half_done === null && (
            <Decision
              proposal={proposal}
              config={config}
              paidBefore={paidBefore}
              nowMs={nowMs}
              isOver={isOver}
              tone={state.tone}
            />
          )}
          {report.signature !== null && <Document signature={report.signature} native={coin} />}
          <Details proposal={proposal} coin={coin} nowMs={nowMs} isReliable={isReliable(state)} />
        </>
      )}

      <Steps proposal={proposal} />
      {problem !== null && (
        <p role="alert" className="border-t border-line bg-bad-soft px-4 py-3 text-sm text-bad md:px-5">
          {problem}
        </p>
      )}
      {isOwed && (
        <StepUp key={proposal.id} proposal={proposal} session={session} setProblem={setProblem} form={stepUp} />
      )}
      {canSign && (
        <Actions
          key={`${proposal.id}${report.block.hash}`}
          proposal={proposal}
          session={session}
          config={config}
          phase={phase}
          setPhase={setPhase}
          setProblem={setProblem}
          onDrift={() => setDrifted(true)}
          isBatchRefused={isBatchRefused}
          onBatchRefused={() => setBatchRefused(true)}
        />
      )}
    </article>
  )
}

/** What leaves and arrives, the verdict, the permissions, to whom, and the rows. */
function Decision({
  proposal,
  config,
  paidBefore,
  nowMs,
  isOver,
  tone,
}: {
  proposal: Proposal
  config: PublicConfig
  paidBefore: PaidBefore
  nowMs: number
  isOver: boolean
  /** Of the state of the card. */
  tone: Tone
}) {
  const coin = coinOf(proposal, config)
  const verdict = verdictOf(proposal, coin)
  const recipients = recipientsOf(proposal, coin, paidBefore)
  // Green beside a recipient to compare would say that there is nothing to compare.
  const hasFirst = recipients.some(({ status }) => status === 'first')
  return (
    <>
      <div className={isOver && proposal.state === 'settled' ? 'hidden' : ''}>
        <Movements sides={sidesOf(proposal, coin)} proposal={proposal} isOver={isOver} />
      </div>
      {proposal.report?.kept_for_you?.map((kept) => (
        <KeptForYou key={kept.slot + kept.before} kept={kept} />
      ))}
      {/* A green verdict beside a caution reads as the all-clear. */}
      {!isOver && proposal.state !== 'submitted' && !(verdict?.tone === 'good' && tone !== 'plain') && (
        <VerdictBox
          verdict={verdict?.tone === 'good' && hasFirst ? { ...verdict, tone: 'plain' } : verdict}
          finding={worstOf(proposal)}
        />
      )}
      <Permissions proposal={proposal} />
      <Recipients
        recipients={recipients}
        isLoud={proposal.report?.verdict !== 'block' && !isOver}
        nameOf={(address) =>
          // Names stand on Ethereum: without a provider of it there is nothing to ask.
          config.chains.some(({ chain_id: id }) => id === 1) && (
            <Suspense fallback={null}>
              <RecipientName address={address} chainId={proposal.chain_id} chains={config.chains} />
            </Suspense>
          )
        }
      />
      {proposal.state !== 'settled' && <Rows rows={rowsOf(proposal, config, nowMs, isOver)} />}
    </>
  )
}

/** The band: the state, the title, and what to do now. */
function CardHeader({
  proposal,
  state,
  coin,
  nowMs,
  heading,
  headingId,
  onType,
}: {
  proposal: Proposal
  state: CardState
  coin: string
  nowMs: number
  heading: Ref<HTMLHeadingElement>
  headingId: string
  /** Puts the cursor where values are typed; null where none are asked for. */
  onType: (() => void) | null
}) {
  const { report } = proposal
  const reason = reasonText(proposal, coin)
  return (
    <header className={`border-b border-line px-4 py-3 md:rounded-t-xl md:px-5 ${TONES[state.tone]}`}>
      <div className="flex flex-wrap items-baseline justify-between gap-x-3">
        <p className="text-sm font-semibold" role="status" data-testid="card-state">
          {state.text}
        </p>
        {report !== null && proposal.state === 'pending' && (
          <p className="text-sm text-quiet" data-testid="card-age">
            {(state.name === 'stale' ? t().card.ageAgain : t().card.age)(ageText(report.block.timestamp, nowMs))}
          </p>
        )}
      </div>
      <h2 id={headingId} ref={heading} tabIndex={-1} className="title text-ink">
        <span lang={ownTitle(proposal, coin) === null ? serverLang() : undefined}>{titleOf(proposal, coin)}</span>
      </h2>
      {state.next !== null && <p className="mt-1 text-sm text-ink">{state.next}</p>}
      {reason !== null && (
        <p className="mt-1 text-sm text-ink [overflow-wrap:anywhere]" data-testid="card-reason">
          <span lang={reason.isServers ? serverLang() : undefined}>{reason.text}</span>
        </p>
      )}
      {onType !== null && (
        <button type="button" className="button mt-2 text-ink md:hidden" onClick={onType}>
          {t().card.typeValues}
        </button>
      )}
    </header>
  )
}

/** What stands here while there is no report: the shape of the card, so that nothing jumps, and no figure. */
function Skeleton({ isWaiting }: { isWaiting: boolean }) {
  if (!isWaiting) return <p className="px-4 py-6 text-quiet md:px-5">{t().card.signLater}</p>
  return (
    <div className="px-4 py-4 md:px-5" data-testid="skeleton">
      <div aria-hidden="true" className="space-y-3">
        <div className="grid grid-cols-2 gap-3">
          <div className="h-14 rounded-lg bg-line/60" />
          <div className="h-14 rounded-lg bg-line/60" />
        </div>
        <div className="h-5 rounded bg-line/60" />
        <div className="h-5 w-2/3 rounded bg-line/60" />
      </div>
      <p className="mt-4 text-sm text-quiet">{t().card.simulatingNote}</p>
    </div>
  )
}

/** The steps that were sent, each with its hash. */
function Steps({ proposal }: { proposal: Proposal }) {
  const sent = proposal.calls.filter((call) => call.tx_hash !== null)
  if (sent.length === 0 || proposal.state === 'settled') return null
  const words = t().card.stepStates
  return (
    <div className="border-t border-line px-4 py-3 md:px-5" aria-live="polite">
      {sent.map((call) => (
        <p key={call.step} className="text-sm">
          {t().card.step(call.label, words[call.status])} <span className="address text-quiet">{call.tx_hash}</span>
        </p>
      ))}
    </div>
  )
}

/** Where bytes and card differ, recomputed in this browser; null until that was done. */
function useMismatches(proposal: Proposal): readonly string[] | null {
  const [found, setFound] = useState<{ readonly of: Proposal; readonly list: readonly string[] } | null>(null)
  useEffect(() => {
    let isCurrent = true
    batchDigest(proposal).then(
      (digest) => isCurrent && setFound({ of: proposal, list: mismatches(proposal, digest) }),
      () => isCurrent && setFound({ of: proposal, list: [t().card.noDigest] }),
    )
    return () => {
      isCurrent = false
    }
  }, [proposal])
  return found?.of === proposal ? found.list : null
}

/** Focus goes to what is to be read, not to a button; and a new state is brought into sight. */
function useInSight(
  heading: RefObject<HTMLHeadingElement | null>,
  { id, state, isOver }: { id: string; state: CardState; isOver: boolean },
): void {
  const isLoud = state.tone !== 'plain' || isOver
  useEffect(() => heading.current?.focus({ preventScroll: false }), [heading, id])
  useEffect(() => {
    if (isLoud) heading.current?.scrollIntoView({ block: 'nearest' })
  }, [heading, state.name, isLoud])
}

function useNow(): number {
  const [nowMs, setNowMs] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  return nowMs
}
