import type { Facts, Flow } from '../Fact.ts'
import type { View } from '../View.ts'
import { isOwnFile, lastPart } from './ownFile.ts'

/** How what is fetched is verified before it runs. */
export type Verified =
  /** Against a digest or a key that the package itself brings: nobody can change what runs without changing the package. */
  | 'pinned'
  /** Against a digest or a key that is fetched as well. */
  | 'served'

const SUMS = /^(?:sha(?:1|224|256|384|512)sum|shasum|b2sum|b3sum|md5sum)$/
const STRONG = /^(?:sha(?:256|384|512)sum|b2sum|b3sum)$/
const DIGEST = /\b[0-9a-f]{64}(?:[0-9a-f]{32}|[0-9a-f]{64})?\b/i
const FINGERPRINT = /\b(?:[0-9A-F]{40}|[0-9A-F]{4}(?: {1,2}[0-9A-F]{4}){9})\b/i
/** A digest that is given a name, as make and its like write it. */
const NAMED_DIGEST = /\b(\w{2,40})\s{0,9}[:?]?=\s{0,9}["']?[0-9a-f]{64}/gi
/** The words of a script that end it. */
const STOPS = /\b(?:exit|return|raise|throw|die|panic|abort|bail)\b/
/** In code, a comparison of two digests. */
const COMPARES =
  /(?:\bcompare_digest|\btimingSafeEqual|\bhash_equals|\bsecure_compare|\bConstantTimeCompare)\(|(?:!==?|===?|\.equals\(|\beq\b|\bne\b)/g
const DIGESTS = /\b(?:sha-?(?:256|384|512)|blake2b?|blake3|hexdigest|createHash|MessageDigest|Get-FileHash)\b/i
/** So far, in characters, from a comparison to what it leads to. */
const LEADS_TO_CHARS = 160

interface Package {
  readonly views: readonly View[]
  readonly facts: Facts
}

/**
 * Whether what a flow runs is compared with a digest, or its signature verified, by a step that comes before it in the same file
 * and that stops where it fails. That the package says so counts for nothing.
 */
export function howVerified(flow: Flow, material: Package): Verified | null {
  return inShell(flow, material) ?? inCode(flow, material) ?? bySums(flow, material)
}

const CODE_HOST = /https:\/\/(?:raw\.)?(github|gitlab|codeberg)(?:usercontent)?\.(?:com|org)\/([\w.-]{1,60})\//g
const SUMS_FILE = /(?:checksums?|sha(?:256|512)(?:sums?)?)(?:\.(?:txt|asc|sha256))?$/i

/**
 * Whether the list of digests that its owner publishes is fetched before it runs: an installer and its list of one owner on a
 * host of code, as vendors have it for agents that compare by themselves. Whoever can change the one can change the other.
 */
function bySums(flow: Flow, { facts }: Package): Verified | null {
  const fetched = facts.command.filter(
    (each) => each.file === flow.file && each.line <= flow.line && /^(?:curl|wget|aria2c)$/.test(each.program),
  )
  const owners = (text: string): string[] =>
    [...text.matchAll(CODE_HOST)].map(([, host = '', owner = '']) => `${host}/${owner.toLowerCase()}`)
  const own = owners(flow.from)
  const isListed = fetched.some((each) =>
    each.args.some((word) => SUMS_FILE.test(word) && owners(word).some((owner) => own.includes(owner))),
  )
  return isListed ? 'served' : null
}

function inShell(flow: Flow, { views, facts }: Package): Verified | null {
  const own = facts.command.filter((each) => each.file === flow.file)
  // A recipe ends with the first line that fails.
  const isRecipe = /(?:^|\/)(?:GNUmakefile|makefile|justfile|dockerfile|containerfile)|\.mk$/i.test(flow.file)
  const isStrict =
    isRecipe || own.some((each) => each.program === 'set' && /(?:^|\s)-\w*e|errexit/.test(each.args.join(' ')))
  let found: Verified | null = null
  for (const check of own) {
    if (check.line > flow.line) continue
    const line = check.args.join(' ')
    const fed = own.filter((each) => each.pipeline === check.pipeline)
    const said = [line, check.stdin ?? '', ...fed.flatMap((each) => [...each.args, each.stdin ?? ''])].join(' ')
    let how: Verified | null = null
    if (SUMS.test(check.program) && /(?:^|\s)(?:-\w*c|--check)\b/.test(line))
      how =
        DIGEST.test(said) ||
        (STRONG.test(check.program) && isWrittenOut(check, fed)) ||
        namesDigest(said, check.text, flow.file, views) ||
        check.args.some((word) => isOwnFile(word, views, facts))
          ? 'pinned'
          : 'served'
    else if (/^(?:\[|\[\[|test)$/.test(check.program) && /!?==?/.test(line))
      how = own.some((each) => SUMS.test(each.program) || each.program === 'openssl')
        ? DIGEST.test(line)
          ? 'pinned'
          : isOfTwoOutputs(line)
            ? 'served'
            : null
        : null
    else if (/^(?:gpg2?|gpgv)$/.test(check.program) && (/--verify\b/.test(line) || check.program === 'gpgv'))
      how = hasOwnKey(own, views, facts) ? 'pinned' : 'served'
    else if (/^(?:minisign|signify)$/.test(check.program) && /(?:^|\s)-\w*V/.test(line))
      how = /-P\s+\S{20}/.test(line) || check.args.some((word) => isOwnFile(word, views, facts)) ? 'pinned' : 'served'
    else if (check.program === 'cosign' && line.startsWith('verify'))
      how =
        /--certificate-identity\S*[= ]\S{8}/.test(line) || check.args.some((word) => isOwnFile(word, views, facts))
          ? 'pinned'
          : 'served'
    else if (check.program === 'slsa-verifier' || (check.program === 'gh' && line.startsWith('attestation verify')))
      how = 'pinned'
    if (how === null || isOfAnother(said, flow, own)) continue
    // A comparison in words of the script answers for one thing that is fetched.
    if (!SUMS.test(check.program) && fetchedIn(flow.file, views) > 1) continue
    // What the agent is shown line by line stops where a person would.
    const stops = isStrict || check.via === 'fence' || /&&|\|\||\bif\b/.test(check.text) || stopsAfter(check, views)
    if (stops && found !== 'pinned') found = how
  }
  return found
}

/** `echo "DIGEST FILE" | sha256sum -c`: all that is compared with is written out; what is no digest fails. */
function isWrittenOut(check: Facts['command'][number], fed: Facts['command']): boolean {
  const before = fed.filter((each) => each.position < check.position)
  return (
    before.length > 0 &&
    before.every(({ program, args }) => /^(?:echo|printf)$/.test(program) && !args.some((word) => /[$`]/.test(word)))
  )
}

/** `$(…) = $(…)`: what two commands put out. */
function isOfTwoOutputs(line: string): boolean {
  const first = line.indexOf('$()')
  const equals = first < 0 ? -1 : line.indexOf('=', first)
  return equals >= 0 && line.includes('$()', equals)
}

/** How many things are fetched to be kept, signatures and lists of digests left out. */
function fetchedIn(file: string, views: readonly View[]): number {
  return views
    .filter((view) => view.file === file && view.name === 'code')
    .flatMap((view) => view.text.split('\n'))
    .filter(
      (line) =>
        /^[^#]*\b(?:curl|wget|aria2c|Invoke-WebRequest|iwr)\s/.test(line) &&
        !/\.(?:sig|asc|minisig|sha\d{3}|sha\d{3}sum|pem|crt|cert|bundle)\b|SUMS|checksums?/i.test(line),
    ).length
}

/** Whether digests are told with the names of files, none of which has to do with what is run. */
function isOfAnother(said: string, flow: Flow, own: Facts['command']): boolean {
  const names = [...said.matchAll(/[0-9a-f]{32,128}\s+\*?(?:[^\s"'`]*\/)?([\w.+-]{2,120})(?=[\s"'`]|$)/gi)].map(
    ([, name = '']) => name,
  )
  if (names.length === 0) return false
  const brought = own.filter((each) => flow.from !== '' && each.args.includes(flow.from)).map((each) => each.text)
  const related = [flow.text, flow.from, flow.to, ...brought].join(' ')
  return !names.some((name) => related.includes(name))
}

/** A digest by its name, as make and its like write it. */
function namesDigest(said: string, text: string, file: string, views: readonly View[]): boolean {
  const named = new Set(
    views
      .filter((view) => view.file === file)
      .flatMap((view) => [...view.text.matchAll(NAMED_DIGEST)].map(([, name = '']) => name)),
  )
  return [...`${said} ${text}`.matchAll(/\$[({](\w{2,40})[)}]/g)].some(([, name = '']) => named.has(name))
}

/** `if ! sha256sum -c …; then exit 1; fi`, and `|| { …; exit 1; }` on the lines that follow. */
function stopsAfter(check: Facts['command'][number], views: readonly View[]): boolean {
  const view = views.find((each) => each.file === check.file && each.text.includes(check.text))
  if (view === undefined) return false
  const at = view.text.indexOf(check.text)
  return STOPS.test(view.text.slice(at, at + check.text.length + LEADS_TO_CHARS))
}

/** Whether the keys that a signature is verified with are in the package, or named by their whole fingerprint. */
function hasOwnKey(own: Facts['command'], views: readonly View[], facts: Facts): boolean {
  const imports = own.filter(
    (each) => /^gpg2?$/.test(each.program) && /--(?:import|recv-keys?|keyring)\b/.test(each.args.join(' ')),
  )
  return (
    imports.length > 0 &&
    imports.every(
      (each) => FINGERPRINT.test(each.args.join(' ')) || each.args.some((word) => isOwnFile(word, views, facts)),
    )
  )
}

function readsFile(text: string, file: string): boolean {
  return text.includes(lastPart(file))
}

/** Calls that bring something from the network. */
const BRINGS =
  /\b(fetch|urlopen|urlretrieve|axios|got|requests\.get|httpx\.get|https?\.get|http\.Get|open-uri|DownloadFile|DownloadString|DownloadData)\(|\b(?:Invoke-WebRequest|Invoke-RestMethod|iwr|irm|curl|wget)\s/g

function inCode(flow: Flow, { views }: Package): Verified | null {
  const view = views.find(
    (each) => each.file === flow.file && each.name === 'code' && each.language !== 'shell' && DIGESTS.test(each.text),
  )
  if (view === undefined) return null
  // The digest itself may lie in a file of the package that the code reads.
  const isKept =
    DIGEST.test(view.text) ||
    views.some((each) => each.holder === 'data' && DIGEST.test(each.text) && readsFile(view.text, each.file))
  if (!isKept) return null
  let compared = 0
  for (const found of view.text.matchAll(COMPARES)) {
    const before = view.text.slice(Math.max(0, found.index - 120), found.index)
    const after = view.text.slice(found.index, found.index + LEADS_TO_CHARS)
    const line = `${before.slice(before.lastIndexOf('\n') + 1)}${after.split('\n')[0] ?? ''}`
    if (/digest|sha\d|hash|sum|expected|pinned/i.test(line) && STOPS.test(after)) compared += 1
  }
  // One comparison answers for one thing that is brought.
  const defined = new Set(
    [...view.text.matchAll(/\b(?:def|function|func|sub)\s{1,3}(\w{1,40})/g)].map(([, name = '']) => name),
  )
  const brought = [...view.text.matchAll(BRINGS)].filter(([, name = '']) => !defined.has(name)).length
  return compared > 0 && brought <= compared ? 'pinned' : null
}
