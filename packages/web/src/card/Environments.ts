/** The outcome in other blocks, in plain sentences. */
import type { Proposal, ReportWire } from '@countersign/sdk'
import { symbolOf } from '../words.ts'
import * as Amount from './Amount.ts'
import { decode } from './Bytes.ts'
import { dependsOn } from './Sentence.ts'

type Environment = ReportWire['environments'][number]

const WORDS: Readonly<Record<string, string>> = {
  'next-block': 'In the next block',
  'spec-default': 'With the usual values of simulators',
  'other-builder': 'In another builder’s block',
  later: 'An hour later',
  'min-gas': 'With less gas',
  'least-gas': 'With the least gas at which it succeeds',
  'busy-block': 'In a block with a higher base fee',
}

function whenOf(name: string): string {
  if (name.startsWith('simulator:')) return 'Where it is only simulated'
  return WORDS[name] ?? 'In another block'
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
  if (all === 0) return 'Not tried in other blocks'
  const same = all - different(proposal).length
  return `Same outcome in ${same} of ${all} block condition${all === 1 ? '' : 's'}`
}

/** What one other block would bring. */
export function environmentText(
  { name, differs, decided_by: by, token_changes: moves }: Environment,
  coin: string,
): string {
  const cause = by.length === 0 ? '' : ` It depends on ${dependsOn(by)}.`
  const isFailure = differs.some((text) => /would (?:fail|stop)/.test(text))
  if (isFailure && moves.length === 0) return `${whenOf(name)} it would fail, and only the fee would be lost.${cause}`
  if (moves.length === 0) return `${whenOf(name)} the outcome is different.${cause}`
  const list = moves.map((change) => {
    const decimals = change.standard === 'native' ? 18 : change.decimals
    const verb = change.delta.startsWith('-') ? 'lose' : 'get'
    return `${verb} ${Amount.rounded(change.delta, decimals, verb === 'lose' ? 'up' : 'down')} ${symbolOf(change, coin)}`
  })
  return `${whenOf(name)} you would ${list.join(' and ')}.${cause}`
}
