import { BaseError, EXIT_CODE } from '@countersign/base'
import { Command, CommanderError } from 'commander'
import { demoCommand } from './demo.ts'
import { terminal, type Io } from './io.ts'
import { keysCommand } from './keys.ts'
import { receiptCommand } from './receipt.ts'
import { recheckCommand } from './recheck.ts'
import { scanCommand } from './scan.ts'
import { serveCommand } from './serve.ts'
import { simulateCommand } from './simulate.ts'

/**
 * Runs one command line. Errors become one sentence, one hint and an exit code (house style: 2 bad input, 3 to 8 as
 * for HTTP; 1 is a bug).
 */
export async function run(argv: readonly string[], io: Io): Promise<void> {
  const program = new Command('countersign')
    .description('Makes AI agents safe to let near a wallet: propose, simulate, show, and only then the owner signs.')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd()) })
  const commands = [
    serveCommand,
    demoCommand,
    simulateCommand,
    recheckCommand,
    receiptCommand,
    scanCommand,
    keysCommand,
  ]
  for (const command of commands) program.addCommand(inherit(command(io)))
  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    io.exit(explain(error, io))
  }
}

/** Subcommands report usage errors as the program does. */
function inherit(command: Command): Command {
  command.exitOverride()
  for (const child of command.commands) inherit(child)
  return command
}

function explain(error: unknown, io: Io): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CODE.invalid
  if (error instanceof BaseError) {
    io.err(`${error.message} ${error.hint}`)
    return EXIT_CODE[error.kind]
  }
  io.err(`A bug in Countersign: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  return 1
}

if (import.meta.main) await run(process.argv.slice(2), terminal())
