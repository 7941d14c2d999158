import { t } from '../text/text.ts'

/** Two addresses that look alike, one above the other, with what differs set apart. */
export function Lookalike({
  evidence,
  subject,
}: {
  evidence: Readonly<Record<string, unknown>>
  subject: string | null
}) {
  const { resembles, same_start: start, same_end: end } = evidence
  if (typeof resembles !== 'string' || typeof start !== 'number' || typeof end !== 'number' || subject === null)
    return null
  return (
    <dl className="mt-1" data-testid="lookalike">
      {[
        { label: t().lookalike.this, address: subject },
        { label: t().lookalike.known, address: resembles },
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
