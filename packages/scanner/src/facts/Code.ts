import type { Source } from '../Fact.ts'
import { Files } from './flow/Files.ts'
import { isSecretName, isWalletName, whatIsAt } from './places.ts'

/** One call, as written. */
export interface CodeCall {
  readonly callee: string
  readonly offset: number
  /** Source of the arguments. */
  readonly text: string
  readonly literals: readonly string[]
  readonly taints: ReadonlyMap<Source, string>
}

export interface CodeReading {
  readonly calls: readonly CodeCall[]
  /** String literals with their offsets. */
  readonly strings: readonly { readonly offset: number; readonly text: string }[]
  readonly comments: readonly { readonly offset: number; readonly text: string }[]
  readonly env: readonly { readonly offset: number; readonly name: string }[]
  readonly imports: readonly { readonly offset: number; readonly module: string }[]
  /** What a strict reader would stop at: an unclosed string, comment or bracket. Null when there is nothing. */
  readonly problem: string | null
  /** Whether it was too much to follow to the end. */
  readonly isCut: boolean
}

type TokenKind = 'name' | 'string' | 'number' | 'mark' | 'newline'
interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly offset: number
  readonly end: number
}

const TOKENS_MAX = 200_000
/** Calls that are followed in one piece of code, and steps that following them may take. */
const CALLS_MAX = 2_000
const STEPS_MAX = 300_000

/**
 * Reads Python, JavaScript and their like with one tokenizer and one data-flow pass: which calls are made, with which
 * literals, and which of them are handed values that came from secrets, files, the network or a decoder. It takes whole
 * files and fragments alike. Linear in the text but for assignments, which are followed twice.
 */
