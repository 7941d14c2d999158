/** One word of a command. */
export interface Word {
  /** Quotes removed, known variables put in; unknown ones stay as `$NAME`, substitutions as `$()`. */
  readonly text: string
  /** The names of the variables in it. */
  readonly variables: readonly string[]
  /** The commands of `$(…)`, backticks and `<(…)` in it. */
  readonly inner: readonly Pipeline[]
  /** Whether anything in it was quoted. */
  readonly isQuoted: boolean
}

export interface Redirect {
  readonly operator: '>' | '>>' | '<' | '<<<' | '<<' | '>&' | '<&'
  readonly target: Word
}

export interface SimpleCommand {
  readonly words: readonly Word[]
  readonly assignments: readonly { readonly name: string; readonly value: Word }[]
  readonly redirects: readonly Redirect[]
  /** Of here-documents and here-strings. */
  readonly stdin: string | null
  readonly offset: number
  readonly end: number
}

/** Commands joined by `|`, with the operator that follows. */
export interface Pipeline {
  readonly commands: readonly SimpleCommand[]
  readonly offset: number
  readonly end: number
}

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
  return new Reader(text, new Map(), { commands: 0 }).list(0, 0, '').pipelines
}

const KEYWORDS = new Set(
  'if then elif else fi for while until do done case esac select function { } ! time coproc [[ ]]'.split(' '),
)
const OPERATORS = /^[;&|()<>\n]/

class Reader {
  readonly #text: string
  readonly #variables: Map<string, string>
  readonly #budget: { commands: number }

  constructor(text: string, variables: Map<string, string>, budget: { commands: number }) {
    this.#text = text
    this.#variables = variables
    this.#budget = budget
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
        this.#budget.commands += 1
        for (const { name, value } of assignments) if (words.length === 0) this.#variables.set(name, value.text)
        if (words[0] !== undefined && ['export', 'readonly', 'local', 'declare'].includes(words[0].text)) {
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
    }
    const endPipeline = (end: number) => {
      endCommand(end)
      if (commands.length > 0) pipelines.push({ commands, offset: pipelineStart, end })
      commands = []
      pipelineStart = end + 1
    }

    while (at < text.length && this.#budget.commands < COMMANDS_MAX) {
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
          words.push({ text: '<()', variables: [], inner: inside.pipelines, isQuoted: false })
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
        at = this.#skipBlank(at + operator.length)
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
          assignments.push({ name, value: { ...read.word, text: value } })
        } else words.push(read.word)
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
    let at = from
    const substitute = (): boolean => {
      if (text[at] === '`') {
        const end = text.indexOf('`', at + 1)
        if (end < 0) return false
        if (depth < DEPTH_MAX)
          inner.push(
            ...new Reader(text.slice(at + 1, end), this.#variables, this.#budget).list(0, depth + 1, '').pipelines,
          )
        out += '$()'
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
        inner.push(...inside.pipelines)
        out += '$()'
        at = inside.end
        return true
      }
      if (next === '{') {
        // Looked for nearby only, or a file of `${` would be read once for each.
        const length = text.slice(at + 2, at + 202).indexOf('}')
        if (length < 0) return false
        const end = at + 2 + length
        const body = text.slice(at + 2, end)
        const name = /^!?#?(\w+)/.exec(body)?.[1]
        if (name !== undefined) this.#put(name, variables, (value) => (out += value))
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
        out += ansi(text.slice(at + 2, end))
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
    return { word: { text: out, variables, inner, isQuoted }, end: Math.min(at, text.length) }
  }

  #put(name: string, variables: string[], write: (value: string) => void): void {
    variables.push(name)
    const value = this.#variables.get(name)
    // A value that grows by doubling would not stay linear.
    write(value === undefined || value.length > 4096 ? `$${name}` : value)
  }
}

function ansi(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|([0-7]{1,3})|(.))/gs,
    (_, hex?: string, unicode?: string, octal?: string, char?: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
      if (unicode !== undefined) return String.fromCharCode(Number.parseInt(unicode, 16))
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff)
      return ({ n: '\n', t: '\t', r: '\r' } as Record<string, string>)[char ?? ''] ?? char ?? ''
    },
  )
}

/** Programs that run another one: looked through, and remembered. */
const WRAPPERS = new Set(
  'sudo doas env nohup time nice ionice command builtin exec xargs setsid stdbuf timeout watch busybox unbuffer caffeinate proxychains torsocks'.split(
    ' ',
  ),
)

/** The program of a command and what is left for it, with wrappers looked through. */
export function programOf(words: readonly Word[]): { program: string; args: readonly Word[]; wrappers: string[] } {
  const wrappers: string[] = []
  let at = 0
  for (;;) {
    const word = words[at]
    if (word === undefined) return { program: '', args: [], wrappers }
    const program = baseName(word.text)
    if (!WRAPPERS.has(program) || wrappers.length > 8) return { program, args: words.slice(at + 1), wrappers }
    wrappers.push(program)
    at += 1
    while (at < words.length && /^-|^[A-Za-z_]\w*=|^\d+[smh]?$/.test(words[at]?.text ?? '')) {
      // Options of wrappers that take a value of their own.
      if (/^-(?:u|g|n|I|P|L|c|k|s)$/.test(words[at]?.text ?? '') && program !== 'env' && program !== 'command') at += 1
      at += 1
    }
  }
}

/** `/usr/bin/curl`, `CURL.EXE`, `"curl"`: all `curl`. */
export function baseName(text: string): string {
  const name = text.slice(text.lastIndexOf('/') + 1).toLowerCase()
  return name.endsWith('.exe') ? name.slice(0, -4) : name
}
