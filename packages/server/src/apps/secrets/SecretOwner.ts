import type { Session } from '../../sessions/Session.ts'

/** Who set the secrets of an app that are not its users'. */
export const OPERATOR = ''

type Person = Pick<Session, 'sid' | 'owner' | 'principal' | 'signedIn'>

/**
 * Under which names a session's secrets may stand, the most lasting first: its proven wallet, the end user whom its key names,
 * its browser, and the session alone. A key is no owner: all users of an integrator share it.
 */
export function ownersOf({ sid, owner, principal, signedIn }: Person): readonly [string, ...string[]] {
  const lasting = [
    ...(signedIn === null ? [] : [walletOf(signedIn)]),
    ...(principal === null ? [] : [`user:${JSON.stringify([owner, principal])}`]),
    ...(owner.startsWith('browser:') ? [owner] : []),
  ]
  return [...lasting, `session:${sid}`] as unknown as [string, ...string[]]
}

/** A contract's account is one on its own chain only. */
function walletOf({ address, chainId, isByKey }: NonNullable<Person['signedIn']>): string {
  return isByKey ? `wallet:${address.toLowerCase()}` : `wallet:${chainId}:${address.toLowerCase()}`
}
