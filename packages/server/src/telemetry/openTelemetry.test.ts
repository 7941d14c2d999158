/** What a caller's header decides about the traces that are sent. */
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { openTelemetry } from './openTelemetry.ts'

/** Trace ids that samplers by ratio always and never take, by their last eight bytes. */
const IDS = ['0'.repeat(31) + '1', 'f'.repeat(32)] as const

test('promise: a caller’s header does not decide whether its request is sent', async () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_TRACES_SAMPLER_ARG: '0.5' }
  const telemetry = await openTelemetry(env, { registry: new Registry(), instanceId: 'one', version: '0' })
  try {
    for (const id of IDS)
      for (const flags of ['00', '01']) {
        const traceparent = `00-${id}-${'1'.repeat(16)}-${flags}`
        const taken = Array.from({ length: 200 }, () => {
          const served = telemetry?.serve({ method: 'GET', route: '', traceparent, sinceMs: 0 })
          expect(served?.trace.traceId).toBe(id)
          return (served?.trace.traceFlags ?? 0) & 1
        })
        // All 200 alike by chance: once in 2^199.
        expect(new Set(taken), `${id} ${flags}`).toEqual(new Set([0, 1]))
      }
  } finally {
    await telemetry?.close()
  }
})
