import { bracedWords } from './bracedWords.ts'
import { braces, expand, ITEM, unescape, VALUE_CHARS_MAX } from './expand.ts'
import { printed } from './printed.ts'
import type { Pipeline, Redirect, SimpleCommand, Word } from './Script.ts'

const DEPTH_MAX = 24
/** Commands that are read in one piece of shell; a caller that gets as many says that there were more. */
export const COMMANDS_MAX = 3_000

/**
 * Reads shell text into pipelines. It never fails: control structure is looked through (`if`, `for`, functions, groups),
 * because what matters is which commands would be run with which words, not when. Made for pieces of documents, which are
 * often cut off or hold prompts (`$ `), ellipses and placeholders. Linear: every character is looked at once a level of
 * substitution, and levels are capped.
 */
export function readShell(text: string): Pipeline[] {
  return readScript(text).pipelines
}

/** A script, with the text of the functions that it defines. `known` are variables with values, such as `1` for a function's argument. */
export function readScript(
  text: string,
  known: ReadonlyMap<string, string> = new Map(),
): { readonly pipelines: Pipeline[]; readonly functions: ReadonlyMap<string, string> } {
  const scope: Scope = {
    variables: new Map([['IFS', ' '], ...known]),
    aliases: new Map(),
    functions: new Map(),
    commands: 0,
  }
  return { pipelines: new Reader(text, scope).list(0, 0, '').pipelines, functions: scope.functions }
}

/** What one script has said so far. */
interface Scope {
  /** Values that are known; the items of a list stand under its name, with {@link ITEM} between them. */
  readonly variables: Map<string, string>
  readonly aliases: Map<string, string>
  readonly functions: Map<string, string>
  commands: number
}

/** Definitions are looked for this far; a longer function is read in its place only. */
const FUNCTION_CHARS_MAX = 4_000

const KEYWORDS = new Set(
  'if then elif else fi for while until do done case esac select function { } ! time coproc'.split(' '),
)
const OPERATORS = /^[;&|()<>\n]/

class Reader {
  readonly #text: string
  readonly #scope: Scope
  readonly #variables: Map<string, string>

  constructor(text: string, scope: Scope) {
    this.#text = text
    this.#scope = scope
    this.#variables = scope.variables
  }

  /** Reads until the closing mark of this level (`)` or the end). */
  list(from: number, depth: number, close: '' | ')'): { pipelines: Pipeline[]; end: number } {
    const text = this.#text
    const pipelines: Pipeline[] = []
    let commands: SimpleCommand[] = []
    let pipelineStart = from
    let at = from
    let heredocs: { tag: string; stripTabs: boolean; done: (body: string) => void }[] = []

    let words: Word[] = []
    let assignments: SimpleCommand['assignments'][number][] = []
    let redirects: Redirect[] = []
    let stdin: string | null = null
    let commandStart = -1
    /** Where the groups that are open began, and the one that was just closed: what is redirected after it is all of it. */
    const groups: number[] = []
    let closed = -1
    /** Set when a here-document belongs to a command that was already put away. */
    let slot: { stdin: string | null } | null = null

    const endCommand = (end: number) => {
      if (words.length > 0 || assignments.length > 0 || redirects.length > 0) {
        const command = { words, assignments, redirects, stdin, offset: commandStart, end }
        if (heredocs.length > 0) {
          for (const each of heredocs)
            each.done = (body) => Object.assign(command, { stdin: (command.stdin ?? '') + body })
        }
        commands.push(command)
        if (closed >= 0 && words.length === 0 && assignments.length === 0)
          for (const pipeline of pipelines.slice(closed)) {
            const last = pipeline.commands.at(-1)
            if (last !== undefined)
              (last.redirects as Redirect[]).push(
                ...redirects.map((each) => (each.operator === '>' ? { ...each, operator: '>>' as const } : each)),
              )
          }
        this.#scope.commands += 1
        for (const { name, value } of assignments) if (words.length === 0) this.#variables.set(name, value.text)
        if (words[0]?.text === 'set' && words[1]?.text === '--')
          this.#variables.set(
            '@',
            words
              .slice(2)
              .map((word) => word.text)
              .join(ITEM),
          )
        if (words[0]?.text === 'alias')
          for (const word of words.slice(1)) {
            const split = /^([\w.-]{1,60})=([^]{1,400})$/.exec(word.text)
            if (split !== null) this.#scope.aliases.set(split[1] ?? '', split[2] ?? '')
          }
        if (words[0] !== undefined && ['export', 'readonly', 'local', 'declare', 'typeset'].includes(words[0].text)) {
          for (const word of words.slice(1)) {
            const split = /^([A-Za-z_]\w*)=(.*)$/s.exec(word.text)
            if (split !== null) this.#variables.set(split[1] ?? '', split[2] ?? '')
          }
        }
      }
      words = []
      assignments = []
      redirects = []
      stdin = null
      commandStart = -1
      slot = null
      closed = -1
    }
    const endPipeline = (end: number) => {
      endCommand(end)
      if (commands.length > 0) pipelines.push({ commands, offset: pipelineStart, end })
      commands = []
      pipelineStart = end + 1
    }

