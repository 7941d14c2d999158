import type { LogText } from '@countersign/base'

/** What stands before everything that the runtime, and not the user, says to the model in the user's seat. */
export const RUNTIME_MARK = '[countersign runtime] '

/** What happens during a turn, in order. */
export type TurnEvent =
  | { readonly type: 'text-delta'; readonly delta: string }
  /** One whole assistant text part is complete. */
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool-call'; readonly callId: string; readonly tool: string; readonly args: unknown }
  | {
      readonly type: 'tool-result'
      readonly callId: string
      readonly tool: string
      readonly args: unknown
      readonly result: unknown
      readonly isError: boolean
    }
  /** The model or its provider failed; `message` is for people and carries no secret. */
  | { readonly type: 'error'; readonly message: string; readonly cause: ModelFailure }
  /** What one call of the model cost. */
  | { readonly type: 'usage'; readonly inputTokens: number; readonly outputTokens: number }
  | { readonly type: 'finished'; readonly reason: 'stop' | 'step-limit' | 'interrupted' | 'error' }

/** What the operator is told of a failure: never a header, a body or a whole URL. */
export interface ModelFailure {
  readonly error: LogText.ErrorFacts
  readonly status: number | null
  /** The provider: scheme and host. */
  readonly host: string | null
  /** The provider's own id of the request, by which its support finds it. */
  readonly providerRequestId: string | null
}

/** A model that can be chosen. `id` is what `/api/control/models` lists and `rig` selects. */
export interface ModelInfo {
  readonly id: string
  readonly kind: 'deterministic-grammar' | 'llm'
}
