import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { Command } from 'commander'
import type { Io } from './io.ts'
import { defaultDataDir } from './defaultDataDir.ts'
import { unknownSettings } from './settings.ts'
import { suggestion } from './suggestion.ts'
import { UsageError } from './UsageError.ts'

/** How often the built-in chain makes a block when nobody sends anything: often enough that ages stay small. */
const LOCAL_BLOCK_TIME_MS = 4_000

interface Options {
  readonly port: string
  readonly host: string
  readonly dataDir: string
  readonly logLevel: string
  readonly chains?: string
  readonly apps?: string
}

/** Folders that the command line names stand before those of the environment. */
function withFolders(env: NodeJS.ProcessEnv, { chains, apps }: { chains?: string; apps?: string }): NodeJS.ProcessEnv {
  return {
    ...env,
    ...(chains === undefined ? {} : { COUNTERSIGN_CHAINS_DIR: chains }),
    ...(apps === undefined ? {} : { COUNTERSIGN_APPS_DIR: apps }),
  }
}

const ENVIRONMENT = `
Environment:
  COUNTERSIGN_RPC_<chainId>   JSON-RPC provider of a chain, such as COUNTERSIGN_RPC_1; several, comma-separated, take
                              over from each other; none: a local chain is started
  COUNTERSIGN_CHAINS_DIR      folder of <id>.yaml files: tokens, contracts, exchanges and more of a chain
  COUNTERSIGN_QUORUM          2: state is asked of two providers of a chain, which must agree
  COUNTERSIGN_VERIFY_PROOFS   1: what a simulation rests on is proven against the block (eth_getProof)
  ANTHROPIC_API_KEY, OPENAI_API_KEY, COUNTERSIGN_MODEL_BASE_URL (+ COUNTERSIGN_MODEL_API_KEY)
                              a language model; none: the built-in grammar
  COUNTERSIGN_MODEL           which model id to use
  COUNTERSIGN_APPS            JSON file of apps
  COUNTERSIGN_APPS_DIR        folder of app folders, read again when they change
  COUNTERSIGN_SECRET_<APP>_<NAME>, COUNTERSIGN_SECRET_<NAME>
                              values of secrets that apps name
  COUNTERSIGN_DESCRIPTORS     folder of ERC-7730 descriptors that explain calls to people, beside the shipped ones
  COUNTERSIGN_CORS_ORIGINS    further origins whose pages may call, comma-separated
  COUNTERSIGN_PUBLIC_ORIGIN   what this server is called from outside, such as https://agent.example.com
  COUNTERSIGN_SESSION_SECRET  64 hex digits that seal session secrets; none: kept in the data directory
  COUNTERSIGN_PEPPER          64 hex digits that API keys are hashed with (2:…,1:… while one is being replaced); none:
                              kept in the data directory
  COUNTERSIGN_LIMITS          JSON file of limits, see docs/reference/limits.md
  COUNTERSIGN_SMTP_URL        smtps://user:password@host:465 that sends mail to owners; with COUNTERSIGN_MAIL_FROM
  COUNTERSIGN_TELEGRAM_TOKEN  token of a bot that answers and tells owners in Telegram; who may write to it and more:
                              docs/guide/telegram.md
  COUNTERSIGN_PUSH_CONTACT    mailto:… that push services may write to; turns on notifications of browsers; also
                              COUNTERSIGN_VAPID_KEY and COUNTERSIGN_PUSH_ORIGINS, see docs/guide/reach.md
  DATABASE_URL                PostgreSQL 15 or newer that several instances share; none: SQLite in the data directory
  COUNTERSIGN_MASTER_KEY      64 hex digits that encrypt the keys that instances share in the database
  REDIS_URL                   Redis that several processes keep their limits in; none: each for itself
  COUNTERSIGN_TRUSTED_PROXY_HOPS  how many proxies before the server are believed; none: no X-Forwarded-For is
  COUNTERSIGN_CONNECTIONS_PER_ADDRESS  how many connections one address may hold (1024)
  COUNTERSIGN_SIMULATIONS     how many simulations run at the same time (8 for each core)
  COUNTERSIGN_METRICS_TOKEN   bearer token for /metrics; none: this machine only
  OTEL_EXPORTER_OTLP_ENDPOINT  collector that traces and metrics are sent to, such as http://127.0.0.1:4318; also
                              OTEL_EXPORTER_OTLP_HEADERS, OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER_ARG (0 to 1) and
                              OTEL_METRIC_EXPORT_INTERVAL (ms)
  COUNTERSIGN_AUDIT_WEBHOOK_URL, COUNTERSIGN_AUDIT_WEBHOOK_SECRET, COUNTERSIGN_AUDIT_WEBHOOK_PRIVATE
                              where the audit record is delivered, see docs/reference/audit.md; none: nowhere
  COUNTERSIGN_LEAK_KEYS       JSON file of public keys whose leak reports are believed`