    while (at < text.length && this.#scope.commands < COMMANDS_MAX) {
      const char = text[at] ?? ''
      if (char === ' ' || char === '\t' || char === '\r') at += 1
      else if (char === '\\' && (text[at + 1] === '\n' || text.startsWith('\r\n', at + 1)))
        at += text[at + 1] === '\n' ? 2 : 3
      else if (char === '#' && (at === 0 || /[\s;&|(]/.test(text[at - 1] ?? ' '))) {
        const end = text.indexOf('\n', at)
        at = end < 0 ? text.length : end
      } else if (char === '\n') {
        endPipeline(at)
        at += 1
        for (const each of heredocs) {
          const { body, end } = this.#heredoc(at, each.tag, each.stripTabs)
          each.done(body)
          at = end
        }
        heredocs = []
        pipelineStart = at
      } else if (words[0]?.text === '[[' && words.at(-1)?.text !== ']]' && /[;&|()<>]/.test(char)) {
        // Inside a test these compare and join; they run nothing.
        words.push({ text: char, variables: [], inner: [], isQuoted: false })
        at += 1
      } else if (char === ';' || char === '&' || char === '|') {
        if (char === '&' && text[at + 1] === '>') {
          at += text[at + 2] === '>' ? 3 : 2
          const target = this.word(this.#skipBlank(at), depth)
          redirects.push({ operator: '>', target: target.word })
          at = Math.max(target.end, at)
        } else if (char === '|' && text[at + 1] !== '|') {
          endCommand(at)
          at += text[at + 1] === '&' ? 2 : 1
          // A pipe may be followed by a line break.
          while (/[\s]/.test(text[at] ?? '') && heredocs.length === 0) at += 1
        } else {
          endPipeline(at)
          at += text[at + 1] === char ? 2 : 1
          pipelineStart = at
        }
      } else if (char === ')') {
        if (close === ')') {
          endPipeline(at)
          return { pipelines, end: at + 1 }
        }
        // `case` patterns and stray parentheses.
        endPipeline(at)
        at += 1
      } else if (char === '(') {
        endCommand(at)
        if (depth >= DEPTH_MAX) {
          at += 1
          continue
        }
        const inside = this.list(at + 1, depth + 1, ')')
        // A group's commands count as the head of the pipeline that it stands in.
        const last = inside.pipelines.pop()
        pipelines.push(...inside.pipelines)
        if (last !== undefined) commands.push(...last.commands)
        at = inside.end
      } else if (char === '<' || char === '>') {
        if (text[at + 1] === '(' && depth < DEPTH_MAX) {
          const inside = this.list(at + 2, depth + 1, ')')
          if (commandStart < 0) commandStart = at
          words.push({ text: `${char}()`, variables: [], inner: inside.pipelines, isQuoted: false })
          at = inside.end
          continue
        }
        if (commandStart < 0) commandStart = at
        if (text.startsWith('<<', at) && text[at + 2] !== '<') {
          const tag = /^<<(-?)[ \t]{0,8}(['"]?)([\w.-]{1,60})\2/.exec(text.slice(at, at + 80))
          if (tag === null) {
            at += 2
            continue
          }
          const holder: { stdin: string | null } = (slot ??= { stdin: null })
          heredocs.push({
            tag: tag[3] ?? '',
            stripTabs: tag[1] === '-',
            done: (body) => void (holder.stdin = (holder.stdin ?? '') + body),
          })
          at += tag[0].length
          continue
        }
        const operator = text.startsWith('<<<', at)
          ? '<<<'
          : text.startsWith('>>', at)
            ? '>>'
            : text.startsWith('>&', at)
              ? '>&'
              : text.startsWith('<&', at)
                ? '<&'
                : (char as '<' | '>')
        // `<>` opens for both; it is read as well as written.
        at = this.#skipBlank(at + (text.startsWith('<>', at) ? 2 : operator.length))
        if (text.startsWith('<(', at) && depth < DEPTH_MAX) {
          const inside = this.list(at + 2, depth + 1, ')')
          const target = { text: '<()', variables: [], inner: inside.pipelines, isQuoted: false }
          redirects.push({ operator, target })
          at = inside.end
          continue
        }
        const target = this.word(at, depth)
        if (target.end === at) continue
        at = target.end
        redirects.push({ operator, target: target.word })
        if (operator === '<<<') stdin = (stdin ?? '') + target.word.text
        // The digit of `2>` was read as a word.
        const before = words.at(-1)
        if (before !== undefined && /^\d$/.test(before.text) && !before.isQuoted) words.pop()
      } else {
        const read = this.word(at, depth)
        if (read.end === at) {
          at += 1
          continue
        }
        const raw = text.slice(at, read.end)
        if (words.length === 0 && !read.word.isQuoted && KEYWORDS.has(read.word.text)) {
          if (read.word.text === '{') groups.push(pipelines.length)
          else if (read.word.text === '}') closed = groups.pop() ?? -1
          at = read.end
          continue
        }
        // A prompt in front of a command, as documents show it.
        if (words.length === 0 && (read.word.text === '$' || read.word.text === '%' || read.word.text === '>')) {
          at = read.end
          continue
        }
        if (commandStart < 0) commandStart = at
        const assignment = /^([A-Za-z_]\w*)\+?=/.exec(raw)
        if (assignment !== null && words.length === 0) {
          const name = assignment[1] ?? ''
          const value = read.word.text.slice(read.word.text.indexOf('=') + 1)
          if (value === '' && text[read.end] === '(') {
            const { items, end } = this.#items(read.end + 1, depth)
            const all = items.flatMap((item) => this.#split(item, item.text, false))
            assignments.push({
              name,
              value: {
                text: all.map((item) => item.text).join(ITEM),
                variables: all.flatMap((item) => item.variables),
                inner: all.flatMap((item) => item.inner),
                isQuoted: true,
              },
            })
            at = end
            continue
          }
          assignments.push({ name, value: { ...read.word, text: value.replaceAll(ITEM, ' ') } })
        } else {
          // A definition: its body is read in its place, and again where it is called.
          if (words.length === 0 && text[read.end] === '(' && /^[\w-]{1,60}$/.test(raw)) this.#define(raw, read.end)
          if (text.slice(Math.max(0, at - 9), at) === 'function ') this.#define(raw, read.end)
          words.push(...this.#split(read.word, raw, words.length === 0))
        }
        at = read.end
      }
    }
    endPipeline(Math.min(at, text.length))
    return { pipelines, end: text.length }
  }

  #skipBlank(at: number): number {
    let end = at
    while (this.#text[end] === ' ' || this.#text[end] === '\t') end += 1
    return end
  }

  #heredoc(from: number, tag: string, stripTabs: boolean): { body: string; end: number } {
    const text = this.#text
    let at = from
    while (at < text.length) {
      let end = text.indexOf('\n', at)
      if (end < 0) end = text.length
      const line = text.slice(at, end)
      if ((stripTabs ? line.replace(/^\t+/, '') : line).trimEnd() === tag || line.trim() === tag)
        return { body: text.slice(from, at), end: Math.min(text.length, end + 1) }
      at = end + 1
    }
    return { body: text.slice(from), end: text.length }
  }

  /** Reads one word from here; `end` equals `from` when there is none. */
  word(from: number, depth: number): { word: Word; end: number } {
    const text = this.#text
    const variables: string[] = []
    const inner: Pipeline[] = []
    let out = ''
    let isQuoted = false
    let isSpelled = false
    let at = from
    const put = (pipelines: readonly Pipeline[]): void => {
      inner.push(...pipelines)
      const literal = printed(pipelines)
      isSpelled ||= literal?.isSpelled ?? false
      out += literal?.text ?? '$()'
    }
    const substitute = (): boolean => {
      if (text[at] === '`') {
        const end = text.indexOf('`', at + 1)
        if (end < 0) return false
        if (depth < DEPTH_MAX) put(new Reader(text.slice(at + 1, end), this.#scope).list(0, depth + 1, '').pipelines)
        else out += '$()'
        at = end + 1
        return true
      }
      if (text[at] !== '$') return false
      const next = text[at + 1] ?? ''
      if (next === '(') {
        if (depth >= DEPTH_MAX) return false
        if (text[at + 2] === '(') {
          const end = text.indexOf('))', at + 3)
          out += '$(())'
          at = end < 0 ? text.length : end + 2
          return true
        }
        const inside = this.list(at + 2, depth + 1, ')')
        put(inside.pipelines)
        at = inside.end
        return true
      }
      if (next === '{') {
        // Looked for nearby only, or a file of `${` would be read once for each.
        const length = text.slice(at + 2, at + 202).indexOf('}')
        if (length < 0) return false
        const end = at + 2 + length
        const body = text.slice(at + 2, end)
        const name = /^!?#?(\w+|[@*])/.exec(body)?.[1]
        if (name !== undefined) this.#expand(name, body, variables, (value) => (out += value))
        else out += `\${${body}}`
        at = end + 1
        return true
      }
      const name = /^[A-Za-z_]\w{0,80}|^[0-9@*?#!$-]/.exec(text.slice(at + 1, at + 90))?.[0]
      if (name === undefined) return false
      this.#put(name, variables, (value) => (out += value))
      at += 1 + name.length
      return true
    }
    while (at < text.length) {
      const char = text[at] ?? ''
      if (char === "'") {
        const end = text.indexOf("'", at + 1)
        // An apostrophe of prose: no closing quote on this or the next lines.
        if (end < 0) {
          out += char
          at += 1
          continue
        }
        out += text.slice(at + 1, end)
        isQuoted = true
        at = end + 1
      } else if (char === '$' && text[at + 1] === "'") {
        let end = at + 2
        while (end < text.length && text[end] !== "'") end += text[end] === '\\' ? 2 : 1
        const spelled = text.slice(at + 2, end)
        isSpelled ||= /\\[0-9xuU]/.test(spelled)
        out += unescape(spelled)
        isQuoted = true
        at = end + 1
      } else if (char === '"') {
        isQuoted = true
        at += 1
        while (at < text.length && text[at] !== '"') {
          if (text[at] === '\\') {
            const next = text[at + 1] ?? ''
            if (next !== '\n') out += '"\\$`'.includes(next) ? next : `\\${next}`
            at += 2
          } else if (!substitute()) {
            out += text[at]
            at += 1
          }
        }
        at += 1
      } else if (char === '\\') {
        if (text[at + 1] === '\n') at += 2
        else {
          out += text[at + 1] ?? ''
          at += 2
        }
      } else if (char === ' ' || char === '\t' || char === '\r' || OPERATORS.test(char)) break
      else if (!substitute()) {
        out += char
        at += 1
      }
    }
    return { word: { text: out, variables, inner, isQuoted, isSpelled }, end: Math.min(at, text.length) }
  }

  #put(name: string, variables: string[], write: (value: string) => void): void {
    variables.push(name)
    const value = this.#variables.get(name === '*' ? '@' : name)
    // A value that grows by doubling would not stay linear.
    write(value === undefined || value.length > VALUE_CHARS_MAX ? `$${name}` : value)
  }

  #expand(name: string, body: string, variables: string[], write: (value: string) => void): void {
    variables.push(name)
    const value = expand(body, (wanted) => {
      const item = /^(\w+)\[(.{1,40})\]$/.exec(wanted)
      if (item === null) return this.#variables.get(wanted === '*' ? '@' : wanted)
      const list = this.#variables.get(item[1] ?? '')
      if (list === undefined || item[2] === '@' || item[2] === '*') return list
      return /^\d{1,4}$/.test(item[2] ?? '') ? list.split(ITEM)[Number(item[2])] : undefined
    })
    write(value === null || value.length > VALUE_CHARS_MAX ? `$${name}` : value)
  }

  /** The items of `NAME=( … )`, from after the bracket. */
  #items(from: number, depth: number): { items: Word[]; end: number } {
    const items: Word[] = []
    let at = from
    while (at < this.#text.length && this.#text[at] !== ')' && items.length < 200) {
      const read = this.word(at, depth)
      if (read.end === at) at += 1
      else {
        items.push(read.word)
        at = read.end
      }
    }
    return { items, end: Math.min(at + 1, this.#text.length) }
  }

  /** Keeps the text of `NAME() { … }` that begins at a bracket. */
  #define(name: string, from: number): void {
    const text = this.#text.slice(from, from + FUNCTION_CHARS_MAX)
    const open = text.indexOf('{')
    if (open < 0 || !/^[\s()]*$/.test(text.slice(0, open))) return
    let level = 0
    for (let at = open; at < text.length; at += 1) {
      if (text[at] === '{') level += 1
      else if (text[at] === '}') level -= 1
      if (level === 0) {
        this.#scope.functions.set(name, text.slice(open + 1, at))
        return
      }
    }
  }

  /** One word as the words that the shell makes of it: lists, braces, unquoted values with blanks in them, aliases. */
  #split(word: Word, raw: string, isProgram: boolean): Word[] {
    if (isProgram && !word.isQuoted) {
      const alias = this.#scope.aliases.get(word.text)
      if (alias !== undefined) return alias.split(/\s+/).map((text) => ({ ...word, text }))
    }
    if (word.text.includes(ITEM)) return word.text.split(ITEM).map((text) => ({ ...word, text }))
    if (word.isQuoted) return [word]
    if (raw.includes('$') && word.variables.length > 0 && /\s/.test(word.text.trim()))
      return word.text
        .trim()
        .split(/\s+/)
        .map((text) => ({ ...word, text }))
    const parts = raw.startsWith('{') && raw.includes(',') ? braces(word.text) : null
    return parts === null ? [word] : parts.map((text) => ({ ...word, text }))
  }
}

/** Programs that run another one: looked through, and remembered. */
const WRAPPERS = new Set(
  'sudo doas env nohup time nice ionice command builtin exec xargs setsid stdbuf timeout watch conhost busybox unbuffer caffeinate proxychains torsocks'.split(
    ' ',
  ),
)

/** The variables that every shell keeps its own path in. */
const THIS_SHELL = /^\$\{?(?:BASH|SHELL|ZSH_NAME)\}?$/

/** The program of a command and what is left for it, with wrappers looked through. */
export function programOf(words: readonly Word[]): {
  program: string
  /** The word that names it. */
  word: Word | undefined
  args: readonly Word[]
  wrappers: string[]
} {
  const wrappers: string[] = []
  let at = 0
  for (;;) {
    const word = words[at]
    if (word === undefined) return { program: '', word, args: [], wrappers }
    const listed = bracedWords(word)
    if (listed !== null) return programOf([...words.slice(0, at), ...listed, ...words.slice(at + 1)])
    const program = THIS_SHELL.test(word.text) ? 'sh' : baseName(word.text)
    if (!WRAPPERS.has(program) || wrappers.length > 8) return { program, word, args: words.slice(at + 1), wrappers }
    wrappers.push(program)
    at += 1
    while (at < words.length && /^-|^[A-Za-z_]\w*=|^\d+[smh]?$/.test(words[at]?.text ?? '')) {
      // `env -S "sh -c"`: one word that is a whole command.
      const split =
        program === 'env' ? /^(?:-\w{0,8}S|--split-string)(=?.{0,4000})$/s.exec(words[at]?.text ?? '') : null
      if (split !== null) {
        const isNext = split[1] === ''
        const source = isNext ? words[at + 1] : words[at]
        const texts = (isNext ? (source?.text ?? '') : (split[1] ?? '').replace(/^=/, '')).trim().split(/\s+/)
        words = [
          ...words.slice(0, at),
          ...texts.map((text) => ({ text, variables: [], inner: [], isQuoted: false })),
          ...words.slice(at + (isNext ? 2 : 1)),
        ]
        break
      }
      // Options of wrappers that take a value of their own.
      if (/^-(?:u|g|n|I|P|L|c|k|s)$/.test(words[at]?.text ?? '') && program !== 'env' && program !== 'command') at += 1
      at += 1
    }
  }
}

/** `/usr/bin/curl`, `CURL.EXE`, `"curl"`, `/bin/c?rl`: all `curl`. Names of files keep their case; this is for programs. */
export function baseName(text: string): string {
  const base = text.slice(text.lastIndexOf('/') + 1).toLowerCase()
  const name = /^[a-z?*[\]]{2,12}$/.test(base) && /[?*[]/.test(base) && text.startsWith('/') ? globbed(base) : base
  return name.endsWith('.exe') ? name.slice(0, -4) : name
}

/** Programs that are worth hiding behind a pattern. */
const HIDEABLE = 'curl wget bash sh zsh dash nc ncat python3 python perl ruby base64 cat eval node'.split(' ')

function globbed(pattern: string): string {
  const fits = (at: number, name: string, from: number): boolean => {
    if (at === pattern.length) return from === name.length
    const char = pattern[at] ?? ''
    if (char === '?') return from < name.length && fits(at + 1, name, from + 1)
    if (char === '*') return fits(at + 1, name, from) || (from < name.length && fits(at, name, from + 1))
    if (char === '[') {
      const end = pattern.indexOf(']', at + 1)
      return end > 0 && pattern.slice(at + 1, end).includes(name[from] ?? '-') && fits(end + 1, name, from + 1)
    }
    return name[from] === char && fits(at + 1, name, from + 1)
  }
  return HIDEABLE.find((name) => fits(0, name, 0)) ?? pattern
}
