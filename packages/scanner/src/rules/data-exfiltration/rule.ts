import { hostKind, hostOf, isShady } from '../../facts/hosts.ts'
import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'

export const rule: Rule = {
  name: 'data-exfiltration',
  check: 'intent',
  ast: 'AST01',
  item: '1.4',
  about: 'Files or facts about the machine are sent to an address that is not the service the skill is about.',
  severity: 'high',
  because: "What is on the machine is its owner's; a skill that collects it serves somebody else.",
  remediation: 'Say in the skill what is sent and where, declare the host, and ask first.',
  *find(material) {
    for (const flow of material.facts.flow) {
      if (flow.sink !== 'network') continue
      const kind = hostKind(hostOf(flow.to) || flow.to)
      if (flow.source === 'system' && kind !== 'local')
        yield at(flow, flow.text, {
          because: `What ${flow.from} says about the machine is sent to ${flow.to}. ${rule.because}`,
          severity:
            isShady(kind) || /dig|nslookup|host |whoami|hostname|ifconfig|\/etc\//.test(flow.text) ? 'high' : 'medium',
        })
      else if (
        flow.source === 'file' &&
        (kind === 'collector' ||
          kind === 'drop' ||
          kind === 'paste' ||
          kind === 'address' ||
          kind === 'tunnel' ||
          (/glob|\*/.test(flow.from) && kind === 'other'))
      )
        yield at(flow, flow.text)
    }
    for (const command of material.facts.command) {
      // A name that is looked up and made of data: nothing else makes such names.
      if (
        /^(?:dig|nslookup|host|ping)$/.test(command.program) &&
        command.args.some(
          (each) =>
            /(?:\$\(\)|\$\{?\w+\}?)\.[\w-]+\.[a-z]{2,}/.test(each) &&
            !/\$\{?(?:domain|host|name|sub|target|zone|site|server)\w*\}?\./i.test(each),
        )
      )
        yield at(command, command.text)
    }
    for (const url of material.facts.url) {
      if (url.view === 'prose') continue
      const kind = hostKind(url.host)
      if (
        /^(?:discord(?:app)?\.com|ptb\.discord\.com)$/.test(url.host) &&
        /\/api\/webhooks\/\d{15,}\/[\w-]{40,}/.test(url.path)
      )
        yield at(url, url.text, {
          because: 'The channel is written into the skill: its author reads what is sent there.',
        })
      else if (url.host === 'api.telegram.org' && /\/bot\d{8,}:[\w-]{30,}/.test(url.path))
        yield at(url, url.text, { because: 'The bot is written into the skill: its author reads what is sent there.' })
      else if (kind === 'collector' && url.use !== 'citation')
        yield at(url, url.text, { because: 'The address belongs to a service that only collects what is sent to it.' })
      else if (kind === 'metadata' && /-o\s?\/dev\/null/.test(url.text) && !/-H|--header/.test(url.text)) continue
      else if (kind === 'metadata')
        yield at(url, url.text, { because: "The address hands out the cloud machine's own credentials." })
    }
  },
}
