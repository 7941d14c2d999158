import type { Rule } from '../../Rule.ts'
import { liner } from '../../View.ts'
import { at, isTurned, phrases } from '../ask.ts'
import { otherStarts } from './otherStarts.ts'
import { isTameTask } from '../../facts/startUp/isTameTask.ts'
import { addedToProfile, storedBy } from '../../facts/startUp/storedBy.ts'

/** What a job fetches, decodes, or runs out of a directory that anybody can write to; a lock or a log may lie there. */
const RUNS_STRANGER =
  /\b(?:curl|wget|base64)\b|(?:(?:[\d*,/-]{1,12}[ \t]{1,4}){5}|@\w{4,10}[ \t]{1,4}|\b(?:ba|z|da)?sh[ \t]{1,4}|\bpython3?[ \t]{1,4}|[;&|][ \t]{0,4})\/tmp\/|(?:[\d*,/-]{1,12}[ \t]{1,4}){5}[^\n]{0,160}\/\.[\w-]{1,40}(?=["'\s;&|)]|$)/

/** A task of an editor that needs nobody to start it, and runs what does not lie in the project or reaches the network. */
const ON_OPEN = /"runOn"\s{0,4}:\s{0,4}"folderOpen"/
/** "Copy this skill to every user and repository." */
const COPIES_ITSELF =
  /\b(?:copy|clone|install|put|place|add|drop|replicate|mirror|propagate|spread|symlink)\s{1,3}(?:a copy of |also )?(?:this (?:skill|folder|directory|file|plugin)|itself|yourself|the skill(?: folder)?)\b[^.\n]{0,80}\b(?:every|all|each|any|other)\b[^.\n]{0,40}\b(?:users?|repositor(?:y|ies)|repos?|projects?|machines?|hosts?|agents?|workspaces?|skills)\b/g
/** What a line of a profile may say that runs nothing new. */
const PATH_LINE =
  /^[ \t]{0,40}(?:#.*|(?:export |typeset -U |path=|PATH=|path\+?=|fpath=)?(?:path|PATH|fpath|MANPATH|LANG|EDITOR|GOPATH|GOBIN|PNPM_HOME|JAVA_HOME)\b.*|(?:fi|then|done|case .* in|esac|if \[.*|\*:.*|\*\).*|.*;;)|)$/
/** What no line of a profile may do, not even one that only sets a path. */
const TRAPS = /in the place of|load what|load, run or trust|anybody may write|at every prompt/
/** A loop over the skills of a host that appends to each. */
const EVERY_SKILL =
  /\bfor\s{1,3}\w{1,30}\s{1,3}in\s[^\n]{0,120}skills\/\*(?:\/SKILL\.md)?[^]{0,240}?(?:>>|tee -a|\bcp\b)|(?:glob|rglob|globSync|Glob)\([^)\n]{0,80}(?:skills\/\*|(?:SKILL|AGENTS|CLAUDE|GEMINI|SOUL|MEMORY)\.md|\.cursorrules)[^)\n]{0,20}\)[^]{0,300}?(?:appendFile|write_text|writeFile|\.write\()/
/** A public key that is written out, and a place where keys are let in. */
const PUBLIC_KEY = /\b(?:ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp\d{3}) AAAA[\w+/]{40,}/
const PUTS_KEY =
  /\/(?:user\/)?keys\b|authorized_keys|\bssh-key add\b|deploy[_-]?keys?\b|addDeployKey|add[_-]ssh[_-]key|ssh-keys=|importKeyPair|import-key-pair|ssh_authorized_keys/i
/** Programs whose name a file in a directory of one's own takes. */
const SHADOWED =
  /(?:^|\/)(?:\.local\/bin|bin|usr\/local\/bin|\.bin|shims)\/(?:git|ssh|scp|sudo|su|npm|npx|node|pip3?|python3?|curl|wget|docker|gh|kubectl|aws|gcloud|az|cast|forge|solana|bash|sh|zsh|ls|cat|cd|make|cargo|go|gpg|op|pass|vault|terraform|psql|claude|codex|gemini)$/

/** What is scheduled is one program of the machine, with words that are written out. */
const TAME = {
  severity: 'medium',
  because: 'It stays after the session; all that it starts is written out here.',
} as const

/** What PowerShell is given to write is put together elsewhere: no finding at all, until this was read. */
const UNSEEN = {
  severity: 'medium',
  because: 'It stays after the session, and not all that is stored is written out in this line.',
} as const

export const rule: Rule = {
  name: 'persistence',
  check: 'behavior',
  ast: 'AST03',
  item: '3.6',
  about:
    'The skill arranges to be run again without being asked: shell profiles, cron, launch agents, services, Git hooks.',
  severity: 'high',
  because: 'It keeps running after the session and after the skill is deleted.',
  remediation: 'Run when asked. If something must be scheduled, show the owner the line to add.',
  *find(material) {
    yield* otherStarts(material)
    for (const path of material.facts.path) {
      if (
        path.access === 'write' &&
        SHADOWED.test(path.path) &&
        /^\s*(?:cp|ln|mv|install|cat|tee|printf|echo)\b/.test(path.text)
      )
        yield at(path, path.text, { because: 'A program of everyday is replaced by one of the same name.' })
      if (path.what !== 'autostart' || path.access !== 'write') continue
      const stored = storedBy(path, material)
      // A PATH line in a profile is what every installer asks for.
      const body = material.facts.command.find((each) => each.file === path.file && each.line === path.line)?.stdin
      const isPath =
        (body !== null && body !== undefined && body.split('\n').every((line) => PATH_LINE.test(line))) ||
        /(?:^|\/)dockerfile/i.test(path.file) ||
        (/export PATH|PATH=|eval "\$\(|completion|alias /.test(path.text) &&
          !/curl|wget|base64|\/tmp\//.test(path.text))
      if (stored.is === 'loud' && TRAPS.test(stored.why))
        yield at(path, path.text, { because: `${rule.because} What is stored is no setting: ${stored.why}.` })
      else if (isPath) yield at(path, path.text, { severity: 'low' })
      else if (stored.is === 'quiet')
        yield at(path, path.text, {
          severity: 'medium',
          because: 'It stays after the session. All that is stored is in the package and starts nothing from outside.',
        })
      else yield at(path, path.text, /authorized_keys/.test(path.path) ? { severity: 'critical' } : {})
    }
    for (const view of material.views) {
      const found = view.name === 'code' ? ON_OPEN.exec(view.text) : null
      if (found !== null)
        yield at({ file: view.file, line: view.line, view: view.name, role: view.role }, found[0], {
          because: 'An editor runs it by itself whenever the folder is opened.',
        })
    }
    for (const view of material.views) {
      if (view.name !== 'code') continue
      const every = EVERY_SKILL.exec(view.text)
      if (every !== null)
        yield at(
          { file: view.file, line: liner(view)(every.index), view: view.name, role: view.role },
          every[0].slice(0, 160),
          { because: 'It writes into every other skill, so that taking this one away is not enough.' },
        )
      const key = PUBLIC_KEY.exec(view.text)
      if (key !== null && view.role !== 'fixture' && PUTS_KEY.test(view.text))
        yield at(
          { file: view.file, line: liner(view)(key.index), view: view.name, role: view.role },
          key[0].slice(0, 60),
          { severity: 'critical', because: 'A key of the author is put where it opens what belongs to the owner.' },
        )
    }
    for (const phrase of phrases(material, COPIES_ITSELF))
      if (!isTurned(phrase))
        yield at(phrase, phrase.sentence, { because: 'The skill puts itself where nobody asked for it.' })
    for (const command of material.facts.command) {
      const line = command.args.join(' ')
      const added = addedToProfile(command)
      if (added !== null)
        yield at(command, command.text, added.is === 'loud' ? {} : added.is === 'quiet' ? TAME : UNSEEN)
      if (command.program === 'crontab' && !/^-l\b/.test(line) && line !== '')
        yield at(
          command,
          command.text,
          RUNS_STRANGER.test(command.text) ? { severity: 'critical' } : { severity: 'medium' },
        )
      if (
        (command.program === 'launchctl' && /\b(?:load|bootstrap)\b/.test(line)) ||
        (command.program === 'systemctl' && /\benable\b/.test(line))
      )
        yield at(command, command.text, { severity: 'medium' })
      if (
        /^(?:openclaw|clawdbot|claude|codex|gemini)$/.test(command.program) &&
        /^hooks? (?:install|enable|add)\b/.test(line)
      )
        yield at(command, command.text, { because: 'A hook of the host sees and may change every later tool call.' })
      // Hooks of every repository of the owner, or of this one.
      if (command.program === 'git' && /\bconfig\b[^\n]{0,80}\bcore\.hooksPath\s+\S/i.test(line))
        yield at(command, command.text, {
          severity: /--(?:global|system)\b/.test(line) ? 'high' : 'low',
          because: 'Git runs what lies there with every commit.',
        })
      // Tasks and start-up entries of Windows, whatever makes them.
      if (
        /^(?:register-scheduledtask|new-scheduledtask|new-service|register-wmievent|set-wmiinstance|register-cimindicationevent)$/.test(
          command.program,
        ) ||
        (/^(?:new-itemproperty|set-itemproperty|reg)$/.test(command.program) &&
          /CurrentVersion\\{0,4}Run|Winlogon|UserInitMprLogonScript/i.test(line)) ||
        (command.program === 'sc' && /^create\b/i.test(line))
      )
        yield at(command, command.text, isTameTask(command, material.facts.command) ? TAME : {})
      // What Git is told to run by itself, with the network in it.
      if (
        command.program === 'git' &&
        /\bconfig\b/.test(line) &&
        /\b(?:credential\.helper|core\.(?:sshCommand|pager|editor|fsmonitor|askPass)|diff\.external|alias\.\w+|init\.templateDir|filter\.\w+\.(?:clean|smudge))\b/i.test(
          line,
        ) &&
        /\b(?:curl|wget|nc|ncat|base64|eval)\b/.test(line)
      )
        yield at(command, command.text, { because: 'Git runs it by itself from then on, and it reaches the network.' })
      if (command.program === 'schtasks' && /[-/]create\b/i.test(line))
        yield at(command, command.text, isTameTask(command, material.facts.command) ? TAME : {})
    }
  },
}
