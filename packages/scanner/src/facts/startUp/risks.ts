/** Programs that are handed passwords, keys or the power to change things: nothing may take the place of one. */
const TRUSTED =
  /^(?:git|ssh|scp|sftp|sudo|doas|su|gh|aws|gcloud|az|cast|forge|solana|gpg|age|op|pass|vault|psql|claude|codex|gemini|login|passwd|export|source|eval|exec|exit|command|alias|unalias|which|type|curl|wget|bash|sh|zsh)$/
/** Programs that people type every day, and like to have in another form: `cat` as `bat`, `python` as `python3`. */
const EVERYDAY =
  /^(?:npm|npx|pnpm|yarn|node|pip3?|python3?|uv|docker|kubectl|ls|cat|cd|cp|mv|rm|make|cargo|go|terraform)$/
/** Another program by its bare name, with options. */
const ANOTHER = /^[a-z][\w-]{1,30}(?: -{1,2}[\w=-]{1,40})*$/

/** Whether a name is taken from a program that people rely on: a trap, whatever stands in its place. */
export function takesPlace(name: string, value: string | null): boolean {
  return TRUSTED.test(name) || (EVERYDAY.test(name) && (value === null || !ANOTHER.test(value.trim())))
}

/** Ways to the outside, and to what was not written here. */
const REACHES =
  /\b(?:curl|wget|httpie|aria2c|nc|ncat|netcat|socat|telnet|ftp|sftp|scp|rsync|rclone|ssh|iwr|irm|Invoke-(?:WebRequest|RestMethod)|urllib|requests|httpx|aiohttp|socket|sendmail|mailx?)\b|\/dev\/(?:tcp|udp)\/|https?:\/\/|\bfetch\(|\baxios\b|\bnet\.|\bgit (?:push|pull|fetch|clone|remote)\b|\bopenssl s_client\b/i
const DECODES =
  /\bbase(?:64|32)\b|\bxxd\b|\bopenssl enc\b|\batob\(|\bb\d{2}decode\b|\bfromhex\b|\bunhexlify\b|\bzlib\b|\bmarshal\b|\bcodecs\b|\bfromCharCode\b|\\x[0-9a-f]{2}\\x/i
/** Text that becomes code, and interpreters that are handed it. */
const RUNS_TEXT =
  /(?:^|[\s;&|({])(?:eval|exec|source|\.)\s|\b(?:ba|z|da|k|fi)?sh\s+-\w{0,3}c\b|\b(?:python3?|perl|ruby|php|lua)\s+-\w{0,3}[ce]\b|\b(?:node|deno|bun)\s+(?:-e|--eval|-p)\b|\bosascript\s+-e\b[^\n]*\bdo shell script\b|\beval\(|\bnew Function\b|\|\s*(?:sudo\s+)?(?:(?:ba|z|da)?sh|python3?|node|perl|ruby)\b/i
/** What goes on out of sight. */
const OUT_OF_SIGHT = /\b(?:nohup|disown|setsid)\b|(?:^|[^&>])&\s*(?:$|\n|[)}])|\bhistory\b[^\n]*>>?|_history\b/i
/** A program that lies where nobody looks or where anybody may write. */
const HIDDEN_PROGRAM =
  /(?:^|[\s;&|('"=!])(?:\/tmp|\/var\/tmp|\/dev\/shm)\/|(?:~|%h|\$\{?HOME\}?)\/(?:\.cache|\.config|\.local\/(?:share|lib|state)|\.\w[\w-]{0,40})\/(?!bin\/)[\w./-]{1,120}/
const DATA_SENT =
  /\s(?:-d|-F|-T|-X|--data[\w-]*|--form|--upload-file|--json|--post[\w-]*|--method|--request)\b|\bPOST\b|\$\(|`|[|;&>]/

/** Why a line that somebody types later, by a name, would do more than it shows; null where it would not. */
export function whyNotTame(line: string): string | null {
  // A page that is only asked for, and shown.
  const isAsked = /^\s{0,4}(?:curl|wget)\s/.test(line) && !DATA_SENT.test(line)
  const isSession = /^\s{0,4}ssh\s+[\w.@-]{1,80}$/.test(line)
  if (!isAsked && !isSession && REACHES.test(line)) return 'it reaches the network'
  return whyNotPlain(line)
}

/** The same for a program that is started by itself: it has no business outside at all. */
export function whyNotAlone(text: string): string | null {
  return REACHES.test(text) ? 'it reaches the network' : whyNotPlain(text)
}

/** What hides, decodes or runs text, with or without the network. */
export function whyNotPlain(text: string): string | null {
  if (DECODES.test(text)) return 'it decodes something'
  if (RUNS_TEXT.test(text)) return 'it runs text as code'
  if (OUT_OF_SIGHT.test(text)) return 'it goes on out of sight'
  if (HIDDEN_PROGRAM.test(text)) return 'it uses what lies in a hidden or open directory'
  return null
}

/** Variables that other programs load code from, run, or send their traffic to. */
const LOADS =
  /^(?:BASH_ENV|ENV|LD_\w+|DYLD_\w+|NODE_PATH|PYTHONSTARTUP|PYTHONPATH|PYTHONHOME|PERL5OPT|PERL5LIB|RUBYOPT|RUBYLIB|GIT_\w+|SSH_\w+|SUDO_ASKPASS|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|MAKEFILES|ZDOTDIR|INPUTRC|R_PROFILE_USER|LUA_INIT|PHPRC|OPENSSL_CONF|GCONV_PATH|precmd_functions|preexec_functions|chpwd_functions|\w*_?PROXY|\w+_(?:BASE_URL|API_URL|API_BASE|ENDPOINT|REGISTRY|INDEX_URL)|NODE_TLS_REJECT_UNAUTHORIZED|NODE_EXTRA_CA_CERTS|SSL_CERT_(?:FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE)$/i

/** Why a variable that every later program sees is more than a setting; null where it is one. */
export function whyNotSetting(name: string, value: string): string | null {
  if (name === 'PROMPT_COMMAND')
    return /^(?:history -[acnrw](?:\s*;\s*)?){1,4}$/.test(value) ? null : 'it runs something at every prompt'
  if (/^(?:NODE_OPTIONS|MAVEN_OPTS)$/.test(name))
    return /^(?:-{1,2}(?:max-old-space-size|Xm[sx])[=\d\w]* ?)+$/.test(value)
      ? null
      : 'other programs load what it names'
  if (LOADS.test(name)) return 'other programs load, run or trust what it names'
  if (/^(?:EDITOR|VISUAL|PAGER|BROWSER|MANPAGER|SHELL|TERMINAL)$/.test(name))
    return /^[\w-]{1,30}(?: -{1,2}[\w-]{1,30})*$|^(?:\/usr(?:\/local)?)?\/bin\/[\w-]{1,30}$/.test(value)
      ? null
      : 'other programs run what it names'
  if (/^f?PATH$/i.test(name)) return whyNotPath(value)
  return whyNotTame(value)
}

function whyNotPath(value: string): string | null {
  for (const part of value.split(':')) {
    if (/^\$\{?\w+\}?$/.test(part)) continue
    if (
      /^(?:\/tmp|\/var\/tmp|\/dev\/shm)\b|^\.{0,2}(?:\/|$)/.test(part) &&
      !/^\/(?:usr|opt|bin|sbin|snap|home)\b/.test(part)
    )
      return 'programs are then found where anybody may write'
    if (
      /\/\.[\w-]+(?:\/|$)/.test(part) &&
      !/\/\.[\w-]{2,40}\/(?:[\w.-]{1,40}\/){0,3}s?bin\/?$|\/\.(?:zsh|oh-my-zsh)\//.test(part)
    )
      return 'programs are then found in a hidden directory'
  }
  return null
}
