/**
 * Every regular expression of the scanner against catastrophic backtracking: it reads hostile text, so none may be slow on
 * any of it. `npm run check` runs this.
 *
 * Sources are parsed, each literal is analysed by scslre (ambiguity of the automaton, not trial and error), twice:
 * as it is, where any super-linear behaviour is refused unless {@link BOUNDED} says why its input is short; and with every
 * bounded repeat made endless, where exponential behaviour is refused, because `(?:a{1,60}){1,12}` is endless enough.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join, relative } from 'node:path'
import { RegExpParser, visitRegExpAST } from '@eslint-community/regexpp'
import { parse, type Node } from 'acorn'
import { analyse } from 'scslre'

/** Patterns that are quadratic on long input and never see any: pattern, and what bounds its input. */
const BOUNDED: Readonly<Record<string, string>> = {
  '[^.!?\\n]*$': 'ask.ts: the 120 characters before a phrase',
  '[^.!?;:|]*$': 'ask.ts: the 70 characters before a phrase',
  '\\0.*$': 'unpack.ts: a name field of 100 bytes',
  '^name:[ \\t]*(["\']?)([^\\n"\']{1,200})\\1[ \\t]*$': 'readTree.ts: the first 4,000 characters',
  '[?#].*$': 'with the flag s the first match is the last',
  '\\*.*$': 'with the flag s the first match is the last',
  '^(?:(?:(?:www|docs|api|app|cdn|static|files|downloads?|get|rpc|my-\\w+|your-\\w+)\\.)?example(?:\\.(?:com|org|net|edu))?|(?:www\\.)?(?:attacker|evil|malicious|hacker|bad|badguy|attackers?-site|evil-site|malicious-site)\\.(?:com|org|net|io|site)|(?:.+\\.)?(?:your|my-|some-|acme)[\\w-]*\\.(?:com|org|net|io|dev|app|xyz)|(?:192\\.0\\.2|198\\.51\\.100|203\\.0\\.113)\\.\\d{1,3}|.+\\.example|<.*|.*[<>{}$*\\s].*)$':
    'hosts.ts: 253 characters of a host',
  '^(?:[ \\t]{0,12}(?:>|[-*+](?=[ \\t])|\\d{1,9}[.)](?=[ \\t]))){0,12}[ \\t]{0,40}(`{3,}|~{3,})([^`]*)$':
    'Markdown.ts: the first 400 characters of a line',
  '\\d+$': 'Lookalike.ts: names of at most 214 characters',
}

/** Files that put patterns together, and of what. */
const DYNAMIC: Readonly<Record<string, string>> = {
  'packages/scanner/src/rules/copies-differ/rule.ts': 'four keys written in the rule, with bounded repeats around them',
  'packages/scanner/src/facts/chain/beneficiariesIn.ts':
    'names of functions written in functions.ts, with bounded repeats around them',
  'packages/scanner/src/prose/Sentence.ts':
    'an alternation, without a repeat around it, of literals that are checked here',
  'packages/scanner/src/facts/agents/settings.ts':
    'names of settings written in the file, with bounded repeats around them',
  'packages/scanner/src/facts/chain/inRecords.ts':
    'an alternation, without a repeat around it, of the selectors of functions.ts',
  'packages/scanner/src/prose/acts/joinOutside.ts': 'phrases written in the file, with bounded repeats around them',
  'packages/scanner/src/views/polarity.ts': 'verbs written in the file, with bounded repeats around them',
}

/** Files that make all their patterns as they are loaded, out of words written in them: what they make is checked. */
const BUILT: readonly string[] = [
  'packages/scanner/src/prose/acts/deceive.ts',
  'packages/scanner/src/prose/acts/frames.ts',
  'packages/scanner/src/prose/signals/en.ts',
]

/** The patterns that files make while they are loaded. */
async function builtBy(files: readonly string[]): Promise<Found[]> {
  const plain = globalThis.RegExp
  const found: Found[] = []
  let file = ''
  globalThis.RegExp = new Proxy(plain, {
    construct(target, [source, flags = '']: [string | RegExp, string?]) {
      if (typeof source === 'string') found.push({ source, flags, file, line: 0 })
      return new target(source, flags)
    },
  })
  try {
    for (file of files) await import(join(import.meta.dirname, '..', file))
  } finally {
    globalThis.RegExp = plain
  }
  return found
}

/** Repeats up to this often are as good as endless on a long line. */
const WIDE = 400

interface Found {
  readonly source: string
  readonly flags: string
  readonly file: string
  readonly line: number
}

