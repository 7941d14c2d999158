import { BaseError } from '@countersign/base'

/** A setting of OpenTelemetry that cannot be used. */
export class TelemetryError extends BaseError {
  override readonly name = 'telemetry.TelemetryError'
}

/** What the standard variables of OpenTelemetry say, as far as they are read here. */
export interface Settings {
  readonly tracesUrl: string
  readonly metricsUrl: string
  readonly headers: Readonly<Record<string, string>>
  readonly serviceName: string
  /** The share of traces that is sent, 0 to 1. */
  readonly ratio: number
  readonly metricIntervalMs: number
}

/**
 * Names and defaults: OpenTelemetry specification, "OTLP Exporter Configuration" and "Environment Variable Specification".
 *
 * @returns null without `OTEL_EXPORTER_OTLP_ENDPOINT`.
 * @throws {TelemetryError} `server:telemetry:invalid`
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings | null {
  const endpoint = env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? ''
  if (endpoint === '') return null
  const url = URL.parse(endpoint)
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw invalid(
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'Set it to the base URL of a collector, such as http://127.0.0.1:4318.',
    )
  const base = endpoint.replace(/\/$/, '')
  return {
    tracesUrl: `${base}/v1/traces`,
    metricsUrl: `${base}/v1/metrics`,
    headers: headersOf(env['OTEL_EXPORTER_OTLP_HEADERS'] ?? ''),
    serviceName: env['OTEL_SERVICE_NAME'] ?? 'countersign',
    ratio: numberOf(env, 'OTEL_TRACES_SAMPLER_ARG', { least: 0, most: 1, standard: 1 }),
    metricIntervalMs: numberOf(env, 'OTEL_METRIC_EXPORT_INTERVAL', { least: 1_000, most: 3_600_000, standard: 60_000 }),
  }
}

/** `name=value,name=value`, each value percent-encoded. */
function headersOf(text: string): Record<string, string> {
  const pairs = text.split(',').filter((pair) => pair.trim() !== '')
  const headers = pairs.map((pair): [string, string] => {
    const [, name, value] = /^\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? []
    if (name === undefined || value === undefined) throw invalidHeaders()
    try {
      return [name, decodeURIComponent(value)]
    } catch {
      throw invalidHeaders()
    }
  })
  return Object.fromEntries(headers)
}

function invalidHeaders(): TelemetryError {
  return invalid(
    'OTEL_EXPORTER_OTLP_HEADERS',
    'Write name=value pairs with commas between them, values percent-encoded.',
  )
}

function numberOf(
  env: NodeJS.ProcessEnv,
  name: string,
  { least, most, standard }: { least: number; most: number; standard: number },
): number {
  const text = env[name] ?? ''
  if (text === '') return standard
  const value = Number(text)
  if (!(value >= least && value <= most)) throw invalid(name, `Set it to a number from ${least} to ${most}.`)
  return value
}

function invalid(name: string, hint: string): TelemetryError {
  return new TelemetryError(`${name} is not valid.`, { code: 'server:telemetry:invalid', kind: 'invalid', hint })
}
