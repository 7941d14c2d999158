import type { Proposal } from '@countersign/sdk'
import { lazy, Suspense } from 'react'
import { ORACLE_CHAINS } from '../prices/OracleChains.ts'
import * as Amount from './Amount.ts'
import { laterOf, type Line, type Side } from './Card.ts'
import { Figure } from './Figure.tsx'
import { t } from '../text/text.ts'

// Only on chains where a price can be read.
const Worth = lazy(() =>
  import('../prices/Worth.tsx').then(
    (own) => ({ default: own.Worth }),
    // A price that does not load takes nothing else off the card.
    () => ({ default: () => null }),
  ),
)

/** What leaves and what arrives, side by side; under each other where a phone is narrow. */
export function Movements({
  sides,
  proposal,
  isOver,
}: {
  sides: readonly Side[]
  proposal: Proposal
  /** The card is over: these were only a forecast. */
  isOver: boolean
}) {
  // What cannot be signed costs nothing.
  const hasFee = proposal.report?.verdict !== 'block'
  const isCareful = isOver || proposal.report?.verdict !== 'allow'
  const later = laterOf(proposal)
  return sides.map(({ owner, isSelf, leaves, arrives }) => (
    <section key={owner} className="sides" aria-label={t().sides.label(owner)} data-testid="sides">
      <div className="bg-sheet px-4 py-2.5 md:px-5">
        <h3 className="text-sm font-semibold text-quiet [overflow-wrap:anywhere]">
          {(isOver ? t().sides.wouldHaveLeft : t().sides.leaves)(owner)}
        </h3>
        {leaves.length === 0 && (
          <p className="font-semibold">
            {later !== null ? t().sides.nothingNow : t().sides.nothing}
            {later === null && hasFee && (
              <span className="block text-sm font-normal text-quiet">{t().sides.onlyFee}</span>
            )}
          </p>
        )}
        {leaves.map((line) => (
          <Movement key={line.key} line={line} tone="text-ink" chainId={proposal.chain_id} />
        ))}
        {isSelf && later !== null && <p className="text-sm font-semibold text-bad">{later}</p>}
      </div>
      <div className="bg-sheet px-4 py-2.5 md:px-5">
        <h3 className="text-sm font-semibold text-quiet">{isOver ? t().sides.wouldHaveArrived : t().sides.arrives}</h3>
        {arrives.length === 0 ? (
          <p className="font-semibold">
            {t().sides.nothing}
            {leaves.length > 0 && (
              <span className="block text-sm font-normal text-quiet">{t().sides.receiveNothing}</span>
            )}
          </p>
        ) : (
          arrives.map((line) => (
            <Movement
              key={line.key}
              line={line}
              tone={isCareful ? 'text-ink' : 'text-good'}
              chainId={proposal.chain_id}
            />
          ))
        )}
      </div>
    </section>
  ))
}

function Movement({ line, tone, chainId }: { line: Line; tone: string; chainId: number }) {
  return (
    <div className={tone}>
      <Figure line={line} isLarge />
      {line.atLeast !== null && <p className="figure text-sm text-ink">{line.atLeast}</p>}
      {line.whole !== null && chainId in ORACLE_CHAINS && (
        <Suspense fallback={null}>
          <Worth chainId={chainId} token={line.token} {...line.whole} />
        </Suspense>
      )}
      <div className="text-sm text-quiet">
        {line.token !== null && (
          <span className="address mr-2" title={line.token}>
            {Amount.short(line.token)}
          </span>
        )}
        {line.exact !== null && (
          <details className="inline-block max-w-full">
            <summary className="cursor-pointer underline decoration-dotted">{t().sides.exact}</summary>
            <span className="select-all text-ink [overflow-wrap:anywhere]">{line.exact}</span>
          </details>
        )}
      </div>
    </div>
  )
}
