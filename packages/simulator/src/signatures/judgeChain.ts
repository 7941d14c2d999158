import type { Finding } from '../model/Finding.ts'
import { word, type SignatureContext } from './SignatureRequest.ts'
import type { SignatureKind } from '../model/Document.ts'
import type { TypedDocument } from './TypedDocument.ts'
import { finding } from './wording.ts'

/** Whether the document is for the chain it is signed on, and whether its domain is said in full. */
export function judgeChain(document: TypedDocument, at: SignatureContext, kind: SignatureKind): Finding[] {
  // Tokens of Polygon's bridge put the chain into the salt (UChildERC20, EIP712Base.sol).
  const isSalted = document.domain.salt === word(BigInt(at.chainId))
  const chainId = document.domain.chainId ?? (isSalted ? BigInt(at.chainId) : undefined)
  const findings: Finding[] = []
  if (chainId !== undefined && chainId !== BigInt(at.chainId)) {
    findings.push(
      finding(
        'signature-wrong-chain',
        'block',
        'For another chain',
        `The document is for chain ${chainId}, but you are on ${at.chainId}: what it does there is not checked.`,
        null,
        { chain_id: chainId.toString(), expected: at.chainId },
      ),
    )
  }
  // A Safe older than 1.3.0 says so itself.
  if (chainId === undefined && kind !== 'safe-tx') {
    findings.push(
      finding(
        'signature-no-chain',
        kind === 'unknown' ? 'warn' : 'block',
        'Good on every chain',
        'The domain names no chain: the same signature can be used on every chain where the contract accepts it.',
      ),
    )
  }
  if (!document.isDomainTyped) {
    findings.push(
      finding(
        'signature-domain-implied',
        'info',
        'The domain type is left out',
        'The document has no EIP712Domain; it is taken to have the fields that the domain has. Wallets that want it said may hash something else, which nothing accepts.',
      ),
    )
  }
  return findings
}
