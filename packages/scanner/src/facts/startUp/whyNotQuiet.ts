import type { SimpleCommand } from '../languages/shell/Script.ts'
import { readScript } from '../languages/shell/Shell.ts'
import { takesPlace, whyNotAlone, whyNotSetting, whyNotTame } from './risks.ts'

/** The text of a file that the package brings along, by the path that it is started from; null where it brings none. */
export type OwnFile = (path: string) => string | null

/** What is stored to be read or run again. */
export type Stored = 'profile' | 'powershell' | 'unit' | 'agent' | 'desktop' | 'editor' | 'program'

/** Where a place is of one of these kinds; null where nothing that is stored can be quiet: keys, preloads, jobs of the system. */
export function storedAt(path: string): Stored | null {
  if (/^\/etc\/|authorized_keys|\.ssh\/|\.pth\b|sitecustomize|usercustomize|CurrentVersion|Startup\b/i.test(path))
    return null
  if (/systemd\/user/.test(path)) return 'unit'
  if (/\.config\/autostart/.test(path)) return 'desktop'
  if (/\$PROFILE\b|Microsoft\.PowerShell_profile/.test(path)) return 'powershell'
  if (/LaunchAgents/.test(path)) return 'agent'
  if (/(?:^|\/)(?:\.git\/)?hooks\/|\.git\/hooks/.test(path)) return 'program'
  if (/\.(?:vimrc|inputrc|tmux\.conf|screenrc)$/.test(path)) return 'editor'
  if (
    /\.(?:bashrc|bash_profile|zshrc|zprofile|profile|zshenv|zlogin|bash_login|bash_aliases|envrc|kshrc|cshrc)$|\.config\/(?:fish|zsh|bash)\/|\.(?:bash|zsh)rc\.d\/|\.oh-my-zsh\/custom/.test(
      path,
    )
  )
    return 'profile'
  return null
}

