import type { Proposal, PublicConfig } from '@countersign/sdk'
import { lazy, Suspense, useEffect, useState } from 'react'
import { useConnection } from 'wagmi'
import { paidIn } from './account/paidIn.ts'
import { useActivity } from './account/useActivity.ts'
import { ApprovalCard } from './ApprovalCard.tsx'
import { Chat } from './Chat.tsx'
import { frameSession, isFramed } from './embed.ts'
import { newestShown } from './HalfDone.tsx'
import { PageHeader, useMedia, WIDE } from './PageHeader.tsx'
import { Questions } from './Questions.tsx'
import { ToolCallCard } from './ToolCallCard.tsx'
import { useSession, type SessionView } from './useSession.ts'
import { Account, AccountActions } from './WalletButton.tsx'
import { stateText } from './words.ts'
import { serverLang, t } from './text/text.ts'
import { useLanguage } from './text/useLanguage.ts'

// Loaded when they are opened: the first page is the chat and its card.
const AccountDialog = lazy(() => import('./account/AccountDialog.tsx').then((own) => ({ default: own.AccountDialog })))
const SetupDialog = lazy(() => import('./SetupDialog.tsx').then((own) => ({ default: own.SetupDialog })))
const SessionsDialog = lazy(() => import('./SessionsDialog.tsx').then((own) => ({ default: own.SessionsDialog })))

export function App({ config, hasCookie }: { config: PublicConfig; hasCookie: boolean }) {
  const { address, chainId, isConnected } = useConnection()
  const wallet =
    isConnected && address !== undefined && chainId !== undefined
      ? { address, chain_id: chainId, is_connected: true }
      : null
  const session = useSession(wallet, hasCookie)
  const [chosen, setChosen] = useState<string | null>(null)
  const [isChatOpen, setChatOpen] = useState(false)
  const [dialog, setDialog] = useState<'sessions' | 'account' | 'setup' | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const isWide = useMedia(WIDE)
  useLanguage()
  const activity = useActivity(session, hasCookie)

  const newest = newestShown(session.proposals)
  // A new proposal takes the stage; an older one can be looked at again.
  useEffect(() => {
    setChosen(null)
    setChatOpen(false)
  }, [newest?.id])
  const shown = session.proposals.find((proposal) => proposal.id === chosen) ?? newest
  const chain = config.chains.find(({ chain_id: id }) => id === (shown?.chain_id ?? chainId)) ?? config.chains[0]
  const call = session.calls.find(({ state }) => ['pending', 'confirmed', 'unknown'].includes(state))
  // On a phone one of the two fills the screen, and the other is one line.
  const isChatShown = isWide || shown === undefined || isChatOpen || call !== undefined

  return (
    <div className="flex min-h-dvh flex-col md:h-full md:min-h-0">
      <PageHeader
        chain={chain}
        isLive={session.isLive}
        account={<Account session={session} config={config} />}
        onChain={() => setDialog('setup')}
      >
        <AccountActions session={session} setProblem={setProblem} />
        <button type="button" className="button" onClick={() => setDialog('account')}>
          {t().page.account}
        </button>
        {hasCookie && (
          <button type="button" className="button" onClick={() => setDialog('sessions')}>
            {t().page.sessions}
          </button>
        )}
        <a className="button" href="/reach" {...(isFramed() ? { target: '_blank', rel: 'noopener' } : {})}>
          {t().page.notifications}
        </a>
        {/* The host's server begins the sessions of its frame. */}
        {frameSession() === null && (
          <button type="button" className="button" onClick={session.startAnew}>
            {t().page.newChat}
          </button>
        )}
      </PageHeader>
      {problem !== null && (
        <p role="alert" className="border-b border-line bg-bad-soft px-4 py-2 text-sm text-bad">
          {problem}
        </p>
      )}
      {!hasCookie && frameSession() === null && (
        <p role="note" className="border-b border-line bg-sheet px-4 py-1.5 text-sm text-care">
          {t().page.noCookie}
        </p>
      )}
      <main className="flex flex-1 flex-col md:min-h-0 md:flex-row">
        {isChatShown ? (
          <div className="flex flex-1 flex-col border-line md:min-h-0 md:max-w-md md:border-r lg:max-w-lg">
            {!isWide && shown !== undefined && (
              <FoldedLine
                text={t().page.card(shown.summary)}
                action={t().page.backToCard}
                onClick={() => setChatOpen(false)}
              />
            )}
            {call !== undefined && (
              <div className="border-b border-line p-4">
                <ToolCallCard key={call.id} proposal={call} session={session} />
              </div>
            )}
            <Chat session={session} config={config} />
          </div>
        ) : (
          <FoldedLine text={lastWords(session)} action={t().page.chat} onClick={() => setChatOpen(true)} />
        )}
        {shown === undefined ? (
          <Start isLocal={chain?.local === true} />
        ) : (
          (isWide || !isChatShown) && (
            <div className="flex-1 border-line md:overflow-y-auto md:px-6 md:pt-6" tabIndex={-1}>
              <div className="mx-auto max-w-2xl md:pb-6">
                <ApprovalCard
                  key={shown.id}
                  proposal={shown}
                  session={session}
                  config={config}
                  paidBefore={paidIn(activity ?? [], shown.from)}
                />
                <Proposals session={session} shown={shown} onChoose={setChosen} />
              </div>
            </div>
          )
        )}
      </main>
      <Suspense fallback={null}>
        {dialog === 'account' && (
          <AccountDialog session={session} config={config} activity={activity} onClose={() => setDialog(null)} />
        )}
        {dialog === 'setup' && <SetupDialog session={session} config={config} onClose={() => setDialog(null)} />}
        {dialog === 'sessions' && <SessionsDialog session={session} onClose={() => setDialog(null)} />}
      </Suspense>
      <Questions nativeSymbol={chain?.native_symbol ?? 'coin'} />
    </div>
  )
}

