import type { Proposal, PublicConfig } from '@countersign/sdk'
import { useEffect, useState } from 'react'
import { coinOf, permissionsOf, type Row } from './Card.ts'
import { Rows } from './FirstScreen.tsx'
import { Figure } from './Figure.tsx'
import { outcomeOf, type Outcome } from './Outcome.ts'
import { readOutcome } from './readOutcome.ts'
import { t } from '../text/text.ts'

/** What really moved, read from the chain by this browser, compared with what the card showed. */
export function Settled({ proposal, config }: { proposal: Proposal; config: PublicConfig }) {
  const [outcome, setOutcome] = useState<Outcome | null | 'unread'>(null)
  const chain = config.chains.find(({ chain_id: id }) => id === proposal.chain_id)
  const coin = coinOf(proposal, config)
  useEffect(() => {
    let isCurrent = true
    readOutcome(chain?.rpc_path ?? '', proposal).then(
      (facts) => isCurrent && setOutcome(facts === null ? 'unread' : outcomeOf(proposal, facts, coin)),
      () => isCurrent && setOutcome('unread'),
    )
    return () => {
      isCurrent = false
    }
  }, [proposal.id, proposal.updated_at])

  const left = permissionsOf(proposal).filter(({ isTaken }) => !isTaken)
  const permissions: Row = {
    name: 'left',
    label: t().rows.left,
    value: left.length === 0 ? t().rows.leftNone : t().rows.leftBelow(left.length),
  }
  if (outcome === null) return <p className="px-4 py-3 text-sm text-quiet md:px-5">{t().settled.reading}</p>
  if (outcome === 'unread')
    return (
      <>
        <p className="px-4 pt-3 text-sm text-care md:px-5" data-testid="outcome">
          {t().settled.unread}
        </p>
        <Rows rows={[permissions]} />
        <Links proposal={proposal} explorer={chain?.explorer_url ?? null} />
      </>
    )
  return (
    <div data-testid="outcome">
      <div className="sides">
        <Side title={t().settled.left} lines={outcome.left} />
        <Side title={t().settled.arrived} lines={outcome.arrived} />
      </div>
      <Rows rows={[...outcome.rows, permissions]} />
      <Links proposal={proposal} explorer={chain?.explorer_url ?? null} />
    </div>
  )
}

function Side({ title, lines }: { title: string; lines: Outcome['left'] }) {
  return (
    <div className="bg-sheet px-4 py-2.5 md:px-5">
      <h3 className="text-sm font-semibold text-quiet">{title}</h3>
      {lines.length === 0 && <p className="font-semibold">{t().sides.nothing}</p>}
      {lines.map((line) => (
        <div key={line.key}>
          <Figure line={line} isLarge />
          {line.now !== null && <p className="text-sm text-quiet">{line.now}</p>}
        </div>
      ))}
    </div>
  )
}

/** The transactions, each with the operator's explorer; without one, the hash to copy. */
function Links({ proposal, explorer }: { proposal: Proposal; explorer: string | null }) {
  return (
    <div className="px-4 pb-3 text-sm md:px-5">
      {proposal.calls.flatMap(({ step, tx_hash: hash }) =>
        hash === null ? (
          []
        ) : (
          <p key={step}>
            <span className="text-quiet">{t().settled.transaction(proposal.calls.length === 1 ? null : step)}</span>{' '}
            {explorer === null ? (
              <span className="address select-all">{hash}</span>
            ) : (
              <a
                className="text-accent underline"
                href={`${explorer.replace(/\/$/, '')}/tx/${hash}`}
                target="_blank"
                rel="noopener noreferrer nofollow"
              >
                {t().settled.viewOn(new URL(explorer).host)}
              </a>
            )}
          </p>
        ),
      )}
    </div>
  )
}
