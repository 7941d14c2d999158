import type { Evaluator } from './evaluate.ts'
import type { Calls, Syntax } from './Language.ts'
import { DEFINES, statementEnd } from './statements.ts'
import type { Token } from './tokenize.ts'

/** Calls that are followed in one piece of code. */
export const CALLS_MAX = 2_000

export interface FoundCall {
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

export function findCalls(at: Finding): FoundCall[] {
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
      // A chain may go on in the next line.
      const before = tokens[from - 2]?.kind === 'newline' ? from - 3 : from - 2
      if (tokens[before]?.kind === 'name') {
        from = before
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
        if (DEFINES.has(tokens[from - 1]?.text ?? '')) continue
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
    if (DEFINES.has(tokens[from - 1]?.text ?? '')) continue
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

/** Names of the parameters of functions that are written into a call's arguments, or behind it as a block. */
export function callbackParameters(
  tokens: readonly Token[],
  pair: ReadonlyMap<number, number>,
  call: FoundCall,
): string[] {
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

/** The parameters of the functions that are defined here, by name: what a call hands over is what they hold. */
export function parametersIn(
  tokens: readonly Token[],
  pair: ReadonlyMap<number, number>,
): Map<string, readonly string[]> {
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
