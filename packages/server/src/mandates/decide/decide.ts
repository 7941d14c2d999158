import { strictest, type PlainRule } from '../policy/Policy.ts'
import { kindsOf, namedValues } from '../policy/scope.ts'
import { holdsForEffect, holdsForRequest, type Scene } from './conditions.ts'
import type { Decision } from './Decision.ts'
import { guardsOf, wordsFor } from './guards.ts'
import { limitsOf } from './limits.ts'
import type { Effect, Moves } from './Moves.ts'
import {
  situationOf,
  type Asker,
  type Layer,
  type Ledger,
  type Mandate,
  type Situation,
  type Spoke,
} from './Situation.ts'

export interface Question {
  readonly moves: Moves
  readonly situation: Situation
  /** Guards of app, key, skill and session, and the mandate's own layer where one is in force. */
  readonly layers: readonly Layer[]
  readonly mandate: Mandate | null
  readonly ledger: Ledger
}

/**
 * The decision procedure of mandates.md 3: a pure function. Only an allow names an effect, every other rule only raises
 * the answer, all that match speak, the strictest counts, and order means nothing.
 */
export function decide(question: Question): Decision {
  const { moves, mandate } = question
  const base: Decision = {
    answer: 'allow',
    mandate,
    spoke: [],
    effects: moves.effects,
    lines: [],
    free: null,
    freeAtMs: null,
    delayMs: null,
    approvers: null,
    code: null,
    reason: null,
  }
  const closed = mandate === null ? null : standing(mandate, question.situation.nowMs, question)
  if (closed === 'absent')
    return decide({ ...question, mandate: null, layers: question.layers.filter(({ layer }) => layer !== 'mandate') })
  if (closed !== null)
    return { ...base, answer: 'deny', spoke: [closed], code: closed.code ?? null, reason: closed.because ?? null }
  const blocked = refusedByReport(question)
  if (blocked !== null)
    return { ...base, answer: 'deny', spoke: [blocked], code: blocked.code ?? null, reason: blocked.because ?? null }

  const spoke: Spoke[] = question.layers.flatMap((layer) => spokenBy(layer, question))
  spoke.push(...findingsOf(question), ...boundOf(question))
  const limits = limitsOf(question)
  spoke.push(...limits.spoke)
  const answer = strictest([...(mandate === null ? (['ask'] as const) : []), ...spoke.map((each) => each.answer)])
  const denied = spoke.find((each) => each.answer === 'deny')
  const full = limits.full.find((each) => each.answer === strictest(limits.full.map((one) => one.answer)))
  const scene = question.layers.find(({ layer }) => layer === 'mandate')
  const waits =
    mandate?.policy.approvers != null &&
    scene !== undefined &&
    holdsForAny(mandate.policy.approvers.when, sceneOf(scene, question))
      ? mandate.policy.approvers
      : null
  return {
    ...base,
    answer,
    spoke,
    lines: answer === 'deny' ? [] : limits.lines,
    free: full?.free ?? null,
    freeAtMs: full?.freeAtMs ?? null,
    delayMs: delayOf(question),
    approvers: waits === null ? null : { of: waits.of, need: waits.need },
    code: answer === 'deny' ? (denied?.code ?? 'mandates:rule:denied') : null,
    reason: answer === 'deny' ? (denied?.because ?? 'A rule of the mandate refuses it.') : null,
  }
}

/** Step 1: whether the mandate speaks at all. `absent`: as if there were none. */
function standing(mandate: Mandate, nowMs: number, { situation, moves }: Question): Spoke | 'absent' | null {
  const { policy } = mandate
  const { asker } = situation
  const say = (rule: string, code: string, because: string): Spoke => ({
    layer: 'mandate',
    rule,
    answer: 'deny',
    code,
    because,
  })
  // Frozen outlasts its end.
  if (mandate.state === 'frozen') return say('frozen', 'mandates:state:frozen', 'The mandate is frozen.')
  const isOver = mandate.state === 'ended' ? 'ended' : nowMs >= policy.untilMs ? 'expired' : null
  if (isOver !== null) {
    if (asker.door === 'page' || asker.door === 'chat') return 'absent'
    return say(isOver, `mandates:state:${isOver}`, `The mandate has ${isOver}.`)
  }
  if (policy.fromMs !== null && nowMs < policy.fromMs)
    return say('valid', 'mandates:state:early', 'The mandate is not yet valid.')
  const wrong = strangerOf(mandate, asker, moves)
  return wrong === null ? null : say(wrong, 'mandates:agent:denied', `The mandate does not cover this ${wrong}.`)
}

