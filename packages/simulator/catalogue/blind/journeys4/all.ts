/**
 * The fourth set: 24 attacks and 30 honest journeys, 17 of those on contracts that npm packages publish and no earlier set
 * used, by a writer who saw no rule and no verdict. Those whose title hashes to a multiple of three are held back: they
 * count, and nobody looks at one.
 *
 * First score, before any rule was changed for it, 2026-12-01 (`score.ts --set journeys4`):
 *
 * | part | attacks found | honest blocked | honest warned |
 * |--|--|--|--|
 * | open, first | 10 of 14 | 5 of 26 | 6 of 26 |
 * | held back, first | 8 of 10 | 1 of 4 | 2 of 4 |
 * | open, after the tries of others, same day | 14 of 14 | 1 of 26 | 10 of 26 |
 * | held back, after the tries of others | 8 of 10 | 1 of 4 | 2 of 4 |
 */
export { ATTACKS } from './attacks.ts'
export { HONEST, ON_NPM } from './honest.ts'
