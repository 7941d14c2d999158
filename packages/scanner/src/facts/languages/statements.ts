import type { Token } from './tokenize.ts'

/** Words that begin the definition of a function. */
export const DEFINES: ReadonlySet<string> = new Set(['def', 'function', 'func', 'fn', 'sub', 'fun'])
/** Marks that give a name a value, or add to it. */
export const ASSIGNS: ReadonlySet<string> = new Set(['=', '+=', ':=', '.=', '<<'])

export const GLOBALS = /^(?:globalThis|window|global|self|builtins|__builtins__)$/

export function statementEnd(tokens: readonly Token[], from: number): number {
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
export function isHeader(tokens: readonly Token[], i: number): boolean {
  const token = tokens[i]
  const next = tokens[i + 1]?.text
  if (token === undefined) return false
  if (next !== '=' && next !== ':' && (token.kind !== 'name' || (next !== ',' && next !== '}'))) return false
  return /^(?:headers|auth|authorization|x-api-key|api[-_]?key|access[-_]token)$/i.test(token.text)
}

/** Where the value that begins at a token ends: after its closing bracket, or at the comma. */
export function valueEnd(tokens: readonly Token[], pair: ReadonlyMap<number, number>, from: number): number {
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
export function literalsIn(
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

/** Whether headers that are written out hold one that authenticates; any other header only carries. */
export function authenticates(tokens: readonly Token[], pair: ReadonlyMap<number, number>, i: number): boolean {
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