export function literalsOf(code: string, file: string): Found[] {
  const found: Found[] = []
  const text = stripTypeScriptTypes(code)
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      node.forEach(visit)
      return
    }
    if (typeof node !== 'object' || node === null) return
    const { type, regex, start, callee } = node as Node & {
      regex?: { pattern: string; flags: string }
      callee?: { name?: string }
    }
    const line = text.slice(0, start).split('\n').length
    if (type === 'Literal' && regex !== undefined) found.push({ source: regex.pattern, flags: regex.flags, file, line })
    // What is put together at run time cannot be analysed here.
    if ((type === 'NewExpression' || type === 'CallExpression') && callee?.name === 'RegExp')
      found.push({ source: '', flags: 'dynamic', file, line })
    for (const value of Object.values(node)) visit(value)
  }
  visit(parse(text, { ecmaVersion: 'latest', sourceType: 'module' }))
  return found
}

/** What is wrong with a pattern, or null. */
export function faultOf(source: string, flags: string): string | null {
  if (flags === 'dynamic') return 'is put together at run time and cannot be checked'
  const plain = reportsOf(source, flags)
  if (plain.some((each) => each.exponential)) return 'is exponential'
  if (reportsOf(widen(source, flags, 3), flags).some((each) => each.exponential))
    return 'is exponential but for its bounds'
  if (Object.hasOwn(BOUNDED, source)) return null
  if (plain.length > 0) return 'is quadratic'
  if (reportsOf(widen(source, flags, WIDE), flags).length > 0) return `is quadratic but for bounds above ${WIDE}`
  return null
}

function reportsOf(source: string, flags: string): readonly { readonly exponential: boolean }[] {
  return analyse({ source, flags }).reports
}

/** The pattern with repeats of more than `limit` made endless. */
function widen(source: string, flags: string, limit: number): string {
  const edits: [number, number, string][] = []
  visitRegExpAST(
    new RegExpParser().parsePattern(source, 0, source.length, {
      unicode: flags.includes('u'),
      unicodeSets: flags.includes('v'),
    }),
    {
      onQuantifierEnter({ element, end, min, max, greedy }) {
        const isWide = max === Number.POSITIVE_INFINITY ? min > 2 : max > limit
        if (isWide) edits.push([element.end, end, `${min === 0 ? '*' : min === 1 ? '+' : '{2,}'}${greedy ? '' : '?'}`])
      },
    },
  )
  return edits
    .toSorted((a, b) => b[0] - a[0])
    .reduce((text, [from, to, put]) => text.slice(0, from) + put + text.slice(to), source)
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return ['bad', 'good', 'fixtures'].includes(entry.name) ? [] : sources(path)
    return entry.name.endsWith('.ts') && !/\.(?:test|bench|fuzz)\.ts$|\.d\.ts$/.test(entry.name) ? [path] : []
  })
}

// A checker that finds nothing must be one that can.
for (const [source, fault] of [
  ['(a+)+$', 'is exponential'],
  ['^(?:a{1,60},?){1,12}$', 'is exponential but for its bounds'],
  ['[ \\t]{200,}[^\\s|]', 'is quadratic'],
  ['b[^\\n]{0,900}b[^\\n]{0,900}c', 'is quadratic but for bounds above 400'],
  ['\\bcurl\\b[^|\\n]{0,200}\\|', null],
] as const) {
  if (faultOf(source, '') !== fault)
    throw new Error(`the checker is blind: /${source}/ ${faultOf(source, '') ?? 'is taken for good'}`)
}

const root = join(import.meta.dirname, '..')
const folder = join(root, 'packages/scanner/src')
const all = sources(folder).flatMap((file) => literalsOf(readFileSync(file, 'utf8'), relative(root, file)))
const built = await builtBy(BUILT)
for (const file of BUILT) if (!built.some((each) => each.file === file)) throw new Error(`${file} makes no pattern.`)
const bad = [...all, ...built].flatMap(({ source, flags, file, line }) => {
  const isExcused = flags === 'dynamic' && (Object.hasOwn(DYNAMIC, file) || BUILT.includes(file))
  const fault = isExcused ? null : faultOf(source, flags)
  return fault === null ? [] : [`${file}:${line} /${source}/${flags} ${fault}`]
})
for (const each of bad) console.log(each)
console.log(`${all.length + built.length} regular expressions, ${bad.length} that could be made slow`)
process.exitCode = bad.length === 0 ? 0 : 1
