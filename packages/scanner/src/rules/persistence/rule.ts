import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'

/** What a job fetches, decodes, or runs out of a directory that anybody can write to; a lock or a log may lie there. */
const RUNS_STRANGER =
  /\b(?:curl|wget|base64)\b|(?:(?:[\d*,/-]{1,12}[ \t]{1,4}){5}|@\w{4,10}[ \t]{1,4}|\b(?:ba|z|da)?sh[ \t]{1,4}|\bpython3?[ \t]{1,4}|[;&|][ \t]{0,4})\/tmp\//

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
    for (const path of material.facts.path) {
      if (path.what !== 'autostart' || path.access !== 'write') continue
      // A PATH line in a profile is what every installer asks for.
      const isPath =
        /(?:^|\/)dockerfile/i.test(path.file) ||
        (/export PATH|PATH=|eval "\$\(|completion|alias /.test(path.text) &&
          !/curl|wget|base64|\/tmp\//.test(path.text))
      yield at(
        path,
        path.text,
        isPath ? { severity: 'low' } : /authorized_keys/.test(path.path) ? { severity: 'critical' } : {},
      )
    }
    for (const command of material.facts.command) {
      const line = command.args.join(' ')
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
      if (command.program === 'schtasks' && /[-/]create\b/i.test(line)) yield at(command, command.text)
    }
  },
}
