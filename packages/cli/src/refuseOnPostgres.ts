import { isPostgres } from '@countersign/server'
import { UsageError } from './UsageError.ts'

/** For what works on the files of a data directory: with `DATABASE_URL` it would look at the wrong place. */
export function refuseOnPostgres(env: NodeJS.ProcessEnv, hint: string): void {
  if (isPostgres(env)) throw new UsageError('This command works on a data directory, and DATABASE_URL is set.', hint)
}
