import type { Report } from '../model/Report.ts'
import { spell } from '../wire/spell.ts'
import { type Digest, Digest as DigestNoun } from '@countersign/base'

/**
 * A digest of what the owner is shown: who gains and loses what, which authority changes, what is called, and
 * whether it fails. Gas, block and wording are not part of it.
 */
export function effectsDigest(report: Report): Digest.Digest {
  return DigestNoun.ofJson(
    spell({
      willRevert: report.willRevert,
      tokenChanges: report.tokenChanges.map(({ account, token, tokenId, delta }) => ({
        account,
        token,
        tokenId,
        delta,
      })),
      authorityChanges: report.authorityChanges.map(({ owner, kind, contract, subject, before, after }) => ({
        owner,
        kind,
        contract,
        subject,
        before,
        after,
      })),
      ...(report.keptForYou.length === 0
        ? {}
        : {
            keptForYou: report.keptForYou.map(({ contract, slot, before, after }) => ({
              contract,
              slot,
              before,
              after,
            })),
          }),
      contractCalls: [...new Set(report.contractCalls.map((call) => `${call.address}|${call.codeHash}`))].sort(),
    }),
  )
}
