import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'

export const rule: Rule = {
  name: 'traces-removed',
  check: 'intent',
  ast: 'AST01',
  item: null,
  about: 'The skill removes the traces of what it did: shell history, system logs, audit records.',
  severity: 'high',
  because: 'Only what should not be seen has to be removed.',
  remediation: 'Leave the records alone.',
  *find(material) {
    for (const command of material.facts.command) {
      const line = command.args.join(' ')
      if (command.program === 'history' && /-c/.test(line)) yield at(command, command.text)
      else if (
        /^(?:rm|shred|truncate|unlink)$/.test(command.program) &&
        /\.(?:bash|zsh|python)_history|\/var\/log\/(?:auth|syslog|secure|audit|wtmp|btmp|lastlog|messages|system)/.test(
          line,
        )
      )
        yield at(command, command.text)
      else if (
        (command.program === 'unset' && /HISTFILE/.test(line)) ||
        /HISTFILE=\/dev\/null|HISTSIZE=0/.test(command.text)
      )
        yield at(command, command.text)
      else if (command.program === 'wevtutil' && /\bcl\b/.test(line)) yield at(command, command.text)
      else if (
        /^(?:auditctl|systemctl|service)$/.test(command.program) &&
        /(?:-e 0|stop (?:auditd|rsyslog|syslog))/.test(line)
      )
        yield at(command, command.text)
      else if (
        command.writes.some((path) => /\.(?:bash|zsh)_history$|\/var\/log\/(?:auth|syslog|secure|audit)/.test(path)) &&
        (command.program === 'cat' || command.program === ':' || command.program === '')
      )
        yield at(command, command.text)
    }
  },
}
