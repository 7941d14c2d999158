/** The honest ones of the second set. */
import { makesOf, npmOf } from './frame.ts'
import { ACCOUNTS, SAFES } from './honestAccounts.ts'
import { LIFE, TWINS } from './honestLife.ts'
import { EXCHANGES, TOKENS } from './honestTokens.ts'

export const HONEST = makesOf(TOKENS, EXCHANGES, SAFES, ACCOUNTS, TWINS, LIFE)
export const ON_NPM = npmOf(TOKENS, EXCHANGES, SAFES, ACCOUNTS, TWINS, LIFE)
