import type { Command, Facts, Path } from '../../Fact.ts'
import { lastPart } from '../../facts/ownFile.ts'
import type { Rule } from '../../Rule.ts'
import { at, isTurned, phrases } from '../ask.ts'

const READ =
  /\b(?:read|open|cat|collect|extract|harvest|search (?:for|the)|scan|gather|dump|copy|grab|steal|access|retrieve)\b[^.\n]{0,60}(?:~\/\.ssh|\.ssh\/|id_rsa|\.aws\/credentials|\.gnupg|\/etc\/shadow|keychain|browser (?:cookies|passwords)|saved passwords|session tokens? from|\.netrc|credential stores?)/g

/** `cp FILE FILE.bak`: the copy stays where the file is. */
function isKeptBeside(text: string, path: string): boolean {
  const [program = '', ...words] = text.trim().replaceAll(/["']/g, '').split(/\s+/)
  const [from, to, ...more] = words.filter((word) => !word.startsWith('-'))
  return program === 'cp' && more.length === 0 && from === path && to !== undefined && to.startsWith(`${path}.`)
}

/** Programs that open, or hand on, the files whose names they are given. */
const OPENS =
  /\b(?:xargs|parallel|while|read|for|cat|cp|mv|tar|zip|curl|wget|nc|scp|rsync|tee|base64|gpg|openssl|python3?|node|perl|ruby|sh|bash|mail)\b|-(?:exec|execdir|ok|okdir|x|X|fprint0?|print0)\b|\$\(|`|>(?!\s?(?:\/dev\/null|&))/

/** `find . -name id_rsa`: what is printed is where files lie, not what is in them. */
function isSearch(path: Path, facts: Facts): boolean {
  const finds = facts.command.filter(
    (each) => each.file === path.file && each.line === path.line && /^(?:find|fd|locate|mdfind)$/.test(each.program),
  )
  return finds.some((each) => each.args.join(' ').startsWith(path.path)) && finds.every((each) => isListing(each))
}

/** A search below the working directory, or in one store of the owner's, of which nothing is handed on. */
function isListing(each: Command): boolean {
  return (
    each.position === 0 &&
    /^\s*(?:find|fd|locate|mdfind)\b/.test(each.text) &&
    !OPENS.test(each.text) &&
    /^(?:\.|\.\/[\w./-]*|[\w-][\w./-]*|(?:~|\$HOME)\/\.(?:ssh|aws|gnupg|kube)\/?)$/.test(each.args[0] ?? '')
  )
}

/** A key of the sender's own choosing: a passphrase that is typed, or recipients that the owner keeps. */
function isOwnersKey({ program, args }: Command): boolean {
  const line = args.join(' ')
  if (/^(?:age|rage)$/.test(program))
    return args.some(
      (word, i) =>
        /^(?:-p|--passphrase)$/.test(word) ||
        (word === '-R' && /^(?:~|\$HOME|\$\{?[A-Z_])/.test(args[i + 1] ?? '')) ||
        (word === '-r' && /^\$\{?\w+\}?$/.test(args[i + 1] ?? '')),
    )
  if (/^gpg2?$/.test(program))
    return (
      args.some((word) => word === '--symmetric' || (/^-\w+$/.test(word) && word.includes('c'))) &&
      !/--passphrase(?:-fd|-file)?\b|--batch\b/.test(line)
    )
  return program === 'openssl' && /^enc\b/.test(line) && !/(?:^|\s)-d\b|(?:^|\s)-(?:k|K|pass)\b/.test(line)
}

/** Whether the package itself writes the recipients, or says whom the variable names. */
function isGivenKey({ args }: Command, facts: Facts): boolean {
  const file = args[args.indexOf('-R') + 1] ?? ''
  const name = /^\$\{?(\w+)\}?$/.exec(args[args.indexOf('-r') + 1] ?? '')?.[1]
  return (
    (args.includes('-R') && facts.path.some((each) => each.access === 'write' && each.path === file)) ||
    (args.includes('-r') &&
      (name === undefined || !facts.command.some((each) => each.program === 'read' && each.args.includes(name))))
  )
}

/** Places of a disk that others look into: synchronised with a service, served, or open to all. */
const SHARED =
  /dropbox|google ?drive|onedrive|icloud|mobile documents|nextcloud|\bsync\b|\bpublic\b|\/www\/|\/srv\/|\/tmp\/|\/dev\/(?!null)|:\/\/|^\w+@|\bgdrive\b/i

/** A copy that is encrypted in the same pipeline, with a key of the owner's, before it is written to a disk. */
function isEncryptedCopy(path: Path, facts: Facts): boolean {
  const at = facts.command.find(
    (each) => each.file === path.file && each.line === path.line && each.args.some((word) => word.includes(path.path)),
  )
  if (at === undefined || !/^(?:tar|bsdtar|cat|zip|cpio|gzip|zstd)$/.test(at.program)) return false
  const line = facts.command.filter((each) => each.pipeline === at.pipeline).toSorted((a, b) => a.position - b.position)
  const sealed = line.findIndex((each) => isOwnersKey(each) && !isGivenKey(each, facts))
  const last = line.at(-1)
  if (sealed < 0 || sealed !== line.length - 1 || last === undefined) return false
  // What goes into the seal is not written anywhere on the way.
  if (line.slice(0, -1).some((each) => each.writes.length > 0 || each.program === 'tee')) return false
  const outs = [...last.writes, ...last.args.filter((_, i) => /^(?:-o|--output|-out)$/.test(last.args[i - 1] ?? ''))]
  if (outs.length !== 1 || SHARED.test(outs[0] ?? '')) return false
  // What is sealed is not sent on afterwards.
  const name = lastPart(outs[0] ?? '')
  return !facts.command.some(
    (each) =>
      /^(?:curl|wget|scp|rsync|rclone|aws|gsutil|gcloud|az|nc|ncat|git|mail|gh)$/.test(each.program) &&
      each.text.includes(name),
  )
}

export const rule: Rule = {
  name: 'credential-access',
  check: 'behavior',
  ast: 'AST03',
  item: '3.8',
  about:
    'The skill reads places where credentials are kept: SSH keys, cloud credentials, browser profiles, keychains, `.env` of others.',
  severity: 'medium',
  because: "What is read by the agent is in the model's context, and goes where that goes.",
  remediation:
    'Use the tool that owns the credential (its CLI, an agent, an environment variable that the owner sets) instead of reading the store.',
  *find(material) {
    for (const path of material.facts.path) {
      if (path.what !== 'credential' || path.access !== 'read') continue
      // Whether it is there, and who may read it, is not what is in it.
      if (/^\s*(?:test|\[{1,2}|ls|stat|chmod|chown|touch|file|wc)\s/.test(path.text) && !/[|<]/.test(path.text))
        continue
      // A copy beside the file itself, as one makes before changing it, goes nowhere.
      if (isKeptBeside(path.text, path.path)) continue
      // The names of files that a search prints, and that no later step of the line opens.
      if (isSearch(path, material.facts)) continue
      const isOwn = /(?:^|[\s"'/])\.env(?:\.\w+)?$/.test(path.path) && !/^~|\$HOME|\.\.\//.test(path.path)
      const isStore =
        /\.ssh\/|id_rsa|id_ed25519|\.aws\/credentials|keychain|login data|logins\.json|key4\.db|cookies|\.gnupg|\/etc\/shadow|\.git-credentials|\.netrc|\.docker\/config/i.test(
          path.path,
        )
      const isSealed = isStore && isEncryptedCopy(path, material.facts)
      yield at(
        path,
        path.text,
        isSealed
          ? {
              severity: 'medium',
              because: 'The copy is encrypted before it is written, with what only the owner knows.',
            }
          : { severity: isOwn ? 'low' : isStore ? 'high' : 'medium' },
      )
    }
    for (const command of material.facts.command) {
      const line = command.args.join(' ')
      if (command.program === 'security' && /find-(?:generic|internet)-password|dump-keychain|export/.test(line))
        yield at(command, command.text, /-s\s/.test(line) ? {} : { severity: 'high' })
      if (
        command.program === 'find' &&
        /id_rsa|\.pem|credentials|\.aws|\.ssh|wallet|mnemonic|keystore|\*\.key/i.test(line) &&
        /(?:^|\s)(?:~|\/|\$HOME)(?:\s|$|\/)/.test(line) &&
        !isListing(command)
      )
        yield at(command, command.text, { severity: 'high' })
    }
    // A list of stores under a sentence that says to read them.
    const listed = material.facts.path.filter(
      (path) =>
        path.access === 'mention' &&
        path.role === 'instruction' &&
        path.what === 'credential' &&
        /\.ssh|\.aws|gcloud|\.env|keychain|\.gnupg/.test(path.path),
    )
    if (new Set(listed.map((path) => path.path)).size >= 3) {
      const first = listed[0]
      const near =
        first === undefined
          ? ''
          : material.views
              .filter((view) => view.file === first.file && view.line <= first.line && view.line > first.line - 6)
              .map((view) => view.text)
              .join(' ')
      if (
        first !== undefined &&
        /\b(?:read|record|collect|include|copy|open|gather)\b[^.]{0,60}\b(?:contents?|files|values)\b/i.test(near)
      )
        yield at(first, listed.map((path) => path.path).join(', '), { severity: 'high' })
    }
    for (const phrase of phrases(material, READ)) {
      if (isTurned(phrase)) continue
      yield at(phrase, phrase.sentence, { severity: phrase.view === 'prose' ? 'medium' : 'high' })
    }
  },
}
