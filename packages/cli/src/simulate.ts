import { Command } from 'commander'
import type { Io } from './io.ts'
import { defaultDataDir } from './defaultDataDir.ts'
import { collect } from './inputs.ts'
import type { SimulateOptions } from './SimulateOptions.ts'
import { UsageError } from './UsageError.ts'

/**
 * Long enough for a person to read the card and for a wallet to open, short enough that little moves: ten blocks. The
 * gate's receipts live as long (`DEFAULT_POLICY`).
 */
const RECEIPT_TTL_S = 120

/** The first two accounts of a fresh `anvil`, so that the first example can be pasted. */
const ANVIL = ['0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266', '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'] as const

/** `countersign simulate`: a simulation on any RPC URL; no server, no key. */
export function simulateCommand(io: Io): Command {
  return new Command('simulate')
    .option(
      '--rpc-url <url>',
      'JSON-RPC provider (or COUNTERSIGN_RPC_URL, or COUNTERSIGN_RPC_<chainId> with --chain-id)',
    )
    .option(
      '--fallback-rpc-url <url>',
      'a further provider, which takes over or must agree; repeat for more',
      collect,
      [],
    )
    .option('--quorum <n>', '2: every piece of state is asked of two providers, which must agree', '1')
    .option('--verify-proofs', 'prove all state that the outcome rests on against the block (eth_getProof)')
    .option(
      '--server <url>',
      'a running server that simulates: http(s)://… or unix:PATH (COUNTERSIGN_SERVER; key from COUNTERSIGN_API_KEY)',
    )
    .option('--chain-id <id>', 'refuse a provider that serves another chain')
    .requiredOption('--from <address>', 'the account that would sign')
    .option(
      '--tx <json>',
      'a transaction {to?, value?, data?, gas?, max_fee_per_gas?, authorization_list?, label?}, or as a wallet library prepares it; repeat for an ordered batch',
      collect,
      [],
    )
    .option('--block <number|latest>', 'the block to stand on', 'latest')
    .option('--known <file>', 'addresses you vouch for: [{address, name, kind, symbol?, decimals?}]')
    .option(
      '--typed-data <file>',
      'what would be signed: an EIP-712 document, an EIP-7702 authorization, {"message": "…"} or a bare hash; alone, or after --tx',
    )
    .option('--intent <file>', 'what was meant, as assertions that must hold (docs/reference/intent.md)')
    .option('--descriptors <dir>', 'ERC-7730 descriptors that explain calls and documents, beside the shipped ones')
    .option(
      '--state-overrides <file>',
      'a preview as if: {ACCOUNT: {balance?, nonce?, code?, state_diff?, tokens?: {TOKEN: AMOUNT}}}; it gets no receipt',
    )
    .option(
      '--enforce <7702|safe|4337|5792>',
      'put the batch between guard calls for this kind of wallet: the chain then reverts any other outcome',
    )
    .option('--guard <address>', 'a guard elsewhere, on a chain of your own; its code must be the pinned one')
    .option('--no-look-ahead', 'do not play what could happen next')
    .option('--timings', 'print what each stage cost, to standard error')
    .option('--json', 'print the report as one JSON object, with a signed receipt unless it is blocked')
    .option('--data-dir <path>', 'where receipt keys and read sets are (COUNTERSIGN_DATA_DIR)', defaultDataDir(io.env))
    .option('--receipt-ttl <seconds>', 'how long the receipt is good, at most 3600', String(RECEIPT_TTL_S))
    .option('--no-receipt', 'no receipt: nothing is written to the data directory')
    .addHelpText(
      'after',
      `
Exit codes: 0 allow, 10 warn, 11 block, 2 bad input, 8 provider unreachable.

Examples:
  countersign simulate --rpc-url http://127.0.0.1:8545 --from ${ANVIL[0]} --tx '{"to":"${ANVIL[1]}","value":"1000000000000000000"}'
  countersign simulate --rpc-url … --from 0x… --tx '{"to":"0x…","data":"0x095ea7b3…"}' --tx '{"to":"0x…","data":"0x…"}' --json
  countersign simulate --rpc-url … --from 0x… --typed-data permit.json
  countersign simulate --server http://127.0.0.1:8080 --from 0x… --tx '{"to":"0x…","value":"1"}'`,
    )
    .action(async (options: SimulateOptions) => {
      const server = serverOf(io, options)
      // Loaded here: help should not wait for a simulator, nor a simulation on a server for one of its own.
      if (server === null) io.exit(await (await import('./simulateHere.ts')).simulateHere(io, options))
      else io.exit(await (await import('./simulateOnServer.ts')).simulateOnServer(io, server, options))
    })
}

/** The server that simulates; null when it is done here. @throws {UsageError} when a provider is named as well. */
function serverOf(io: Io, options: SimulateOptions): string | null {
  const fromEnv = io.env['COUNTERSIGN_SERVER'] ?? ''
  const server = options.server ?? (fromEnv === '' ? null : fromEnv)
  if (options.guard !== undefined && options.enforce === undefined)
    throw new UsageError('--guard is for --enforce.', 'Give --enforce with the kind of wallet, or leave --guard out.')
  if (server !== null && options.enforce !== undefined)
    throw new UsageError('--enforce is not available with a server.', 'Give --rpc-url in the place of --server.')
  if (server === null || options.rpcUrl === undefined) return server
  throw new UsageError(
    `${options.server === undefined ? 'COUNTERSIGN_SERVER' : '--server'} and --rpc-url exclude each other.`,
    'Give one of them: a server that simulates, or a provider to simulate on here.',
  )
}
