/** The outcome in other blocks, in plain sentences. */
import type { Proposal, ReportWire } from '@countersign/sdk'
import { symbolOf } from '../words.ts'
import * as Amount from './Amount.ts'
import { decode } from './Bytes.ts'
import { dependsOn } from './Sentence.ts'
import { t } from '../text/text.ts'

type Environment = ReportWire['environments'][number]

const NAMES = {
  'next-block': 'next',
  'spec-default': 'default',
  'other-builder': 'builder',
  later: 'later',
  'min-gas': 'lessGas',
  'least-gas': 'leastGas',
  'busy-block': 'busy',
} as const

function whenOf(name: string): string {
  const { when } = t().blocks
  if (name.startsWith('simulator:')) return when.simulator
  return Object.hasOwn(NAMES, name) ? when[NAMES[name as keyof typeof NAMES]] : when.other
}

/** Environments whose outcome differs for another reason than the time until which the bytes themselves are valid. */
export function different(proposal: Proposal): readonly Environment[] {
  const hasDeadline = proposal.calls.some((call) => decode(call).deadlineS !== null)
  return (proposal.report?.environments ?? []).filter(({ agrees, name, decided_by: by, token_changes: moves }) => {
    const isItsEnd =
      hasDeadline && name === 'later' && moves.length === 0 && by.every((opcode) => opcode === 'TIMESTAMP')
    return !agrees && !isItsEnd
  })
}

/** One line: in how many block conditions the outcome is the same. An end that the bytes name is no difference. */
export function environmentsLine(proposal: Proposal): string {
  const all = proposal.report?.environments.length ?? 0
  if (all === 0) return t().blocks.untried
  const same = all - different(proposal).length
  return t().blocks.same(same, all)
}

/** What one other block would bring. */
export function environmentText(
  { name, differs, decided_by: by, token_changes: moves }: Environment,
  coin: string,
): string {
  const words = t().blocks
  const cause = by.length === 0 ? '' : words.depends(dependsOn(by))
  const isFailure = differs.some((text) => /would (?:fail|stop)/.test(text))
  if (isFailure && moves.length === 0) return `${words.fails(whenOf(name))}${cause}`
  if (moves.length === 0) return `${words.differs(whenOf(name))}${cause}`
  const list = moves.map((change) => {
    const decimals = change.standard === 'native' ? 18 : change.decimals
    const isLoss = change.delta.startsWith('-')
    const amount = `${Amount.rounded(change.delta, decimals, isLoss ? 'up' : 'down')} ${symbolOf(change, coin)}`
    return isLoss ? words.lose(amount) : words.get(amount)
  })
  return `${words.would(whenOf(name), t().list(list))}${cause}`
}
