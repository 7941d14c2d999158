/** The 40 honest journeys of the fifth set. */
import { makesOf, npmOf } from '../journeys2/frame.ts'
import { COUNTERS, KEEPINGS } from './honestLife.ts'
import { BRIDGED, CLUBS, LIBRARIES } from './honestNpm.ts'

export const HONEST = makesOf(COUNTERS, KEEPINGS, BRIDGED, CLUBS, LIBRARIES)
export const ON_NPM = npmOf(BRIDGED, CLUBS, LIBRARIES)
