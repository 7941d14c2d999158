import type {
  ChainValue,
  Command,
  Decoded,
  EnvRead,
  Fact,
  FactKind,
  Facts,
  Flow,
  Hidden,
  Path,
  Place,
  Sink,
  Source,
  Url,
} from '../Fact.ts'
import type { Unanalysed } from '../ScanReport.ts'
import { liner, type View } from '../View.ts'
import { hostOf } from './hosts.ts'
import { isSecretName, looksLikePath, whatIsAt } from './places.ts'
import { Files } from './flow/Files.ts'
import { ShellFlow, type Notes } from './flow/ShellFlow.ts'
import { join, type Taint } from './flow/Taint.ts'
import { noteCalls } from './flow/noteCalls.ts'
import type { Language } from './languages/Language.ts'
import { languageNamed, languageOfText } from './languages/languageOf.ts'
import { listedShells } from './languages/json/listedShells.ts'
import { scriptsIn } from './languages/json/scriptsIn.ts'
import { moduleName } from './languages/imports.ts'
import type { Exports } from './languages/CodeFlow.ts'
import { readCode } from './languages/readCode.ts'
import { COMMANDS_MAX, readScript } from './languages/shell/Shell.ts'

/** What the readers of code follow in one file; the rest is named as not analysed. */
const CODE_CHARS_MAX = 160_000

/** URLs that are looked at in one piece of a file; more is made for readers, not for people. */
const URLS_MAX = 4_000

type Loose = { -readonly [K in FactKind]: Extract<Fact, { kind: K }>[] }

/** What one reading of a package found out that another file of it may need. */
interface Found {
  /** Files that are written with what comes from the network or a decoder. */
  readonly files: Map<string, Taint>
  /** What modules export, by their name. */
  readonly modules: Map<string, Exports>
  /** What is handed to functions of modules: by module, then function. */
  readonly handed: Map<string, Map<string, Taint>>
}

const NOTHING: Found = { files: new Map(), modules: new Map(), handed: new Map() }

/** Readings of one package: the second knows what modules export, the third what is handed to them in turn. */
const ROUNDS_MAX = 3

/**
 * Reads every view and writes down what it says or does, with the line that shows it. Rules ask; they do not read. Where one
 * file writes what another runs, or imports what another exports, the package is read a second time with that known.
 */
export function factsOf(views: readonly View[], unseen: Unanalysed[] = []): Facts {
  let last = readAll(views, NOTHING)
  let seen = ''
  for (let round = 1; round < ROUNDS_MAX; round += 1) {
    const found: Found = { files: last.reader.written(), ...last.reader.found }
    const digest = digestOf(found)
    if (digest === seen || !isJoined(views, found)) break
    seen = digest
    last = readAll(views, found)
  }
  unseen.push(...last.unseen, ...last.reader.limits)
  return last.facts
}

/** What would change another reading: names and sources, not their order. */
function digestOf({ files, modules, handed }: Found): string {
  const taints = (of: ReadonlyMap<string, Taint>) =>
    [...of].map(([name, taint]) => `${name}:${[...taint.keys()].join()}`).toSorted()
  return JSON.stringify([
    taints(files),
    [...modules].map(([name, { taints: own, constants }]) => [name, taints(own), [...constants.keys()]]),
    [...handed].map(([name, own]) => [name, taints(own)]),
  ])
}

/** Whether anything in a package may use what another part of it wrote or exports. */
function isJoined(views: readonly View[], { files, modules, handed }: Found): boolean {
  if ([...handed.keys()].some((name) => modules.has(name))) return true
  if (files.size > 0 && views.filter((view) => view.name !== 'prose').length > 1) return true
  if (modules.size < 2) return false
  const names = [...modules]
    .filter(([, { taints, constants }]) => taints.size > 0 || constants.size > 0)
    .map(([name]) => name)
    .filter((name) => name.length > 1)
  return views.some(
    (view) =>
      view.holder === 'script' &&
      /\b(?:import|require|from|use|include)\b/.test(view.text) &&
      names.some((name) => moduleName(view.file) !== name && view.text.includes(name)),
  )
}

