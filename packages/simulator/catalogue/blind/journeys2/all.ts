/**
 * The second set, whole: 51 attacks and 54 honest look-alikes, 33 of those on contracts that npm packages publish, by a
 * writer who saw no rule. Every third case, counted over attacks and then honest ones, is held back: it counts, and nobody
 * looks at it alone.
 *
 * First score, before any rule was changed for it, 2026-11-30, on a machine with a load of 30:
 *
 * | part | attacks found | honest blocked | honest warned |
 * |--|--|--|--|
 * | open | 30 of 34 (88.2 %, 95 %: 73.4 to 95.3) | 11 of 35 (31.4 %, 18.6 to 48.0) | 7 of 35 (20.0 %, 10.0 to 35.9) |
 * | held back | 16 of 17 (94.1 %, 73.0 to 99.0) | 7 of 18 (38.9 %, 20.3 to 61.4) | 3 of 18 (16.7 %, 5.8 to 39.2) |
 * | all | 46 of 51 (90.2 %, 79.0 to 95.7) | 18 of 53 (34.0 %, 22.7 to 47.4) | 10 of 53 (18.9 %, 10.6 to 31.4) |
 *
 * One honest case (n29) was not proven in that run and is not in it; it was blocked. Of the open ones that were blocked, two
 * (m14, m16) were cut by a time limit on the busy machine: the same rules allow or warn when they are asked again.
 *
 * After the first changes, on the same busy machine: open 31 of 33 attacks and 11 of 36 honest blocked (one, m20, by a time
 * limit); held back 16 of 17 and 4 of 18. Three of the seven that were held back and blocked at first were not blocked again.
 *
 * After the changes of 2026-12-01, for kinds of reasons seen in the open parts of this set and of the third one: open 33 of 34
 * attacks (32 before) and 1 of 36 honest blocked (10 before), 17 warned of (8); held back 16 of 17 (16) and 3 of 18 (4), 7 warned of (6).
 */
export { ATTACKS } from './attacks.ts'
export { HONEST, ON_NPM } from './honest.ts'
