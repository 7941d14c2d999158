/** Why an authority does not hold any more. */
export type LostWhy = 'session' | 'key' | 'scope' | 'network' | 'token' | 'browser' | 'owner' | 'wallet'

/** What a person is told whose turn was cut. */
export const LOST_WORDS: Readonly<Record<LostWhy, string>> = {
  session: 'The session ended.',
  key: 'The API key of this turn was revoked, expired or quarantined.',
  scope: 'The API key of this turn may not chat any more.',
  network: 'The API key of this turn may not be used from that address any more.',
  token: 'Another page has the session now, or its token expired.',
  browser: 'This browser was forgotten.',
  owner: 'The session changed hands.',
  wallet: 'Another wallet signed in.',
}
