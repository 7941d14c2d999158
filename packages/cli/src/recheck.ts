import { Clock } from '@countersign/base'
import {
  createSimulator,
  keysFromJwks,
  openRpc,
  openReadSets,
  openReceiptKeys,
  recheck,
  Report,
  type Recheck,
  type VerifyingKeys,
} from '@countersign/simulator'
import { Command } from 'commander'
import type { Io } from './io.ts'
import { exitOf } from './driftExits.ts'
import { refuseOnPostgres } from './refuseOnPostgres.ts'
import { defaultDataDir } from './defaultDataDir.ts'
import { collect, parseQuorum, readJsonFile, readRpcUrl, rpcUrlOf } from './inputs.ts'

interface Options {
  readonly receipt: string
  readonly rpcUrl?: string
  readonly fallbackRpcUrl: readonly string[]
  readonly quorum: string
  readonly dataDir: string
  readonly keys?: string
  readonly json?: boolean
}

/** For one request to the provider, in milliseconds: as for a simulation. */
const UPSTREAM_TIMEOUT_MS = 15_000

/** `countersign recheck`: whether what was simulated is still what would happen. */
export function recheckCommand(io: Io): Command {
  return new Command('recheck')
    .requiredOption('--receipt <file>', 'a saved `countersign simulate --json` report, or its receipt alone')
    .option('--rpc-url <url>', 'JSON-RPC provider (or COUNTERSIGN_RPC_URL, or COUNTERSIGN_RPC_<chainId>)')
    .option(
      '--fallback-rpc-url <url>',
      'a further provider, which takes over or must agree; repeat for more',
      collect,
      [],
    )
    .option('--quorum <n>', '2: what was read is asked of two providers, which must agree', '1')
    .option('--data-dir <path>', 'where receipt keys and read sets are (COUNTERSIGN_DATA_DIR)', defaultDataDir(io.env))
    .option('--keys <file>', 'verify with this key set (JWKS) instead of the keys of the data directory')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Exit codes: 0 still good, 12 drifted, 11 now blocked, 2 bad, altered or expired receipt, 8 provider unreachable.

Example:
  countersign simulate --rpc-url … --from 0x… --tx '{…}' --json > report.json
  countersign recheck --rpc-url … --receipt report.json && echo "sign it"`,
    )
    .action(async (options: Options) => {
      io.exit(await run(io, options))
    })
}

async function run(io: Io, options: Options): Promise<number> {
  const value = readJsonFile(options.receipt)
  const keys = keysFor(io, options)
  const url = rpcUrlOf(io, options.rpcUrl, chainIdOf(value))
  const quorum = parseQuorum(options)
  const urls = [url, ...options.fallbackRpcUrl.map((each) => readRpcUrl('--fallback-rpc-url', each))] as const
  const endpoint = openRpc({ urls, timeoutMs: UPSTREAM_TIMEOUT_MS, quorum })
  try {
    const found = await recheck(
      {
        endpoint,
        keys,
        readSets: openReadSets({ dataDir: options.dataDir }),
        // An engine is only started when the read set is not enough.
        simulate: async (request) => {
          const simulator = await createSimulator({
            ...{ chainId: request.chainId, rpcUrls: urls, quorum },
            hasSpares: false,
          })
          try {
            return await simulator.simulate(request)
          } finally {
            await simulator.close()
          }
        },
      },
      { value, nowMs: Date.now() },
    )
    io.out(options.json === true ? JSON.stringify(toWire(found)) : words(found))
    return exitOf(found)
  } finally {
    await endpoint.close()
  }
}

/** This installation's keys, or those of a key set that somebody exported. */
export function keysFor(io: Io, { dataDir, keys }: { dataDir: string; keys?: string | undefined }): VerifyingKeys {
  if (keys !== undefined) return keysFromJwks(readJsonFile(keys))
  refuseOnPostgres(
    io.env,
    'Give --keys with the key set that the server serves at /.well-known/countersign-receipt-keys.json.',
  )
  return openReceiptKeys({ dataDir, mustExist: true })
}

/** Only to find the right provider; nothing is believed before the signature was checked. */
function chainIdOf(value: unknown): number | null {
  const { chain_id, bound } = (value ?? {}) as { chain_id?: unknown; bound?: { chain_id?: unknown } }
  const id = chain_id ?? bound?.chain_id
  return typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? id : null
}

function toWire(found: Recheck): Record<string, unknown> {
  const { outcome, how, block, because, drift, moved, notes, report } = found
  return {
    outcome,
    how,
    block: {
      number: block.number.toString(),
      hash: block.hash,
      state_root: block.stateRoot,
      timestamp: Clock.iso(block.timestampMs),
    },
    because,
    drift,
    moved,
    notes,
    report: report === null ? null : Report.toWire(report),
  }
}

/** More lines than this say no more; `--json` has them all. */
const MAX_LINES = 20

function words({ outcome, how, block, because, moved, notes }: Recheck): string {
  const means = how === 'read-set' ? 'what it read was read again' : 'it was simulated again'
  const said = {
    good: 'Still good',
    drifted: 'DRIFTED: look at it again before you sign',
    blocked: 'BLOCKED now: do not sign it',
  }[outcome]
  const list = (title: string, lines: readonly string[]): string[] => {
    if (lines.length === 0) return []
    const more = lines.length > MAX_LINES ? [`  … and ${lines.length - MAX_LINES} more`] : []
    return [title, ...lines.slice(0, MAX_LINES).map((line) => `  ${line}`), ...more]
  }
  return [
    `${said} (block ${block.number}, ${means}).`,
    ...list('Because:', because),
    ...list('Different, but not worse for you:', notes),
    ...list('Moved since:', moved),
  ].join('\n')
}
