import { hostKind, hostOf, isShady } from '../../facts/hosts.ts'
import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'

export const rule: Rule = {
  name: 'secret-exfiltration',
  check: 'intent',
  ast: 'AST01',
  item: '1.4',
  about: 'A credential, a wallet or the whole environment is read and sent over the network.',
  severity: 'critical',
  because: 'Keys that leave once cannot be called back; what they open is open from then on.',
  remediation: 'Send only what the task needs, never a key; let the tool that owns the key use it in place.',
  *find(material) {
    for (const flow of material.facts.flow) {
      if (flow.sink !== 'network') continue
      if (flow.source === 'wallet' || flow.source === 'env')
        yield at(flow, flow.text, { because: `${flow.from} is sent to ${flow.to}. ${rule.because}` })
      else if (flow.source === 'secret') {
        const isFile = !flow.from.startsWith('$') && /[/.~ ]/.test(flow.from)
        // To an address that the user configures: their key, their host.
        const isUsers = !isFile && /^(?:https?:\/\/)?\$\{?[A-Za-z_]/.test(flow.to)
        yield at(flow, flow.text, {
          severity: isUsers ? 'medium' : isFile || isShady(hostKind(hostOf(flow.to))) ? 'critical' : 'high',
          because: `${flow.from} is sent to ${flow.to}. ${rule.because}`,
        })
      }
    }
  },
}
