import { forModel } from '../provenance/forModel.ts'
import type { ToolAnswer } from './Tool.ts'

/** A refusal as a tool answers it: a model reads what to do about it. */
export function refusal({ message, code, hint }: Readonly<Record<'message' | 'code' | 'hint', string>>): ToolAnswer {
  const [error, help] = [forModel(message), forModel(hint)]
  return { structured: { error, code, hint: help }, text: `${error} ${help}`.trim(), isError: true }
}

/**
 * The SDK gives the reason why a state was refused as `data.reason`; every refusal of this house has a `code`, so it gets
 * one beside it. Anything else stays as it is.
 */
export function withCode(message: unknown): unknown {
  const { error } = (message ?? {}) as { error?: { data?: { reason?: unknown } } }
  if (error?.data?.reason !== 'invalid_request_state') return message
  return { ...(message as object), error: { ...error, data: { ...error.data, code: error.data.reason } } }
}
