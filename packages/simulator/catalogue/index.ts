/** The attack catalogue and its benign look-alikes, as data: for the tests, and for the bench that counts. */
import { accountCode } from './attacks/accountCode.ts'
import { authority } from './attacks/authority.ts'
import { environment } from './attacks/environment.ts'
import { recipients } from './attacks/recipients.ts'
import { toctou } from './attacks/toctou.ts'
import { tokens } from './attacks/tokens.ts'
import type { Attack } from './Catalogue.ts'

export { ELSEWHERE, OPEN } from './attacks/elsewhere.ts'
export { BENIGN } from './benign.ts'
export * from './Catalogue.ts'
export { openWorld } from './openWorld.ts'
export type { Played, Scene, World } from './World.ts'

export const ATTACKS: readonly Attack[] = [
  ...environment,
  ...toctou,
  ...authority,
  ...accountCode,
  ...tokens,
  ...recipients,
]
