import { join } from 'node:path'
import {
  createSimulator,
  issueReceipt,
  MAX_TTL_MS,
  openReadSets,
  openReceiptKeys,
  parseCall,
  parseIntent,
  parseKnown,
  readDescriptors,
  readSignable,
  renderReport,
  Report,
  requestOf,
  type KnownAddress,
  type SimulationRequest,
  type Simulator,
  Timings,
} from '@countersign/simulator'
import { makeDirectory } from '@countersign/simulator/directory'
import { Command } from 'commander'
import type { Io } from './io.ts'
import { defaultDataDir } from './defaultDataDir.ts'
import { readAddress, readFile, readJson, readJsonFile, readRpcUrl } from './inputs.ts'
import { UsageError } from './UsageError.ts'

interface Options {
  readonly rpcUrl?: string
  readonly fallbackRpcUrl: readonly string[]
  readonly quorum: string
  readonly verifyProofs?: boolean
  readonly chainId?: string
  readonly from: string
  readonly tx: readonly string[]
  readonly block: string
  readonly known?: string
  readonly typedData?: string
  readonly intent?: string
  readonly descriptors?: string
  readonly lookAhead: boolean
  readonly dataDir: string
  readonly receiptTtl: string
  readonly receipt: boolean
  readonly json?: boolean
  readonly timings?: boolean
}

/** Exit codes of `countersign simulate`, beside those every error has. */
const EXIT = { allow: 0, warn: 10, block: 11 } as const

/**
 * Long enough for a person to read the card and for a wallet to open, short enough that little moves: ten blocks. The
 * gate's receipts live as long (`DEFAULT_POLICY`).
 */
const RECEIPT_TTL_S = 120

/** The first two accounts of a fresh `anvil`, so that the first example can be pasted. */
const ANVIL = ['0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266', '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'] as const

/** Bound into every receipt of the command line: the rules as they are built in, with nobody's registry but `--known`. */
const POLICY_VERSION = 'countersign-cli-1'

