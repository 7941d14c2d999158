import { z } from 'zod'
import { Address, Hex, Wei } from '@countersign/base'
import type { App } from '../apps/App.ts'
import * as ToolSpec from '../apps/ToolSpec.ts'
import { stageToolCall } from '../proposals/stageToolCall.ts'
import type { Seen, ToolRunner } from '../proposals/ToolCall.ts'
import type { Gate } from '../proposals/Gate.ts'
import type { Action } from '../provenance/Action.ts'
import * as CallData from '../provenance/CallData.ts'
import type { Argument, Field } from '../provenance/assessToolCall.ts'
import { isSame } from '../provenance/isSame.ts'
import type { Heard } from '../provenance/Provenance.ts'
import type { Session } from '../sessions/Session.ts'
import type { DeclaredHost } from '../tools/createDeclaredTools.ts'
import type { OriginTools } from '../tools/http/callOrigin.ts'
import type { Secrets } from '../tools/http/Masked.ts'
import { argumentsOf } from '../tools/createToolRunner.ts'
import { runTool } from '../tools/runTool.ts'
import { stage, type Turn } from '../tools/stageDraft.ts'
import { ToolError } from '../tools/ToolError.ts'
import type { SearchDocuments } from '../tools/createDocumentTools.ts'
import type { ToolHost } from '../tools/ToolHost.ts'
import type { DraftCall } from '../proposals/Draft.ts'

/** What the declared tools of a server are run with. */
export interface DeclaredTools extends OriginTools {
  readonly runner: ToolRunner
  readonly secretsOf: (app: App, sid: string | null) => Promise<Secrets>
  readonly searchDocuments: SearchDocuments
  /** Whether a secret has a value, for the owner of a session. */
  readonly hasSecret: (app: App, session: Session, name: string) => boolean
}

/** The most that is kept of what was read in a turn, for looking values up again. */
const MAX_SEEN = 40

/** What the declared tools of one turn may touch. */
export function createDeclaredHost(
  gate: Gate,
  tools: DeclaredTools,
  {
    session,
    app,
    turnId,
    keyId,
    userTexts,
    host,
    heard,
    refuseMore,
  }: {
    session: Session
    app: App
    turnId: string
    keyId: string | null
    userTexts: readonly string[]
    /** What built-in tools may touch; null where the app has no chain. */
    host: ToolHost | null
    /** What any tool of the turn has read, documents among it. */
    heard: Heard[]
    refuseMore: () => Promise<void>
  },
): DeclaredHost {
  const fields: Field[] = []
  const staged = new StagedCalls()
  return {
    heard,
    fields,
    run: async (spec, args, signal) =>
      runTool(tools, {
        spec,
        args,
        secrets: await tools.secretsOf(app, session.sid),
        ...(signal === undefined ? {} : { signal }),
      }),
    async stage(spec, args) {
      // Before anything is waited for: calls of one step are staged side by side.
      const isRepeated = staged.isRepeated(spec, args)
      await refuseMore()
      const seen = { ...seenOf(args, { heard, fields }), ...(isRepeated ? { isRepeated } : {}) }
      const ref = { app: app.name, sid: session.sid, tool: spec.name, args }
      const assessment = await tools.runner.assess({ ...ref, userTexts, seen })
      const proposal = await stageToolCall(gate, {
        session,
        turnId,
        keyId,
        tool: spec.name,
        args,
        definition: ToolSpec.digest(spec),
        summary: ToolSpec.summary(spec, args),
        assessment,
        userTexts,
        seen,
      })
      return proposal.state === 'refused'
        ? { status: 'refused', reason: proposal.reason ?? 'It is not allowed here.' }
        : { status: 'pending_confirmation', proposal: proposal.id }
    },
    async stageTransactions(spec, body) {
      if (host === null) throw new ToolError('This app has no chain.', 'tools:chain:absent', 'Tell the operator.')
      return stageAnswer({ ...host, heard }, spec, body)
    },
  }
}

/** The calls that were staged in one turn. */
class StagedCalls {
  readonly #calls: { readonly tool: string; readonly args: readonly Argument[] }[] = []

