import type { KeyUsage } from '@countersign/sdk'
import { useState } from 'react'
import { ask } from './ask.ts'
import { Nothing, Shown, Time } from './Parts.tsx'
import { OUTCOMES, totalOf, UsageChart } from './UsageChart.tsx'
import { useLoad } from './useLoad.ts'

const RANGES = [
  [24, '24 hours'],
  [72, '3 days'],
  [336, '14 days'],
] as const

/** How requests with a key ended: a picture, the same as a table, and when the key was held back. */
export function KeyUsagePart({ app, id }: { app: string; id: string }) {
  const [hours, setHours] = useState<number>(24)
  const usage = useLoad(
    () => ask<KeyUsage>('GET', `/api/admin/keys/${id}/usage?hours=${hours}`, { app }),
    `${app} ${id} ${hours}`,
  )
  return (
    <div className="mt-2 flex min-w-0 flex-col gap-3">
      <fieldset className="flex flex-wrap gap-x-4">
        <legend className="sr-only">Range</legend>
        {RANGES.map(([count, words]) => (
          <label key={count} className="flex min-h-11 items-center gap-2">
            <input
              type="radio"
              className="size-5"
              name={`range-${id}`}
              checked={hours === count}
              onChange={() => setHours(count)}
            />
            {words}
          </label>
        ))}
      </fieldset>
      <Shown loaded={usage}>
        {(value) =>
          value.hours.every((hour) => totalOf(hour) === 0) && value.anomalies.length === 0 ? (
            <Nothing>No request with this key in this time. Counts arrive within a minute.</Nothing>
          ) : (
            <>
              <UsageChart usage={value} />
              <Anomalies usage={value} />
              <Twin usage={value} />
            </>
          )
        }
      </Shown>
    </div>
  )
}

function Anomalies({ usage }: { usage: KeyUsage }) {
  if (usage.anomalies.length === 0) return <p>The key was not held back in this time.</p>
  return (
    <ul className="flex flex-col gap-1">
      {usage.anomalies.map(({ at, level, evidence }) => (
        <li key={at}>
          ▲ <Time iso={at} />: held back ({level}). {evidence.join('; ')}
        </li>
      ))}
    </ul>
  )
}

/** Everything that the picture shows, as text. Hours without a request are left out. */
function Twin({ usage }: { usage: KeyUsage }) {
  return (
    <details>
      <summary className="min-h-6 cursor-pointer">As a table</summary>
      {/* Focusable, so that a keyboard can scroll it where it is wider than the page. */}
      <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Usage by hour">
        <table className="w-full text-left">
          <thead>
            <tr>
              <th scope="col" className="pr-3">
                Hour
              </th>
              {OUTCOMES.map(({ name, words }) => (
                <th key={name} scope="col" className="pr-3">
                  {words}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {usage.hours
              .filter((hour) => totalOf(hour) > 0)
              .map((hour) => (
                <tr key={hour.at} className="border-t border-line">
                  <th scope="row" className="pr-3 font-normal">
                    <Time iso={hour.at} />
                  </th>
                  {OUTCOMES.map(({ name }) => (
                    <td key={name} className="figure pr-3">
                      {hour[name].toLocaleString('en')}
                    </td>
                  ))}
                </tr>
              ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}
