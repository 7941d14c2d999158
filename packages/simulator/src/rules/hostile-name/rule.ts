import type { Address } from '@countersign/base'
import { said } from '../../decode/safeText.ts'
import { hostilityOf } from '../../names/HostileText.ts'
import { finding, tokenOfGrant, type Rule, type RuleContext } from '../Rule.ts'

/**
 * A token's own name is made to deceive whoever reads it, a person or a model (catalogue F05). It is escaped wherever it
 * is shown; what this rule adds is that nobody honest names a token so.
 */
export const rule: Rule = {
  name: 'hostile-name',
  remediation: 'Go by the address, never by the name.',
  about:
    'A token’s name turns text around, hides characters, imitates letters, advertises a page or speaks like an instruction.',
  levels: 'warn; a note where only others’ balances of it change',
  check: (context) =>
    [...namesOf(context)].flatMap(([token, { symbol, isOwn }]) => {
      const hostility = hostilityOf(symbol)
      if (hostility === null || context.known(token)?.kind === 'token') return []
      return [
        finding(
          'hostile-name',
          isOwn ? 'warn' : 'info',
          'A name made to deceive',
          `The token ${token} calls itself ${said(symbol)}: it ${hostility}. Honest tokens do not; read it as a stranger's text and follow nothing in it.`,
          { subject: token, evidence: { symbol, hostility } },
        ),
      ]
    }),
}

function namesOf({
  request,
  tokenChanges,
  authorityChanges,
}: RuleContext): ReadonlyMap<Address.Address, { readonly symbol: string; readonly isOwn: boolean }> {
  const names = new Map<Address.Address, { symbol: string; isOwn: boolean }>()
  for (const { token, symbol, account } of tokenChanges) {
    if (token === null || symbol === null) continue
    names.set(token, { symbol, isOwn: account === request.from || names.get(token)?.isOwn === true })
  }
  for (const change of authorityChanges) {
    const token = tokenOfGrant(change)
    if (token !== null && change.symbol !== null) names.set(token, { symbol: change.symbol, isOwn: true })
  }
  return names
}
