/**
 * The fifth set: 29 attacks and 40 honest journeys, 23 of those on contracts that npm packages publish and no earlier set
 * used, by a writer who saw no rule and no verdict. Those whose title hashes to a multiple of three are held back: they
 * count, and nobody looks at one.
 */
export { ATTACKS } from './attacks.ts'
export { HONEST, ON_NPM } from './honest.ts'
