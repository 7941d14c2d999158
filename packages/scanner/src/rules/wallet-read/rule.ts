import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'

export const rule: Rule = {
  name: 'wallet-read',
  check: 'behavior',
  ast: 'AST01',
  item: '1.4',
  about: 'The skill opens a wallet, a keystore or a seed that is stored on the machine.',
  severity: 'high',
  because: 'Whoever reads it can spend everything in it, for ever.',
  remediation: 'Let the wallet sign; never read its files.',
  *find(material) {
    for (const path of material.facts.path) {
      if (path.what !== 'wallet' || path.access === 'mention' || path.access === 'delete') continue
      const isBrowser =
        /local extension settings|nkbihfbe|bfnaelmo|metamask|phantom|exodus|electrum|atomic|wallet\.dat/i.test(
          path.path,
        )
      // A chain's own command line is pointed at its key file by design.
      const isOwnTool =
        /^(?:solana|spl-token|anchor|cast|forge|sui|aptos|near|starkli|surfpool|npx|export)\b/.test(path.text.trim()) ||
        /solana-keygen|--keypair|--keystore|KEYPAIR/.test(path.text)
      yield at(path, path.text, {
        severity: isBrowser ? 'critical' : isOwnTool || path.access === 'write' ? 'low' : 'high',
      })
    }
    for (const flow of material.facts.flow)
      if (flow.source === 'wallet' && flow.sink !== 'network') yield at(flow, flow.text, { severity: 'critical' })
  },
}
