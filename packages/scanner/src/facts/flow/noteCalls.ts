import type { Path, Place } from '../../Fact.ts'
import { hostOf } from '../hosts.ts'
import { isForeignKey, isOwnKey } from '../isOwnKey.ts'
import type { Calls, Language } from '../languages/Language.ts'
import { GAP } from '../languages/evaluate.ts'
import { MESSAGE } from '../languages/listeners.ts'
import type { CodeCall, CodeReading } from '../languages/readCode.ts'
import { looksLikePath, whatIsAt } from '../places.ts'
import type { CallNotes } from './CallNotes.ts'
import type { Files } from './Files.ts'
import { noteChosen, noteLeaks } from './noteLeaks.ts'
import { noteStores } from './noteStores.ts'
import { join } from './Taint.ts'

const NO_CALLS: Calls = {}

/** Writes down what the calls of one piece of code read, write, send and run. */
export function noteCalls(reading: CodeReading, language: Language | null, notes: CallNotes): void {
  const table = language?.calls ?? NO_CALLS
  for (const { offset, name } of reading.env) notes.addEnv(name, notes.place(offset))
  const fetched = keepFetched(reading, table, notes.files)
  const connects = reading.calls.find((call) => isConnect(call))
  for (const [i, call] of reading.calls.entries()) {
    const at = notes.place(call.offset)
    const shown = `${call.callee}(${call.text.slice(0, 160)})`
    notes.addCall({
      ...at,
      kind: 'call',
      callee: call.callee,
      text: call.text,
      literals: call.literals,
      taints: [...call.taints.keys()],
    })
    // Unpickling runs what it is given.
    if (
      UNPACKS.test(call.callee) &&
      (!/yaml|torch/.test(call.callee) || /unsafe|FullLoader|yaml\.Loader|weights_only\s?=\s?False/i.test(shown))
    )
      noteUnpacked(call, notes, shown, at)
    if (table.runsFile?.test(call.callee) === true) noteLoad(call, notes, shown, at)
    if (LOADS.test(call.callee)) noteModule(call, notes, shown, at)
    noteClient(call, notes, shown, at)
    noteLeaks(call, reading.calls, notes, shown, at)
    noteChosen(call, notes, shown, at)
    if (isExecCall(call.callee) || table.runs?.test(call.callee) === true) {
      noteRun(call, argumentsAfter(reading.calls, i), { table, fetched, notes, shown, at })
      const shell = call.literals.find((literal) => A_SHELL.test(literal))
      const isAlone = call.literals.every((literal) => A_SHELL.test(literal) || /^-\w{0,3}i$/.test(literal))
      if (connects !== undefined && shell !== undefined && isAlone)
        notes.addFlow('network', 'shell', connects.callee, shell, shown, at)
    }
    if (
      isSendCall(call.callee, call.text) ||
      SENDS_FILE.test(call.callee) ||
      table.sends?.test(call.callee) === true ||
      isOutgoing(call) ||
      isHanded(call)
    )
      noteSend(call, notes, shown, at)
    notePaths(call, table, notes, shown, at)
  }
  noteStores(reading, connects, notes, {
    table,
    isExec: (call) => isExecCall(call.callee),
    isSend: (call) => isSendCall(call.callee, call.text),
  })
  noteSockets(reading, connects, notes)
  for (const { offset, text: literal } of reading.strings)
    if (literal.length < 300 && whatIsAt(literal) !== 'other' && looksLikePath(literal))
      notes.addPath(literal, 'mention', literal, notes.place(offset))
}

/**
 * A socket that is joined to a program's input and output, in whatever words: its number becomes the program's own (`dup2`), or
 * what it says is piped into a child and the child's answer back into it.
 */
