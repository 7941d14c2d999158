import type { Proposal, PublicConfig } from '@countersign/sdk'
import { useEffect, useState, type ReactNode } from 'react'
import { useConnection } from 'wagmi'
import { Dialog } from '../Dialog.tsx'
import { around } from '../text/around.ts'
import { serverLang } from '../text/text.ts'
import { useLanguage } from '../text/useLanguage.ts'
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
  const { address, chainId } = useConnection()
  const chain = config.chains.find(({ chain_id: id }) => id === chainId)
  const [holdings, setHoldings] = useState<readonly Holding[] | null>(null)
  const [grants, setGrants] = useState<readonly Grant[] | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  useLanguage()
  const words = around().account

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
    <Dialog
      title={words.title}
      titleId="account-title"
      width="wide"
      onClose={onClose}
      foot={(close) => (
        <button type="button" className="button w-full" onClick={close}>
          {around().close}
        </button>
      )}
    >
      {(close) => (
        <>
          {address === undefined ? (
            <p className="mt-2">{words.connectFirst}</p>
          ) : (
            <p className="address mt-1 text-quiet">{address}</p>
          )}
          {problem !== null && (
            <p role="alert" className="mt-2 text-sm text-bad">
              {problem}
            </p>
          )}
          <Part title={words.balances} isReading={holdings === null && address !== undefined && problem === null}>
            <ul className="mt-1">
              {holdings?.map((each) => (
                <li key={each.token ?? 'coin'} className="figure">
                  {holdingText(each)}
                </li>
              ))}
            </ul>
          </Part>
          <Part title={words.permissions} isReading={grants === null && address !== undefined && problem === null}>
            {grants !== null && (
              <Grants
                grants={grants}
                onRevoke={(grant) => {
                  void session.say(revokeSentence(grant))
                  close()
                }}
              />
            )}
          </Part>
          {address !== undefined && (
            <Part title={words.mandates} isReading={false}>
              <FreezePart session={session} />
            </Part>
          )}
          <Part title={words.activity} isReading={activity === null}>
            {activity?.length === 0 && <p>{words.noActivity}</p>}
            <ul className="mt-1 space-y-1.5" data-testid="activity">
              {activity?.map((each) => (
                <li key={each.id} className="flex flex-wrap justify-between gap-x-3">
                  <span className="min-w-0 [overflow-wrap:anywhere]" lang={serverLang()}>
                    {each.summary}
                  </span>
                  <span className="text-sm text-quiet">
                    {stateText(each.state)} · {each.updated_at.slice(0, 16).replace('T', ' ')}
                  </span>
                </li>
              ))}
            </ul>
          </Part>
        </>
      )}
    </Dialog>
  )
}

/** Each permission that stands, with the way to take it back. */
function Grants({ grants, onRevoke }: { grants: readonly Grant[]; onRevoke: (grant: Grant) => void }) {
  return (
    <>
      {grants.length === 0 && <p>{around().account.noPermissions}</p>}
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
              aria-label={around().account.takeBackWhat(grantText(grant))}
              onClick={() => onRevoke(grant)}
            >
              {around().account.takeBack}
            </button>
          </li>
        ))}
      </ul>
      <p className="mt-1 text-sm text-quiet">{around().account.looked}</p>
    </>
  )
}

function Part({ title, isReading, children }: { title: string; isReading: boolean; children: ReactNode }) {
  return (
    <section className="mt-4">
      <h3 className="text-sm font-semibold text-quiet">{title}</h3>
      {isReading ? <p role="status">{around().reading}</p> : children}
    </section>
  )
}
