import { hostKind } from '../../facts/hosts.ts'
import type { Match, Rule } from '../../Rule.ts'
import { at, cleaned, isTurned, phrases } from '../ask.ts'

type Phrase = ReturnType<typeof phrases> extends Generator<infer T> ? T : never

/** Programs that every developer has or knows where to get; naming one of them as a requirement is ordinary. */
const COMMON =
  /^(?:the |a |an )?(?:node(?:\.?js)?|npm|npx|python\d?|pip\d?|uvx?|git|gh|github cli|docker|go|rust|cargo|java|jdk|ruby|ffmpeg|jq|curl|wget|brew|homebrew|bun|deno|pnpm|yarn|make|gcc|clang|terraform|kubectl|helm|aws(?: cli)?|gcloud|az|chrome|chromium|playwright|puppeteer|foundry|forge|cast|anvil|solana(?: cli)?|anchor|poetry|conda|xcode|android studio|vs ?code|claude(?: code)?|codex|gemini|openai|tmux|sqlite|postgres(?:ql)?|redis|mysql|pandoc|imagemagick|latex|graphviz|tesseract|libreoffice|semgrep|codeql|slither|mcp|api|sdk|cli|internet|network|access|following|skill|tool|server|package|dependenc\w+|it|this|that|they|these|you|user|environment|account|wallet|key|all|one|both|each|any)s?\b/
const NEEDED =
  /(?<=\b(?<a>[a-z][\w.-]{2,30}(?: cli| core| tool| agent| utility)?) )(?:must be|needs to be|has to be|should be) (?:installed|running|active|downloaded)\b|\brequires? (?:the )?(?<b>[a-z][\w.-]{2,30}(?:[ -](?:cli|core|tool|agent))?)(?: utility| tool| agent| to (?:be|function|work|operate)| to be installed| installed)|(?<=\b(?<c>[a-z][\w.-]{2,30}(?: cli)?) )(?:is|are) (?:required|mandatory|needed) (?:for|before|to)\b[^.\n]{0,60}\b(?:skill|work|function|run|use|operat)|\bwithout (?:the )?(?<d>[a-z][\w.-]{2,30})[^.\n]{0,50}(?:will not|won't|cannot|can't|does not) (?:work|function|run|start)|\b(?:first|before (?:using|running|you (?:start|begin)|starting)[^.\n]{0,40}),? (?:please |you must |you need to )?(?:download|install|run|launch) (?:and (?:install|run) )?(?:the )?(?<e>[a-z][\w.-]{2,30})/g
const LOCKED =
  /\.(?:zip|rar|7z|exe)\b[^\n]{0,200}\b(?:password|passcode|pass|pwd)\b\s{0,3}(?:is\s{0,2})?[:=]\s{0,3}["']?[\w.!@#-]{2,24}|\b(?:zip|rar|7z|exe|archive|download(?:ed)?|windows)\b[^\n]{0,300}\bextract\b[^.\n]{0,24}\b(?:using|with)\b(?: the)?(?: (?:password|passcode|pass))?\s?:?\s{1,3}["']?[\w!@#-]{2,24}["']?\s{0,2}[),.]|\bextract\b[^.\n]{0,24}\bwith (?:the )?(?:password|passcode|pass)\b\s{0,2}:?\s{1,3}["']?[\w!@#-]{2,24}|\b(?:unpack|unzip|extract|unrar|open|decompress|unlock)\b[^.\n]{0,60}\b(?:archive|zip|rar|7z|file|it|folder)?\b[^.\n]{0,30}\b(?:password|passcode|passphrase|pass)\b\s{0,2}(?:is\s|:\s{0,2})?\s{0,2}["'(]?(?!protect|manager|field|prompt|hash|for\b|to\b|from\b|and\b|or\b|if\b|is\b|with\b|in\b|on\b|the\b|you\b|when\b|that\b)[\w!@#-]{3,24}["')]?\s{0,2}(?:[,.)]|$|and\b|then\b)/g

const INTERNAL =
  /\b(?:internal|private|in-house|corporate|company)\b[^.\n]{0,16}\b(?:packages?|registry|index|modules?|librar(?:y|ies)|sdk)\b/g
