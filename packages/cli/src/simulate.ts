import { readFileSync } from 'node:fs'
import { Address, BaseError } from '@countersign/base'
import {
  createSimulator,
  parseCall,
  parseKnown,
  renderReport,
  Report,
  requestOf,
  type KnownAddress,
} from '@countersign/simulator'
import { Command } from 'commander'
import type { Io } from './io.ts'

interface Options {
  readonly rpcUrl?: string
  readonly chainId?: string
  readonly from: string
  readonly tx: readonly string[]
  readonly block: string
  readonly known?: string
  readonly typedData?: string
  readonly intent?: string
  readonly json?: boolean
}

/** Exit codes of `countersign simulate`, beside those every error has. */
const EXIT = { allow: 0, warn: 10, block: 11 } as const

/** `countersign simulate`: a simulation on any RPC URL; no server, no key. */
export function simulateCommand(io: Io): Command {
  return new Command('simulate')
    .description('simulate transactions on a fork of a live chain and say what they would do')
    .option(
      '--rpc-url <url>',
      'JSON-RPC provider (or COUNTERSIGN_RPC_URL, or COUNTERSIGN_RPC_<chainId> with --chain-id)',
    )
    .option('--chain-id <id>', 'refuse a provider that serves another chain')
    .requiredOption('--from <address>', 'the account that would sign')
    .option(
      '--tx <json>',
      'a transaction {to?, value?, data?, gas?, max_fee_per_gas?, label?}; repeat for an ordered batch',
      collect,
      [],
    )
    .option('--block <number|latest>', 'the block to stand on', 'latest')
    .option('--known <file>', 'addresses you vouch for: [{address, name, kind, symbol?, decimals?}]')
    .option('--typed-data <file>', 'not in this version: refused')
    .option('--intent <file>', 'not in this version: refused')
    .option('--json', 'print the report as one JSON object')
    .addHelpText(
      'after',
      `
Exit codes: 0 allow, 10 warn, 11 block, 2 bad input, 8 provider unreachable.

Examples:
  countersign simulate --rpc-url http://127.0.0.1:8545 --from 0x… --tx '{"to":"0x…","value":"1000000000000000000"}'
  countersign simulate --rpc-url … --from 0x… --tx '{"to":"0x…","data":"0x095ea7b3…"}' --tx '{"to":"0x…","data":"0x…"}' --json`,
    )
    .action(async (options: Options) => {
      io.exit(await simulate(io, options))
    })
}

async function simulate(io: Io, options: Options): Promise<number> {
  for (const [flag, value] of [
    ['--typed-data', options.typedData],
    ['--intent', options.intent],
  ]) {
    if (value !== undefined)
      throw new UsageError(
        `${flag} is not checked by this version, so nothing was simulated.`,
        `Leave ${flag} out; what it would check is then not checked.`,
      )
  }
  const calls = options.tx.map((text, i) => parseCall(readJson(text, `--tx number ${i + 1}`), `--tx number ${i + 1}`))
  if (calls.length === 0)
    throw new UsageError('There is no transaction to simulate.', 'Give at least one --tx \'{"to":"0x…","value":"…"}\'.')
  const from = Address.parse(options.from)
  const block = parseBlock(options.block)
  const known: KnownAddress[] =
    options.known === undefined ? [] : parseKnown(readJson(readFile(options.known), options.known))
  const chainId = options.chainId === undefined ? null : parseChainId(options.chainId)
  const rpcUrl =
    options.rpcUrl ??
    (chainId === null ? undefined : io.env[`COUNTERSIGN_RPC_${chainId}`]) ??
    io.env['COUNTERSIGN_RPC_URL']
  if (rpcUrl === undefined || !URL.canParse(rpcUrl) || !/^https?:$/.test(new URL(rpcUrl).protocol)) {
    throw new UsageError(
      'There is no RPC URL to take the state from.',
      'Give --rpc-url https://…, or set COUNTERSIGN_RPC_URL.',
    )
  }

  const simulator = await createSimulator({ chainId, rpcUrls: [rpcUrl] })
  try {
    const report = await simulator.simulate(requestOf({ chainId: simulator.chainId, from, calls, block, known }))
    io.out(
      options.json === true
        ? JSON.stringify(Report.toWire(report))
        : renderReport(report, { width: io.columns, color: io.color, nowMs: Date.now() }),
    )
    return EXIT[report.verdict]
  } finally {
    await simulator.close()
  }
}

function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value]
}

function readJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new UsageError(`${where} is not JSON.`, 'Quote it for the shell: --tx \'{"to":"0x…"}\'.')
  }
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new UsageError(`The file ${path} cannot be read.`, 'Check the path.')
  }
}

function parseBlock(text: string): bigint | 'latest' {
  if (text === 'latest') return 'latest'
  if (/^\d{1,20}$/.test(text)) return BigInt(text)
  throw new UsageError('The block cannot be read.', 'Give a block number, or latest.')
}

function parseChainId(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new UsageError('The chain id cannot be read.', 'Give a positive whole number.')
}

/** The command line cannot be used as it stands; exit code 2. */
export class UsageError extends BaseError {
  override readonly name = 'cli.UsageError'
  constructor(message: string, hint: string) {
    super(message, { code: 'cli:usage:unreadable', kind: 'invalid', hint })
  }
}
