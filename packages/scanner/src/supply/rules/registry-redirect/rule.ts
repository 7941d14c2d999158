import { hostOf } from '../../parse/node.ts'
import { isLoopback } from '../../parse/commands.ts'
import type { Rule } from '../../../Rule.ts'
import { isPrivateScope } from '../privateScope.ts'
import { KNOWN, otherRegistries } from '../otherRegistries.ts'
import { at, firsts } from '../shared.ts'

/** Public registries of well-known publishers. A package from there is still theirs to change, but not a stranger's. */
const KNOWN_HOSTS =
  /(?:^|\.)(?:pypi\.org|pythonhosted\.org|npmjs\.org|npmjs\.com|yarnpkg\.com|npm\.pkg\.github\.com|jsr\.io|download\.pytorch\.org|pypi\.nvidia\.com|nvidia\.com|crates\.io|anaconda\.org|huggingface\.co|astral\.sh|google\.com|pkg\.dev|amazonaws\.com|azure\.com|gitlab\.com|jfrog\.io|cloudsmith\.io)$/

export const registryRedirect: Rule = {
  name: 'registry-redirect',
  check: 'supply',
  ast: 'AST02',
  item: '2.5',
  about: 'Packages are taken from another place than the public registry (.npmrc, pip.conf, --index-url).',
  severity: 'high',
  because:
    'Whoever runs that registry decides what every package name means; beside the public one, the higher version wins.',
  remediation:
    'Take packages from the public registry, or name the registry in SKILL.md and pin every package by hash.',
  *find({ supply, views }) {
    for (const each of otherRegistries(views))
      yield at(
        each,
        isPrivateScope(each.evidence, each.url, views) ? 'medium' : 'high',
        `${each.ecosystem} packages are taken from ${each.url}.`,
      )
    for (const each of firsts(
      supply.registries,
      ({ file, url, isUnverified }) => `${file}\0${url}\0${String(isUnverified)}`,
    )) {
      if (each.url === '' || isLoopback(each.url)) continue
      const host = hostOf(each.url.replace(/^(?:sparse|registry)\+/, ''))
      const isKnown = KNOWN_HOSTS.test(host) || KNOWN.test(host)
      const isScope = !each.isUnverified && isPrivateScope(each.evidence, each.url, views)
      const isFixed = isScope || (each.isHashed === true && !each.isUnverified && each.url.startsWith('https:'))
      const severity = isKnown ? (each.isExtra ? 'medium' : 'low') : isFixed ? 'medium' : 'high'
      const how = each.isExtra ? 'also from' : 'from'
      yield at(each, severity, `${each.ecosystem} packages are taken ${how} ${host === '' ? each.url : host}.`)
    }
  },
}
