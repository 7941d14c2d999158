/** Values longer than this are not put together: what grows by doubling would not stay linear. */
export const VALUE_CHARS_MAX = 4096

/** Marks the border between the items of a list inside one word, until the list is split into words. */
export const ITEM = '\u0001'

/** `$'…'`, `printf`, `echo -e`: escapes as the shell reads them. */
export function unescape(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-fA-F]{1,2})|[uU]([0-9a-fA-F]{1,8})|([0-7]{1,4})|(.))/gs,
    (_, hex?: string, unicode?: string, octal?: string, char?: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
      if (unicode !== undefined) return String.fromCharCode(Number.parseInt(unicode, 16) & 0xffff)
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff)
      return ({ n: '\n', t: '\t', r: '\r' } as Record<string, string>)[char ?? ''] ?? char ?? ''
    },
  )
}

/**
 * What stands for `${…}` when the variable's value is known: substrings, prefixes and suffixes taken off, replacements,
 * case. Null when it is not known what comes out. Never runs anything.
 */
export function expand(body: string, valueOf: (name: string) => string | undefined): string | null {
  const match = /^(!?)([A-Za-z_]\w{0,80}|\d|[@*])(?:\[([^\]]{0,40})\])?([^]*)$/.exec(body)
  if (match === null) return null
  const [, indirect, name = '', index, rest = ''] = match
  let value = valueOf(index === undefined ? name : `${name}[${index}]`)
  if (indirect === '!' && value !== undefined) value = valueOf(value)
  const given = /^:?[-=](.*)$/s.exec(rest)
  if (value === undefined) return given === null || /\$/.test(given[1] ?? '') ? null : (given[1] ?? '')
  if (rest === '' || given !== null || /^:?\?/.test(rest)) return value
  const other = /^:?\+(.*)$/s.exec(rest)
  if (other !== null) return other[1] ?? ''
  const part = /^:\s{0,4}(\(?-?\d{1,5}\)?)(?::\s{0,4}(-?\d{1,5}))?$/.exec(rest)
  if (part !== null) {
    const from = Number((part[1] ?? '').replace(/[()]/g, ''))
    const start = from < 0 ? Math.max(0, value.length + from) : from
    const length = part[2] === undefined ? undefined : Number(part[2])
    return value.slice(start, length === undefined ? undefined : length < 0 ? length : start + length)
  }
  const cut = /^(##?|%%?)(.*)$/s.exec(rest)
  if (cut !== null) return without(value, cut[1] ?? '#', cut[2] ?? '')
  const swap = /^(\/\/?)([^/]{1,80})\/?([^]*)$/.exec(rest)
  if (swap !== null) return replaced(value, swap[2] ?? '', swap[3] ?? '', swap[1] === '//')
  if (rest === '^^' || rest === '@U') return value.toUpperCase()
  if (rest === ',,' || rest === '@L') return value.toLowerCase()
  if (rest === '^') return value.slice(0, 1).toUpperCase() + value.slice(1)
  return null
}

/** `${v#pattern}` and its like, for patterns of literals and `*` at one end. */
function without(value: string, mark: string, pattern: string): string | null {
  const literal = pattern.replace(/\\(.)/g, '$1')
  if (!/[*?[]/.test(pattern)) {
    if (mark.startsWith('#')) return value.startsWith(literal) ? value.slice(literal.length) : value
    return value.endsWith(literal) ? value.slice(0, value.length - literal.length) : value
  }
  const star = /^(?:\*([^*?[]+)|([^*?[]+)\*)$/.exec(pattern)
  if (star === null) return null
  const text = star[1] ?? star[2] ?? ''
  if (mark.startsWith('#') && star[1] !== undefined) {
    const at = mark === '##' ? value.lastIndexOf(text) : value.indexOf(text)
    return at < 0 ? value : value.slice(at + text.length)
  }
  if (mark.startsWith('%') && star[2] !== undefined) {
    const at = mark === '%%' ? value.indexOf(text) : value.lastIndexOf(text)
    return at < 0 ? value : value.slice(0, at)
  }
  return null
}

function replaced(value: string, from: string, to: string, isAll: boolean): string | null {
  if (/\$/.test(to)) return null
  if (from === '?') return isAll ? to.repeat(Math.min(value.length, VALUE_CHARS_MAX)) : to + value.slice(1)
  const set = /^\[([^\]^]{1,40})\]$/.exec(from)
  if (set !== null) {
    const chars = set[1] ?? ''
    if (/\w-\w/.test(chars)) return null
    return [...value].map((char) => (chars.includes(char) ? to : char)).join('')
  }
  if (/[*?[]/.test(from)) return null
  return isAll ? value.replaceAll(from, to) : value.replace(from, () => to)
}

/** `{a,b}` as the words that it stands for, or null when it is no such thing. */
export function braces(word: string): string[] | null {
  const open = word.indexOf('{')
  const close = word.indexOf('}')
  const inside = word.slice(open + 1, close)
  if (open < 0 || close < open || !inside.includes(',') || inside.includes('{') || word.length > 1200) return null
  return inside.split(',').map((each) => `${word.slice(0, open)}${each}${word.slice(close + 1)}`)
}

/** `printf FORMAT ARGUMENTS`, for the conversions that spell text. */
export function printf(format: string, args: readonly string[]): string {
  const pattern = unescape(format)
  const conversion = /%(?:%|-?\d{0,3}(?:\.\d{1,3})?([sbdciqx]))/g
  const width = [...pattern.matchAll(conversion)].filter((match) => match[1] !== undefined).length
  // The format is used again for the arguments that are left.
  const rounds = width === 0 ? 1 : Math.min(64, Math.max(1, Math.ceil(args.length / width)))
  let next = 0
  let out = ''
  for (let round = 0; round < rounds && out.length < VALUE_CHARS_MAX; round += 1)
    out += pattern.replace(conversion, (_, kind?: string) => {
      if (kind === undefined) return '%'
      const arg = args[next] ?? ''
      next += 1
      if (kind === 'b') return unescape(arg)
      if (kind === 'c') return arg.slice(0, 1)
      return kind === 'x' ? Number(arg).toString(16) : arg
    })
  return out
}