export function readCode(
  text: string,
  language: 'python' | 'javascript' | 'unknown',
  files: Files = new Files(),
): CodeReading {
  const { tokens, comments, problem } = tokenize(text, language)
  const pair = brackets(tokens)
  const strings = tokens.filter((token) => token.kind === 'string').map(({ offset, text }) => ({ offset, text }))
  const env: { offset: number; name: string }[] = []
  const imports: { offset: number; module: string }[] = []
  const aliases = new Map<string, string>()
  readImports(tokens, imports, aliases)

  const tainted = new Map<string, Map<Source, string>>()
  /** What this text's own functions hand back, and the names of their parameters. */
  const returned = new Map<string, Map<Source, string>>()
  const parameters = parametersIn(tokens, pair)
  /** Variables that hold the path of a store of keys. */
  const stores = new Map<string, readonly [Source, string]>()
  const constants = new Map<string, string>()
  const calls = findCalls(tokens, pair, aliases)
  let steps = 0
  const callAt = new Map(calls.map((call) => [call.from, call]))

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
          const source = sourceOfCall(call.callee, literalsIn(tokens, call.open + 1, call.close, constants), files)
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
          else if (!CARRIES.test(call.callee.split('.').at(-1) ?? '') && call.close < to) {
            i = call.close
            continue
          }
        }
        const variable = envAt(tokens, i)
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
    let within = ''
    for (let i = 0; i < tokens.length; i += 1) {
      const token = tokens[i]
      if (token?.kind !== 'name') continue
      if (token.text === 'def' || token.text === 'function') within = tokens[i + 1]?.text ?? ''
      else if (token.text === 'return' && within !== '') {
        const found = taintOf(i + 1, statementEnd(tokens, i + 1))
        if (found.size > 0) returned.set(within, new Map([...(returned.get(within) ?? []), ...found]))
      }
      const next = tokens[i + 1]
      const isAssignment = next?.kind === 'mark' && (next.text === '=' || next.text === '+=' || next.text === ':=')
      if (isAssignment && tokens[i - 1]?.text !== '.' && !insideCall(i)) {
        const end = statementEnd(tokens, i + 2)
        const found = taintOf(i + 2, end)
        const before =
          next.text === '+=' ? (tainted.get(token.text) ?? new Map<Source, string>()) : new Map<Source, string>()
        const all = new Map([...before, ...found])
        if (all.size > 0) tainted.set(token.text, all)
        // `data, err := …`
        const first = next.text === ':=' && tokens[i - 1]?.text === ',' ? tokens[i - 2] : undefined
        if (first?.kind === 'name' && all.size > 0) tainted.set(first.text, all)
        const literals = literalsIn(tokens, i + 2, end, constants)
        for (const literal of literals) {
          const what = literal.length < 300 ? whatIsAt(literal) : 'other'
          if (what === 'credential') stores.set(token.text, ['secret', literal])
          else if (what === 'wallet') stores.set(token.text, ['wallet', literal])
        }
        if (literals.length === 1 && (literals[0]?.length ?? 0) < 4096) constants.set(token.text, literals[0] ?? '')
      } else if ((token.text === 'for' || token.text === 'with') && language !== 'javascript') {
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

  function insideCall(i: number): boolean {
    // A keyword argument: `post(url, data=x)`.
    const before = tokens[i - 1]
    return before?.kind === 'mark' && (before.text === '(' || before.text === ',') && language === 'python'
  }

  for (let i = 0; i < tokens.length; i += 1) {
    const token = tokens[i]
    if (token?.kind !== 'name') continue
    const variable = envAt(tokens, i)
    if (variable !== null) env.push({ offset: token.offset, name: variable })
  }

  return {
    calls: calls.map((call) => ({
      callee: call.callee,
      offset: tokens[call.from]?.offset ?? 0,
      text: text.slice(
        tokens[call.open]?.end ?? 0,
        Math.min(tokens[call.close]?.offset ?? text.length, (tokens[call.open]?.end ?? 0) + 2000),
      ),
      literals: literalsIn(tokens, call.open + 1, call.close, constants),
      taints: new Map([
        ...taintOf(call.open + 1, call.close, true),
        ...(call.receiver < call.from ? taintOf(call.receiver, call.from) : []),
      ]),
    })),
    strings,
    comments,
    env,
    imports,
    problem,
    isCut: steps > STEPS_MAX || calls.length >= CALLS_MAX,
  }
}

/** The parameters of the functions that are defined here, by name: what a call hands over is what they hold. */
function parametersIn(tokens: readonly Token[], pair: ReadonlyMap<number, number>): Map<string, readonly string[]> {
  const out = new Map<string, readonly string[]>()
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

/** What a strict reader would stop at, without following anything: see {@link CodeReading.problem}. */
export function problemIn(text: string, language: 'python' | 'javascript'): string | null {
  return tokenize(text, language).problem
}

function tokenize(text: string, language: 'python' | 'javascript' | 'unknown') {
  const tokens: Token[] = []
  const comments: { offset: number; text: string }[] = []
  let problem: string | null = null
  let at = 0
  const size = text.length
  NAME.lastIndex = 0
  while (at < size && tokens.length < TOKENS_MAX) {
    const char = text[at] ?? ''
    if (char === ' ' || char === '\t' || char === '\r') at += 1
    else if (char === '\n') {
      tokens.push({ kind: 'newline', text: '\n', offset: at, end: at + 1 })
      at += 1
    } else if (char === '#' && language !== 'javascript') {
      let end = text.indexOf('\n', at)
      if (end < 0) end = size
      comments.push({ offset: at, text: text.slice(at + 1, end) })
      at = end
    } else if (char === '/' && text[at + 1] === '/' && language !== 'python') {
      let end = text.indexOf('\n', at)
      if (end < 0) end = size
      comments.push({ offset: at, text: text.slice(at + 2, end) })
      at = end
    } else if (char === '/' && text[at + 1] === '*' && language !== 'python') {
      const end = text.indexOf('*/', at + 2)
      if (end < 0) problem ??= 'a comment is not closed'
      comments.push({ offset: at, text: text.slice(at + 2, end < 0 ? size : end) })
      at = end < 0 ? size : end + 2
    } else if (char === '"' || char === "'" || char === '`') {
      const triple = language !== 'javascript' && char !== '`' && text[at + 1] === char && text[at + 2] === char
      const mark = triple ? char.repeat(3) : char
      const multi = triple || char === '`'
      let end = at + mark.length
      let isClosed = false
      while (end < size) {
        const next = text[end]
        if (next === '\\') end += 2
        else if (next === '\n' && !multi) break
        else if (next === char && (!triple || text.startsWith(mark, end))) {
          isClosed = true
          break
        } else end += 1
      }
      end = Math.min(end, size)
      if (!isClosed) problem ??= 'a string is not closed'
      // Prefixes of Python strings (f, r, b) were read as a name just before.
      const previous = tokens.at(-1)
      if (previous?.kind === 'name' && previous.end === at && /^(?:f|r|b|u|fr|rf|br|rb)$/i.test(previous.text))
        tokens.pop()
      tokens.push({
        kind: 'string',
        text: text.slice(at + mark.length, end),
        offset: at,
        end: isClosed ? end + mark.length : end,
      })
      at = isClosed ? end + mark.length : end
    } else if (isNameStart(text.charCodeAt(at))) {
      NAME.lastIndex = at
      const name = NAME.exec(text)?.[0] ?? char
      tokens.push({ kind: 'name', text: name, offset: at, end: at + name.length })
      at += name.length
    } else if (char >= '0' && char <= '9') {
      NUMBER.lastIndex = at
      const number = NUMBER.exec(text)?.[0] ?? char
      tokens.push({ kind: 'number', text: number, offset: at, end: at + number.length })
      at += number.length
    } else {
      const two = text.slice(at, at + 2)
      const mark = MARKS.has(two) ? two : char
      tokens.push({ kind: 'mark', text: mark, offset: at, end: at + mark.length })
      at += mark.length
    }
  }
  return { tokens, comments, problem: tokens.length >= TOKENS_MAX ? 'it has more tokens than are read' : problem }
}

const MARKS = new Set(['+=', ':=', '==', '=>', '!=', '<=', '>=', '?.', '->', '&&', '||', '::'])

/** A to Z, a to z, `_` and `$`. */
function isNameStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code === 36
}

const NAME = /[A-Za-z_$][\w$]*/y
const NUMBER = /[\w.]+/y

function brackets(tokens: readonly Token[]): Map<number, number> {
  const pair = new Map<number, number>()
  const open: number[] = []
  for (let i = 0; i < tokens.length; i += 1) {
    const token = tokens[i]
    if (token?.kind !== 'mark') continue
    if (token.text === '(' || token.text === '[' || token.text === '{') open.push(i)
    else if (token.text === ')' || token.text === ']' || token.text === '}') {
      const from = open.pop()
      if (from !== undefined) pair.set(from, i)
    }
  }
  return pair
}

function readImports(
  tokens: readonly Token[],
  imports: { offset: number; module: string }[],
  aliases: Map<string, string>,
): void {
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
        if (each?.kind === 'name' && each.text !== 'as') aliases.set(each.text, `${name}.${each.text}`)
      }
    } else if (
      token.text === 'import' &&
      (tokens[i + 1]?.kind === 'string' || tokens[i + 1]?.text === '{' || tokens[i + 1]?.text === '*')
    ) {
      const source = tokens.slice(i, i + 60).find((each) => each.kind === 'string')
      if (source !== undefined) imports.push({ offset: token.offset, module: source.text })
    } else if (token.text === 'require' && tokens[i + 1]?.text === '(' && tokens[i + 2]?.kind === 'string') {
      const module = tokens[i + 2]?.text ?? ''
      imports.push({ offset: token.offset, module })
      if (tokens[i - 1]?.text === '=' && tokens[i - 2]?.kind === 'name')
        aliases.set(tokens[i - 2]?.text ?? '', module.replace(/^node:/, ''))
      if (tokens[i - 1]?.text === '=' && tokens[i - 2]?.text === '}') {
        for (let j = i - 3; j >= 0 && tokens[j]?.text !== '{'; j -= 1)
          if (tokens[j]?.kind === 'name')
            aliases.set(tokens[j]?.text ?? '', `${module.replace(/^node:/, '')}.${tokens[j]?.text ?? ''}`)
      }
    }
  }
}