function strangerOf({ policy }: Mandate, asker: Asker, moves: Moves): string | null {
  // A call of a tool is on no chain.
  if (moves.tool === null && !policy.chains.includes(moves.chainId)) return 'chain'
  if (policy.agent.doors !== null && !policy.agent.doors.includes(asker.door)) return 'door'
  if (policy.agent.keys !== null && (asker.key === null || !policy.agent.keys.includes(asker.key))) return 'key'
  if (policy.agent.skills !== null && (asker.skill === null || !policy.agent.skills.includes(asker.skill)))
    return 'skill'
  return null
}

/** Step 2: what no mandate lifts. */
function refusedByReport({ moves }: Question): Spoke | null {
  const say = (because: string): Spoke => ({
    layer: 'report',
    rule: 'verdict',
    answer: 'deny',
    code: 'mandates:rule:denied',
    because,
  })
  if (moves.verdict === 'block')
    return say(moves.findings.find(({ level }) => level === 'block')?.because ?? 'The simulation blocked it.')
  const [unreadable] = moves.unreadable
  if (unreadable !== undefined) return say(`What it moves could not all be read: ${unreadable}`)
  return moves.effects.length === 0 ? say('What it does could not be told.') : null
}

function sceneOf(layer: Layer, { moves, situation }: Question): Scene {
  return { moves, situation: situationOf(situation, layer), tokens: layer.tokens }
}

/** Step 3, for one layer: which rules match, and which effects no allow names. */
function spokenBy(layer: Layer, question: Question): Spoke[] {
  if (layer.closed !== undefined) return [{ layer: layer.layer, answer: 'deny', ...layer.closed }]
  const scene = sceneOf(layer, question)
  const { moves } = question
  const spoke: Spoke[] = []
  const named = new Set<number>()
  for (const rule of layer.rules) {
    if (rule.answer === 'allow') {
      for (const i of namedBy(rule, scene)) {
        named.add(i)
        spoke.push({ layer: layer.layer, rule: rule.id, answer: 'allow', effect: `/effects/${i}` })
      }
    } else {
      const raised = raisedBy(rule, scene)
      if (raised !== null)
        spoke.push({
          layer: layer.layer,
          rule: rule.id,
          answer: rule.answer,
          ...(raised === -1 ? {} : { effect: `/effects/${raised}` }),
          ...(rule.answer === 'deny'
            ? { code: 'mandates:rule:denied', because: `The rule "${rule.id}" refuses it.` }
            : {}),
        })
    }
  }
  if (layer.otherwise !== null) {
    for (const [i, effect] of moves.effects.entries()) {
      if (isNamed(i, effect, named, moves)) continue
      spoke.push({
        layer: layer.layer,
        rule: 'otherwise',
        answer: layer.otherwise,
        effect: `/effects/${i}`,
        ...(layer.otherwise === 'deny'
          ? { code: 'mandates:effect:unnamed', because: `No rule names ${wordsFor(effect)}.` }
          : {}),
      })
    }
  }
  spoke.push(...guardsOf(layer, scene))
  return spoke
}

/** A step that is nothing but one effect is named by what names the effect. */
function isNamed(i: number, effect: Effect, named: ReadonlySet<number>, moves: Moves): boolean {
  if (effect.kind === 'fee' || named.has(i)) return true
  if (effect.kind !== 'call' || moves.steps.find(({ step }) => step === effect.step)?.isSingle !== true) return false
  return moves.effects.some((other, k) => other.step === effect.step && k !== i && named.has(k))
}

/** The effects that an allow names. */
export function namedBy(rule: PlainRule, scene: Scene): number[] {
  if (holdsForRequest(rule.when, scene) !== true) return []
  const kinds = kindsOf(rule.when)
  return [...scene.moves.effects.entries()]
    .filter(([, effect]) => effect.kind !== 'fee' && kinds.includes(effect.kind) && holdsFor(rule, effect, scene))
    .map(([i]) => i)
}

/** A call or a document is named whatever conditions of payees and rights say: those are about its other effects. */
function holdsFor({ when }: PlainRule, effect: Effect, scene: Scene): boolean {
  if (effect.kind !== 'call' && effect.kind !== 'document') return holdsForEffect(when, effect, scene) === true
  const { recipients: _r, spenders: _s, authority: _a, allowance: _l, tokens: _t, ...ofCall } = when
  return holdsForEffect(ofCall, effect, scene) === true
}

