import * as Amount from '../policy/Amount.ts'
import { holdsForEffect, holdsForRequest, type Scene } from './conditions.ts'
import type { Effect } from './Moves.ts'
import type { Layer, Spoke } from './Situation.ts'
import { toolArgument } from './units.ts'

/** Guards: for each kind of effect that they speak of, one entry must match. What cannot be evaluated is refused. */
export function guardsOf(layer: Layer, scene: Scene): Spoke[] {
  const { moves } = scene
  const spoke: Spoke[] = []
  const deny = (i: number, because: string): void =>
    void spoke.push({
      layer: layer.layer,
      rule: 'guards',
      answer: 'deny',
      code: 'mandates:rule:denied',
      effect: `/effects/${i}`,
      because,
    })
  for (const because of layer.unreadable ?? []) deny(0, because)
  const { calls, recipients, spenders } = layer.allowed ?? { calls: null, recipients: null, spenders: null }
  const matches = (list: NonNullable<Layer['allowed']>['calls'], effect: Effect): boolean =>
    list?.some((when) => holdsForRequest(when, scene) === true && holdsForEffect(when, effect, scene) === true) === true
  for (const [i, effect] of moves.effects.entries()) {
    if (effect.kind === 'call' && calls !== null && !matches(calls, effect)) {
      const step = moves.steps.find((each) => each.step === effect.step)
      const isPlain = step?.isSingle === true && step.data === '0x'
      const paid = moves.effects.find((other) => other.kind === 'outflow' && other.step === effect.step)
      // Under an allow-list a plain transfer of the coin needs its recipient in a guard.
      if (!isPlain || paid === undefined || !matches(recipients, paid))
        deny(i, `No guard of the ${layer.layer} lists ${wordsFor(effect)}.`)
    }
    if (effect.kind === 'document' && calls !== null && !matches(calls, effect))
      deny(i, `No guard of the ${layer.layer} lists the contract of this document.`)
    if (
      effect.kind === 'outflow' &&
      recipients !== null &&
      !isFromOwnCall(effect, layer, scene) &&
      !matches(recipients, effect)
    )
      deny(i, `No guard of the ${layer.layer} lists this recipient.`)
    if (effect.kind === 'authority' && spenders !== null && !matches(spenders, effect))
      deny(i, `No guard of the ${layer.layer} lists this spender.`)
  }
  for (const { tool, argument, max } of layer.maxima) {
    if (moves.tool?.name !== tool) continue
    const value = toolArgument(moves.tool.arguments, argument)
    const limit = Amount.parse(max, 18)
    if (value === null || limit === null || value > limit)
      deny(
        Math.max(
          0,
          moves.effects.findIndex(({ kind }) => kind === 'tool_call'),
        ),
        `The argument ${argument} of ${tool} is over ${max}, or no plain number.`,
      )
  }
  return spoke
}

/** What goes into a contract that the same guards list is not a payment to a recipient. */
function isFromOwnCall({ step, counterparty, contract }: Effect, layer: Layer, scene: Scene): boolean {
  if (layer.allowed?.calls == null || contract === null || counterparty === null) return false
  const call = scene.moves.effects.find((effect) => effect.kind === 'call' && effect.step === step)
  const isPayment = scene.moves.steps.find((each) => each.step === step)?.isSingle === true
  return (
    !isPayment && call !== undefined && layer.allowed.calls.some((when) => holdsForEffect(when, call, scene) === true)
  )
}

/** An effect in words, for the reason of a refusal. */
export function wordsFor({ kind, step, asset, counterparty, contract }: Effect): string {
  const where = counterparty ?? contract ?? 'nobody'
  return kind === 'call'
    ? `the call of step ${step} to ${contract ?? 'a new contract'}`
    : `the ${kind}${asset === null ? '' : ` of ${asset}`} in step ${step} to ${where}`
}
