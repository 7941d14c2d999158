import type { Rate, Row } from '../Result.ts'

const WIDTH = 760
const LABEL = 320
const BAR = 18
const GAP = 8
const RIGHT = 110
const PLOT = WIDTH - LABEL - RIGHT

/** One bar: a value from 0 to `max`, with an interval where there is one, and its text at the end. */
interface Bar {
  readonly label: string
  readonly value: number
  readonly low?: number
  readonly high?: number
  readonly text: string
}

/** Shares with their 95 % intervals as bars, in SVG. The text beside each bar says the same: nothing is said by colour alone. */
export function rateChart(title: string, rates: readonly Rate[]): string {
  return chart(
    title,
    rates.map(({ subject, metric, rate, low, high, hits, n }) => ({
      ...{ label: `${subject}: ${metric}`, value: rate, low, high },
      text: `${hits}/${n} (${(100 * rate).toFixed(1)} %)`,
    })),
    1,
  )
}

/** Medians with the 99th percentile as the end of a line, in SVG, on one scale. */
export function timeChart(title: string, rows: readonly Row[]): string {
  const max = Math.max(...rows.map(({ p99 }) => p99), Number.MIN_VALUE)
  return chart(
    title,
    rows.map(({ subject, metric, unit, p50, p99 }) => ({
      ...{ label: `${subject}: ${metric}`, value: p50, low: p50, high: p99 },
      text: `${round(p50)}, p99 ${round(p99)} ${unit}`,
    })),
    max,
  )
}

const round = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))

function chart(title: string, bars: readonly Bar[], max: number): string {
  const height = 40 + bars.length * (BAR + GAP)
  const x = (value: number): number => Math.round(LABEL + (PLOT * Math.min(Math.max(value, 0), max)) / max)
  const lines = bars.flatMap(({ label, value, low, high, text }, i) => {
    const y = 36 + i * (BAR + GAP)
    const middle = y + BAR / 2
    const interval =
      low === undefined || high === undefined
        ? []
        : [`<path d="M${x(low)} ${middle}H${x(high)}M${x(low)} ${y + 3}v${BAR - 6}M${x(high)} ${y + 3}v${BAR - 6}"/>`]
    return [
      `<text x="${LABEL - 8}" y="${middle + 4}" text-anchor="end">${escape(label)}</text>`,
      `<rect x="${LABEL}" y="${y}" width="${Math.max(x(value) - LABEL, 1)}" height="${BAR}"/>`,
      ...interval,
      `<text x="${x(Math.max(value, high ?? 0)) + 6}" y="${middle + 4}">${escape(text)}</text>`,
    ]
  })
  const style =
    'text{font:12px system-ui,sans-serif;fill:#1d2733}rect{fill:#7d9cc0}path{stroke:#1d2733;fill:none}.t{font-weight:600;font-size:14px}'
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH + 120} ${height}" role="img" aria-label="${escape(title)}">`,
    `<style>${style}</style><rect x="0" y="0" width="${WIDTH + 120}" height="${height}" style="fill:#fff"/>`,
    `<text class="t" x="8" y="20">${escape(title)}</text>`,
    ...lines,
    '</svg>\n',
  ].join('\n')
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