  /** Whether a call with the same critical values was staged before; from now on this one was. */
  isRepeated(spec: ToolSpec.ToolSpec, args: Readonly<Record<string, unknown>>): boolean {
    const critical = argumentsOf(spec, args).filter(({ isCritical }) => isCritical)
    const isKnown = this.#calls.some(
      ({ tool, args: others }) =>
        tool === spec.name &&
        critical.length === others.length &&
        critical.every(({ pointer, role, value }) =>
          others.some((other) => other.pointer === pointer && isSame(role, value, other.value)),
        ),
    )
    this.#calls.push({ tool: spec.name, args: critical })
    return isKnown
  }
}

/** What of the answers of this turn has to do with a call. */
function seenOf(
  args: Readonly<Record<string, unknown>>,
  { heard, fields }: { heard: readonly Heard[]; fields: readonly Field[] },
): Seen {
  const text = JSON.stringify(args).toLowerCase()
  const values = text.split(/[\s"',:{}[\]\\]+/).filter((each) => each.length > 1)
  const isAbout = (other: string): boolean => {
    const lower = other.toLowerCase()
    return text.includes(lower) || values.some((value) => lower.includes(value))
  }
  return {
    heard: heard.filter((each) => isAbout(each.text)).slice(-MAX_SEEN),
    fields: fields.filter((each) => isAbout(each.value)).slice(-MAX_SEEN),
    isTainted: heard.some(({ taints }) => taints !== false),
  }
}

const TRANSACTIONS = z.object({
  transactions: z
    .array(
      z.object({
        to: z.string(),
        value: z.string().regex(/^\d{1,78}$/),
        data: z.string(),
        chain_id: z.number().int().positive().optional(),
        description: z.string().max(2_000).optional(),
      }),
    )
    .min(1)
    .max(32),
})

/** Stages what a tool answered with, like any other transactions: one proposal, in their order. */
async function stageAnswer(host: Turn, { name }: ToolSpec.ToolSpec, body: unknown): Promise<Record<string, unknown>> {
  const parsed = TRANSACTIONS.safeParse(body)
  if (!parsed.success)
    throw new ToolError(
      `${name} answered with no transactions.`,
      'tools:answer:schema',
      'Tell the user that it gave no usable answer.',
    )
  const { transactions } = parsed.data
  const wrong = transactions.find((each) => each.chain_id !== undefined && each.chain_id !== host.chainId)
  if (wrong !== undefined)
    throw new ToolError(
      `${name} answered with transactions of chain ${wrong.chain_id}.`,
      'tools:chain:refused',
      `Ask for chain ${host.chainId}, or let the user switch the wallet.`,
    )
  const book = { ...host, wrappedNative: host.exchanges[0]?.wrappedNative ?? null }
  const calls = transactions.map((each): DraftCall => {
    const data = Hex.parse(each.data)
    const value = Wei.parse(each.value)
    const called = `${data.slice(0, 10)}${CallData.nameOf(data) === null ? '' : ` (${CallData.nameOf(data)})`}`
    return {
      to: Address.parse(each.to),
      value,
      data,
      label: data === '0x' ? `Send ${Wei.format(value, 18)} ${host.nativeSymbol}` : `Call ${called}`,
      kind: data === '0x' ? 'native_transfer' : 'contract_call',
    }
  })
  const actions = calls.flatMap((call, i) =>
    CallData.actionsOf({ to: call.to as Address.Address, value: call.value, data: call.data }, book, null).map(
      (action) => (calls.length === 1 ? action : numbered(action, i)),
    ),
  )
  // What stands inside of the bytes is the tool's as well, though no text of the answer spells it.
  const heard = actions
    .flatMap(({ values }) => values)
    .filter(({ role }) => role !== 'data')
    .map(({ argument, value }): Heard => ({
      from: `${name} ${argument}`.trim(),
      text: value,
      isName: false,
      taints: false,
    }))
  return stage(host, {
    isAnswer: true,
    inside: heard,
    calls,
    summary:
      `${name}: ${calls.map(({ label, to }) => `${label} ${to === null ? '' : `at ${to}`}`.trim()).join('; ')}`.slice(
        0,
        500,
      ),
    actions,
  })
}

/** Each call has pointers of its own. */
function numbered(action: Action, i: number): Action {
  return {
    ...action,
    values: action.values.map((value) => ({ ...value, argument: `/transactions/${i}${value.argument}` })),
  }
}
