/** Must fail `no-cycle`, with the file that it imports. */
import { second } from './no-cycle-other.ts'

export const first = (): string => second()
