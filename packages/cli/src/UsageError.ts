import { BaseError } from '@countersign/base'

/** The command line cannot be used as it stands; exit code 2. */
export class UsageError extends BaseError {
  override readonly name = 'cli.UsageError'
  constructor(message: string, hint: string) {
    super(message, { code: 'cli:usage:unreadable', kind: 'invalid', hint })
  }
}
