import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'

export const rule: Rule = {
  name: 'binds-everywhere',
  check: 'behavior',
  ast: 'AST06',
  item: '6.3',
  about: 'A server is started on every interface (`0.0.0.0`).',
  severity: 'medium',
  because: 'Everybody on the network can then talk to it, and through it to the machine.',
  remediation: 'Bind it to 127.0.0.1.',
  *find(material) {
    for (const command of material.facts.command) {
      const found =
        /(?:--?(?:host|bind|address|listen|inspect(?:-brk)?|b)[=\s]|-b\s|HOST=|inspect=)\s{0,2}(?:0\.0\.0\.0|\[::\]|::)(?:[:\s]|$)|(?:^|\s)0\.0\.0\.0:\d/.exec(
          command.text,
        )
      if (found !== null) yield at(command, command.text, /inspect/.test(command.text) ? { severity: 'high' } : {})
    }
    for (const call of material.facts.call)
      if (
        /(?:run|listen|bind|serve|create_server|HTTPServer|createServer|start_server)$/.test(call.callee) &&
        call.literals.includes('0.0.0.0')
      )
        yield at(call, `${call.callee}(${call.text})`)
  },
}
