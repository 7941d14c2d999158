import type { Command as CommandFact, Path, Place, Source } from '../../Fact.ts'
import { byData, UNKNOWN } from '../commands/byData.ts'
import { commandFor } from '../commands/commandFor.ts'
import type { Answer, Call, Engine } from '../commands/Command.ts'
import { secretNamesIn } from '../commands/words.ts'
import { installedFrom, installs } from '../commands/installers.ts'
import { hostKind, hostOf } from '../hosts.ts'
import { isOwnKey } from '../isOwnKey.ts'
import { isSecretName, isWalletName, looksLikePath, whatIsAt } from '../places.ts'
import { ITEM } from '../languages/shell/expand.ts'
import { printed } from '../languages/shell/printed.ts'
import { programOf, readScript } from '../languages/shell/Shell.ts'
import type { Pipeline, SimpleCommand, Word } from '../languages/shell/Script.ts'
import type { Language } from '../languages/Language.ts'
import { Files } from './Files.ts'
import { readOptions } from './readOptions.ts'
import { join, merge, type Taint } from './Taint.ts'

/** Who writes down what the flow finds. */
export interface Notes {
  addCommand(command: CommandFact): void
  addPath(path: string, access: Path['access'], text: string, place: Place): void
  addEnv(name: string, place: Place): void
  addFlow(
    source: Source,
    sink: 'network' | 'exec' | 'identity' | 'shell',
    from: string,
    to: string,
    text: string,
    place: Place,
  ): void
  nextPipeline(): number
  /** A program's own text, in its language. */
  nested(language: Language['name'], text: string, place: Place, files: Files, isElsewhere: boolean): void
}

/** Where a piece of shell stands, and how. */
export interface Scene {
  readonly notes: Notes
  readonly place: (offset: number) => Place
  readonly via: CommandFact['via']
  readonly base: number
  readonly text: string
  readonly files: Files
  readonly isPowerShell: boolean
  /** The lines as they stand in the file, where `text` was written as shell from another language. */
  readonly lines?: { readonly first: number; readonly texts: readonly string[] }
}

const PACKS = /^(?:gzip|pigz|zstd|xz|bzip2|openssl|gpg|age|rev|tr)$/
const ENCODES = /^(?:base64|base32|xxd|od|hexdump|openssl|uuencode|basenc)$/
/** What installers take from the disk. */
const PACKAGE_FILE =
  /\.(?:whl|egg|tgz|tar\.\w{2,3}|zip|vsix|deb|rpm|pkg|msi|exe|gem|crate|jar|appimage|apk|nupkg|snap|flatpak)$|^\.{0,2}\/[\w./-]{1,200}\/?$/i

const A_SHELL = /^(?:ba|z|da|k|a)?sh$|^cmd$|^powershell$/
const A_SOCKET = /^(?:nc|ncat|netcat|socat|telnet|openssl)$/

/** Variables whose value is a file or a directory that other programs load and run. */
const LOADERS =
  /^(?:BASH_ENV|ENV|LD_PRELOAD|LD_AUDIT|LD_LIBRARY_PATH|DYLD_INSERT_LIBRARIES|DYLD_LIBRARY_PATH|NODE_OPTIONS|NODE_PATH|PYTHONSTARTUP|PYTHONPATH|PYTHONHOME|PERL5OPT|PERL5LIB|RUBYOPT|RUBYLIB|GIT_SSH|GIT_SSH_COMMAND|GIT_EXTERNAL_DIFF|GIT_ASKPASS|SSH_ASKPASS|SUDO_ASKPASS|PAGER|EDITOR|VISUAL|BROWSER|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|MAVEN_OPTS|PROMPT_COMMAND|MAKEFILES|ZDOTDIR|INPUTRC|R_PROFILE_USER|LUA_INIT|PHPRC|OPENSSL_CONF|GCONV_PATH)$/

const NESTED_MAX = 8
/** Calls of the script's own functions that are followed. */
const CALLS_MAX = 60

