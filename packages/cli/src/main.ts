import { BaseError, EXIT_CODE } from '@countersign/base'
import { Command, CommanderError } from 'commander'
import { terminal, type Io } from './io.ts'

/** In the order in which help lists them. */
const COMMANDS: Readonly<Record<string, () => Promise<(io: Io) => Command>>> = {
  serve: async () => (await import('./serve.ts')).serveCommand,
  demo: async () => (await import('./demo.ts')).demoCommand,
  simulate: async () => (await import('./simulate.ts')).simulateCommand,
  recheck: async () => (await import('./recheck.ts')).recheckCommand,
  receipt: async () => (await import('./receipt.ts')).receiptCommand,
  scan: async () => (await import('./scan.ts')).scanCommand,
  keys: async () => (await import('./keys.ts')).keysCommand,
  sessions: async () => (await import('./sessions.ts')).sessionsCommand,
  checklist: async () => (await import('./checklist.ts')).checklistCommand,
  audit: async () => (await import('./audit.ts')).auditCommand,
  backup: async () => (await import('./backup.ts')).backupCommand,
}

/**
 * Runs one command line. Errors become one sentence, one hint and an exit code (house style: 2 bad input, 3 to 8 as
 * for HTTP; 1 is a bug).
 */
export async function run(argv: readonly string[], io: Io): Promise<void> {
  const program = new Command('countersign')
    .description('Makes AI agents safe to let near a wallet: propose, simulate, show, and only then the owner signs.')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd()) })
  // A command that is named is loaded alone: a scan in every commit should not wait for a simulator.
  const named = Object.keys(COMMANDS).filter((name) => name === argv[0])
  for (const name of named.length > 0 ? named : Object.keys(COMMANDS)) {
    const load = COMMANDS[name]
    if (load !== undefined) program.addCommand(inherit((await load())(io)))
  }
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

// As bin/countersign.mjs does, but without what it keeps between runs.
if (import.meta.main) await run(process.argv.slice(2), terminal())
