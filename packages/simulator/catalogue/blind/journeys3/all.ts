/**
 * The third set: 8 attacks and 16 honest journeys, one for each kind of house that people use, written from those kinds in words
 * before a rule was read. Those whose title hashes to a multiple of three are held back: they count, and nobody looks at one.
 *
 * First score, before any rule was changed for it, 2026-12-01 (`score.ts --set journeys3`), and the score after the changes:
 *
 * | part | attacks found | honest blocked | honest warned |
 * |--|--|--|--|
 * | open, first | 4 of 6 | 1 of 10 | 4 of 10 |
 * | held back, first | 2 of 2 | 4 of 6 | 0 of 6 |
 * | open, after | 6 of 6 | 0 of 10 | 5 of 10 |
 * | held back, after | 2 of 2 | 1 of 6 | 3 of 6 |
 */
export { ATTACKS } from './attacks.ts'
export { HONEST } from './honest.ts'
