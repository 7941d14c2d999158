import type { View } from '../View.ts'
import { hostKind, hostOf } from './hosts.ts'
import { isSecretName } from './places.ts'

/**
 * Programs that machines have anyway, or that anybody's installer could name: that one of them is run says nothing about
 * who served an installer.
 */
const ORDINARY = new Set(
  'alias apt apt-get awk aws az base64 bash brew bun cargo cat cd chmod chown cmake composer conda cp crontab curl cut dart date deno diff dig dnf do docker dotnet echo else env eval exec exit export fi find for from function gcc gh git go gradle grep gzip head helm if import in install iwr jq kill kubectl less let ln local ls make mkdir mv mvn node npm npx open openssl or osascript perl php pip pip3 pipx pnpm podman powershell printf ps psql pwsh python python3 read return rm rsync ruby run rustup scp sed set sh skill sleep sort source ssh ssh-keygen sudo systemctl tar tee terraform test the then this to touch true tsx unzip update use uv uvx var wget where which while winget xargs yarn yum zip zsh agent agents assistant claude codex cursor gemini copilot wallet wallets browser setup update updater helper'.split(
    ' ',
  ),
)

/** Words that vendors put beside their name in programs, hosts and repositories. */
const AFFIXES = new Set(
  'api app cli client cmd ctl dev get go hq install installer io labs oss run sdk sh tool tools the x'.split(' '),
)

/** A name without what is put beside it: `acme-cli`, `get-acme`, `acme_labs` are `acme`. */
function stemOf(name: string): string {
  const words = name
    .toLowerCase()
    .split(/[-_.\s]+/)
    .filter((word) => word !== '')
  const left = words.filter((word) => !AFFIXES.has(word))
  return (left.length === 0 ? words : left).join('').replace(/(?:cli|ctl)$/, '')
}

const STEM_LENGTH_MIN = 4

/** Whose name an address bears: its registrable name, or on a host of code the owner. */
function stemsOf(url: string): ReadonlySet<string> {
  const host = hostOf(url)
  const labels = host.split('.')
  const stems = new Set<string>()
  const add = (name: string) => {
    const stem = stemOf(name)
    if (stem.length >= STEM_LENGTH_MIN && !ORDINARY.has(stem)) stems.add(stem)
  }
  if (hostKind(host) === 'code') {
    if (!/(?:^|\.)(?:github|gitlab|githubusercontent|bitbucket|codeberg)\.(?:com|org)$/.test(host)) return stems
    // Anybody may name a repository after a tool; the owner's name is taken once.
    add(/^[a-z]+:\/\/[^/]+\/([\w.-]+)\//i.exec(url)?.[1] ?? '')
    return stems
  }
  const isSecondLevel = /^(?:com?|org|net|gov|ac|edu)$/.test(labels.at(-2) ?? '') && labels.length > 2
  const name = labels.at(isSecondLevel ? -3 : -2) ?? ''
  add(name)
  add(`${name}${labels.at(-1) ?? ''}`)
  return stems
}

/** Where a command may begin, and its first word with what follows it. */
const STARTS =
  /(?:^|[\n;&|(`]|\$\()[ \t]*(?:[-*] )?(?:run: )?(?:\$ |sudo |! |if |command -v |[A-Z_]{2,40}=\S{1,80} ){0,3}(?:\/tmp\/|\.\/|~\/\.local\/bin\/)?([a-z][\w.-]{1,40})(?=[ \t]+["'$<\w~/.-])/g

/**
 * Whether an address serves the tool that the skill then works with: a program of the name that the address bears is run in
 * the skill's own commands. That is how a vendor's installer differs from a stranger's: what it leaves is what the skill is for. The
 * skill's own name, its directory and its prose count for nothing.
 */
export function isOwnTool(url: string, views: readonly View[]): boolean {
  const stems = stemsOf(url)
  return stems.size > 0 && runsOf(stems, views).length > 0
}

/** The commands, as far as their line goes, in which a program of one of these names is run. */
function runsOf(stems: ReadonlySet<string>, views: readonly View[]): string[] {
  const found: string[] = []
  for (const view of views) {
    if (view.name !== 'code' || view.role === 'fixture') continue
    for (const match of view.text.matchAll(STARTS)) {
      const program = match[1] ?? ''
      if (ORDINARY.has(program) || !stems.has(stemOf(program))) continue
      const rest = view.text.slice(match.index, match.index + 400)
      const end = rest.indexOf('\n', match[0].length)
      found.push(end < 0 ? rest : rest.slice(0, end))
    }
  }
  return found
}

/** Whether the tool that an address serves is handed a password or a wallet's key that bears another name than the tool's. */
export function isHandedForeignKey(url: string, views: readonly View[]): boolean {
  const stems = stemsOf(url)
  return runsOf(stems, views).some((line) =>
    [...line.matchAll(/\b[A-Z][A-Z0-9_]{4,60}\b/g)].some(
      ([name]) =>
        /PASSW|PASSPHRASE|MNEMONIC|SEED|PRIVATE_?KEY/.test(name) &&
        isSecretName(name) &&
        ![...stems].some((stem) => name.toLowerCase().replaceAll('_', '').includes(stem)),
    ),
  )
}
