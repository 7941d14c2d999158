import type { HrTime } from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import type { CollectionResult, DataPoint, Histogram, MetricData } from '@opentelemetry/sdk-metrics'
import type { MetricObjectWithValues, MetricValue, Registry } from 'prom-client'

/** The words of OpenTelemetry's metrics, handed in because they are loaded only where they are used. */
export interface Words {
  readonly sum: MetricData['dataPointType']
  readonly gauge: MetricData['dataPointType']
  readonly histogram: MetricData['dataPointType']
  readonly cumulative: MetricData['aggregationTemporality']
  readonly double: MetricData['descriptor']['valueType']
}

/** A value of a histogram also names the series it is part of. */
type Value = MetricValue<string> & { readonly metricName?: string }

/** What `/metrics` serves, in OpenTelemetry's form: each number is counted once, in one registry. */
export async function readRegistry(
  registry: Registry,
  { resource, words, startTime, now }: { resource: Resource; words: Words; startTime: HrTime; now: HrTime },
): Promise<CollectionResult> {
  const found = (await registry.getMetricsAsJSON()) as MetricObjectWithValues<Value>[]
  const span = { startTime, endTime: now }
  const metrics = found.flatMap((metric): MetricData[] => {
    const descriptor = {
      name: metric.name,
      description: metric.help,
      unit: unitOf(metric.name),
      valueType: words.double,
    }
    const base = { descriptor, aggregationTemporality: words.cumulative }
    // prom-client writes the type as a word, whatever its declaration says.
    const type = metric.type as unknown as string
    if (type === 'histogram')
      return [{ ...base, dataPointType: words.histogram, dataPoints: histogramsOf(metric.values, span) } as MetricData]
    if (type === 'summary') return []
    const dataPoints = metric.values.map(({ labels, value }): DataPoint<number> => ({
      ...span,
      attributes: plain(labels),
      value,
    }))
    return [
      type === 'counter'
        ? ({ ...base, dataPointType: words.sum, isMonotonic: true, dataPoints } as MetricData)
        : ({ ...base, dataPointType: words.gauge, dataPoints } as MetricData),
    ]
  })
  return {
    resourceMetrics: { resource, scopeMetrics: [{ scope: { name: 'countersign' }, metrics }] },
    errors: [],
  }
}

/** Prometheus counts a bucket with all below it; OpenTelemetry counts each bucket alone. */
function histogramsOf(values: readonly Value[], span: { startTime: HrTime; endTime: HrTime }): DataPoint<Histogram>[] {
  const series = new Map<
    string,
    { attributes: Record<string, string>; upTo: [number, number][]; sum: number; count: number }
  >()
  for (const { labels, value, metricName = '' } of values) {
    const { le, ...rest } = plain(labels)
    const id = JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)))
    const found = series.get(id) ?? { attributes: rest, upTo: [], sum: 0, count: 0 }
    series.set(id, found)
    if (metricName.endsWith('_sum')) found.sum = value
    else if (metricName.endsWith('_count')) found.count = value
    else if (le !== undefined && le !== '+Inf') found.upTo.push([Number(le), value])
  }
  return [...series.values()].map(({ attributes, upTo, sum, count }) => {
    const sorted = upTo.toSorted(([a], [b]) => a - b)
    const counts = [...sorted.map(([, n]) => n), count].map((n, i, all) => n - (all[i - 1] ?? 0))
    return {
      ...span,
      attributes,
      value: { buckets: { boundaries: sorted.map(([bound]) => bound), counts }, sum, count },
    }
  })
}

function plain(labels: Partial<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]))
}

function unitOf(name: string): string {
  if (/_seconds(?:_total)?$/.test(name)) return 's'
  return /_bytes(?:_total)?$/.test(name) ? 'By' : ''
}
