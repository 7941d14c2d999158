import { ACCOUNT } from './accounts.ts'

const ARGUMENT_CHARS_MAX = 2_000

/** The arguments between a bracket that opens at `open` and its match, split at the top level. */
export function readArguments(text: string, open: number): string[] {
  const found: string[] = []
  let depth = 0
  let quote = ''
  let from = open + 1
  const end = Math.min(text.length, open + ARGUMENT_CHARS_MAX)
  for (let at = open; at < end; at += 1) {
    const char = text.charAt(at)
    if (quote !== '') {
      if (char === '\\') at += 1
      else if (char === quote) quote = ''
    } else if (char === '"' || char === "'" || char === '`') quote = char
    else if ('([{'.includes(char)) depth += 1
    else if (')]}'.includes(char)) {
      depth -= 1
      if (depth === 0) {
        if (text.slice(from, at).trim() !== '') found.push(text.slice(from, at).trim())
        return found
      }
    } else if (char === ',' && depth === 1) {
      found.push(text.slice(from, at).trim())
      from = at + 1
    }
  }
  return found
}

/** One of the arguments; a second number looks into a tuple, list or record. */
export function argumentAt(args: readonly string[], path: readonly number[]): string {
  const [first = 0, ...rest] = path
  const own = args[first] ?? ''
  if (rest.length === 0) return own
  const inner = own.search(/[([{]/)
  if (inner < 0) return ''
  const parts = readArguments(own, inner)
  return (parts[rest[0] ?? 0] ?? '').replace(/^\w{1,40}\s{0,3}:\s{0,3}/, '')
}

/** What makes an account of a text, written behind it. */
const CONVERTED =
  /(?:\.(?:parse|into|unwrap|expect|toString|to_string|as_str|clone|trim|toLowerCase|lower|strip|toBase58|as_ref)(?:::<[\w:]{1,40}>)?\([^()]{0,40}\)\??)+$/
/** Reads of a setting that take what to use where there is none. */
const ASKS = /(?:getenv|environ\.get|\.get|setdefault|env_or|unwrap_or|getOrDefault|GetEnv|fetch)$/

/** The account that an expression is: written out, wrapped, or by a name that stands for one. */
export function accountOf(expression: string, named: ReadonlyMap<string, string>): string | null {
  let inner = expression.trim()
  for (let depth = 0; depth < 5; depth += 1) {
    // What is used when the user names nobody is what the author wrote.
    const other = /(?:\?\?|\|\||\bor\b|:-)\s{0,3}([^?|]{1,120})$/.exec(inner)?.[1]
    if (other !== undefined) {
      const fallback = accountOf(other.replace(/[})]{1,2}$/, ''), named)
      if (fallback !== null) return fallback
    }
    inner = inner
      .replace(/^[&*@]{1,2}/, '')
      .replace(CONVERTED, '')
      .replace(/^address:/, '')
    const key = /^[\w.]{1,60}(?:\[["'`]\w{1,60}["'`]\]){0,4}\[["'`](\w{1,60})["'`]\]$/.exec(inner)?.[1]
    if (key !== undefined) return named.get(key) ?? null
    const bare = /^address!\(\s{0,3}"([0-9a-fA-F]{40})"\s{0,3}\)$/.exec(inner)?.[1]
    if (bare !== undefined) return `0x${bare}`
    const plain = inner
      .replace(/^["'`]|["'`]$/g, '')
      .replace(/\s{1,3}as\s{1,3}[\w.`${}]{1,40}$/, '')
      .replace(/["'`]$/, '')
    if (ACCOUNT.test(plain) && (plain.startsWith('0x') || /\d/.test(plain))) return plain
    const name = /^[$]?\{?(?:[\w]{1,40}[.:])*([A-Za-z_]\w{0,60})\}?$/.exec(plain)?.[1]
    if (name !== undefined) return named.get(name) ?? null
    const answered = /^(?:[\w]{1,40}[.:])*([A-Za-z_]\w{0,60})\(\s{0,3}\)$/.exec(plain)?.[1]
    if (answered !== undefined) return named.get(answered) ?? null
    // The account of a token belongs to the second of the two.
    const owned = /^(?:await\s{1,3})?[\w.]{0,40}?(?:get|find|derive)\w{0,12}AssociatedTokenAddress(?:Sync)?\(/i.exec(
      plain,
    )
    if (owned !== null) {
      inner = readArguments(plain, owned[0].length - 1)[1] ?? ''
      continue
    }
    const wrapped = /^(?:new\s{1,3})?([\w.:]{1,60}!?)\(([^]*)\)(?:\.\w{1,30}\(\))?$/.exec(plain)
    if (wrapped === null) return null
    inner = (wrapped[2] ?? '').trim()
    // `os.getenv("OPS", "0x…")`: the second is what is used unless the user says otherwise.
    if (ASKS.test(wrapped[1] ?? '')) {
      const parts = readArguments(plain, plain.indexOf('('))
      if (parts.length > 1) inner = parts.at(-1) ?? ''
    }
  }
  return null
}
