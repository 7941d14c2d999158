import type { Source } from '../../Fact.ts'
import type { Files } from '../flow/Files.ts'
import { isMemory, whatIsAt } from '../places.ts'
import { GAP } from './evaluate.ts'
import type { Calls } from './Language.ts'
import type { Token } from './tokenize.ts'

/** Names of the whole environment, by language. */
const ENVIRONMENTS: ReadonlySet<string> = new Set(['ENV', '_ENV', '$_ENV', '$_SERVER', '$ENV'])

/** The environment variable read at a token: `os.environ["X"]`, `os.getenv("X")`, `process.env.X`; `*` for all of it. */
export function envAt(tokens: readonly Token[], i: number, aliases: ReadonlyMap<string, string>): string | null {
  const text = tokens[i]?.text
  if (text === 'environ') {
    const next = tokens[i + 1]
    if (next?.text === '[' && tokens[i + 2]?.kind === 'string') return tokens[i + 2]?.text ?? null
    if (next?.text === '.' && (tokens[i + 2]?.text === 'get' || tokens[i + 2]?.text === 'pop'))
      return tokens[i + 4]?.kind === 'string' ? (tokens[i + 4]?.text ?? null) : null
    if (next?.text === '.' && ['items', 'copy', 'values'].includes(tokens[i + 2]?.text ?? '')) return '*'
    return next?.text === '[' || tokens[i + 2]?.text === 'setdefault' ? null : '*'
  }
  if (
    (text === 'getenv' || text === 'Getenv' || text === 'var' || text === 'fetch') &&
    tokens[i + 1]?.text === '(' &&
    tokens[i + 2]?.kind === 'string'
  )
    return (text === 'var' || text === 'fetch') && !/^(?:env|ENV)$/.test(tokens[i - 2]?.text ?? '')
      ? null
      : (tokens[i + 2]?.text ?? null)
  if (text !== undefined && ENVIRONMENTS.has(text) && /^[[{]$/.test(tokens[i + 1]?.text ?? ''))
    return tokens[i + 2]?.kind === 'string' || tokens[i + 2]?.kind === 'name' ? (tokens[i + 2]?.text ?? null) : null
  if (text === 'ENV' && tokens[i + 1]?.text === '.' && /^to_(?:h|hash|a)$/.test(tokens[i + 2]?.text ?? '')) return '*'
  // `$env:NAME` of PowerShell.
  if (text === '$env' && tokens[i + 1]?.text === ':')
    return tokens[i + 2]?.kind === 'name' ? (tokens[i + 2]?.text ?? null) : null
  const owner = tokens[i - 2]?.text ?? ''
  if (text === 'env' && tokens[i - 1]?.text === '.' && (aliases.get(owner) ?? owner) === 'process') {
    const next = tokens[i + 1]
    if (next?.text === '.' && tokens[i + 2]?.kind === 'name') return tokens[i + 2]?.text ?? null
    if (next?.text === '[' && tokens[i + 2]?.kind === 'string') return tokens[i + 2]?.text ?? null
    // One variable, whichever it is.
    return next?.text === '[' && tokens[i + 2]?.kind === 'name' && tokens[i + 3]?.text === ']' ? null : '*'
  }
  return null
}

/** Functions of a text that read the variable that they are handed the name of: `const env = (k) => process.env[k]`. */
export function envGetters(tokens: readonly Token[]): ReadonlySet<string> {
  const found = new Set<string>()
  for (let i = 2; i + 2 < tokens.length; i += 1) {
    if (tokens[i]?.text !== '[' || !/^(?:env|environ|ENV)$/.test(tokens[i - 1]?.text ?? '')) continue
    const key = tokens[i + 1]
    if (key?.kind !== 'name' || tokens[i + 2]?.text !== ']') continue
    // So near stands the head of a function that does nothing else.
    const head = tokens.slice(Math.max(0, i - 24), i)
    const define = head.findLastIndex((token) => /^(?:def|function)$/.test(token.text))
    const equals = head.findLastIndex((token) => token.text === '=')
    if (!head.some((token) => token.kind === 'name' && token.text === key.text)) continue
    if (define >= 0) found.add(head[define + 1]?.text ?? '')
    else if (equals > 0 && head.slice(equals).some((token) => token.text === '=>'))
      found.add(head[equals - 1]?.text ?? '')
  }
  return found
}

/** Calls whose answer holds what they were given. */
export const CARRIES =
  /^(?:b64encode|b85encode|b32encode|b16encode|urlsafe_b64encode|hexlify|btoa|encode|decode|toString|str|bytes|bytearray|dict|list|tuple|set|sorted|map|filter|zip|enumerate|dumps?|stringify|format|join|concat|from|hex|encodeURIComponent|encodeURI|escape|quote|quote_plus|urlencode|compress|gzip\w*|deflate\w*|encrypt|update|final|read\w*|text|strip|rstrip|lstrip|trim|replace|split|slice|copy|items|values|keys|entries|assign|fromEntries|get|getenv|open|Path|expanduser|glob|rglob|walk|listdir|readdirSync|load|loads|parse|json|Blob|FormData|Script|string|String|ReadAll|GetString|Copy|URI|trim|chomp|slurp|content|decoded_content|getBody|body|File|append|push|explode|implode|json_encode|array_pad|serialize|BytesIO|StringIO|TextIOWrapper|BufferedReader|ByteArrayInputStream|Uint8Array|DataView|arrayBuffer|blob|buffer|tobytes|to_bytes|from_bytes|fromhex|unhexlify|hex_to_bytes|toBytes|toUtf8String|to_text|toText|hexToString|hexToBytes|toAscii|hexToUtf8|parseBytes32String|Readable|http_build_query|base64_encode|bin2hex|deepcopy|repr|raw|b64decode|atob|eval|exec|compile|then|all|Function|NewReader|NewBuffer|NewBufferString|fetchall|fetchone|execute)$/

/** Calls that open, read, or name what is read next. */
const READS =
  /^(?:open|readFileSync|readFile|ReadFile|read_text|read_bytes|read_to_string|file_get_contents|createReadStream|Path|expanduser|PurePath|join|resolve|joinpath|File|read|load_dotenv|dotenv_values|Open|new)$/

/** Last words of the calls below that answer with something worth following, beside those of {@link READS}. */
const SOURCES =
  /^(?:b64decode|b85decode|a85decode|b32decode|b16decode|urlsafe_b64decode|unhexlify|fromhex|atob|decompress|gunzipSync|inflateSync|fromCharCode|loads|from|glob|sync|listdir|binread|connect|recv|recvfrom|recv_into|get|post|request|urlopen|urlretrieve|fetch|axios|got|stream|getStream|gethostname|getuser|getlogin|node|platform|uname|userInfo|hostname|networkInterfaces)$/

/** Stores of keys that a library opens: what they answer is a key, a password, or what somebody copied. */
const KEYRING =
  /^(?:keyring\.(?:get_password|get_credential)|keytar\.(?:getPassword|findCredentials|findPassword)|browser_?cookie3\.\w+|rookiepy\.\w+|(?:win32crypt\.)?CryptUnprotectData|netrc\.netrc|(?:pyperclip|clipboard|clipboardy|pandas|pd)\.(?:paste|read|readSync|readText|read_clipboard)|navigator\.clipboard\.readText|google\.auth\.default|boto3\.(?:Session|session\.Session)\(?\)?\.get_credentials|(?:\w+\.)?get_credentials\.get_frozen_credentials|(?:\w+\.)?get_frozen_credentials|safeStorage\.decryptString|secretstorage\.\w+|keychain\.(?:getPassword|get)|SecItemCopyMatching)$/

/** What anybody may write into a chain, and so into whoever reads it: texts of names, input of transactions, metadata of tokens. */
const CHAIN_TEXT =
  /^(?:getText|getTransaction|get_transaction|getParsedTransaction|getTransactionByHash|getAccountInfo|get_account_info|getEnsText|getContentHash|contentHash|tokenURI|contractURI|getLogs|get_logs|queryFilter|readContract|get_block|getStorageAt|get_storage_at)$/
/** Names under which a browser keeps what opens an account. */
const KEPT_KEY =
  /wallet|mnemonic|seed|private|secret|keystore|vault|(?:access|auth|id|refresh|session)_?-?token|jwt|password/i

/** Whether {@link sourceOfCall} may answer for a call of this name, whatever it is given. */
export function mayBeSource(callee: string, table: Calls): boolean {
  const last = callee.split('.').at(-1) ?? callee
  return (
    KEYRING.test(callee) ||
    CHAIN_TEXT.test(last) ||
    last === 'getItem' ||
    last === 'decode' ||
    READS.test(last) ||
    SOURCES.test(last) ||
    /^(?:chr|map|bytes|bytearray|pack)$/.test(last) ||
    [table.decodes, table.fetches, table.reads, table.environment].some((each) => each?.test(callee) === true)
  )
}

/** What a call's answer is made of. */
export function sourceOfCall(
  callee: string,
  literals: readonly string[],
  values: readonly string[],
  files: Files,
  table: Calls,
): [Source, string] | null {
  const last = callee.split('.').at(-1) ?? callee
  const url = [...values, ...literals].find((each) => /^(?:https?|wss?|ftp):/.test(each))
  if (table.decodes?.test(callee) === true) return ['decoded', `${last}()`]
  if (KEYRING.test(callee)) return ['secret', callee]
  if (CHAIN_TEXT.test(last) && callee.includes('.')) return ['network', callee]
  if (/^(?:(?:window|self|globalThis)\.)?(?:local|session)Storage\.getItem$/.test(callee)) {
    const kept = literals.find((each) => KEPT_KEY.test(each))
    return kept === undefined
      ? null
      : [/wallet|mnemonic|seed|private|keystore|vault/i.test(kept) ? 'wallet' : 'secret', kept]
  }
  if (last === 'decode' && literals.some((each) => /^rot[_-]?13$|^(?:hex|base64|zlib|bz2|uu)(?:_codec)?$/i.test(each)))
    return ['decoded', 'decode()']
  // `require('https').get(address, …)`
  if (/^\.(?:get|request)$/.test(callee) && url !== undefined) return ['network', url]
  if (table.fetches?.test(callee) === true && (url !== undefined || !/^(?:URL|URI\.parse|get)$/.test(callee)))
    return ['network', url ?? callee]
  if (table.reads?.test(callee) === true && url !== undefined) return ['network', url]
  if (table.environment?.test(callee) === true && literals.length === 0) return ['env', 'the whole environment']
  // The path that was put together, and each argument.
  for (const path of values.filter((each) => each.length < 300)) {
    if (READS.test(last) || table.reads?.test(callee) === true) {
      const written = files.writtenAt(path)
      for (const source of ['network', 'wallet', 'secret', 'env'] as const)
        if (written.has(source)) return [source, path]
    }
    const place = whatIsAt(path)
    if (!READS.test(last) && table.reads?.test(callee) !== true) continue
    if (place === 'wallet') return ['wallet', path.replaceAll(GAP, '*')]
    if (place === 'credential') return ['secret', path.replaceAll(GAP, '*')]
  }
  if (table.reads?.test(callee) === true) {
    const path = values.find((each) => each !== '') ?? ''
    return ['file', path === '' ? 'a file' : path]
  }
  if (
    /^(?:b64decode|b85decode|a85decode|b32decode|b16decode|urlsafe_b64decode|unhexlify|fromhex|atob|decompress|gunzipSync|inflateSync|fromCharCode|loads)$/.test(
      last,
    ) &&
    !/json|yaml|toml|tomllib/.test(callee)
  ) {
    if (last === 'loads' && !/marshal|pickle|dill/.test(callee)) return null
    return ['decoded', `${last}()`]
  }
  if (last === 'from' && /Buffer/.test(callee) && literals.some((each) => /^(?:base64|hex|base64url)$/.test(each)))
    return ['decoded', 'Buffer.from()']
  if (
    /^(?:open|readFileSync|readFile|ReadFile|read_text|read_bytes|read_to_string|file_get_contents|Path|expanduser|createReadStream|glob|sync|listdir|load_dotenv|dotenv_values|join)$/.test(
      last,
    ) ||
    /^(?:File|IO)\.(?:read|binread)$|sqlite3?\.connect$/.test(callee)
  ) {
    const joined = literals.join('/')
    if (last === 'file_get_contents' && /^https?:/.test(joined)) return ['network', joined]
    if (joined !== '' && files.taintOf(joined).has('network')) return ['network', joined]
    const what = whatIsAt(joined)
    if (what === 'wallet') return ['wallet', joined]
    if (what === 'credential') return ['secret', joined]
    if (what === 'identity') return [isMemory(joined) ? 'secret' : 'file', joined]
    if (
      /^(?:open|readFileSync|readFile|ReadFile|file_get_contents|read_to_string|read_text|read_bytes|createReadStream)$/.test(
        last,
      )
    )
      return ['file', joined === '' ? 'a file' : joined]
    if (/^(?:glob|sync)$/.test(last) && joined.includes('*')) return ['file', joined]
    return null
  }
  if (/^(?:recv|recvfrom|recv_into)$/.test(last)) return ['network', callee]
  if (
    /^(?:get|post|request|urlopen|urlretrieve|fetch|axios|got|stream|getStream)$/.test(last) &&
    /requests|httpx|urllib|axios|^fetch$|^got$|session|http|client|(?:globalThis|window|self)\.fetch$/i.test(callee)
  )
    return ['network', literals.find((each) => /^https?:/.test(each)) ?? callee]
  if (
    /^(?:gethostname|getuser|getlogin|node|platform|uname|userInfo|hostname|networkInterfaces)$/.test(last) &&
    /socket|getpass|os|platform/.test(callee)
  )
    return ['system', callee]
  return null
}
