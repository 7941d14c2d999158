import type { Source } from '../../Fact.ts'
import { Files } from '../flow/Files.ts'
import type { Taint } from '../flow/Taint.ts'
import { CodeFlow, type Exports, type Surroundings } from './CodeFlow.ts'
import { Evaluator } from './evaluate.ts'
import { CALLS_MAX, findCalls, type FoundCall } from './findCalls.ts'
import { moduleName, readConstants, readImports, readSpelledNames, type Imported } from './imports.ts'
import type { Language } from './Language.ts'
import { envAt } from './sources.ts'
import { literalsIn } from './statements.ts'
import { ANY, brackets, tokenize, type Token } from './tokenize.ts'

/** One call, as written. */
export interface CodeCall {
  readonly callee: string
  readonly offset: number
  /** Source of the arguments. */
  readonly text: string
  readonly literals: readonly string[]
  /** What each argument is worked out to be; empty where nothing of it is known. */
  readonly values: readonly string[]
  readonly taints: ReadonlyMap<Source, string>
  /** What it is called on: where that comes from, the literals in it, and what it is worked out to be. */
  readonly receives: ReadonlyMap<Source, string>
  /** Where the name that it is called on comes from: `r` of `r.end(x)`. */
  readonly root: ReadonlyMap<Source, string>
  readonly ownLiterals: readonly string[]
  readonly own: string
  /** What the call answers, where it only puts text together: `parts.join("")`. */
  readonly answer: string
}

export interface CodeReading {
  readonly calls: readonly CodeCall[]
  /** String literals with their offsets. */
  readonly strings: readonly { readonly offset: number; readonly text: string }[]
  readonly comments: readonly { readonly offset: number; readonly text: string }[]
  readonly env: readonly { readonly offset: number; readonly name: string }[]
  readonly imports: readonly { readonly offset: number; readonly module: string }[]
  readonly exports: Exports
  /** What is handed to functions of other modules: module, function, where it comes from. */
  readonly handsOver: readonly { readonly module: string; readonly name: string; readonly taint: Taint }[]
  /** Whether it was too much to follow to the end. */
  readonly isCut: boolean
}

/**
 * Reads code with one tokenizer, one evaluator and one data-flow pass for all languages: which calls are made, with which
 * values, and which of them are handed values that came from secrets, files, the network or a decoder. What differs between
 * languages is data. It takes whole files and fragments alike, and is linear but for assignments, which are followed twice.
 */
export function readCode(
  text: string,
  language: Language | null,
  around: Surroundings = { files: new Files(), modules: new Map() },
): CodeReading {
  const syntax = language?.syntax ?? ANY
  const table = language?.calls ?? {}
  const { tokens, comments } = tokenize(text, syntax)
  const pair = brackets(tokens)
  const imports: { offset: number; module: string }[] = []
  const aliases = new Map<string, string>()
  const evaluator = new Evaluator(tokens, pair, syntax, new Map())
  const imported = readImports(tokens, imports, aliases)
  giveConstants(evaluator, imported, around)
  readConstants(tokens, evaluator)
  readSpelledNames(tokens, pair, evaluator, aliases)
  const calls = findCalls({ tokens, pair, aliases, evaluator, syntax, table })
  const flow = new CodeFlow(
    { tokens, pair, table, aliases, evaluator, calls, imported, language: language?.name ?? '' },
    around,
  )
  flow.follow()
  const env = tokens.flatMap((token, i) => {
    const name = token.kind === 'name' ? envAt(tokens, i, aliases) : null
    return name === null ? [] : [{ offset: token.offset, name }]
  })
  return {
    calls: calls.map((call) => callRead(call, flow, tokens, text)),
    strings: tokens.filter((token) => token.kind === 'string').map(({ offset, text }) => ({ offset, text })),
    comments,
    env,
    imports,
    handsOver: flow.handedOver(),
    exports: flow.exports,
    isCut: flow.isCut || calls.length >= CALLS_MAX,
  }
}

/** What other modules export as constants is known before anything is worked out. */
function giveConstants(evaluator: Evaluator, imported: readonly Imported[], around: Surroundings): void {
  for (const { local, name, module } of imported) {
    const given = around.modules.get(moduleName(module))
    if (given === undefined) continue
    if (name === '*') for (const [each, value] of given.constants) evaluator.constants.set(`${local}.${each}`, value)
    else {
      const value = given.constants.get(name)
      if (value !== undefined) evaluator.constants.set(local, value)
    }
  }
}

function callRead(call: FoundCall, flow: CodeFlow, tokens: readonly Token[], text: string): CodeCall {
  const isOnValue = call.receiver < call.from
  const received: Taint = isOnValue ? flow.taintOf(call.receiver, call.from) : new Map()
  const start = tokens[call.open]?.end ?? 0
  return {
    callee: call.callee,
    values: flow.valuesOf(call),
    receives: received,
    root: flow.tainted.get(call.callee.split('.')[0] ?? '') ?? new Map<Source, string>(),
    ownLiterals: isOnValue ? literalsIn(tokens, call.receiver, call.from, flow.constants) : [],
    own: flow.ownText(call),
    answer: PUTS_TOGETHER.test(call.callee) ? flow.answerOf(call) : '',
    offset: tokens[call.from]?.offset ?? 0,
    text: text.slice(start, Math.min(tokens[call.close]?.offset ?? text.length, start + 2000)),
    literals: withValues(literalsIn(tokens, call.open + 1, call.close, flow.constants), flow.valuesOf(call)),
    taints: new Map([...flow.taintOf(call.open + 1, call.close, true), ...received]),
  }
}

const PUTS_TOGETHER = /\.(?:join|concat|reverse|replace|decode|toString)$/

/** What a strict reader would stop at, without following anything: an unclosed string or comment. */
export function problemIn(text: string, language: Language): string | null {
  return tokenize(text, language.syntax ?? ANY).problem
}

/** The literals of a call, and what its arguments were put together to. */
function withValues(literals: string[], values: readonly string[]): string[] {
  for (const value of values)
    if (value !== '' && !literals.includes(value) && literals.length < 200) literals.push(value)
  return literals
}
