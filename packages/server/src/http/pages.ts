import { assert } from '@countersign/base'
import type { FastifyReply } from 'fastify'
import { HttpError } from './errors.ts'

type Headers = Readonly<Record<string, string>>

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

/** A page may run its own scripts, talk to its own origin, and nothing else. */
export const PAGE_HEADERS: Headers = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
}

/** The policy of a page that needs one clause to say more. */
export function policyWith(clause: string, wider: string): Headers {
  assert(POLICY.includes(clause), 'the policy has the clause that a page widens')
  return { 'content-security-policy': POLICY.replace(clause, wider) }
}

/**
 * The headers of the page that people sign on. Where wallets stand in frames, it may show frames of its own origin; what such a
 * frame may do is said by the frame's own policy.
 */
export function signingHeaders(hasWallets: boolean): Headers {
  return hasWallets
    ? { ...PAGE_HEADERS, ...policyWith("object-src 'none'", "object-src 'none'; frame-src 'self'") }
    : PAGE_HEADERS
}

/**
 * Answers with a page of ours, under the headers of all pages and those that it says of itself.
 *
 * @throws {HttpError} 404 `http:page:absent` where the server was started without its pages.
 */
export type SendPage = (reply: FastifyReply, file: string, own?: Headers) => FastifyReply

export function createSendPage(webRoot: string | null, { hasWallets = false } = {}): SendPage {
  return (reply, file, own = {}) => {
    if (webRoot === null)
      throw new HttpError(404, 'http:page:absent', 'This server has no page.', 'Start it with its page.')
    const common = file === 'index.html' ? signingHeaders(hasWallets) : PAGE_HEADERS
    return reply.headers({ ...common, 'cache-control': 'no-cache', ...own }).sendFile(file)
  }
}
