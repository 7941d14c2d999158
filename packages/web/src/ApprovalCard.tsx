import { batchDigest, type Proposal, type PublicConfig, type ClearSigningWire, type ReportWire } from '@countersign/sdk'
import { useEffect, useId, useRef, useState, type ReactNode } from 'react'
import type { Address, Hex } from 'viem'
import { useConnection, useConnectorClient, useSwitchChain } from 'wagmi'
import { sendTransaction } from 'viem/actions'
import { forgetUnreported, keepUnreported, unreported, type Unreported } from './unreported.ts'
import { HalfDone } from './HalfDone.tsx'
import { Origin, StepUp } from './StepUp.tsx'
import { problemText, type SessionView } from './useSession.ts'
import { windowName } from './windowName.ts'
import {
  ageText,
  amountText,
  authorityText,
  environmentText,
  isSpending,
  isWalletRejection,
  shownSymbol,
  stateText,
  symbolOf,
  walletErrorText,
  type Change,
} from './words.ts'
import { othersChanges, ownChanges } from './ownChanges.ts'

/** How old a simulation may look before the card says so; signing re-checks in any case. Seconds. */
const STALE_AFTER_S = 60
/** A step whose bytes are an EIP-712 document. */
const DOCUMENT_KIND = 'sign_typed_data'
/** A step whose bytes are a text for `personal_sign`. */
const MESSAGE_KIND = 'personal_sign'
/** A button that has just appeared is not pressed by accident. Milliseconds. */
const GUARD_MS = 500

type Kept = NonNullable<ReportWire['kept_for_you']>[number]
type Phase = { readonly kind: 'idle' | 'checking' } | { readonly kind: 'wallet' | 'confirming'; readonly step: number }

