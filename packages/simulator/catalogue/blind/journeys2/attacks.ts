/** The attacks of the second set. */
import { MINED, PRICES } from './attacksMined.ts'
import { RIGHTS, TAKEOVERS } from './attacksRights.ts'
import { BATCHES, SIGNED } from './attacksSigned.ts'
import { LOOKALIKES, VALUE } from './attacksValue.ts'
import { makesOf } from './frame.ts'

export const ATTACKS = makesOf(VALUE, RIGHTS, MINED, PRICES, SIGNED, BATCHES, LOOKALIKES, TAKEOVERS)
