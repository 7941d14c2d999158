/** What a proof is made for. */
export interface ProofInput {
  readonly method: string
  /** The whole URL, with its query. */
  readonly url: string
  /** As sent; empty when there is none. */
  readonly body: string
  readonly sessionId: string
  /** The API key or session token that is sent along; null without one. */
  readonly credential: string | null
  /** The server's newest nonce; null while it gave none. */
  readonly nonce: string | null
}

/** Makes the headers that prove, for one request, to hold what a session is bound to. */
export interface Prover {
  prove(input: ProofInput): Promise<Record<string, string>>
}

/**
 * A prover by DPoP (RFC 9449) with a P-256 key of its own (ES256). The private key is made here, cannot be exported,
 * and lives as long as this object: keep it in memory, or a `CryptoKeyPair` in IndexedDB and hand it in.
 */
export async function createDpopProver(keys?: CryptoKeyPair): Promise<Prover & { readonly keys: CryptoKeyPair }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const pair = keys ?? (await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']))
  const { crv, kty, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey)
  const header = base64url(utf8(JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } })))
  return {
    keys: pair,
    async prove({ method, url, credential, nonce }) {
      const claims = {
        jti: crypto.randomUUID(),
        htm: method,
        htu: url.split(/[?#]/)[0],
        iat: Math.floor(Date.now() / 1000),
        ...(credential === null ? {} : { ath: await sha256(credential) }),
        ...(nonce === null ? {} : { nonce }),
      }
      const text = `${header}.${base64url(utf8(JSON.stringify(claims)))}`
      const mark = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, utf8(text))
      return { DPoP: `${text}.${base64url(new Uint8Array(mark))}` }
    },
  }
}

/** A prover by the MAC key of `POST /api/sessions {"proof": "hmac"}` (32 bytes, base64url). */
export async function createMacProver(macKey: string): Promise<Prover> {
  const key = await crypto.subtle.importKey(
    'raw',
    Uint8Array.from(atob(macKey.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0)),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  )
  return {
    async prove({ method, url, body, sessionId, credential }) {
      const { pathname, search } = new URL(url)
      const atMs = Date.now()
      const nonce = base64url(crypto.getRandomValues(new Uint8Array(16)))
      const text = [
        'countersign-mac-1',
        method,
        pathname + search,
        sessionId,
        await sha256(body),
        credential === null ? '' : await sha256(credential),
        String(atMs),
        nonce,
      ].join('\n')
      const mark = await crypto.subtle.sign('HMAC', key, utf8(text))
      return { 'X-Session-Mac': `t=${atMs}, n=${nonce}, s=${base64url(new Uint8Array(mark))}` }
    },
  }
}

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

async function sha256(text: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text))))
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
