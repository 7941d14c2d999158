import { createHash, createHmac } from 'node:crypto'

/**
 * The cookie of our own pages. The `__Host-` prefix makes browsers insist on Secure, Path=/ and no Domain, so that no
 * other host, and no page without TLS, can set or read it. Browsers take `http://127.0.0.1` and `http://localhost`
 * for secure (Chromium and Firefox; Safari does not, see docs/reference/browser-credentials.md).
 */
export const COOKIE = '__Host-countersign'

/** How long a browser is known without use, in milliseconds. Its sessions have lifetimes of their own. */
export const BROWSER_IDLE_MS = 7 * 24 * 3_600_000
/** How long a browser is remembered that has no session, in milliseconds: anybody can make such visits. */
export const BROWSER_EMPTY_MS = 24 * 3_600_000
/** How long at most. */
export const BROWSER_ABSOLUTE_MS = 30 * 24 * 3_600_000
/** How long a one-time code may take from the integrator's server to the page. */
export const CODE_MS = 60_000
/** How long a session token lives. The integrator's server renews it with a new code. */
export const TOKEN_MS = 15 * 60_000

/** How random credentials are kept: SHA-256 is right for 256 random bits. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The cookie's value in a `Cookie` header; null when it is absent, given twice or not ours. */
export function cookieIn(header: string | undefined, name = COOKIE): string | null {
  const values = (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${name}=`))
  const [only] = values
  if (values.length !== 1 || only === undefined) return null
  const value = only.slice(name.length + 1)
  return /^[A-Za-z0-9_-]{43}$/.test(value) ? value : null
}

/** The `Set-Cookie` header; an empty value takes the cookie away. */
export function setCookie(value: string, { name = COOKIE, maxAgeMs = BROWSER_ABSOLUTE_MS } = {}): string {
  const maxAgeS = value === '' ? 0 : Math.floor(maxAgeMs / 1_000)
  return `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=${maxAgeS}`
}

/** Whether a bearer credential has the form of a session token. */
export function isToken(text: string): boolean {
  return /^st-[A-Za-z0-9_-]{43}$/.test(text)
}

/**
 * The publishable id of an app, `pk-{app}-{16 hex}`: it names the app in a page's source and opens nothing by itself.
 * Computed, not stored: the digits say that this server made it.
 */
export function publishableId(app: string, secret: Uint8Array): string {
  return `pk-${app}-${createHmac('sha256', secret).update(`publishable:${app}`).digest('hex').slice(0, 16)}`
}

/** The app a publishable id names; null when this server did not make it. */
export function appOfPublishable(text: string, secret: Uint8Array): string | null {
  const match = /^pk-([a-z0-9-]{1,40})-[0-9a-f]{16}$/.exec(text)
  const app = match?.[1]
  return app !== undefined && publishableId(app, secret) === text ? app : null
}
