import type { Proposal, PublicConfig } from '@countersign/sdk'
import { useEffect, useState } from 'react'
import { useConnection, useConnectorClient, useSwitchChain } from 'wagmi'
import type { Atomic } from '../batch/Batch.ts'
import { openBatches } from '../batch/openBatches.ts'
import { isBatch, signProposal } from '../signProposal.ts'
import { reportSent, type SigningTools } from '../signing.ts'
import { unreported } from '../unreported.ts'
import { problemText, type SessionView } from '../useSession.ts'
import { windowName } from '../windowName.ts'
import { acceptText, coinOf } from './Card.ts'
import type { Phase } from './CardState.ts'
import { t } from '../text/text.ts'

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
  isBatchRefused,
  onBatchRefused,
}: {
  proposal: Proposal
  session: SessionView
  config: PublicConfig
  phase: Phase
  setPhase: (phase: Phase) => void
  setProblem: (text: string | null) => void
  onDrift: () => void
  /** The wallet would not do the steps of this card as one: they are asked for one by one. */
  isBatchRefused: boolean
  onBatchRefused: () => void
}) {
  const { address, chainId, isConnected } = useConnection()
  const wallet = useConnectorClient()
  const [isRead, setRead] = useState(false)
  const [isGuarded, setGuarded] = useState(true)
  const [sent, setSent] = useState(() => unreported().filter((each) => each.proposal === proposal.id))
  const said = useAtomic(proposal, wallet.data, address)
  const atomic = isBatchRefused ? 'none' : said
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
    ? t().buttons.connect
    : isWrongAccount
      ? t().buttons.wrongAccount(proposal.from, address ?? '')
      : null

  function toolsFor(client: SigningTools['wallet'], account: SigningTools['account']): SigningTools {
    const base = { session, wallet: client, account, chainId: chainId ?? 0 }
    return { ...base, setPhase, setProblem, onDrift, onReported, onBatchRefused }
  }

  useOpenBatch(
    proposal,
    phase,
    wallet.data === undefined || address === undefined ? null : toolsFor(wallet.data, address),
  )

  function sign(): void {
    if (address === undefined || wallet.data === undefined) return setProblem(t().buttons.connectFirst)
    if (atomic !== null) void signProposal(toolsFor(wallet.data, address), proposal, atomic)
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
      {obstacle === null && isWrongChain && <WrongChain proposal={proposal} walletChainId={chainId} name={chainName} />}
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
        {obstacle === null && atomic === null && !isBusy
          ? t().buttons.asking
          : statusText({ phase, proposal, atomic: atomic ?? 'none', isUnreported: sent.length > 0 })}
      </p>
      <div className="mt-1.5 flex gap-2.5">
        <button type="button" className="button min-w-0 flex-1 px-2" disabled={isBusy} onClick={() => void reject()}>
          {t().buttons.reject}
        </button>
        <button
          type="button"
          className="button min-w-0 flex-1 border-transparent px-2 bg-accent text-on-accent"
          disabled={
            isBusy || isGuarded || atomic === null || obstacle !== null || isWrongChain || (hasCautions && !isRead)
          }
          onClick={sign}
        >
          {t().buttons.proceed}
        </button>
      </div>
    </footer>
  )
}

/** The wallet is on another chain than the card: said, with the way there. */
function WrongChain({
  proposal,
  walletChainId,
  name,
}: {
  proposal: Proposal
  walletChainId: number | undefined
  name: string
}) {
  const switchChain = useSwitchChain()
  return (
    <div
      role="alert"
      className="mb-2 flex flex-wrap items-center gap-3 rounded-lg bg-care-soft px-3 py-2 text-sm text-care"
    >
      <span>{t().buttons.wrongChain(String(walletChainId ?? '?'), name, proposal.chain_id)}</span>
      <button type="button" className="button" onClick={() => switchChain.mutate({ chainId: proposal.chain_id })}>
        {t().buttons.switchNetwork}
      </button>
    </div>
  )
}

/** A page that was closed while the wallet was at work on a batch goes on following it. */
function useOpenBatch(proposal: Proposal, phase: Phase, tools: SigningTools | null): void {
  useEffect(() => {
    const batch = openBatches().find((each) => each.proposal === proposal.id)
    if (batch === undefined || tools === null || phase.kind !== 'idle') return
    import('../batch/signBatch.ts')
      .then(({ followBatch }) => followBatch(tools, proposal, batch.id))
      .catch(() => tools.setProblem(t().buttons.batchLost))
      .finally(() => tools.setPhase({ kind: 'idle' }))
  }, [proposal.id, tools?.wallet, tools?.account])
}

/**
 * What the wallet says of atomic batches, asked once for a card of several steps; null until it has said it. Nothing is signed
 * before: whoever presses at once would sign step by step what the wallet does as one.
 */
function useAtomic(
  { id, chain_id: chainId, calls }: Proposal,
  wallet: SigningTools['wallet'] | undefined,
  account: SigningTools['account'] | undefined,
): Atomic | null {
  const [said, setSaid] = useState<{ readonly of: readonly unknown[]; readonly atomic: Atomic } | null>(null)
  const hasSteps = calls.length > 1
  const of = [id, wallet, account, chainId]
  useEffect(() => {
    if (!hasSteps || wallet === undefined || account === undefined) return
    let isCurrent = true
    void import('../batch/signBatch.ts')
      .then(({ askAtomic }) => askAtomic(wallet, account, chainId))
      // A part of the page that cannot be loaded makes no batches.
      .catch((): Atomic => 'none')
      .then((atomic) => isCurrent && setSaid({ of, atomic }))
    return () => {
      isCurrent = false
    }
  }, [id, hasSteps, wallet, account, chainId])
  if (!hasSteps) return 'none'
  return said !== null && said.of.every((each, i) => each === of[i]) ? said.atomic : null
}

/** What happens now, or how many signatures this asks for. */
function statusText({
  phase,
  proposal,
  atomic,
  isUnreported,
}: {
  phase: Phase
  proposal: Proposal
  atomic: Atomic
  isUnreported: boolean
}): string {
  const words = t().buttons
  const count = proposal.calls.length
  if (phase.kind === 'idle' && isUnreported) return words.telling
  switch (phase.kind) {
    case 'checking':
      return words.checking
    case 'wallet':
      return isBatch(proposal, atomic) ? words.walletBatch(count) : words.wallet(phase.step, count)
    case 'confirming':
      return words.confirming
    case 'idle':
      if (isBatch(proposal, atomic)) return `${words.batch(count)}${atomic === 'ready' ? ` ${words.upgrade}` : ''}`
      return signaturesText(proposal)
  }
}

/** How many signatures are left of a card that is signed step by step. */
function signaturesText({ calls }: Proposal): string {
  const left = calls.filter(({ status }) => status === 'waiting').length
  const done = calls.length - left
  if (done > 0) return t().buttons.stepsDone(done, calls.length, left)
  return left === 1 ? t().buttons.one : t().buttons.several(left)
}
