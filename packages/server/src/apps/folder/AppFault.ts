import { BaseError } from '@countersign/base'

/** One thing that is wrong in an app's folder, with its place and what to write instead. */
export interface AppFault {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
  readonly help: string
}

/** `trader/app.yaml:14:7: Unknown key "spendr" in guards[0].` */
export function format({ file, line, column, message, help }: AppFault): string {
  return `${file}:${line}:${column}: ${message}${help === '' ? '' : ` ${help}`}`
}

/** An app's folder cannot be used. */
export class AppFolderError extends BaseError {
  override readonly name = 'apps.AppFolderError'
  readonly faults: readonly AppFault[]
  constructor(faults: readonly AppFault[]) {
    super(faults.map(format).join('\n'), {
      code: 'apps:config:invalid',
      kind: 'invalid',
      hint: 'See docs/reference/apps.md, and run `countersign app check` on the folder.',
    })
    this.faults = faults
  }
}
