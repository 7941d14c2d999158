import { Address } from '@countersign/base'
import * as Abi from '../policy/Abi.ts'
import * as Amount from '../policy/Amount.ts'
import * as Hours from '../policy/Hours.ts'
import { NATIVE, type ArgumentTest, type TokenPlace, type When } from '../policy/Policy.ts'
import type { Asset, Effect, Moves, StepMoves } from './Moves.ts'
import type { Situation } from './Situation.ts'
import { toolArgument, usdOf } from './units.ts'

/** `null`: it cannot be evaluated. That does not hold in an allow, and holds in a raise. */
export type Truth = boolean | null

/** All must hold; one that does not decides before one that cannot be told. */
function all(truths: Iterable<Truth>): Truth {
  let found: Truth = true
  for (const truth of truths) {
    if (truth === false) return false
    if (truth === null) found = null
  }
  return found
}

function any(truths: Iterable<Truth>): Truth {
  let found: Truth = false
  for (const truth of truths) {
    if (truth === true) return true
    if (truth === null) found = null
  }
  return found
}

/** What conditions are evaluated on. */
export interface Scene {
  readonly moves: Moves
  readonly situation: Situation
  readonly tokens: Readonly<Record<string, readonly TokenPlace[]>>
}

/** Conditions about the whole request: when, who, and sums over all its effects. */
export function holdsForRequest(when: When, scene: Scene): Truth {
  const { moves, situation } = scene
  const { asker } = situation
  return all([
    when.chains === undefined || when.chains.includes(moves.chainId),
    when.doors === undefined || when.doors.includes(asker.door),
    when.keys === undefined || (asker.key !== null && when.keys.includes(asker.key)),
    when.skills === undefined || (asker.skill !== null && when.skills.includes(asker.skill)),
    when.sessions === undefined || (asker.session !== null && when.sessions.includes(asker.session)),
    when.time === undefined || Hours.holds(when.time, situation.nowMs),
    when.amountOver === undefined || amountOver(when, scene),
    when.usdOver === undefined || usdOver(when.usdOver, scene),
    when.feeOver === undefined || moves.feeWei > (Amount.parse(when.feeOver, 18) ?? 0n),
    when.argument === undefined || argumentWithin(when, moves),
  ])
}

/** Conditions about one effect and the step that it belongs to. */
export function holdsForEffect(when: When, effect: Effect, scene: Scene): Truth {
  return all([
    when.tool === undefined || (effect.kind === 'tool_call' && effect.detail === when.tool),
    when.documents === undefined ||
      (scene.moves.document !== null && when.documents.includes(scene.moves.document.scheme)),
    holdsForStep(when, effect, scene),
    when.recipients === undefined || (effect.kind === 'outflow' && isRecipient(when.recipients, effect, scene)),
    when.spenders === undefined ||
      (effect.kind === 'authority' && effect.counterparty !== null && when.spenders.includes(effect.counterparty)),
    when.authority === undefined || (effect.kind === 'authority' && when.authority.includes(effect.detail ?? '')),
    when.allowance === undefined || isAllowance(when.allowance, effect),
    when.tokens === undefined ||
      ((effect.kind === 'outflow' || effect.kind === 'authority') && isOneOf(when.tokens, effect, scene)),
  ])
}

/** Contract, function, arguments, and what leaves and arrives in the step. */
export function holdsForStep(when: When, effect: Effect, scene: Scene): Truth {
  const step = scene.moves.steps.find((each) => each.step === effect.step)
  const asksAtStep = when.selectors ?? when.arguments ?? when.out ?? when.in
  if (step === undefined) {
    // A document has a contract and no call; a tool call has neither.
    if (asksAtStep !== undefined) return false
    return when.contracts === undefined || (effect.contract !== null && when.contracts.includes(effect.contract))
  }
  return all([
    when.contracts === undefined || (step.to !== null && when.contracts.includes(step.to)),
    when.selectors === undefined ||
      when.selectors.some(({ selector }) => selector === step.data.slice(0, 10).toLowerCase()),
    ...(when.arguments ?? []).map((test) => argumentHolds(test, when, step, scene)),
    when.out === undefined || step.leaves.every((asset) => isOneOf(when.out ?? [], asset, scene)),
    when.in === undefined ||
      (step.arrives.length > 0 && step.arrives.every((asset) => isOneOf(when.in ?? [], asset, scene))),
  ])
}

