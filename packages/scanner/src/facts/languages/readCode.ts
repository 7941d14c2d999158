import type { Source } from '../../Fact.ts'
import { Files } from '../flow/Files.ts'
import { merge, type Taint } from '../flow/Taint.ts'
import { isSecretName, isWalletName, whatIsAt } from '../places.ts'
import { Evaluator, GAP, type Constants } from './evaluate.ts'
import type { Calls, Language, Syntax } from './Language.ts'
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
}

/** What a module hands to those that import it. */
export interface Exports {
  readonly taints: ReadonlyMap<string, Taint>
  readonly constants: Constants
}

/** What is known from outside the text: files that were written, and modules of the package by their name. */
export interface Surroundings {
  readonly files: Files
  readonly modules: ReadonlyMap<string, Exports>
  /** What other modules hand to the functions of this one, by their name. */
  readonly handed?: ReadonlyMap<string, Taint>
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

/** Calls that are followed in one piece of code, and steps that following them may take. */
const CALLS_MAX = 2_000
const STEPS_MAX = 300_000

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
  const { files } = around
  const syntax = language?.syntax ?? ANY
  const table = language?.calls ?? {}
  const hasKeywordArguments = language?.name === 'python'
  const { tokens, comments } = tokenize(text, syntax)
  const pair = brackets(tokens)
  const strings = tokens.filter((token) => token.kind === 'string').map(({ offset, text }) => ({ offset, text }))
  const env: { offset: number; name: string }[] = []
  const imports: { offset: number; module: string }[] = []
  const aliases = new Map<string, string>()
  const evaluator = new Evaluator(tokens, pair, syntax, new Map())
  const imported = readImports(tokens, imports, aliases)

  const tainted = new Map<string, Map<Source, string>>()
  /** What this text's own functions hand back, and the names of their parameters. */
  const returned = new Map<string, Map<Source, string>>()
  const parameters = parametersIn(tokens, pair)
  /** Variables that hold the path of a store of keys. */
  const stores = new Map<string, readonly [Source, string]>()
  const constants = new Map<string, string>()
  for (const { local, name, module } of imported) {
    const given = around.modules.get(moduleName(module))
    if (given === undefined) continue
    if (name === '*') {
      const all: Taint = new Map()
      for (const [each, taint] of given.taints) {
        merge(all, taint)
        returned.set(`${local}.${each}`, taint)
      }
      if (all.size > 0) tainted.set(local, all)
      for (const [each, value] of given.constants) evaluator.constants.set(`${local}.${each}`, value)
      continue
    }
    const taint = given.taints.get(name)
    if (taint !== undefined) {
      tainted.set(local, taint)
      returned.set(local, taint)
      returned.set(aliases.get(local) ?? local, taint)
    }
    const value = given.constants.get(name)
    if (value === undefined) continue
    evaluator.constants.set(local, value)
    if ('text' in value) constants.set(local, value.text)
  }
  readConstants(tokens, evaluator)
  readSpelledNames(tokens, pair, evaluator, aliases)
  for (const [name, taint] of around.handed ?? [])
    for (const parameter of parameters.get(name) ?? (name === 'default' ? [...parameters.values()].flat() : []))
      tainted.set(parameter, new Map(taint))
  const calls = findCalls({ tokens, pair, aliases, evaluator, syntax, table })
  let steps = 0
  const callAt = new Map(calls.map((call) => [call.from, call]))

  const valuesOf = (call: FoundCall): string[] =>
    evaluator.arguments(call.open + 1, call.close).map(([from, to]) => evaluator.text(from, to) ?? '')
  const sources = new Map<FoundCall, [Source, string] | null>()
  /** What a call answers, looked up once a pass. */
  const sourceFor = (call: FoundCall): [Source, string] | null => {
    const known = sources.get(call)
    if (known !== undefined) return known
    const literals = literalsIn(tokens, call.open + 1, call.close, constants)
    const found = sourceOfCall(call.callee, literals, valuesOf(call), files, table)
    sources.set(call, found)
    return found
  }

