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
  parseOverrides,
  readDescriptors,
  readSignable,
  renderReport,
  Report,
  requestOf,
  simulateEnforced,
  type Route,
  type KnownAddress,
  type SimulationRequest,
  type Simulator,
  Timings,
} from '@countersign/simulator'
import { makeDirectory } from '@countersign/simulator/directory'
import type { Io } from './io.ts'
import {
  parseChainId,
  parseQuorum,
  readFile,
  readJson,
  readAddress,
  readJsonFile,
  readRpcUrl,
  rpcUrlOf,
  TX_HINT,
} from './inputs.ts'
import { EXIT, type SimulateOptions } from './SimulateOptions.ts'
import { UsageError } from './UsageError.ts'

/** Bound into every receipt of the command line: the rules as they are built in, with nobody's registry but `--known`. */
const POLICY_VERSION = 'countersign-cli-1'

/** `countersign simulate` in this process, on state from a provider. */
export async function simulateHere(io: Io, options: SimulateOptions): Promise<number> {
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
  const overrides = options.stateOverrides === undefined ? [] : parseOverrides(readJsonFile(options.stateOverrides))
  const chainId = options.chainId === undefined ? null : parseChainId(options.chainId)
  const rpcUrl = rpcUrlOf(io, options.rpcUrl, chainId)
  const fallbacks = options.fallbackRpcUrl.map((url) => readRpcUrl('--fallback-rpc-url', url))
  const ttlMs = parseTtl(options.receiptTtl)
  const route = options.enforce === undefined ? null : parseRoute(options.enforce)
  const guard = options.guard === undefined ? null : readAddress('--guard', options.guard)
  // Only what is saved can be checked again. Where nothing can be written is known before anything is asked.
  const isReceipted = options.receipt && options.json === true && overrides.length === 0
  if (isReceipted) openReceiptPlace(options.dataDir)

  const quorum = parseQuorum(options)
  const simulator = await createSimulator({
    chainId,
    rpcUrls: [rpcUrl, ...fallbacks],
    quorum,
    isProofVerified: options.verifyProofs === true,
    hasSpares: false,
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
      overrides,
      isLookAhead: options.lookAhead,
    })
    const timings = new Timings()
    const enforced =
      route === null
        ? { report: await simulator.simulate(request, { timings }), request }
        : await simulateEnforced(simulator, request, { route, ...(guard === null ? {} : { guard }) })
    const simulated = enforced.report
    if (options.timings === true) io.err(timingTable(timings))
    // A receipt binds what the account itself sends; a Safe's owner and a bundler send transactions of their own.
    const isOwn = enforced.request.calls.every(({ holder }) => holder === undefined)
    const report =
      isReceipted && isOwn
        ? withReceipt(simulator, { request: enforced.request, report: simulated, dataDir: options.dataDir, ttlMs })
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
      ({ stage, ms, rounds, reads, runs }) =>
        `${stage.padEnd(14)} ${ms.toFixed(1).padStart(8)} ms  ${rounds} times  ${reads} reads  ${runs} runs`,
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

/** @throws {UsageError} */
function parseRoute(text: string): Route {
  const route = ROUTES.find((each) => each === text)
  if (route === undefined)
    throw new UsageError(`"${text}" is not a kind of wallet that batches.`, `Give --enforce ${ROUTES.join(', ')}.`)
  return route
}

const ROUTES: readonly Route[] = ['7702', 'safe', '4337', '5792']

function parseTtl(text: string): number {
  const ttlMs = Number(text) * 1000
  if (/^[1-9]\d{0,4}$/.test(text) && ttlMs <= MAX_TTL_MS) return ttlMs
  throw new UsageError('The receipt cannot live that long.', 'Give --receipt-ttl in whole seconds, 1 to 3600.')
}

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