/** Follows values through the commands of one piece of shell, in order. It knows no program: what each does is data in `commands/`. */
export class ShellFlow {
  readonly #scene: Scene
  readonly #variables: Map<string, Taint>
  readonly #functions: ReadonlyMap<string, string>
  readonly #depth: number
  readonly #budget: { calls: number }
  /** How many `$(…)` the pipeline that is read stands in. */
  #inner = 0

  constructor(
    scene: Scene,
    functions: ReadonlyMap<string, string>,
    variables: ReadonlyMap<string, Taint> = new Map(),
    depth = 0,
    budget = { calls: 0 },
  ) {
    this.#scene = scene
    this.#functions = functions
    this.#variables = new Map(variables)
    this.#depth = depth
    this.#budget = budget
  }

  run(pipelines: readonly Pipeline[], stdin: Taint = new Map()): Taint {
    const all: Taint = new Map()
    for (const pipeline of pipelines) merge(all, this.#pipeline(pipeline, stdin))
    return all
  }

  #pipeline(pipeline: Pipeline, stdin: Taint = new Map()): Taint {
    const id = this.#scene.notes.nextPipeline()
    const { text, lines, place, base } = this.#scene
    const whole = (
      lines === undefined
        ? text.slice(pipeline.offset, Math.min(pipeline.end, pipeline.offset + 400))
        : (lines.texts[place(base + pipeline.offset).line - lines.first] ?? '').slice(0, 400)
    ).trim()
    this.#sockets(pipeline, whole)
    let flowing: Answer = { taint: stdin, literal: null }
    for (const [position, command] of pipeline.commands.entries())
      flowing = this.#command(command, { id, position, whole }, flowing)
    this.#printed(pipeline, flowing.taint, whole)
    return flowing.taint
  }

