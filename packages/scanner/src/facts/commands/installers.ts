/**
 * Programs that fetch something and run it, or put it where it will be run, and what of their words is the address. The scanner
 * calls it `network → run` when the address is nobody's registry and nobody's forge.
 */
const INSTALLERS: readonly {
  readonly program: RegExp
  /** Words that make it fetch and run; none where it always does. */
  readonly verb: RegExp
  /** Only the first word that is no option names what is run. */
  readonly isFirst?: boolean
}[] = [
  {
    program: /^(?:pip\d?|pip3|uv|pipx|poetry|conda|mamba)$/,
    verb: /^(?:pip )?(?:install|add|run|tool (?:install|run)|inject|create)\b/,
  },
  { program: /^(?:npm|pnpm|yarn|bun)$/, verb: /^(?:i|install|add|global add)\b/ },
  { program: /^(?:npx|bunx|pnpx|uvx)$/, verb: /./, isFirst: true },
  { program: /^go$/, verb: /^(?:run|install|get)\b/ },
  {
    program: /^(?:cargo|gem|luarocks|cpan|cpanm|nimble|opam|stack|cabal|mix|rebar3|dub|vcpkg|conan)$/,
    verb: /\b(?:install|add|archive\.install)\b/,
  },
  { program: /^brew$/, verb: /^(?:tap|install)\b/ },
  { program: /^(?:ansible-pull|puppet|chef-client|salt-call|terragrunt)$/, verb: /./ },
  { program: /^helm$/, verb: /^plugin install\b/ },
  { program: /^(?:msiexec|rundll32|installer|hdiutil|sideload|adb)$/, verb: /./ },
  { program: /^(?:code|cursor|codium|windsurf|idea|vim|nvim|gh)$/, verb: /--install-extension|^extension install\b/ },
  {
    program: /^(?:claude|codex|gemini|openclaw|clawdbot|cursor-agent|goose)$/,
    verb: /^(?:plugin (?:install|add)|skills? (?:install|add)|hooks? (?:add|install))\b/,
  },
  { program: /^(?:start-process|saps|install-module|install-package|add-appxpackage|winget|choco|scoop)$/, verb: /./ },
  {
    program: /^(?:dpkg|rpm|dnf|yum|apk|pacman|apt|apt-get|flatpak|snap)$/,
    verb: /^(?:-[iUu]\w*|install|add|remote-add)\b/,
  },
  {
    program: /^(?:julia|rscript|r|nix|nix-env|nix-shell|guix|iex|swift|dart|flutter)$/,
    verb: /\b(?:run|install|-i|shell|develop|pub global activate)\b/,
  },
]

const ADDRESS =
  /(?:^|[=@+'"(\s])(?:git\+|hg\+|svn\+|github:|oci:\/\/)?((?:https?|git|ssh|oci):\/\/[^\s"',;)]{4,300}|[\w.-]{1,60}@[\w-]{1,60}\.[\w.-]{2,60}:[\w./-]{2,120})/
/** Options whose address is where packages are looked up, not what is run: another rule is about those. */
const LOOKS_UP =
  /^--?(?:i|index-url|extra-index-url|registry|find-links|f|proxy|cert|trusted-host|server|url|rpc-url|endpoint|host|base-url)$/

/** Whether a line has an installer install something. */
export function installs(program: string, words: readonly string[]): boolean {
  const installer = INSTALLERS.find((each) => each.program.test(program))
  return installer !== undefined && installer.verb.test(words.join(' '))
}

/** The address from which an installer is told to fetch what it will run; null when there is none. */
export function installedFrom(program: string, words: readonly string[]): string | null {
  const line = words.filter((word) => !/^-(?:y|q|g|-yes|-quiet|-global|-user|-upgrade|U)$/.test(word)).join(' ')
  const installer = INSTALLERS.find((each) => each.program.test(program))
  if (installer === undefined || !installer.verb.test(line)) return null
  let operands = 0
  for (const [i, word] of words.entries()) {
    const before = words[i - 1] ?? ''
    if (LOOKS_UP.test(before) || /^-.*(?:registry|index|find-links|proxy)/.test(word)) continue
    const isOption = word.startsWith('-')
    // What runs one package hands the rest of the line to it.
    if (
      installer.isFirst === true &&
      operands > 0 &&
      !/^--?(?:from|p|package|with|git)\b/.test(isOption ? word : before)
    )
      continue
    if (!isOption && !/^--?(?:from|p|package|with|git|allow-\S+)$/.test(before)) operands += 1
    if (isOption && !word.includes('=')) continue
    const found = ADDRESS.exec(word)?.[1]
    // A plain address is read by the data of the program itself.
    if (installer.isFirst === true && !/git\+|^git@|^ssh:/.test(word)) continue
    if (found !== undefined) return found
    // Go names a module by its host.
    const module = /^([a-z][\w-]*(?:\.[\w-]+)+)\/[\w./-]+(?:@[\w.-]+)?$/.exec(word)?.[1]
    if (program === 'go' && module !== undefined && /^(?:run|install|get)$/.test(words[0] ?? ''))
      return `https://${module}/`
  }
  return null
}
