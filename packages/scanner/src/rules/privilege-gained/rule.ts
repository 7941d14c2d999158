import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'
import { grants } from './grants.ts'

export const rule: Rule = {
  name: 'privilege-gained',
  check: 'behavior',
  ast: 'AST03',
  item: '3.3',
  about:
    'The skill raises rights, its own or those of somebody it names: set-user-ID programs, sudoers without a password, new administrators, maintainers and collaborators, guards of a repository taken away.',
  severity: 'high',
  because: "From then on every command of the agent is the system's owner.",
  remediation: 'Do without; if one command needs rights, let the owner run it.',
  *find(material) {
    yield* grants(material)
    for (const command of material.facts.command) {
      const line = command.args.join(' ')
      if (command.program === 'chmod' && /(?:^|\s)(?:u?g?\+s|[46][0-7]{3})(?:\s|$)/.test(line))
        yield at(command, command.text)
      else if (command.program === 'setcap' || command.program === 'visudo') yield at(command, command.text)
      else if (
        /^(?:usermod|adduser|gpasswd|dseditgroup)$/.test(command.program) &&
        /\b(?:sudo|wheel|admin|root|docker)\b/.test(line)
      )
        yield at(command, command.text, { severity: /docker/.test(line) ? 'low' : 'high' })
      else if (command.program === 'useradd' && /-o\b|-u 0\b|sudo|wheel/.test(line)) yield at(command, command.text)
      else if (/NOPASSWD/.test(command.text) && !/grep|cat /.test(command.program)) yield at(command, command.text)
      else if (command.program === 'net' && /localgroup administrators .{0,40}\/add/i.test(line))
        yield at(command, command.text)
    }
    for (const path of material.facts.path)
      if (path.access === 'write' && /\/etc\/(?:sudoers|passwd|shadow|pam\.d)/.test(path.path))
        yield at(path, path.text, { severity: 'critical' })
  },
}
