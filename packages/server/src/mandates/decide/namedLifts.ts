/**
 * Warnings whose subject an owner may name in a rule (`recipients`, `spenders`, `arguments`): then they do not ask. They say that
 * nobody vouches for an address, or what it could take, and the rule answers both.
 */
export const NAMED_LIFTS: ReadonlySet<string> = new Set(['recipient-unverified', 'spender-unknown', 'takeable'])
