import type { App } from '../apps/App.ts'
import * as InputSchema from '../apps/InputSchema.ts'
import * as ToolSpec from '../apps/ToolSpec.ts'
import type { AppValue, Argument } from '../provenance/assessToolCall.ts'
import { assessToolCall } from '../provenance/assessToolCall.ts'
import type { Assessment, LedgerEntry, Registry } from '../provenance/Provenance.ts'
import { wordsOf } from '../provenance/Provenance.ts'
import type { Tool } from '../provenance/ToolFrame.ts'
import type { CallRef, Outcome, Seen, ToolRunner } from '../proposals/ToolCall.ts'
import type { Answer, OriginTools } from './http/callOrigin.ts'
import { PathError } from './http/HttpRequest.ts'
import type { Secrets } from './http/Masked.ts'
import { runTool } from './runTool.ts'

export interface ToolRunnerTools extends OriginTools {
  readonly apps: ReadonlyMap<string, App>
  /** The secrets of an app, for the owner of a session. */
  readonly secretsOf: (app: App, sid: string | null) => Promise<Secrets>
  /** What the chains of an app call by name. */
  readonly registryOf: (app: App) => Registry
  /** What was settled and confirmed before, for the owner of a session. */
  readonly ledgerOf: (sid: string | null) => Promise<readonly (LedgerEntry & { readonly tool?: string })[]>
}

/** Runs the tools of apps for the room of proposals. */
export function createToolRunner(tools: ToolRunnerTools): ToolRunner {
  const specOf = ({ app, tool }: Pick<CallRef, 'app' | 'tool'>): ToolSpec.ToolSpec | undefined =>
    tools.apps.get(app)?.declared?.find(({ name }) => name === tool)
  return {
    definitionOf(call) {
      const spec = specOf(call)
      return spec === undefined ? null : ToolSpec.digest(spec)
    },
    isIdempotent: (call) => (specOf(call)?.idempotencyHeader ?? null) !== null,
    async assess({ app: name, sid, tool, args, userTexts, seen }) {
      const app = tools.apps.get(name)
      const spec = specOf({ app: name, tool })
      if (app === undefined || spec === undefined)
        return { lines: [], level: 'step-up', questions: [], refused: 'The tool is not available any more.' }
      return assessCall({
        app,
        spec,
        args,
        userTexts,
        seen,
        registry: tools.registryOf(app),
        ledger: await tools.ledgerOf(sid),
      })
    },
    async run({ key, ...call }) {
      const app = tools.apps.get(call.app)
      const spec = specOf(call)
      if (app === undefined || spec === undefined)
        return { state: 'failed', result: { status: null, body: null, problem: 'tools:tool:absent' } }
      try {
        return outcomeOf(
          await runTool(tools, { spec, args: call.args, secrets: await tools.secretsOf(app, call.sid), key }),
        )
      } catch (error) {
        if (!(error instanceof PathError)) throw error
        return { state: 'failed', result: { status: null, body: null, problem: error.code } }
      }
    },
  }
}

/** What an answer says of whether the call happened. */
export function outcomeOf(answer: Answer): Outcome {
  if (answer.kind === 'failed')
    return { state: answer.wasSent ? 'unknown' : 'failed', result: { status: null, body: null, problem: answer.code } }
  const { status, body, problem } = answer
  const result = { status, body, ...(problem === null ? {} : { problem }) }
  if (status >= 200 && status < 300) return { state: 'done', result }
  return { state: status >= 400 && status < 500 ? 'failed' : 'unknown', result }
}

/** Looks up where the values of a call came from. */
export function assessCall({
  app,
  spec,
  args,
  userTexts,
  seen,
  registry,
  ledger,
}: {
  app: App
  spec: ToolSpec.ToolSpec
  args: Readonly<Record<string, unknown>>
  userTexts: readonly string[]
  seen: Seen
  registry: Registry
  ledger: readonly (LedgerEntry & { readonly tool?: string })[]
}): Assessment {
  return assessToolCall(wordsOf(userTexts, registry), {
    tool: frameToolOf(spec),
    args: argumentsOf(spec, args),
    confirm: spec.confirm,
    sources: { registry, values: valuesOf(app, spec), ledger, ...seen },
  })
}

/** Every scalar of a call with its role. */
export function argumentsOf(spec: ToolSpec.ToolSpec, args: Readonly<Record<string, unknown>>): readonly Argument[] {
  return InputSchema.scalarsOf(args).map((scalar) => ({
    pointer: scalar.pointer,
    value: InputSchema.textOf(scalar.value),
    role: ToolSpec.roleOf(spec, scalar),
    isCritical: ToolSpec.isCritical(spec, scalar),
  }))
}

function valuesOf(app: App, spec: ToolSpec.ToolSpec): readonly AppValue[] {
  return [
    ...Object.entries(app.values ?? {}).map(([name, value]) => ({ name: name.replaceAll(/[_-]/g, ' '), value })),
    ...InputSchema.givenValues(spec.input).map((value) => ({ name: null, value })),
  ]
}

/** A tool as own words are read for it. */
export function frameToolOf(spec: ToolSpec.ToolSpec): Tool {
  const properties = InputSchema.properties(spec.input)
  const choicesOf = (name: string): readonly string[] | null => {
    const choices = properties[name]?.['enum']
    return Array.isArray(choices) ? choices.map(String) : null
  }
  return {
    name: spec.name,
    description: spec.description,
    examples: spec.examples,
    choicesOf,
    slotOf(name) {
      const schema = properties[name] ?? {}
      const role = ToolSpec.roleOf(spec, { pointer: `/${name}`, value: '' })
      const isNumber = role === 'amount' || schema['type'] === 'number' || schema['type'] === 'integer'
      return { choices: choicesOf(name), isNumber, isText: role === 'text' }
    },
  }
}
