import type { AnyProposal } from '@countersign/sdk'

/**
 * The document that the wallet signs in place of the typed values, as text for `eth_signTypedData_v4`. Null where the
 * proposal takes no signature, and for every document that is not the step-up of this very proposal: a wallet is handed
 * nothing else from here.
 */
export function stepUpDocument({ id, digest, step_up }: Pick<AnyProposal, 'id' | 'digest' | 'step_up'>): string | null {
  const document = step_up?.typed_data as
    { primaryType?: unknown; domain?: Record<string, unknown>; message?: Record<string, unknown> } | undefined
  if (document === undefined || digest === null || step_up?.methods.includes('wallet') !== true) return null
  const { primaryType, domain, message } = document
  const isOurs =
    primaryType === 'StepUp' && domain?.['name'] === 'Countersign' && domain['verifyingContract'] === undefined
  const isThis = message?.['proposal'] === id && message['digest'] === digest.replace(/^sha256:/, '0x')
  return isOurs && isThis ? JSON.stringify(document) : null
}
