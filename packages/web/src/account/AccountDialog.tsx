import type { Proposal, PublicConfig } from '@countersign/sdk'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { useConnection } from 'wagmi'
import { problemText, type SessionView } from '../useSession.ts'
import { stateText } from '../words.ts'
import { FreezePart } from './FreezePart.tsx'
import {
  grantText,
  held,
  holdingText,
  revokeSentence,
  spendersIn,
  standing,
  type Grant,
  type Holding,
} from './Holdings.ts'
import { readGrants, readHoldings } from './readHoldings.ts'

/** What the connected account holds, whom it lets spend, and what it did here over all conversations. */
export function AccountDialog({
  session,
  config,
  activity,
  onClose,
}: {
  session: SessionView
  config: PublicConfig
  /** Of all conversations; null while they are read. */
  activity: readonly Proposal[] | null
  onClose: () => void
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const { address, chainId } = useConnection()
  const chain = config.chains.find(({ chain_id: id }) => id === chainId)
  const [holdings, setHoldings] = useState<readonly Holding[] | null>(null)
  const [grants, setGrants] = useState<readonly Grant[] | null>(null)
  const [problem, setProblem] = useState<string | null>(null)

  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  useEffect(() => {
    if (address === undefined || chain === undefined || activity === null) return
    let isCurrent = true
    const tokens = config.tokens.filter(({ chain_id: id }) => id === chain.chain_id)
    const spenders = spendersIn(activity, chain.chain_id)
    Promise.all([readHoldings({ chain, tokens }, address), readGrants({ chain, tokens }, address, spenders)]).then(
      ([own, given]) => {
        if (!isCurrent) return
        setHoldings(held(own))
        setGrants(standing(given))
      },
      (error: unknown) => isCurrent && setProblem(problemText(error)),
    )
    return () => {
      isCurrent = false
    }
  }, [address, chain, activity, config.tokens])

  return (
    <dialog
      lang="en"
      ref={dialog}
      aria-labelledby="account-title"
      onClose={onClose}
      className="m-auto max-h-[90dvh] w-[min(38rem,calc(100vw-1rem))] overflow-y-auto rounded-xl border border-line bg-sheet p-4 text-ink md:p-5"
    >
      <h2 id="account-title" className="text-lg font-semibold">
        Your account
      </h2>
      {address === undefined ? (
        <p className="mt-2">Connect a wallet to see what it holds.</p>
      ) : (
        <p className="address mt-1 text-quiet">{address}</p>
      )}
      {problem !== null && (
        <p role="alert" className="mt-2 text-sm text-bad">
          {problem}
        </p>
      )}
      <Part title="Balances" isReading={holdings === null && address !== undefined && problem === null}>
        <ul className="mt-1">
          {holdings?.map((each) => (
            <li key={each.token ?? 'coin'} className="figure">
              {holdingText(each)}
            </li>
          ))}
        </ul>
      </Part>
      <Part title="Permissions that stand" isReading={grants === null && address !== undefined && problem === null}>
        {grants !== null && (
          <Grants
            grants={grants}
            onRevoke={(grant) => {
              void session.say(revokeSentence(grant))
              dialog.current?.close()
            }}
          />
        )}
      </Part>
      {address !== undefined && (
        <Part title="What agents may do without asking you" isReading={false}>
          <FreezePart session={session} />
        </Part>
      )}
      <Part title="Activity" isReading={activity === null}>
        {activity?.length === 0 && <p>Nothing yet.</p>}
        <ul className="mt-1 space-y-1.5" data-testid="activity">
          {activity?.map((each) => (
            <li key={each.id} className="flex flex-wrap justify-between gap-x-3">
              <span className="min-w-0 [overflow-wrap:anywhere]">{each.summary}</span>
              <span className="text-sm text-quiet">
                {stateText(each.state)} · {each.updated_at.slice(0, 16).replace('T', ' ')}
              </span>
            </li>
          ))}
        </ul>
      </Part>
      <button type="button" className="button mt-4 w-full" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  )
}

/** Each permission that stands, with the way to take it back. */
function Grants({ grants, onRevoke }: { grants: readonly Grant[]; onRevoke: (grant: Grant) => void }) {
  return (
    <>
      {grants.length === 0 && <p>None found.</p>}
      <ul className="mt-1 space-y-2">
        {grants.map((grant) => (
          <li key={`${grant.token}${grant.spender}`} className="flex flex-wrap items-center justify-between gap-2">
            <span className="min-w-0">
              <strong>{grantText(grant)}</strong>
              <span className="address block text-quiet">{grant.spender}</span>
            </span>
            <button
              type="button"
              className="button"
              aria-label={`Take back ${grantText(grant)}`}
              onClick={() => onRevoke(grant)}
            >
              Take back
            </button>
          </li>
        ))}
      </ul>
      <p className="mt-1 text-sm text-quiet">
        Looked at: the listed tokens, and everyone named in your proposals here. Permissions given elsewhere are not
        searched.
      </p>
    </>
  )
}

function Part({ title, isReading, children }: { title: string; isReading: boolean; children: ReactNode }) {
  return (
    <section className="mt-4">
      <h3 className="text-sm font-semibold text-quiet">{title}</h3>
      {isReading ? <p role="status">Reading…</p> : children}
    </section>
  )
}