const INTERNAL_NAME =
  /(?:\bfrom\s{1,3}|\bimport\s{1,3}|require\(["']|\bpip3? install\s{1,3}|\bnpm (?:i|install|add)\s{1,3})((?=[\w-]{0,60}(?:corp|internal|inhouse|company|private|intranet))[a-z][\w-]{3,60})\b(?!\/)/

function textAfter(material: Parameters<Rule['find']>[0], phrase: Phrase): string {
  return material.views
    .filter((view) => view.file === phrase.file && view.line >= phrase.line - 3 && view.line <= phrase.line + 16)
    .map((view) => cleaned(view).text)
    .join(' ')
    .slice(0, 6000)
}

/** Whether the host is named after the program alone, as throw-away sites for one download are. */
function host(program: string, name: string): boolean {
  return name.split('.').some((label) => label.length > 3 && (label.includes(program) || program.includes(label)))
}

export const rule: Rule = {
  name: 'install-from-unknown',
  check: 'intent',
  ast: 'AST01',
  item: '1.4',
  about: 'The skill insists on a program from an address that nobody vouches for before it will work.',
  severity: 'critical',
  because:
    'This is how malware is delivered to people and agents: the skill does nothing, the prerequisite does it all.',
  remediation:
    'Name a package in a registry with a pinned version, or ship the code with the skill; never a download, a password or a command from a page.',
  *find(material) {
    // A package that only one company has, taken from wherever: whoever registers the name in public is installed.
    for (const phrase of phrases(material, INTERNAL)) {
      if (isTurned(phrase) || phrase.role !== 'instruction') continue
      const name = material.views
        .filter((view) => view.file === phrase.file && view.name === 'code')
        .map((view) => INTERNAL_NAME.exec(view.text)?.[1])
        .find((each) => each !== undefined)
      const isPinned = material.views.some((view) =>
        /--(?:extra-)?index-url|--registry|:registry|\bfind-links\b|\[\[tool\.uv\.index|registry\s{0,2}=/.test(
          view.text,
        ),
      )
      if (name !== undefined && !isPinned)
        yield at(phrase, phrase.sentence, {
          severity: 'high',
          because: `Nothing says which registry ${name} comes from: whoever registers the name in a public one is installed.`,
        })
    }
    const used = new Set(material.facts.command.map((command) => command.program))
    const stated = { requirement: null as null | Match, score: 0, reasons: new Set<string>() }
    let isSourced = false
    const add = (reason: string, points: number) => {
      if (stated.reasons.has(reason)) return
      stated.reasons.add(reason)
      stated.score += points
      // What has to be there is a condition; where it is to be had from makes it an order.
      isSourced ||= /^(?:to be had|a program|by )/.test(reason)
    }
    for (const phrase of phrases(material, LOCKED)) {
      // Password-protected documents are an ordinary subject; a locked download is not.
      if (!/\.(?:zip|rar|7z|exe)\b|\b(?:zip|archive|rar|7z)\b|download|https?:/i.test(textAfter(material, phrase)))
        continue
      yield at(phrase, phrase.sentence, {
        because: 'An archive with a published password is locked against scanners, not against people.',
      })
    }
    // A command to fetch from a page where anybody leaves text, and to paste into a terminal.
    for (const url of material.facts.url) {
      if (url.view !== 'prose' || url.role !== 'instruction') continue
      const kind = hostKind(url.host)
      if (kind !== 'paste' && kind !== 'shortener' && kind !== 'drop' && kind !== 'address') continue
      const near = material.views
        .filter((view) => view.file === url.file && view.name === 'prose' && Math.abs(view.line - url.line) < 4)
        .map((view) => cleaned(view).text)
        .join(' ')
      if (
        /\b(?:copy|paste|run|execute|enter)\b[^\n]{0,100}\b(?:terminal|command (?:prompt|line)|powershell|shell|console|cmd)\b|\b(?:run|execute)\b[^\n]{0,30}\bcommand\b/.test(
          near,
        )
      )
        yield at(url, url.text, {
          because: `The command is to be had from ${url.host}, where anybody can change it. ${rule.because}`,
        })
    }
    for (const phrase of phrases(material, NEEDED)) {
      if (phrase.file.toLowerCase() !== 'skill.md' || phrase.role === 'fixture') continue
      const name = (
        phrase.found.groups?.['a'] ??
        phrase.found.groups?.['b'] ??
        phrase.found.groups?.['c'] ??
        phrase.found.groups?.['d'] ??
        phrase.found.groups?.['e'] ??
        ''
      ).trim()
      if (name === '' || COMMON.test(name)) continue
      const nearby = textAfter(material, phrase)
      const program = name.replace(/\s+/g, '').toLowerCase()
      stated.requirement ??= at(phrase, phrase.sentence)
      // "Must be running" says how things are; "the skill needs it to work" insists.
      isSourced ||= phrase.found.groups?.['a'] === undefined
      add('required', 1)
      if (
        /important|critical|warning|\u26a0|must|\u23f9|note:/i.test(phrase.sentence) ||
        /will not work|won't work|fails? without/.test(nearby)
      )
        add('insisted', 1)
      if (
        ![...used].some((each) => each !== '' && (program.includes(each) || each.includes(program)) && each.length > 2)
      )
        add('never used by the skill', 1)
      for (const url of material.facts.url) {
        if (url.file !== phrase.file || url.line < phrase.line - 4 || url.line > phrase.line + 14) continue
        const kind = hostKind(url.host)
        const isRelease = /\/releases\/download\/|\.(?:zip|exe|dmg|pkg|msi|rar|7z)(?:[?#]|$)/i.test(url.path)
        if (kind === 'paste' || kind === 'shortener' || kind === 'address' || kind === 'drop' || kind === 'free')
          add(`to be had from ${url.host}`, 2)
        else if (isRelease) add(`a program file from ${url.host}`, 1)
        else if (
          kind === 'other' &&
          /download|install|setup|get (?:it|it here)/i.test(url.text) &&
          host(program, url.host)
        )
          add(`to be had from ${url.host}`, 1)
      }
      if (
        /(?:run|execute|paste|copy)[^.]{0,80}\b(?:terminal|command prompt|powershell|cmd)\b|run the (?:executable|installer|commands? below)|execute the (?:installation )?command/.test(
          nearby,
        )
      )
        add('by a command to paste into a terminal', 1)
      if (/on the fly|decode (?:the )?instructions|protected payload/.test(nearby))
        add('by instructions that have to be decoded', 2)
    }
    if (stated.requirement !== null && isSourced && stated.score >= 3)
      yield {
        ...stated.requirement,
        severity: stated.score >= 4 ? 'critical' : 'high',
        because: `The program is ${[...stated.reasons].join(', ')}. ${rule.because}`,
      }
  },
}
