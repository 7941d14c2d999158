import { BaseError } from '@countersign/base'

/** A tool cannot do what it was asked; the sentence is for the user. */
export class ToolError extends BaseError {
  override readonly name = 'tools.ToolError'
  /** What a contract said, where it did. */
  readonly said: string | null
  constructor(message: string, code: string, hint: string, said: string | null = null) {
    super(message, { code, kind: 'invalid', hint })
    this.said = said
  }
}
