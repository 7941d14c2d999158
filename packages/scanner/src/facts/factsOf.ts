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
import { isSecretName, looksLikePath, whatIsAt } from './places.ts'
import { Files } from './flow/Files.ts'
import { ShellFlow, type Notes } from './flow/ShellFlow.ts'
import type { Taint } from './flow/Taint.ts'
import { isOwnKey } from './isOwnKey.ts'
import { COMMANDS_MAX, readScript } from './languages/shell/Shell.ts'

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
    files = new Files(),
  ): void {
    if (depth > 8) return
    const file = /\bDownloadFile\(\s{0,4}["'](https?:[^"'\s]{3,300})["']/i.exec(text)
    if (file !== null && /\bStart-Process\b|\bInvoke-Item\b|\biex\b|\bcmd(?:\.exe)?\s\/c/i.test(text))
      this.#flow('network', 'exec', file[1] ?? '', 'Start-Process', file[0], place(base + file.index))
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
      nested: (language, text, place, files) => {
        if (depth > 8) return
        if (language === 'shell') this.#readShell(text, 0, () => place, view, via, depth + 1, files)
        else
          this.#readCode(
            text,
            0,
            language === 'python' || language === 'javascript' ? language : 'unknown',
            () => place,
            view,
            depth + 1,
            files,
          )
      },
    }
  }

  #env(name: string, place: Place): void {
    this.#facts.env.push({ ...place, kind: 'env', name, isSecret: isSecretName(name) } satisfies EnvRead)
  }

  // Code

  #readCode(
    text: string,
    base: number,
    language: 'python' | 'javascript' | 'unknown',
    place: (offset: number) => Place,
    view: View,
    depth = 0,
    files = new Files(),
  ): void {
    const reading = readCode(text, language, files)
    if (reading.isCut)
      this.limits.push({ file: view.file, bytes: text.length, why: 'it has more calls than are followed' })
    for (const { offset, name } of reading.env) this.#env(name, place(base + offset))
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
