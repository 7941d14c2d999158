/** What a document says of an address that the chain can answer. */
export interface ChainClaim {
  readonly address: string
  readonly line: number
  /** Called a contract, a token or the like: then there must be code. */
  readonly isContract: boolean
  readonly decimals: number | null
}

const CONTRACT =
  /\b(?:contract|token|router|pool|vault|proxy|factory|implementation|bridge|oracle|erc-?20|erc-?721|deployed)\b/i
const MAX = 50

/** Every address of a text, with what the words around it say. */
export function chainClaimsIn(
  lines: readonly { readonly text: string; readonly line: number }[],
): readonly ChainClaim[] {
  const claims: ChainClaim[] = []
  for (const { text, line } of lines)
    for (const { 0: address } of text.matchAll(/0x[0-9a-fA-F]{40}(?![0-9a-fA-F])/g)) {
      const decimals = /\b(\d{1,2}) decimals\b/i.exec(text)?.[1]
      if (claims.length < MAX)
        claims.push({
          address,
          line,
          isContract: CONTRACT.test(text),
          decimals: decimals === undefined ? null : Number(decimals),
        })
    }
  return claims
}
