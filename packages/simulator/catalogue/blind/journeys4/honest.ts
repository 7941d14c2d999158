/** The 30 honest journeys of the fourth set. */
import { makesOf, npmOf } from '../journeys2/frame.ts'
import { MONEY, THINGS } from './honestLife.ts'
import { ACCOUNTS, MARKETS, NAMES, UNISWAP } from './honestNpm.ts'

export const HONEST = makesOf(MONEY, THINGS, UNISWAP, ACCOUNTS, NAMES, MARKETS)
export const ON_NPM = npmOf(UNISWAP, ACCOUNTS, NAMES, MARKETS)
