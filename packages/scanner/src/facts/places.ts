import type { Path } from '../Fact.ts'

/** What lives where, on machines that run agents. One table, so that every reader of facts calls a place by one name. */
const PLACES: readonly (readonly [Path['what'], RegExp])[] = [
  [
    'wallet',
    /wallet\.dat|\bkeystore\b|\.config\/solana\/|solana\/id\.json|(?:^|[/\\])id\.json$|\.ethereum\/|\.bitcoin\/|\.electrum|electrum[\\/]wallets|exodus\.wallet|\bexodus\b|atomic\/local storage|nkbihfbeogaeaoehlefnkodbefgpgknn|bfnaelmomeimhlpmgjnjophhpkkoljpa|local extension settings|metamask|phantom(?!js)|seed\.txt|\bmnemonic|\.foundry\/keystores|\.brownie\/accounts|\.sui\/|\.aptos\/|\.starkli|\.near-credentials/i,
  ],
  [
    'credential',
    /\.ssh(?:\/|\\|$|\b)|\bid_(?:rsa|ed25519|ecdsa|dsa)\b|\.aws(?:\/|\\)|\.azure(?:\/|\\)|\.config\/gcloud|gcloud\/|application_default_credentials|\.kube(?:\/|\\)config|\.docker(?:\/|\\)config|\.netrc|_netrc|\.npmrc|\.pypirc|\.git-credentials|\.gnupg|\.pgpass|\.my\.cnf|(?:^|[/\s"'\\])\.env(?:\.\w+)?(?:$|["'\s*])|\.vault-token|credentials?\.(?:json|ya?ml|toml|db|csv|txt)|\bsecrets?\.(?:json|ya?ml|toml)|service[_-]?account.{0,20}\.json|login data|discord\W{1,4}local storage|local storage\W{1,4}leveldb|\bcookies(?:\.sqlite|\.binarycookies)?$|key4\.db|logins\.json|login\.keychain|keychains?\/|\.password-store|\.1password|bitwarden|\.config\/gh\/hosts|\.config\/hub|\.cargo\/credentials|\.terraform\.d|\.tfstate(?:\.backup)?\b|\.tfvars$|\.config\/sops\/|\/etc\/shadow|\/proc\/(?:self|\d+)\/environ|\.clawdbot\/\.env|\.openclaw\/(?:\.env|openclaw\.json|credentials)|\.claude\/\.credentials|\.codex\/auth|\.(?:pem|p12|pfx|jks|keychain-db)\b|\/var\/run\/secrets\/|\.claude\/(?:projects|history\.jsonl)|\.codex\/(?:sessions|history)|\.gemini\/tmp\/|(?:^|\/)(?:master|production|staging)\.key$|\.kamal\/secrets|Microsoft[\\/](?:Credentials|Protect)|\.claude\.json$|\*\.key\b/i,
  ],
  [
    'identity',
    /(?:^|[/\s"'`\\])(?:SOUL|MEMORY|AGENTS|CLAUDE|GEMINI|IDENTITY|HEARTBEAT|TOOLS|USER|BOOTSTRAP)\.md\b|\.claude\/settings(?:\.local)?\.json|\.claude\/(?:commands|agents|hooks)\b|\.cursorrules|\.cursor\/(?:rules|mcp\.json)|\.windsurfrules|copilot-instructions\.md|\.mcp\.json|mcp_config\.json|claude_desktop_config\.json|\.codex\/(?:config|instructions)|\.openclaw\/(?:workspace|hooks|agents)|\.clawdbot\/hooks|\.gemini\/settings/,
  ],
  [
    'autostart',
    /\/\.(?:\$\(\)|\$\{?\w{1,20}\}?)rc\b|(?:^|[/~\s"'\\])\.(?:bashrc|bash_profile|zshrc|zprofile|profile|zshenv|zlogin|bash_login|bash_aliases|bash_logout|xinitrc|xprofile|xsession|inputrc|pam_environment|vimrc|envrc|tmux\.conf|screenrc)\b|\.ssh\/(?:rc|config)$|\.config\/environment\.d|\.config\/nvim\/init|\.pythonrc|\.Rprofile|\.irbrc|\/hooks\/(?:pre|post|commit|prepare|update|applypatch)[\w-]{0,20}(?:"|$)|Microsoft\.PowerShell_profile|\$PROFILE\b|\.oh-my-zsh\/custom|\/etc\/(?:cron|profile|rc\.local|init\.d|systemd|ld\.so\.preload|environment)|\/(?:cron|crontabs)\/|(?:^|\/)crontab$|LaunchAgents|LaunchDaemons|systemd\/(?:user|system)|\.config\/autostart|CurrentVersion\\+Run|Start Menu\\+Programs\\+Startup|\.git\/hooks|\.config\/fish\/(?:config|conf\.d|functions)|\.(?:bash|zsh)rc\.d\/|\.config\/(?:zsh|bash|nushell|powershell)\/|\/etc\/(?:bash\.bashrc|zsh|zshenv)|\.kshrc|\.cshrc|\.gdbinit|\.lldbinit|\.emacs(?:\.d\/init)?|\.ipython\/profile_default\/startup|\.jupyter\/(?:jupyter|custom)|\.config\/hypr\/|\.config\/(?:i3|sway)\/config|\.config\/Code\/User\/(?:settings|tasks)|Code\/User\/(?:settings|tasks)\.json|\/etc\/(?:update-motd\.d|apt\/apt\.conf\.d|NetworkManager\/dispatcher\.d|udev\/rules\.d)|authorized_keys|sitecustomize\.py|usercustomize|\.pth\b/i,
  ],
  [
    'system',
    /^\/etc\/(?!resolv)|^\/(?:bin|sbin|boot|dev|sys|proc|lib|root)(?:\/|$)|^\/usr\/(?:bin|sbin|lib)|^\/var\/(?:log|lib)|sudoers|\/etc\/hosts|docker\.sock|C:\\Windows|System32/i,
  ],
]

/** Answers are kept for this many texts: one package asks for the same ones again and again. */
const KNOWN_MAX = 5_000
const KNOWN = new Map<string, Path['what']>()

/** What a path leads to, by its text. */
export function whatIsAt(path: string): Path['what'] {
  const known = KNOWN.get(path)
  if (known !== undefined) return known
  const what = lookUp(path)
  if (KNOWN.size >= KNOWN_MAX) KNOWN.clear()
  if (path.length <= 300) KNOWN.set(path, what)
  return what
}

function lookUp(path: string): Path['what'] {
  // A public key and an example of a settings file hold nothing to steal.
  if (
    /\.pub$|\.env\.(?:example|sample|template|test)\b|known_hosts$|\.(?:bashrc|zshrc|zprofile|profile|bash_profile|zshenv|vimrc|tmux\.conf)\.(?:bak|old|backup|orig|save)\b|(?:^|\/)crontab[\w.$(){}+% -]{0,60}\.(?:bak|old|backup|txt)$|\.(?:ssh|aws)\/config$/i.test(
      path,
    )
  )
    return 'other'
  if (/authorized_keys/.test(path)) return 'autostart'
  for (const [what, pattern] of PLACES) if (pattern.test(path)) return what
  return 'other'
}

/** What an agent remembers of its owner, as against the rules of one project, which its repository shows anyway. */
export function isMemory(path: string): boolean {
  return /(?:^|[/\\])(?:SOUL|MEMORY|IDENTITY)\.md$|(?:~|\$HOME|\$\{HOME\})\/\.\w{2,20}\/(?:CLAUDE|AGENTS|GEMINI)\.md$/.test(
    path,
  )
}

/** Whether a word looks like a path at all. */
export function looksLikePath(word: string): boolean {
  if (word.length < 2 || word.length > 400 || /^https?:|^-|[\n|;<>]/.test(word)) return false
  return /^(?:~|\.{1,2}|\$\{?\w+\}?|[A-Za-z]:)?[/\\]|^~|^[\w.@-]{1,80}\/[\w./@*-]{1,200}$|^\.[A-Za-z]\w{1,30}|^[\w-]{1,60}\.(?:md|json|ya?ml|toml|txt|env|sh|py|js|ts|dat|pem|key|db|sqlite)$/.test(
    word,
  )
}

/** Whether a variable's name says that its value is a secret. `PUBLIC_KEY` and `TOKEN_ADDRESS` are not. */
export function isSecretName(name: string): boolean {
  // On chains a token is a coin.
  if (
    /^TOKENS?\d?$|^(?:FROM|TO|IN|OUT|BUY|SELL|BASE|QUOTE|INPUT|OUTPUT|NATIVE|PAY|FEE|LP|ERC20|STABLE|REWARD|SOURCE|DEST|TARGET|SPEND|GAS|FARM|VAULT|COLLATERAL|DEBT|BORROW|SUPPLY|ASSET|STAKE|STAKING|GOV)_TOKEN/i.test(
      name,
    )
  )
    return false
  if (
    /PUBLIC|PUBKEY|_ID$|ADDRESS|TOKEN_(?:NAME|SYMBOL|COUNT|LIMIT|IN|OUT|A|B|MINT|DECIMALS|URI|LIST)|MAX_TOKENS|_URL$(?<!DATABASE_URL|REDIS_URL)|_PATH$|_FILE$|_NAME$|KEYWORD|KEYBOARD|PRIMARY_KEY|FOREIGN_KEY/i.test(
      name,
    )
  )
    return /DATABASE_URL|REDIS_URL/i.test(name)
  return /(?:^|_)TOKEN$|(?:^|_)(?:SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|MNEMONIC|SEED|AUTH|PAT|PWD)(?:_|$)|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|SECRET_?KEY|ACCOUNT_?KEY|ENCRYPTION_?KEY|SIGNING_?KEY|SESSION_?(?:KEY|TOKEN)|SEED_?PHRASE|DATABASE_URL|_KEY$/i.test(
    name,
  )
}

/** Whether a variable's name says that its value can spend money on a chain. */
export function isWalletName(name: string): boolean {
  return /MNEMONIC|SEED_?(?:PHRASE|WORDS)?$|PRIVATE_?KEY|WALLET_?(?:KEY|SECRET)|KEYPAIR|SIGNER_?KEY|^PK$/i.test(name)
}
