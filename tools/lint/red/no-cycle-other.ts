import { first } from './no-cycle.ts'

export const second = (): string => first()
