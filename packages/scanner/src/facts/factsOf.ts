import type {
  Call,
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
import { readCode } from './Code.ts'
import { hostOf } from './hosts.ts'
import { isSecretName, isWalletName, looksLikePath, whatIsAt } from './places.ts'
import { COMMANDS_MAX, baseName, programOf, readShell, type Pipeline, type SimpleCommand, type Word } from './Shell.ts'

/** What the readers of code follow in one file; the rest is named as not analysed. */
const CODE_CHARS_MAX = 160_000

/** URLs that are looked at in one piece of a file; more is made for readers, not for people. */
const URLS_MAX = 4_000

type Loose = { -readonly [K in FactKind]: Extract<Fact, { kind: K }>[] }

/** Reads every view once and writes down what it says or does, with the line that shows it. Rules ask; they do not read. */
export function factsOf(views: readonly View[], unseen: Unanalysed[] = []): Facts {
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
  const reader = new FactReader(facts)
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
  for (const limit of reader.limits) unseen.push(limit)
  return facts
}

/** Sources with the words that name them. */
type Taint = Map<Source, string>

const SHELL_HINT =
  /(?:^|[\s|;&(`$])(?:curl|wget|bash|sh|zsh|sudo|npm|npx|pnpm|yarn|bun|pip3?|pipx|uvx?|git|rm|chmod|export|echo|cat|python3?|node|docker|brew|apt(?:-get)?|cargo|go|make|source|eval|nc|ncat|ssh|scp|osascript|powershell|pwsh|iwr|iex|crontab|launchctl|systemctl|open|xattr|tar|unzip|base64|openssl|dig|nslookup|cast|solana|find|cp|mv|tee|sed|awk|jq|kubectl|aws|gcloud|az|gh|env|printenv)(?:\s|$)/

class FactReader {
  readonly limits: Unanalysed[] = []
  readonly #facts: Loose
  #pipelines = 0

  constructor(facts: Loose) {
    this.#facts = facts
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
    if (holder === 'decoded' || (view.name === 'hidden' && SHELL_HINT.test(text))) {
      this.#readShell(text, 0, place, view, holder === 'decoded' ? 'decoded' : 'fence')
      this.#readCode(text, 0, 'unknown', place, view)
    } else if (language === 'shell' || language === 'powershell')
      this.#readShell(text, 0, place, view, holder === 'script' ? 'script' : 'fence')
    else if (language === 'python' || language === 'javascript') {
      this.#readCode(text, 0, language, place, view)
      this.#readStrayShell(text, place, view)
    } else if (language === 'dockerfile') this.#readDockerfile(text, place, view)
    else if (language === 'json' || language === 'yaml' || language === 'toml') this.#readData(text, place, view)
    else if (holder === 'inline') {
      if (SHELL_HINT.test(text)) this.#readShell(text, 0, place, view, 'inline')
      else if (looksLikePath(text.trim())) this.#path(text.trim(), 'mention', text, place(0))
      if (text.includes('(')) this.#readCode(text, 0, 'unknown', place, view)
    } else if (language === 'unknown') {
      if (SHELL_HINT.test(text)) this.#readShell(text, 0, place, view, 'fence')
      this.#readCode(text, 0, 'unknown', place, view)
    } else if (view.name === 'prose') this.#readProse(view, place)
  }

  #readProse(view: View, place: (offset: number) => Place): void {
    const { text } = view
    // The host runs these before the model reads anything.
    if (text.includes('!`'))
      for (const match of text.matchAll(/(?:^|\s)!`([^`\n]{1,2000})`/g))
        this.#readShell(match[1] ?? '', match.index, place, view, 'dynamic')
    for (const match of text.matchAll(PROSE_PATH)) {
      const path = (match[1] ?? '').replace(/[.,;:]$/, '')
      if (whatIsAt(path) !== 'other') this.#path(path, 'mention', sentenceAround(text, match.index), place(match.index))
    }
    // A pipeline that was pasted into a sentence without any marks.
    if (/\|\s{0,3}(?:sudo\s)?(?:ba|z)?sh\b|\/dev\/tcp\/|\biex\b/.test(text)) {
      for (const match of text.matchAll(PROSE_PIPE))
        this.#readShell(match[0].replaceAll('`', ''), match.index, place, view, 'inline')
    }
  }

  #readDockerfile(text: string, place: (offset: number) => Place, view: View): void {
    for (const match of text.matchAll(/^[ \t]{0,20}(?:RUN|CMD|ENTRYPOINT)[ \t]+((?:[^\n\\]|\\\r?\n|\\.)*)/gm))
      this.#readShell((match[1] ?? '').replace(/^\[|\]$/g, ''), match.index, place, view, 'script')
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
  ): void {
    if (depth > 8) return
    const file = /\bDownloadFile\(\s{0,4}["'](https?:[^"'\s]{3,300})["']/i.exec(text)
    if (file !== null && /\bStart-Process\b|\bInvoke-Item\b|\biex\b|\bcmd(?:\.exe)?\s\/c/i.test(text))
      this.#flow('network', 'exec', file[1] ?? '', 'Start-Process', file[0], place(base + file.index))
    const shell = new ShellFlow(this, place, view, via, base, depth, text)
    const pipelines = readShell(text)
    if (
      pipelines.length > 0 &&
      pipelines.reduce((sum, pipeline) => sum + pipeline.commands.length, 0) >= COMMANDS_MAX / 2
    )
      this.limits.push({ file: view.file, bytes: text.length, why: 'it has more commands than are followed' })
    shell.run(pipelines)
  }

  /** Called back by the shell reader for a program's own text. */
  nested(
    language: 'shell' | 'python' | 'javascript',
    text: string,
    place: () => Place,
    view: View,
    via: Command['via'],
    depth: number,
  ): void {
    if (depth > 8) return
    if (language === 'shell') this.#readShell(text, 0, place, view, via, depth + 1)
    else this.#readCode(text, 0, language, place, view, depth + 1)
  }

  nextPipeline(): number {
    this.#pipelines += 1
    return this.#pipelines
  }

  addCommand(command: Command): void {
    this.#facts.command.push(command)
  }

  addPath(path: string, access: Path['access'], text: string, place: Place): void {
    this.#path(path, access, text, place)
  }

  addEnv(name: string, place: Place): void {
    this.#facts.env.push({ ...place, kind: 'env', name, isSecret: isSecretName(name) } satisfies EnvRead)
  }

  addFlow(source: Source, sink: Sink, from: string, to: string, text: string, place: Place): void {
    this.#flow(source, sink, from, to, text, place)
  }

  // Code

  #readCode(
    text: string,
    base: number,
    language: 'python' | 'javascript' | 'unknown',
    place: (offset: number) => Place,
    view: View,
    depth = 0,
  ): void {
    const reading = readCode(text, language)
    if (reading.isCut)
      this.limits.push({ file: view.file, bytes: text.length, why: 'it has more calls than are followed' })
    for (const { offset, name } of reading.env) this.addEnv(name, place(base + offset))
    // Files that were written with what came from the network: running one runs the other.
    const fetched = new Set<string>()
    for (const call of reading.calls) {
      const last = call.callee.split('.').at(-1) ?? ''
      if (/^(?:urlretrieve|download_file|downloadFile|download)$/.test(last))
        for (const literal of call.literals) if (!/^https?:/.test(literal)) fetched.add(literal)
      if (/^(?:write|write_bytes|write_text|writeFile|writeFileSync)$/.test(last) && call.taints.has('network'))
        for (const other of reading.calls)
          if (/(?:^|\.)(?:open|Path|createWriteStream|writeFile|writeFileSync)$/.test(other.callee))
            for (const literal of other.literals) if (literal.length > 2) fetched.add(literal)
    }
    for (const call of reading.calls) {
      const at = place(base + call.offset)
      const shown = `${call.callee}(${call.text.slice(0, 160)})`
      const taints = [...call.taints.keys()]
      this.#facts.call.push({
        ...at,
        kind: 'call',
        callee: call.callee,
        text: call.text,
        literals: call.literals,
        taints,
      } satisfies Call)
      const last = call.callee.split('.').at(-1) ?? ''
      // Unpickling runs what it is given.
      if (/^(?:pickle|dill|cloudpickle|joblib|marshal)\.loads?$/.test(call.callee) && call.taints.has('network'))
        this.#flow('network', 'exec', call.taints.get('network') ?? '', call.callee, shown, at)
      if (isExecCall(call.callee)) {
        for (const source of ['network', 'decoded'] as const) {
          const from = call.taints.get(source)
          if (from !== undefined) this.#flow(source, 'exec', from, call.callee, shown, at)
        }
        const run = call.literals.find((literal) => [...fetched].some((file) => literal.includes(file)))
        if (run !== undefined) this.#flow('network', 'exec', run, call.callee, shown, at)
        const isShell =
          !/^(?:eval|exec|Function|compile|runInContext|runInNewContext|runInThisContext)$/.test(last) ||
          /child_process|execSync/.test(call.callee)
        if (isShell && call.literals.length > 0) {
          // A list of words and a line of shell read the same once joined.
          const line = /\[/.test(call.text.slice(0, 40)) ? call.literals.join(' ') : (call.literals[0] ?? '')
          const taint: Taint = new Map([...call.taints].filter(([source]) => source !== 'decoded'))
          const secret = [...taint].filter(([source]) => source === 'secret' || source === 'wallet' || source === 'env')
          this.#readShell(line, 0, () => at, view, 'string', depth + 1)
          if (secret.length > 0 && NET_PROGRAMS.test(line))
            for (const [source, from] of secret) this.#flow(source, 'network', from, line.slice(0, 80), shown, at)
        }
      }
      if (isSendCall(call.callee, call.text)) {
        const host = hostOf(call.literals.find((each) => /^[a-z]+:\/\//.test(each)) ?? '')
        for (const source of ['secret', 'wallet', 'env', 'file', 'system'] as const) {
          const from = call.taints.get(source)
          if (from === undefined) continue
          if ((source === 'secret' || source === 'wallet') && isOwnKey(from, host, call.text)) continue
          this.#flow(source, 'network', from, host === '' ? call.callee : host, shown, at)
        }
      }
      if (
        /^(?:open|writeFile|writeFileSync|appendFile|appendFileSync|write_text|copy|copyfile|copy2|move|rename|symlink|unlink|rmtree|remove|rm|rmSync|unlinkSync|readFile|readFileSync|read_text|createWriteStream|createReadStream|Path|expanduser)$/.test(
          last,
        )
      ) {
        const access: Path['access'] =
          /write|append|copy|move|rename|symlink|createWrite/i.test(last) ||
          (last === 'open' && /,\s{0,4}(?:mode\s{0,2}=\s{0,2})?["'][wax]/.test(call.text))
            ? 'write'
            : /unlink|rmtree|remove|^rm/.test(last)
              ? 'delete'
              : /^(?:Path|expanduser)$/.test(last)
                ? 'mention'
                : 'read'
        const joined = call.literals.filter((each) => each.length < 300)
        for (const path of joined.length > 1 ? [joined.join('/')] : joined)
          if (looksLikePath(path) || whatIsAt(path) !== 'other') this.#path(path, access, shown, at)
      } else
        for (const literal of call.literals)
          if (literal.length < 300 && looksLikePath(literal) && whatIsAt(literal) !== 'other')
            this.#path(literal, 'mention', shown, at)
    }
    // Names of several stores of keys, a file that is read by a name made up at run time, and something that is sent: the
    // values pass through a loop that is not followed, and there is no other reason for the three to meet.
    const stores = reading.strings.filter(
      (each) => each.text.length < 200 && ['credential', 'wallet'].includes(whatIsAt(each.text)),
    )
    if (new Set(stores.map((each) => each.text)).size >= 2) {
      const reads = reading.calls.some((call) =>
        /(?:^|\.)(?:readFileSync|readFile|open|read_text|read_bytes|Path|copy|copyfile|ZipFile|write)$/.test(
          call.callee,
        ),
      )
      const sends = reading.calls.find((call) => isSendCall(call.callee, call.text))
      if (reads && sends !== undefined)
        this.#flow(
          'secret',
          'network',
          stores.map((each) => each.text).join(', '),
          sends.callee,
          `${sends.callee}(${sends.text.slice(0, 160)})`,
          place(base + sends.offset),
        )
    }
    for (const { offset, text: literal } of reading.strings)
      if (literal.length < 300 && whatIsAt(literal) !== 'other' && looksLikePath(literal))
        this.#path(literal, 'mention', literal, place(base + offset))
  }
}

const STRAY_HINT = /^[ \t]{0,12}(?:\$ )?(?:sudo |curl |wget |bash |sh |eval |nc |powershell |iwr |rm -|chmod )/m
const STRAY_SHELL =
  /^[ \t]{0,12}(?:\$ )?(?:sudo|curl|wget|bash|sh|eval|nc|powershell|iwr|rm|chmod) [^\n=(]{0,12}[^\n]{0,1000}$/gm
/** A value that is a line of shell, whatever its key is called. */
const DATA_SHELL =
  /["']([^"'\n]{0,400}(?:&&|\|\|?|;|&)\s{0,3}(?:curl|wget|bash|sh|nc|python3?|powershell|node|sudo|eval)\s[^"'\n]{1,600})["']/g

const PROSE_PATH =
  /(?<![\w./~-])((?:~|\$HOME|\$\{HOME\}|%\w{1,20}%|\/(?:etc|root|home|var|proc|Users|Library|sys|usr|bin))[/\\][\w.@%~ *\\/-]{1,120}[\w*]|\.(?:env|ssh|aws|npmrc|netrc|bashrc|zshrc|cursorrules|mcp\.json|claude|gnupg|kube|docker)(?:[/\\][\w./-]{0,80})?|(?:SOUL|MEMORY|AGENTS|CLAUDE|GEMINI|IDENTITY|HEARTBEAT)\.md|(?:wallet\.dat|id_rsa|id_ed25519|credentials\.json|mnemonic\.txt|seed\.txt))/g
const PROSE_PIPE = /[^\n]{0,300}(?:\|\s{0,3}(?:sudo\s)?(?:ba|z)?sh\b|\/dev\/tcp\/|\biex\b)[^\n]{0,100}/g
const DATA_COMMAND =
  /(?<![\w-])["']?((?:pre|post)?(?:command|cmd|run|exec|script|hook|shell|install|start|build|test|prepare|[\w:-]{0,40}install[\w:-]{0,40})\w{0,12})["']?\s{0,4}[:=]\s{0,4}(["']?)((?:[^"'\\\n]|\\.){4,2000})\2/gi
const URL_TEXT = /\b(?:https?|ftp|wss?|git\+https|git\+ssh|ssh|data):\/\/[^\s<>"'`\\|]{3,600}/gi
const NET_PROGRAMS =
  /(?:^|[\s;|&(])(?:curl|wget|nc|ncat|dig|nslookup|host|ping|scp|ssh|rsync|ftp|telnet|socat|http|xh)\s/

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

function isExecCall(callee: string): boolean {
  // `__import__('os').system(…)`: whatever it is called on, nothing else is called so.
  if (/^\.(?:system|popen|check_output|getoutput)$/.test(callee)) return true
  if (
    /^(?:eval|exec|execfile|compile|Function|os\.(?:system|popen|exec[lv]p?e?|spawn\w*|startfile)|pty\.spawn|commands\.getoutput|importlib\.import_module|__import__)$/.test(
      callee,
    )
  )
    return true
  if (
    /(?:^|\.)(?:execSync|execFile|execFileSync|spawnSync|runInContext|runInNewContext|runInThisContext|getoutput|getstatusoutput|check_output|check_call|Popen|create_subprocess_shell|create_subprocess_exec|shell_exec|passthru|proc_open)$/.test(
      callee,
    )
  )
    return true
  return (
    /^(?:subprocess|child_process|cp|sp|vm|Deno|Bun)\.(?:run|call|exec|spawn|Command|\$)/.test(callee) ||
    /^(?:child_process\.)?(?:spawn|exec)$/.test(callee)
  )
}

function isSendCall(callee: string, text: string): boolean {
  const last = callee.split('.').at(-1) ?? ''
  if (
    /^(?:post|put|patch)$/i.test(last) &&
    !/^(?:app|router|server|route|fastify|api_router|blueprint|bp)\./.test(callee)
  )
    return true
  if (
    /^(?:sendall|sendto|sendmail|send_message|sendMessage|sendBeacon|upload_file|upload_fileobj|put_object|putObject|storbinary)$/.test(
      last,
    )
  )
    return true
  if (last === 'send' && /sock|ws|websocket|xhr|client|^s\.|conn/i.test(callee)) return true
  if (
    last === 'fetch' ||
    callee === 'axios' ||
    last === 'urlopen' ||
    last === 'request' ||
    last === 'Request' ||
    last === 'got'
  )
    return /\bbody\b|\bdata\b|\bjson\b|POST|PUT|\$\{|\bf["']/.test(text) || /[+]/.test(text)
  if (/^(?:requests|httpx|axios|session|urllib\.request|http)\.get$/.test(callee))
    return /\?[\w-]{1,30}=|params|[+]|\{/.test(text)
  if (/^(?:resolve|resolveTxt|gethostbyname|getaddrinfo|lookup)$/.test(last) && /dns|socket|resolver/.test(callee))
    return true
  return last === 'write' && /^(?:req|request|client|socket|conn)\./.test(callee)
}

/** Whether a key goes to the service that it is named after. Keys in authenticating headers were left out before. */
function isOwnKey(name: string, host: string, text: string): boolean {
  const brand = name.toLowerCase().split(/[_\s]/)[0] ?? ''
  if (brand.length < 3) return false
  return (
    (host !== '' && host.replace(/[^a-z0-9]/g, '').includes(brand)) ||
    (host === '' && text.toLowerCase().includes(`.${brand}.`))
  )
}

/** Follows values through the commands of one piece of shell, in order. */
class ShellFlow {
  readonly #reader: FactReader
  readonly #place: (offset: number) => Place
  readonly #view: View
  readonly #via: Command['via']
  readonly #base: number
  readonly #depth: number
  readonly #text: string
  readonly #variables = new Map<string, Taint>()
  readonly #files = new Map<string, Taint>()

  constructor(
    reader: FactReader,
    place: (offset: number) => Place,
    view: View,
    via: Command['via'],
    base: number,
    depth: number,
    text: string,
  ) {
    this.#reader = reader
    this.#place = place
    this.#view = view
    this.#via = via
    this.#base = base
    this.#depth = depth
    this.#text = text
  }

  run(pipelines: readonly Pipeline[]): void {
    for (const pipeline of pipelines) this.#pipeline(pipeline)
  }

  #pipeline(pipeline: Pipeline): Taint {
    const id = this.#reader.nextPipeline()
    const whole = this.#text.slice(pipeline.offset, Math.min(pipeline.end, pipeline.offset + 400)).trim()
    let flowing: Taint = new Map()
    let literal: string | null = null
    for (const [position, command] of pipeline.commands.entries()) {
      const answer = this.#command(command, id, position, flowing, literal, whole)
      flowing = answer.taint
      literal = answer.literal
    }
    return flowing
  }

  #wordTaint(word: Word): Taint {
    const found: Taint = new Map()
    for (const name of word.variables) {
      const own = this.#variables.get(name)
      if (own !== undefined) merge(found, own)
      if (isWalletName(name)) found.set('wallet', `$${name}`)
      else if (isSecretName(name)) found.set('secret', `$${name}`)
    }
    for (const pipeline of word.inner) {
      merge(found, this.#pipeline(pipeline))
      // `$(GITHUB_TOKEN)`, as people write who think of make.
      const name = pipeline.commands[0]?.words[0]?.text ?? ''
      if (pipeline.commands.length === 1 && /^[A-Z][A-Z0-9_]{3,}$/.test(name) && isSecretName(name))
        found.set(isWalletName(name) ? 'wallet' : 'secret', `$${name}`)
    }
    return found
  }

  #fileTaint(path: string): Taint {
    const found: Taint = new Map()
    const what = whatIsAt(path)
    if (what === 'wallet') found.set('wallet', path)
    else if (what === 'credential') found.set('secret', path)
    else if (/\.(?:ba|z|fi)?sh_history$|\.python_history$/.test(path)) found.set('secret', path)
    else if (path === '/etc/passwd' || path === '/etc/hosts' || path === '/etc/resolv.conf') found.set('system', path)
    for (const [file, taint] of this.#files)
      if (
        path === file ||
        path.endsWith(`/${file}`) ||
        file.endsWith(`/${path.replace(/^\.\//, '')}`) ||
        (file.length > 3 && path.startsWith(`${file}/`))
      )
        merge(found, taint)
    return found
  }

  #command(
    command: SimpleCommand,
    id: number,
    position: number,
    stdin: Taint,
    literalIn: string | null,
    whole: string,
  ): { taint: Taint; literal: string | null } {
    const place = this.#place(this.#base + command.offset)
    const { program, args, wrappers } = programOf(command.words)
    for (const { name, value } of command.assignments) {
      const taint = this.#wordTaint(value)
      merge(taint, this.#pathTaintOfValue(value.text))
      if (taint.size > 0) this.#variables.set(name, taint)
    }
    // `for x in …`, of which the reader leaves `x in …`.
    if (command.words[1]?.text === 'in' && /^\w+$/.test(command.words[0]?.text ?? '')) {
      const taint: Taint = new Map()
      for (const word of command.words.slice(2))
        merge(taint, new Map([...this.#wordTaint(word), ...this.#pathTaintOfValue(word.text)]))
      this.#variables.set(command.words[0]?.text ?? '', taint)
      return { taint, literal: null }
    }
    for (const word of command.words)
      for (const name of word.variables) if (/^[A-Z][A-Z0-9_]{2,}$/.test(name)) this.#reader.addEnv(name, place)
    const own = args.map((word) => word.text)
    const argTaint: Taint = new Map()
    for (const word of command.words) merge(argTaint, this.#wordTaint(word))
    const shown = whole.length > 0 && whole.length < 400 ? whole : [program, ...own].join(' ')
    const writes = command.redirects
      .filter((each) => each.operator === '>' || each.operator === '>>')
      .map((each) => each.target.text)
    const reads = command.redirects.filter((each) => each.operator === '<').map((each) => each.target.text)
    const body = command.stdin
    if (program !== '' || writes.length > 0) {
      this.#reader.addCommand({
        ...place,
        kind: 'command',
        program,
        args: own,
        wrappers,
        text: shown,
        pipeline: id,
        position,
        writes,
        reads,
        stdin: body,
        via: this.#via,
      })
    }
    // `$(printf '\\143…') | sh`: the words are spelled so that nobody reads them.
    if (program.startsWith('$()') && /\$\(\s{0,3}(?:printf|echo)\s[^)]{0,40}\\/.test(shown))
      argTaint.set('decoded', 'escapes')
    const input: Taint = new Map(stdin)
    for (const read of reads) merge(input, this.#fileTaint(read))
    for (const redirect of command.redirects)
      if (redirect.operator === '<<<') merge(input, this.#wordTaint(redirect.target))
    if (body !== null)
      for (const match of body.matchAll(/\$\{?([A-Z_]\w{2,60})/g))
        if (isSecretName(match[1] ?? ''))
          input.set(isWalletName(match[1] ?? '') ? 'wallet' : 'secret', `$${match[1] ?? ''}`)

    const output = this.#effects({
      program,
      args,
      own,
      input,
      argTaint,
      body,
      literalIn,
      shown,
      place,
      writes,
      wrappers,
    })
    for (const write of writes) {
      if (write === '/dev/null' || /^&?\d$/.test(write)) continue
      this.#reader.addPath(write, 'write', shown, place)
      const before = this.#files.get(write)
      this.#files.set(write, new Map([...(before ?? []), ...output.taint]))
      const tcp = /^\/dev\/(?:tcp|udp)\/([^/]+)/.exec(write)
      if (tcp !== null) this.#send(output.taint, tcp[1] ?? '', shown, place)
      this.#into(write, output.taint, shown, place)
    }
    return writes.length > 0 && !writes.every((each) => each === '/dev/null')
      ? { taint: new Map(), literal: null }
      : output
  }

  #into(path: string, taint: Taint, shown: string, place: Place): void {
    const what = whatIsAt(path)
    if (what !== 'identity' && what !== 'autostart') return
    for (const [source, from] of taint) this.#reader.addFlow(source, 'identity', from, path, shown, place)
  }

  #pathTaintOfValue(text: string): Taint {
    const found: Taint = new Map()
    // `KEY=~/.ssh/id_rsa`: the name of a secret place, not yet what is in it, but whoever uses it opens it.
    const what = text.length < 300 && looksLikePath(text) ? whatIsAt(text) : 'other'
    if (what === 'credential') found.set('secret', text)
    if (what === 'wallet') found.set('wallet', text)
    return found
  }

  #send(taint: Taint, to: string, shown: string, place: Place): void {
    for (const [source, from] of taint) {
      if (source === 'network' || source === 'decoded' || source === 'user') continue
      if (
        (source === 'secret' || source === 'wallet') &&
        from.startsWith('$') &&
        isOwnKey(from.slice(1), hostOf(to) || to.toLowerCase(), '')
      )
        continue
      this.#reader.addFlow(source, 'network', from, to, shown, place)
    }
  }

  #effects(at: {
    program: string
    args: readonly Word[]
    own: readonly string[]
    input: Taint
    argTaint: Taint
    body: string | null
    literalIn: string | null
    shown: string
    place: Place
    writes: readonly string[]
    wrappers: readonly string[]
  }): { taint: Taint; literal: string | null } {
    const { program, own, input, argTaint, shown, place } = at
    const files = own.filter((each) => !each.startsWith('-'))
    const nested = (language: 'shell' | 'python' | 'javascript', text: string) =>
      this.#reader.nested(language, text, () => place, this.#view, this.#via, this.#depth)
    const pathAccess = (access: Path['access']) => {
      for (const file of files)
        if (looksLikePath(file) && (whatIsAt(file) !== 'other' || access !== 'read'))
          this.#reader.addPath(file, access, shown, place)
    }
    const execute = (taint: Taint, to: string) => {
      for (const source of ['network', 'decoded'] as const) {
        const from = taint.get(source)
        if (from !== undefined) this.#reader.addFlow(source, 'exec', from, to, shown, place)
      }
    }

    if (SHELLS.has(program)) {
      const flag = own.findIndex((each) => /^-\w*c$/.test(each))
      const script = flag >= 0 ? own[flag + 1] : undefined
      if (script !== undefined) nested('shell', script)
      const target = script === undefined ? files[0] : undefined
      const taint: Taint = new Map(argTaint)
      if (flag < 0) merge(taint, input)
      if (target !== undefined) merge(taint, this.#fileTaint(target))
      execute(taint, program)
      if (flag < 0 && at.body !== null) nested('shell', at.body)
      if (flag < 0 && at.literalIn !== null) nested('shell', at.literalIn)
      return { taint: new Map(taint), literal: null }
    }
    if (program === 'eval' || program === 'source' || program === '.') {
      const taint: Taint = new Map([...argTaint, ...input])
      for (const file of files) merge(taint, this.#fileTaint(file))
      execute(taint, program)
      if (program === 'eval') nested('shell', own.join(' '))
      else pathAccess('read')
      return { taint, literal: null }
    }
    if (INTERPRETERS.test(program)) {
      const flag = own.findIndex((each) => /^-(?:c|e|r|-eval|-print|p)$/.test(each) || each === '--eval')
      const language = /^(?:python|pypy|uv)/.test(program) ? 'python' : 'javascript'
      const script = flag >= 0 ? own[flag + 1] : undefined
      if (script !== undefined) nested(language, script)
      if (at.body !== null) nested(language, at.body)
      const taint: Taint = new Map(argTaint)
      if (script === undefined) merge(taint, input)
      const target = script === undefined ? files[0] : undefined
      if (target !== undefined) merge(taint, this.#fileTaint(target))
      if (script === undefined) execute(taint, program)
      else if (/https?:\/\//.test(script) && /exec|eval/.test(script))
        execute(new Map([['network', 'a URL in the code']]), program)
      const out: Taint = new Map([...argTaint, ...input])
      if (script !== undefined || at.body !== null) {
        const code = script ?? at.body ?? ''
        if (/b64decode|unhexlify|b85decode|atob|fromhex|decompress/.test(code)) out.set('decoded', program)
        if (/urlopen|requests\.get|fetch\(/.test(code)) out.set('network', program)
      }
      return { taint: out, literal: null }
    }
    if (program === 'powershell' || program === 'pwsh') {
      const flag = own.findIndex((each) => /^-(?:c|command)$/i.test(each))
      nested('shell', (flag >= 0 ? own.slice(flag + 1) : own).join(' '))
      return { taint: argTaint, literal: null }
    }
    if (program === 'osascript') {
      for (const word of own)
        for (const match of word.matchAll(/do shell script "((?:[^"\\]|\\.){1,2000})"/g))
          nested('shell', (match[1] ?? '').replaceAll('\\"', '"'))
      return { taint: argTaint, literal: null }
    }
    if (/^(?:iex|invoke-expression)$/.test(program)) {
      const taint = new Map([...argTaint, ...input])
      if (/downloadstring|iwr|irm|invoke-webrequest|invoke-restmethod|webclient/i.test(shown))
        taint.set('network', 'a URL')
      if (/frombase64string/i.test(shown)) taint.set('decoded', 'FromBase64String')
      execute(taint, 'iex')
      return { taint, literal: null }
    }
    if (
      /^(?:curl|wget|iwr|irm|invoke-webrequest|invoke-restmethod|http|https|xh|aria2c|httpie|fetch|start-bitstransfer|certutil|bitsadmin)$/.test(
        program,
      )
    ) {
      const url = own.find((each) => /^[a-z]{2,6}:\/\/|^[\w-]+(?:\.[\w-]+)+\/|^\$/.test(each)) ?? files.at(-1) ?? ''
      const sent: Taint = new Map()
      const outs: string[] = []
      for (let i = 0; i < at.args.length; i += 1) {
        const word = at.args[i]
        if (word === undefined) continue
        const text = word.text
        const next = at.args[i + 1]
        if (
          /^(?:-d|-F|-T|--data(?:-\w+)*|--json|--form(?:-string)?|--upload-file|--post-(?:data|file)|--body-(?:data|file)|-body|-infile)$/i.test(
            text,
          ) &&
          next !== undefined
        ) {
          merge(sent, this.#wordTaint(next))
          const file =
            /@([^;,"']+)/.exec(next.text)?.[1] ?? (/-T|upload-file|post-file|infile/i.test(text) ? next.text : '')
          if (file === '-' || file === '/dev/stdin') merge(sent, input)
          else if (file !== '') {
            const taint = this.#fileTaint(file)
            if (taint.size === 0) taint.set('file', file)
            merge(sent, taint)
          }
          for (const match of next.text.matchAll(/\$\{?([A-Z_]\w{2,60})/g))
            if (isSecretName(match[1] ?? ''))
              sent.set(isWalletName(match[1] ?? '') ? 'wallet' : 'secret', `$${match[1] ?? ''}`)
          i += 1
        } else if (/^--?(?:data|form|post)[\w-]*=/.test(text)) merge(sent, this.#wordTaint(word))
        else if (
          /^(?:-o|-O|--output|--output-document|-outfile)$/i.test(text) &&
          next !== undefined &&
          program !== 'curl'
        ) {
          if (next.text !== '-') outs.push(next.text)
          i += 1
        } else if (/^(?:-o|--output)$/.test(text) && next !== undefined) {
          if (next.text !== '-') outs.push(next.text)
          i += 1
        } else if (/^-[a-zA-Z]*O$|^--remote-name$/.test(text) && program === 'curl') outs.push(lastSegment(url))
        else if (/^(?:-H|--header|-u|--user|-b|--cookie|-A|--user-agent|-e)$/.test(text)) i += 1
        else if (/^[a-z]{2,6}:\/\//.test(text) || text === url) {
          merge(sent, this.#wordTaint(word))
        } else if (program === 'http' || program === 'xh') merge(sent, this.#wordTaint(word))
      }
      if (program === 'wget' && outs.length === 0 && !/-O-|-qO-|-O\s{0,2}-/.test(shown)) outs.push(lastSegment(url))
      if (program === 'certutil' || program === 'bitsadmin') {
        outs.push(files.at(-1) ?? '')
        // Nobody fetches programs with a certificate tool but those who hide.
        if (/\.(?:exe|dll|bat|ps1|vbs|scr|hta)\b/i.test(shown)) execute(new Map([['network', url]]), program)
      }
      if (/^(?:iwr|irm|invoke-)/.test(program)) merge(sent, input)
      if (/-d@-|@-|-T\s?-|@\/dev\/stdin/.test(shown)) merge(sent, input)
      this.#send(sent, url, shown, place)
      const fetched: Taint = new Map([['network', url]])
      for (const out of outs) this.#files.set(out.replace(/^\.\//, ''), fetched)
      const piped = outs.length === 0 || /(?:^|\s)-[a-zA-Z]*O\s?-/.test(shown)
      return { taint: piped ? fetched : new Map(), literal: null }
    }
    if (
      /^(?:nc|ncat|netcat|socat|telnet|scp|sftp|rsync|ftp|ssh|mail|mailx|sendmail|mutt|s3cmd|rclone|gsutil|croc|wormhole|magic-wormhole)$/.test(
        program,
      )
    ) {
      const taint = new Map([...argTaint, ...input])
      // The key that opens a connection is not what is sent over it.
      const sent = /^(?:ssh|scp|sftp|rsync)$/.test(program)
        ? own.filter((each, i) => !each.startsWith('-') && !/^-(?:i|F|o|S|J|p|P|l|e)$/.test(own[i - 1] ?? ''))
        : files
      for (const file of sent) merge(taint, this.#fileTaint(file))
      this.#send(taint, files.find((each) => /[.:@]/.test(each)) ?? program, shown, place)
      if (program === 'ssh' && files.length > 1) nested('shell', files.slice(1).join(' '))
      return { taint: new Map([['network', program]]), literal: null }
    }
    if (/^(?:dig|nslookup|host|drill|ping|getent)$/.test(program)) {
      this.#send(new Map([...argTaint, ...input]), files.find((each) => each.includes('.')) ?? program, shown, place)
      return { taint: new Map(), literal: null }
    }
    if (/^(?:aws|gcloud|az|gh|kubectl|op|vault|security|heroku|fly|doctl|firebase|npm)$/.test(program)) {
      const line = own.join(' ')
      if (/s3 (?:cp|sync|mv)|gist create|storage (?:cp|blob upload)|release upload/.test(line)) {
        const taint = new Map([...argTaint, ...input])
        for (const file of files) merge(taint, this.#fileTaint(file))
        this.#send(taint, line.slice(0, 60), shown, place)
      }
      if (
        /auth (?:token|print-access-token|print-identity-token)|get-access-token|configure get|find-generic-password|find-internet-password|dump-keychain|secrets? (?:versions access|view|get)|kv get|^read |get secret|config view --raw|token get|auth:token|ecr get-login-password|create-access-key|^item (?:get|list)|secretsmanager get-secret-value|ssm get-parameter|get secrets?\b/.test(
          line,
        )
      )
        return { taint: new Map([['secret', `${program} ${line.slice(0, 40)}`]]), literal: null }
      return { taint: argTaint, literal: null }
    }
    if (
      program === 'env' ||
      program === 'printenv' ||
      ((program === 'set' || program === 'export') && (own.length === 0 || own[0] === '-p'))
    ) {
      if (files.length === 0) return { taint: new Map([['env', 'the whole environment']]), literal: null }
      const name = files[0] ?? ''
      return {
        taint: isSecretName(name) ? new Map([[isWalletName(name) ? 'wallet' : 'secret', `$${name}`]]) : new Map(),
        literal: null,
      }
    }
    if (/^(?:get-childitem|gci|dir|ls|get-item)$/.test(program) && /(?:^|\s)env:/i.test(own.join(' ')))
      return { taint: new Map([['env', 'the whole environment']]), literal: null }
    if (program === '' && at.wrappers.includes('env'))
      return { taint: new Map([['env', 'the whole environment']]), literal: null }
    // Clients of databases: the address opens the connection, what comes out is data.
    if (
      /^(?:pg_dump(?:all)?|pg_restore|psql|mysql|mysqldump|mongodump|mongosh?|redis-cli|prisma|ssh-keygen|ssh-add)$/.test(
        program,
      )
    )
      return { taint: new Map(), literal: null }
    // Programs of Windows that run what an address serves.
    if (/^(?:mshta|regsvr32|rundll32|msiexec|wscript|cscript)$/.test(program)) {
      const url = /https?:\/\/[^\s"',]{3,300}/i.exec(shown)?.[0]
      if (url !== undefined) execute(new Map([['network', url]]), program)
      return { taint: new Map(), literal: null }
    }
    // A package that is an address: what it serves is run.
    if (/^(?:npx|bunx|pnpx|uvx|pipx)$/.test(program)) {
      const url = files[0]
      if (
        url !== undefined &&
        /^https?:\/\//.test(url) &&
        !/^https:\/\/(?:github\.com|registry\.npmjs\.org|pkg\.pr\.new)\//.test(url)
      )
        execute(new Map([['network', url]]), program)
    }
    if (program === 'history') return { taint: new Map([['secret', 'shell history']]), literal: null }
    if (
      /^(?:hostname|whoami|id|uname|ifconfig|ip|ipconfig|systeminfo|sw_vers|ps|lsof|netstat|w|who|last|scutil|ioreg|system_profiler)$/.test(
        program,
      )
    )
      return { taint: new Map([['system', program]]), literal: null }
    if (/^(?:pbpaste|xclip|xsel|wl-paste|get-clipboard)$/.test(program))
      return { taint: new Map([['user', 'the clipboard']]), literal: null }
    if (program === 'echo' || program === 'printf') {
      const literal = own.filter((each) => !/^-[neE]+$/.test(each)).join(' ')
      return { taint: new Map(argTaint), literal }
    }
    // A keyed digest proves the key without telling it.
    if (
      (program === 'openssl' && /(?:^|\s)(?:dgst|mac)\b|-hmac/.test(own.join(' '))) ||
      /^(?:sha\d*sum|shasum|md5sum|b2sum|hmac)$/.test(program)
    )
      return { taint: new Map(), literal: null }
    if (/^(?:base64|base32|xxd|openssl|gunzip|zcat|gzip|rev|tr|uudecode|hex|basenc)$/.test(program)) {
      const line = own.join(' ')
      const isDecoding =
        /(?:^|\s)(?:-d|-D|--decode|-di|-r|-r -p|enc\b.*-d|-dc)\b/.test(` ${line}`) ||
        /^(?:gunzip|zcat|rev|tr|uudecode)$/.test(program)
      const taint = new Map([...argTaint, ...input])
      for (const file of files) merge(taint, this.#fileTaint(file))
      if (isDecoding) {
        taint.set('decoded', at.literalIn === null ? program : `${program} of a literal`)
        if (at.literalIn !== null && program === 'base64') {
          const text = Buffer.from(at.literalIn.trim(), 'base64').toString('utf8')
          return { taint, literal: text }
        }
        if (at.literalIn !== null && program === 'rev')
          return { taint, literal: [...at.literalIn].toReversed().join('') }
      }
      pathAccess('read')
      return { taint, literal: null }
    }
    if (program === 'tee') {
      for (const file of files) {
        this.#reader.addPath(file, 'write', shown, place)
        this.#files.set(file, new Map(input))
        this.#into(file, input, shown, place)
      }
      return { taint: input, literal: at.literalIn }
    }
    if (/^(?:cp|mv|ln|install|rsync|ditto|move|copy)$/.test(program)) {
      const target = files.at(-1) ?? ''
      const taint: Taint = new Map(argTaint)
      for (const file of files.slice(0, -1)) {
        merge(taint, this.#fileTaint(file))
        this.#reader.addPath(file, 'read', shown, place)
      }
      if (files.length > 1) {
        this.#reader.addPath(target, 'write', shown, place)
        this.#files.set(target.replace(/\/$/, ''), taint)
        this.#into(target, taint, shown, place)
      }
      return { taint: new Map(), literal: null }
    }
    if (/^(?:rm|rmdir|shred|unlink|del|rd|remove-item|truncate)$/.test(program)) {
      for (const file of files) this.#reader.addPath(file, 'delete', shown, place)
      return { taint: new Map(), literal: null }
    }
    if (/^(?:unzip|tar|7z|gunzip|unrar|bsdtar|hdiutil|expand-archive|dpkg|installer|rpm)$/.test(program)) {
      const taint = new Map([...argTaint, ...input])
      for (const file of files) merge(taint, this.#fileTaint(file))
      const isPacking = program === 'tar' && own.some((each) => /^-?[abd-zA-Z]*c[a-zA-Z]*$/.test(each))
      if (isPacking) {
        const archive = own.findIndex((each) => /^-?[a-zA-Z]*f$/.test(each))
        const target = archive >= 0 ? own[archive + 1] : undefined
        if (target !== undefined && target !== '-') this.#files.set(target, taint)
        pathAccess('read')
        return { taint, literal: null }
      }
      if (taint.has('network')) {
        // What comes out of a download is a download.
        const into = own.findIndex((each) => /^(?:-C|-d|--directory)$/.test(each))
        this.#files.set(into >= 0 ? (own[into + 1] ?? '.').replace(/\/$/, '') : '.', taint)
        if (/^(?:installer|msiexec)$/.test(program)) execute(taint, program)
      }
      return { taint: new Map(taint), literal: null }
    }
    if (program === 'zip') {
      const taint: Taint = new Map()
      for (const file of files) merge(taint, this.#fileTaint(file))
      if (files[0] !== undefined) this.#files.set(files[0], taint)
      return { taint: new Map(), literal: null }
    }
    if (program === 'chmod' || program === 'chown') {
      pathAccess('write')
      return { taint: new Map(), literal: null }
    }
    if (program === 'find' || program === 'locate' || program === 'fd') {
      const taint: Taint = new Map()
      const line = own.join(' ')
      const wanted = /wallet|mnemonic|seed|keystore|metamask|phantom/i.test(line)
        ? 'wallet'
        : /\.env\b|\.pem|id_rsa|id_ed25519|credential|secret|password|token|\.key\b|\.ssh|\.aws/i.test(line)
          ? 'secret'
          : null
      if (wanted !== null) {
        taint.set(wanted, line.slice(0, 80))
        this.#reader.addPath(line.slice(0, 80), 'read', shown, place)
      }
      const exec = own.indexOf('-exec')
      if (exec >= 0)
        nested(
          'shell',
          own
            .slice(exec + 1)
            .filter((each) => each !== ';' && each !== '{}' && each !== '+')
            .join(' '),
        )
      return { taint, literal: null }
    }
    if (
      program === 'sqlite3' ||
      /^(?:cat|less|more|head|tail|grep|rg|egrep|awk|sed|cut|sort|uniq|strings|jq|yq|dd|nl|tac|od|hexdump|bat|type|get-content|gc|xargs|wc|fold|paste|column|read|while|perl|iconv|split|gpg|age|zstd|xz|bzip2)$/.test(
        program,
      )
    ) {
      const taint = new Map([...argTaint, ...input])
      // The first word of a filter is its program.
      const inputs = /^(?:jq|yq|awk|sed|grep|egrep|rg|perl|cut|tr)$/.test(program) ? files.slice(1) : files
      for (const file of inputs) merge(taint, this.#fileTaint(file))
      for (const word of own) {
        const of = /^if=(.+)/.exec(word)?.[1]
        if (of !== undefined) merge(taint, this.#fileTaint(of))
      }
      pathAccess(program === 'sed' && own.some((each) => each.startsWith('-i')) ? 'write' : 'read')
      if (program === 'read') for (const name of files) this.#variables.set(name, new Map(input))
      return { taint, literal: program === 'cat' && files.length === 0 ? (at.literalIn ?? at.body) : null }
    }
    // Anything else: a program of this skill, or one that we do not know. What was fetched and is now run is a flow.
    const invoked = /^(?:\.{0,2}\/|~|\$|\/)/.test(at.shown.trim())
      ? this.#fileTaint(at.shown.trim().split(/\s/)[0]?.replace(/^\.\//, '') ?? '')
      : this.#fileTaint(program)
    if (invoked.has('network')) execute(invoked, program)
    else if (/^\.\/\w/.test(at.shown.trim()) && this.#files.get('.')?.has('network') === true)
      execute(this.#files.get('.') ?? new Map(), program)
    if (/^(?:open|start|start-process|xdg-open|explorer|msiexec|chmod)$/.test(program)) {
      const taint: Taint = new Map()
      for (const file of files) merge(taint, this.#fileTaint(file))
      execute(taint, program)
    }
    pathAccess('read')
    return { taint: new Map([...argTaint, ...input]), literal: null }
  }
}

const SHELLS = new Set('bash sh zsh dash ksh fish ash cmd'.split(' '))
const INTERPRETERS = /^(?:python[\d.]*|pypy3?|node|nodejs|deno|bun|perl|ruby|php|lua|tsx|ts-node)$/

function merge(into: Taint, from: Taint): void {
  for (const [source, what] of from) if (!into.has(source)) into.set(source, what)
}

function lastSegment(url: string): string {
  return baseName(url.replace(/[?#].*$/s, ''))
}
