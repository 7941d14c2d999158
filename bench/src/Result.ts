import { cpus, totalmem } from 'node:os'

export interface Row {
  readonly case: string
  readonly subject: string
  readonly metric: string
  readonly unit: string
  readonly n: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/** A share of cases with its 95 % interval (Wilson). */
export interface Rate {
  readonly case: string
  readonly subject: string
  readonly metric: string
  readonly hits: number
  readonly n: number
  readonly rate: number
  readonly low: number
  readonly high: number
}

export interface Result {
  readonly bench: string
  readonly date: string
  readonly machine: string
  readonly node: string
  readonly rows: Row[]
  readonly ratios: {
    readonly case: string
    readonly metric: string
    readonly subject: string
    readonly over: string
    readonly value: number
    /** What a value above 1 means; without it the subject is faster. */
    readonly above1?: 'faster' | 'slower'
  }[]
  /** Shares, where a benchmark counts and does not time. */
  rates?: readonly Rate[]
  /** What was not counted, and why. */
  leftOut?: readonly string[]
  readonly bars: { readonly name: string; readonly value: number; readonly target: string; readonly holds: boolean }[]
}

export function empty(bench: string): Result {
  const [cpu] = cpus()
  return {
    bench,
    date: new Date().toISOString(),
    machine: `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
    rows: [],
    ratios: [],
    bars: [],
  }
}

/** The middle one, and of an even number the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2
}

/** Percentiles of samples, rounded to the microsecond. */
export function row(labels: Pick<Row, 'case' | 'subject' | 'metric' | 'unit'>, samples: readonly number[]): Row {
  const sorted = samples.toSorted((a, b) => a - b)
  const at = (share: number) =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN) * 1000) / 1000
  return { ...labels, n: samples.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

/** What people read: rows, ratios, and every bar, held or missed. */
export function render(result: Result): string {
  const lines = [`${result.bench} · ${result.machine} · Node ${result.node} · ${result.date}`, '']
  for (const each of result.rows) {
    lines.push(
      `${each.case.padEnd(34)} ${each.subject.padEnd(24)} ${each.metric.padEnd(6)} p50 ${String(each.p50).padStart(9)}  p95 ${String(each.p95).padStart(9)} ${each.unit} (n=${each.n})`,
    )
  }
  const percent = (value: number) => `${(value * 100).toFixed(1)} %`
  for (const each of result.rates ?? [])
    lines.push(
      `${each.case.padEnd(34)} ${each.subject.padEnd(26)} ${each.metric.padEnd(12)} ${`${each.hits}/${each.n}`.padStart(7)} ${percent(each.rate).padStart(8)}  (95 %: ${percent(each.low)} to ${percent(each.high)})`,
    )
  for (const each of result.leftOut ?? []) lines.push(`left out: ${each}`)
  lines.push('')
  for (const each of result.ratios)
    lines.push(
      `${each.case}: ${each.subject} is ${each.value.toFixed(2)} times as ${each.above1 === 'slower' ? 'slow' : 'fast'} as ${each.over} (${each.metric})`,
    )
  lines.push('')
  for (const bar of result.bars)
    lines.push(`${bar.holds ? 'held  ' : 'MISSED'} ${bar.name}: ${bar.value.toFixed(2)} (target ${bar.target})`)
  return lines.join('\n')
}
