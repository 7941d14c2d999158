/** The 24 attacks of the fourth set. */
import { makesOf } from '../journeys2/frame.ts'
import { GIVEN, SIGNED, SUMMED, UPGRADED } from './attacksRights.ts'
import { CREDITED, KEPT_IN, PRICED, SHOWN, WHEN } from './attacksValue.ts'

export const ATTACKS = makesOf(CREDITED, GIVEN, PRICED, KEPT_IN, WHEN, SUMMED, SIGNED, SHOWN, UPGRADED)