/** What a profile may do without starting anything. */
const SETS =
  /^(?:setopt|unsetopt|shopt|set|bindkey|bind|autoload|compinit|compdef|complete|zstyle|zmodload|umask|unalias|unset|true|:|return|test|\[|\[\[|\]\]|then|fi|else|do|done|esac|end|fish_add_path|PATH_add|stty|ulimit|use|layout|watch_file|dotenv|source_up|echo|printf)$/
/** Programs that only say where something is, or what it is called. */
const ASKED =
  /^(?:command -v|which|brew --prefix|go env|npm (?:root|prefix|config get)|uname|hostname|whoami|id|date|tty|tput|git (?:branch|rev-parse|config --get)|xcode-select|\/usr\/libexec\/java_home|dirname|basename|pwd|cd|ls|cat \/proc|nproc|arch|dircolors)\b[^|;&<>]{0,80}$/
/** What tools print for a shell to take in. */
const TOOL_SETUP =
  /^[\w/.-]*\b(?:brew shellenv|(?:starship|zoxide|atuin|mise|rtx|fnm|direnv|pyenv|rbenv|nodenv|jenv|thefuck|mcfly|oh-my-posh|fzf|kubectl|gh|helm|docker|uv|uvx|rustup|poetry|pip3?|npm|deno|dircolors|lesspipe|ssh-agent)\b[^|;&<>]{0,60})$/
/** Names of functions that the shell calls by itself. */
const CALLED_BY_ITSELF =
  /^(?:precmd|preexec|chpwd|periodic|zshexit|zshaddhistory|command_not_found_handler?|TRAP\w+|fish_(?:prompt|preexec|postexec|command_not_found))$/

/** Why what is stored would do something that nobody reads off it, or null: it is constant, readable and starts nothing from outside. */
export function whyNotQuiet(text: string, kind: Stored, own: OwnFile = () => null): string | null {
  if (text.length > 16_384) return 'it is too long to be read'
  if (kind === 'profile') return whyNotProfile(text)
  if (kind === 'powershell') return whyNotPowershell(text)
  if (kind === 'desktop')
    return (
      settingsIn(text)
        .filter(({ key }) => /^(?:Try)?Exec$/.test(key))
        .map(({ value }) => whyNotStarted(value, own))
        .find((why) => why !== null) ?? null
    )
  if (kind === 'editor') return whyNotEditor(text)
  if (kind === 'unit') return whyNotUnit(text, own)
  if (kind === 'agent') return whyNotAgent(text, own)
  return whyNotAlone(withoutComments(text))
}

function whyNotProfile(text: string): string | null {
  // What fish and zsh write in other words than sh: a function as a block, `set -gx NAME VALUE`.
  const plain = withoutComments(text, ['#'])
    .split('\n')
    .map((line) => line.trimStart().replace(/^set\s+-\w+\s+(\w+)\s+(\S.*)$/, 'export $1=$2'))
    .join('\n')
    .replaceAll(/^function[ \t]{1,9}([\w-]{1,80})\s{0,9}(?:\(\)\s{0,9})?\{/gm, '$1() {')
  for (const [, name] of plain.matchAll(/^function[ \t]+([\w.-]+)/gm))
    if (isTaken(name ?? '')) return `it puts something in the place of ${name}`
  const { functions } = readScript(plain)
  for (const [name, body] of functions) {
    if (isTaken(name)) return `it puts something in the place of ${name}`
    const why = whyNotTame(body)
    if (why !== null) return why
  }
  const top = readScript(withoutFunctions(plain)).pipelines
  for (const { commands } of top) {
    if (commands.length > 1) return 'it runs a pipeline'
    for (const command of commands) {
      const why = whyNotLine(command)
      if (why !== null) return why
    }
  }
  return /(?:^|[^&>|])&\s*(?:$|\n)/.test(plain) ? 'it starts something in the background' : null
}

/** What stands outside functions: their bodies run when somebody calls them. */
function withoutFunctions(text: string): string {
  let out = ''
  let from = 0
  for (const found of text.matchAll(/^[ \t]*[\w.-]{1,60}[ \t]*\(\)[ \t]*\{/gm)) {
    if (found.index < from) continue
    let depth = 1
    let at = found.index + found[0].length
    for (; at < text.length && depth > 0; at += 1) depth += text[at] === '{' ? 1 : text[at] === '}' ? -1 : 0
    out += text.slice(from, found.index)
    from = at
  }
  return out + text.slice(from)
}

function isTaken(name: string): boolean {
  return takesPlace(name, null) || CALLED_BY_ITSELF.test(name)
}

function whyNotLine(command: SimpleCommand): string | null {
  for (const { name, value } of command.assignments) {
    const why = whyNotSetting(name, value.text)
    if (why !== null) return why
  }
  const [first, ...rest] = command.words
  if (first === undefined)
    return command.assignments.some(({ value }) =>
      value.inner.some((each) => each.commands.some((one) => !isAsked(one))),
    )
      ? 'it runs something whenever a shell starts'
      : null
  if (
    command.redirects.some((each) => each.operator.startsWith('>') && !/^(?:\/dev\/null|&?\d)$/.test(each.target.text))
  )
    return 'it writes files whenever a shell starts'
  const program = first.text
  const words = rest.map((word) => word.text)
  // `$(…)` runs whenever a shell starts.
  const inside = [...command.words, ...command.assignments.map(({ value }) => value)].flatMap((word) => word.inner)
  if (
    program !== 'eval' &&
    inside.some((each) => each.commands.length !== 1 || each.commands.some((one) => !isAsked(one)))
  )
    return 'it runs something whenever a shell starts'
  if (/^(?:alias|abbr)$/.test(program)) return whyNotAliases(program, words)
  if (/^(?:export|typeset|declare|local|readonly|setenv|path|fpath)$/.test(program)) {
    for (const word of words) {
      const assigned = /^([A-Za-z_]\w*)\+?=([^]*)$/.exec(word)
      const why = assigned === null ? null : whyNotSetting(assigned[1] ?? '', assigned[2] ?? '')
      if (why !== null) return why
    }
    return null
  }
  if (program === 'eval' || program === 'source' || program === '.') {
    const inner = rest.flatMap((word) => word.inner)
    const isSetup =
      inner.length > 0 &&
      inner.every(
        ({ commands }) =>
          commands.length === 1 && TOOL_SETUP.test(commands[0]?.words.map((word) => word.text).join(' ') ?? ''),
      )
    return isSetup ? null : 'it takes in another file or text'
  }
  // `complete -C PROGRAM`, `trap … DEBUG`: what is named is run.
  if (program === 'complete' && words.some((word) => /^-\w*[CF]$/.test(word)))
    return 'it runs something at every completion'
  if (/^(?:command|type)$/.test(program)) return /^-[vV]\b/.test(words.join(' ')) ? null : 'it starts something'
  // Keys and styles that run what they are given.
  if (/^(?:bind|bindkey|zstyle)$/.test(program) && words.some((word) => /^-[sxe]$/.test(word)))
    return 'it runs something at a key'
  return SETS.test(program) ? null : `it starts ${program.slice(0, 40)}`
}

function whyNotPowershell(text: string): string | null {
  for (const line of text.split(/\n|;/)) {
    if (/^\s*(?:#|$)/.test(line)) continue
    const alias = /^\s*(?:Set|New)-Alias\s+(?:-Name\s+)?([\w.-]+)\s+(?:-Value\s+)?["']?([\w.-]+)["']?\s*$/i.exec(line)
    const defined = /^function\s+([\w-]+)\s*(?:\([^)]*\)\s*)?\{(.*)$/i.exec(line.trim())
    const name = alias?.[1] ?? defined?.[1]
    if (name === undefined) {
      if (/^\s*Set-PSReadLineOption\b[^|]*$/i.test(line)) continue
      return 'it is no setting that is known'
    }
    if (isTaken(name.toLowerCase()) || /^prompt$/i.test(name)) return `it puts something in the place of ${name}`
    const body = defined?.[2]
    if (body?.endsWith('}') === false) return 'it is no setting that is known'
    const why = whyNotTame(body?.slice(0, -1) ?? alias?.[2] ?? '')
    if (why !== null) return why
    if (/\b(?:iex|Invoke-Expression|iwr|irm|Start-Process|Start-Job|Add-Type)\b|\[/i.test(line))
      return 'it runs text as code'
  }
  return null
}

function isAsked(command: SimpleCommand): boolean {
  const line = command.words.map((word) => word.text).join(' ')
  return (ASKED.test(line) || TOOL_SETUP.test(line)) && command.words.every((word) => word.inner.length === 0)
}

function whyNotAliases(program: string, words: readonly string[]): string | null {
  const named = words.filter((word) => !/^-\w+$/.test(word))
  const pairs: [string, string][] =
    named[0]?.includes('=') === true
      ? named.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)])
      : [[named[0] ?? '', named.slice(1).join(' ')]]
  for (const [name, value] of pairs) {
    // `ls='ls --color'` is the same program, with an option.
    const same = value.trim().replace(/^command /, '')
    const isSame = program === 'alias' && same.startsWith(name) && /^(?: -[\w=-]{1,40})*$/.test(same.slice(name.length))
    if (!isSame && (takesPlace(name, value) || CALLED_BY_ITSELF.test(name)))
      return `it puts something in the place of ${name}`
    if (/^\s*["']?\$/.test(value)) return 'it runs what a variable names'
    const why = whyNotTame(value)
    if (why !== null) return why
  }
  return null
}

function whyNotEditor(text: string): string | null {
  for (const line of text.split('\n')) {
    if (/^\s*(?:"|#|$)/.test(line)) continue
    if (
      /\bsystem\(|!|`|#\(|\brun-shell\b|\bif-shell\b|\bautocmd\b|\bdefault-(?:command|shell)\b|\bpy\w*\b|\blua\b|\bsource(?!-file ~\/\.tmux\.conf)\b/.test(
        line,
      )
    )
      return 'the editor runs something'
    if (
      !/^\s*(?:set\w*|set-option|set-window-option|let|syntax|filetype|colorscheme|[nvixoc]?(?:nore)?map|bind(?:-key)?|unbind|hi(?:ghlight)?|augroup|\$\w+|"\\)/.test(
        line,
      )
    )
      return 'it is no setting that is known'
    const why = whyNotTame(line)
    if (why !== null) return why
  }
  return null
}

function whyNotUnit(text: string, own: OwnFile): string | null {
  for (const { key, value } of settingsIn(text)) {
    if (/^Exec\w+$/.test(key)) {
      const why = whyNotStarted(value.replace(/^[-@+!:]+/, ''), own)
      if (why !== null) return why
    }
    if (key === 'EnvironmentFile') return 'its environment lies elsewhere'
    if (key === 'Environment')
      for (const part of value.replaceAll(/["']/g, '').split(/\s+/)) {
        const why = whyNotSetting(part.split('=')[0] ?? '', part.slice(part.indexOf('=') + 1))
        if (why !== null) return why
      }
  }
  return null
}

function whyNotAgent(text: string, own: OwnFile): string | null {
  if (/<key>(?:EnvironmentVariables|Sockets|MachServices)<\/key>/.test(text))
    return 'it sets more than a time and a program'
  const list = /<key>ProgramArguments<\/key>\s*<array>([^]*?)<\/array>/.exec(text)?.[1] ?? ''
  const one = /<key>Program<\/key>\s*<string>([^<]*)<\/string>/.exec(text)?.[1] ?? ''
  const line = [one, ...[...list.matchAll(/<string>([^<]*)<\/string>/g)].map(([, word]) => word ?? '')].join(' ').trim()
  return line === '' ? 'it names no program that can be read' : whyNotStarted(line, own)
}

/** A command that runs by itself, and the files of the package that it starts. */
function whyNotStarted(line: string, own: OwnFile): string | null {
  let left = line
  for (const word of line.split(/[\s"']+/)) {
    const text = word.includes('/') ? own(word) : null
    if (text === null) continue
    const why = whyNotAlone(withoutComments(text))
    if (why !== null) return why
    left = left.replace(word, 'own')
  }
  return whyNotAlone(left)
}

/** `Key = value`, of a line each, or of more that end with a backslash. */
function settingsIn(text: string): { readonly key: string; readonly value: string }[] {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .flatMap((line) => {
      const at = line.indexOf('=')
      return at < 0 ? [] : [{ key: line.slice(0, at).trim(), value: line.slice(at + 1).trim() }]
    })
}

function withoutComments(text: string, marks: readonly string[] = ['#', '//']): string {
  return text
    .split('\n')
    .map((line) => (marks.some((mark) => line.trimStart().startsWith(mark)) ? '' : line))
    .join('\n')
}
