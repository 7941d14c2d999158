import { EXIT_CODE } from '@countersign/base'
import { Command } from 'commander'
import { explainError } from './explainError.ts'
import { terminal, type Io } from './io.ts'
import { UsageError } from './UsageError.ts'
import { version } from './version.ts'

/** A command: what help says of it, and where the rest is. Only the command that is named is loaded. */
interface Entry {
  readonly about: string
  readonly load: () => Promise<(io: Io) => Command>
}

/** In the order in which help lists them. */
const COMMANDS: Readonly<Record<string, Entry>> = {
  serve: {
    about: 'start the server: page, API and, without an RPC URL, a local chain',
    load: async () => (await import('./serve.ts')).serveCommand,
  },
  demo: {
    about:
      'walk through the whole journey in the terminal: a swap that settles, one that would fail, one that is blocked',
    load: async () => (await import('./demo.ts')).demoCommand,
  },
  simulate: {
    about: 'simulate transactions on a fork of a live chain and say what they would do',
    load: async () => (await import('./simulate.ts')).simulateCommand,
  },
  guard: {
    about: 'the contract that enforces outcomes on chain: how to deploy it',
    load: async () => (await import('./guard.ts')).guardCommand,
  },
  explain: {
    about: 'explain guard calls, alone or in the batch that holds them, from their bytes',
    load: async () => (await import('./explain.ts')).explainCommand,
  },
  recheck: {
    about: 'check a receipt against the chain as it is now: re-read what was read, simulate again only if needed',
    load: async () => (await import('./recheck.ts')).recheckCommand,
  },
  receipt: {
    about: 'keys that sign receipts, and whether a receipt is genuine',
    load: async () => (await import('./receipt.ts')).receiptCommand,
  },
  chain: {
    about: 'what is known of a chain, and whether the chain itself agrees',
    load: async () => (await import('./chain.ts')).chainCommand,
  },
  scan: {
    about: 'scan agent skills: four analysers, one gate; nothing is executed, nothing is sent',
    load: async () => (await import('./scan.ts')).scanCommand,
  },
  app: {
    about: 'make, check and push the folder of an app',
    load: async () => (await import('./app.ts')).appCommand,
  },
  documents: {
    about: 'review, release and reject the documents of an app; each release names the content that was reviewed',
    load: async () => (await import('./documents.ts')).documentsCommand,
  },
  keys: {
    about: 'issue, list, change, rotate and revoke API keys',
    load: async () => (await import('./keys.ts')).keysCommand,
  },
  secrets: {
    about: 'set, list and delete the secrets of an app; values are kept encrypted and never printed',
    load: async () => (await import('./secrets.ts')).secretsCommand,
  },
  operator: {
    about: 'make the sign-in link of an operator for the dashboard, list operators and revoke them',
    load: async () => (await import('./operator.ts')).operatorCommand,
  },
  mandates: {
    about: 'what owners allowed in advance: list, show, grant, narrow, try on history, freeze, end, export',
    load: async () => (await import('./mandates.ts')).mandatesCommand,
  },
  freeze: {
    about: 'stop everything that runs on its own for a wallet or an app, now',
    load: async () => (await import('./mandates.ts')).freezeCommand,
  },
  approvals: {
    about: 'list who may spend the tokens of an account, and propose to take approvals back',
    load: async () => (await import('./approvals.ts')).approvalsCommand,
  },
  sessions: {
    about: 'list the open sessions, by handle, and end any of them',
    load: async () => (await import('./sessions.ts')).sessionsCommand,
  },
  checklist: {
    about: 'look through apps, settings, keys and files: exit code 0 for pass, 10 for warnings, 11 for failures',
    load: async () => (await import('./checklist.ts')).checklistCommand,
  },
  doctor: {
    about: 'the production checklist with evidence: settings, keys, store, audit record, providers, clock and engine',
    load: async () => (await import('./doctor.ts')).doctorCommand,
  },
  mcp: {
    about: 'serve the tools of Countersign to an MCP client over standard input and output',
    load: async () => (await import('./mcp.ts')).mcpCommand,
  },
  rpc: {
    about: 'give a program that takes only an RPC URL one on this machine, which adds the key',
    load: async () => (await import('./rpc.ts')).rpcCommand,
  },
  audit: {
    about: 'export, sign and verify the hash-chained record of each app',
    load: async () => (await import('./audit.ts')).auditCommand,
  },
  'simulate-worker': {
    about: 'simulate for the servers on the same PostgreSQL database, and do nothing else',
    load: async () => (await import('./simulateWorker.ts')).simulateWorkerCommand,
  },
  migrate: {
    about: 'bring the schema of the store to this version; the server does it too when it starts',
    load: async () => (await import('./migrate.ts')).migrateCommand,
  },
  'migrate-from-sqlite': {
    about: 'copy a data directory into the PostgreSQL database of DATABASE_URL, and prove that the audit records agree',
    load: async () => (await import('./migrate.ts')).migrateFromSqliteCommand,
  },
  backup: {
    about: 'copy the data directory as of one moment, keys included; the server may be running',
    load: async () => (await import('./backup.ts')).backupCommand,
  },
}