/** Everything the owner needs to decide, and the two buttons. What it shows comes from the simulation, never from the model. */
export function ApprovalCard({
  proposal,
  session,
  config,
}: {
  proposal: Proposal
  session: SessionView
  config: PublicConfig
}) {
  const headingId = useId()
  const heading = useRef<HTMLHeadingElement>(null)
  const stepUp = useRef<HTMLFormElement>(null)
  const [phase, setPhase] = useState<Phase>({ kind: 'idle' })
  const [problem, setProblem] = useState<string | null>(null)
  const nowMs = useNow()
  const report = proposal.report
  const chain = config.chains.find((each) => each.chain_id === proposal.chain_id)
  const native = proposal.report?.chain?.coin ?? chain?.native_symbol ?? 'coin'
  const isMessage = proposal.calls.some((call) => call.kind === MESSAGE_KIND)
  const isDocument = isMessage || proposal.calls.some((call) => call.kind === DOCUMENT_KIND)

  // Focus goes to what is to be read, not to a button.
  useEffect(() => heading.current?.focus({ preventScroll: false }), [proposal.id])
  const isOwed = proposal.state === 'pending' && proposal.level === 'step-up' && !proposal.level_given

  const tone = toneOf(proposal)
  return (
    <article
      aria-labelledby={headingId}
      className="rounded-xl border border-line bg-sheet shadow-sm"
      data-testid="card"
      data-state={proposal.state}
    >
      <header className={`rounded-t-xl border-b border-line px-5 py-4 ${tone.band}`}>
        <p className={`text-sm font-semibold ${tone.text}`} role="status" data-testid="card-state">
          {verdictText(proposal)}
        </p>
        <h2
          id={headingId}
          ref={heading}
          tabIndex={-1}
          className="mt-1 text-lg font-semibold leading-snug [overflow-wrap:anywhere]"
        >
          {proposal.summary}
        </h2>
        {proposal.reason !== null && (
          <p className="mt-2 text-sm [overflow-wrap:anywhere]" data-testid="card-reason">
            {proposal.reason}
          </p>
        )}
        {isOwed && (
          <button
            type="button"
            className="button mt-3 md:hidden"
            onClick={() => stepUp.current?.querySelector('input')?.focus()}
          >
            Type the values
          </button>
        )}
      </header>

      {report === null ? (
        <p className="px-5 py-6 text-quiet" role="status">
          {proposal.reason === null
            ? 'Simulating on a fork of the chain…'
            : 'Without a simulation this cannot be signed.'}
        </p>
      ) : (
        <div className="divide-y divide-line">
          {report.signature != null && <Document signature={report.signature} native={native} />}
          {ownChanges(report).map((each) => (
            <Movements key={each.owner} {...each} native={native} />
          ))}
          {report.kept_for_you?.map(KeptForYou)}
          <Section title="Network and account">
            <p>
              {chain?.name ?? 'Unknown chain'} ({proposal.chain_id})
            </p>
            <p className="address">{proposal.from}</p>
          </Section>
          <Section title="Network fee">
            <p hidden={isDocument}>
              At most{' '}
              <strong>
                {amountText(report.gas_estimate.max_fee_wei, 18)} {native}
              </strong>
              <span className="text-quiet">
                {' '}
                · expected {amountText(report.gas_estimate.expected_fee_wei, 18)} {native}
              </span>
            </p>
            <p className="text-quiet">{feeNote(proposal, { isMessage, isDocument })}</p>
          </Section>
          <Section title="Permissions left behind">
            {report.authority_changes.length === 0 ? (
              <p>None are added.</p>
            ) : (
              <ul className="space-y-2">
                {report.authority_changes.map((change) => (
                  <li key={`${change.kind}${change.contract}${change.subject}`}>
                    {isSpending(change) ? (
                      <p>
                        {change.after === '0' ? 'Takes back the permission to spend ' : 'May spend '}
                        <strong className={change.unlimited ? 'text-bad' : ''}>
                          {change.unlimited
                            ? 'UNLIMITED'
                            : change.after === '0'
                              ? ''
                              : amountText(change.after, change.decimals)}{' '}
                          {shownSymbol(change.symbol) ?? 'tokens'}
                        </strong>{' '}
                        <span className="text-quiet">
                          (before:{' '}
                          {BigInt(change.before) >= 2n ** 159n
                            ? 'unlimited'
                            : change.before === '0'
                              ? 'nothing'
                              : amountText(change.before, change.decimals)}
                          {change.expires === null
                            ? ''
                            : `, until ${change.expires.slice(0, 16).replace('T', ' ')} UTC`}
                          )
                        </span>
                      </p>
                    ) : (
                      <p>
                        <strong className={change.after === '0' ? '' : 'text-bad'}>{authorityText(change)}</strong>{' '}
                        <span className="address text-quiet">{change.contract}</span>
                      </p>
                    )}
                    <p className="address text-quiet">{change.subject}</p>
                  </li>
                ))}
              </ul>
            )}
          </Section>
          <Ahead report={report} native={native} />
          <OtherBlocks report={report} native={native} />
          <Checks proposal={proposal} />
          <Contracts proposal={proposal} />
          <Others changes={othersChanges(report)} native={native} />
          {proposal.provenance.length > 0 && (
            <Section title="Where the values come from">
              <Origin proposal={proposal} />
            </Section>
          )}
          {report.steps.map(({ step, clear_signing: words }) =>
            words == null ? null : <Explained key={step} step={step} words={words} />,
          )}
          <Section title="Simulation">
            <p data-testid="card-age">
              Block {report.block.number}, {ageText(report.block.timestamp, nowMs)} old
              {nowMs - Date.parse(report.block.timestamp) > STALE_AFTER_S * 1000 && proposal.state === 'pending' && (
                <span className="text-care"> · it is checked again before your wallet opens</span>
              )}
            </p>
            <details className="mt-1">
              <summary className="cursor-pointer text-quiet">Not checked: {report.not_checked.length}</summary>
              <ul className="mt-1 list-disc pl-5 text-sm text-quiet">
                {report.not_checked.map(({ what, why }) => (
                  <li key={what}>
                    {what}: {why}
                  </li>
                ))}
              </ul>
            </details>
            <p className="mt-1 text-sm text-quiet">
              Digest <span className="address">{`${proposal.digest.slice(0, 10)}…${proposal.digest.slice(-8)}`}</span>
            </p>
          </Section>
        </div>
      )}

      <HalfDone proposal={proposal} session={session} />
      {proposal.calls.some((call) => call.tx_hash !== null) && (
        <div className="border-t border-line px-5 py-4" aria-live="polite">
          {proposal.calls
            .filter((call) => call.tx_hash !== null)
            .map((call) => (
              <p key={call.step} className="text-sm">
                {call.label}:{' '}
                {
                  {
                    waiting: 'waiting',
                    submitted: 'sent, not yet verified',
                    confirmed: 'verified on chain',
                    mismatched: 'does not match',
                  }[call.status]
                }{' '}
                <span className="address text-quiet">{call.tx_hash}</span>
              </p>
            ))}
        </div>
      )}
      {problem !== null && (
        <p role="alert" className="border-t border-line bg-bad-soft px-5 py-3 text-sm text-bad">
          {problem}
        </p>
      )}
      {isOwed && (
        <StepUp key={proposal.id} proposal={proposal} session={session} setProblem={setProblem} form={stepUp} />
      )}
      {proposal.signable && report !== null && (
        <Actions
          key={`${proposal.id}${report.block.hash}`}
          proposal={proposal}
          session={session}
          phase={phase}
          setPhase={setPhase}
          setProblem={setProblem}
          chainName={chain?.name ?? ''}
        />
      )}
    </article>
  )
}

