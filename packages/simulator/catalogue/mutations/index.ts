/** Variants of the catalogue's scenes, made by a program, for the bench that counts and the test that samples. */
export { measure, type Measured } from './measure.ts'
export { MUTATIONS, type Mutation } from './kinds.ts'
export type { Outcome } from './measureMutants.ts'
