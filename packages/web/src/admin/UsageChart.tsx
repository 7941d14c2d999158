import type { KeyUsage } from '@countersign/sdk'
import { useId } from 'react'
import { admin } from '../text/admin.ts'

type Hour = KeyUsage['hours'][number]

/** From the ground up. Each has a pattern of its own: the picture reads in black and white. */
export const OUTCOMES = [
  { name: 'served', lines: '' },
  { name: 'invalid', lines: 'M0 6L6 0' },
  { name: 'refused', lines: 'M0 0L6 6M0 6L6 0' },
  { name: 'limited', lines: 'M0 3H6' },
  { name: 'failed', lines: 'M3 0V6M0 3H6' },
] as const satisfies readonly { name: keyof Hour; lines: string }[]

export function totalOf(hour: Hour): number {
  return OUTCOMES.reduce((sum, { name }) => sum + hour[name], 0)
}

/** The next round number above a count: 1, 2 or 5 times a power of ten. */
export function roundUp(count: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(count, 1)))
  return [1, 2, 5, 10].map((step) => step * power).find((each) => each >= count) ?? 10 * power
}

/** Hours that stand in one bar, so that a bar stays wide enough to see. */
function barsOf(hours: readonly Hour[]): { readonly at: string; readonly counts: Hour }[] {
  const perBar = Math.ceil(hours.length / 48)
  const bars: { at: string; counts: Hour }[] = []
  for (let from = 0; from < hours.length; from += perBar) {
    const own = hours.slice(from, from + perBar)
    const [first] = own
    if (first === undefined) break
    const sum = (name: (typeof OUTCOMES)[number]['name']): number => own.reduce((all, each) => all + each[name], 0)
    bars.push({
      at: first.at,
      counts: {
        ...{ at: first.at, served: sum('served'), invalid: sum('invalid'), refused: sum('refused') },
        ...{ limited: sum('limited'), failed: sum('failed') },
      },
    })
  }
  return bars
}

const WIDTH = 640
const HEIGHT = 160
const TOP = 16

/** Requests over time, stacked by outcome; a triangle stands where the key was held back. The table beside it says the same. */
export function UsageChart({ usage }: { usage: KeyUsage }) {
  const id = useId()
  const bars = barsOf(usage.hours)
  const most = roundUp(Math.max(...bars.map(({ counts }) => totalOf(counts)), 1))
  const width = WIDTH / bars.length
  const heightOf = (count: number): number => (count / most) * (HEIGHT - TOP)
  const all = usage.hours.reduce((sum, hour) => sum + totalOf(hour), 0)
  const words = admin().usage
  const parts = OUTCOMES.map(({ name }) =>
    words.count(
      usage.hours.reduce((sum, hour) => sum + hour[name], 0),
      words.outcomes[name].toLowerCase(),
    ),
  )
  return (
    <figure className="min-w-0">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT + 2}`}
        role="img"
        aria-label={words.picture(all, parts.join(', '), usage.anomalies.length)}
        className="w-full text-ink"
      >
        <defs>
          {OUTCOMES.map(({ name, lines }) => (
            <pattern key={name} id={`${id}-${name}`} width="6" height="6" patternUnits="userSpaceOnUse">
              {/* What is served is solid; what is not is lines on the paper, each its own. */}
              <rect width="6" height="6" className={lines === '' ? 'fill-accent' : 'fill-paper'} />
              <path d={lines} className="stroke-ink" strokeWidth="1.2" fill="none" />
            </pattern>
          ))}
        </defs>
        {[1, 0.5].map((share) => (
          <line
            key={share}
            x1="0"
            x2={WIDTH}
            y1={HEIGHT - heightOf(most * share)}
            y2={HEIGHT - heightOf(most * share)}
            className="stroke-line"
          />
        ))}
        {bars.map(({ at, counts }, index) => {
          let ground = HEIGHT
          return OUTCOMES.map(({ name }) => {
            const height = heightOf(counts[name])
            ground -= height
            return height === 0 ? null : (
              <rect
                key={`${at} ${name}`}
                x={index * width + width * 0.1}
                y={ground}
                width={width * 0.8}
                height={height}
                fill={`url(#${id}-${name})`}
                className="stroke-ink"
                strokeWidth="0.75"
              />
            )
          })
        })}
        <line x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} className="stroke-ink" />
        {usage.anomalies.map(({ at }) => {
          const index = bars.findLastIndex((bar) => bar.at <= at)
          const x = (Math.max(index, 0) + 0.5) * width
          return <path key={at} d={`M${x - 6} 12L${x + 6} 12L${x} 1Z`} className="fill-bad stroke-ink" />
        })}
      </svg>
      <figcaption className="mt-1 flex flex-wrap gap-x-4 gap-y-1 text-sm">
        <span>{words.topLine(most)}</span>
        {OUTCOMES.map(({ name }) => (
          <span key={name} className="inline-flex items-center gap-1.5">
            <svg width="16" height="16" aria-hidden="true" className="text-ink">
              <rect width="15" height="15" x="0.5" y="0.5" fill={`url(#${id}-${name})`} className="stroke-ink" />
            </svg>
            {words.outcomes[name]}
          </span>
        ))}
        <span>{words.markHeldBack}</span>
      </figcaption>
    </figure>
  )
}
