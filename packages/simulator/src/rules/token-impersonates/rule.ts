import type { Address } from '@countersign/base'
import { coinNames } from '../../chain/Chain.ts'
import { said } from '../../decode/safeText.ts'
import { isCanonical, lookalikesOf } from '../../names/TokenList.ts'
import { unescaped } from '../../names/HostileText.ts'
import type { Finding } from '../../model/Finding.ts'
import { finding, nameOf, tokenOfGrant, type Rule, type RuleContext } from '../Rule.ts'

/**
 * A contract calls itself what a token is called that people know, and is not that token (catalogue E05). Compared by
 * what the names look like, with the caller's own tokens and the lists that are shipped (`names/data`).
 */
export const rule: Rule = {
  name: 'token-impersonates',
  remediation: 'Use the token at the address that you know.',
  about: 'A token bears the name of one that people know, or of the chain’s own coin, at another address.',
  // Whoever parts with an impostor loses nothing by it.
  levels: 'block: you would receive it; else a note',
  check: (context) =>
    [...tokensOf(context)].flatMap(([token, { symbol, level, what }]) =>
      checkToken(context, token, symbol, level, what),
    ),
}

interface Use {
  readonly symbol: string
  readonly level: Finding['level']
  readonly what: string
}

const RANK = { block: 0, warn: 1, info: 2 } as const

/** Each token that names itself, with the gravest thing that happens with it. */
function tokensOf({ request, tokenChanges, authorityChanges }: RuleContext): ReadonlyMap<Address.Address, Use> {
  const uses = new Map<Address.Address, Use>()
  const note = (token: Address.Address, use: Use): void => {
    const before = uses.get(token)
    if (before === undefined || RANK[use.level] < RANK[before.level]) uses.set(token, use)
  }
  for (const { token, symbol, account, delta } of tokenChanges) {
    if (token === null || symbol === null) continue
    if (account !== request.from) note(token, { symbol, level: 'info', what: 'Somebody else would receive it.' })
    else if (delta > 0n) note(token, { symbol, level: 'block', what: 'You would receive it and not the one you know.' })
    else note(token, { symbol, level: 'info', what: 'You would give it.' })
  }
  for (const change of authorityChanges) {
    const token = tokenOfGrant(change)
    if (token !== null && change.symbol !== null && change.after > change.before)
      note(token, { symbol: change.symbol, level: 'info', what: 'You would grant power over it.' })
  }
  return uses
}

function checkToken(
  context: RuleContext,
  token: Address.Address,
  symbol: string,
  level: Finding['level'],
  what: string,
): Finding[] {
  const { chainId, known } = context.request
  if (context.known(token) !== undefined || isCanonical(chainId, token)) return []
  const { tokens, coin } = lookalikesOf(unescaped(symbol), { chainId, known, coins: coinNames(context.chain) })
  const [first] = tokens
  if (first === undefined && coin === null) return []
  const title = first === undefined ? 'Not the chain’s own coin' : `Not the token it is named after`
  const because =
    first === undefined
      ? `${token} is a token that calls itself ${said(symbol)}; the chain's own coin has no contract. ${what}`
      : `${token} calls itself ${said(symbol)}, but that is ${nameOf(context, first.address)}${context.known(first.address) === undefined ? ` (${first.name})` : ''}. ${what}`
  return [
    finding('token-impersonates', level, title, because, {
      subject: token,
      evidence: { symbol, canonical: tokens.map(({ address }) => address), coin },
    }),
  ]
}
