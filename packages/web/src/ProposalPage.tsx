import { CountersignError, newerOf, type Proposal, type PublicConfig } from '@countersign/sdk'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { useConnection } from 'wagmi'
import { ApprovalCard } from './ApprovalCard.tsx'
import { PageHeader } from './PageHeader.tsx'
import { Questions } from './Questions.tsx'
import { problemText, useSession, type SessionView } from './useSession.ts'
import { Account, AccountActions } from './WalletButton.tsx'
import { around } from './text/around.ts'
import { useLanguage } from './text/useLanguage.ts'

/** How often an open proposal is read again, in milliseconds: its key, its time or another page may end it. */
const READ_AGAIN_MS = 2_000

/** One proposal, for its owner, wherever it was made: who sees it is decided by the server, from the wallet that signed in. */
export function ProposalPage({ id, config, hasCookie }: { id: string; config: PublicConfig; hasCookie: boolean }) {
  const { address, chainId, isConnected } = useConnection()
  const wallet =
    isConnected && address !== undefined && chainId !== undefined
      ? { address, chain_id: chainId, is_connected: true }
      : null
  useLanguage()
  const session = useSession(wallet, hasCookie, 'countersign.owner')
  const { proposal, problem, accept } = useDoorProposal(session, id)
  const [walletProblem, setWalletProblem] = useState<string | null>(null)
  const view = useMemo(() => ({ ...session, accept }), [session, accept])

  return (
    <div className="flex min-h-dvh flex-col md:h-full md:min-h-0">
      <PageHeader
        chain={config.chains.find(({ chain_id: id }) => id === proposal?.chain_id) ?? config.chains[0]}
        isLive={null}
        account={<Account session={session} config={config} />}
      >
        <AccountActions session={session} setProblem={setWalletProblem} />
        {session.signedIn !== null && (
          <button type="button" className="button" onClick={session.startAnew}>
            {around().proposal.otherWallet}
          </button>
        )}
      </PageHeader>
      {walletProblem !== null && (
        <p role="alert" className="border-b border-line bg-bad-soft px-4 py-2 text-sm text-bad">
          {walletProblem}
        </p>
      )}
      {!hasCookie && (
        <p role="note" className="border-b border-line bg-sheet px-4 py-1.5 text-sm text-care">
          {around().proposal.noCookie}
        </p>
      )}
      <main className="flex-1 md:min-h-0 md:overflow-y-auto md:px-6 md:pt-6">
        <div className="mx-auto max-w-2xl pt-3 md:pt-0 md:pb-6">
          {problem !== null && (
            <p role="alert" className="mx-4 mb-4 rounded-lg bg-care-soft px-3 py-2 text-sm text-care">
              {problem}
            </p>
          )}
          {proposal === null ? (
            <Waiting isConnected={isConnected} isSignedIn={session.signedIn !== null} />
          ) : (
            <>
              <Sender proposal={proposal} />
              <ApprovalCard key={proposal.id} proposal={proposal} session={view} config={config} />
              <Release proposal={proposal} session={view} />
            </>
          )}
        </div>
      </main>
      <Questions nativeSymbol={config.chains[0]?.native_symbol ?? 'coin'} />
    </div>
  )
}

/** What stands here before the server knows whose page this is. */
function Waiting({ isConnected, isSignedIn }: { isConnected: boolean; isSignedIn: boolean }) {
  if (isSignedIn) return null
  return (
    <section aria-labelledby="waiting" className="mx-4 rounded-xl md:mx-0 border border-line bg-sheet px-5 py-6">
      <h2 id="waiting" className="text-lg font-semibold">
        {around().proposal.title}
      </h2>
      <ol className="mt-3 list-decimal space-y-2 pl-5 text-quiet">
        {around().proposal.steps.map((each, i) => (
          <li key={each} className={i === 0 && isConnected ? 'line-through' : ''}>
            {each}
          </li>
        ))}
      </ol>
    </section>
  )
}

/** Who asks: what the server knows, and then, as a quotation, what the program says of itself. */
function Sender({ proposal }: { proposal: Proposal }) {
  const named = [proposal.client?.name, proposal.client?.version].filter((part) => part != null).join(' ')
  if (proposal.door === 'chat')
    return (
      <p className="mb-3 px-4 text-sm text-quiet md:px-0" data-testid="sender">
        {around().proposal.fromChat}
      </p>
    )
  return (
    <p className="mb-3 px-4 text-sm text-quiet [overflow-wrap:anywhere] md:px-0" data-testid="sender">
      {around().proposal.fromProgram} {named === '' ? around().proposal.unnamed : around().proposal.named(named)}
    </p>
  )
}

/** Doors behind which a program may have a signer of its own. */
const HAS_SIGNER: readonly Proposal['door'][] = ['guard', 'rpc']

/**
 * Lets the program that asked sign with its own key, instead of the wallet on this page. What asks for a step-up is released
 * by the values that its card asks for.
 */
function Release({ proposal, session }: { proposal: Proposal; session: SessionView }) {
  const [isBusy, setIsBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  if (!HAS_SIGNER.includes(proposal.door) || proposal.state !== 'pending') return null
  if (proposal.level_given)
    return (
      <p role="status" className="mt-4 text-sm text-quiet" data-testid="released">
        {around().proposal.released}
      </p>
    )
  if (proposal.level !== 'ordinary' || !proposal.signable) return null
  const release = async (): Promise<void> => {
    setIsBusy(true)
    setProblem(null)
    try {
      session.accept((await session.client.confirm(proposal.id, proposal.digest)) as Proposal)
    } catch (error) {
      setProblem(problemText(error))
    } finally {
      setIsBusy(false)
    }
  }
  return (
    <section aria-labelledby="release" className="mt-4 rounded-xl border border-line bg-sheet px-5 py-4">
      <h2 id="release" className="font-semibold">
        {around().proposal.releaseTitle}
      </h2>
      <p className="mt-1 text-sm text-quiet">{around().proposal.releaseAbout}</p>
      {problem !== null && (
        <p role="alert" className="mt-2 text-sm text-care">
          {problem}
        </p>
      )}
      <button type="button" className="button mt-3" disabled={isBusy} onClick={() => void release()}>
        {around().proposal.release}
      </button>
    </section>
  )
}

/** The proposal as the server has it, read again while it is open. */
function useDoorProposal(
  session: SessionView,
  id: string,
): { proposal: Proposal | null; problem: string | null; accept: (proposal: Proposal) => void } {
  const { client, signedIn, startAnew } = session
  const [proposal, setProposal] = useState<Proposal | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const accept = useCallback((next: Proposal) => setProposal((known) => newerOf(known, next)), [])

  useEffect(() => {
    setProposal(null)
    setProblem(null)
    if (signedIn === null) return
    let isCurrent = true
    const read = async (): Promise<void> => {
      try {
        const next = await client.proposal(id)
        if (!isCurrent) return
        setProblem(null)
        accept(next)
      } catch (error) {
        if (!isCurrent) return
        // The session is over, by its time or elsewhere: the owner signs in again.
        if (error instanceof CountersignError && error.status === 401) return startAnew()
        const isAbsent = error instanceof CountersignError && error.status === 404
        setProblem(isAbsent ? around().proposal.absent(signedIn) : problemText(error))
      }
    }
    void read()
    const timer = setInterval(() => void read(), READ_AGAIN_MS)
    return () => {
      isCurrent = false
      clearInterval(timer)
    }
  }, [client, id, signedIn, startAnew, accept])
  return { proposal, problem, accept }
}
