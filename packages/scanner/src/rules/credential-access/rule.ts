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
      const isOwn = /(?:^|[\s"'/])\.env(?:\.\w+)?$/.test(path.path) && !/^~|\$HOME|\.\.\//.test(path.path)
      const isStore =
        /\.ssh\/|id_rsa|id_ed25519|\.aws\/credentials|keychain|login data|logins\.json|key4\.db|cookies|\.gnupg|\/etc\/shadow|\.git-credentials|\.netrc|\.docker\/config/i.test(
          path.path,
        )
      yield at(path, path.text, { severity: isOwn ? 'low' : isStore ? 'high' : 'medium' })
    }
    for (const command of material.facts.command) {
      const line = command.args.join(' ')
      if (command.program === 'security' && /find-(?:generic|internet)-password|dump-keychain|export/.test(line))
        yield at(command, command.text, /-s\s/.test(line) ? {} : { severity: 'high' })
      if (
        command.program === 'find' &&
        /id_rsa|\.pem|credentials|\.aws|\.ssh|wallet|mnemonic|keystore|\*\.key/i.test(line) &&
        /(?:^|\s)(?:~|\/|\$HOME)(?:\s|$|\/)/.test(line)
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
