import { Digest, Json, type Address } from '@countersign/base'
import type { Action } from '../provenance/Action.ts'
import * as OwnWords from '../provenance/OwnWords.ts'
import * as Provenance from '../provenance/Provenance.ts'
import { forModel } from '../provenance/forModel.ts'
import { ToolError } from './ToolError.ts'
import type { ToolHost } from './ToolHost.ts'
import type { Draft, StagedAnswer } from '../proposals/Draft.ts'

/** What was read in this turn that others wrote. */
export interface Turn extends ToolHost {
  readonly heard: Provenance.Heard[]
}

type Assessed = Pick<Required<Draft>, 'provenance' | 'level' | 'questions'>

/**
 * Looks up where every value of a draft came from: once for all tools, from what it would do.
 *
 * @throws {ToolError} `tools:words:refused` for what the user said must not be dealt with.
 */
export async function assess(
  host: Turn,
  {
    actions,
    isDocument = false,
    inside = [],
  }: { actions: readonly Action[]; isDocument?: boolean; inside?: readonly Provenance.Heard[] },
): Promise<Assessed> {
  const words = Provenance.wordsOf(host.userTexts, host)
  const ledger = Provenance.pointsBack(words) ? ((await host.ledger?.()) ?? []) : []
  const found = Provenance.assess(words, {
    actions,
    registry: host,
    ledger,
    heard: [...host.heard, ...inside],
    isDocument,
  })
  if (found.refused !== null)
    throw new ToolError(
      found.refused,
      'tools:words:refused',
      'Ask the user to name the address in a message of its own.',
    )
  return { provenance: found.lines, level: found.level, questions: found.questions }
}

export async function stage(
  host: Turn,
  {
    actions,
    inside = [],
    ...draft
  }: Omit<Draft, 'chainId' | 'from' | 'provenance'> & {
    actions: readonly Action[]
    /** Values that a tool's answer holds inside of its bytes. */
    inside?: readonly Provenance.Heard[]
  },
): Promise<Record<string, unknown>> {
  const from = accountOf(host)
  // Before anything is waited for: calls of one step are staged side by side.
  const staged = stagedIn(host)
  const key = keyOf(actions)
  const isRepeated = staged.has(key)
  staged.add(key)
  const known = await assess(host, { actions, inside })
  const found = isRepeated ? askedTwice(known, actions) : known
  const answer = await host.stage({ ...draft, ...found, chainId: host.chainId, from })
  // What was blocked did not happen, so it may be tried again.
  if (answer.state === 'blocked') staged.delete(key)
  return { ...toResult(answer), ...asked(found) }
}

/** What it would do, without bounds that only protect: a deadline is another one each time. */
function keyOf(actions: readonly Action[]): string {
  const critical = (each: Action['values'][number]): boolean => each.isCritical !== false
  return Digest.ofJson(
    actions.map(({ name, values }) => [
      name,
      values.filter(critical).map(({ argument, value }) => [argument, value.toLowerCase()]),
    ]),
  )
}

const STAGED = new WeakMap<readonly Provenance.Heard[], Set<string>>()

/** What was staged in this turn; a turn is known by what it has read. */
function stagedIn({ heard }: Turn): Set<string> {
  const staged = STAGED.get(heard) ?? new Set()
  STAGED.set(heard, staged)
  return staged
}

/** Words that ask once ask for one: the second draft of the same is a step-up. */
function askedTwice(found: Assessed, actions: readonly Action[]): Assessed {
  const value = actions[0]?.name ?? ''
  if (found.questions.some(({ argument }) => argument === '')) return found
  const question = {
    argument: '',
    value,
    source: 'user',
    because: 'You asked for this once, and the agent wants it twice.',
  } as const
  return { ...found, level: 'step-up', questions: [...found.questions, question] }
}

/** For the model: that the owner will be asked, and for what. */
export function asked({ level, questions }: Pick<Required<Draft>, 'level' | 'questions'>): Record<string, unknown> {
  if (level === 'ordinary') return {}
  return {
    level,
    questions: questions.map(({ argument, because }) => ({ argument, because: forModel(because) })),
  }
}

export function toResult(staged: StagedAnswer): Record<string, unknown> {
  return {
    proposal_id: staged.proposalId,
    state: staged.state,
    verdict: staged.verdict,
    reason: staged.reason,
    changes: staged.changes,
    findings: staged.findings,
    fee_wei: staged.feeWei,
  }
}

/** The account that would sign. @throws {ToolError} `tools:wallet:absent`. */
export function accountOf(host: ToolHost): Address.Address {
  if (host.account === null) {
    throw new ToolError('No wallet is connected.', 'tools:wallet:absent', 'Connect a wallet, then ask again.')
  }
  return host.account
}

/** Whether the user pasted this very document into this turn's message. */
export function isPasted(message: string, document: Readonly<Record<string, unknown>>): boolean {
  const pasted = OwnWords.read(message).borrowed.find(({ kind }) => kind === 'document')
  if (pasted === undefined) return false
  try {
    return Digest.canonicalJson(Json.parse(pasted.text)) === Digest.canonicalJson(document)
  } catch {
    return false
  }
}