  /** A key out of a file or a tool, packed and encoded, as what a script answers: nothing honest needs it so. */
  #printed(pipeline: Pipeline, taint: Taint, whole: string): void {
    const last = pipeline.commands.at(-1)
    if (this.#depth > 0 || this.#inner > 0 || this.#scene.via !== 'script' || last === undefined) return
    const programs = pipeline.commands.map((command) => programOf(command.words).program)
    if (!programs.some((program) => PACKS.test(program)) || !programs.some((program) => ENCODES.test(program))) return
    for (const source of ['secret', 'wallet'] as const) {
      const from = taint.get(source)
      if (from !== undefined && !from.startsWith('$'))
        this.#scene.notes.addFlow(
          source,
          'network',
          from,
          'whoever reads what the script prints',
          whole,
          this.#scene.place(this.#scene.base + pipeline.offset),
        )
    }
  }

  /** A shell that is piped into a socket, or redirected to one. */
  #sockets(pipeline: Pipeline, whole: string): void {
    const programs = pipeline.commands.map((command) => programOf(command.words).program)
    const shell = programs.findIndex((program) => A_SHELL.test(program))
    const place = this.#scene.place(this.#scene.base + pipeline.offset)
    const socket = programs.findIndex((program, i) => i > shell && A_SOCKET.test(program))
    if (shell > 0 && socket > 0) this.#engine(whole, place).connect(programs[socket] ?? '', programs[shell] ?? '')
    for (const { words, redirects } of pipeline.commands) {
      const { program } = programOf(words)
      const tcp = redirects.find((each) => /^\/dev\/(?:tcp|udp)\//.test(each.target.text))?.target.text
      const isKept = words[0]?.text === 'exec' && (words.length === 1 || /^\d{1,3}$/.test(words.at(-1)?.text ?? ''))
      if (tcp !== undefined && (A_SHELL.test(program) || isKept))
        this.#engine(whole, place).connect(tcp, isKept ? 'exec' : program)
    }
  }

  #wordTaint(word: Word): Taint {
    const found: Taint = new Map()
    for (const name of word.variables) {
      merge(found, this.#variables.get(name) ?? new Map())
      if (name === '@' || name === '*')
        for (const [each, taint] of this.#variables) if (/^\d$/.test(each)) merge(found, taint)
      if (isWalletName(name)) found.set('wallet', `$${name}`)
      else if (isSecretName(name)) found.set('secret', `$${name}`)
    }
    for (const pipeline of word.text === '>()' ? [] : word.inner) {
      this.#inner += 1
      merge(found, this.#pipeline(pipeline))
      this.#inner -= 1
      // `$(GITHUB_TOKEN)`, as people write who think of make.
      const name = pipeline.commands[0]?.words[0]?.text ?? ''
      if (pipeline.commands.length === 1 && /^[A-Z][A-Z0-9_]{3,}$/.test(name) && isSecretName(name))
        found.set(isWalletName(name) ? 'wallet' : 'secret', `$${name}`)
    }
    return found
  }

  #command(command: SimpleCommand, at: { id: number; position: number; whole: string }, before: Answer): Answer {
    const { notes } = this.#scene
    const place = this.#scene.place(this.#scene.base + command.offset)
    const { program, word: first, args, wrappers } = programOf(command.words)
    for (const { name, value } of command.assignments) {
      const taint = join(this.#wordTaint(value), ...value.text.split(ITEM).map(pathTaint))
      if (taint.size > 0) this.#variables.set(name, taint)
    }
    // `for x in …`, of which the reader leaves `x in …`.
    if (command.words[1]?.text === 'in') {
      const taint = join(...command.words.slice(2).flatMap((word) => [this.#wordTaint(word), pathTaint(word.text)]))
      this.#variables.set(command.words[0]?.text ?? '', taint)
      return { taint, literal: null }
    }
    // `$x = …`, as PowerShell writes it: what the rest answers is what the name holds.
    const assigned = command.words[1]?.text === '=' ? /^\$(\w+)$/.exec(command.words[0]?.text ?? '')?.[1] : undefined
    if (assigned !== undefined) {
      const answer = this.#command({ ...command, words: command.words.slice(2) }, at, before)
      this.#variables.set(assigned, answer.taint)
      return { taint: new Map(), literal: null }
    }
    for (const word of command.words)
      for (const name of word.variables) if (/^[A-Z][A-Z0-9_]{2,}$/.test(name)) notes.addEnv(name, place)
    const own = args.map((word) => word.text)
    const argTaint = join(...args.map((word) => this.#wordTaint(word)))
    // What stands on the input of xargs becomes words.
    if (wrappers.includes('xargs')) merge(argTaint, before.taint)
    const shown = at.whole.length > 0 && at.whole.length < 400 ? at.whole : [program, ...own].join(' ')
    const writes = command.redirects
      .filter((each) => each.operator === '>' || each.operator === '>>')
      .map((each) => each.target.text)
    const reads = command.redirects.filter((each) => each.operator === '<').map((each) => each.target.text)
    const body = command.stdin
    if (program !== '' || writes.length > 0)
      notes.addCommand({
        ...place,
        kind: 'command',
        program,
        args: own,
        wrappers,
        text: shown,
        pipeline: at.id,
        position: at.position,
        writes,
        reads,
        stdin: body,
        via: this.#scene.via,
      })
    // A here-document or a file takes the place of what is piped in.
    const isFed = body !== null || reads.length > 0
    const input = join(isFed ? new Map() : before.taint, ...reads.map((read) => this.#scene.files.taintOf(read)))
    for (const redirect of command.redirects) {
      if (redirect.operator === '<<<') merge(input, this.#wordTaint(redirect.target))
      if (redirect.operator === '<')
        for (const pipeline of redirect.target.inner) merge(input, this.#pipeline(pipeline))
    }
    for (const name of secretNamesIn(body ?? '')) input.set(isWalletName(name) ? 'wallet' : 'secret', `$${name}`)

    const engine = this.#engine(shown, place)
    this.#loaders(command, engine)
    // The name of the program is spelled so that nobody reads it, or it is what something else answers.
    if (first?.isSpelled === true) engine.execute(new Map([['decoded', 'escapes']]), program)
    const isAnswered = first !== undefined && /^\$(?:\w+|\(\)|@)$/.test(first.text)
    if (isAnswered && !this.#scene.isPowerShell) engine.execute(this.#wordTaint(first), first.text)
    // In PowerShell a value that stands alone is printed.
    if (first !== undefined && this.#scene.isPowerShell) merge(argTaint, this.#wordTaint(first))

    const typed = first?.text ?? ''
    const call = { program, typed, args, own, input, argTaint, body, literalIn: before.literal, shown, wrappers }
    const output = this.#called(call, engine)
    for (const write of writes) {
      if (write === '/dev/null' || /^&?\d$/.test(write)) continue
      notes.addPath(write, 'write', shown, place)
      this.#scene.files.add(write, output.taint)
      const said = printed([{ commands: [{ ...command, redirects: [] }], offset: 0, end: 0 }])
      if (said?.isSpelled === true) this.#scene.files.add(write, new Map([['decoded', 'escapes']]))
      const isAdded = command.redirects.some((each) => each.operator === '>>')
      this.#scene.files.say(write, program === 'cat' ? body : (said?.text ?? null), isAdded)
      const tcp = /^\/dev\/(?:tcp|udp)\/([^/]+)/.exec(write)
      if (tcp !== null) engine.send(output.taint, tcp[1] ?? '')
      engine.into(write, output.taint)
    }
    return writes.length > 0 && !writes.every((each) => each === '/dev/null')
      ? { taint: new Map(), literal: null }
      : output
  }

  /** `LD_PRELOAD=x`, `export BASH_ENV=x`: what a variable names is run by whatever starts next. */
  #loaders(command: SimpleCommand, engine: Engine): void {
    const set = command.assignments.map(({ name, value }) => [name, value.text] as const)
    for (const { text } of command.words) {
      const assigned = /^([A-Z][A-Z_0-9]{2,40})=(.{1,400})$/.exec(text)
      if (assigned !== null) set.push([assigned[1] ?? '', assigned[2] ?? ''])
    }
    for (const [name, value] of set)
      if (LOADERS.test(name))
        for (const file of value.split(/[\s:;,=]+/)) if (file.length > 3) engine.execute(engine.fileTaint(file), name)
  }

  /** What a command answers: a function of the script, or a program by its data. */
  #called(call: Omit<Call, 'operands' | 'options' | 'flags'>, engine: Engine): Answer {
    const { typed } = call
    const body = call.program === '' ? undefined : this.#functions.get(typed)
    if (body !== undefined && this.#depth < NESTED_MAX && this.#budget.calls < CALLS_MAX) {
      this.#budget.calls += 1
      return { taint: this.#script(body, call.args, this.#functions, call.input), literal: null }
    }
    if (call.program === '') {
      // Behind `env` with nothing after it: the environment.
      const isEnv = call.wrappers.includes('env')
      return { taint: isEnv ? new Map([['env', 'the whole environment']]) : new Map(call.input), literal: null }
    }
    // `./install` is a file of this directory, whatever else has that name.
    const command = (typed.startsWith('./') ? undefined : commandFor(call.program)) ?? UNKNOWN
    const whole: Call = { ...call, ...readOptions(command, call.args) }
    const from = installedFrom(call.program, call.own)
    if (from !== null) {
      const kind = hostKind(hostOf(from))
      if (kind !== 'code' && kind !== 'installer' && kind !== 'local' && kind !== 'placeholder')
        engine.execute(new Map([['network', from]]), call.program)
    }
    if (from === null && installs(call.program, call.own))
      for (const word of whole.operands)
        if (PACKAGE_FILE.test(word.text)) engine.execute(engine.fileTaint(word.text), call.program)
    return command.run?.(whole, engine) ?? byData(command, whole, engine)
  }

  /** Runs a text of the shell with its arguments. */
  #script(text: string, args: readonly Word[], functions: ReadonlyMap<string, string>, stdin: Taint): Taint {
    const known = new Map<string, string>()
    const taints = new Map(this.#variables)
    args.forEach((word, i) => {
      taints.set(String(i + 1), this.#wordTaint(word))
      if (!/\$/.test(word.text)) known.set(String(i + 1), word.text)
    })
    if (known.size === args.length) known.set('@', args.map((word) => word.text).join(ITEM))
    const script = readScript(text, known)
    const flow = new ShellFlow(
      { ...this.#scene, text: '' },
      new Map([...functions, ...script.functions]),
      taints,
      this.#depth + 1,
      this.#budget,
    )
    return flow.run(script.pipelines, stdin)
  }

  #engine(shown: string, place: Place): Engine {
    const { notes, files } = this.#scene
    return {
      wordTaint: (word) => this.#wordTaint(word),
      fileTaint: (path) => files.taintOf(path),
      fileText: (path) => files.textOf(path),
      onPath: (name) => files.onPath(name),
      keep: (path, taint) => files.set(path, taint),
      here: () => files.here(),
      enter: (path) => files.enter(path),
      path: (path, access) => notes.addPath(path, access, shown, place),
      into(path, taint) {
        const what = whatIsAt(path)
        // The skill's own text steers agents as much as their settings do.
        const isOwn = /(?:^|\/)SKILL\.md$/i.test(path) && taint.has('network')
        if (what !== 'identity' && what !== 'autostart' && !isOwn) return
        for (const [source, from] of taint) notes.addFlow(source, 'identity', from, path, shown, place)
      },
      send(taint, to) {
        for (const [source, from] of taint) {
          if (source === 'network' || source === 'decoded' || source === 'user') continue
          const isKey = (source === 'secret' || source === 'wallet') && from.startsWith('$')
          if (isKey && isOwnKey(from.slice(1), hostOf(to) || to.toLowerCase(), '')) continue
          notes.addFlow(source, 'network', from, to, shown, place)
        }
      },
      execute(taint, to) {
        for (const source of ['network', 'decoded'] as const) {
          const from = taint.get(source)
          if (from !== undefined) notes.addFlow(source, 'exec', from, to, shown, place)
        }
      },
      connect: (to, shell) => notes.addFlow('network', 'shell', to, shell, shown, place),
      nested: (language, text, isElsewhere = false) => notes.nested(language, text, place, files, isElsewhere),
      script: (text, args) => {
        // `sh -c TEXT NAME ARGUMENTS`: the first is `$0`.
        const zero = args[0]
        if (zero !== undefined && /\$\{?0\b/.test(text)) this.#zero(zero, engineExecute(notes, shown, place))
        if (this.#depth < NESTED_MAX) this.#script(text, args.slice(1), this.#functions, new Map())
      },
      variable: (name, taint) => this.#variables.set(name, taint),
      feed: (word, taint) => {
        for (const pipeline of word.inner) this.#pipeline(pipeline, taint)
      },
    }
  }

  #zero(word: Word, execute: (taint: Taint, to: string) => void): void {
    execute(this.#wordTaint(word), '$0')
  }
}

function engineExecute(notes: Notes, shown: string, place: Place) {
  return (taint: Taint, to: string): void => {
    const from = taint.get('network')
    if (from !== undefined) notes.addFlow('network', 'exec', from, to, shown, place)
  }
}

/** `KEY=~/.ssh/id_rsa`: the name of a secret place, not yet what is in it, but whoever uses it opens it. */
function pathTaint(text: string): Taint {
  const what = text.length < 300 && looksLikePath(text) ? whatIsAt(text) : 'other'
  if (what === 'credential') return new Map([['secret', text]])
  if (what === 'wallet') return new Map([['wallet', text]])
  return new Map()
}
