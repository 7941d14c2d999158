import type { DocumentFinding } from '../Document.ts'
import type { ChainClaim } from './chainClaims.ts'

/** What the chains of an app say of an address; null where none of them answers. */
export type AskChains = (
  address: string,
) => Promise<{ readonly hasCode: boolean; readonly decimals: number | null } | null>

/** Where the chain says something else than the document. */
export async function chainFindings(
  claims: readonly ChainClaim[],
  ask: AskChains,
): Promise<readonly DocumentFinding[]> {
  const findings: DocumentFinding[] = []
  for (const { address, line, isContract, decimals } of claims) {
    if (!isContract && decimals === null) continue
    const short = `${address.slice(0, 6)}…${address.slice(-4)}`
    const found = await ask(address)
    if (found === null)
      findings.push({
        rule: 'stale',
        severity: 'medium',
        line,
        because: `No chain answered about ${short}, so it was not checked.`,
      })
    else if (!found.hasCode)
      findings.push({
        rule: 'stale',
        severity: 'high',
        line,
        because: `${short} is called a contract, and has no code on the chains of the app.`,
      })
    else if (decimals !== null && found.decimals !== null && decimals !== found.decimals)
      findings.push({
        rule: 'stale',
        severity: 'high',
        line,
        because: `The token at ${short} has ${found.decimals} decimals, not ${decimals}.`,
      })
  }
  return findings
}
