import type { Decision, WindowState } from './Gcra.ts'

/**
 * `RateLimit-Policy` and `RateLimit` as draft-ietf-httpapi-ratelimit-headers-11 writes them: a quota `q` for a window
 * of `w` seconds, `r` units left, all of them back in `t` seconds. Of several windows the fields list each policy,
 * and the state of the tightest one.
 */
export function of(states: readonly WindowState[]): { policy: string; state: string } | null {
  let tightest: WindowState | undefined
  let policy = ''
  for (const each of states) {
    policy += `${policy === '' ? '' : ', '}"${each.name}";q=${each.limit};w=${Math.ceil(each.windowMs / 1000)}`
    if (tightest === undefined || each.remaining / each.limit < tightest.remaining / tightest.limit) tightest = each
  }
  if (tightest === undefined) return null
  return {
    policy,
    state: `"${tightest.name}";r=${tightest.remaining};t=${Math.ceil(tightest.resetMs / 1000)}`,
  }
}

/** `Retry-After` in whole seconds, at least one. */
export function retryAfter(decision: Decision): string {
  return String(Math.max(1, Math.ceil(decision.retryAfterMs / 1000)))
}
