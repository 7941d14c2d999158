import type { Clock } from '@countersign/base'

/** What is told of the work of the server, as far as it is counted here. */
interface News {
  providerAsked(
    chainId: number,
    request: { readonly host: string; readonly fault: string | null; readonly tookMs: number },
  ): void
  turnFailed(turn: { readonly model: string; readonly failure: { readonly status: number | null } }): void
  usage(model: string, tokens: { readonly input: number; readonly output: number }): void
}

/** How a provider or a model fares, as this process saw it since its start. */
export interface Fare {
  readonly name: string
  readonly requests: number
  readonly failures: number
  /** Failures since the last answer; 0 when the last one was good. */
  readonly failuresInARow: number
  readonly lastAnswerMs: number | null
  readonly lastFailureMs: number | null
  /** What the last failure was: a fault of a provider, or the HTTP status of a model. */
  readonly lastFault: string | null
  /** The median of the last answers, in milliseconds; null while there was none, and for models. */
  readonly medianMs: number | null
}

interface Counted {
  requests: number
  failures: number
  failuresInARow: number
  lastAnswerMs: number | null
  lastFailureMs: number | null
  lastFault: string | null
  readonly tookMs: number[]
}

/** So many answers the median is of. */
const SAMPLE = 50
/** Names that are kept: providers come from the configuration, models too, and this is a bound all the same. */
const MAX_NAMES = 500

/** Keeps how providers and models fare, beside what an observer does with the same news. */
export class Fares {
  readonly #clock: Clock.Clock
  readonly #providers = new Map<string, Counted>()
  readonly #models = new Map<string, Counted>()

  constructor({ clock }: { clock: Clock.Clock }) {
    this.#clock = clock
  }

  /** The observer, with its news noted here as well. */
  watching<Observer extends News>(observer: Observer): Observer {
    const news: News = {
      providerAsked: (chainId, request) => {
        this.#note(this.#providers, `${chainId} ${request.host}`, request.fault, request.tookMs)
        observer.providerAsked(chainId, request)
      },
      turnFailed: (turn) => {
        this.#note(this.#models, turn.model, String(turn.failure.status ?? 'no answer'), null)
        observer.turnFailed(turn)
      },
      usage: (model, tokens) => {
        this.#note(this.#models, model, null, null)
        observer.usage(model, tokens)
      },
    }
    return { ...observer, ...news }
  }

  /** The providers of a chain that were asked. Names are origins: paths and queries carry keys. */
  providers(chainId: number): Fare[] {
    const start = `${chainId} `
    return [...this.#providers].flatMap(([key, counted]) =>
      key.startsWith(start) ? [fareOf(key.slice(start.length), counted)] : [],
    )
  }

  model(id: string): Fare {
    return fareOf(id, this.#models.get(id) ?? empty())
  }

  #note(all: Map<string, Counted>, name: string, fault: string | null, tookMs: number | null): void {
    const counted = all.get(name) ?? empty()
    if (!all.has(name) && all.size >= MAX_NAMES) return
    all.set(name, counted)
    counted.requests += 1
    if (fault === null) {
      counted.failuresInARow = 0
      counted.lastAnswerMs = this.#clock.nowMs()
      if (tookMs !== null) counted.tookMs.push(tookMs)
      if (counted.tookMs.length > SAMPLE) counted.tookMs.shift()
    } else {
      counted.failures += 1
      counted.failuresInARow += 1
      counted.lastFailureMs = this.#clock.nowMs()
      counted.lastFault = fault
    }
  }
}

function empty(): Counted {
  return {
    ...{ requests: 0, failures: 0, failuresInARow: 0, lastAnswerMs: null, lastFailureMs: null, lastFault: null },
    tookMs: [],
  }
}

function fareOf(name: string, { tookMs, ...counted }: Counted): Fare {
  const sorted = tookMs.toSorted((a, b) => a - b)
  const middle = sorted[sorted.length >> 1]
  return { name, ...counted, medianMs: middle === undefined ? null : Math.round(middle) }
}