function readAll(views: readonly View[], before: Found) {
  const facts: Loose = {
    command: [],
    call: [],
    flow: [],
    url: [],
    path: [],
    env: [],
    hidden: [],
    decoded: [],
    'chain-value': [],
  }
  const unseen: Unanalysed[] = []
  const reader = new FactReader(facts, before)
  const budget = new Map<string, number>()
  for (const view of views) {
    const left = budget.get(view.file) ?? CODE_CHARS_MAX
    const isCode = view.name !== 'prose'
    if (isCode && view.text.length > left) {
      unseen.push({
        file: view.file,
        bytes: view.text.length,
        why: `it has more than ${CODE_CHARS_MAX} characters of code`,
      })
      continue
    }
    if (isCode) budget.set(view.file, left - view.text.length)
    reader.read(view)
  }
  return { facts, reader, unseen }
}

/** What one file of a package may write that another reads. */
const CROSSES: ReadonlySet<Source> = new Set(['network', 'decoded', 'secret', 'wallet', 'env'] as const)

/** Languages that are written as shell to be read. */
const TRANSLATED: ReadonlySet<string> = new Set(['batch', 'make', 'just', 'cmake', 'dockerfile'])

const SHELL_HINT =
  /(?:^|[\s|;&(`$])(?:curl|wget|bash|sh|zsh|sudo|npm|npx|pnpm|yarn|bun|pip3?|pipx|uvx?|git|rm|chmod|export|echo|cat|python3?|node|docker|brew|apt(?:-get)?|cargo|go|make|source|eval|nc|ncat|ssh|scp|osascript|powershell|pwsh|iwr|iex|crontab|launchctl|systemctl|open|xattr|tar|unzip|base64|openssl|dig|nslookup|cast|solana|find|cp|mv|tee|sed|awk|jq|kubectl|aws|gcloud|az|gh|env|printenv)(?:\s|$)/

class FactReader {
  readonly limits: Unanalysed[] = []
  readonly found: Pick<Found, 'modules' | 'handed'> = { modules: new Map(), handed: new Map() }
  readonly #facts: Loose
  readonly #before: Found
  readonly #opened: Files[] = []
  #pipelines = 0

  constructor(facts: Loose, before: Found) {
    this.#facts = facts
    this.#before = before
  }

  /** The files of one view; what other views wrote is known from the reading before. */
  #files(): Files {
    const files = new Files(this.#before.files)
    this.#opened.push(files)
    return files
  }

  /** What was written anywhere with what comes from the network or a decoder, where the name tells it from others. */
  written(): Map<string, Taint> {
    const out = new Map<string, Taint>()
    for (const files of this.#opened)
      for (const [path, taint] of files.written) {
        if (path.length < 4 || /^[^/]{0,2}\/$|^(?:\/tmp|\/usr|\/usr\/local|\/usr\/local\/bin|\/opt|~)\/$|\$/.test(path))
          continue
        const kept = new Map([...taint].filter(([source]) => CROSSES.has(source)))
        if (kept.size > 0) out.set(path, kept)
      }
    return out
  }

  read(view: View): void {
    const lineOf = liner(view)
    const place = (offset: number): Place => ({
      file: view.file,
      line: lineOf(offset),
      view: view.name,
      role: view.role,
    })
    if (view.holder === 'decoded')
      this.#facts.decoded.push({
        ...place(0),
        kind: 'decoded',
        encoding: view.decodedBy.join(' > '),
        depth: view.decodedBy.length,
        text: view.text,
      } satisfies Decoded)
    if (view.name === 'hidden')
      this.#facts.hidden.push({
        ...place(0),
        kind: 'hidden',
        how: view.holder === 'comment' ? 'comment' : view.holder === 'invisible' ? 'style' : 'attribute',
        text: view.text,
      } satisfies Hidden)
    this.#readUrls(view, place)
    this.#readChainValues(view, place)

    const { language, holder, text } = view
    const described = language === null || language === 'unknown' ? null : languageNamed(language)
    if (holder === 'decoded' || (view.name === 'hidden' && SHELL_HINT.test(text))) {
      this.#readShell(text, 0, place, view, holder === 'decoded' ? 'decoded' : 'fence')
      this.#readCode(text, 0, languageOfText(text), place, view)
    } else if (described?.toShell !== undefined)
      this.#readShell(described.toShell(text), 0, place, view, holder === 'script' ? 'script' : 'fence')
    else if (language === 'shell') this.#readShell(text, 0, place, view, holder === 'script' ? 'script' : 'fence')
    else if (language === 'powershell') {
      this.#readShell(text, 0, place, view, holder === 'script' ? 'script' : 'fence')
      this.#readCode(text, 0, described, place, view)
    } else if (described?.syntax !== undefined) {
      this.#readCode(text, 0, described, place, view)
      if (described.directives !== undefined)
        for (const match of text.matchAll(described.directives))
          this.#readShell(match[1] ?? '', match.index, place, view, 'script')
      this.#readStrayShell(text, place, view)
    } else if (language === 'json' || language === 'yaml' || language === 'toml') this.#readData(text, place, view)
    else if (holder === 'inline') {
      if (SHELL_HINT.test(text)) this.#readShell(text, 0, place, view, 'inline')
      else if (looksLikePath(text.trim())) this.#path(text.trim(), 'mention', text, place(0))
      if (text.includes('(')) this.#readCode(text, 0, null, place, view)
    } else if (language === 'unknown') {
      if (SHELL_HINT.test(text)) this.#readShell(text, 0, place, view, 'fence')
      this.#readCode(text, 0, languageOfText(text), place, view)
    } else if (view.name === 'prose') this.#readProse(view, place)
  }

  #readProse(view: View, place: (offset: number) => Place): void {
    const { text } = view
    // The host runs these before the model reads anything.
    if (text.includes('!`'))
      for (const match of text.matchAll(/(?:^|\s)!`([^`\n]{1,2000})`/g))
        this.#readShell(match[1] ?? '', match.index, place, view, 'dynamic')
    for (const match of HAS_PATH.test(text) ? text.matchAll(PROSE_PATH) : []) {
      const path = (match[1] ?? '').replace(/[.,;:]$/, '')
      if (whatIsAt(path) !== 'other') this.#path(path, 'mention', sentenceAround(text, match.index), place(match.index))
    }
    // A pipeline that was pasted into a sentence without any marks.
    if (/\|\s{0,3}(?:sudo\s)?(?:ba|z)?sh\b|\/dev\/tcp\/|\biex\b/.test(text)) {
      for (const match of text.matchAll(PROSE_PIPE))
        this.#readShell(match[0].replaceAll('`', ''), match.index, place, view, 'inline')
    }
  }

  #readData(text: string, place: (offset: number) => Place, view: View): void {
    // Hooks, tasks and servers are commands, whatever file they are written in.
    for (const match of text.matchAll(DATA_COMMAND)) {
      const value = match[3] ?? ''
      if (SHELL_HINT.test(value) || /[|;&]/.test(value))
        this.#readShell(
          unescapeJson(value),
          match.index,
          place,
          view,
          /hook|command|run/i.test(match[1] ?? '') ? 'hook' : 'string',
        )
    }
    if (view.language === 'json' && /"(?:scripts|hooks|tasks)"/.test(text))
      for (const { line, offset } of scriptsIn(text)) this.#readShell(line, offset, place, view, 'hook')
    for (const { line, offset } of listedShells(text)) this.#readShell(line, offset, place, view, 'hook')
    for (const match of text.matchAll(DATA_SHELL))
      this.#readShell(unescapeJson(match[1] ?? ''), match.index, place, view, 'string')
    this.#readStrayShell(text, place, view)
    for (const match of text.matchAll(PROSE_PATH)) {
      const path = match[1] ?? ''
      if (whatIsAt(path) !== 'other') this.#path(path, 'mention', path, place(match.index))
    }
  }

  /** Lines of shell inside a block that says it is something else: the label is the author's word, not a fact. */
  #readStrayShell(text: string, place: (offset: number) => Place, view: View): void {
    if (!STRAY_HINT.test(text)) return
    for (const match of text.matchAll(STRAY_SHELL)) this.#readShell(match[0], match.index, place, view, 'fence')
  }

  #readUrls(view: View, place: (offset: number) => Place): void {
    if (!view.text.includes('://')) return
    let count = 0
    for (const match of view.text.matchAll(URL_TEXT)) {
      count += 1
      if (count > URLS_MAX) {
        this.limits.push({
          file: view.file,
          bytes: view.text.length - match.index,
          why: `it has more than ${URLS_MAX} URLs in one piece`,
        })
        break
      }
      const url = match[0].replace(/[.,;:!?)\]}'"*>`]{1,64}$/, '')
      const host = hostOf(url)
      if (host === '') continue
      const text = sentenceAround(view.text, match.index)
      this.#facts.url.push({
        ...place(match.index),
        kind: 'url',
        url,
        scheme: url.slice(0, url.indexOf(':')).toLowerCase(),
        host,
        path: url.slice(url.indexOf(host) + host.length),
        use: useOf(view, text, url),
        text,
      } satisfies Url)
    }
  }

  #readChainValues(view: View, place: (offset: number) => Place): void {
    const add = (what: ChainValue['what'], value: string, offset: number) =>
      this.#facts['chain-value'].push({
        ...place(offset),
        kind: 'chain-value',
        what,
        value,
        text: sentenceAround(view.text, offset),
      })
    if (view.text.includes('0x')) {
      for (const match of view.text.matchAll(/\b0x[0-9a-fA-F]{40,}\b/g)) {
        const digits = match[0].length - 2
        if (digits === 40) add('evm-address', match[0].toLowerCase(), match.index)
        else if (digits === 64) add('evm-key', match[0].toLowerCase(), match.index)
        else if (digits >= 72 && (digits - 8) % 64 === 0) add('calldata', match[0].toLowerCase(), match.index)
      }
    }
    // The shortest is of 28 characters.
    if (view.text.length < 28) return
    for (const match of view.text.matchAll(/\b(?:bc1[a-z0-9]{25,60}|[13][1-9A-HJ-NP-Za-km-z]{32,33})\b/g))
      if (/\d/.test(match[0]) && /[a-z]/.test(match[0])) add('bitcoin-address', match[0], match.index)
  }

  #path(path: string, access: Path['access'], text: string, place: Place): void {
    this.#facts.path.push({ ...place, kind: 'path', path, access, what: whatIsAt(path), text })
  }

  #flow(source: Source, sink: Sink, from: string, to: string, text: string, place: Place): void {
    this.#facts.flow.push({ ...place, kind: 'flow', source, sink, from, to, text } satisfies Flow)
  }

  // Shell

  #readShell(
    text: string,
    base: number,
    place: (offset: number) => Place,
    view: View,
    via: Command['via'],
    depth = 0,
    files = this.#files(),
  ): void {
    if (depth > 8) return
    const file = /\bDownloadFile\(\s{0,4}["'](https?:[^"'\s]{3,300})["']/i.exec(text)
    if (file !== null && /\bStart-Process\b|\bInvoke-Item\b|\biex\b|\bcmd(?:\.exe)?\s\/c/i.test(text))
      this.#flow('network', 'exec', file[1] ?? '', 'Start-Process', file[0], place(base + file.index))
    if (depth === 0) this.#netClients(text, base, place)
    const { pipelines, functions } = readScript(text)
    const flow = new ShellFlow(
      {
        notes: this.#notes(view, via, depth),
        place,
        via,
        base,
        text,
        files,
        isPowerShell: view.language === 'powershell',
        // Evidence is shown as it stands in the file, not as it was written for the reader.
        ...(depth === 0 && text !== view.text && TRANSLATED.has(view.language ?? 'unknown')
          ? { lines: { first: view.line, texts: view.text.split('\n') } }
          : {}),
      },
      functions,
    )
    if (
      pipelines.length > 0 &&
      pipelines.reduce((sum, pipeline) => sum + pipeline.commands.length, 0) >= COMMANDS_MAX / 2
    )
      this.limits.push({ file: view.file, bytes: text.length, why: 'it has more commands than are followed' })
    flow.run(pipelines)
  }

  /** .NET clients of PowerShell: what is downloaded as text, or read from a socket, becomes code. */
  #netClients(text: string, base: number, place: (offset: number) => Place): void {
    const client = NET_CLIENT.exec(text)
    if (client === null || !NET_RUNS.test(text)) return
    const url = client[1]
    if (url !== undefined) this.#flow('network', 'exec', url, 'scriptblock', client[0], place(base + client.index))
    else if (/ReadLine|GetStream|\.Read\(/.test(text))
      this.#flow('network', 'shell', 'TcpClient', 'scriptblock', client[0], place(base + client.index))
  }

  #notes(view: View, via: Command['via'], depth: number): Notes {
    return {
      addCommand: (command) => void this.#facts.command.push(command),
      addPath: (path, access, text, place) => this.#path(path, access, text, place),
      addEnv: (name, place) => this.#env(name, place),
      addFlow: (source, sink, from, to, text, place) => this.#flow(source, sink, from, to, text, place),
      nextPipeline: () => {
        this.#pipelines += 1
        return this.#pipelines
      },
      nested: (language, text, place, files, isElsewhere) => {
        if (depth > 8 || (isElsewhere && view.holder === 'decoded')) return
        if (isElsewhere) return this.#elsewhere(text, place, view, via, depth + 1)
        if (language === 'shell') this.#readShell(text, 0, () => place, view, via, depth + 1, files)
        else this.#readCode(text, 0, languageNamed(language), () => place, view, depth + 1, files)
      },
    }
  }

  /** Commands for another machine: what they run from the network is told, what they write is not on this one. */
  #elsewhere(text: string, place: Place, view: View, via: Command['via'], depth: number): void {
    const before = this.#facts.path.length
    const flows = this.#facts.flow.length
    this.#readShell(text, 0, () => place, view, via, depth)
    this.#facts.path.length = before
    const kept = this.#facts.flow.slice(flows).filter((flow) => flow.sink !== 'identity')
    this.#facts.flow.length = flows
    this.#facts.flow.push(...kept)
  }

  #env(name: string, place: Place): void {
    this.#facts.env.push({ ...place, kind: 'env', name, isSecret: isSecretName(name) } satisfies EnvRead)
  }

  /** An account that stands nowhere in the text. */
  #spelled(value: string, text: string, place: Place): void {
    const what = value.startsWith('0x') ? 'evm-address' : 'bitcoin-address'
    this.#facts['chain-value'].push({ ...place, kind: 'chain-value', what, isSpelled: true, value, text })
  }

  // Code

  #readCode(
    text: string,
    base: number,
    language: Language | null,
    place: (offset: number) => Place,
    view: View,
    depth = 0,
    files = this.#files(),
  ): void {
    const handed = view.holder === 'script' ? this.#before.handed.get(moduleName(view.file)) : undefined
    const reading = readCode(text, language, {
      files,
      modules: this.#before.modules,
      ...(handed === undefined ? {} : { handed }),
    })
    for (const { module, name, taint } of reading.handsOver) {
      const own = this.found.handed.get(module) ?? new Map<string, Taint>()
      own.set(name, join(own.get(name) ?? new Map(), taint))
      this.found.handed.set(module, own)
    }
    if (reading.isCut)
      this.limits.push({ file: view.file, bytes: text.length, why: 'it has more calls than are followed' })
    if (view.holder === 'script' && depth === 0) this.found.modules.set(moduleName(view.file), reading.exports)
    for (const [name, value] of reading.exports.constants)
      if ('text' in value && SPELLED_ACCOUNT.test(value.text) && !text.includes(value.text.replace(/^0x/, '')))
        this.#spelled(value.text, `${name} = ${value.text}`, place(base + Math.max(0, text.indexOf(name))))
    for (const call of reading.calls)
      for (const value of call.answer === '' ? call.values : [...call.values, call.answer])
        if (
          SPELLED_ACCOUNT.test(value) &&
          !text.includes(value.slice(2)) &&
          !text.includes(value.slice(2).toLowerCase())
        )
          this.#spelled(value, `${call.callee}(${call.text.slice(0, 80)})`, place(base + call.offset))
    noteCalls(reading, language, {
      place: (offset) => place(base + offset),
      files,
      addCall: (call) => void this.#facts.call.push(call),
      addEnv: (name, at) => this.#env(name, at),
      addPath: (path, access, shown, at) => this.#path(path, access, shown, at),
      addFlow: (source, sink, from, to, shown, at) => this.#flow(source, sink, from, to, shown, at),
      shell: (line, at) => this.#readShell(line, 0, () => at, view, 'string', depth + 1, files),
      own: (code, at) => {
        if (depth < 4) this.#readCode(code, 0, language, () => at, view, depth + 1, files)
      },
    })
  }
}

