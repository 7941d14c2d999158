import { CountersignError, noAnswer } from './errors.ts'
import type { Refusal, Routes } from './wire.ts'

/** Sends one request with what the caller shows of itself. */
export type SendRequest = (
  method: string,
  path: string,
  init?: RequestInit & { readonly body?: string },
) => Promise<Response>

/** What a route is asked with: parameters of the path, of the query, and the JSON body. */
export type Asked<R extends keyof Routes> = (Routes[R]['params'] extends null
  ? { readonly params?: undefined }
  : { readonly params: Routes[R]['params'] }) &
  (Routes[R]['query'] extends null ? { readonly query?: undefined } : { readonly query?: Routes[R]['query'] }) &
  (Routes[R]['body'] extends null ? { readonly body?: undefined } : { readonly body?: Routes[R]['body'] }) & {
    readonly signal?: AbortSignal
    /** Sent besides, such as `Idempotency-Key`. */
    readonly headers?: Readonly<Record<string, string>>
  }

/** Asks one route by its name, as the API reference has it. */
export type Ask = <R extends keyof Routes>(route: R, asked: Asked<R>) => Promise<Routes[R]['answer']>

/** Makes `Ask` of a way to send requests. */
export function createAsk(send: SendRequest): Ask {
  return async <R extends keyof Routes>(route: R, asked: Asked<R>): Promise<Routes[R]['answer']> => {
    const [method = '', template = ''] = route.split(' ')
    const response = await send(method, pathOf(template, asked), {
      headers: { ...(asked.body === undefined ? {} : { 'Content-Type': 'application/json' }), ...asked.headers },
      ...(asked.body === undefined ? {} : { body: JSON.stringify(asked.body) }),
      ...(asked.signal === undefined ? {} : { signal: asked.signal }),
    })
    if (!response.ok) throw await refusalOf(response)
    try {
      return (await response.json()) as Routes[R]['answer']
    } catch (cause) {
      if (asked.signal?.aborted === true) throw noAnswer(cause, asked.signal)
      throw new CountersignError(
        response.status,
        { error: 'The answer is not JSON.', hint: 'Check that the address is that of a Countersign server.' },
        { cause },
      )
    }
  }
}

/** The path with its parameters, each one encoded segment, and the query. */
function pathOf(
  template: string,
  {
    params,
    query,
  }: {
    readonly params?: Readonly<Record<string, string>> | null | undefined
    readonly query?: Readonly<Record<string, unknown>> | null | undefined
  },
): string {
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params?.[name] ?? ''))
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null)
  return given.length === 0
    ? path
    : `${path}?${given.map(([name, value]) => `${name}=${encodeURIComponent(textOf(value))}`).join('&')}`
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** What a refused request is reported as. */
export async function refusalOf(response: Response): Promise<CountersignError> {
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
  return new CountersignError(response.status, await readRefusal(response), {
    retryAfterS: Number.isFinite(retryAfter) ? retryAfter : null,
  })
}

async function readRefusal(response: Response): Promise<Partial<Refusal>> {
  try {
    return (await response.json()) as Partial<Refusal>
  } catch {
    return {}
  }
}

/** Adds to a way to send requests that what gets no answer is a `CountersignError`. */
export function reporting(doFetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    try {
      return await doFetch(input, init)
    } catch (cause) {
      throw noAnswer(cause, init?.signal)
    }
  }
}

/** Waits, or ends early when the signal aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
}
