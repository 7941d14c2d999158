/**
 * The fifth set: 29 attacks and 40 honest journeys, 23 of those on contracts that npm packages publish and no earlier set
 * used, by a writer who saw no rule and no verdict. Those whose title hashes to a multiple of three are held back: they
 * count, and nobody looks at one.
 *
 * First score, before any rule was changed for it, 2026-12-01 (`score.ts --set journeys5`):
 *
 * | part | attacks found | honest blocked | honest warned |
 * |--|--|--|--|
 * | open, first | 19 of 22 | 9 of 24 | 3 of 24 |
 * | held back, first | 5 of 7 | 1 of 16 | 6 of 16 |
 * | open, after | 21 of 22 | 8 of 24 | 5 of 24 |
 * | held back, after | 5 of 7 | 1 of 16 | 6 of 16 |
 *
 * Between the two: short runs are charged by the processor (`w02`), who is named in a record that the user sets up is said
 * (`u05`), and so is who gets a right where the owner is a constant of the code or the key is packed (`u21`, and its honest twin
 * `v14`, which is warned of). `v05` stays blocked: `unsellable` takes its cellar for a token that cannot be sent. The same mistake
 * finds `u13`, `u17` and `u19`, which no other rule finds, so it is left until one does.
 *
 * Contracts of others in `npm.json` keep the licences of their packages, which `compile.ts` names; they are tested against, and
 * nothing of them is shipped.
 */
export { ATTACKS } from './attacks.ts'
export { HONEST, ON_NPM } from './honest.ts'