interface FoundCall {
  readonly callee: string
  readonly from: number
  /** Where the expression it is called on begins: `b64decode(x).decode()` is called on a decoded value. */
  readonly receiver: number
  readonly open: number
  readonly close: number
}

function findCalls(
  tokens: readonly Token[],
  pair: ReadonlyMap<number, number>,
  aliases: ReadonlyMap<string, string>,
): FoundCall[] {
  const calls: FoundCall[] = []
  const starts = new Map<number, number>()
  for (const [open, close] of pair) starts.set(close, open)
  for (let i = 0; i < tokens.length && calls.length < CALLS_MAX; i += 1) {
    if (tokens[i]?.text !== '(' || tokens[i]?.kind !== 'mark' || tokens[i - 1]?.kind !== 'name') continue
    let from = i - 1
    const parts = [tokens[from]?.text ?? '']
    // No chain that a person writes is longer.
    while (parts.length < 12 && (tokens[from - 1]?.text === '.' || tokens[from - 1]?.text === '?.')) {
      if (tokens[from - 2]?.kind === 'name') {
        from -= 2
        parts.unshift(tokens[from]?.text ?? '')
      } else break
    }
    let receiver = from
    if (tokens[from - 1]?.text === '.') {
      const open = starts.get(from - 2)
      if (open !== undefined) {
        receiver = open
        while (
          receiver > 0 &&
          from - receiver < 400 &&
          (tokens[receiver - 1]?.kind === 'name' || tokens[receiver - 1]?.text === '.')
        )
          receiver -= 1
        parts.unshift('')
      }
    }
    if (
      [
        'if',
        'for',
        'while',
        'switch',
        'catch',
        'function',
        'return',
        'def',
        'class',
        'and',
        'or',
        'not',
        'in',
        'print',
      ].includes(parts[0] ?? '') &&
      parts.length === 1 &&
      parts[0] !== 'print'
    )
      continue
    if (tokens[from - 1]?.text === 'def' || tokens[from - 1]?.text === 'function') continue
    const first = aliases.get(parts[0] ?? '')
    if (first !== undefined) parts[0] = first
    const close = pair.get(i) ?? Math.min(tokens.length, i + 60)
    calls.push({ callee: parts.join('.'), from, receiver, open: i, close })
  }
  return calls
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
function envAt(tokens: readonly Token[], i: number): string | null {
  const text = tokens[i]?.text
  if (text === 'environ') {
    const next = tokens[i + 1]
    if (next?.text === '[' && tokens[i + 2]?.kind === 'string') return tokens[i + 2]?.text ?? null
    if (next?.text === '.' && (tokens[i + 2]?.text === 'get' || tokens[i + 2]?.text === 'pop'))
      return tokens[i + 4]?.kind === 'string' ? (tokens[i + 4]?.text ?? null) : null
    if (next?.text === '.' && ['items', 'copy', 'values'].includes(tokens[i + 2]?.text ?? '')) return '*'
    return next?.text === '[' || tokens[i + 2]?.text === 'setdefault' ? null : '*'
  }
  if (text === 'getenv' && tokens[i + 1]?.text === '(' && tokens[i + 2]?.kind === 'string')
    return tokens[i + 2]?.text ?? null
  if (text === 'env' && tokens[i - 1]?.text === '.' && tokens[i - 2]?.text === 'process') {
    const next = tokens[i + 1]
    if (next?.text === '.' && tokens[i + 2]?.kind === 'name') return tokens[i + 2]?.text ?? null
    if (next?.text === '[' && tokens[i + 2]?.kind === 'string') return tokens[i + 2]?.text ?? null
    return '*'
  }
  return null
}

/** Calls whose answer holds what they were given. */
const CARRIES =
  /^(?:b64encode|b85encode|b32encode|b16encode|urlsafe_b64encode|hexlify|btoa|encode|decode|toString|str|bytes|bytearray|dict|list|tuple|set|sorted|map|filter|zip|enumerate|dumps?|stringify|format|join|concat|from|hex|encodeURIComponent|encodeURI|escape|quote|quote_plus|urlencode|compress|gzip\w*|deflate\w*|encrypt|update|final|read\w*|text|strip|rstrip|lstrip|trim|replace|split|slice|copy|items|values|keys|entries|assign|fromEntries|get|getenv|open|Path|expanduser|glob|rglob|walk|listdir|readdirSync|load|loads|parse|json|Blob|FormData|File|append|push|deepcopy|repr|raw|b64decode|atob|eval|exec|compile|then|all|Function|NewReader|NewBuffer|NewBufferString|fetchall|fetchone|execute)$/

/** What a call's answer is made of. */
function sourceOfCall(callee: string, literals: readonly string[], files: Files): [Source, string] | null {
  const last = callee.split('.').at(-1) ?? callee
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
    /^(?:get|post|request|urlopen|urlretrieve|fetch|axios|got)$/.test(last) &&
    /requests|httpx|urllib|axios|^fetch$|^got$|session|http|client/i.test(callee)
  )
    return ['network', literals.find((each) => /^https?:/.test(each)) ?? callee]
  if (
    /^(?:gethostname|getuser|getlogin|node|platform|uname|userInfo|hostname|networkInterfaces)$/.test(last) &&
    /socket|getpass|os|platform/.test(callee)
  )
    return ['system', callee]
  return null
}