/** What the chat said last, as the one line that stands for it on a phone. */
function lastWords({ messages, isProcessing }: SessionView): string {
  if (isProcessing) return t().page.working
  const last = messages.findLast(({ sender }) => sender === 'user')
  return last === undefined ? t().page.conversation : t().page.youSaid(last.content)
}

function FoldedLine({ text, action, onClick }: { text: string; action: string; onClick: () => void }) {
  return (
    <div className="flex min-h-9 items-center justify-between gap-3 border-b border-line bg-paper px-4 text-sm">
      <span className="truncate text-quiet">{text}</span>
      <button type="button" className="min-h-9 shrink-0 cursor-pointer text-accent underline" onClick={onClick}>
        {action}
      </button>
    </div>
  )
}

function Start({ isLocal }: { isLocal: boolean }) {
  return (
    <div className="hidden flex-1 items-center justify-center p-8 md:flex">
      <ol className="max-w-sm list-decimal space-y-3 pl-5 text-quiet">
        {t().page.start.map((each, i) => (
          <li key={each}>{i === 0 && isLocal ? t().page.startLocal : each}</li>
        ))}
      </ol>
    </div>
  )
}

/** The cards of this conversation. The one that is shown is marked. */
function Proposals({
  session,
  shown,
  onChoose,
}: {
  session: SessionView
  shown: Proposal
  onChoose: (id: string) => void
}) {
  if (session.proposals.length < 2) return null
  return (
    <nav aria-label={t().page.proposals} className="mt-5 px-4 pb-4 md:px-0">
      <h2 className="text-sm font-semibold text-quiet">{t().page.proposals}</h2>
      <ul className="mt-2 space-y-1.5">
        {session.proposals.map((proposal) => (
          <li key={proposal.id}>
            <button
              type="button"
              className="button flex w-full flex-wrap items-center justify-between gap-x-4 text-left font-normal"
              aria-current={proposal.id === shown.id}
              onClick={() => onChoose(proposal.id)}
            >
              <span className="[overflow-wrap:anywhere]" lang={serverLang()}>
                {proposal.summary}
              </span>
              <span className="text-sm text-quiet">{stateText(proposal.state)}</span>
            </button>
          </li>
        ))}
      </ul>
    </nav>
  )
}