/** `countersign serve`: the gateway, with its own chain when no provider is configured. */
export function serveCommand(io: Io): Command {
  return new Command('serve')
    .option('--port <number>', 'port (COUNTERSIGN_PORT)', io.env['COUNTERSIGN_PORT'] ?? '8080')
    .option(
      '--host <address>',
      'address to listen on (COUNTERSIGN_HOST); loopback unless you put TLS in front',
      io.env['COUNTERSIGN_HOST'] ?? '127.0.0.1',
    )
    .option(
      '--data-dir <path>',
      'where keys, sessions and the audit record live (COUNTERSIGN_DATA_DIR)',
      defaultDataDir(io.env),
    )
    .option('--chains <dir>', 'folder of <id>.yaml files that say more of chains (COUNTERSIGN_CHAINS_DIR)')
    .option('--apps <dir>', 'folder of app folders (COUNTERSIGN_APPS_DIR)')
    .option(
      '--log-level <level>',
      'trace, debug, info, warn, error or silent (COUNTERSIGN_LOG_LEVEL)',
      io.env['COUNTERSIGN_LOG_LEVEL'] ?? 'warn',
    )
    .addHelpText('after', ENVIRONMENT)
    .action(async (options: Options) => {
      const port = Number(options.port)
      if (!/^\d{1,5}$/.test(options.port) || port > 65_535)
        throw new UsageError('The port cannot be used.', 'Give a number from 0 to 65535.')
      if (!['trace', 'debug', 'info', 'warn', 'error', 'silent'].includes(options.logLevel)) {
        throw new UsageError('The log level is not known.', 'Use trace, debug, info, warn, error or silent.')
      }
      const env = withFolders(io.env, options)
      // Loaded here: help should not wait for a server.
      const { launch } = await import('./launch.ts')
      const { describeBot, describeReach, readBotSettings, readReachSettings } = await import('@countersign/server')
      const { unservedChains } = await import('./configuredChains.ts')
      const unserved = unservedChains(env)
      for (const name of unknownSettings(io.env)) io.err(`Nothing reads ${name}: check its spelling.`)
      const server = await launch({
        port,
        host: options.host,
        dataDir: options.dataDir,
        socketPath: join(options.dataDir, 'countersign.sock'),
        env,
        logLevel: options.logLevel,
        blockTimeMs: LOCAL_BLOCK_TIME_MS,
      })
      // Before it says that it is ready: whoever waits for that may stop it at once.
      let isStopping = false
      const stop = (): void => {
        if (isStopping) return
        isStopping = true
        void server.close().then(
          () => process.exit(0),
          () => process.exit(1),
        )
      }
      // Kept after the first one: an impatient second Ctrl+C must not leave the engines behind.
      process.on('SIGINT', stop)
      process.on('SIGTERM', stop)
      const chains = [...server.gate.chains.values()].map((chain) => `${chain.name} (${chain.chainId})`).join(', ')
      io.out(`Countersign is ready at ${server.url}`)
      io.out(`  chain   ${chains}`)
      if (unserved.length > 0)
        io.out(
          `          not served, no RPC URL is set: ${unserved.map(({ name, id }) => `${name} (${id})`).join(', ')}`,
        )
      io.out(`  model   ${server.modelId}`)
      io.out(`  data    ${options.dataDir}`)
      const reach = readReachSettings(env)
      const bot = reach.telegram === null ? [] : [`bot: ${describeBot(readBotSettings(env))}`]
      for (const [i, line] of [...describeReach(reach), ...bot].entries())
        io.out(`${i === 0 ? '  reach   ' : '          '}${line}`)
      if (server.demoKey !== null)
        io.out(`  key     ${Redacted.reveal(server.demoKey)}   (app "demo"; shown this once)`)
      else io.out('  key     shown at the first start; `countersign keys issue --app demo` makes another')
      io.out('')
      io.out(suggestion(server.url, [...server.gate.chains.values()]))
      io.out('Stop with Ctrl+C.')
      if (server.localChain !== null) {
        void server.localChain.exited.then((words) => {
          if (!isStopping)
            io.err(
              `The local chain ended by itself${words === '' ? '' : `: ${words.split('\n')[0] ?? ''}`}. Restart the server.`,
            )
        })
      }
    })
}
