import type { Proposal, PublicConfig } from '@countersign/sdk'
import { useEffect, useState } from 'react'
import { useConnection, useConnectorClient, useSwitchChain } from 'wagmi'
import { reportSent, signProposal } from '../signProposal.ts'
import { unreported } from '../unreported.ts'
import { problemText, type SessionView } from '../useSession.ts'
import { windowName } from '../windowName.ts'
import { acceptText, coinOf } from './Card.ts'
import type { Phase } from './CardState.ts'

/** A button that has just appeared is not pressed by accident. Milliseconds. */
const GUARD_MS = 500

/** The two buttons, what stands in their way, and the tick that a caution asks for. On a phone they stay at the bottom edge. */
export function Actions({
  proposal,
  session,
  config,
  phase,
  setPhase,
  setProblem,
  onDrift,
}: {
  proposal: Proposal
  session: SessionView
  config: PublicConfig
  phase: Phase
  setPhase: (phase: Phase) => void
  setProblem: (text: string | null) => void
  onDrift: () => void
}) {
  const { address, chainId, isConnected } = useConnection()
  const wallet = useConnectorClient()
  const switchChain = useSwitchChain()
  const [isRead, setRead] = useState(false)
  const [isGuarded, setGuarded] = useState(true)
  const [sent, setSent] = useState(() => unreported().filter((each) => each.proposal === proposal.id))
  const isBusy = phase.kind !== 'idle' || sent.length > 0
  const chainName = config.chains.find(({ chain_id: id }) => id === proposal.chain_id)?.name ?? ''
  const hasCautions = proposal.report?.findings.some(({ level }) => level === 'warn') === true
  const onReported = (): void => setSent(unreported().filter((each) => each.proposal === proposal.id))
  useEffect(() => {
    const timer = setTimeout(() => setGuarded(false), GUARD_MS)
    return () => clearTimeout(timer)
  }, [])
  // A page that was closed between the wallet's answer and the report goes on here.
  useEffect(() => {
    for (const each of unreported()) if (each.proposal === proposal.id) void reportSent({ session, onReported }, each)
  }, [proposal.id])

  const isWrongAccount = isConnected && address?.toLowerCase() !== proposal.from.toLowerCase()
  const isWrongChain = isConnected && chainId !== proposal.chain_id
  const obstacle = !isConnected
    ? 'Connect the wallet of this account to go on.'
    : isWrongAccount
      ? `This was made for ${proposal.from}, but the wallet now offers ${address}. Switch back to that account, or ask again with this one.`
      : null

  function sign(): void {
    if (address === undefined || wallet.data === undefined) return setProblem('Connect the wallet first.')
    const tools = { session, wallet: wallet.data, account: address, chainId: chainId ?? 0 }
    void signProposal({ ...tools, setPhase, setProblem, onDrift, onReported }, proposal)
  }

  async function reject(): Promise<void> {
    setProblem(null)
    // Nothing is open here: no signature is being waited for while this can be pressed.
    await session.client
      .reject(proposal.id, undefined, await windowName())
      .then(session.accept, (error: unknown) => setProblem(problemText(error)))
  }

  return (
    <footer className="actions md:px-5" data-testid="actions">
      {obstacle !== null && (
        <p role="alert" className="mb-2 rounded-lg bg-care-soft px-3 py-2 text-sm text-care [overflow-wrap:anywhere]">
          {obstacle}
        </p>
      )}
      {obstacle === null && isWrongChain && (
        <div
          role="alert"
          className="mb-2 flex flex-wrap items-center gap-3 rounded-lg bg-care-soft px-3 py-2 text-sm text-care"
        >
          <span>
            The wallet is on chain {chainId}; this is for {chainName} ({proposal.chain_id}).
          </span>
          <button type="button" className="button" onClick={() => switchChain.mutate({ chainId: proposal.chain_id })}>
            Switch network
          </button>
        </div>
      )}
      {hasCautions && (
        <label className="mb-2 flex min-h-11 items-start gap-3 rounded-lg bg-care-soft px-3 py-2 text-sm">
          <input
            type="checkbox"
            className="mt-0.5 size-5 shrink-0"
            checked={isRead}
            onChange={(event) => setRead(event.target.checked)}
          />
          <span>{acceptText(proposal, coinOf(proposal, config))}</span>
        </label>
      )}
      <p role="status" className="text-sm text-quiet">
        {statusText({ phase, proposal, isUnreported: sent.length > 0 })}
      </p>
      <div className="mt-1.5 flex gap-2.5">
        <button type="button" className="button min-w-0 flex-1 px-2" disabled={isBusy} onClick={() => void reject()}>
          Reject
        </button>
        <button
          type="button"
          className="button min-w-0 flex-1 border-transparent px-2 bg-accent text-on-accent"
          disabled={isBusy || isGuarded || obstacle !== null || isWrongChain || (hasCautions && !isRead)}
          onClick={sign}
        >
          Continue to wallet
        </button>
      </div>
    </footer>
  )
}

/** What happens now, or how many signatures this asks for. */
function statusText({
  phase,
  proposal,
  isUnreported,
}: {
  phase: Phase
  proposal: Proposal
  isUnreported: boolean
}): string {
  if (phase.kind === 'idle' && isUnreported) return 'Sent. Telling the server…'
  switch (phase.kind) {
    case 'checking':
      return 'Checking the chain once more…'
    case 'wallet':
      return `Waiting for your wallet (signature ${phase.step} of ${proposal.calls.length}).`
    case 'confirming':
      return 'Sent. Waiting until it is verified on chain…'
    case 'idle':
      return proposal.calls.length === 1
        ? 'One signature.'
        : `${proposal.calls.length} signatures, one after the other. The first stays if a later one fails.`
  }
}