const NET_CLIENT =
  /\bDownload(?:String|Data)\(\s{0,4}["']{1,2}(https?:[^"'\s]{3,300})|\bNet\.Sockets\.T(?:cp|CP)Client\b[^\n]{0,80}/
const NET_RUNS = /\[scriptblock\]::Create|\biex\b|\bInvoke-Expression\b|\bcmd(?:\.exe)?\s{1,3}\/c\b/i
const SPELLED_ACCOUNT = /^(?:0x[0-9a-fA-F]{40}|bc1[a-z0-9]{25,60})$/

const STRAY_HINT = /^[ \t]{0,12}(?:\$ )?(?:sudo |curl |wget |bash |sh |eval |nc |powershell |iwr |rm -|chmod )/m
const STRAY_SHELL =
  /^[ \t]{0,12}(?:\$ )?(?:sudo|curl|wget|bash|sh|eval|nc|powershell|iwr|rm|chmod) [^\n=(]{0,12}[^\n]{0,1000}$/gm
/** A value that is a line of shell, whatever its key is called. */
const DATA_SHELL =
  /["']([^"'\n]{0,400}(?:&&|\|\|?|;|&)\s{0,3}(?:curl|wget|bash|sh|nc|python3?|powershell|node|sudo|eval)\s[^"'\n]{1,600})["']/g

const PROSE_PATH =
  /(?<![\w./~-])((?:~|\$HOME|\$\{HOME\}|%\w{1,20}%|\/(?:etc|root|home|var|proc|Users|Library|sys|usr|bin))[/\\][\w.@%~ *\\/-]{1,120}[\w*]|\.(?:env|ssh|aws|npmrc|netrc|bashrc|zshrc|cursorrules|mcp\.json|claude|gnupg|kube|docker)(?:[/\\][\w./-]{0,80})?|(?:SOUL|MEMORY|AGENTS|CLAUDE|GEMINI|IDENTITY|HEARTBEAT)\.md|(?:wallet\.dat|id_rsa|id_ed25519|credentials\.json|mnemonic\.txt|seed\.txt))/g
/** What one of the alternatives above needs: most sentences hold none of it. */
const HAS_PATH =
  /[/\\]|\.(?:env|ssh|aws|npmrc|netrc|bashrc|zshrc|cursorrules|mcp\.json|claude|gnupg|kube|docker)|\.md|wallet\.dat|id_rsa|id_ed25519|credentials\.json|mnemonic\.txt|seed\.txt/
const PROSE_PIPE = /[^\n]{0,300}(?:\|\s{0,3}(?:sudo\s)?(?:ba|z)?sh\b|\/dev\/tcp\/|\biex\b)[^\n]{0,100}/g
const DATA_COMMAND =
  /(?<![\w-])["']?((?:pre|post|on|initialize|update)?(?:(?:create|start|attach|content)command|command|cmd|run|exec|script|hook|shell|install|start|build|test|prepare|[\w:-]{0,40}install[\w:-]{0,40})\w{0,12})["']?\s{0,4}[:=]\s{0,4}(["']?)((?:[^"'\\\n]|\\.){4,2000})\2/gi
const URL_TEXT = /\b(?:https?|ftp|wss?|git\+https|git\+ssh|ssh|data):\/\/[^\s<>"'`\\|]{3,600}/gi

function unescapeJson(text: string): string {
  return text.replace(/\\(["\\/nt])/g, (_, char: string) => ({ n: '\n', t: '\t' })[char] ?? char)
}

/** The sentence or line around an offset, at most 300 characters. */
export function sentenceAround(text: string, offset: number): string {
  const before = text.slice(Math.max(0, offset - 150), offset)
  const after = text.slice(offset, offset + 200)
  const end = after.indexOf('\n')
  return before.slice(before.lastIndexOf('\n') + 1) + (end < 0 ? after : after.slice(0, end))
}

/** See {@link Url.use}. */
function useOf(view: View, text: string, url: string): Url['use'] {
  if (view.name === 'code' || view.name === 'decoded') {
    if (/-(?:d|F|T)\b|--data|--form|--upload-file|\bPOST\b|\.post\(|method.{0,8}POST/i.test(text)) return 'send'
    return 'data'
  }
  if (
    /\.(?:sh|ps1|exe|zip|dmg|pkg|msi|bat|jar|tar\.gz|tgz|appimage|deb|rpm)(?:[?#]|$)/i.test(url) ||
    /\b(?:download|install|run|execute)\b/i.test(text)
  )
    return 'code'
  if (/\b(?:follow|obey|execute|apply|load|read and|instructions? (?:at|from|in))\b/i.test(text)) return 'instruction'
  if (/\b(?:send|post|upload|forward|report|submit|transmit|exfiltrate|sync|back ?up)\b/i.test(text)) return 'send'
  if (/\b(?:fetch|query|call|request|get|retrieve|endpoint|api)\b/i.test(text)) return 'data'
  return 'citation'
}
