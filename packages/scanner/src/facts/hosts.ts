/** What kind of host a name is, as far as names tell. */
export type HostKind =
  | 'local'
  | 'placeholder'
  | 'collector'
  | 'paste'
  | 'shortener'
  | 'drop'
  | 'tunnel'
  | 'address'
  | 'metadata'
  | 'code'
  | 'installer'
  /** Free hosting, where honest projects live as well. */
  | 'free'
  /** Names that cost next to nothing and are thrown away. */
  | 'cheap'
  | 'other'

const LISTS: readonly (readonly [HostKind, RegExp])[] = [
  ['metadata', /^(?:169\.254\.169\.254|metadata\.google\.internal|100\.100\.100\.200|fd00:ec2::254)$/],
  [
    'local',
    /^(?:localhost|127(?:\.\d{1,3}){3}|0\.0\.0\.0|::1|\[::1\]|host\.docker\.internal|.*\.(?:local|localhost|internal|lan))$/,
  ],
  [
    'placeholder',
    /^(?:(?:(?:www|docs|api|app|cdn|static|files|downloads?|get|rpc|my-\w+|your-\w+)\.)?example(?:\.(?:com|org|net|edu))?|(?:www\.)?(?:attacker|evil|malicious|hacker|bad|badguy|attackers?-site|evil-site|malicious-site)\.(?:com|org|net|io|site)|(?:.+\.)?(?:your|my-|some-|acme)[\w-]*\.(?:com|org|net|io|dev|app|xyz)|(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}|.+\.example|<.*|.*[<>{}$*\s].*)$/,
  ],
  [
    'collector',
    /(?:^|\.)(?:webhook\.site|requestbin\.\w+|pipedream\.net|hookbin\.com|beeceptor\.com|requestcatcher\.com|interact\.sh|oast\.\w+|oastify\.com|burpcollaborator\.net|dnslog\.cn|ceye\.io|canarytokens\.com|postb\.in|mockbin\.\w+|ptsv\d?\.com|typedwebhook\.tools|webhookrelay\.com)$/,
  ],
  [
    'paste',
    /(?:^|\.)(?:pastebin\.com|paste\.ee|rentry\.(?:co|org)|glot\.io|hastebin\.com|ghostbin\.\w+|dpaste\.(?:com|org)|controlc\.com|0bin\.net|privatebin\.\w+|justpaste\.it|gist\.githubusercontent\.com|paste\.rs|termbin\.com|ix\.io|sprunge\.us|snippet\.host|textbin\.net|paste\.\w+\.\w+)$/,
  ],
  [
    'drop',
    /(?:^|\.)(?:transfer\.sh|file\.io|0x0\.st|anonfiles?\.com|gofile\.io|catbox\.moe|bashupload\.com|temp\.sh|oshi\.at|mega\.nz|mediafire\.com|wetransfer\.com|sendspace\.com|discordapp\.(?:com|net)|pixeldrain\.com|uguu\.se|filebin\.net)$/,
  ],
  [
    'shortener',
    /^(?:bit\.ly|tinyurl\.com|t\.co|goo\.gl|is\.gd|cutt\.ly|ow\.ly|rb\.gy|shorturl\.at|tiny\.cc|rebrand\.ly|t\.ly|s\.id|v\.gd)$/,
  ],
  [
    'tunnel',
    /(?:^|\.)(?:ngrok(?:-free)?\.(?:io|app|dev)|trycloudflare\.com|loca\.lt|localtunnel\.me|serveo\.net|localhost\.run|pagekite\.me|bore\.pub|onion)$/,
  ],
  [
    'installer',
    /^(?:sh\.rustup\.rs|get\.docker\.com|install\.python-poetry\.org|astral\.sh|bun\.sh|deno\.land|fnm\.vercel\.app|get\.pnpm\.io|foundry\.paradigm\.xyz|getfoundry\.sh|get\.helm\.sh|brew\.sh|get\.scoop\.sh|claude\.ai|cli\.github\.com|deb\.nodesource\.com|rpm\.nodesource\.com|download\.docker\.com|release\.(?:solana|anza)\.(?:com|xyz)|sh\.uv\.run|mise\.(?:run|jdx\.dev)|nixos\.org|get\.sdkman\.io|install\.duckdb\.org|ollama\.com|fly\.io|cli\.sentry\.dev|sdk\.cloud\.google\.com|get\.starkli\.sh|sui\.io|aptos\.dev|up\.cairo-lang\.org|cursor\.com|opencode\.ai|tempo\.xyz|dl\.cloudsmith\.io|packagecloud\.io|apt\.releases\.hashicorp\.com|pkgs\.tailscale\.com|tailscale\.com|run\.surfpool\.run|apt\.llvm\.org|packages\.microsoft\.com|deno\.com|zed\.dev|warp\.dev|railway\.com|vercel\.com|supabase\.com|noir-install\.\w+|install\.aztec\.network|get\.aztec\.network|dfinity\.org|internetcomputer\.org|sdk\.dfinity\.org|get\.volta\.sh|pixi\.sh|dl\.k8s\.io|get\.k3s\.io|kind\.sigs\.k8s\.io|dot\.net|julialang\.org|install\.julialang\.org|ghcup\.haskell\.org|get-ghcup\.haskell\.org|elan\.lean-lang\.org|raw\.foundry\.paradigm\.xyz|avm\.sh|install\.risczero\.com|risczero\.com|sp1up\.succinct\.xyz|sp1\.succinct\.xyz)$/,
  ],
  [
    'code',
    /(?:^|\.)(?:github\.com|githubusercontent\.com|gitlab\.com|bitbucket\.org|codeberg\.org|npmjs\.com|npmjs\.org|pypi\.org|pythonhosted\.org|crates\.io|unpkg\.com|jsdelivr\.net|docker\.com|docker\.io|ghcr\.io|huggingface\.co|anthropic\.com|openai\.com|microsoft\.com|apple\.com|google\.com|googleapis\.com|python\.org|nodejs\.org|rust-lang\.org|golang\.org|go\.dev|ubuntu\.com|debian\.org|amazonaws\.com)$/,
  ],
  [
    'free',
    /\.(?:vercel\.app|netlify\.app|pages\.dev|workers\.dev|herokuapp\.com|onrender\.com|web\.app|firebaseapp\.com|github\.io|glitch\.me|repl\.co|replit\.app|surge\.sh|fly\.dev|railway\.app|deno\.dev|blogspot\.com|weebly\.com|wixsite\.com)$/,
  ],
  ['cheap', /\.(?:top|xyz|click|forum|zip|mov|tk|ml|ga|cf|gq|icu|rest|cam|quest|sbs|cyou)$/],
]

export function hostKind(host: string): HostKind {
  for (const [kind, pattern] of LISTS) if (pattern.test(host.slice(0, 253))) return kind
  return /^\d{1,3}(?:\.\d{1,3}){3}$|^\[?[0-9a-f:]{6,}\]?$|^0x[0-9a-f]+$|^\d{8,10}$/.test(host) ? 'address' : 'other'
}

/** Hosts that nobody has a good reason to send a user's data to, or to run code from. */
export function isShady(kind: HostKind): boolean {
  return (
    kind === 'collector' ||
    kind === 'paste' ||
    kind === 'drop' ||
    kind === 'shortener' ||
    kind === 'tunnel' ||
    kind === 'address'
  )
}

/** A URL's host in lower case, without port and user; empty when it has none. */
export function hostOf(url: string): string {
  const match = /^[a-z][\w+.-]{1,15}:\/\/(?:[^/?#@\s]{0,200}@)?(\[[^\]]{1,60}\]|[^/:?#\s]{1,253})/i.exec(url)
  return (match?.[1] ?? '').toLowerCase()
}