/** `countersign simulate`: a simulation on any RPC URL; no server, no key. */
export function simulateCommand(io: Io): Command {
  return new Command('simulate')
    .description('simulate transactions on a fork of a live chain and say what they would do')
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
  countersign simulate --rpc-url … --from 0x… --typed-data permit.json`,
    )
    .action(async (options: Options) => {
      io.exit(await simulate(io, options))
    })
}

async function simulate(io: Io, options: Options): Promise<number> {
  const calls = options.tx.map((text, i) =>
    parseCall(readJson(text, `--tx number ${i + 1}`, TX_HINT), `--tx number ${i + 1}`),
  )
  const document = options.typedData === undefined ? null : readFile(options.typedData)
  // Whoever reads it later wants the chain first; what is doubled is known now.
  if (document !== null && /^\s*[[{]/.test(document))
    readJson(document, `The file ${options.typedData}`, 'Check that it is the right file, and whole.')
  if (calls.length === 0 && document === null)
    throw new UsageError(
      'There is nothing to simulate.',
      'Give at least one --tx \'{"to":"0x…","value":"…"}\', or a document with --typed-data FILE.',
    )
  const from = readAddress('--from', options.from)
  const block = parseBlock(options.block)
  const known: KnownAddress[] = options.known === undefined ? [] : parseKnown(readJsonFile(options.known))
  const intent = options.intent === undefined ? null : parseIntent(readJsonFile(options.intent))
  const chainId = options.chainId === undefined ? null : parseChainId(options.chainId)
  const rpcUrl = rpcUrlOf(io, options.rpcUrl, chainId)
  const fallbacks = options.fallbackRpcUrl.map((url) => readRpcUrl('--fallback-rpc-url', url))
  const ttlMs = parseTtl(options.receiptTtl)
  // Only what is saved can be checked again. Where nothing can be written is known before anything is asked.
  const isReceipted = options.receipt && options.json === true
  if (isReceipted) openReceiptPlace(options.dataDir)

  const quorum = parseQuorum(options)
  const simulator = await createSimulator({
    chainId,
    rpcUrls: [rpcUrl, ...fallbacks],
    quorum,
    isProofVerified: options.verifyProofs === true,
    ...(options.descriptors === undefined ? {} : { descriptors: readDescriptors(options.descriptors) }),
  })
  try {
    const signature =
      document === null
        ? null
        : await readSignable(document, {
            chainId: simulator.chainId,
            from,
            nowMs: Date.now(),
            known: (address) => known.find((entry) => entry.address === address),
          })
    const request = requestOf({
      signature,
      chainId: simulator.chainId,
      from,
      calls,
      block,
      known,
      intent,
      isLookAhead: options.lookAhead,
    })
    const timings = new Timings()
    const simulated = await simulator.simulate(request, { timings })
    if (options.timings === true) io.err(timingTable(timings))
    const report = isReceipted
      ? withReceipt(simulator, { request, report: simulated, dataDir: options.dataDir, ttlMs })
      : simulated
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

/** One line a stage: its share of the time, how often it ran, and what it asked for. */
function timingTable(timings: Timings): string {
  return timings.list
    .map(
      ({ stage, ms, rounds, reads }) =>
        `${stage.padEnd(14)} ${ms.toFixed(1).padStart(8)} ms  ${rounds} times  ${reads} reads`,
    )
    .join('\n')
}

function withReceipt(
  simulator: Simulator,
  {
    request,
    report,
    dataDir,
    ttlMs,
  }: { request: SimulationRequest; report: Report.Report; dataDir: string; ttlMs: number },
): Report.Report {
  const readSet = simulator.readSet(report.readSet.digest)
  if (report.verdict === 'block' || readSet === null) return report
  try {
    const keys = openReceiptKeys({ dataDir })
    openReadSets({ dataDir }).put(readSet)
    return issueReceipt(keys, {
      request,
      report,
      readSet,
      policyVersion: POLICY_VERSION,
      nowMs: Date.now(),
      ttlMs,
    })
  } catch (error) {
    if (!['EACCES', 'EROFS', 'ENOTDIR', 'ENOSPC', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error
    throw receiptless(dataDir)
  }
}

/** The provider: the flag, or the environment's for the chain, or the environment's for any. */
export function rpcUrlOf(io: Io, flag: string | undefined, chainId: number | null): string {
  if (flag !== undefined) return readRpcUrl('--rpc-url', flag)
  for (const name of [...(chainId === null ? [] : [`COUNTERSIGN_RPC_${chainId}`]), 'COUNTERSIGN_RPC_URL']) {
    const url = io.env[name] ?? ''
    // As for the server, several may stand there; the first is the one.
    if (url !== '') return readRpcUrl(name, url.split(',')[0]?.trim() ?? '')
  }
  throw new UsageError(
    'There is no RPC URL to take the state from.',
    'Give --rpc-url https://…, or set COUNTERSIGN_RPC_URL.',
  )
}

/** How many providers must say the same. @throws {UsageError} when there are not as many. */
export function parseQuorum({
  quorum,
  fallbackRpcUrl,
}: {
  readonly quorum: string
  readonly fallbackRpcUrl: readonly string[]
}): 1 | 2 {
  if (quorum !== '1' && quorum !== '2') throw new UsageError('The quorum cannot be read.', 'Give 1 or 2.')
  if (quorum === '2' && fallbackRpcUrl.length === 0)
    throw new UsageError('A quorum of two needs two providers.', 'Give the second one with --fallback-rpc-url.')
  return quorum === '2' ? 2 : 1
}

function parseTtl(text: string): number {
  const ttlMs = Number(text) * 1000
  if (/^[1-9]\d{0,4}$/.test(text) && ttlMs <= MAX_TTL_MS) return ttlMs
  throw new UsageError('The receipt cannot live that long.', 'Give --receipt-ttl in whole seconds, 1 to 3600.')
}

/** For options that may be given several times. */
export function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value]
}

const TX_HINT = 'Quote it for the shell: --tx \'{"to":"0x…"}\'.'

/** Makes the place for keys and read sets, or says that it cannot be made. */
function openReceiptPlace(dataDir: string): void {
  try {
    makeDirectory(join(dataDir, 'receipt-keys'))
  } catch {
    throw receiptless(dataDir)
  }
}

function receiptless(dataDir: string): UsageError {
  return new UsageError(
    `The data directory ${dataDir} cannot be written, so there is no receipt.`,
    'Give --data-dir a directory of your own, or --no-receipt.',
  )
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