  const taintOf = (from: number, to: number, skipsHeaders = false): Map<Source, string> => {
    const found = new Map<Source, string>()
    const note = (source: Source, what: string) => {
      if (!found.has(source)) found.set(source, what)
    }
    for (let i = from; i < to; i += 1) {
      const token = tokens[i]
      steps += 1
      if (token === undefined || steps > STEPS_MAX) break
      if (skipsHeaders && isHeader(tokens, i) && authenticates(tokens, pair, i)) {
        // A key in the header that authenticates a call is where it belongs.
        i = valueEnd(tokens, pair, i + 2) - 1
        continue
      }
      if (token.kind === 'name') {
        const own = tainted.get(token.text)
        if (own !== undefined && tokens[i - 1]?.text !== '.') for (const [source, what] of own) note(source, what)
        const call = callAt.get(i)
        if (call !== undefined) {
          const source = sourceFor(call)
          const back = returned.get(call.callee)
          if (source !== null) {
            note(source[0], source[1])
            if (source[0] === 'file')
              for (let j = call.open + 1; j < Math.min(call.close, call.open + 40); j += 1) {
                const store = stores.get(tokens[j]?.kind === 'name' ? (tokens[j]?.text ?? '') : '')
                if (store !== undefined) note(store[0], store[1])
              }
          } else if (back !== undefined) for (const [each, what] of back) note(each, what)
          // What a function makes of a key is not the key, unless the function only writes it differently.
          else if (!CARRIES.test(call.callee.split('.').at(-1) ?? '') && call.close < to && !call.isBare) {
            i = call.close
            continue
          }
        }
        if (table.environment?.test(token.text) === true && tokens[i + 1]?.text !== '[')
          note('env', 'the whole environment')
        const variable = envAt(tokens, i, aliases)
        if (variable !== null) {
          if (variable === '*') note('env', 'the whole environment')
          else if (isWalletName(variable)) note('wallet', variable)
          else if (isSecretName(variable)) note('secret', variable)
        }
      } else if (token.kind === 'string') {
        for (const match of token.text.matchAll(/\$?\{([A-Za-z_][\w.]{0,60})/g)) {
          const own = tainted.get(match[1]?.split('.')[0] ?? '')
          if (own !== undefined) for (const [source, what] of own) note(source, what)
          const variable = /^process\.env\.(\w+)/.exec(match[1] ?? '')?.[1]
          if (variable !== undefined && isSecretName(variable))
            note(isWalletName(variable) ? 'wallet' : 'secret', variable)
        }
        const what = token.text.length < 300 ? whatIsAt(token.text) : 'other'
        // A path is not its contents; it counts when something opens it, which sourceOfCall sees.
        if (what === 'wallet' && /id\.json|wallet\.dat|keystore/.test(token.text)) note('file', token.text)
      }
    }
    return found
  }

  // Twice, so that a value set below where it is used (a loop, a function defined later) is followed as well.
  for (let pass = 0; pass < 2; pass += 1) {
    sources.clear()
    let within = ''
    for (let i = 0; i < tokens.length; i += 1) {
      const token = tokens[i]
      if (token?.kind !== 'name') continue
      if (DEFINES.test(token.text)) within = tokens[i + 1]?.text ?? ''
      else if (token.text === 'return' && within !== '') {
        const found = taintOf(i + 1, statementEnd(tokens, i + 1))
        if (found.size > 0) returned.set(within, new Map([...(returned.get(within) ?? []), ...found]))
      }
      const next = tokens[i + 1]
      const isAssignment = next?.kind === 'mark' && /^(?:=|\+=|:=|\.=|<<)$/.test(next.text)
      if (isAssignment && tokens[i - 1]?.text !== '.' && !insideCall(i)) {
        const end = statementEnd(tokens, i + 2)
        const found = taintOf(i + 2, end)
        const before =
          next.text !== '=' && next.text !== ':='
            ? (tainted.get(token.text) ?? new Map<Source, string>())
            : new Map<Source, string>()
        const all = new Map([...before, ...found])
        if (all.size > 0) tainted.set(token.text, all)
        // `data, err := …`
        for (let j = i; tokens[j - 1]?.text === ',' && tokens[j - 2]?.kind === 'name' && j > i - 8; j -= 2)
          if (all.size > 0) tainted.set(tokens[j - 2]?.text ?? '', all)
        const literals = literalsIn(tokens, i + 2, end, constants)
        for (const literal of literals) {
          const what = literal.length < 300 ? whatIsAt(literal) : 'other'
          if (what === 'credential') stores.set(token.text, ['secret', literal])
          else if (what === 'wallet') stores.set(token.text, ['wallet', literal])
        }
        if (literals.length === 1 && (literals[0]?.length ?? 0) < 4096) constants.set(token.text, literals[0] ?? '')
      } else if ((token.text === 'for' || token.text === 'with') && language?.name !== 'javascript') {
        // `for x in secrets`, `with open(path) as f`.
        const end = statementEnd(tokens, i + 1)
        let as = i + 1
        while (as < end && !(tokens[as]?.kind === 'name' && (tokens[as]?.text === 'as' || tokens[as]?.text === 'in')))
          as += 1
        if (as >= end) continue
        const isWith = tokens[as]?.text === 'as'
        const found = isWith ? taintOf(i + 1, as) : taintOf(as + 1, end)
        const names = isWith ? tokens.slice(as + 1, as + 2) : tokens.slice(i + 1, as)
        if (found.size > 0)
          for (const each of names)
            if (each.kind === 'name') tainted.set(each.text, new Map([...(tainted.get(each.text) ?? []), ...found]))
      } else if (token.text === 'of' && tokens[i - 1]?.kind === 'name') {
        const end = statementEnd(tokens, i + 1)
        const found = taintOf(i + 1, end)
        if (found.size > 0) tainted.set(tokens[i - 1]?.text ?? '', found)
      } else {
        // `list.append(secret)`, `hash.update(secret)`, `data["key"] = secret`.
        const call = callAt.get(i)
        if (call !== undefined) callback(call)
        const names = call === undefined ? undefined : parameters.get(call.callee)
        if (call !== undefined && names !== undefined) {
          const found = taintOf(call.open + 1, call.close)
          if (found.size > 0)
            for (const name of names) tainted.set(name, new Map([...(tainted.get(name) ?? []), ...found]))
        } else if (call !== undefined && /\.(?:append|push|add|update|write|extend|set|concat)$/.test(call.callee)) {
          const found = taintOf(call.open + 1, call.close)
          if (found.size > 0) tainted.set(token.text, new Map([...(tainted.get(token.text) ?? []), ...found]))
        } else if (tokens[i + 1]?.text === '[' && tokens[i - 1]?.text !== '.') {
          const close = pair.get(i + 1)
          if (close !== undefined && tokens[close + 1]?.text === '=') {
            const found = taintOf(close + 2, statementEnd(tokens, close + 2))
            if (found.size > 0) tainted.set(token.text, new Map([...(tainted.get(token.text) ?? []), ...found]))
          }
        }
      }
    }
  }

  function handedOver(): CodeReading['handsOver'] {
    if (imported.length === 0) return []
    return calls.flatMap((call) => {
      const root = tokens[call.from]?.text ?? ''
      const from = imported.find((each) => each.local === root)
      if (from === undefined) return []
      const taint = new Map([...taintOf(call.open + 1, call.close)].filter(([source]) => LEAVES.has(source)))
      const last = tokens[call.open - 1]?.text ?? ''
      const name = from.name !== '*' ? from.name : last === root ? 'default' : last
      return taint.size === 0 ? [] : [{ module: moduleName(from.module), name, taint }]
    })
  }

  function ownText(call: FoundCall): string {
    if (call.receiver < call.from) return evaluator.text(call.receiver, call.from) ?? ''
    const value = evaluator.constants.get(call.callee.split('.')[0] ?? '')
    return value !== undefined && 'text' in value ? value.text : ''
  }

  /** `get(url, answer => …)`, `.then(text => …)`, `open(url) { |file| … }`: the parameter is what the call answers. */
  function callback(call: FoundCall): void {
    const source = sourceFor(call)
    const found: Taint = source === null ? new Map() : new Map([source])
    if (call.receiver < call.from) merge(found, taintOf(call.receiver, call.from))
    const root = call.callee.split('.')[0] ?? ''
    merge(found, tainted.get(root) ?? new Map())
    for (const each of ['secret', 'wallet', 'env', 'file'] as const) found.delete(each)
    if (found.size === 0) return
    for (const name of callbackParameters(tokens, pair, call))
      tainted.set(name, new Map([...(tainted.get(name) ?? []), ...found]))
  }

  function insideCall(i: number): boolean {
    // A keyword argument: `post(url, data=x)`.
    const before = tokens[i - 1]
    return before?.kind === 'mark' && (before.text === '(' || before.text === ',') && hasKeywordArguments
  }

  for (let i = 0; i < tokens.length; i += 1) {
    const token = tokens[i]
    if (token?.kind !== 'name') continue
    const variable = envAt(tokens, i, aliases)
    if (variable !== null) env.push({ offset: token.offset, name: variable })
  }

  return {
    calls: calls.map((call) => ({
      callee: call.callee,
      values: valuesOf(call),
      receives: call.receiver < call.from ? taintOf(call.receiver, call.from) : new Map<Source, string>(),
      root: tainted.get(call.callee.split('.')[0] ?? '') ?? new Map<Source, string>(),
      ownLiterals: call.receiver < call.from ? literalsIn(tokens, call.receiver, call.from, constants) : [],
      own: ownText(call),
      offset: tokens[call.from]?.offset ?? 0,
      text: text.slice(
        tokens[call.open]?.end ?? 0,
        Math.min(tokens[call.close]?.offset ?? text.length, (tokens[call.open]?.end ?? 0) + 2000),
      ),
      literals: withValues(literalsIn(tokens, call.open + 1, call.close, constants), valuesOf(call)),
      taints: new Map([
        ...taintOf(call.open + 1, call.close, true),
        ...(call.receiver < call.from ? taintOf(call.receiver, call.from) : []),
      ]),
    })),
    strings,
    comments,
    env,
    imports,
    handsOver: handedOver(),
    exports: { taints: new Map([...tainted, ...returned]), constants: evaluator.constants },
    isCut: steps > STEPS_MAX || calls.length >= CALLS_MAX,
  }
}

/** The parameters of the functions that are defined here, by name: what a call hands over is what they hold. */
function parametersIn(tokens: readonly Token[], pair: ReadonlyMap<number, number>): Map<string, readonly string[]> {
  const out = new Map<string, readonly string[]>()
  for (let i = 2; i < tokens.length && out.size < 500; i += 1) {
    // `const send = async (rows) => …`, `module.exports = rows => …`.
    if (tokens[i]?.text !== '=>') continue
    const open = tokens[i - 1]?.text === ')' ? openOf(tokens, i - 1) : i - 1
    const before = tokens[open - 1]?.text === 'async' ? open - 2 : open - 1
    if (tokens[before]?.text !== '=' || tokens[before - 1]?.kind !== 'name') continue
    const names = tokens
      .slice(open, i)
      .filter((token, at, all) => token.kind === 'name' && /^(?:\(|,)?$/.test(all[at - 1]?.text ?? ''))
      .map((token) => token.text)
    const isModule = tokens[before - 1]?.text === 'exports'
    if (names.length > 0 && names.length <= 4) out.set(isModule ? 'default' : (tokens[before - 1]?.text ?? ''), names)
  }
  for (let i = 0; i + 2 < tokens.length && out.size < 500; i += 1) {
    if (tokens[i]?.kind !== 'name' || (tokens[i]?.text !== 'def' && tokens[i]?.text !== 'function')) continue
    const close = tokens[i + 2]?.text === '(' ? pair.get(i + 2) : undefined
    if (close === undefined) continue
    const names: string[] = []
    for (let j = i + 3; j < Math.min(close, i + 60); j += 1)
      if (tokens[j]?.kind === 'name' && (tokens[j - 1]?.text === '(' || tokens[j - 1]?.text === ','))
        names.push(tokens[j]?.text ?? '')
    const own = names.filter((name) => name !== 'self' && name !== 'cls')
    if (own.length > 0 && own.length <= 4) out.set(tokens[i + 1]?.text ?? '', own)
  }
  return out
}

function openOf(tokens: readonly Token[], close: number): number {
  let depth = 0
  for (let at = close; at >= 0 && at > close - 60; at -= 1) {
    if (tokens[at]?.text === ')') depth += 1
    else if (tokens[at]?.text === '(') depth -= 1
    if (depth === 0) return at
  }
  return close
}

/** Whether headers that are written out hold one that authenticates; any other header only carries. */
function authenticates(tokens: readonly Token[], pair: ReadonlyMap<number, number>, i: number): boolean {
  const close = tokens[i + 2]?.text === '{' ? pair.get(i + 2) : undefined
  if (close === undefined) return true
  for (let j = i + 3; j < close; j += 1)
    if (
      /auth|key|token|secret|cookie|signature|credential|pass|sign|access/i.test(
        tokens[j + 1]?.text === ':' ? (tokens[j]?.text ?? '') : '',
      )
    )
      return true
  return false
}

/** What a strict reader would stop at, without following anything: an unclosed string or comment. */
export function problemIn(text: string, language: Language): string | null {
  return tokenize(text, language.syntax ?? ANY).problem
}

/** `const all = globalThis['pro' + 'cess']`: another name for what is spelled there. */
function readSpelledNames(
  tokens: readonly Token[],
  pair: ReadonlyMap<number, number>,
  evaluator: Evaluator,
  aliases: Map<string, string>,
): void {
  for (let i = 2; i + 1 < tokens.length; i += 1) {
    if (tokens[i]?.text !== '[' || !GLOBALS.test(tokens[i - 1]?.text ?? '') || tokens[i - 2]?.text !== '=') continue
    const close = pair.get(i)
    const name = close === undefined ? null : evaluator.text(i + 1, close)
    if (name !== null && /^\w{2,60}$/.test(name)) aliases.set(tokens[i - 3]?.text ?? '', name)
  }
}

const GLOBALS = /^(?:globalThis|window|global|self|builtins|__builtins__)$/

/** What must not leave, and so is followed into other modules. */
const LEAVES: ReadonlySet<Source> = new Set(['secret', 'wallet', 'env'] as const)

const DEFINES = /^(?:def|function|func|fn|sub|fun)$/

/** Names that are given a value that is known, whatever the order: the last word stands. */
function readConstants(tokens: readonly Token[], evaluator: Evaluator): void {
  let count = 0
  for (let i = 1; i + 1 < tokens.length && count < 2_000; i += 1) {
    const mark = tokens[i]
    if (mark?.kind !== 'mark' || !/^(?:=|:=|\+=|\.=|<<)$/.test(mark.text)) continue
    let at = i - 1
    // `x: string = …`, `s: str = …`.
    if (tokens[at - 1]?.text === ':' && tokens[at - 2]?.kind === 'name') at -= 2
    const name = tokens[at]
    if (name?.kind !== 'name' || tokens[at - 1]?.text === '.') continue
    const end = statementEnd(tokens, i + 1)
    if (end - i > 400) continue
    count += 1
    const value = evaluator.value(i + 1, end)
    if (value === null) continue
    const before = evaluator.constants.get(name.text)
    const isAdded = mark.text !== '=' && mark.text !== ':='
    if (!isAdded) evaluator.constants.set(name.text, value)
    else if (before !== undefined && 'text' in before && 'text' in value && before.text.length < 4_096)
      evaluator.constants.set(name.text, { text: before.text + value.text })
  }
}

/** The literals of a call, and what its arguments were put together to. */
function withValues(literals: string[], values: readonly string[]): string[] {
  for (const value of values)
    if (value !== '' && !literals.includes(value) && literals.length < 200) literals.push(value)
  return literals
}

/** `./state.mjs`, `.state`, `lib/state`: all `state`. */
export function moduleName(path: string): string {
  return path
    .slice(path.lastIndexOf('/') + 1)
    .replace(/^\.+/, '')
    .replace(/\.\w{1,5}$/, '')
}

/** Names of the parameters of functions that are written into a call's arguments, or behind it as a block. */
function callbackParameters(tokens: readonly Token[], pair: ReadonlyMap<number, number>, call: FoundCall): string[] {
  const names: string[] = []
  const limit = Math.min(call.close, call.open + 40)
  for (let i = call.open + 1; i < limit; i += 1) {
    if (tokens[i]?.text === '=>' || tokens[i]?.text === '->') {
      const before = tokens[i - 1]
      if (before?.kind === 'name') names.push(before.text)
      else if (before?.text === ')')
        for (let j = i - 2; j > call.open && tokens[j]?.text !== '('; j -= 1)
          if (tokens[j]?.kind === 'name') names.push(tokens[j]?.text ?? '')
      break
    }
    if (tokens[i]?.text === 'function' || tokens[i]?.text === 'fn') {
      const open = tokens[i + 1]?.text === '(' ? i + 1 : i + 2
      const last = Math.min(pair.get(open) ?? 0, open + 12)
      for (let j = open + 1; j < last; j += 1) if (tokens[j]?.kind === 'name') names.push(tokens[j]?.text ?? '')
      break
    }
  }
  const after = tokens[call.close + 1]
  const bar = after?.text === '{' || after?.text === 'do' ? call.close + 2 : -1
  if (bar > 0 && tokens[bar]?.text === '|')
    for (let j = bar + 1; j < bar + 8 && tokens[j]?.text !== '|'; j += 1)
      if (tokens[j]?.kind === 'name') names.push(tokens[j]?.text ?? '')
  return names
}

function readImports(
  tokens: readonly Token[],
  imports: { offset: number; module: string }[],
  aliases: Map<string, string>,
): { local: string; name: string; module: string }[] {
  const imported: { local: string; name: string; module: string }[] = []
  for (let i = 0; i < tokens.length; i += 1) {
    const token = tokens[i]
    if (token?.kind !== 'name') continue
    const dotted = (from: number): [string, number] => {
      let name = tokens[from]?.kind === 'name' ? (tokens[from]?.text ?? '') : ''
      let at = from + 1
      while (tokens[at]?.text === '.' && tokens[at + 1]?.kind === 'name') {
        name += `.${tokens[at + 1]?.text ?? ''}`
        at += 2
      }
      return [name, at]
    }
    if (token.text === 'import' && tokens[i + 1]?.kind === 'name') {
      const [name, at] = dotted(i + 1)
      if (tokens[at]?.text === 'as' && tokens[at + 1] !== undefined) aliases.set(tokens[at + 1]?.text ?? '', name)
      const local = tokens[at]?.text === 'as' ? (tokens[at + 1]?.text ?? '') : name
      imported.push({ local, name: '*', module: name.slice(name.lastIndexOf('.') + 1) })
      const from = tokens.slice(at, at + 30).findIndex((each) => each.text === 'from')
      const source = from < 0 ? undefined : tokens[at + from + 1]
      if (source?.kind === 'string') imports.push({ offset: token.offset, module: source.text })
      else imports.push({ offset: token.offset, module: name })
    } else if (token.text === 'from' && tokens[i + 1]?.kind === 'name') {
      const [name, at] = dotted(i + 1)
      if (tokens[at]?.text !== 'import') continue
      imports.push({ offset: token.offset, module: name })
      for (let j = at + 1; j < tokens.length && tokens[j]?.kind !== 'newline'; j += 1) {
        const each = tokens[j]
        if (each?.kind !== 'name' || each.text === 'as') continue
        aliases.set(each.text, `${name}.${each.text}`)
        const isRenamed = tokens[j - 1]?.text === 'as'
        imported.push({
          local: each.text,
          name: isRenamed ? (tokens[j - 2]?.text ?? '') : each.text,
          module: name.slice(name.lastIndexOf('.') + 1),
        })
      }
    } else if (
      token.text === 'import' &&
      (tokens[i + 1]?.kind === 'string' || tokens[i + 1]?.text === '{' || tokens[i + 1]?.text === '*')
    ) {
      const source = tokens.slice(i, i + 60).find((each) => each.kind === 'string')
      if (source !== undefined) {
        imports.push({ offset: token.offset, module: source.text })
        if (tokens[i + 1]?.text === '*')
          imported.push({ local: tokens[i + 3]?.text ?? '', name: '*', module: source.text })
        for (
          let j = i + 2;
          tokens[i + 1]?.text === '{' && tokens[j] !== undefined && tokens[j]?.text !== '}' && j < i + 60;
          j += 1
        ) {
          const each = tokens[j]
          if (each?.kind !== 'name' || each.text === 'as' || tokens[j + 1]?.text === 'as') continue
          const name = tokens[j - 1]?.text === 'as' ? (tokens[j - 2]?.text ?? '') : each.text
          imported.push({ local: each.text, name, module: source.text })
        }
      }
    } else if (token.text === 'require' && tokens[i + 1]?.text === '(' && tokens[i + 2]?.kind === 'string') {
      const module = tokens[i + 2]?.text ?? ''
      imports.push({ offset: token.offset, module })
      if (tokens[i - 1]?.text === '=' && tokens[i - 2]?.kind === 'name')
        aliases.set(tokens[i - 2]?.text ?? '', module.replace(/^node:/, ''))
      if (tokens[i - 1]?.text === '=' && tokens[i - 2]?.kind === 'name')
        imported.push({ local: tokens[i - 2]?.text ?? '', name: '*', module })
      if (tokens[i - 1]?.text === '=' && tokens[i - 2]?.text === '}') {
        for (let j = i - 3; j >= 0 && tokens[j]?.text !== '{'; j -= 1)
          if (tokens[j]?.kind === 'name') {
            aliases.set(tokens[j]?.text ?? '', `${module.replace(/^node:/, '')}.${tokens[j]?.text ?? ''}`)
            imported.push({ local: tokens[j]?.text ?? '', name: tokens[j]?.text ?? '', module })
          }
      }
    }
  }
  return imported
}

interface FoundCall {
  readonly callee: string
  readonly from: number
  /** Where the expression it is called on begins: `b64decode(x).decode()` is called on a decoded value. */
  readonly receiver: number
  /** The arguments stand between these two. */
  readonly open: number
  readonly close: number
  /** Without brackets, up to the end of the statement. */
  readonly isBare: boolean
}

interface Finding {
  readonly tokens: readonly Token[]
  readonly pair: ReadonlyMap<number, number>
  readonly aliases: ReadonlyMap<string, string>
  readonly evaluator: Evaluator
  readonly syntax: Syntax
  readonly table: Calls
}

const NO_CALLS = new Set(
  'if for while switch catch function return def class and or not in await typeof void throw else elif yield case when unless until fn func lambda'.split(
    ' ',
  ),
)

function findCalls(at: Finding): FoundCall[] {
  const { tokens, pair, aliases, syntax, table } = at
  const calls: FoundCall[] = []
  const starts = new Map<number, number>()
  for (const [open, close] of pair) starts.set(close, open)
  const isChain = (i: number) => tokens[i]?.text === '.' || syntax.chains.includes(tokens[i]?.text ?? '')
  /** The dotted name that ends with the name at a token, and where what it is called on begins. */
  const named = (last: number): { parts: string[]; from: number; receiver: number } => {
    let from = last
    const parts = [tokens[from]?.text ?? '']
    // No chain that a person writes is longer.
    while (parts.length < 12 && isChain(from - 1)) {
      if (tokens[from - 2]?.kind === 'name') {
        from -= 2
        parts.unshift(tokens[from]?.text ?? '')
      } else break
    }
    let receiver = from
    if (isChain(from - 1)) {
      const open = starts.get(from - 2)
      if (open !== undefined) {
        receiver = open
        while (
          receiver > 0 &&
          from - receiver < 400 &&
          (tokens[receiver - 1]?.kind === 'name' || isChain(receiver - 1))
        )
          receiver -= 1
        parts.unshift('')
      } else if (tokens[from - 2]?.kind === 'string') {
        receiver = from - 2
        parts.unshift('')
      }
    }
    const first = aliases.get(parts[0] ?? '')
    if (first !== undefined) parts[0] = first
    return { parts, from, receiver }
  }
  for (let i = 0; i < tokens.length && calls.length < CALLS_MAX; i += 1) {
    const token = tokens[i]
    if (token === undefined) break
    if (token.isCommand === true) {
      calls.push({ callee: '`', from: i, receiver: i, open: i - 1, close: i + 1, isBare: false })
      continue
    }
    if (token.text === '(' && token.kind === 'mark') {
      if (tokens[i - 1]?.kind === 'name') {
        const { parts, from, receiver } = named(i - 1)
        if (
          parts.length === 1 &&
          (NO_CALLS.has(parts[0] ?? '') || (parts[0] === 'import' && tokens[i + 1]?.kind === 'newline'))
        )
          continue
        if (DEFINES.test(tokens[from - 1]?.text ?? '')) continue
        const close = pair.get(i) ?? Math.min(tokens.length, i + 60)
        calls.push({
          callee: parts.join('.').replaceAll(/(?:\?\.|->|::)/g, '.'),
          from,
          receiver,
          open: i,
          close,
          isBare: false,
        })
      } else {
        const spelled = spelledName(at, starts, i)
        if (spelled !== null)
          calls.push({
            ...spelled,
            receiver: spelled.from,
            open: i,
            close: pair.get(i) ?? Math.min(tokens.length, i + 60),
            isBare: false,
          })
      }
      continue
    }
    if (!syntax.hasBareCalls || token.kind !== 'name' || isChain(i + 1) || !startsArgument(tokens, i + 1, syntax))
      continue
    const { parts, from, receiver } = named(i)
    const callee = parts.join('.')
    if (!Object.values(table).some((pattern) => pattern.test(callee))) continue
    if (DEFINES.test(tokens[from - 1]?.text ?? '')) continue
    const end = bareEnd(tokens, i + 1)
    // What comes in by a pipe is what it is called on.
    const piped = tokens[from - 1]?.text === '|' ? statementStart(tokens, from - 1) : receiver
    calls.push({ callee, from, receiver: piped, open: i, close: end, isBare: true })
  }
  return calls
}

/** `getattr(os, "sys" + "tem")(…)`, `globalThis["ev" + "al"](…)`: the name that is put together. */
function spelledName(
  at: Finding,
  starts: ReadonlyMap<number, number>,
  i: number,
): { callee: string; from: number } | null {
  const { tokens, evaluator } = at
  const close = tokens[i - 1]?.text
  const open = starts.get(i - 1)
  if (open === undefined) return null
  if (close === ']') {
    const name = evaluator.text(open + 1, i - 1)
    if (name === null || !/^\w{2,60}$/.test(name)) return null
    const owner = tokens[open - 1]
    const isGlobal =
      owner?.kind === 'name' && /^(?:globalThis|window|global|self|this|builtins|__builtins__)$/.test(owner.text)
    return { callee: isGlobal || owner?.kind !== 'name' ? name : `${owner.text}.${name}`, from: Math.max(0, open - 1) }
  }
  if (close !== ')' || tokens[open - 1]?.text !== 'getattr') return null
  const [first, second] = evaluator.arguments(open + 1, i - 1)
  if (first === undefined || second === undefined) return null
  const name = evaluator.text(...second)
  const owner = tokens
    .slice(first[0], first[1])
    .map((token) => token.text)
    .join('')
  if (name === null || !/^\w{2,60}$/.test(name)) return null
  const module = /^__import__\(?(\w+)/.exec(owner)?.[1] ?? at.aliases.get(owner) ?? owner
  return { callee: /^(?:builtins|__builtins__)$/.test(module) ? name : `${module}.${name}`, from: open - 1 }
}

/** Whether an argument may begin here, for calls without brackets. */
function startsArgument(tokens: readonly Token[], i: number, syntax: Syntax): boolean {
  const token = tokens[i]
  if (token === undefined || token.kind === 'newline') return false
  if (token.kind === 'string' || token.kind === 'number') return true
  if (token.kind === 'name') return !/^(?:if|unless|while|until|do|and|or|then|end|in|of|is|as)$/.test(token.text)
  if (syntax.hasDashes && (token.text === '-' || token.text === '(')) return true
  return token.text === '[' || token.text === '{' || token.text === '@' || token.text === '%' || token.text === ':'
}

function bareEnd(tokens: readonly Token[], from: number): number {
  const end = statementEnd(tokens, from)
  let depth = 0
  for (let at = from; at < end; at += 1) {
    const token = tokens[at]
    if (token?.kind === 'mark' && '([{'.includes(token.text)) depth += 1
    else if (token?.kind === 'mark' && ')]}'.includes(token.text)) depth -= 1
    else if (token?.text === '|' && depth === 0) return at
  }
  return end
}

function statementStart(tokens: readonly Token[], from: number): number {
  let at = from
  while (at > 0 && from - at < 200 && tokens[at - 1]?.kind !== 'newline' && tokens[at - 1]?.text !== ';') at -= 1
  return at
}

function statementEnd(tokens: readonly Token[], from: number): number {
  let depth = 0
  let at = from
  // A statement longer than this is data, not flow.
  const limit = Math.min(tokens.length, from + 2_000)
  for (; at < limit; at += 1) {
    const token = tokens[at]
    if (token?.kind === 'mark') {
      if ('([{'.includes(token.text)) depth += 1
      else if (')]}'.includes(token.text)) {
        depth -= 1
        if (depth < 0) return at
      } else if (token.text === ';' && depth === 0) return at
    } else if (
      token?.kind === 'newline' &&
      depth === 0 &&
      tokens[at - 1]?.text !== '\\' &&
      tokens[at + 1]?.text !== '.'
    )
      return at
  }
  return at
}

/** `headers=`, `headers:`, `auth=`, `'Authorization':`, or the plain name `headers` handed over. */
function isHeader(tokens: readonly Token[], i: number): boolean {
  const token = tokens[i]
  const next = tokens[i + 1]?.text
  if (token === undefined) return false
  if (next !== '=' && next !== ':' && (token.kind !== 'name' || (next !== ',' && next !== '}'))) return false
  return /^(?:headers|auth|authorization|x-api-key|api[-_]?key|access[-_]token)$/i.test(token.text)
}

/** Where the value that begins at a token ends: after its closing bracket, or at the comma. */
function valueEnd(tokens: readonly Token[], pair: ReadonlyMap<number, number>, from: number): number {
  let at = from
  while (at < tokens.length) {
    const close = pair.get(at)
    if (close !== undefined) {
      at = close + 1
      continue
    }
    const text = tokens[at]?.text
    if (tokens[at]?.kind === 'mark' && (text === ',' || text === ')' || text === '}')) return at
    at += 1
  }
  return at
}

/** Literals of a range; neighbours joined by `+` or by nothing are one; names of known constants are put in. */
function literalsIn(
  tokens: readonly Token[],
  from: number,
  to: number,
  constants: ReadonlyMap<string, string>,
): string[] {
  const out: string[] = []
  let isJoined = false
  // A range that is longer is data.
  for (let i = from; i < Math.min(to, from + 1_000) && out.length < 200; i += 1) {
    const token = tokens[i]
    if (token === undefined) break
    if (token.kind === 'newline') continue
    const value = token.kind === 'string' ? token.text : token.kind === 'name' ? constants.get(token.text) : undefined
    if (value !== undefined) {
      if (isJoined && out.length > 0 && (out.at(-1)?.length ?? 0) < 4096) out[out.length - 1] += value
      else out.push(value)
      isJoined = tokens[i + 1]?.kind === 'string' && token.kind === 'string'
    } else isJoined = token.text === '+' && out.length > 0
  }
  return out
}

/** The environment variable read at a token: `os.environ["X"]`, `os.getenv("X")`, `process.env.X`; `*` for all of it. */
function envAt(tokens: readonly Token[], i: number, aliases: ReadonlyMap<string, string>): string | null {
  const text = tokens[i]?.text
  if (text === 'environ') {
    const next = tokens[i + 1]
    if (next?.text === '[' && tokens[i + 2]?.kind === 'string') return tokens[i + 2]?.text ?? null
    if (next?.text === '.' && (tokens[i + 2]?.text === 'get' || tokens[i + 2]?.text === 'pop'))
      return tokens[i + 4]?.kind === 'string' ? (tokens[i + 4]?.text ?? null) : null
    if (next?.text === '.' && ['items', 'copy', 'values'].includes(tokens[i + 2]?.text ?? '')) return '*'
    return next?.text === '[' || tokens[i + 2]?.text === 'setdefault' ? null : '*'
  }
  if (
    /^(?:getenv|Getenv|var|fetch)$/.test(text ?? '') &&
    tokens[i + 1]?.text === '(' &&
    tokens[i + 2]?.kind === 'string'
  )
    return /^(?:var|fetch)$/.test(text ?? '') && !/^(?:env|ENV)$/.test(tokens[i - 2]?.text ?? '')
      ? null
      : (tokens[i + 2]?.text ?? null)
  if (/^(?:ENV|_ENV|\$_ENV|\$_SERVER|\$ENV)$/.test(text ?? '') && /^[[{]$/.test(tokens[i + 1]?.text ?? ''))
    return tokens[i + 2]?.kind === 'string' || tokens[i + 2]?.kind === 'name' ? (tokens[i + 2]?.text ?? null) : null
  if (text === 'ENV' && tokens[i + 1]?.text === '.' && /^to_(?:h|hash|a)$/.test(tokens[i + 2]?.text ?? '')) return '*'
  // `$env:NAME` of PowerShell.
  if (text === '$env' && tokens[i + 1]?.text === ':')
    return tokens[i + 2]?.kind === 'name' ? (tokens[i + 2]?.text ?? null) : null
  const owner = tokens[i - 2]?.text ?? ''
  if (text === 'env' && tokens[i - 1]?.text === '.' && (aliases.get(owner) ?? owner) === 'process') {
    const next = tokens[i + 1]
    if (next?.text === '.' && tokens[i + 2]?.kind === 'name') return tokens[i + 2]?.text ?? null
    if (next?.text === '[' && tokens[i + 2]?.kind === 'string') return tokens[i + 2]?.text ?? null
    return '*'
  }
  return null
}

/** Calls whose answer holds what they were given. */
const CARRIES =
  /^(?:b64encode|b85encode|b32encode|b16encode|urlsafe_b64encode|hexlify|btoa|encode|decode|toString|str|bytes|bytearray|dict|list|tuple|set|sorted|map|filter|zip|enumerate|dumps?|stringify|format|join|concat|from|hex|encodeURIComponent|encodeURI|escape|quote|quote_plus|urlencode|compress|gzip\w*|deflate\w*|encrypt|update|final|read\w*|text|strip|rstrip|lstrip|trim|replace|split|slice|copy|items|values|keys|entries|assign|fromEntries|get|getenv|open|Path|expanduser|glob|rglob|walk|listdir|readdirSync|load|loads|parse|json|Blob|FormData|Script|string|String|ReadAll|GetString|Copy|URI|trim|chomp|slurp|content|decoded_content|getBody|body|File|append|push|deepcopy|repr|raw|b64decode|atob|eval|exec|compile|then|all|Function|NewReader|NewBuffer|NewBufferString|fetchall|fetchone|execute)$/

/** Calls that open, read, or name what is read next. */
const READS =
  /^(?:open|readFileSync|readFile|ReadFile|read_text|read_bytes|read_to_string|file_get_contents|createReadStream|Path|expanduser|PurePath|join|resolve|joinpath|File|read|load_dotenv|dotenv_values|Open|new)$/

/** What a call's answer is made of. */
function sourceOfCall(
  callee: string,
  literals: readonly string[],
  values: readonly string[],
  files: Files,
  table: Calls,
): [Source, string] | null {
  const last = callee.split('.').at(-1) ?? callee
  const url = [...values, ...literals].find((each) => /^(?:https?|wss?|ftp):/.test(each))
  if (table.decodes?.test(callee) === true) return ['decoded', `${last}()`]
  if (table.fetches?.test(callee) === true && (url !== undefined || !/^(?:URL|URI\.parse|get)$/.test(callee)))
    return ['network', url ?? callee]
  if (table.reads?.test(callee) === true && url !== undefined) return ['network', url]
  if (table.environment?.test(callee) === true && literals.length === 0) return ['env', 'the whole environment']
  // The path that was put together, and each argument.
  for (const path of values.filter((each) => each.length < 300)) {
    if (files.taintOf(path).has('network') && (READS.test(last) || table.reads?.test(callee) === true))
      return ['network', path]
    const place = whatIsAt(path)
    if (!READS.test(last) && table.reads?.test(callee) !== true) continue
    if (place === 'wallet') return ['wallet', path.replaceAll(GAP, '*')]
    if (place === 'credential') return ['secret', path.replaceAll(GAP, '*')]
  }
  if (table.reads?.test(callee) === true) {
    const path = values.find((each) => each !== '') ?? ''
    return ['file', path === '' ? 'a file' : path]
  }
  if (
    /^(?:b64decode|b85decode|a85decode|b32decode|b16decode|urlsafe_b64decode|unhexlify|fromhex|atob|decompress|gunzipSync|inflateSync|fromCharCode|loads)$/.test(
      last,
    ) &&
    !/json|yaml|toml|tomllib/.test(callee)
  ) {
    if (last === 'loads' && !/marshal|pickle|dill/.test(callee)) return null
    return ['decoded', `${last}()`]
  }
  if (last === 'from' && /Buffer/.test(callee) && literals.some((each) => /^(?:base64|hex|base64url)$/.test(each)))
    return ['decoded', 'Buffer.from()']
  if (
    /^(?:open|readFileSync|readFile|ReadFile|read_text|read_bytes|read_to_string|file_get_contents|Path|expanduser|createReadStream|glob|sync|listdir|load_dotenv|dotenv_values|join)$/.test(
      last,
    ) ||
    /^(?:File|IO)\.(?:read|binread)$|sqlite3?\.connect$/.test(callee)
  ) {
    const joined = literals.join('/')
    if (last === 'file_get_contents' && /^https?:/.test(joined)) return ['network', joined]
    if (joined !== '' && files.taintOf(joined).has('network')) return ['network', joined]
    const what = whatIsAt(joined)
    if (what === 'wallet') return ['wallet', joined]
    if (what === 'credential') return ['secret', joined]
    if (what === 'identity') return ['file', joined]
    if (
      /^(?:open|readFileSync|readFile|ReadFile|file_get_contents|read_to_string|read_text|read_bytes|createReadStream)$/.test(
        last,
      )
    )
      return ['file', joined === '' ? 'a file' : joined]
    if (/^(?:glob|sync)$/.test(last) && joined.includes('*')) return ['file', joined]
    return null
  }
  if (/^(?:recv|recvfrom|recv_into)$/.test(last)) return ['network', callee]
  if (
    /^(?:get|post|request|urlopen|urlretrieve|fetch|axios|got|stream|getStream)$/.test(last) &&
    /requests|httpx|urllib|axios|^fetch$|^got$|session|http|client|(?:globalThis|window|self)\.fetch$/i.test(callee)
  )
    return ['network', literals.find((each) => /^https?:/.test(each)) ?? callee]
  if (
    /^(?:gethostname|getuser|getlogin|node|platform|uname|userInfo|hostname|networkInterfaces)$/.test(last) &&
    /socket|getpass|os|platform/.test(callee)
  )
    return ['system', callee]
  return null
}
