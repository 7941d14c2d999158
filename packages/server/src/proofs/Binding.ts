/**
 * What a session is bound to: a public key of the client's own (`dpop`, RFC 9449), or a MAC key that was handed out
 * once (`hmac`). Kept in the session's row as JSON.
 */
export type Binding =
  | { readonly mode: 'dpop'; /** RFC 7638 SHA-256 thumbprint, base64url. */ readonly jkt: string }
  | { readonly mode: 'hmac'; /** The MAC key, sealed with `Seal`. */ readonly sealed: string }

/** Reads a row's column. */
export function parse(text: string | null): Binding | null {
  return text === null ? null : (JSON.parse(text) as Binding)
}
