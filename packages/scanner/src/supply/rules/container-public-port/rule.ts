import type { Rule } from '../../../Rule.ts'
import { at } from '../shared.ts'

export const containerPublicPort: Rule = {
  name: 'container-public-port',
  check: 'supply',
  ast: 'AST06',
  item: '6.3',
  about: 'A port published on every address of the machine (0.0.0.0).',
  severity: 'medium',
  because:
    'Everybody on the same network can talk to what was meant for this machine; Docker’s rules go before the firewall’s.',
  remediation: 'Publish on the loopback address: `127.0.0.1:8080:8080`.',
  *find({ supply }) {
    for (const each of supply.containers)
      if (each.what === 'public-port') yield at(each, 'medium', `The port is open to the network: ${each.subject}.`)
  },
}
