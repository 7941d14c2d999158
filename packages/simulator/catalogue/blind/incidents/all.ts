/** All pairs of deeds, at one share or at another. */
import type { Make } from '../journeys/frame.ts'
import type { Pair, Pairs } from './frame.ts'
import { rights } from './rights.ts'
import { values } from './values.ts'

export const pairs: Pairs = (share) => ({ ...rights(share), ...values(share) })

const side = (of: keyof Pair): Readonly<Record<string, Make>> =>
  Object.fromEntries(Object.entries(pairs(400n)).map(([title, pair]) => [`${of}: ${title}`, pair[of]]))
export const ATTACKS = side('attack')
export const HONEST = side('twin')
