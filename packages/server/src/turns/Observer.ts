import type { ProviderRequest } from '@countersign/simulator'
import type { ModelFailure } from '../agent/Turn.ts'
import type { Chain } from '../chains/Chain.ts'

/** What the work of the server tells its operator: counters for the whole, and a line in the log for each cause. */
export interface Observer {
  turnFailed(turn: {
    readonly turnId: string
    readonly app: string
    readonly model: string
    readonly failure: ModelFailure
  }): void
  turnEnded(turn: {
    readonly status: string
    readonly app: string
    readonly model: string
    readonly tookMs: number
  }): void
  usage(model: string, tokens: { readonly input: number; readonly output: number }): void
  /** One request to a provider of a chain. */
  providerAsked(chainId: number, request: ProviderRequest): void
  /** The chain, whose simulations are counted and whose failures are logged. */
  chain(chain: Chain): Chain
}
