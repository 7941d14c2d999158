import { Address } from '@countersign/base'
import { said } from '@countersign/simulator'
import type { ReportWire } from '@countersign/sdk'

type Deltas = ReadonlyMap<string, bigint>

/**
 * What became worse for the sender between the report that was shown and one made now; empty when the owner's
 * decision still stands. Other people's balances may move freely; the sender's own may not get worse: nothing more
 * may leave, at most `inflowToleranceBps` less may arrive, and no authority may differ.
 */
export function between(
  shown: ReportWire,
  now: ReportWire,
  { inflowToleranceBps }: { inflowToleranceBps: number },
): string[] {
  const found: string[] = []
  if (shown.will_revert !== now.will_revert)
    found.push(now.will_revert ? 'it would now revert' : 'it no longer reverts')

  const before = senderDeltas(shown)
  const after = senderDeltas(now)
  for (const asset of new Set([...before.keys(), ...after.keys()])) {
    const was = before.get(asset) ?? 0n
    const is = after.get(asset) ?? 0n
    if (is >= was) continue
    const isToleratedInflow = was > 0n && is * 10_000n >= was * BigInt(10_000 - inflowToleranceBps)
    if (!isToleratedInflow) found.push(`${nameOf(asset)}: ${is} instead of ${was}`)
  }

  const authorityWas = authorities(shown)
  const authorityIs = authorities(now)
  for (const grant of authorityIs) if (!authorityWas.has(grant)) found.push(`new authority: ${grant}`)
  for (const grant of authorityWas) if (!authorityIs.has(grant)) found.push(`authority no longer changes: ${grant}`)

  const codeWas = codeByAddress(shown)
  for (const [address, codeHash] of codeByAddress(now)) {
    const known = codeWas.get(address)
    if (known === undefined) found.push(`another contract is called: ${address}`)
    else if (known !== codeHash) found.push(`the code at ${address} changed`)
  }
  return found
}

/** The token's own word for itself is a stranger's, and is quoted. */
function nameOf(asset: string): string {
  const parts = asset.split('|')
  const [symbol, token] = [parts.slice(0, -2).join('|'), parts.at(-2)]
  return symbol === 'native' || symbol === token ? symbol : said(symbol)
}

function senderDeltas(report: ReportWire): Deltas {
  const deltas = new Map<string, bigint>()
  for (const change of report.token_changes) {
    if (!Address.isEqual(change.account, report.from)) continue
    const asset = `${change.symbol ?? change.token ?? 'native'}|${change.token ?? ''}|${change.token_id ?? ''}`
    deltas.set(asset, (deltas.get(asset) ?? 0n) + BigInt(change.delta))
  }
  return deltas
}

function authorities(report: ReportWire): ReadonlySet<string> {
  return new Set(
    report.authority_changes.map(
      (change) => `${change.kind} of ${change.owner} to ${change.subject} at ${change.contract}: ${change.after}`,
    ),
  )
}

function codeByAddress(report: ReportWire): ReadonlyMap<string, string> {
  return new Map(report.contract_calls.map((call) => [call.address, call.code_hash]))
}
