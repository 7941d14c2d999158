import { BaseError } from '@countersign/base'
import { jsonSchema, tool, type ToolSet } from 'ai'
import * as InputSchema from '../apps/InputSchema.ts'
import type { ToolSpec } from '../apps/ToolSpec.ts'
import type { Field } from '../provenance/assessToolCall.ts'
import type { Heard } from '../provenance/Provenance.ts'
import type { Answer } from './http/callOrigin.ts'
import { untrusted } from '../provenance/forModel.ts'
import { isListed } from './Trusted.ts'

/** What the tools of an app may touch in one turn. */
export interface DeclaredHost {
  /** What tools answered in this turn that others wrote. */
  readonly heard: Heard[]
  /** Fields of answers that may ground a value. */
  readonly fields: Field[]
  run(spec: ToolSpec, args: Readonly<Record<string, unknown>>, signal: AbortSignal | undefined): Promise<Answer>
  /** Stages a write; nothing is sent. */
  stage(
    spec: ToolSpec,
    args: Readonly<Record<string, unknown>>,
  ): Promise<
    | { readonly status: 'pending_confirmation'; readonly proposal: string }
    | { readonly status: 'refused'; readonly reason: string }
  >
  /** Stages the transactions that a tool answered with. */
  stageTransactions(spec: ToolSpec, body: unknown): Promise<Record<string, unknown>>
}

interface Failure {
  readonly error: string
  readonly hint: string
  readonly code: string
}

/** The tools that an app declares, under exactly the declared names. */
export function createDeclaredTools(host: DeclaredHost, specs: readonly ToolSpec[]): ToolSet {
  return Object.fromEntries(
    specs.map((spec) => [
      spec.name,
      tool({
        description: descriptionOf(spec),
        inputSchema: jsonSchema<Record<string, unknown>>(spec.input as never),
        execute: (args, { abortSignal }) => call(host, spec, args, abortSignal),
      }),
    ]),
  )
}

function descriptionOf({ description, kind }: ToolSpec): string {
  return kind === 'write' ? `${description} Nothing happens before the person confirms it.` : description
}

async function call(
  host: DeclaredHost,
  spec: ToolSpec,
  args: Readonly<Record<string, unknown>>,
  signal: AbortSignal | undefined,
): Promise<object> {
  const fault = InputSchema.misfit(spec.input, args)
  if (fault !== null)
    return failure(
      'tools:arguments:unreadable',
      `The arguments of ${spec.name} do not fit: ${fault}.`,
      'Send exactly the declared arguments.',
    )
  try {
    if (spec.kind === 'write') return await host.stage(spec, args)
    const answer = await host.run(spec, args, signal)
    if (answer.kind === 'failed')
      return failure(answer.code, `${spec.name} gave no usable answer.`, 'Say so, and go on without it.')
    if (answer.problem !== null)
      return failure(answer.problem, `${spec.name} gave no usable answer.`, 'Say so, and go on without it.')
    if (answer.status < 200 || answer.status >= 300)
      return failure('tools:answer:status', `${spec.name} answered with HTTP ${answer.status}.`, 'Check the arguments.')
    note(host, spec, answer.body)
    return spec.kind === 'transaction' ? await host.stageTransactions(spec, answer.body) : resultOf(spec, answer.body)
  } catch (error) {
    if (error instanceof BaseError) return failure(error.code, error.message, error.hint)
    throw error
  }
}

function failure(code: string, error: string, hint: string): Failure {
  return { error, hint, code }
}

/** Remembers what a tool answered: to look values up in, as far as the tool is trusted. */
function note(host: DeclaredHost, spec: ToolSpec, body: unknown): void {
  const { trust } = spec.result
  const listed = Array.isArray(trust) ? (trust as readonly string[]) : []
  // An answer without a value is a read of untrusted text all the same.
  if (!Array.isArray(trust)) host.heard.push({ from: spec.name, text: '', isName: false })
  for (const { pointer, value } of InputSchema.scalarsOf(body)) {
    const text = InputSchema.textOf(value)
    if (isListed(pointer, listed)) host.fields.push({ tool: spec.name, pointer, value: text })
    else
      host.heard.push({
        from: `${spec.name} ${pointer}`.trim(),
        text,
        isName: false,
        ...(Array.isArray(trust) ? { taints: false as const } : {}),
      })
  }
}

/** What a model reads: fields that the tool vouches for, and all else as what strangers wrote. */
function resultOf({ result: { trust } }: ToolSpec, body: unknown): Record<string, unknown> {
  if (trust === 'untrusted') return { untrusted_result: untrusted(body) }
  if (trust === 'data')
    return { untrusted_result: untrusted(body), note: 'Numbers and identifiers may be shown; they ground nothing.' }
  const listed = trust as readonly string[]
  const scalars = InputSchema.scalarsOf(body)
  const trusted = Object.fromEntries(
    scalars.filter(({ pointer }) => isListed(pointer, listed)).map(({ pointer, value }) => [pointer.slice(1), value]),
  )
  const isWhole = scalars.every(({ pointer }) => isListed(pointer, listed))
  return { result: trusted, ...(isWhole ? {} : { untrusted_result: untrusted(body) }) }
}