/** The first effect for which a raise holds, or cannot be told; -1 for the request as a whole; null for none. */
function raisedBy({ when }: PlainRule, scene: Scene): number | null {
  if (holdsForRequest(when, scene) === false) return null
  if (!asksOfEffects(when)) return -1
  const found = scene.moves.effects.findIndex(
    (effect) => effect.kind !== 'fee' && holdsForEffect(when, effect, scene) !== false,
  )
  return found === -1 ? null : found
}

const OF_REQUEST = new Set([
  'chains',
  'doors',
  'keys',
  'skills',
  'sessions',
  'time',
  'amountOver',
  'usdOver',
  'feeOver',
  'argument',
  'max',
])
function asksOfEffects(when: PlainRule['when']): boolean {
  return Object.keys(when).some((key) => !OF_REQUEST.has(key))
}

function holdsForAny(when: PlainRule['when'], scene: Scene): boolean {
  return raisedBy({ id: '', answer: 'ask', delayMs: null, when }, scene) !== null
}

/** Step 4: warnings and step-up, each of which a matching allow that names the value may lift. */
function findingsOf({ moves, layers, situation, mandate }: Question): Spoke[] {
  const layer = layers.find((each) => each.layer === 'mandate')
  if (mandate === null || layer === undefined) return []
  const scene: Scene = { moves, situation, tokens: layer.tokens }
  const named = new Set(
    layer.rules
      .filter((rule) => rule.answer === 'allow' && namedBy(rule, scene).length > 0)
      .flatMap(({ when }) => namedValues(when).map((value) => value.toLowerCase())),
  )
  const isNamedValue = (value: string | null): boolean => value !== null && named.has(value.toLowerCase())
  const findings = moves.findings
    .filter(({ level, rule }) => level === 'warn' && !mandate.policy.tolerates.includes(rule))
    .filter(({ rule, subject }) => !(situation.namedLifts.has(rule) && isNamedValue(subject)))
    .map(({ rule, because }): Spoke => ({ layer: 'report', rule, answer: 'ask', because }))
  const stepUps = situation.stepUp
    .filter(({ value }) => !isNamedValue(value))
    .map(({ because }): Spoke => ({ layer: 'report', rule: 'provenance', answer: 'step-up', because }))
  return [...findings, ...stepUps]
}

/** How well the amounts must be known. */
function boundOf({ moves, mandate }: Question): Spoke[] {
  if (mandate === null) return []
  const rights = [...moves.effects.entries()]
    .filter(([, { kind, amount }]) => kind === 'authority' && amount === null)
    .map(([i]) => uncountable(i))
  if (mandate.policy.bound === 'simulated') return rights
  const deny = (because: string): Spoke[] => [
    { layer: 'mandate', rule: 'bound', answer: 'deny', code: 'mandates:rule:denied', because },
  ]
  if (mandate.policy.bound === 'enforced') {
    if (moves.document !== null) return deny('No outcome guard can hold a document.')
    if (!moves.isEnforced && moves.tool === null) return deny('The batch does not carry the outcome guard.')
  }
  const loose = moves.effects.findIndex(({ kind, grade }) => kind === 'outflow' && grade === 'simulated')
  const spoke =
    loose === -1
      ? []
      : deny('An amount is predicted, not bounded: give an exact allowance first.').map((each) => ({
          ...each,
          effect: `/effects/${loose}`,
        }))
  return [...rights, ...spoke]
}

/** Operators, ownership, modules, code and the like have no amount: never an allow, whatever a rule says. */
function uncountable(i: number): Spoke {
  return {
    layer: 'mandate',
    rule: 'authority',
    answer: 'ask',
    effect: `/effects/${i}`,
    because: 'A right of this kind cannot be counted.',
  }
}

/** The longest delay of the rules that hold. */
function delayOf(question: Question): number | null {
  const layer = question.layers.find((each) => each.layer === 'mandate')
  if (layer === undefined) return null
  const scene = sceneOf(layer, question)
  const waits = layer.rules
    .filter(({ answer, delayMs }) => answer === 'delay' && delayMs !== null)
    .filter((rule) => raisedBy(rule, scene) !== null)
  return waits.length === 0 ? null : Math.max(...waits.map(({ delayMs }) => delayMs ?? 0))
}
