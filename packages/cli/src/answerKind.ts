import { HTTP_STATUS, type ErrorKind } from '@countersign/base'

/**
 * What the status of a server's answer means to whoever ran a command: every command that asks a server ends with the
 * same exit code for the same refusal.
 *
 * @param status - Of HTTP; 0 where there was no answer.
 * @param isReadable - False where the body was not what a server of ours answers: a page of a proxy, for one.
 */
export function answerKind(status: number, isReadable = true): ErrorKind {
  if (!isReadable) return 'upstream'
  for (const [kind, known] of Object.entries(HTTP_STATUS)) if (known === status) return kind as ErrorKind
  return status >= 400 && status < 500 ? 'invalid' : 'upstream'
}
