import type { Proposal, PublicConfig } from '@countersign/sdk'
import { useEffect, useState } from 'react'
import { coinOf, permissionsOf, type Row } from './Card.ts'
import { Rows } from './FirstScreen.tsx'
import { Figure } from './Figure.tsx'
import { outcomeOf, type Outcome } from './Outcome.ts'
import { readOutcome } from './readOutcome.ts'

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
    label: 'Permissions left',
    value: left.length === 0 ? 'none' : `${left.length}, listed below`,
  }
  if (outcome === null) return <p className="px-4 py-3 text-sm text-quiet md:px-5">Reading what really moved…</p>
  if (outcome === 'unread')
    return (
      <>
        <p className="px-4 pt-3 text-sm text-care md:px-5" data-testid="outcome">
          It is on the chain as approved. This browser could not read the amounts that moved.
        </p>
        <Rows rows={[permissions]} />
        <Links proposal={proposal} explorer={chain?.explorer_url ?? null} />
      </>
    )
  return (
    <div data-testid="outcome">
      <div className="sides">
        <Side title="Left you" lines={outcome.left} />
        <Side title="Arrived" lines={outcome.arrived} />
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
      {lines.length === 0 && <p className="font-semibold">Nothing</p>}
      {lines.map((line) => (
        <div key={line.key}>
          <Figure line={line} isLarge />
          {line.now !== null && <p className="text-sm text-quiet">now {line.now}</p>}
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
            <span className="text-quiet">
              Transaction{proposal.calls.length === 1 ? '' : ` ${step}`}, verified on chain
            </span>{' '}
            {explorer === null ? (
              <span className="address select-all">{hash}</span>
            ) : (
              <a
                className="text-accent underline"
                href={`${explorer.replace(/\/$/, '')}/tx/${hash}`}
                target="_blank"
                rel="noopener noreferrer nofollow"
              >
                View on {new URL(explorer).host}
              </a>
            )}
          </p>
        ),
      )}
    </div>
  )
}
