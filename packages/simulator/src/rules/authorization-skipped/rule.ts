import type { SignedAuthorization } from '../../model/Call.ts'
import { Address } from '@countersign/base'
import { finding, type Rule, type RuleContext } from '../Rule.ts'

/** An EIP-7702 authorization that the chain passes over in silence: the account will not run the code. */
export const rule: Rule = {
  name: 'authorization-skipped',
  remediation: 'Sign the authorization again with the chain, the account and the nonce that apply.',
  about:
    'An EIP-7702 authorization will not apply (signature, chain, nonce, or an account with code of its own). The chain skips it in silence.',
  levels: 'warn',
  check(context) {
    const applied = new Map<string, bigint>()
    return context.request.calls.flatMap(({ authorizationList = [] }, i) =>
      authorizationList.flatMap((authorization, k) => {
        const why = whySkipped(context, authorization, { step: i + 1, applied })
        if (why === null) return []
        return [
          finding(
            'authorization-skipped',
            'warn',
            'An authorization does not apply',
            `The chain would skip authorization ${k + 1} of step ${i + 1} for the code at ${authorization.address}: ${why}. The account would not run that code.`,
            { step: i + 1, subject: authorization.address },
          ),
        ]
      }),
    )
  },
}

/** The steps of EIP-7702, "Behavior", in their order; null when it applies. */
function whySkipped(
  { request, account, authorityOf }: RuleContext,
  authorization: SignedAuthorization,
  { step, applied }: { step: number; applied: Map<string, bigint> },
): string | null {
  const { chainId, nonce, r, s } = authorization
  if (chainId !== 0n && chainId !== BigInt(request.chainId))
    return `it is for chain ${chainId}, and this is chain ${request.chainId}`
  if (r === 0n || s === 0n) return 'its signature is empty'
  const signer = authorityOf(authorization)
  if (signer === null) return 'its signature is not valid'
  const authority = Address.parse(signer)
  const found = account(authority)
  if (found === undefined) return null
  // A sender has used a nonce for each step up to this one before its authorizations are looked at.
  const sent = Address.isEqual(authority, request.from) ? BigInt(step) : 0n
  const expected = found.nonce + sent + (applied.get(signer) ?? 0n)
  if (nonce !== expected) return `it is signed by ${authority} for nonce ${nonce}, and the nonce is ${expected} then`
  applied.set(signer, (applied.get(signer) ?? 0n) + 1n)
  return null
}
