import type { Source } from '../../Fact.ts'
import type { Files } from '../flow/Files.ts'
import { merge, type Taint } from '../flow/Taint.ts'
import { isSecretName, isWalletName, whatIsAt } from '../places.ts'
import type { Constants, Evaluator } from './evaluate.ts'
import { callbackParameters, parametersIn, type FoundCall } from './findCalls.ts'
import { moduleName, type Imported } from './imports.ts'
import { heardParameters, isListener, MESSAGE } from './listeners.ts'
import type { Calls } from './Language.ts'
import { CARRIES, envAt, envGetters, mayBeSource, sourceOfCall } from './sources.ts'
import { ASSIGNS, authenticates, DEFINES, isHeader, literalsIn, statementEnd, valueEnd } from './statements.ts'
import type { Token } from './tokenize.ts'

/** Steps that following values may take in one piece of code. */
const STEPS_MAX = 300_000
/** A list of stores of keys, or the path of one, is no longer. */
const STORE_TOKENS_MAX = 120

/** What a module hands to those that import it. */
export interface Exports {
  readonly taints: ReadonlyMap<string, Taint>
  readonly constants: Constants
}

/** What is known from outside the text: files that were written, and modules of the package by their name. */
export interface Surroundings {
  readonly files: Files
  readonly modules: ReadonlyMap<string, Exports>
  /** What other modules hand to the functions of this one, by their name. */
  readonly handed?: ReadonlyMap<string, Taint>
}

/** A text that was taken apart: what the flow of values is followed over. */
export interface Parsed {
  readonly tokens: readonly Token[]
  readonly pair: ReadonlyMap<number, number>
  readonly table: Calls
  readonly aliases: ReadonlyMap<string, string>
  readonly evaluator: Evaluator
  readonly calls: readonly FoundCall[]
  readonly imported: readonly Imported[]
  readonly language: string
}

/** Follows values through one piece of code: which names hold what came from a secret, a file, the network or a decoder. */
export class CodeFlow {
  readonly tainted = new Map<string, Taint>()
  /** What this text's own functions hand back. */
  readonly returned = new Map<string, Taint>()
  /** Literals that names hold. */
  readonly constants = new Map<string, string>()
  steps = 0
  readonly #in: Parsed
  readonly #files: Files
  /** The names of the functions' parameters. */
  readonly #parameters: ReadonlyMap<string, readonly string[]>
  /** Variables that hold the path of a store of keys. */
  readonly #stores = new Map<string, readonly [Source, string]>()
  /** Streams that write to a file, by their name: the name that holds the file's path. */
  readonly #streams = new Map<string, string>()
  /** Functions that read the variable whose name they are handed. */
  readonly #getters: ReadonlySet<string>
  readonly #callAt: ReadonlyMap<number, FoundCall>
  readonly #values = new Map<FoundCall, string[]>()
  readonly #sources = new Map<FoundCall, [Source, string] | null>()
  #isFollowed = true
  /** It has to do with wallets, so that a `.privateKey` is the key of one. */
  readonly #isWallets: boolean
  #within = ''