function noteSockets(reading: CodeReading, connects: CodeCall | undefined, notes: CallNotes): void {
  const join = (call: CodeCall, to: string) =>
    notes.addFlow(
      'network',
      'shell',
      connects?.callee ?? to,
      to,
      `${call.callee}(${call.text.slice(0, 160)})`,
      notes.place(call.offset),
    )
  for (const call of reading.calls) {
    if (connects !== undefined && /(?:^|\.)dup2$/.test(call.callee) && /fileno|\bfd\b/.test(call.text))
      join(call, 'dup2')
    const input = /(?:^|\.)pipe$/.test(call.callee) ? /^\s*(\w+)\.stdin\b/.exec(call.text)?.[1] : undefined
    if (input === undefined) continue
    const other = call.callee.slice(0, call.callee.lastIndexOf('.'))
    const isAnswered = reading.calls.some(
      (each) => each.callee === `${input}.stdout.pipe` && each.text.split(',', 1)[0]?.trim() === other,
    )
    if (isAnswered && other !== '' && !/^process\b/.test(other)) join(call, `${input}.stdin`)
  }
}

const A_SHELL = /^(?:\/(?:usr\/)?bin\/)?(?:ba|z|da|k|a)?sh(?: -\w{0,3}i)?$|^cmd(?:\.exe)?$|^powershell(?:\.exe)?$/i

/** Calls that open a connection to elsewhere. */
function isConnect(call: CodeCall): boolean {
  return (
    /(?:^|\.)(?:connect|create_connection|createConnection|Dial|DialTimeout|fsockopen|stream_socket_client|TCPSocket\.(?:new|open)|TcpStream\.connect|TCPClient|Socket)$/.test(
      call.callee,
    ) && /sock|^s\.|net|tcp|tls|ssl|client|fsockopen|^\.connect|conn|dial/i.test(call.callee)
  )
}

/** Files that were written with what came from the network: running one runs the other. */
function keepFetched(reading: CodeReading, table: Calls, files: Files): Set<string> {
  const fetched = new Set<string>()
  const keep = (path: string, from: string) => {
    fetched.add(path)
    if (path.length > 2 && !path.includes(GAP)) files.set(path, new Map([['network', from]]))
  }
  for (const call of reading.calls) {
    const last = call.callee.split('.').at(-1) ?? ''
    if (
      /^(?:urlretrieve|download_file|downloadFile|download)$/.test(last) ||
      table.downloads?.test(call.callee) === true
    )
      for (const literal of call.literals) if (!/^https?:/.test(literal)) keep(literal, literal)
    keepWritten(call, last, reading, files)
    // A file that is put together from a file of data is read as data by nobody who runs it.
    const data = call.taints.get('file')
    if (
      /^(?:writeFile|writeFileSync|write_text)$/.test(last) &&
      data !== undefined &&
      /\.(?:json|csv|tsv|ya?ml|dat|bin|txt|png|svg)(?:\/[\w-]{1,8})?$/i.test(data)
    )
      for (const path of [call.own, ...call.values.slice(0, 1)])
        if (path.length > 3 && !path.includes(GAP)) files.add(path, new Map([['decoded', data]]))
    const taint = call.taints.get('network') ?? call.receives.get('network')
    if (taint === undefined) continue
    if (table.writes?.test(call.callee) === true || table.reads?.test(call.callee) === true) {
      const path = call.values.find((value) => value !== '' && !/^https?:/.test(value)) ?? call.own
      if (path !== '' && table.writes?.test(call.callee) === true) keep(path, taint)
    }
    if (
      /^(?:write|write_bytes|write_text|writeFile|writeFileSync|Copy|copyfileobj)$/.test(last) &&
      call.taints.has('network')
    ) {
      if (call.own !== '') keep(call.own, taint)
      for (const other of reading.calls)
        if (/(?:^|\.)(?:open|Path|createWriteStream|writeFile|writeFileSync|Create|OpenFile)$/.test(other.callee))
          for (const literal of other.literals) if (literal.length > 2) keep(literal, taint)
    }
  }
  return fetched
}