/** A call in its ERC-7730 descriptor's words: they explain, vouch for nothing, and stand below what decides. */
function Explained({ step, words }: { step: number; words: ClearSigningWire }) {
  return (
    <Section title={`Step ${step}, in words of its maker`}>
      <p className="mb-2 text-sm text-quiet [overflow-wrap:anywhere]">
        Written by “{words.owner ?? words.descriptor}”. What really happens is what the rest of this card says.
      </p>
      <blockquote className="border-l border-line pl-3" data-testid="explained">
        <Words words={words} />
      </blockquote>
    </Section>
  )
}

function Words({ words }: { words: ClearSigningWire }) {
  return (
    <>
      <p className="[overflow-wrap:anywhere]">“{words.interpolated_intent ?? words.intent}”</p>
      <dl className="mt-1 space-y-1 text-sm">
        {words.fields.map(({ label, value, nested }, i) => (
          <div key={`${label}${i}`}>
            <dt className="text-quiet">{label}</dt>
            <dd className="[overflow-wrap:anywhere]">
              {nested === null ? (
                value.length > MAX_VALUE ? (
                  `${value.slice(0, MAX_VALUE)}… (${value.length} characters)`
                ) : (
                  value
                )
              ) : (
                <div className="border-l border-line pl-3">
                  <Words words={nested} />
                </div>
              )}
            </dd>
          </div>
        ))}
      </dl>
      {words.left_out.length > 0 && (
        <p className="mt-1 text-sm text-quiet">
          Left out by the description: {[...new Set(words.left_out)].join(', ')}
        </p>
      )}
      {words.unformatted.map(({ label, why }, i) => (
        <p key={`${label}${i}`} className="mt-1 text-sm text-care">
          Not shown as it asks: {label}, because {why}
        </p>
      ))}
    </>
  )
}

/** The most of one value that is shown. */
const MAX_VALUE = 300