function isRecipient(
  recipients: NonNullable<When['recipients']>,
  { counterparty }: Effect,
  { moves, situation }: Scene,
): boolean {
  if (counterparty === null) return false
  const isKnown = situation.known.has(counterparty.toLowerCase())
  return recipients.some((each) => {
    if (each === 'own') return Address.isEqual(counterparty, moves.owner)
    if (each === 'known') return isKnown
    if (each === 'new') return !isKnown && !Address.isEqual(counterparty, moves.owner)
    return Address.isEqual(each, counterparty)
  })
}

/** `exact`: limited, and no more than the owner holds. `bounded`: limited. `never`: none is left. */
function isAllowance(asked: NonNullable<When['allowance']>, effect: Effect): boolean {
  if (effect.kind !== 'authority' || effect.amount === null) return false
  if (effect.amount === 0n) return true
  if (asked === 'never' || effect.isUnlimited) return false
  return asked === 'bounded' || effect.isExact
}

/** Whether an asset stands in a list of symbols, on the chain of the request. */
export function isOneOf(
  names: readonly string[],
  asset: Pick<Asset, 'token' | 'isNative'>,
  { moves, tokens }: Scene,
): boolean {
  return names.some((name) => {
    if (name === NATIVE) return asset.isNative
    return (
      asset.token !== null &&
      tokens[name]?.some(
        ({ chainId, address }) => chainId === moves.chainId && Address.isEqual(address, asset.token ?? ''),
      ) === true
    )
  })
}

function argumentHolds(test: ArgumentTest, { selectors }: When, step: StepMoves, { moves }: Scene): Truth {
  const selector = selectors?.find((each) => each.selector === step.data.slice(0, 10).toLowerCase())
  if (selector === undefined) return false
  const value = Abi.valueAt(selector, step.data, test.at)
  if (value === null) return null
  const number = /^-?\d+$/.test(value) ? BigInt(value) : null
  return all([
    test.in === undefined || test.in.some((each) => value === (each === 'own' ? moves.owner : each)),
    test.min === undefined || (number === null ? null : number >= BigInt(test.min)),
    test.max === undefined || (number === null ? null : number <= BigInt(test.max)),
  ])
}

function amountOver({ tokens: names, amountOver: over }: When, scene: Scene): Truth {
  const [name = ''] = names ?? []
  return any(
    scene.moves.totals
      .filter((total) => isOneOf([name], total, scene))
      .map((total): Truth => {
        const decimals =
          name === NATIVE ? 18 : scene.tokens[name]?.find(({ chainId }) => chainId === scene.moves.chainId)?.decimals
        const limit = decimals === undefined ? null : Amount.parse(over ?? '', 18)
        if (decimals === undefined || limit === null) return null
        return total.isUnlimited || Amount.rescale(total.amount, decimals, 18) > limit
      }),
  )
}

function usdOver(over: string, { moves, situation }: Scene): Truth {
  const dollars = usdOf(moves, situation.prices)
  return dollars === null ? null : dollars.out > (Amount.parse(over, Amount.USD_DECIMALS) ?? 0n)
}

function argumentWithin({ tool, argument, max }: When, { tool: call }: Moves): Truth {
  if (call === null || call.name !== tool) return false
  const value = toolArgument(call.arguments, argument ?? '')
  const limit = Amount.parse(max ?? '', 18)
  return value === null || limit === null ? null : value <= limit
}