/** Files that are written with keys or the whole environment, logs among them: sending one sends the others. */
function keepWritten(call: CodeCall, last: string, reading: CodeReading, files: Files): void {
  const isLog = /^(?:debug|info|warning|warn|error|exception|critical|log)$/.test(last) && /log/i.test(call.callee)
  if (
    !isLog &&
    !/^(?:write|write_text|write_bytes|writeFile|writeFileSync|appendFile|appendFileSync|dump|writelines|writerow)$/.test(
      last,
    )
  )
    return
  const kept = new Map([...call.taints].filter(([source]) => LEAVES.has(source)))
  if (kept.size === 0) return
  const opened = reading.calls
    .filter((each) =>
      isLog
        ? /(?:basicConfig|FileHandler|RotatingFileHandler|createLogger|pino\.destination|transports\.File)$/.test(
            each.callee,
          )
        : /^(?:open|createWriteStream)$/.test(each.callee.split('.').at(-1) ?? '') &&
          /["'][wa]b?\+?["']|createWrite/.test(`${each.callee} ${each.text}`),
    )
    .flatMap((each) => each.literals)
  for (const path of [call.own, ...(isLog ? [] : call.values.slice(0, 1)), ...opened])
    if (path.length > 4 && /[./]/.test(path) && !path.includes(GAP) && !/\s|^https?:/.test(path)) files.add(path, kept)
}

const LEAVES: ReadonlySet<string> = new Set(['secret', 'wallet', 'env'])

/** `.arg("-c").arg("…")` after a program that is named: the words of one command. */
function argumentsAfter(calls: readonly CodeCall[], at: number): string[] {
  const words: string[] = []
  for (const call of calls.slice(at + 1, at + 12)) {
    if (!/^\.?(?:arg|args|addArgument)$/.test(call.callee)) break
    words.push(...call.literals)
  }
  return words
}

/** Readers of formats that hold code of their own. */
const UNPACKS =
  /^(?:(?:pickle|_pickle|cPickle|dill|cloudpickle|joblib|marshal|Marshal|shelve|jsonpickle)\.(?:loads?|open|decode)|yaml\.(?:load|unsafe_load|full_load)|torch\.(?:load|hub\.load_state_dict_from_url|jit\.load)|(?:keras|tf\.keras)\.models\.load_model|(?:pd|pandas)\.read_pickle|np\.load)$/

function noteUnpacked(call: CodeCall, notes: CallNotes, shown: string, at: Place): void {
  const from =
    call.taints.get('network') ??
    [...call.values, ...call.literals].find(
      (each) => each !== '' && (/^https?:\/\//.test(each) || notes.files.taintOf(each).has('network')),
    )
  if (from !== undefined) notes.addFlow('network', 'exec', from, call.callee, shown, at)
}

/** A file or an address that is loaded and run. */
function noteLoad(call: CodeCall, notes: CallNotes, shown: string, at: Place): void {
  for (const value of [...call.values, ...call.literals]) {
    if (/^(?:https?|ftp):/.test(value)) return notes.addFlow('network', 'exec', value, call.callee, shown, at)
    const from = value === '' ? undefined : notes.files.taintOf(value).get('network')
    if (from !== undefined) return notes.addFlow('network', 'exec', value, call.callee, shown, at)
  }
}

/** Calls of JavaScript and Python that load a file as a module, and run it. */
const LOADS =
  /^(?:require|import|module\.require|importlib\.util\.spec_from_file_location|importlib\.machinery\.SourceFileLoader|SourceFileLoader|spec_from_file_location|imp\.load_source|runpy\.run_path|run_path|ctypes\.(?:CDLL|cdll\.LoadLibrary|PyDLL|WinDLL)|CDLL|process\.dlopen|dlopen|sys\.path\.(?:insert|append|extend)|WebAssembly\.(?:instantiate|compile|instantiateStreaming|Module)|zipimport\.zipimporter|System\.load|URLClassLoader)$/

/** A module whose file was fetched, or whose text is in the address (`data:`) and was fetched. */
function noteModule(call: CodeCall, notes: CallNotes, shown: string, at: Place): void {
  const file = [...call.values, ...call.literals].find(
    (each) => each !== '' && notes.files.taintOf(each).has('network'),
  )
  if (file !== undefined) return notes.addFlow('network', 'exec', file, call.callee, shown, at)
  // A module that stands at an address: whatever is there today.
  const address = /^(?:import|require)$/.test(call.callee)
    ? call.values.find((each) => /^https?:\/\//.test(each))
    : undefined
  if (address !== undefined) return notes.addFlow('network', 'exec', address, call.callee, shown, at)
  for (const source of ['network', 'decoded'] as const) {
    const from = call.taints.get(source)
    if (
      from !== undefined &&
      (/\bdata:/.test(call.text) || (source === 'network' && call.callee.startsWith('WebAssembly.')))
    )
      notes.addFlow(source, 'exec', from, call.callee, shown, at)
  }
}

/** Options by which a client of a service is told another host than the service's own. */
const HOST_OPTION =
  /\b(?:host|hostname|base_?url|api_?base|api_?url|endpoint(?:_url)?|server_?url)["']?\s{0,2}[:=]\s{0,3}["'`]([^"'`\s]{4,200})["'`]/gi

/** A client that is given the key of a known service and a host that is none of that service's. */
function noteClient(call: CodeCall, notes: CallNotes, shown: string, at: Place): void {
  const key = call.taints.get('secret')
  if (key === undefined) return
  for (const option of call.text.matchAll(HOST_OPTION)) {
    const given = option[1] ?? ''
    const host = hostOf(given) || (/^[\w.-]+/.exec(given)?.[0] ?? '').toLowerCase()
    if (isForeignKey(key, host)) return notes.addFlow('secret', 'network', key, host, shown, at)
  }
}

function noteRun(
  call: CodeCall,
  after: readonly string[],
  on: { table: Calls; fetched: ReadonlySet<string>; notes: CallNotes; shown: string; at: Place },
): void {
  const { table, fetched, notes, shown, at } = on
  const last = call.callee.split('.').at(-1) ?? ''
  const taints = join(call.taints, call.receives)
  // Code that stands in a picture, a page of text or a file of data is meant not to be read as code.
  const kept = taints.get('file')
  if (
    kept !== undefined &&
    /^(?:eval|exec|Function|compile|_compile|runInThisContext)$/.test(last) &&
    !/child_process/.test(call.callee) &&
    (DATA_FILE.test(kept) || /\b(?:chr|fromCharCode)\s{0,2}\(|\^/.test(call.text))
  )
    notes.addFlow('decoded', 'exec', kept, call.callee, shown, at)
  else if (/^(?:eval|exec)$/.test(call.callee) && /\bchr\s{0,2}\([^()]{0,40}[-+^%([]/.test(call.text))
    notes.addFlow('decoded', 'exec', 'letters that are worked out', call.callee, shown, at)
  for (const source of ['network', 'decoded'] as const) {
    const from = taints.get(source)
    // A word of a message that is one argument of a named program is data to it.
    if (from === MESSAGE && /^\s{0,20}\[\s{0,20}["']/.test(call.text)) continue
    if (from !== undefined) notes.addFlow(source, 'exec', from, call.callee, shown, at)
  }
  const words = [...(call.literals.length === 0 ? call.ownLiterals : call.literals), ...after]
  const run = words.find(
    (literal) => [...fetched].some((file) => literal.includes(file)) || notes.files.taintOf(literal).has('network'),
  )
  if (run !== undefined) notes.addFlow('network', 'exec', run, call.callee, shown, at)
  const isOwn =
    table.runsOwn?.test(call.callee) === true ||
    (/^(?:eval|exec|Function|compile|runInContext|runInNewContext|runInThisContext)$/.test(last) &&
      !/child_process|execSync/.test(call.callee) &&
      table.runs?.test(call.callee) !== true)
  if (isOwn) {
    const code = call.values.find((value) => value.length > 8 && value.includes('('))
    if (code !== undefined && !code.includes(GAP)) notes.own(code, at)
    return
  }
  if (words.length === 0) return
  // A list of words and a line of shell read the same once joined.
  const isList =
    /\[|\{/.test(call.text.slice(0, 40)) || after.length > 0 || (table.runs !== undefined && words.length > 1)
  const line = isList
    ? words.map((word, i) => (i > 0 && /[\s|;&]/.test(word) ? `'${word.replaceAll("'", `'"'"'`)}'` : word)).join(' ')
    : (words[0] ?? '')
  notes.shell(line, at)
  // Which shell it is may be decided at run time; what it is given is not.
  const flag = words.findIndex((word, i) => i > 0 && /^-\w{0,3}c$/.test(word) && A_SHELL.test(words[i - 1] ?? ''))
  if (isList && flag > 1) notes.shell(words[flag + 1] ?? '', at)
  const secret = [...taints].filter(([source]) => source === 'secret' || source === 'wallet' || source === 'env')
  if (secret.length > 0 && NET_PROGRAMS.test(line))
    for (const [source, from] of secret) notes.addFlow(source, 'network', from, line.slice(0, 80), shown, at)
}

const DATA_FILE =
  /\.(?:png|jpe?g|gif|ico|webp|svg|bmp|woff2?|ttf|otf|mp3|wav|mp4|pdf|dat|bin|data|blob|db|log|csv|tsv|json|ya?ml|xml|toml|ini|md|txt|rst|cache|lock|css|po|mo)(?:\/[\w-]{1,8})?$/i

const NET_PROGRAMS =
  /(?:^|[\s;|&(])(?:curl|wget|nc|ncat|dig|nslookup|host|ping|scp|ssh|rsync|ftp|telnet|socat|http|xh)\s/

const SENDS_FILE =
  /(?:^|\.)(?:upload_file|uploadFile|upload|fput_object|upload_from_filename|put|putFile|put_file|sendFile|send_file|send_document|sendDocument|files_upload|files_upload_v2|storbinary|fastPut|attach|addAttachment|set_contents_from_filename)$/

function noteSend(call: CodeCall, notes: CallNotes, shown: string, at: Place): void {
  const host = hostOf(call.literals.find((each) => /^[a-z]+:\/\//.test(each)) ?? '')
  // A file that is named is sent whole.
  if (SENDS_FILE.test(call.callee)) {
    const path = [...call.values, ...call.literals].find((each) => /^(?:credential|wallet)$/.test(whatIsAt(each)))
    if (path !== undefined)
      notes.addFlow(whatIsAt(path) === 'wallet' ? 'wallet' : 'secret', 'network', path, host || call.callee, shown, at)
  }
  for (const source of ['secret', 'wallet', 'env', 'file', 'system'] as const) {
    const from = call.taints.get(source)
    if (from === undefined) continue
    if ((source === 'secret' || source === 'wallet') && isOwnKey(from, host, call.text)) continue
    notes.addFlow(source, 'network', from, host === '' ? call.callee : host, shown, at)
  }
}

/** A function of somebody's own that is handed an address and a key. */
function isHanded(call: CodeCall): boolean {
  const last = call.callee.split('.').at(-1) ?? ''
  return (
    (call.taints.has('secret') || call.taints.has('wallet')) &&
    /(?:put|send|upload|push|ship|post|report|sync|store|deliver|emit|forward|dav|submit|beam)/i.test(last) &&
    call.values.some((value) => /^(?:https?|wss?|ftp):\/\//.test(value))
  )
}

/** `r.end(x)`, `socket.write(x)`: something is put into what a call to elsewhere answered. */
function isOutgoing(call: CodeCall): boolean {
  return call.root.has('network') && /\.(?:end|write|send|emit|publish|sendText|request)$/.test(call.callee)
}

const PATH_CALLS =
  /^(?:open|writeFile|writeFileSync|appendFile|appendFileSync|write_text|write_bytes|copy|copyfile|copy2|move|rename|symlink|unlink|rmtree|remove|rm|rmSync|unlinkSync|readFile|readFileSync|read_text|createWriteStream|createReadStream|Path|expanduser|copyFile|copyFileSync|cp|cpSync)$/

function notePaths(call: CodeCall, table: Calls, notes: CallNotes, shown: string, at: Place): void {
  const last = call.callee.split('.').at(-1) ?? ''
  const own = accessBy(call, table)
  if (!PATH_CALLS.test(last) && own === null) {
    for (const literal of call.literals)
      if (literal.length < 300 && looksLikePath(literal) && whatIsAt(literal) !== 'other')
        notes.addPath(literal, 'mention', shown, at)
    return
  }
  const access: Path['access'] =
    own ??
    (/write|append|copy|move|rename|symlink|createWrite|^cp/i.test(last) ||
    (last === 'open' && /,\s{0,4}(?:mode\s{0,2}=\s{0,2})?["'][wax]/.test(call.text))
      ? 'write'
      : /unlink|rmtree|remove|^rm/.test(last)
        ? 'delete'
        : /^(?:Path|expanduser)$/.test(last)
          ? 'mention'
          : 'read')
  // What it was put together to says more than its pieces.
  const whole = [call.own, ...call.values].filter(
    (each) => each !== '' && each.length < 300 && whatIsAt(each) !== 'other',
  )
  const pieces = call.literals.filter((each) => each.length < 300)
  const taken = whole.length > 0 ? whole : pieces.length > 1 && own === null ? [pieces.join('/')] : pieces
  for (const path of new Set(taken))
    if (looksLikePath(path) || whatIsAt(path) !== 'other') notes.addPath(path.replaceAll(GAP, '*'), access, shown, at)
  if (access !== 'write') return
  // What others serve is put where an agent obeys it, the skill's own text among it.
  const steered = [...taken, ...call.ownLiterals].find((path) => STEERS.test(path) || whatIsAt(path) === 'identity')
  const from = call.taints.get('network') ?? call.taints.get('decoded')
  if (steered !== undefined && from !== undefined) notes.addFlow('network', 'identity', from, steered, shown, at)
}

/** The skill's own text. */
const STEERS = /(?:^|[/\\])SKILL\.md$/i

function accessBy(call: CodeCall, table: Calls): Path['access'] | null {
  if (table.deletes?.test(call.callee) === true) return 'delete'
  const isWriting = table.writes?.test(call.callee) === true
  const isReading = table.reads?.test(call.callee) === true
  // One call for both says which by its mode.
  if (isWriting && isReading) return /["'](?:[wa]b?\+?|>>?)["']/.test(call.text) ? 'write' : 'read'
  if (isReading && /,\s{0,4}["'](?:[wa]b?\+?|>>?)["']/.test(call.text)) return 'write'
  return isWriting ? 'write' : isReading ? 'read' : null
}

function isExecCall(callee: string): boolean {
  // `__import__('os').system(…)`: whatever it is called on, nothing else is called so.
  if (/^\.(?:system|popen|check_output|getoutput|spawn)$/.test(callee)) return true
  if (
    /^(?:eval|exec|execfile|compile|Function|os\.(?:system|popen|exec[lv]p?e?|spawn\w*|startfile)|pty\.spawn|commands\.getoutput|importlib\.import_module|__import__)$/.test(
      callee,
    )
  )
    return true
  if (
    /(?:^|\.)(?:execSync|execFile|execFileSync|spawnSync|runInContext|runInNewContext|runInThisContext|_compile|getoutput|getstatusoutput|check_output|check_call|Popen|create_subprocess_shell|create_subprocess_exec|shell_exec|passthru|proc_open)$/.test(
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
    /^(?:sendall|sendto|sendmail|send_message|sendMessage|sendBeacon|upload_file|upload_fileobj|put_object|putObject|storbinary|fput_object|upload_from_filename|upload_from_string|sendFile|send_document|sendDocument|chat_postMessage|postMessage|files_upload|files_upload_v2|captureMessage|captureEvent|captureException|setContext|setExtra|publish|basic_publish|lpush|rpush|set_contents_from_filename|copyFrom|sendText|send_text|send_string|send_json|send_bytes|send_form|createIssue|create_issue|createComment|create_gist|createGist|append_row|insertOne|insert_one)$/.test(
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
    return /\bbody\b|\bdata\b|\bjson\b|POST|PUT|\$\{|\bf["']|\bheaders\b/.test(text) || /[+]/.test(text)
  if (/^(?:requests|httpx|axios|session|urllib\.request|http)\.get$/.test(callee))
    return /\?[\w-]{1,30}=|params|[+]|\{|cookies/.test(text)
  if (
    /^(?:resolve\w{0,5}|gethostbyname(?:_ex)?|getaddrinfo|lookup|query|reverse|LookupHost|LookupTXT|getByName|GetHostAddresses|getaddress)$/.test(
      last,
    ) &&
    /dns|socket|resolver|resolv|net\.|InetAddress/i.test(callee)
  )
    return true
  return last === 'write' && /^(?:req|request|client|socket|conn)\./.test(callee)
}
