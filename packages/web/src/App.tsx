import type { PublicConfig } from '@countersign/sdk'
import { useEffect, useState } from 'react'
import { useConnection } from 'wagmi'
import { ApprovalCard } from './ApprovalCard.tsx'
import { newestShown } from './HalfDone.tsx'
import { Chat } from './Chat.tsx'
import { SessionsButton } from './SessionsButton.tsx'
import { Questions } from './Questions.tsx'
import { useSession } from './useSession.ts'
import { WalletButton } from './WalletButton.tsx'
import { ToolCallCard } from './ToolCallCard.tsx'
import { stateText } from './words.ts'

export function App({ config, hasCookie }: { config: PublicConfig; hasCookie: boolean }) {
  const { address, chainId, isConnected } = useConnection()
  const wallet =
    isConnected && address !== undefined && chainId !== undefined
      ? { address, chain_id: chainId, is_connected: true }
      : null
  const session = useSession(wallet, hasCookie)
  const [chosen, setChosen] = useState<string | null>(null)

  const newest = newestShown(session.proposals)
  // A new proposal takes the stage; an older one can be looked at again.
  useEffect(() => setChosen(null), [newest?.id])
  const shown = session.proposals.find((proposal) => proposal.id === chosen) ?? newest
  const chain = config.chains[0]
  const call = session.calls.find(({ state }) => ['pending', 'confirmed', 'unknown'].includes(state))

  return (
    <div className="flex h-full flex-col">
      <header className="flex flex-wrap items-center justify-between gap-3 border-b border-line bg-sheet px-4 py-2.5">
        <div className="flex items-baseline gap-3">
          <h1 className="text-lg font-bold tracking-tight">Countersign</h1>
          <p className="text-sm text-quiet">
            {chain?.name} ({chain?.chain_id})
            <span className="sr-only">{session.isLive ? ', connected' : ', connecting'}</span>
            <span aria-hidden="true" className={session.isLive ? 'text-good' : 'text-care'}>
              {session.isLive ? ' · live' : ' · connecting'}
            </span>
          </p>
        </div>
        <div className="flex items-center gap-2">
          {hasCookie && <SessionsButton session={session} />}
          <button type="button" className="button" onClick={session.startAnew}>
            New chat
          </button>
          <WalletButton session={session} config={config} />
        </div>
      </header>
      {!hasCookie && (
        <p role="note" className="border-b border-line bg-sheet px-4 py-1.5 text-sm text-care">
          This browser keeps no cookie for this page: whoever knows the id of a conversation can read it. Use https, or
          Chrome or Firefox on this machine.
        </p>
      )}
      <main className="flex min-h-0 flex-1 flex-col-reverse md:flex-row">
        <div className="flex min-h-56 flex-1 flex-col border-line md:max-w-md md:border-r lg:max-w-lg">
          {call !== undefined && (
            <div className="border-b border-line p-4">
              <ToolCallCard key={call.id} proposal={call} session={session} />
            </div>
          )}
          <Chat session={session} config={config} />
        </div>
        {shown !== undefined ? (
          <div
            className="max-h-[62%] flex-1 overflow-y-auto border-b border-line p-4 md:max-h-none md:border-0 md:p-6"
            tabIndex={-1}
          >
            <div className="mx-auto max-w-2xl">
              <ApprovalCard key={shown.id} proposal={shown} session={session} config={config} />
              {session.proposals.length > 1 && (
                <nav aria-label="Proposals of this conversation" className="mt-5">
                  <h2 className="text-sm font-semibold text-quiet">Proposals of this conversation</h2>
                  <ul className="mt-2 space-y-1.5">
                    {session.proposals.map((proposal) => (
                      <li key={proposal.id}>
                        <button
                          type="button"
                          className="button flex w-full flex-wrap justify-between gap-x-4 text-left font-normal"
                          aria-current={proposal.id === shown.id}
                          onClick={() => setChosen(proposal.id)}
                        >
                          <span className="[overflow-wrap:anywhere]">{proposal.summary}</span>
                          <span className="text-sm text-quiet">{stateText(proposal.state)}</span>
                        </button>
                      </li>
                    ))}
                  </ul>
                </nav>
              )}
            </div>
          </div>
        ) : (
          <div className="hidden flex-1 items-center justify-center p-8 md:flex">
            <ol className="max-w-sm space-y-3 text-quiet">
              <li>
                1. Connect a wallet{chain?.local === true ? '; on this local chain a test wallet is built in' : ''}.
              </li>
              <li>2. Say what you want, in the chat.</li>
              <li>3. Read the card that appears here: what leaves, what arrives, what stays behind.</li>
              <li>4. Reject it, or continue to your wallet.</li>
            </ol>
          </div>
        )}
      </main>
      <Questions nativeSymbol={config.chains[0]?.native_symbol ?? 'coin'} />
    </div>
  )
}
