import { Address, BaseError, Clock, Digest } from '@countersign/base'
import type * as Wire from '@countersign/sdk'
import type { Assessment, Heard } from '../provenance/Provenance.ts'
import type { Field } from '../provenance/assessToolCall.ts'

/** Stands where a call has no account: a tool call is on no chain. */
export const NO_ACCOUNT = Address.parse('0x0000000000000000000000000000000000000000')

/** A call of a tool of the app's own that changes something somewhere: a proposal of kind `tool_call`. */
export interface ToolCall {
  readonly tool: string
  readonly args: Readonly<Record<string, unknown>>
  /** The digest of the tool's definition when the call was staged. */
  readonly definition: string
  readonly principal: string | null
  readonly keyId: string | null
  /** What had been read in its turn, to look its values up again. */
  readonly seen: Seen
  readonly result: Result | null
}

/** What tools answered in the turn of a call, before it. */
export interface Seen {
  readonly heard: readonly Heard[]
  readonly fields: readonly Field[]
  readonly isTainted: boolean
  /** The same call was staged before in this turn: words that ask once ask for one. */
  readonly isRepeated?: boolean
}

export interface Result {
  /** Null where there was no answer. */
  readonly status: number | null
  readonly body: unknown
  readonly atMs: number
  readonly problem?: string
}

/** What came of running a call. */
export interface Outcome {
  readonly state: 'done' | 'failed' | 'unknown'
  readonly result: Omit<Result, 'atMs'>
}

/** A call as a runner is handed it. */
export interface CallRef {
  readonly app: string
  /** Null outside of a session: then no secret of a user is there. */
  readonly sid: string | null
  readonly tool: string
  readonly args: Readonly<Record<string, unknown>>
}

/** What this room is handed for tools of apps. */
export interface ToolRunner {
  /** The digest of the tool's definition as the app has it now; null where it has none, or the tool is disabled. */
  definitionOf(call: Pick<CallRef, 'app' | 'tool'>): string | null
  /** Looks up where the values of a call came from, with the words of its own turn. */
  assess(call: CallRef & { readonly userTexts: readonly string[]; readonly seen: Seen }): Promise<Assessment>
  /** Whether a call that may have happened may be sent again with the same key. */
  isIdempotent(call: Pick<CallRef, 'app' | 'tool'>): boolean
  /** @param key - What the tool's idempotency header holds. */
  run(call: CallRef & { readonly key: string }): Promise<Outcome>
}

/** What a confirmation is of: another anything is another digest. */
export function digest(of: {
  readonly app: string
  readonly session: string
  readonly principal: string | null
  readonly key: string | null
  readonly tool: string
  readonly definition: string
  readonly args: Readonly<Record<string, unknown>>
  readonly policy: string
  readonly expiresMs: number
}): string {
  return `sha256:${Digest.ofJson(of).slice(2)}`
}

/** As clients see the result. */
export function resultToWire(result: Result | null): Wire.ToolCallProposal['result'] {
  if (result === null) return null
  const { status, body, atMs, problem } = result
  return { status, body, at: Clock.iso(atMs), ...(problem === undefined ? {} : { problem }) }
}

/** This is for proposals of another kind. */
export class KindError extends BaseError {
  override readonly name = 'proposals.KindError'
  constructor(kind: string) {
    super(`This cannot be done with a proposal of kind ${kind}.`, {
      code: 'proposals:kind:refused',
      kind: 'conflict',
      hint: 'A tool call is confirmed or rejected; a transaction is rechecked and signed.',
    })
  }
}
