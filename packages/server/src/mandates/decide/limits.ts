import * as Amount from '../policy/Amount.ts'
import { decimalsOf, unitKey, type Answer, type Limit } from '../policy/Policy.ts'
import * as Window from '../policy/Window.ts'
import { ENDLESS } from './Book.ts'
import type { Line } from './Decision.ts'
import type { Moves } from './Moves.ts'
import { NOTHING, situationOf, type Layer, type Ledger, type Situation, type Spoke } from './Situation.ts'
import { asksOf, withoutCovered, type Asks } from './units.ts'

interface Full {
  readonly answer: Answer
  readonly free: string
  readonly freeAtMs: number | null
}

/** What of a question the limits look at. */
export interface Asked {
  readonly moves: Moves
  readonly situation: Situation
  readonly layers: readonly Layer[]
  readonly ledger: Ledger
}

interface Outcome {
  readonly lines: readonly Line[]
  readonly spoke: readonly Spoke[]
  readonly full: readonly Full[]
}

/** Step 5: every limit of every layer, against the ledger's rows. */
export function limitsOf(question: Asked): Outcome {
  const lines = new Map<string, Line>()
  const spoke: Spoke[] = []
  const full: Full[] = []
  for (const layer of question.layers) {
    const situation = situationOf(question.situation, layer)
    const fresh = withoutCovered(question.moves, situation.covered)
    const hasFeeLimit = layer.limits.some(({ caps }) => caps.some(({ unit }) => unit.kind === 'fee'))
    const scene = { situation, tokens: layer.tokens, hasFeeLimit }
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
