/** Who signed a package, as far as could be checked without a network. */
export interface Signature {
  /** `SKILL.sig` (a key) or `SKILL.sigstore.json` (a certificate of Sigstore). */
  readonly file: string
  readonly kind: 'ed25519' | 'sigstore'
  /** `verified`: the signature is of this package, by this publisher. Whether the publisher is to be trusted is not said. */
  readonly status: 'verified' | 'invalid'
  /** `ed25519:` and the key in base64url, or the certificate's name: an address of mail or of a workflow. Null when invalid. */
  readonly identity: string | null
  /** Who vouches for the name: the issuer of the identity token. Null for a key. */
  readonly issuer: string | null
  /** Why it is invalid, as a sentence; null when verified. */
  readonly because: string | null
}

/** The publisher that a lock expects. */
export interface Publisher {
  readonly kind: Signature['kind']
  readonly identity: string
  readonly issuer: string | null
}

/** Detached signatures; they sign the package and are no part of it. */
export const SIGNATURE_FILES = { ed25519: 'SKILL.sig', sigstore: 'SKILL.sigstore.json' } as const

/** Whether a verified signature is by the publisher. */
export function isBy(signature: Signature, { kind, identity, issuer }: Publisher): boolean {
  return (
    signature.status === 'verified' &&
    signature.kind === kind &&
    signature.identity === identity &&
    signature.issuer === issuer
  )
}

/** The publisher that a lock remembers: a name that others vouch for rather than a bare key. Null when nothing is verified. */
export function publisherOf(signatures: readonly Signature[]): Publisher | null {
  const verified = signatures.filter((each) => each.status === 'verified')
  const best = verified.find((each) => each.kind === 'sigstore') ?? verified[0]
  if (best === undefined || best.identity === null) return null
  return { kind: best.kind, identity: best.identity, issuer: best.issuer }
}
