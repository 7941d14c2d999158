import type { Source } from '../../Fact.ts'
import { Files } from '../flow/Files.ts'
import { merge, type Taint } from '../flow/Taint.ts'
import { isSecretName, isWalletName, whatIsAt } from '../places.ts'
import { Evaluator, type Constants } from './evaluate.ts'
import { CALLS_MAX, callbackParameters, findCalls, parametersIn, type FoundCall } from './findCalls.ts'
import { moduleName, readConstants, readImports, readSpelledNames } from './imports.ts'
import type { Language } from './Language.ts'
import { CARRIES, envAt, mayBeSource, sourceOfCall } from './sources.ts'
import { authenticates, DEFINES, isHeader, literalsIn, statementEnd, valueEnd } from './statements.ts'
import { ANY, brackets, tokenize } from './tokenize.ts'

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

/** Steps that following values may take in one piece of code. */
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

  const known = new Map<FoundCall, string[]>()
  const valuesOf = (call: FoundCall): string[] => {
    let values = known.get(call)
    if (values === undefined) {
      values = evaluator.arguments(call.open + 1, call.close).map(([from, to]) => evaluator.text(from, to) ?? '')
      known.set(call, values)
    }
    return values
  }
  // Without a source there is nothing to follow: most code of documents has none.
  const isFollowed =
    tainted.size > 0 ||
    returned.size > 0 ||
    calls.some((call) => mayBeSource(call.callee, table)) ||
    tokens.some(
      (token, i) =>
        (token.kind === 'name' &&
          (table.environment?.test(token.text) === true || envAt(tokens, i, aliases) !== null)) ||
        (token.kind === 'string' &&
          token.text.length < 4_000 &&
          /process\.env|id\.json|wallet\.dat|keystore/.test(token.text)),
    )
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
    if (!isFollowed) return found
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

/** What a strict reader would stop at, without following anything: an unclosed string or comment. */
export function problemIn(text: string, language: Language): string | null {
  return tokenize(text, language.syntax ?? ANY).problem
}

/** What must not leave, and so is followed into other modules. */
const LEAVES: ReadonlySet<Source> = new Set(['secret', 'wallet', 'env'] as const)

/** The literals of a call, and what its arguments were put together to. */
function withValues(literals: string[], values: readonly string[]): string[] {
  for (const value of values)
    if (value !== '' && !literals.includes(value) && literals.length < 200) literals.push(value)
  return literals
}
