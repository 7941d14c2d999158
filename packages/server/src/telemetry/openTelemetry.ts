import type { Context, HrTime, Span, Tracer } from '@opentelemetry/api'
import type { Sampler } from '@opentelemetry/sdk-trace'
import type { Registry } from 'prom-client'
import { readRegistry } from './readRegistry.ts'
import { readSettings } from './readSettings.ts'
import type { Done, ServedRequest, Telemetry, Trace } from './Telemetry.ts'

/** How long a collector may take to answer, in milliseconds. What it does not take is dropped: nothing waits for it. */
const EXPORT_TIMEOUT_MS = 5_000

/**
 * Sends traces and the metrics of a registry to a collector, by OTLP over HTTP with JSON. A collector that is slow or gone
 * costs spans and nothing else. OpenTelemetry is loaded here, so that a server without a collector does without it.
 *
 * @param of.version - Of this program.
 * @returns null without `OTEL_EXPORTER_OTLP_ENDPOINT`.
 * @throws {TelemetryError} `server:telemetry:invalid`
 */
export async function openTelemetry(
  env: NodeJS.ProcessEnv,
  { registry, instanceId, version }: { registry: Registry; instanceId: string; version: string },
): Promise<Telemetry | null> {
  const settings = readSettings(env)
  if (settings === null) return null
  const [api, traces, metrics, resources, traceExport, metricExport] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/sdk-metrics'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/exporter-metrics-otlp-http'),
  ])
  const resource = resources.resourceFromAttributes({
    'service.name': settings.serviceName,
    'service.version': version,
    'service.instance.id': instanceId,
  })
  const sending = { headers: { ...settings.headers }, timeoutMillis: EXPORT_TIMEOUT_MS }
  const ratio = new traces.TraceIdRatioBasedSampler(settings.ratio)
  // A caller names the trace, so its id decides nothing either: an id of its own does for each request.
  const ids = new traces.RandomIdGenerator()
  const unasked: Sampler = {
    shouldSample: (context) => ratio.shouldSample(context, ids.generateTraceId()),
    toString: () => `Unasked{${ratio.toString()}}`,
  }
  const provider = new traces.TracerProvider({
    resource,
    // What a caller's header asks for changes nothing: it could ask for everything.
    sampler: new traces.ParentBasedSampler({
      root: ratio,
      remoteParentSampled: unasked,
      remoteParentNotSampled: unasked,
    }),
    spanProcessors: [
      new traces.BatchSpanProcessor({
        exporter: new traceExport.OTLPTraceExporter({ ...sending, url: settings.tracesUrl }),
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
      }),
    ],
  })
  const startTime = now()
  const words = {
    sum: metrics.DataPointType.SUM,
    gauge: metrics.DataPointType.GAUGE,
    histogram: metrics.DataPointType.HISTOGRAM,
    cumulative: metrics.AggregationTemporality.CUMULATIVE,
    double: api.ValueType.DOUBLE,
  }
  const meters = new metrics.MeterProvider({
    resource,
    readers: [
      new metrics.PeriodicExportingMetricReader({
        exporter: new metricExport.OTLPMetricExporter({ ...sending, url: settings.metricsUrl }),
        exportIntervalMillis: settings.metricIntervalMs,
        exportTimeoutMillis: Math.min(EXPORT_TIMEOUT_MS, settings.metricIntervalMs),
        metricProducers: [{ collect: () => readRegistry(registry, { resource, words, startTime, now: now() }) }],
      }),
    ],
  })
  return tracing(api, provider.getTracer('countersign', version), async () => {
    // A collector that is gone must not keep a server from ending.
    await Promise.allSettled([provider.shutdown(), meters.shutdown()])
  })
}

function tracing(api: typeof import('@opentelemetry/api'), tracer: Tracer, close: () => Promise<void>): Telemetry {
  const below = (parent: Trace | null): Context =>
    parent !== null && api.isSpanContextValid(parent)
      ? api.trace.setSpanContext(api.ROOT_CONTEXT, parent)
      : api.ROOT_CONTEXT
  const endWith = (span: Span, hasFailed: boolean): void => {
    if (hasFailed) span.setStatus({ code: api.SpanStatusCode.ERROR })
    span.end()
  }
  return {
    serve({ method, route, traceparent, sinceMs }): ServedRequest {
      const span = tracer.startSpan(
        route === '' ? method : `${method} ${route}`,
        {
          kind: api.SpanKind.SERVER,
          startTime: Date.now() - sinceMs,
          attributes: { 'http.request.method': method, ...(route === '' ? {} : { 'http.route': route }) },
        },
        below(readTraceparent(traceparent)),
      )
      return {
        trace: span.spanContext(),
        end({ status, app }) {
          span.setAttributes({
            'http.response.status_code': status,
            ...(app === null ? {} : { 'countersign.app': app }),
          })
          endWith(span, status >= 500)
        },
      }
    },
    note({ name, kind, tookMs, attributes, hasFailed }: Done, parent) {
      const span = tracer.startSpan(
        name,
        {
          kind: kind === 'client' ? api.SpanKind.CLIENT : api.SpanKind.INTERNAL,
          startTime: Date.now() - tookMs,
          attributes,
        },
        below(parent),
      )
      endWith(span, hasFailed)
    },
    close,
  }
}

/** W3C Trace Context, version 00. */
function readTraceparent(text: string | undefined): Trace | null {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(text ?? '') ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return null
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
}

function now(): HrTime {
  const ms = performance.timeOrigin + performance.now()
  return [Math.floor(ms / 1_000), Math.round((ms % 1_000) * 1e6)]
}
