/** The 29 attacks of the fifth set. */
import { makesOf } from '../journeys2/frame.ts'
import { RIGHTS, SIGNED, SUMMED, UPGRADED } from './attacksRights.ts'
import { ELSEWHERE, NO_EXIT, PRICED, SHOWN, WHEN } from './attacksValue.ts'

export const ATTACKS = makesOf(ELSEWHERE, RIGHTS, PRICED, NO_EXIT, WHEN, SUMMED, SIGNED, SHOWN, UPGRADED)
