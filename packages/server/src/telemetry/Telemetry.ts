import type { Attributes, SpanContext } from '@opentelemetry/api'

/** Where a piece of work belongs in a trace. */
export type Trace = SpanContext

/** Something that took time and is over. Attributes are routes, chains and outcomes: never a key, a session or an address. */
export interface Done {
  readonly name: string
  /** `client`: what another host was asked. */
  readonly kind: 'internal' | 'client'
  readonly tookMs: number
  readonly attributes: Attributes
  readonly hasFailed: boolean
}

/** A request that is being served. */
export interface ServedRequest {
  /** What the request does stands below this. */
  readonly trace: Trace
  end(of: { readonly status: number; readonly app: string | null }): void
}

/** Traces and metrics over OTLP. */
export interface Telemetry {
  /** @param of.sinceMs - How long ago it came. */
  serve(of: {
    readonly method: string
    /** As the router writes it; empty for none. */
    readonly route: string
    /** The header of W3C Trace Context, as it came. */
    readonly traceparent: string | undefined
    readonly sinceMs: number
  }): ServedRequest
  /** @param parent - null for work of the server's own. */
  note(done: Done, parent: Trace | null): void
  /** Sends what waits, and ends. */
  close(): Promise<void>
}
