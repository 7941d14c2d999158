import type { Io } from './io.ts'
import * as PlainOptions from './PlainOptions.ts'

/**
 * `simulate` on a running server, by a client of its own: without the reader of command lines, which takes longer to load
 * than the server to answer. Policies and hooks start it for every signature.
 *
 * @returns Whether it was done here; if not, nothing happened, and the whole command must.
 */
export async function runClient(argv: readonly string[], io: Io): Promise<boolean> {
  const [command, ...rest] = argv
  if (command !== 'simulate') return false
  const options = PlainOptions.parse(rest)
  const server = options?.server ?? io.env['COUNTERSIGN_SERVER'] ?? ''
  if (options === null || server === '') return false
  try {
    const { simulateOnServer } = await import('./simulateOnServer.ts')
    io.exit(await simulateOnServer(io, server, options))
  } catch (error) {
    const { explainError } = await import('./explainError.ts')
    io.exit(explainError(error, io, options.json === true))
  }
  return true
}
