import { Table } from '@countersign/base'
import { hostKind } from './hosts.ts'

/**
 * Services whose keys are known by their names, and the hosts that they belong to; of any other host a key of theirs is
 * somebody else's. From the services' own documentation, November 2026.
 */
const SERVICES = Table.of<RegExp>({
  aws: /(?:^|\.)(?:amazonaws\.com|aws\.amazon\.com|aws)$/,
  openai: /(?:^|\.)(?:openai\.com|azure\.com)$/,
  anthropic: /(?:^|\.)(?:anthropic\.com|claude\.ai)$/,
  github: /(?:^|\.)(?:github\.com|githubusercontent\.com|githubcopilot\.com)$/,
  gh: /(?:^|\.)(?:github\.com|githubusercontent\.com)$/,
  gitlab: /(?:^|\.)gitlab\.[\w.]+$/,
  stripe: /(?:^|\.)stripe\.com$/,
  slack: /(?:^|\.)slack\.com$/,
  google: /(?:^|\.)(?:google\.com|googleapis\.com)$/,
  gemini: /(?:^|\.)(?:google\.com|googleapis\.com)$/,
  npm: /(?:^|\.)npmjs\.(?:com|org)$/,
  azure: /(?:^|\.)(?:azure\.com|microsoft\.com|windows\.net)$/,
  twilio: /(?:^|\.)twilio\.com$/,
  sendgrid: /(?:^|\.)sendgrid\.com$/,
  cloudflare: /(?:^|\.)cloudflare\.com$/,
  telegram: /(?:^|\.)telegram\.org$/,
  discord: /(?:^|\.)discord(?:app)?\.com$/,
})

/** Protocols that others speak as well, with a key of their own under the same name. */
const SPOKEN_BY_OTHERS = new Set(['openai', 'anthropic', 'google', 'gemini', 'azure'])

/** Whether a key belongs to a service that is known, and the host is not one of its hosts: it opens nothing there. */
export function isForeignKey(name: string, host: string): boolean {
  const brand = name.toLowerCase().split('_')[0] ?? ''
  const known = SERVICES[brand]
  if (known === undefined || SPOKEN_BY_OTHERS.has(brand) || !/^[\w-]+(?:\.[\w-]+)+$/.test(host)) return false
  const kind = hostKind(host)
  return kind !== 'local' && kind !== 'placeholder' && kind !== 'code' && !known.test(host)
}

/**
 * Whether a key goes to the service that it is named after: the name's first word is in the host's own name, not in a
 * subdomain that anybody can make. Keys in authenticating headers were left out before.
 */
export function isOwnKey(name: string, host: string, text: string): boolean {
  const brand = name.toLowerCase().split(/[_\s]/)[0] ?? ''
  const known = SERVICES[brand]
  if (known !== undefined && host !== '') return known.test(host.replace(/:\d+$/, ''))
  if (brand.length < 3) return false
  const own = host.includes('$') ? host : host.split('.').slice(-2).join('.')
  return (
    (host !== '' && own.replace(/[^a-z0-9]/g, '').includes(brand)) ||
    (host === '' && text.toLowerCase().includes(`.${brand}.`))
  )
}
