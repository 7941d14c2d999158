export { ATTACKS } from './attacks.ts'
export { HONEST } from './honest.ts'