  constructor(parsed: Parsed, around: Surroundings) {
    this.#in = parsed
    this.#files = around.files
    this.#isWallets = parsed.tokens.some((token, i) =>
      token.kind === 'string'
        ? WALLET_MODULES.test(token.text)
        : token.kind === 'name' &&
          WALLET_MODULES.test(token.text) &&
          /^(?:import|from|use)$/.test(parsed.tokens[i - 1]?.text ?? ''),
    )
    this.#parameters = parametersIn(parsed.tokens, parsed.pair)
    this.#callAt = new Map(parsed.calls.map((call) => [call.from, call]))
    this.#getters = envGetters(parsed.tokens)
    this.#takeIn(around)
    for (const name of heardParameters(parsed.tokens, parsed.pair))
      this.tainted.set(name, new Map([['network', MESSAGE]]))
    this.#isFollowed = this.#hasSource()
  }

  /** What other modules export, and hand to the functions of this one. */
  #takeIn(around: Surroundings): void {
    const { imported, aliases, evaluator } = this.#in
    for (const { local, name, module } of imported) {
      const given = around.modules.get(moduleName(module))
      if (given === undefined) continue
      if (name === '*') {
        const all: Taint = new Map()
        for (const [each, taint] of given.taints) {
          merge(all, taint)
          this.returned.set(`${local}.${each}`, new Map(taint))
        }
        if (all.size > 0) this.tainted.set(local, all)
        for (const [each, value] of given.constants) evaluator.constants.set(`${local}.${each}`, value)
        continue
      }
      const taint = given.taints.get(name)
      if (taint !== undefined) {
        this.tainted.set(local, new Map(taint))
        this.returned.set(local, new Map(taint))
        this.returned.set(aliases.get(local) ?? local, new Map(taint))
      }
      const value = given.constants.get(name)
      if (value === undefined) continue
      evaluator.constants.set(local, value)
      if ('text' in value) this.constants.set(local, value.text)
    }
    for (const [name, taint] of around.handed ?? [])
      for (const parameter of this.#parameters.get(name) ??
        (name === 'default' ? [...this.#parameters.values()].flat() : []))
        this.tainted.set(parameter, new Map(taint))
  }

  /** Without a source there is nothing to follow: most code of documents has none. */
  #hasSource(): boolean {
    const { calls, table, tokens, aliases } = this.#in
    return (
      this.tainted.size > 0 ||
      this.#isWallets ||
      this.#getters.size > 0 ||
      this.returned.size > 0 ||
      calls.some((call) => mayBeSource(call.callee, table) || isListener(call, tokens)) ||
      tokens.some((token, i) =>
        token.kind === 'name'
          ? table.environment?.test(token.text) === true ||
            token.text === 'onmessage' ||
            envAt(tokens, i, aliases) !== null
          : token.kind === 'string' &&
            token.text.length >= STORE_CHARS_MIN &&
            token.text.length < 4_000 &&
            /process\.env|id\.json|wallet\.dat|keystore/.test(token.text),
      )
    )
  }

  /** Twice, so that a value set below where it is used (a loop, a function defined later) is followed as well. */
  follow(): void {
    const { tokens } = this.#in
    for (let pass = 0; pass < 2; pass += 1) {
      this.#sources.clear()
      this.#within = ''
      for (let i = 0; i < tokens.length; i += 1)
        if (tokens[i]?.kind === 'name') this.#name(i)
        else if (OPENINGS.has(tokens[i]?.text ?? '')) this.#takeApart(i)
    }
  }

  #name(i: number): void {
    const { tokens, language } = this.#in
    const token = tokens[i]
    if (token === undefined) return
    if (DEFINES.has(token.text)) this.#within = tokens[i + 1]?.text ?? ''
    else if (token.text === 'return' && this.#within !== '') {
      const found = this.taintOf(i + 1, statementEnd(tokens, i + 1))
      if (found.size > 0)
        this.returned.set(this.#within, new Map([...(this.returned.get(this.#within) ?? []), ...found]))
    }
    const next = tokens[i + 1]
    const isAssignment = next?.kind === 'mark' && ASSIGNS.has(next.text)
    if (isAssignment && tokens[i - 1]?.text !== '.' && !this.#isKeyword(i)) this.#assign(i, next.text)
    else if (isAssignment && token.text === 'onmessage') this.#listen(i)
    else if ((token.text === 'for' || token.text === 'foreach') && (language === 'php' || language === 'perl'))
      this.#forEach(i)
    else if ((token.text === 'for' || token.text === 'with') && language !== 'javascript') this.#loop(i)
    else if (token.text === 'of' && tokens[i - 1]?.kind === 'name') {
      const end = statementEnd(tokens, i + 1)
      this.#add(tokens[i - 1]?.text ?? '', this.taintOf(i + 1, end), false)
      this.#keepStores(tokens[i - 1]?.text ?? '', i + 1, Math.min(end, i + 60))
    } else this.#use(i)
  }

  /** A keyword argument: `post(url, data=x)`. */
  #isKeyword(i: number): boolean {
    const before = this.#in.tokens[i - 1]
    return before?.kind === 'mark' && (before.text === '(' || before.text === ',') && this.#in.language === 'python'
  }

  #add(name: string, found: Taint, isAdded = true): void {
    if (found.size > 0) this.tainted.set(name, new Map([...(isAdded ? (this.tainted.get(name) ?? []) : []), ...found]))
  }

  #assign(i: number, mark: string): void {
    const { tokens } = this.#in
    const name = tokens[i]?.text ?? ''
    const end = statementEnd(tokens, i + 2)
    const found = this.taintOf(i + 2, end)
    const isAdded = mark !== '=' && mark !== ':='
    const all = new Map([...(isAdded ? (this.tainted.get(name) ?? []) : []), ...found])
    if (all.size > 0) this.tainted.set(name, all)
    // `data, err := …`, `for _, path := range …`.
    for (let j = i; tokens[j - 1]?.text === ',' && tokens[j - 2]?.kind === 'name' && j > i - 8; j -= 2)
      if (all.size > 0) this.tainted.set(tokens[j - 2]?.text ?? '', all)
    this.#keepStores(name, i + 2, end)
    const literals = literalsIn(tokens, i + 2, end, this.constants)
    if (literals.length === 1 && (literals[0]?.length ?? 0) < 4096) this.constants.set(name, literals[0] ?? '')
    // A stream that writes to a file stands for it.
    const call = this.#callAt.get(i + 2) ?? this.#callAt.get(i + 3)
    if (call !== undefined && /(?:^|\.)createWriteStream$/.test(call.callee) && tokens[call.open + 1]?.kind === 'name')
      this.#streams.set(name, tokens[call.open + 1]?.text ?? '')
  }

  /** Whether a range names a store of keys, whole or put together, or a variable that holds one. */
  #keepStores(name: string, from: number, to: number): void {
    const { tokens, evaluator } = this.#in
    // What is longer is data.
    const end = Math.min(to, from + STORE_TOKENS_MAX)
    if (!this.#isFollowed || end === from) return
    const paths = literalsIn(tokens, from, end, this.constants)
    for (let at = from; at < end; at += 1) {
      const call = this.#callAt.get(at)
      if (call !== undefined && /(?:^|\.)(?:join|Join|resolve|joinpath|Path|expanduser)$/.test(call.callee)) {
        const whole = call.close < end ? evaluator.text(call.receiver, call.close + 1) : null
        if (whole !== null) paths.push(whole)
      }
      const known = tokens[at]?.kind === 'name' ? this.#stores.get(tokens[at]?.text ?? '') : undefined
      if (known !== undefined && tokens[at - 1]?.text !== '.') this.#stores.set(name, known)
    }
    for (const path of paths) {
      const what = path.length < 300 ? whatIsAt(path) : 'other'
      if (what === 'credential') this.#stores.set(name, ['secret', path])
      else if (what === 'wallet') this.#stores.set(name, ['wallet', path])
    }
  }

  /** `socket.onmessage = ({ data }) => …`: what the parameter holds comes from the other side. */
  #listen(i: number): void {
    const { tokens, pair } = this.#in
    const open = tokens[i + 2]?.text === 'async' ? i + 3 : i + 2
    const close = tokens[open]?.text === '(' ? (pair.get(open) ?? open) : open + 1
    for (let at = open; at < Math.min(close, open + 12); at += 1)
      if (tokens[at]?.kind === 'name') this.tainted.set(tokens[at]?.text ?? '', new Map([['network', 'a message']]))
  }

  /** `for x in secrets`, `with open(path) as f`. */
  #loop(i: number): void {
    const { tokens } = this.#in
    const end = statementEnd(tokens, i + 1)
    let as = i + 1
    while (as < end && !(tokens[as]?.kind === 'name' && (tokens[as]?.text === 'as' || tokens[as]?.text === 'in')))
      as += 1
    if (as >= end) return
    const isWith = tokens[as]?.text === 'as'
    const found = isWith ? this.taintOf(i + 1, as) : this.taintOf(as + 1, end)
    const names = isWith ? tokens.slice(as + 1, as + 2) : tokens.slice(i + 1, as)
    for (const each of names) {
      if (each.kind !== 'name') continue
      this.#add(each.text, found)
      if (!isWith) this.#keepStores(each.text, as + 1, end)
    }
  }

  /** `foreach (X as $k => $v)` of PHP, `for my $v (X)` of Perl. */
  #forEach(i: number): void {
    const { tokens, pair } = this.#in
    let open = i + 1
    while (open < i + 4 && tokens[open]?.text !== '(') open += 1
    const close = pair.get(open)
    if (close === undefined) return
    let as = open + 1
    while (as < close && tokens[as]?.text !== 'as') as += 1
    const isAs = as < close
    const names = isAs ? tokens.slice(as + 1, close) : tokens.slice(i + 1, open)
    const found = this.taintOf(open + 1, isAs ? as : close)
    for (const each of names) {
      if (each.kind !== 'name' || each.text === 'my') continue
      this.#add(each.text, found)
      this.#keepStores(each.text, open + 1, isAs ? as : close)
    }
  }

  /** `[$k, $v] = X`, `my ($k, $v) = X`: each name holds a part of it. */
  #takeApart(open: number): void {
    const { tokens, pair } = this.#in
    const close = pair.get(open)
    if (close === undefined || close - open > 24 || tokens[close + 1]?.text !== '=') return
    const before = tokens[open - 1]
    if (before !== undefined && before.kind !== 'newline' && !/^(?:const|let|var|my|list|[;{}])$/.test(before.text))
      return
    if (tokens[open]?.text === '{' && !/^(?:const|let|var)$/.test(before?.text ?? '')) return
    const found = this.taintOf(close + 2, statementEnd(tokens, close + 2))
    // `const { A, B } = process.env`: each is one variable.
    const isByName = tokens[open]?.text === '{' && found.get('env') !== undefined
    if (isByName) found.delete('env')
    for (let at = open + 1; at < close; at += 1) {
      const name = tokens[at]?.kind === 'name' ? (tokens[at]?.text ?? '') : ''
      if (name === '') continue
      this.#add(name, found)
      if (isByName && isSecretName(name)) this.#add(name, new Map([[isWalletName(name) ? 'wallet' : 'secret', name]]))
    }
  }

  /** `list.append(secret)`, `config.read(path)`, `answer.pipe(file)`, `data["key"] = secret`. */
  #use(i: number): void {
    const { tokens, pair } = this.#in
    const token = tokens[i]
    const call = this.#callAt.get(i)
    if (token === undefined) return
    if (call === undefined) {
      if (tokens[i + 1]?.text !== '[' || tokens[i - 1]?.text === '.') return
      let close = pair.get(i + 1)
      // `$facts['a'][$k] = …`
      while (close !== undefined && tokens[close + 1]?.text === '[') close = pair.get(close + 1)
      if (close !== undefined && tokens[close + 1]?.text === '=')
        this.#add(token.text, this.taintOf(close + 2, statementEnd(tokens, close + 2)))
      return
    }
    this.#callback(call)
    const names = this.#parameters.get(call.callee)
    if (names !== undefined) {
      this.#handIn(call, names)
      return
    }
    const last = call.callee.split('.').at(-1) ?? ''
    if (!call.callee.includes('.')) return
    if (/^(?:append|push|add|update|write|extend|set|concat)$/i.test(last))
      this.#add(token.text, this.taintOf(call.open + 1, call.close))
    // What is read into an object is what it holds.
    if (/^(?:read|read_file|readfp|load|load_file)$/.test(last)) {
      const source = this.sourceFor(call)
      if (source?.[0] === 'secret' || source?.[0] === 'wallet') this.#add(token.text, new Map([source]))
    }
    this.#fill(call, last)
  }

  /** What a call hands to the parameters of a function of this text: by position, by name, or to all where it is spread. */
  #handIn(call: FoundCall, names: readonly string[]): void {
    const { tokens, evaluator } = this.#in
    for (const [k, [from, to]] of evaluator.arguments(call.open + 1, call.close).entries()) {
      const first = tokens.slice(from, to).find((token) => token.kind !== 'newline')
      const found = this.taintOf(from, to)
      const isNamed = first?.kind === 'name' && tokens[from + 1]?.text === '='
      if (first?.kind === 'mark' && /^(?:\*{1,2}|\.{1,3})$/.test(first.text))
        for (const name of names) this.#add(name, found)
      else if (isNamed && names.includes(first.text)) this.#add(first.text, found)
      else if (names[k] !== undefined) this.#add(names[k], found)
    }
  }

  /** A file that is written with what came from the network: the name of its path stands for it. */
  #fill(call: FoundCall, last: string): void {
    const { tokens } = this.#in
    const first = tokens[call.open + 1]
    if (first?.kind !== 'name') return
    const path =
      last === 'pipe' ? this.#streams.get(first.text) : /^writeFile(?:Sync)?$/.test(last) ? first.text : undefined
    if (path === undefined) return
    const given =
      last === 'pipe'
        ? (this.tainted.get(tokens[call.from]?.text ?? '') ?? new Map<Source, string>())
        : this.taintOf(call.open + 2, call.close)
    const network = given.get('network')
    if (network !== undefined) this.#add(path, new Map([['network', network]]))
  }

  /** `get(url, answer => …)`, `.then(text => …)`, `open(url) { |file| … }`: the parameter is what the call answers. */
  #callback(call: FoundCall): void {
    const { tokens, pair } = this.#in
    const source = this.sourceFor(call)
    const found: Taint = source === null ? new Map() : new Map([source])
    if (call.receiver < call.from) merge(found, this.taintOf(call.receiver, call.from))
    if (isListener(call, tokens)) found.set('network', MESSAGE)
    merge(found, this.tainted.get(call.callee.split('.')[0] ?? '') ?? new Map())
    for (const each of ['secret', 'wallet', 'env', 'file'] as const) found.delete(each)
    if (found.size === 0) return
    for (const name of callbackParameters(tokens, pair, call)) this.#add(name, found)
  }

  /** What each argument of a call is worked out to be; empty where nothing of it is known. */
  valuesOf(call: FoundCall): string[] {
    const { evaluator } = this.#in
    let values = this.#values.get(call)
    if (values === undefined) {
      values = evaluator.arguments(call.open + 1, call.close).map(([from, to]) => evaluator.text(from, to) ?? '')
      this.#values.set(call, values)
    }
    return values
  }

  /** What a call answers, looked up once a pass. */
  sourceFor(call: FoundCall): [Source, string] | null {
    const known = this.#sources.get(call)
    if (known !== undefined) return known
    const literals = literalsIn(this.#in.tokens, call.open + 1, call.close, this.constants)
    const found =
      this.#fromNumbers(call) ?? sourceOfCall(call.callee, literals, this.valuesOf(call), this.#files, this.#in.table)
    this.#sources.set(call, found)
    return found
  }

  /** `map(chr, (n ^ k for n in row))`: letters that are worked out from numbers and a key. */
  #fromNumbers(call: FoundCall): [Source, string] | null {
    if (!/(?:^|\.)(?:chr|map|bytes|bytearray|fromCharCode|fromCodePoint|pack)$/.test(call.callee)) return null
    const inside = this.#in.tokens.slice(call.open + 1, Math.min(call.close, call.open + 60))
    const isKeyed = inside.some((token) => token.kind === 'mark' && token.text === '^')
    const isText =
      /chr|fromC|bytes|bytearray|pack/.test(call.callee) ||
      inside.some((token) => /^(?:chr|fromCharCode)$/.test(token.text))
    return isKeyed && isText ? ['decoded', 'numbers with a key'] : null
  }

  /** Where the values in a range come from. */
  taintOf(from: number, to: number, skipsHeaders = false): Taint {
    const found: Taint = new Map()
    if (!this.#isFollowed) return found
    const { tokens, pair } = this.#in
    for (let i = from; i < to; i += 1) {
      const token = tokens[i]
      this.steps += 1
      if (token === undefined || this.steps > STEPS_MAX) break
      if (skipsHeaders && isHeader(tokens, i) && authenticates(tokens, pair, i)) {
        // A key in the header that authenticates a call is where it belongs.
        i = valueEnd(tokens, pair, i + 2) - 1
        continue
      }
      if (token.kind === 'string') this.#stringTaint(token.text, found)
      else if (token.kind === 'name' && this.#nameTaint(i, to, found)) i = this.#callAt.get(i)?.close ?? i
    }
    return found
  }

  /** Whether what stands in a call's brackets is to be left out. */
  #nameTaint(i: number, to: number, found: Taint): boolean {
    const { tokens, table, aliases } = this.#in
    const text = tokens[i]?.text ?? ''
    const own = this.tainted.get(text)
    if (own !== undefined && tokens[i - 1]?.text !== '.') merge(found, own)
    if (this.#isWallets && tokens[i - 1]?.text === '.' && WALLET_PARTS.test(text))
      merge(found, new Map([['wallet', text]]))
    const call = this.#callAt.get(i)
    if (call !== undefined && !this.#getters.has(call.callee)) {
      const source = this.sourceFor(call)
      const back = this.returned.get(call.callee)
      if (source !== null) {
        merge(found, new Map([source]))
        // What a server answers is not what it was sent.
        if (source[0] === 'network' && call.close < to && !call.isBare) return true
        // `path.read_text()`, where the name holds the path of a store.
        const root = source[0] === 'file' ? this.#stores.get(text) : undefined
        if (root !== undefined) merge(found, new Map([root]))
        if (source[0] === 'file')
          for (let j = call.open + 1; j < Math.min(call.close, call.open + 40); j += 1) {
            const store = tokens[j]?.kind === 'name' ? this.#stores.get(tokens[j]?.text ?? '') : undefined
            if (store !== undefined) merge(found, new Map([store]))
          }
      } else if (back !== undefined) {
        merge(found, back)
        // What goes in is followed by its parameters.
        if (this.#parameters.has(call.callee) && call.close < to) return true
      }
      // What a function makes of a key is not the key, unless the function only writes it differently.
      else if (!CARRIES.test(call.callee.split('.').at(-1) ?? '') && call.close < to && !call.isBare) return true
    }
    if (table.environment?.test(text) === true && tokens[i + 1]?.text !== '[')
      merge(found, new Map([['env', 'the whole environment']]))
    const named = call !== undefined && this.#getters.has(call.callee) ? tokens[call.open + 1] : undefined
    const variable = named?.kind === 'string' ? named.text : envAt(tokens, i, aliases)
    if (variable === '*') merge(found, new Map([['env', 'the whole environment']]))
    else if (variable !== null && isWalletName(variable)) merge(found, new Map([['wallet', variable]]))
    else if (variable !== null && isSecretName(variable)) merge(found, new Map([['secret', variable]]))
    return false
  }

  #stringTaint(text: string, found: Taint): void {
    for (const match of text.matchAll(/\$?\{[^{}]{1,200}\}/g))
      for (const [name] of match[0].matchAll(/(?<![\w.])[A-Za-z_]\w{0,60}/g)) {
        const own = this.tainted.get(name)
        if (own !== undefined) merge(found, own)
      }
    for (const match of text.matchAll(/\$?\{([A-Za-z_][\w.]{0,60})/g)) {
      const own = this.tainted.get(match[1]?.split('.')[0] ?? '')
      if (own !== undefined) merge(found, own)
      const variable = /^process\.env\.(\w+)/.exec(match[1] ?? '')?.[1]
      if (variable !== undefined && isSecretName(variable))
        merge(found, new Map([[isWalletName(variable) ? 'wallet' : 'secret', variable]]))
    }
    const what = text.length < 300 ? whatIsAt(text) : 'other'
    // A path is not its contents; it counts when something opens it, which sourceOfCall sees.
    if (what === 'wallet' && /id\.json|wallet\.dat|keystore/.test(text)) merge(found, new Map([['file', text]]))
  }

  /** What is handed to functions of other modules. */
  handedOver(): { readonly module: string; readonly name: string; readonly taint: Taint }[] {
    const { imported, calls, tokens } = this.#in
    if (imported.length === 0) return []
    return calls.flatMap((call) => {
      const root = tokens[call.from]?.text ?? ''
      const from = imported.find((each) => each.local === root)
      if (from === undefined) return []
      const taint = new Map([...this.taintOf(call.open + 1, call.close)].filter(([source]) => LEAVES.has(source)))
      const last = tokens[call.open - 1]?.text ?? ''
      const name = from.name !== '*' ? from.name : last === root ? 'default' : last
      return taint.size === 0 ? [] : [{ module: moduleName(from.module), name, taint }]
    })
  }

  /** The text that a call is made on, where it is known. */
  ownText(call: FoundCall): string {
    const { evaluator } = this.#in
    if (call.receiver < call.from) return evaluator.text(call.receiver, call.from) ?? ''
    const value = evaluator.constants.get(call.callee.split('.')[0] ?? '')
    return value !== undefined && 'text' in value ? value.text : ''
  }

  /** What a call that only puts text together answers; empty where that is not known. */
  answerOf(call: FoundCall): string {
    return this.#in.evaluator.text(call.receiver, call.close + 1) ?? ''
  }

  get exports(): Exports {
    return { taints: new Map([...this.tainted, ...this.returned]), constants: this.#in.evaluator.constants }
  }

  get isCut(): boolean {
    return this.steps > STEPS_MAX
  }
}

/** What opens a list of names, or of anything. */
const OPENINGS: ReadonlySet<string> = new Set(['[', '(', '{'])
/** The shortest name of a store below. */
const STORE_CHARS_MIN = 7

/** Modules that make and open wallets. */
const WALLET_MODULES =
  /^(?:ethers|viem(?:\/accounts)?|web3|@solana\/.{1,40}|bip39|@scure\/bip(?:32|39)|eth_account|solders(?:\..{1,30})?|solana(?:\..{1,30})?|tronweb|@mysten\/.{1,40}|aptos|@cosmjs\/.{1,40}|bitcoinjs-lib|hdkey|ethereumjs-wallet|bip_utils|mnemonic|near-api-js|xrpl|stellar-sdk|@polkadot\/.{1,40}|@ton\/.{1,40})$/
/** What opens one. */
const WALLET_PARTS =
  /^(?:privateKey|secretKey|private_key|secret_key|mnemonic|phrase|seedPhrase|seed_phrase|wif|_private_key|keypair)$/

/** What must not leave, and so is followed into other modules. */
const LEAVES: ReadonlySet<Source> = new Set(['secret', 'wallet', 'env'] as const)