/**
 * Runs one command line. Errors become one sentence, one hint and an exit code (house style: 2 bad input, 3 to 9 as
 * for HTTP; 1 is a bug); with `--json`, one JSON object on standard error.
 */
export async function run(given: readonly string[], io: Io): Promise<void> {
  const isHelp = given[0] === 'help' && Object.hasOwn(COMMANDS, given[1] ?? '')
  const argv = isHelp ? [...given.slice(1), '--help'] : given
  if (['--version', '-V'].includes(argv[0] ?? '')) return io.out(version())
  const program = new Command('countersign')
    .description('Makes AI agents safe to let near a wallet: propose, simulate, show, and only then the owner signs.')
    .option('-V, --version', 'print the version')
    // What stands after a command is that command's, also where its parent has an option of the same name.
    .enablePositionalOptions()
  // A command that is named is loaded alone: a scan in every commit should not wait for a simulator, nor help for any.
  const named = Object.hasOwn(COMMANDS, argv[0] ?? '') ? argv[0] : undefined
  for (const [name, { about, load }] of Object.entries(COMMANDS)) {
    if (named !== undefined && named !== name) continue
    const command = named === undefined ? new Command(name) : (await load())(io)
    program.addCommand(command.description(about))
  }
  prepare(program, io)
  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    io.exit(explainError(error, io, argv.includes('--json')))
  }
}

/** What a command ends with when it could not do what was asked, for the help of each. */
const ERRORS = `
Errors end with ${EXIT_CODE.invalid} (input), ${EXIT_CODE['unknown-caller']} (no or unknown key), ${EXIT_CODE.refused} (not allowed), ${EXIT_CODE.absent} (not there), ${EXIT_CODE.conflict} (state), ${EXIT_CODE.spent} (limit), ${EXIT_CODE.upstream} (no answer), ${EXIT_CODE.unavailable} (could not).`

/** Every command reports usage errors through `explainError`, and takes no option twice: the last one would win silently. */
function prepare(command: Command, io: Io): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => io.out(text.trimEnd()),
    writeErr: (text) => io.err(text.trimEnd()),
    outputError: () => undefined,
  })
  const given = new Set<string>()
  for (const option of command.options) {
    // What collects its values may be repeated.
    if (option.parseArg !== undefined || option.variadic) continue
    command.on(`option:${option.name()}`, () => {
      if (given.has(option.name()))
        throw new UsageError(`${option.long ?? option.flags} is given more than once.`, 'Give it once.')
      given.add(option.name())
    })
  }
  if (command.commands.length === 0) command.addHelpText('after', ERRORS)
  for (const child of command.commands) prepare(child, io)
}

// As bin/countersign.mjs does, but without what it keeps between runs.
if (import.meta.main) await run(process.argv.slice(2), terminal())