/** Two addresses that look alike, one above the other, with what differs set apart. */
function Lookalike({ evidence, subject }: { evidence: Readonly<Record<string, unknown>>; subject: string | null }) {
  const { resembles, same_start: start, same_end: end } = evidence
  if (typeof resembles !== 'string' || typeof start !== 'number' || typeof end !== 'number' || subject === null)
    return null
  return (
    <dl className="mt-1" data-testid="lookalike">
      {[
        { label: 'This one', address: subject },
        { label: 'The one you know', address: resembles },
      ].map(({ label, address }) => (
        <div key={label}>
          <dt className="text-quiet">{label}</dt>
          <dd className="address">
            {address.slice(0, 2 + start)}
            <mark className="bg-transparent font-semibold text-bad underline">
              {address.slice(2 + start, 42 - end)}
            </mark>
            {address.slice(42 - end)}
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** The document in words, and what its terms say changes hands. Whether it would is what the rest of the card says. */
function Document({ signature, native }: { signature: NonNullable<ReportWire['signature']>; native: string }) {
  const movements = [
    ...signature.offers.map((each) => ({ ...each, word: 'You give' })),
    ...signature.considerations.map((each) => ({ ...each, word: 'The terms promise' })),
  ]
  return (
    <Section title="To be signed">
      <p className="font-semibold [overflow-wrap:anywhere]">{signature.title}</p>
      <dl className="mt-2 space-y-1.5 text-sm" data-testid="document">
        {signature.lines.map(({ label, value }, i) => (
          <div key={`${label}${i}`}>
            <dt className="text-quiet">{label}</dt>
            <dd className="[overflow-wrap:anywhere]">{value}</dd>
          </div>
        ))}
        {movements.map(({ word, standard, token, token_id: id, amount, to }, i) => (
          <div key={`${word}${i}`}>
            <dt className="text-quiet">{word}</dt>
            <dd className="[overflow-wrap:anywhere]">
              {standard === 'native' ? `${amountText(amount, 18)} ${native}` : `${amount} of ${token ?? 'a token'}`}
              {id === null ? '' : ` #${id}`} to {to ?? 'whoever uses the signature'}
            </dd>
          </div>
        ))}
      </dl>
      {signature.clear_signing != null && (
        <>
          <p className="mt-2 text-sm text-quiet [overflow-wrap:anywhere]">
            As “{signature.clear_signing.owner ?? signature.clear_signing.descriptor}” describes it, which vouches for
            nothing:
          </p>
          <blockquote className="border-l border-line pl-3">
            <Words words={signature.clear_signing} />
          </blockquote>
        </>
      )}
      <p className="mt-2 text-sm text-quiet">
        {signature.kind === 'message' ? 'Digest of the text' : 'EIP-712 digest'}{' '}
        <span className="address">{signature.digest}</span>
      </p>
    </Section>
  )
}

/** The document that a step's bytes are. */
function textOf(data: Hex): string {
  const bytes = Uint8Array.from(data.slice(2).match(/../g) ?? [], (pair) => parseInt(pair, 16))
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
}

/** What whoever gained something could take in its next transaction: it was tried on the fork. */
function Ahead({ report, native }: { report: ReportWire; native: string }) {
  const moves = report.lookahead.flatMap(({ actor, can_take }) => can_take.map((each) => ({ actor, ...each })))
  if (moves.length === 0) return null
  return (
    <Section title="What could be taken next">
      <ul className="space-y-2">
        {moves.map(({ actor, token, amount }) => {
          const named = report.authority_changes.find((change) => change.contract === token)
          const decimals = token === null ? 18 : (named?.decimals ?? null)
          return (
            <li key={`${actor}${token}`}>
              <p className="text-bad">
                <strong>
                  {amountText(amount, decimals)}{' '}
                  {token === null ? native : (shownSymbol(named?.symbol ?? null) ?? 'of a token')}
                </strong>
                {token !== null && decimals === null && <span className="text-quiet"> (smallest unit)</span>}
              </p>
              <p className="address text-quiet">{actor}</p>
            </li>
          )
        })}
      </ul>
    </Section>
  )
}

/** The same transaction in other blocks; what is worse there is shown as plainly as what is expected. */
function OtherBlocks({ report, native }: { report: ReportWire; native: string }) {
  const different = report.environments.filter((environment) => !environment.agrees)
  return (
    <Section title="In other blocks">
      {different.length === 0 ? (
        <p>
          The same in {report.environments.length} environments
          {report.environment_reads.length > 0 && (
            <span className="text-quiet"> · it looks at {report.environment_reads.join(', ')}</span>
          )}
        </p>
      ) : (
        <ul className="space-y-2">
          {different.map((environment) => (
            <li key={environment.name}>
              <p>
                <strong className="text-care">{environmentText(environment.name)}</strong>
                {environment.decided_by.length > 0 && (
                  <span className="text-quiet"> · decided by {environment.decided_by.join(', ')}</span>
                )}
              </p>
              {environment.token_changes.length === 0 ? (
                <p className="text-quiet">{environment.differs[0]}</p>
              ) : (
                environment.token_changes.map((change) => (
                  <p key={`${change.token}${change.token_id}`}>
                    {amountText(change.delta, change.standard === 'native' ? 18 : change.decimals)}{' '}
                    {symbolOf(change, native)}
                  </p>
                ))
              )}
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

function Actions({
  proposal,
  session,
  phase,
  setPhase,
  setProblem,
  chainName,
}: {
  proposal: Proposal
  session: SessionView
  phase: Phase
  setPhase: (phase: Phase) => void
  setProblem: (text: string | null) => void
  chainName: string
}) {
  const { address, chainId, isConnected } = useConnection()
  const wallet = useConnectorClient()
  const switchChain = useSwitchChain()
  const [isRead, setRead] = useState(false)
  const [isGuarded, setGuarded] = useState(true)
  const [sent, setSent] = useState(() => unreported().filter((each) => each.proposal === proposal.id))
  const isBusy = phase.kind !== 'idle' || sent.length > 0
  // The card as it was read when this was drawn: another one is never signed.
  const receipt = proposal.receipt?.digest
  const cautions = proposal.report?.findings.filter((finding) => finding.level === 'warn') ?? []
  useEffect(() => {
    const timer = setTimeout(() => setGuarded(false), GUARD_MS)
    return () => clearTimeout(timer)
  }, [])
  // A page that was closed between the wallet's answer and the report goes on here.
  useEffect(() => {
    for (const each of unreported()) if (each.proposal === proposal.id) void report(each)
  }, [proposal.id])

  const isWrongAccount = isConnected && address?.toLowerCase() !== proposal.from.toLowerCase()
  const isWrongChain = isConnected && chainId !== proposal.chain_id
  const obstacle = !isConnected
    ? 'Connect the wallet of this account to go on.'
    : isWrongAccount
      ? `This was made for ${proposal.from}, but the wallet now offers ${address}. Switch back to that account, or ask again with this one.`
      : null

  async function sign(): Promise<void> {
    setProblem(null)
    const account = address
    if (account === undefined || wallet.data === undefined) return setProblem('Connect the wallet first.')
    try {
      for (const { step, status } of proposal.calls) {
        if (status !== 'waiting') continue
        setPhase({ kind: 'checking' })
        const shown = receipt
        const checked = await session.client.recheck(proposal.id, account, chainId ?? 0, await windowName(), shown)
        session.accept(checked)
        const call = checked.calls.find((each) => each.step === step)
        if (!checked.signable || call === undefined || (shown !== undefined && checked.opened?.receipt !== shown)) {
          setPhase({ kind: 'idle' })
          return setProblem(checked.reason ?? 'It is not signable any more. Read the card again.')
        }
        // The very calls that go to the wallet must be the ones this card was about.
        const digest = await batchDigest(checked)
        if (digest !== proposal.digest)
          throw new Error('The server now offers other bytes than this card shows. Nothing was handed to the wallet.')
        setPhase({ kind: 'wallet', step })
        if (call.kind === DOCUMENT_KIND) {
          // The text that was digested above, byte for byte: no library spells it anew.
          const signature = await wallet.data.request({
            method: 'eth_signTypedData_v4',
            params: [account, textOf(call.data as Hex)],
          })
          session.accept(await session.client.signed(proposal.id, signature))
          continue
        }
        if (call.kind === MESSAGE_KIND) {
          const text = textOf(call.data as Hex)
          // Wallets take hexadecimal text for bytes; every other text goes there as its bytes.
          const bytes = /^0x(?:[0-9a-fA-F]{2})*$/.test(text) ? (text as Hex) : (call.data as Hex)
          const signature = await wallet.data.request({ method: 'personal_sign', params: [bytes, account] })
          session.accept(await session.client.signed(proposal.id, signature))
          continue
        }
        const hash = await sendTransaction(wallet.data, {
          account: account,
          chain: null,
          to: call.to as Address | null,
          value: BigInt(call.value),
          data: call.data as Hex,
          gas: BigInt(call.gas ?? '0'),
          // What the card shows as "at most" is what the wallet is asked for.
          ...(call.max_fee_per_gas === null ? {} : feesOf(checked, BigInt(call.max_fee_per_gas))),
        })
        keepUnreported({ proposal: proposal.id, step, hash })
        setPhase({ kind: 'confirming', step })
        await report({ proposal: proposal.id, step, hash })
        for (;;) {
          const now = await session.client.proposal(proposal.id)
          session.accept(now)
          const mine = now.calls.find((each) => each.step === step)
          if (mine?.status === 'confirmed') break
          if (mine?.status === 'mismatched' || now.state === 'mismatched') return setPhase({ kind: 'idle' })
          await new Promise((resolve) => setTimeout(resolve, 400))
        }
      }
    } catch (error) {
      if (isWalletRejection(error)) {
        const window = await windowName()
        await session.client
          .reject(proposal.id, 'Rejected in the wallet.', window)
          .then(session.accept, () => undefined)
      } else setProblem(isServerError(error) ? problemText(error) : walletErrorText(error))
    }
    setPhase({ kind: 'idle' })
  }

  /** Tells the server of a hash until it has it. The server looks for the transaction by itself as well. */
  async function report(sent: Unreported): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        session.accept(await session.client.submitted(sent.proposal, sent.step, sent.hash))
        break
      } catch (error) {
        // An answer is an answer: what a card that is over says of it stands on the card.
        if (isServerError(error) && (error as { status?: number }).status !== undefined) {
          const { status = 0 } = error as { status?: number }
          if (status < 500 && status !== 429) break
        }
        await new Promise((resolve) => setTimeout(resolve, Math.min(30_000, 500 * 2 ** attempt)))
      }
    }
    forgetUnreported(sent.hash)
    setSent(unreported().filter((each) => each.proposal === proposal.id))
  }

  async function reject(): Promise<void> {
    setProblem(null)
    // Nothing is open here: no signature is being waited for while this can be pressed.
    await session.client
      .reject(proposal.id, undefined, await windowName())
      .then(session.accept, (error: unknown) => setProblem(problemText(error)))
  }

  return (
    <footer className="rounded-b-xl border-t border-line bg-sheet px-5 pt-4 pb-5 md:sticky md:-bottom-6">
      {obstacle !== null && (
        <p role="alert" className="mb-3 rounded-lg bg-care-soft px-3 py-2 text-sm text-care [overflow-wrap:anywhere]">
          {obstacle}
        </p>
      )}
      {obstacle === null && isWrongChain && (
        <div
          role="alert"
          className="mb-3 flex flex-wrap items-center gap-3 rounded-lg bg-care-soft px-3 py-2 text-sm text-care"
        >
          <span>
            The wallet is on chain {chainId}; this is for {chainName} ({proposal.chain_id}).
          </span>
          <button type="button" className="button" onClick={() => switchChain.mutate({ chainId: proposal.chain_id })}>
            Switch network
          </button>
        </div>
      )}
      {cautions.length > 0 && (
        <label className="mb-3 flex min-h-11 items-start gap-3 rounded-lg bg-care-soft px-3 py-2 text-sm">
          <input
            type="checkbox"
            className="mt-0.5 size-5 shrink-0"
            checked={isRead}
            onChange={(event) => setRead(event.target.checked)}
          />
          <span>
            I have read this and still want it: {cautions.map((finding) => finding.title.toLowerCase()).join('; ')}.
          </span>
        </label>
      )}
      <p role="status" className="text-sm text-quiet">
        {phase.kind === 'idle' && sent.length > 0 && 'Sent. Telling the server…'}
        {phase.kind === 'checking' && 'Looking at the chain once more…'}
        {phase.kind === 'wallet' && `Waiting for your wallet (signature ${phase.step} of ${proposal.calls.length}).`}
        {phase.kind === 'confirming' && 'Sent. Waiting until it is verified on chain…'}
      </p>
      <div className="mt-2 flex flex-wrap gap-3">
        <button type="button" className="button min-w-40 flex-1" disabled={isBusy} onClick={() => void reject()}>
          Reject
        </button>
        <button
          type="button"
          className="button min-w-40 flex-1 border-transparent bg-accent text-on-accent"
          disabled={isBusy || isGuarded || obstacle !== null || isWrongChain || (cautions.length > 0 && !isRead)}
          onClick={() => void sign()}
        >
          Continue to wallet
        </button>
      </div>
    </footer>
  )
}

type Moved = { changes: readonly Change[]; native: string; owner: string }

function Movements({ changes, native, owner }: Moved) {
  const leaving = changes.filter((change) => change.delta.startsWith('-'))
  const arriving = changes.filter((change) => !change.delta.startsWith('-'))
  return (
    <section className="grid gap-px bg-line sm:grid-cols-2" aria-label="What leaves and what arrives">
      <div className="bg-sheet px-5 py-4">
        <h3 className="address text-sm font-semibold text-quiet">Leaves {owner}</h3>
        {leaving.length === 0 ? (
          <p className="mt-1">Nothing, fees aside</p>
        ) : (
          leaving.map((change) => <Amount key={keyOf(change)} change={change} native={native} />)
        )}
      </div>
      <div className="bg-sheet px-5 py-4">
        <h3 className="text-sm font-semibold text-quiet">Arrives</h3>
        {arriving.length === 0 ? (
          <p className="mt-1">Nothing</p>
        ) : (
          arriving.map((change) => <Amount key={keyOf(change)} change={change} native={native} />)
        )}
      </div>
    </section>
  )
}

function Amount({ change, native }: { change: Change; native: string }) {
  const isGain = !change.delta.startsWith('-')
  return (
    <div className="mt-1">
      <p className={`text-xl font-semibold tabular-nums [overflow-wrap:anywhere] ${isGain ? 'text-good' : 'text-ink'}`}>
        {isGain ? '+' : ''}
        {amountText(change.delta, change.decimals)} {symbolOf(change, native)}
        {change.token_id === null ? '' : ` #${change.token_id}`}
      </p>
      {change.token !== null && <p className="address text-quiet">{change.token}</p>}
    </div>
  )
}

function Checks({ proposal }: { proposal: Proposal }) {
  const findings = proposal.report?.findings ?? []
  return (
    <Section title="Checks">
      {findings.length === 0 ? (
        <p className="text-good">No objections.</p>
      ) : (
        <ul className="space-y-2">
          {findings.map((finding, i) => (
            <li key={`${finding.rule}${i}`} className={`rounded-lg px-3 py-2 text-sm ${LEVELS[finding.level].box}`}>
              <p className={`font-semibold ${LEVELS[finding.level].text}`}>
                {LEVELS[finding.level].word}: {finding.title}
              </p>
              <p className="[overflow-wrap:anywhere]">{finding.because}</p>
              {finding.remediation !== undefined && <p className="text-quiet">{finding.remediation}</p>}
              {finding.rule === 'address-lookalike' && (
                <Lookalike evidence={finding.evidence} subject={finding.subject} />
              )}
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

const LEVELS = {
  block: { word: 'Blocked', box: 'bg-bad-soft', text: 'text-bad' },
  warn: { word: 'Caution', box: 'bg-care-soft', text: 'text-care' },
  info: { word: 'Note', box: 'bg-paper', text: 'text-quiet' },
} as const

function Contracts({ proposal }: { proposal: Proposal }) {
  const first = new Map<string, { name: string | null; signature: string | null }>()
  for (const call of proposal.report?.contract_calls ?? []) if (!first.has(call.address)) first.set(call.address, call)
  return (
    <Section title="Contracts called">
      {first.size === 0 ? (
        <p>None: a plain payment.</p>
      ) : (
        <ul className="space-y-1.5">
          {[...first].map(([address, { name, signature }]) => (
            <li key={address}>
              <span className={name === null ? 'text-quiet' : 'font-medium'}>{name ?? 'Not known by name'}</span>
              {signature !== null && <span className="text-sm text-quiet"> · {signature.split('(')[0]}</span>}
              <span className="address block text-quiet">{address}</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

function Others({ changes, native }: { changes: readonly Change[]; native: string }) {
  if (changes.length === 0) return null
  return (
    <Section title="Others whose balances change">
      <details>
        <summary className="cursor-pointer text-quiet">
          {new Set(changes.map((change) => change.account)).size} accounts
        </summary>
        <ul className="mt-2 space-y-1.5 text-sm">
          {changes.map((change) => (
            <li key={`${change.account}${keyOf(change)}`}>
              {change.delta.startsWith('-') ? '' : '+'}
              {amountText(change.delta, change.decimals)} {symbolOf(change, native)}
              <span className="address block text-quiet">{change.account}</span>
            </li>
          ))}
        </ul>
      </details>
    </Section>
  )
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="px-5 py-3.5">
      <h3 className="mb-1 text-sm font-semibold text-quiet">{title}</h3>
      {children}
    </section>
  )
}

/** What a contract keeps for the owner, in a unit that only the contract knows. */
function KeptForYou({ contract, slot, before, after, meaning, is_debt }: Kept) {
  const what = meaning === null ? 'unit unknown' : is_debt ? `${meaning}: what you owe` : meaning
  return (
    <Section key={slot + before} title="Kept for you">
      <p className="break-words">
        <code>{contract}</code>: {before} → {after} <span className="text-quiet">({what})</span>
      </p>
    </Section>
  )
}

function keyOf(change: Change): string {
  return `${change.token ?? ''}${change.token_id ?? ''}${change.delta}`
}

/** What the fee means for the owner: how often their wallet asks, and what a signature alone costs. */
function feeNote({ calls }: Proposal, { isMessage, isDocument }: { isMessage: boolean; isDocument: boolean }): string {
  if (isMessage) return 'None: your wallet signs a text, and nothing is sent.'
  if (isDocument) return 'None: one signature, and nothing is sent. Whoever holds it can do what the steps below say.'
  if (calls.length === 1) return 'One signature'
  return `${calls.length} signatures, one after the other; the first stays if a later one fails`
}

function toneOf(proposal: Proposal): { band: string; text: string } {
  if (['blocked', 'mismatched'].includes(proposal.state)) return { band: 'bg-bad-soft', text: 'text-bad' }
  if (proposal.state === 'settled') return { band: 'bg-good-soft', text: 'text-good' }
  if ((proposal.report?.verdict === 'warn' || proposal.level === 'step-up') && proposal.state === 'pending')
    return { band: 'bg-care-soft', text: 'text-care' }
  return { band: '', text: 'text-accent' }
}

function verdictText(proposal: Proposal): string {
  if (proposal.state === 'blocked') return proposal.report?.will_revert === true ? 'Blocked: it would fail' : 'Blocked'
  if (proposal.state === 'pending' && proposal.level === 'step-up' && !proposal.level_given)
    return 'Caution: the agent chose values that you did not name'
  if (proposal.state === 'pending' && proposal.report?.verdict === 'warn') return 'Caution: read the checks'
  if (proposal.state === 'staged' && proposal.reason !== null) return 'Simulation failed'
  if (proposal.state === 'settled' && proposal.settlement?.signature_digest !== undefined) return 'Signed and verified'
  return stateText(proposal.state)
}

/** The fee cap, and of it the tip that the simulation expected: half the rest is room for the base fee to rise. */
function feesOf(
  { report }: Proposal,
  capWei: bigint,
): { maxFeePerGas: bigint; maxPriorityFeePerGas: bigint } | { gasPrice: bigint } {
  const used = BigInt(report?.gas_estimate.gas_used ?? '0')
  const l1Wei = BigInt(report?.gas_estimate.l1_fee_wei ?? '0')
  const expectedWei = BigInt(report?.gas_estimate.expected_fee_wei ?? '0') - l1Wei
  const priceWei = used === 0n ? capWei : expectedWei / used
  const tipWei = 2n * priceWei - capWei
  // The same with and without room: the chain has no base fee, and knows a price only.
  if (priceWei >= capWei) return { gasPrice: capWei }
  return { maxFeePerGas: capWei, maxPriorityFeePerGas: tipWei < 0n ? 0n : tipWei }
}

function isServerError(error: unknown): boolean {
  return error instanceof Error && error.name === 'CountersignError'
}

function useNow(): number {
  const [nowMs, setNowMs] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  return nowMs
}
