import { strictest, unitKey, decimalsOf, type Answer, type Limit, type PlainRule } from '../policy/Policy.ts'
import * as Amount from '../policy/Amount.ts'
import { kindsOf, namedValues } from '../policy/scope.ts'
import * as Window from '../policy/Window.ts'
import { holdsForEffect, holdsForRequest, type Scene } from './conditions.ts'
import type { Decision, Line } from './Decision.ts'
import { ENDLESS } from './Book.ts'
import type { Effect, Moves } from './Moves.ts'
import { NOTHING, type Asker, type Layer, type Ledger, type Mandate, type Situation, type Spoke } from './Situation.ts'
import { asksOf, toolArgument, withoutCovered, type Asks } from './units.ts'

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
  if (!policy.chains.includes(moves.chainId)) return 'chain'
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
  return { moves, situation, tokens: layer.tokens }
}

/** Step 3, for one layer: which rules match, and which effects no allow names. */
function spokenBy(layer: Layer, question: Question): Spoke[] {
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

function wordsFor({ kind, step, asset, counterparty, contract }: Effect): string {
  const where = counterparty ?? contract ?? 'nobody'
  return kind === 'call'
    ? `the call of step ${step} to ${contract ?? 'a new contract'}`
    : `the ${kind}${asset === null ? '' : ` of ${asset}`} in step ${step} to ${where}`
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

/** Guards: for each kind of effect that they speak of, one entry must match. What cannot be evaluated is refused. */
function guardsOf(layer: Layer, scene: Scene): Spoke[] {
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

interface Full {
  readonly answer: Answer
  readonly free: string
  readonly freeAtMs: number | null
}

/** Step 5: every limit of every layer, against the ledger's rows. */
function limitsOf(question: Question): {
  readonly lines: readonly Line[]
  readonly spoke: readonly Spoke[]
  readonly full: readonly Full[]
} {
  const lines = new Map<string, Line>()
  const spoke: Spoke[] = []
  const full: Full[] = []
  const fresh = withoutCovered(question.moves, question.situation.covered)
  for (const layer of question.layers) {
    const hasFeeLimit = layer.limits.some(({ caps }) => caps.some(({ unit }) => unit.kind === 'fee'))
    const scene = { situation: question.situation, tokens: layer.tokens, hasFeeLimit }
    for (const limit of layer.limits) {
      for (const cap of limit.caps) {
        const isCall = cap.window.kind === 'call'
        const asks = asksOf(cap.unit, { ...scene, moves: isCall ? question.moves : fresh })
        const key = { scope: layer.scope, unit: unitKey(layer, cap.unit), window: Window.key(cap.window) }
        const decimals = decimalsOf(layer, cap.unit)
        const most = Amount.parse(cap.cap, decimals) ?? 0n
        const balance = isCall ? NOTHING : (question.ledger(key.scope, key.unit, key.window) ?? NOTHING)
        const used = balance.open + balance.settled
        const free = most > used ? most - used : 0n
        const answer = answerOf(asks, free, limit)
        if (answer !== 'allow') {
          spoke.push({
            layer: layer.layer,
            limit: limit.id,
            window: Window.label(cap.window, question.situation.nowMs),
            used: Amount.format(used, decimals),
            asks: wordsOf(asks, decimals),
            cap: cap.cap,
            answer,
            code: asks === null ? 'mandates:price:absent' : 'mandates:limit:full',
            because:
              asks === null
                ? `The limit "${limit.id}" cannot be evaluated.`
                : `The limit "${limit.id}" has ${Amount.format(free, decimals)} of ${cap.cap} left.`,
          })
          const needed = typeof asks === 'bigint' && asks <= most ? used + asks - most : null
          full.push({
            answer,
            free: Amount.format(free, decimals),
            freeAtMs: needed === null || isCall ? null : balance.freeAt(needed),
          })
        }
        if (isCall || asks === null) continue
        keep(lines, {
          ...key,
          cap: most,
          decimals,
          amount: asks === 'endless' ? ENDLESS : asks,
          isBeyond: answer !== 'allow',
        })
      }
    }
  }
  return { lines: [...lines.values()], spoke, full }
}

/** Two limits of one unit and window share a row; what is beyond one of them is beyond. */
function keep(lines: Map<string, Line>, line: Line): void {
  const key = `${line.scope} ${line.unit} ${line.window}`
  const other = lines.get(key)
  lines.set(
    key,
    other === undefined
      ? line
      : { ...line, cap: other.cap < line.cap ? other.cap : line.cap, isBeyond: other.isBeyond || line.isBeyond },
  )
}

/** What has no end does not fit anywhere; what cannot be evaluated is refused, whatever the limit says. */
function answerOf(asks: Asks, free: bigint, { over }: Limit): Answer {
  if (asks === null || asks === 'endless') return asks === null || over === 'deny' ? 'deny' : over
  return asks <= free ? 'allow' : over
}

function wordsOf(asks: Asks, decimals: number): string {
  return asks === null ? 'unknown' : asks === 'endless' ? 'unlimited' : Amount.format(asks, decimals)
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
