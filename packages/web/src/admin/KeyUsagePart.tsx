import type { KeyUsage } from '@countersign/sdk'
import { useState } from 'react'
import { admin } from '../text/admin.ts'
import { ask } from './ask.ts'
import { figure } from './figures.ts'
import { Nothing, Served, Shown, Time } from './Parts.tsx'
import { OUTCOMES, totalOf, UsageChart } from './UsageChart.tsx'
import { useLoad } from './useLoad.ts'

/** In hours. */
const RANGES = [24, 72, 336] as const

/** How requests with a key ended: a picture, the same as a table, and when the key was held back. */
export function KeyUsagePart({ app, id }: { app: string; id: string }) {
  const [hours, setHours] = useState<number>(24)
  const usage = useLoad(
    () => ask<KeyUsage>('GET', `/api/admin/keys/${id}/usage?hours=${hours}`, { app }),
    `${app} ${id} ${hours}`,
  )
  const words = admin().usage
  return (
    <div className="mt-2 flex min-w-0 flex-col gap-3">
      <fieldset className="flex flex-wrap gap-x-4">
        <legend className="sr-only">{words.range}</legend>
        {RANGES.map((count) => (
          <label key={count} className="flex min-h-11 items-center gap-2">
            <input
              type="radio"
              className="size-5"
              name={`range-${id}`}
              checked={hours === count}
              onChange={() => setHours(count)}
            />
            {words.ranges[count]}
          </label>
        ))}
      </fieldset>
      <Shown loaded={usage}>
        {(value) =>
          value.hours.every((hour) => totalOf(hour) === 0) && value.anomalies.length === 0 ? (
            <Nothing>{words.none}</Nothing>
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
  const words = admin().usage
  if (usage.anomalies.length === 0) return <p>{words.notHeldBack}</p>
  return (
    <ul className="flex flex-col gap-1">
      {usage.anomalies.map(({ at, level, evidence }) => (
        <li key={at}>
          ▲ <Time iso={at} />: {words.wasHeldBack(words.levels[level])} <Served>{evidence.join('; ')}</Served>
        </li>
      ))}
    </ul>
  )
}

/** Everything that the picture shows, as text. Hours without a request are left out. */
function Twin({ usage }: { usage: KeyUsage }) {
  const words = admin().usage
  return (
    <details>
      <summary className="min-h-6 cursor-pointer">{words.asTable}</summary>
      {/* Focusable, so that a keyboard can scroll it where it is wider than the page. */}
      <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={words.byHour}>
        <table className="w-full text-left">
          <thead>
            <tr>
              <th scope="col" className="pr-3">
                {words.hour}
              </th>
              {OUTCOMES.map(({ name }) => (
                <th key={name} scope="col" className="pr-3">
                  {words.outcomes[name]}
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
                      {figure(String(hour[name]))}
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
