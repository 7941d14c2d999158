import { BaseError } from '@countersign/base'

/** The server cannot start as it was told to. */
export class StartError extends BaseError {
  override readonly name = 'server.StartError'
  constructor(message: string, code: string, hint: string) {
    super(message, { code, kind: 'invalid', hint })
  }
}
